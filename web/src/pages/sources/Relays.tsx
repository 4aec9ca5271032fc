import { IconAntenna } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';

import { type Relay, relaysQuery } from '../../api/sourceQueries';
import { EmptyState } from '../../kit/EmptyState';
import { type Column, List } from '../../kit/List';
import { by } from '../../kit/text';
import { formatBytes } from '../../lib/format';
import { Badge } from '../../ui/Badge';
import { Ago } from '../../ui/Time';
import { useSkew } from './SourceState';

const route = getRouteApi('/sources');
const idOf = (relay: Relay) => relay.id;
const nameOf = (relay: Relay) => relay.host;
const none: Relay[] = [];

/** The relays at agencies: when each was last in touch and what it still keeps. */
export function Relays() {
  const { t, i18n } = useTranslation(['translation', 'sources']);
  const skew = useSkew();
  const { sort } = route.useSearch();
  const navigate = route.useNavigate();
  const query = useQuery(relaysQuery);
  const bytes = (n: number) => formatBytes(n, i18n.language);
  const columns: Column<Relay>[] = [
    {
      id: 'status',
      name: t('sources:filter'),
      cell: (r) => (
        <Badge tone={r.troubles.length > 0 ? 'critical' : 'ok'} round>
          {r.troubles.length > 0
            ? r.troubles.map((p) => (p === 'silent' ? t('sources:problem.silent') : t(`sources:relay.${p}`))).join(', ')
            : t('sources:status.ok')}
        </Badge>
      ),
    },
    {
      id: 'host',
      name: t('sources:host'),
      main: true,
      compare: by(nameOf),
      cell: (r) => (
        <>
          {r.host}
          {r.peer && <div className="la-dim la-mono">{r.peer}</div>}
        </>
      ),
    },
    { id: 'unit', name: t('sources:unit'), compare: by((r) => r.unitName || r.unit), cell: (r) => r.unitName || r.unit },
    {
      id: 'last',
      name: t('sources:relay.last'),
      compare: (a, b) => Date.parse(a.lastContact) - Date.parse(b.lastContact),
      cell: (r) => <Ago at={r.lastContact} />,
    },
    {
      id: 'backlog',
      name: t('sources:relay.backlog'),
      number: true,
      greatestFirst: true,
      compare: (a, b) => a.backlogBytes - b.backlogBytes,
      cell: (r) => bytes(r.backlogBytes),
    },
    { id: 'oldest', name: t('sources:relay.oldest'), from: 'md', cell: (r) => (r.backlogBlocks > 0 && r.oldest ? <Ago at={r.oldest} /> : '') },
    { id: 'disk', name: t('sources:relay.disk'), from: 'sm', number: true, compare: (a, b) => a.diskFree - b.diskFree, cell: (r) => bytes(r.diskFree) },
    { id: 'clock', name: t('sources:relay.clock'), from: 'md', cell: (r) => skew(-r.clockOffsetMs / 1_000) },
    { id: 'version', name: t('sources:relay.version'), from: 'lg', cell: (r) => r.version },
  ];
  return (
    <List
      label={t('sources:relay.tab')}
      items={query.data?.items ?? none}
      id={idOf}
      name={nameOf}
      columns={columns}
      query={query}
      sort={sort}
      onSort={(next) => void navigate({ search: (old) => ({ ...old, sort: next }), replace: true })}
      empty={<EmptyState icon={<IconAntenna size={34} />} title={t('sources:relay.none')} text={t('sources:relay.noneText')} />}
    />
  );
}
