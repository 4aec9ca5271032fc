import { useTranslation } from 'react-i18next';

import type { Source } from '../api/types';
import { Badge } from './Badge';

const tones = { silent: 'high', problem: 'medium', new: 'ok', ok: 'ok', muted: 'informational' } as const satisfies Record<Source['status'], string>;

export function SourceStatus({ source }: { source: Pick<Source, 'status'> }) {
  const { t } = useTranslation();
  return (
    <Badge tone={tones[source.status]} round>
      {t(`source.${source.status}`)}
    </Badge>
  );
}
