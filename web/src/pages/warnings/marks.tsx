import '../../i18n/warnings';

import { Text } from '@mantine/core';
import type { UseQueryResult } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';

import type { Warning, WarningCopy } from '../../api/warningQueries';
import { Badge } from '../../ui/Badge';
import { PageHeader } from '../../ui/PageHeader';
import page from '../../ui/page.module.css';
import { ErrorState, Rows } from '../../ui/State';

const stateTone = { draft: 'informational', review: 'medium', published: 'low', closed: 'ok', withdrawn: 'informational' } as const;

export function WarningState({ state }: { state: Warning['state'] }) {
  const { t } = useTranslation('warnings');
  return <Badge tone={stateTone[state]}>{t(`states.${state}`)}</Badge>;
}

/** The page of a warning that is on its way, or cannot be had. */
export function Waiting({ query }: { query: UseQueryResult }) {
  const { t } = useTranslation();
  return (
    <div className={page.page}>
      <PageHeader title={t('nav.warnings')} />
      {query.error ? <ErrorState error={query.error} retry={() => void query.refetch()} /> : <Rows />}
    </div>
  );
}

/** How far a unit is with its copy. */
export function copyStanding(c: WarningCopy) {
  if (c.withdrawn) return 'withdrawn';
  if (!c.open) return 'settled';
  if (c.answer === 'need-help') return 'help';
  if (c.answer !== '') return 'answered';
  return c.acknowledgedAt ? 'acknowledged' : 'sent';
}

const copyTone = { withdrawn: 'informational', settled: 'ok', help: 'high', answered: 'low', acknowledged: 'low', sent: 'medium' } as const;

export function CopyState({ copy }: { copy: WarningCopy }) {
  const { t } = useTranslation('warnings');
  const standing = copyStanding(copy);
  return (
    <>
      <Badge tone={copyTone[standing]}>{t(`copyStates.${standing}`)}</Badge>
      {copy.open && copy.lateAck && copy.acknowledgedAt === undefined && <Badge tone="high">{t('lateAck')}</Badge>}
      {copy.open && copy.lateFix && <Badge tone="high">{t('lateFix')}</Badge>}
    </>
  );
}

const headings = ['content', 'impact', 'check', 'measures', 'deadline'] as const;

/** The text under its headings, as the unit reads it. */
export function WarningBody({ text }: { text: Record<(typeof headings)[number], string> }) {
  const { t } = useTranslation('warnings');
  return (
    <>
      {headings.map((name, i) => (
        <section key={name}>
          <Text fw={600} mt={i > 0 ? 'sm' : 0} component="h3" fz="md" mb={2}>
            {i + 1}. {t(`text.${name}`)}
          </Text>
          <Text size="sm" className="la-wrap" style={{ whiteSpace: 'pre-wrap' }}>
            {text[name]}
          </Text>
        </section>
      ))}
    </>
  );
}
