import { Text, UnstyledButton } from '@mantine/core';
import { useInfiniteQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';

import { auditQuery } from '../../api/queries';
import page from '../../ui/page.module.css';
import { ErrorState, Rows } from '../../ui/State';
import { Time } from '../../ui/Time';

function detailText(detail: unknown): string {
  if (typeof detail === 'string') return detail;
  if (typeof detail !== 'object' || detail === null) return '';
  return Object.entries(detail)
    .map(([name, value]) => `${name}: ${typeof value === 'string' ? value : JSON.stringify(value)}`)
    .join('; ');
}

export function Audit() {
  const { t } = useTranslation(['translation', 'admin']);
  const list = useInfiniteQuery(auditQuery);
  const records = list.data?.pages.flatMap((p) => p.items) ?? [];
  return (
    <>
      <div className={page.bar}>
        <Text size="sm" className="la-dim">
          {t('admin:audit.text')}
        </Text>
      </div>
      {list.error && !list.data && <ErrorState error={list.error} retry={() => void list.refetch()} />}
      {list.isPending && <Rows count={10} />}
      {list.data && (
        <div className="la-scroll-x" tabIndex={0} role="region" aria-label={t('admin:tab.audit')}>
          <table className="la-table">
            <thead>
              <tr>
                <th>{t('admin:audit.seq')}</th>
                <th>{t('admin:audit.at')}</th>
                <th>{t('admin:audit.actor')}</th>
                <th>{t('admin:audit.action')}</th>
                <th>{t('admin:audit.object')}</th>
                <th>{t('admin:audit.detail')}</th>
                <th>{t('admin:audit.ip')}</th>
              </tr>
            </thead>
            <tbody>
              {records.map((record) => (
                <tr key={record.seq}>
                  <td className="la-num la-dim">{record.seq}</td>
                  <td>
                    <Time at={record.at} />
                  </td>
                  <td>{record.actor}</td>
                  <td className="la-mono">{record.action}</td>
                  <td className="la-mono la-wrap">{record.object}</td>
                  <td className="la-wrap" style={{ minWidth: 180 }}>
                    {detailText(record.detail)}
                  </td>
                  <td className="la-mono">{record.ip}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
      {list.hasNextPage && (
        <UnstyledButton p="sm" w="100%" ta="center" c="var(--la-accent)" onClick={() => void list.fetchNextPage()}>
          {t('action.more')}
        </UnstyledButton>
      )}
    </>
  );
}
