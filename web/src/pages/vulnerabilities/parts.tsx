import '../../i18n/vulnerabilities';

import { useTranslation } from 'react-i18next';

import type { Finding } from '../../api/vulnerabilityQueries';
import { Badge } from '../../ui/Badge';
import { Time } from '../../ui/Time';

export const severities = ['critical', 'high', 'medium', 'low', 'info'] as const;
export type Severity = (typeof severities)[number];
export const states = ['new', 'open', 'reopened', 'fixed', 'accepted', 'false-positive', 'any'] as const;
export type State = (typeof states)[number];

const tones = { critical: 'critical', high: 'high', medium: 'medium', low: 'low', info: 'informational' } as const;
const stateTones = { new: 'high', open: 'medium', reopened: 'critical', fixed: 'ok', accepted: 'low', 'false-positive': 'informational' } as const;

export const isOpen = (f: Finding) => f.state === 'new' || f.state === 'open' || f.state === 'reopened';

/** A share of one, as people read it. */
export const percent = (value: number, language: string) =>
  new Intl.NumberFormat(language, { style: 'percent', maximumFractionDigits: value > 0 && value < 0.01 ? 2 : 0 }).format(value);

export function SeverityBadge({ severity }: { severity: Severity }) {
  const { t } = useTranslation('vulnerabilities');
  return <Badge tone={tones[severity]}>{t(`severities.${severity}`)}</Badge>;
}

/** Exploited, overdue: what makes a finding urgent. */
export function Urgency({ finding }: { finding: Pick<Finding, 'kev' | 'late'> }) {
  const { t } = useTranslation('vulnerabilities');
  return (
    <>
      {finding.kev && (
        <span title={t('kevTip')}>
          <Badge tone="critical">{t('kev')}</Badge>
        </span>
      )}{' '}
      {finding.late && <Badge tone="high">{t('late')}</Badge>}
    </>
  );
}

export function StateBadge({ state }: { state: Finding['state'] }) {
  const { t } = useTranslation('vulnerabilities');
  return <Badge tone={stateTones[state]}>{t(`states.${state}`)}</Badge>;
}

/** The day by which something is to be done; nothing where it is over. */
export function DueDay({ finding }: { finding: Finding }) {
  if (!isOpen(finding) || !finding.dueAt) return <span className="la-dim">—</span>;
  return <Time at={finding.dueAt} />;
}

export const nameOf = (f: Finding) => [f.code, f.host, f.place].filter(Boolean).join(' · ');
