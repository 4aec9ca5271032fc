import { useTranslation } from 'react-i18next';

import type { SystemLine, SystemState } from '../../api/systemQueries';
import { Badge } from '../../ui/Badge';

const stateTone = { planned: 'low', operating: 'ok', retired: 'informational' } as const;

export function StateMark({ state }: { state: SystemState }) {
  const { t } = useTranslation('systems');
  return (
    <Badge tone={stateTone[state]} round>
      {t(`state.${state}`)}
    </Badge>
  );
}

/** The level as approved, and what is proposed where that is something else. */
export function LevelMark({ system }: { system: Pick<SystemLine, 'level' | 'proposedLevel'> }) {
  const { t } = useTranslation('systems');
  const { level, proposedLevel: proposed } = system;
  return (
    <>
      {level > 0 ? <Badge tone={level >= 4 ? 'high' : level === 3 ? 'medium' : 'low'}>{t('levels', { level })}</Badge> : <span className="la-dim">{t('levelNone')}</span>}
      {proposed > 0 && proposed !== level && <span className="la-dim"> · {t('levelProposed', { level: proposed })}</span>}
    </>
  );
}

/** A day as people in Vietnam write it. */
export const dayText = (day: string) => day.split('-').reverse().join('/');
