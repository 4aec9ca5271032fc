import '../../i18n/dossiers';

import { useTranslation } from 'react-i18next';

import type { Dossier } from '../../api/dossierQueries';
import { lastDay } from '../../lib/time';
import { Badge } from '../../ui/Badge';

const tones = { draft: 'informational', sent: 'medium', appraising: 'medium', judged: 'low', approved: 'ok', withdrawn: 'informational' } as const;

/** A day as the server writes it, as people do: 25/12/2026. */
export const dayText = (day: string) => (day === '' ? '' : day.split('-').reverse().join('/'));

/** How far a dossier is. */
export function StateMark({ state }: { state: Dossier['state'] }) {
  const { t } = useTranslation('dossiers');
  return <Badge tone={tones[state]}>{t(`states.${state}`)}</Badge>;
}

/** The level as a word; levels from 3 on stand out. */
export function LevelMark({ level }: { level: number }) {
  const { t } = useTranslation('dossiers');
  if (level === 0) return <span className="la-dim">{t('noLevel')}</span>;
  return <Badge tone={level >= 4 ? 'high' : level === 3 ? 'medium' : 'low'}>{t('levelN', { level })}</Badge>;
}

/** The time that runs, and whether it is over. */
export function ClockMark({ dossier }: { dossier: Dossier }) {
  const { t } = useTranslation('dossiers');
  if (dossier.clock === '' || dossier.dueAt === undefined) return null;
  return (
    <span>
      {t('clockEnds', { what: t(`clocks.${dossier.clock}`), day: lastDay(dossier.dueAt) })} {dossier.late && <Badge tone="high">{t('late')}</Badge>}
    </span>
  );
}
