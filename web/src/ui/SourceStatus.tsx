import { useTranslation } from 'react-i18next';

import type { Source } from '../api/types';
import { Badge } from './Badge';

export function SourceStatus({ source }: { source: Source }) {
  const { t } = useTranslation();
  return source.status === 'silent' ? (
    <Badge tone="high" round>
      {t('source.silent')}
    </Badge>
  ) : (
    <Badge tone="ok" round>
      {t('source.ok')}
    </Badge>
  );
}
