import { Stack, Text, UnstyledButton } from '@mantine/core';
import { useTranslation } from 'react-i18next';

import type { AuditFilter, AuditRecord } from '../../api/auditQueries';
import { DateTime } from '../../kit/DateTime';
import { Code } from '../../ui/Copy';
import { useActionName } from './words';

/** One record, with all that was written down. */
export function Record({ record, narrow }: { record: AuditRecord; narrow: (filter: AuditFilter) => void }) {
  const { t } = useTranslation('audit');
  const name = useActionName();
  const rows: [string, React.ReactNode][] = [
    [t('at'), <DateTime key="at" at={record.at} />],
    [
      t('actor'),
      <UnstyledButton
        key="actor"
        c="var(--la-accent)"
        data-tip={t('onlyActor')}
        onClick={() => {
          narrow({ actor: record.actor });
        }}
      >
        {record.actor}
      </UnstyledButton>,
    ],
    [t('action'), `${name(record.action)} (${record.action})`],
    [
      t('object'),
      <UnstyledButton
        key="object"
        c="var(--la-accent)"
        className="la-mono la-wrap"
        data-tip={t('only')}
        onClick={() => {
          narrow({ object: record.object });
        }}
      >
        {record.object}
      </UnstyledButton>,
    ],
    [t('ip'), <span key="ip" className="la-mono">{record.ip || '–'}</span>],
    [t('seq'), <span key="seq" className="la-num">{record.seq}</span>],
    ...Object.entries(record.detail).map(([key, value]): [string, React.ReactNode] =>
      key === 'repeated' ? [t('detail'), t('repeated', { n: String(value) })] : [key, <span key={key} className="la-wrap">{String(value)}</span>],
    ),
  ];
  return (
    <Stack gap="sm">
      <dl style={{ display: 'grid', gridTemplateColumns: 'minmax(96px, auto) 1fr', gap: '8px 12px', margin: 0 }}>
        {rows.map(([label, value]) => (
          <div key={label} style={{ display: 'contents' }}>
            <dt className="la-dim">{label}</dt>
            <dd style={{ margin: 0, minWidth: 0 }}>{value}</dd>
          </div>
        ))}
      </dl>
      <Text size="sm" className="la-dim">
        {t('hash')}
      </Text>
      <Code text={record.hash} />
    </Stack>
  );
}
