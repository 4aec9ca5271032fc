import { useTranslation } from 'react-i18next';

import type { AlertStatus, Level } from '../api/types';

interface Props {
  tone: Level | 'ok';
  round?: boolean;
  children: React.ReactNode;
}

/** A label with a mark of colour; the word always carries the meaning. */
export function Badge({ tone, round, children }: Props) {
  const style = {
    color: `var(--la-${tone})`,
    background: `var(--la-${tone}-bg)`,
    '--bar': `var(--la-${tone}-bar)`,
  } as React.CSSProperties;
  return (
    <span className="la-badge" style={style} data-round={round ? '' : undefined}>
      {children}
    </span>
  );
}

export function LevelBadge({ level }: { level: Level }) {
  const { t } = useTranslation();
  return <Badge tone={level}>{t(`level.${level}`)}</Badge>;
}

const statusTone = { new: 'high', in_progress: 'low', closed: 'ok' } as const;

export function StatusBadge({ status }: { status: AlertStatus }) {
  const { t } = useTranslation();
  return (
    <Badge tone={statusTone[status]} round>
      {t(`status.${status}`)}
    </Badge>
  );
}
