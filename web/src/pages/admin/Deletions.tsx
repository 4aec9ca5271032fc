import { Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';

import { deletionsQuery, type Deletion } from '../../api/evidenceQueries';
import { formatBytes, formatNumber } from '../../lib/format';
import { Badge } from '../../ui/Badge';
import page from '../../ui/page.module.css';
import { ErrorState, Rows } from '../../ui/State';
import { Time } from '../../ui/Time';

const reasons = {
  age: 'admin:deletion.age',
  size: 'admin:deletion.size',
  'size-below-minimum': 'admin:deletion.early',
} as const satisfies Record<Deletion['reason'], string>;

const shownUnits = 5;

export function Deletions() {
  const { t, i18n } = useTranslation(['translation', 'admin']);
  const { data, error, isPending, refetch } = useQuery(deletionsQuery);
  const units = (d: Deletion) =>
    d.units
      .slice(0, shownUnits)
      .map((u) => (u.events > 0 ? `${u.name}: ${formatNumber(u.events, i18n.language)}` : u.name))
      .join(', ') + (d.units.length > shownUnits ? `, … (${formatNumber(d.units.length, i18n.language)})` : '');
  return (
    <>
      <div className={page.bar}>
        <Text fw={600} component="h2">
          {t('admin:deletion.title')}
        </Text>
      </div>
      {error && !data && <ErrorState error={error} retry={() => void refetch()} />}
      {isPending && <Rows count={3} />}
      {data?.items.length === 0 && (
        <Text size="sm" className="la-dim" px="md" pb="md">
          {t('admin:deletion.none')}
        </Text>
      )}
      {data && data.items.length > 0 && (
        <div className="la-scroll-x" tabIndex={0} role="region" aria-label={t('admin:deletion.title')}>
          <table className="la-table">
            <thead>
              <tr>
                <th>{t('admin:deletion.at')}</th>
                <th>{t('admin:deletion.reason')}</th>
                <th>{t('admin:deletion.events')}</th>
                <th>{t('admin:deletion.bytes')}</th>
                <th>{t('admin:deletion.span')}</th>
                <th>{t('admin:unit')}</th>
              </tr>
            </thead>
            <tbody>
              {data.items.map((d) => (
                <tr key={d.segment}>
                  <td>
                    <Time at={d.at} />
                  </td>
                  <td>
                    <Badge tone={d.reason === 'size-below-minimum' ? 'critical' : 'informational'}>{t(reasons[d.reason])}</Badge>
                  </td>
                  <td className="la-num">{formatNumber(d.events, i18n.language)}</td>
                  <td className="la-num">{formatBytes(d.bytes, i18n.language)}</td>
                  <td>
                    <Time at={d.from} /> – <Time at={d.to} />
                  </td>
                  <td className="la-wrap">{units(d)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </>
  );
}
