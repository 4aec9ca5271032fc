import { Progress, Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';

import type { Upload } from '../../api/uploadQueries';
import { Badge } from '../../ui/Badge';

const tones = { waiting: 'informational', running: 'low', done: 'ok', failed: 'critical', cancelled: 'medium' } as const;

/** How an import stands, as a word, with its progress or the reason it failed. */
export function UploadState({ upload }: { upload: Upload }) {
  const { t } = useTranslation(['translation', 'upload']);
  const percent = Math.round(100 * upload.progress);
  return (
    <div style={{ minWidth: 120 }}>
      <Badge tone={tones[upload.status]} round>
        {t(`upload:status.${upload.status}`)}
        {upload.status === 'running' && ` ${String(percent)} %`}
      </Badge>
      {upload.status === 'running' && <Progress value={percent} size="xs" mt={4} aria-label={t('upload:status.running')} />}
      {upload.reason && (
        <Text size="xs" className="la-wrap">
          {t(`upload:reason.${upload.reason.replaceAll('.', '_')}` as 'upload:reason.upload_broken-file')}
        </Text>
      )}
    </div>
  );
}
