import { SegmentedControl } from '@mantine/core';
import { IconCertificate } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';

import { type Ending, endingsQuery } from '../../api/assetQueries';
import { EmptyState } from '../../kit/EmptyState';
import { type Column, List } from '../../kit/List';
import { Badge } from '../../ui/Badge';
import { dayText } from './parts';

const horizons = ['30', '90', '365'] as const;
const none: Ending[] = [];

/** Licences and certificates that end soon, or have ended. */
export function EndingsTab({ unit }: { unit: string | undefined }) {
  const { t } = useTranslation('systems');
  const [days, setDays] = useState('90');
  const query = useQuery(endingsQuery({ unit, days: Number(days) }));
  const columns = useMemo<Column<Ending>[]>(
    () => [
      { id: 'what', name: t('ending.what'), main: true, cell: (x) => x.what, under: (x) => <span className="la-dim">{t(`ending.kind.${x.kind}`)}</span> },
      {
        id: 'system',
        name: t('asset.system'),
        cell: (x) =>
          x.system === '' ? (
            '—'
          ) : (
            <Link to="/systems/$id" params={{ id: x.system }}>
              {x.systemName}
            </Link>
          ),
        from: 'sm',
      },
      { id: 'unit', name: t('asset.unit'), cell: (x) => x.unitName, from: 'md' },
      {
        id: 'ends',
        name: t('ending.ends'),
        cell: (x) => (
          <>
            {dayText(x.ends)} {x.ended && <Badge tone="high">{t('ending.ended')}</Badge>}
          </>
        ),
      },
    ],
    [t],
  );
  return (
    <List<Ending>
      label={t('assetTab.endings')}
      items={query.data?.items ?? none}
      id={(x) => `${x.kind}/${x.asset}/${x.system}/${x.what}`}
      name={(x) => x.what}
      columns={columns}
      query={query}
      tone={(x) => (x.ended ? 'high' : undefined)}
      filters={<SegmentedControl size="xs" aria-label={t('ending.horizon')} data={horizons.map((value) => ({ value, label: t('ending.days', { count: Number(value) }) }))} value={days} onChange={setDays} />}
      filtered={unit !== undefined}
      empty={<EmptyState icon={<IconCertificate size={34} />} title={t('ending.empty')} text={t('ending.emptyText')} />}
    />
  );
}
