import { Alert, Group, Stack, Text } from '@mantine/core';
import { IconAlertTriangle } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';

import { evidenceQuery } from '../../api/evidenceQueries';
import { formatBytes, formatNumber } from '../../lib/format';
import { Badge } from '../../ui/Badge';
import { Code } from '../../ui/Copy';
import page from '../../ui/page.module.css';
import { ErrorState, Rows } from '../../ui/State';
import { Ago, Time } from '../../ui/Time';

export function EvidenceState() {
  const { t, i18n } = useTranslation(['translation', 'admin']);
  const { data, error, isPending, refetch } = useQuery(evidenceQuery);
  const last = data?.verification;
  return (
    <>
      <div className={page.bar}>
        <Text fw={600} component="h2">
          {t('admin:evidence.title')}
        </Text>
        {last && <Badge tone={last.total > 0 ? 'critical' : 'ok'}>{t(last.total > 0 ? 'admin:evidence.broken' : 'admin:evidence.whole')}</Badge>}
      </div>
      {error && !data && <ErrorState error={error} retry={() => void refetch()} />}
      {isPending && <Rows count={2} />}
      {data && (
        <Stack gap="xs" px="md" pb="md">
          {last ? (
            <Text size="sm">
              {t('admin:evidence.last')} <Time at={last.at} />:{' '}
              {t('admin:evidence.checked', {
                entries: formatNumber(last.entries, i18n.language),
                segments: formatNumber(last.segments, i18n.language),
                size: formatBytes(last.bytes, i18n.language),
              })}
            </Text>
          ) : (
            <Text size="sm" className="la-dim">
              {t('admin:evidence.none')}
            </Text>
          )}
          {last && last.total > 0 && (
            <Alert color="red" icon={<IconAlertTriangle size={18} />} title={t('admin:evidence.findings', { count: last.total })}>
              {last.findings.map((finding, at) => (
                <Text size="sm" key={at} className="la-wrap">
                  <span className="la-mono">{finding.file ?? finding.segment ?? finding.kind}</span>: {finding.detail}
                </Text>
              ))}
            </Alert>
          )}
          <Group gap="xs" align="baseline">
            <Text size="sm">{t('admin:evidence.head', { seq: formatNumber(data.head.seq, i18n.language) })}</Text>
            {data.anchored.at && (
              <Text size="xs" className="la-dim">
                {t('admin:evidence.anchored')} <Ago at={data.anchored.at} />
              </Text>
            )}
          </Group>
          <Code text={data.head.sha256} wrap />
          <Text size="xs" className="la-dim">
            {t('admin:evidence.headText')}
          </Text>
        </Stack>
      )}
    </>
  );
}
