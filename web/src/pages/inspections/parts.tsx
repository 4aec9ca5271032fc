import { useTranslation } from 'react-i18next';

import type { Finding, Inspection } from '../../api/assessmentQueries';
import { Badge } from '../../ui/Badge';

const tones = { planned: 'informational', noticed: 'low', running: 'high', concluded: 'ok', cancelled: 'informational' } as const;
const findingTones = { open: 'high', answered: 'low', closed: 'ok' } as const;

export function VisitState({ state }: { state: Inspection['state'] }) {
  const { t } = useTranslation('inspections');
  return <Badge tone={tones[state]}>{t(`state.${state}`)}</Badge>;
}

export function FindingState({ of: f }: { of: Finding }) {
  const { t } = useTranslation('inspections');
  return (
    <>
      <Badge tone={findingTones[f.state]}>{t(`finding.${f.state}`)}</Badge> {f.late && <Badge tone="critical">{t('late')}</Badge>}
    </>
  );
}

export const day = (date: string) => date.split('-').reverse().join('/');
