import '../../i18n/drills';

import { useTranslation } from 'react-i18next';

import type { Drill, DrillReport } from '../../api/drillQueries';
import { Badge } from '../../ui/Badge';

const stateTone = { planned: 'low', running: 'high', ended: 'ok', cancelled: 'informational' } as const;

export function StateBadge({ state }: { state: Drill['state'] }) {
  const { t } = useTranslation('drills');
  return <Badge tone={stateTone[state]}>{t(`state.${state}`)}</Badge>;
}

const good = ['met', 'sent', 'done', 'approved', 'acknowledged', 'comes'];
const wrong = ['late', 'missing', 'never', 'undone', 'silent'];

export type Result = DrillReport['matters'][number]['times'][number]['result'] | DrillReport['duties'][number]['result'] | DrillReport['tasks'][number]['result'] | DrillReport['calls'][number]['result'];

export function ResultBadge({ result }: { result: Result }) {
  const { t } = useTranslation('drills');
  return <Badge tone={good.includes(result) ? 'ok' : wrong.includes(result) ? 'critical' : 'informational'}>{t(`result.${result}`)}</Badge>;
}

