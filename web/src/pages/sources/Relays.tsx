import { IconAntenna } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';

import { relaysQuery } from '../../api/sourceQueries';
import { formatBytes } from '../../lib/format';
import { Badge } from '../../ui/Badge';
import { EmptyState, ErrorState, Rows } from '../../ui/State';
import { Ago } from '../../ui/Time';
import { useSkew } from './SourceState';

/** The relays at agencies: when each was last in touch and what it still keeps. */
export function Relays() {
  const { t, i18n } = useTranslation(['translation', 'sources']);
  const skew = useSkew();
  const { data, error, isPending, refetch } = useQuery(relaysQuery);
  if (error && !data) return <ErrorState error={error} retry={() => void refetch()} />;
  if (isPending) return <Rows count={4} />;
  if (data.items.length === 0) {
    return <EmptyState icon={<IconAntenna size={34} />} title={t('sources:relay.none')} text={t('sources:relay.noneText')} />;
  }
  const bytes = (n: number) => formatBytes(n, i18n.language);
  return (
    <div className="la-scroll-x" tabIndex={0} role="region" aria-label={t('sources:relay.tab')}>
      <table className="la-table">
        <thead>
          <tr>
            <th>{t('sources:filter')}</th>
            <th>{t('sources:host')}</th>
            <th>{t('sources:unit')}</th>
            <th>{t('sources:relay.last')}</th>
            <th style={{ textAlign: 'right' }}>{t('sources:relay.backlog')}</th>
            <th>{t('sources:relay.oldest')}</th>
            <th style={{ textAlign: 'right' }}>{t('sources:relay.disk')}</th>
            <th>{t('sources:relay.clock')}</th>
            <th>{t('sources:relay.version')}</th>
          </tr>
        </thead>
        <tbody>
          {data.items.map((r) => (
            <tr key={r.id}>
              <td>
                <Badge tone={r.troubles.length > 0 ? 'critical' : 'ok'} round>
                  {r.troubles.length > 0
                    ? r.troubles.map((p) => (p === 'silent' ? t('sources:problem.silent') : t(`sources:relay.${p}`))).join(', ')
                    : t('sources:status.ok')}
                </Badge>
              </td>
              <td>
                {r.host}
                {r.peer && <div className="la-dim la-mono">{r.peer}</div>}
              </td>
              <td>{r.unitName || r.unit}</td>
              <td>
                <Ago at={r.lastContact} />
              </td>
              <td className="la-num" style={{ textAlign: 'right' }}>
                {bytes(r.backlogBytes)}
              </td>
              <td>{r.backlogBlocks > 0 && r.oldest ? <Ago at={r.oldest} /> : ''}</td>
              <td className="la-num" style={{ textAlign: 'right' }}>
                {bytes(r.diskFree)}
              </td>
              <td>{skew(-r.clockOffsetMs / 1_000)}</td>
              <td>{r.version}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
