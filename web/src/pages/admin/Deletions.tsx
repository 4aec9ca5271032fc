import { IconTrashOff } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';

import { deletionsQuery, type Deletion } from '../../api/evidenceQueries';
import { EmptyState } from '../../kit/EmptyState';
import { type Column, List } from '../../kit/List';
import { formatBytes, formatNumber } from '../../lib/format';
import { Badge } from '../../ui/Badge';
import { Time } from '../../ui/Time';

const reasons = {
  age: 'admin:deletion.age',
  size: 'admin:deletion.size',
  'size-below-minimum': 'admin:deletion.early',
} as const satisfies Record<Deletion['reason'], string>;

const shownUnits = 5;

const idOf = (d: Deletion) => d.segment;
const none: Deletion[] = [];

/** What is no longer kept, and why. */
export function Deletions() {
  const { t, i18n } = useTranslation(['translation', 'admin']);
  const query = useQuery(deletionsQuery);
  const units = (d: Deletion) =>
    d.units
      .slice(0, shownUnits)
      .map((u) => (u.events > 0 ? `${u.name}: ${formatNumber(u.events, i18n.language)}` : u.name))
      .join(', ') + (d.units.length > shownUnits ? `, … (${formatNumber(d.units.length, i18n.language)})` : '');
  const columns: Column<Deletion>[] = [
    { id: 'at', name: t('admin:deletion.at'), main: true, cell: (d) => <Time at={d.at} /> },
    {
      id: 'reason',
      name: t('admin:deletion.reason'),
      cell: (d) => <Badge tone={d.reason === 'size-below-minimum' ? 'critical' : 'informational'}>{t(reasons[d.reason])}</Badge>,
    },
    { id: 'events', name: t('admin:deletion.events'), number: true, cell: (d) => formatNumber(d.events, i18n.language) },
    { id: 'bytes', name: t('admin:deletion.bytes'), number: true, from: 'sm', cell: (d) => formatBytes(d.bytes, i18n.language) },
    {
      id: 'span',
      name: t('admin:deletion.span'),
      from: 'sm',
      cell: (d) => (
        <>
          <Time at={d.from} /> – <Time at={d.to} />
        </>
      ),
    },
    { id: 'units', name: t('admin:unit'), from: 'md', cell: units },
  ];
  return (
    <List
      label={t('admin:deletion.title')}
      items={query.data?.items ?? none}
      id={idOf}
      name={idOf}
      columns={columns}
      query={query}
      empty={<EmptyState icon={<IconTrashOff size={34} />} title={t('admin:deletion.none')} text={t('admin:deletion.noneText')} />}
    />
  );
}
