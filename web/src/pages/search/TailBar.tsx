import { Button, Checkbox, Text } from '@mantine/core';
import { IconArrowBarToUp, IconPlayerStop, IconRefresh } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';

import { formatNumber } from '../../lib/format';
import type { TailState } from '../../lib/tail';
import css from './tail.module.css';

interface Props {
  state: TailState;
  /** New events come in by themselves while the reader is at the top. */
  follow: boolean;
  top: boolean;
  onFollow: (follow: boolean) => void;
  onShow: () => void;
  onStop: () => void;
  onRetry: () => void;
  onReload: () => void;
}

/** How a live tail is doing, and what came in without moving what is being read. */
export function TailBar({ state, follow, top, onFollow, onShow, onStop, onRetry, onReload }: Props) {
  const { t, i18n } = useTranslation('search');
  const count = state.waitingCount;
  return (
    <div className={css.bar} data-link={state.link}>
      <span className={css.link} role="status">
        <span className={css.dot} aria-hidden="true" />
        {t(`tail.${state.link}`)}
      </span>
      {count > 0 && (
        <Button size="compact-sm" leftSection={<IconArrowBarToUp size={15} />} onClick={onShow}>
          {t('tail.fresh', { count, n: formatNumber(count, i18n.language) })}
        </Button>
      )}
      {count > 0 && follow && !top && (
        <Text size="xs" className="la-dim">
          {t('tail.paused')}
        </Text>
      )}
      {(state.left > 0 || state.gap) && (
        <Button size="compact-xs" variant="default" leftSection={<IconRefresh size={13} />} onClick={onReload}>
          {state.gap ? t('tail.gap') : t('tail.left', { count: state.left, n: formatNumber(state.left, i18n.language) })}
        </Button>
      )}
      {state.link === 'refused' && (
        <Button size="compact-xs" variant="default" onClick={onRetry}>
          {t('tail.retry')}
        </Button>
      )}
      <Checkbox
        ml="auto"
        size="xs"
        radius={3}
        label={t('tail.follow')}
        checked={follow}
        onChange={(event) => {
          onFollow(event.currentTarget.checked);
        }}
      />
      <Button size="compact-sm" variant="default" leftSection={<IconPlayerStop size={15} />} onClick={onStop}>
        {t('tail.stop')}
      </Button>
    </div>
  );
}
