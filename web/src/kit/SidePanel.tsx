import '../i18n/kit';

import { ActionIcon, Drawer, Title } from '@mantine/core';
import { useMediaQuery } from '@mantine/hooks';
import { IconArrowsMaximize, IconLink, IconX } from '@tabler/icons-react';
import type { Ref } from 'react';
import { useTranslation } from 'react-i18next';

import { LinkIcon } from '../ui/links';
import { toast } from '../ui/toast';
import css from './kit.module.css';

export const wideQuery = '(min-width: 75em)';

/** True where a panel stands beside its list instead of over it. */
export function useWide(): boolean {
  return useMediaQuery(wideQuery, undefined, { getInitialValueInEffect: false });
}

interface Props {
  /** What is shown, as the panel's heading. */
  title: string;
  onClose: () => void;
  /** The address of the full page, where there is one. */
  page?: string | undefined;
  ref?: Ref<HTMLElement>;
  /** Buttons before those of every panel. */
  tools?: React.ReactNode;
  children: React.ReactNode;
}

/** The preview of one row: beside the list on a wide screen, over it on a narrow one. */
export function SidePanel({ title, onClose, page, ref, tools, children }: Props) {
  const { t } = useTranslation(['translation', 'kit']);
  const wide = useWide();
  const buttons = (
    <>
      {tools}
      {page !== undefined && (
        <LinkIcon to={page as '/'} size={32} aria-label={t('kit:list.page')} data-tip={t('kit:list.page')}>
          <IconArrowsMaximize size={17} />
        </LinkIcon>
      )}
      <ActionIcon
        size={32}
        aria-label={t('kit:list.copyLink')}
        data-tip={t('kit:list.copyLink')}
        onClick={() => {
          const link = new URL(page ?? window.location.href, window.location.href).href;
          void navigator.clipboard.writeText(link).then(() => toast({ message: t('kit:list.linkCopied'), autoClose: 3_000 }));
        }}
      >
        <IconLink size={17} />
      </ActionIcon>
      <ActionIcon size={32} aria-label={t('action.close')} data-tip={`${t('action.close')} (Esc)`} onClick={onClose}>
        <IconX size={18} />
      </ActionIcon>
    </>
  );
  if (wide) {
    return (
      <aside ref={ref} className={`la-card ${css.panel ?? ''}`} aria-label={t('kit:list.panel', { name: title })} tabIndex={-1}>
        <div className={css.panelHead}>
          <Title order={2} className={css.panelTitle}>
            {title}
          </Title>
          {buttons}
        </div>
        <div className={css.panelBody}>{children}</div>
      </aside>
    );
  }
  return (
    <Drawer.Root opened onClose={onClose} position="right" size="lg">
      <Drawer.Overlay backgroundOpacity={0.45} />
      <Drawer.Content aria-label={t('kit:list.panel', { name: title })}>
        <div className={css.panelHead}>
          <Title order={2} className={css.panelTitle}>
            {title}
          </Title>
          {buttons}
        </div>
        <div className={css.panelBody}>{children}</div>
      </Drawer.Content>
    </Drawer.Root>
  );
}
