import { Group, SegmentedControl, Text } from '@mantine/core';
import { IconSearch } from '@tabler/icons-react';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';

import { aroundQuery } from '../../api/searchQueries';
import type { LogEvent } from '../../api/types';
import { summary } from '../../lib/events';
import { clause } from '../../lib/query';
import { LinkButton } from '../../ui/links';
import { ErrorState, Rows } from '../../ui/State';
import { Time } from '../../ui/Time';
import css from './drawer.module.css';

const spans = [1, 5, 15, 60];

/** What the same host of the same unit did just before and after. */
export function Around({ event, onShow }: { event: LogEvent; onShow: (id: string) => void }) {
  const { t } = useTranslation(['translation', 'search']);
  const [minutes, setMinutes] = useState(5);
  // Looking at a neighbour does not move the neighbourhood.
  const [centre] = useState(event);
  const { data, error, isPending, isPlaceholderData, refetch } = useQuery({
    ...aroundQuery(centre.id, minutes),
    placeholderData: keepPreviousData,
  });
  const self = useRef<HTMLLIElement>(null);
  useEffect(() => {
    if (!isPlaceholderData) self.current?.scrollIntoView({ block: 'nearest' });
  }, [data, isPlaceholderData]);
  if (error) return <ErrorState error={error} retry={() => void refetch()} />;
  if (isPending) return <Rows count={10} />;
  const at = Date.parse(centre.time);
  const span = minutes * 60_000;
  const sorted = [...data.events].sort((a, b) => a.time.localeCompare(b.time) || a.id.localeCompare(b.id));
  return (
    <>
      <Group justify="space-between" mb="xs" gap="xs">
        <SegmentedControl
          size="xs"
          aria-label={t('search:around.span')}
          value={String(minutes)}
          onChange={(value) => {
            setMinutes(Number(value));
          }}
          data={spans.map((n) => ({ value: String(n), label: t('search:around.minutes', { minutes: n }) }))}
        />
        <LinkButton
          to="/search"
          search={{
            ...(centre.host && { q: clause('_host', centre.host) }),
            from: new Date(at - span).toISOString(),
            to: new Date(at + span).toISOString(),
            order: 'asc',
          }}
          size="compact-sm"
          variant="default"
          leftSection={<IconSearch size={14} />}
        >
          {t('event.openSearch')}
        </LinkButton>
      </Group>
      <Text size="sm" className="la-dim" mb={6}>
        {t('event.aroundText', { minutes, host: centre.host || centre.peer })}
      </Text>
      <ol className={css.around}>
        {sorted.map((other) => (
          <li
            key={other.id}
            ref={other.id === centre.id ? self : undefined}
            data-self={other.id === centre.id || undefined}
            data-shown={other.id === event.id || undefined}
          >
            <button
              type="button"
              onClick={() => {
                onShow(other.id);
              }}
              aria-current={other.id === event.id || undefined}
            >
              <span className="la-dim">
                <Time at={other.time} ms clock />
              </span>
              <span className="la-mono">{summary(other)}</span>
            </button>
          </li>
        ))}
      </ol>
    </>
  );
}
