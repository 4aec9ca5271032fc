import { Button, Group } from '@mantine/core';
import { IconPlugConnected, IconPlus } from '@tabler/icons-react';
import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';

import { checkConnection, type Connection, connectionOutagesQuery, connectionPagesQuery, connectionQuery, connectionsChanged, removeConnection } from '../../../api/connectionQueries';
import { ConfirmDialog } from '../../../kit/ConfirmDialog';
import { EmptyState } from '../../../kit/EmptyState';
import { type Column, List } from '../../../kit/List';
import { Badge } from '../../../ui/Badge';
import page from '../../../ui/page.module.css';
import { ErrorState, Rows } from '../../../ui/State';
import { Ago, Time } from '../../../ui/Time';
import { toast } from '../../../ui/toast';
import type { TabProps } from '../tabs';
import { ConnectionDialog } from './ConnectionDialog';

const failures = ['blocked', 'unreachable', 'timeout', 'dropped', 'certificate', 'client-certificate', 'status'] as const;
const tone = { unchecked: 'informational', up: 'ok', failing: 'medium', down: 'critical' } as const;

/** The other side as seen from a system. */
function useOther(system: string) {
  const { t } = useTranslation('systems');
  return (c: Connection) => {
    const other = c.system.id === system ? c.other : c.system;
    return { ...other, name: other.name || t('connection.hidden') };
  };
}

/** With what a system is connected, and whether each connection works. */
export function ConnectionsTab({ system }: TabProps) {
  const { t } = useTranslation('systems');
  const query = useInfiniteQuery(connectionPagesQuery({ system: system.id }));
  const [open, setOpen] = useState<string>();
  const [editing, setEditing] = useState<Connection | 'new'>();
  const otherOf = useOther(system.id);
  const items = query.data?.pages.flatMap((p) => p.items) ?? [];
  const columns = useMemo<Column<Connection>[]>(
    () => [
      {
        id: 'other',
        name: t('connection.other'),
        main: true,
        cell: (c) => otherOf(c).name,
        under: (c) => <div className="la-dim">{[t(`connection.kind.${c.facts.kind}`), c.facts.means].filter(Boolean).join(' · ')}</div>,
      },
      { id: 'direction', name: t('connection.directionName'), cell: (c) => t(`connection.direction.${c.system.id === system.id || c.facts.direction === 'both' ? c.facts.direction : c.facts.direction === 'in' ? 'out' : 'in'}`), from: 'md' },
      { id: 'health', name: t('connection.health'), cell: (c) => <Badge tone={tone[c.health.state]} round>{t(`connection.state.${c.health.state}`)}</Badge> },
      { id: 'checked', name: t('connection.checked'), cell: (c) => (c.health.checked ? <Ago at={c.health.checked} /> : '—'), from: 'sm' },
    ],
    [t, otherOf, system.id],
  );
  const add = system.mayManage && (
    <Button size="xs" leftSection={<IconPlus size={15} />} onClick={() => { setEditing('new'); }}>
      {t('connection.add')}
    </Button>
  );
  const shown = items.find((c) => c.id === open);
  return (
    <>
      <List<Connection>
        label={t('tab.connections')}
        items={items}
        id={(c) => c.id}
        name={(c) => otherOf(c).name}
        columns={columns}
        tone={(c) => (c.health.state === 'down' ? 'critical' : undefined)}
        query={query}
        more={{ has: query.hasNextPage, loading: query.isFetchingNextPage, load: () => query.fetchNextPage() }}
        open={open}
        onOpen={setOpen}
        openName={shown && otherOf(shown).name}
        panel={(id) => <Panel key={id} id={id} system={system.id} onEdit={setEditing} onGone={() => { setOpen(undefined); }} />}
        filters={items.length > 0 && add}
        empty={
          <EmptyState icon={<IconPlugConnected size={34} />} title={t('connection.none')} text={t('connection.noneText')}>
            {add}
          </EmptyState>
        }
      />
      {editing && <ConnectionDialog system={system.id} connection={editing === 'new' ? undefined : editing} onClose={() => { setEditing(undefined); }} />}
    </>
  );
}

function Panel({ id, system, onEdit, onGone }: { id: string; system: string; onEdit: (c: Connection) => void; onGone: () => void }) {
  const { t } = useTranslation('systems');
  const client = useQueryClient();
  const query = useQuery(connectionQuery(id));
  const [removing, setRemoving] = useState(false);
  const otherOf = useOther(system);
  const check = useMutation({ mutationFn: () => checkConnection(id), onSuccess: () => connectionsChanged(client) });
  if (query.isPending) return <Rows count={4} />;
  const c = query.data;
  if (!c) return <ErrorState error={query.error} retry={() => void query.refetch()} />;
  const other = otherOf(c);
  const facts = [
    [t('connection.purpose'), c.facts.purpose],
    [t('connection.data'), c.facts.data],
    [t('connection.means'), c.facts.means],
    [t('connection.basis'), c.facts.basis],
    [t('connection.target'), c.facts.check.target],
  ] as const;
  return (
    <>
      <Group gap="xs" mb="sm">
        <Badge tone={tone[c.health.state]} round>{t(`connection.state.${c.health.state}`)}</Badge>
        {c.health.since && <span className="la-dim">{t('connection.since')} <Ago at={c.health.since} /></span>}
        {c.health.state === 'up' && <span className="la-dim">{t('connection.took', { ms: c.health.milliseconds })}</span>}
      </Group>
      {c.health.code !== '' && (
        <p className="la-wrap">
          {t('connection.why')}: {t(`connection.failure.${failures.find((one) => one === c.health.code.split('.').pop()) ?? 'other'}`)}
          {c.health.reason !== '' && <span className="la-dim la-mono"> {c.health.reason}</span>}
        </p>
      )}
      {other.id !== '' && other.id !== system && <p><Link to="/systems/$id" params={{ id: other.id }}>{other.code} · {other.name}</Link></p>}
      <dl className={page.facts}>
        {facts.filter(([, value]) => value !== '').map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd className="la-wrap">{value}</dd>
          </div>
        ))}
        {c.health.certificateEnds && (
          <div>
            <dt>{t('connection.certificateEnds')}</dt>
            <dd><Time at={c.health.certificateEnds} /></dd>
          </div>
        )}
      </dl>
      {c.mayChange && (
        <Group gap="xs" my="sm">
          {c.facts.check.kind !== 'none' && <Button size="xs" variant="default" loading={check.isPending} onClick={() => { check.mutate(); }}>{t('connection.checkNow')}</Button>}
          <Button size="xs" variant="default" onClick={() => { onEdit(c); }}>{t('connection.change')}</Button>
          <Button size="xs" variant="subtle" color="red" onClick={() => { setRemoving(true); }}>{t('connection.remove')}</Button>
        </Group>
      )}
      {check.error && <ErrorState error={check.error} />}
      <Outages id={id} />
      {removing && (
        <ConfirmDialog
          title={t('connection.remove')}
          text={t('connection.removeText', { name: other.name })}
          confirm={t('connection.remove')}
          danger
          onConfirm={async () => {
            await removeConnection(id);
            onGone();
            toast({ message: t('connection.removed'), autoClose: 4_000 });
            await connectionsChanged(client);
          }}
          onClose={() => { setRemoving(false); }}
        />
      )}
    </>
  );
}

function Outages({ id }: { id: string }) {
  const { t } = useTranslation('systems');
  const { data } = useQuery(connectionOutagesQuery(id));
  if (!data || data.items.length === 0) return null;
  return (
    <section aria-label={t('connection.outages')}>
      <h3>{t('connection.outages')}</h3>
      <ul>
        {data.items.map((o) => (
          <li key={o.from}>
            <Time at={o.from} /> – {o.to ? <Time at={o.to} /> : t('connection.lasts')} <span className="la-dim la-wrap">{o.reason}</span>
          </li>
        ))}
      </ul>
    </section>
  );
}
