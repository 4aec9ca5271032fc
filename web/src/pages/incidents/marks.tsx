import '../../i18n/incidents';

import { useTranslation } from 'react-i18next';

import type { Incident } from '../../api/incidentQueries';
import { useSession } from '../../app/session';
import { type Phase, phases } from '../../lib/incidentParams';
import { Badge } from '../../ui/Badge';
import css from './incidents.module.css';

/** How far it is, in words and as a bar of six steps. */
export function PhaseMark({ phase }: { phase: Phase }) {
  const { t } = useTranslation('incidents');
  const at = phases.indexOf(phase);
  return (
    <span className={css.phaseMark}>
      <span className="la-nowrap">{t(`phase.${phase}`)}</span>
      <span className={css.steps} aria-hidden="true">
        {phases.slice(0, -1).map((one, i) => (
          <span key={one} data-on={i <= at || undefined} />
        ))}
      </span>
    </span>
  );
}

export function GraveMark() {
  const { t } = useTranslation('incidents');
  return <Badge tone="critical">{t('grave')}</Badge>;
}

/** Who leads, "me" for the reader; nobody stands out. */
export function Lead({ incident }: { incident: Pick<Incident, 'lead' | 'phase'> }) {
  const { t } = useTranslation('incidents');
  const { user } = useSession();
  if (incident.lead) return <>{incident.lead.id === user.id ? t('me') : incident.lead.displayName}</>;
  return incident.phase === 'closed' ? <span className="la-dim">{t('nobody')}</span> : <span className={css.missing}>{t('nobody')}</span>;
}
