import { Button, Menu, Text } from '@mantine/core';
import { IconChevronDown, IconMoodCheck } from '@tabler/icons-react';
import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';

import { alertQuery, alertsQuery } from '../../api/queries';
import type { Alert } from '../../api/types';
import { useSession } from '../../app/session';
import { DrillMark } from '../../kit/Drill';
import { EmptyState } from '../../kit/EmptyState';
import { EntityValue } from '../../kit/EntityLink';
import { type BulkAction, type Column, List } from '../../kit/List';
import { type AlertsParams, cleared, filterOf, isNarrowed, sortOfQueue, type View } from '../../lib/alertsParams';
import { formatNumber } from '../../lib/format';
import { LevelBadge, StatusBadge } from '../../ui/Badge';
import { LinkButton } from '../../ui/links';
import { Ago, Time } from '../../ui/Time';
import css from './alerts.module.css';
import { AlertView } from './AlertView';
import { FreshNotice } from './FreshNotice';
import { aboutOf, titleOf } from './names';
import { QueueFilters } from './QueueFilters';
import { useReasons } from './reasons';
import { type Target, targetOf } from './useBatch';
import { type Triage, useTriage } from './useTriage';

interface Props {
  view: View;
  params: AlertsParams;
  change: (next: Partial<AlertsParams>, replace?: boolean) => void;
}

/** One alert after the other: the queue, what is mine, what was closed. */
export function Queue({ view, params, change }: Props) {
  const { t, i18n } = useTranslation(['translation', 'triage']);
  const filter = filterOf(params);
  const sort = sortOfQueue(params.sort);
  const query = useInfiniteQuery(alertsQuery({ ...filter, sort }));
  const first = query.data?.pages[0];
  const alerts = useMemo(() => query.data?.pages.flatMap((page) => page.items) ?? [], [query.data]);
  const seen = useMemo(() => alerts.map((alert) => ({ id: alert.unit, name: alert.unitName })), [alerts]);
  const opened = useQuery({ ...alertQuery(params.alert ?? ''), enabled: params.alert !== undefined });
  const triage = useTriage();
  const columns = useColumns(view);
  const language = i18n.language;
  const whole: Target | undefined = first && { selections: [{ filter }], asOf: first.asOf, count: first.total };
  return (
    <>
      <FreshNotice known={alerts} refetch={() => void query.refetch()} />
      <List<Alert>
        label={t('nav.alerts')}
        items={alerts}
        id={(alert) => alert.id}
        name={(alert) => titleOf(alert, language)}
        columns={columns}
        tone={(alert) => alert.level}
        query={query}
        sort={sort}
        onSort={(next) => {
          change({ sort: next === '-lastSeen' ? undefined : next }, true);
        }}
        filters={
          <>
            <QueueFilters params={params} change={change} counts={first} seen={seen} withStatus={view === 'queue'} />
            {first?.countedFrom && view !== 'queue' && (
              <Text size="xs" className="la-dim">
                {t('triage:countedFrom')} <Time at={first.countedFrom} />
              </Text>
            )}
            {triage.may && whole && whole.count > alerts.length && !(first?.countedFrom && view === 'closed') && <Whole triage={triage} target={whole} closed={view === 'closed'} />}
          </>
        }
        filtered={isNarrowed(params) || (view === 'queue' && params.status !== undefined)}
        onClear={() => {
          change({ ...cleared, status: undefined });
        }}
        empty={<Nothing view={view} />}
        open={params.alert}
        openName={opened.data && titleOf(opened.data, language)}
        onOpen={(alert) => {
          change({ alert }, params.alert !== undefined);
        }}
        panel={(id) => <AlertView key={id} id={id} panel />}
        page={(alert) => `/alerts/${encodeURIComponent(alert.id)}`}
        bulk={useBulk(triage)}
        more={{ has: query.hasNextPage, loading: query.isFetchingNextPage, load: query.fetchNextPage }}
      />
      {triage.dialogs}
    </>
  );
}

function useColumns(view: View): Column<Alert>[] {
  const { t, i18n } = useTranslation(['translation', 'triage']);
  const { user } = useSession();
  const { nameOf } = useReasons();
  const owner = (alert: Alert) => (alert.assignee?.id === user.id ? t('triage:mine') : alert.assignee?.displayName);
  return [
    { id: 'level', name: t('alerts.level'), sortable: true, greatestFirst: true, from: 'sm', cell: (alert) => <LevelBadge level={alert.level} /> },
    {
      id: 'what',
      name: t('alerts.what'),
      main: true,
      cell: (alert) => titleOf(alert, i18n.language),
      under: (alert) => (
        <div className={css.entity}>
          {alert.drill !== '' && (
            <>
              <DrillMark />{' '}
            </>
          )}
          <div className={css.phone}>
            <LevelBadge level={alert.level} /> <Ago at={alert.lastSeen} />
          </div>
          {alert.entityField && <span className="la-dim">{alert.entityField}: </span>}
          <EntityValue field={alert.entityField} value={alert.entityValue} className="la-mono" />
          <span className={css.narrow}>
            {' · '}
            {alert.unitName || alert.unit}
            {alert.status !== 'new' && ` · ${t(`status.${alert.status}`)}`}
          </span>
          {alert.assignee && <span className={css.narrow}> · {owner(alert)}</span>}
        </div>
      ),
    },
    { id: 'unit', name: t('alerts.unit'), from: 'md', cell: (alert) => alert.unitName || alert.unit },
    {
      id: 'count',
      name: t('alerts.count'),
      number: true,
      sortable: true,
      greatestFirst: true,
      from: 'md',
      cell: (alert) => formatNumber(alert.count, i18n.language),
    },
    { id: 'lastSeen', name: t('alerts.lastSeen'), sortable: true, greatestFirst: true, from: 'sm', cell: (alert) => <Ago at={alert.lastSeen} /> },
    {
      id: 'status',
      name: t('alerts.status'),
      from: 'md',
      cell: (alert) => (
        <>
          <StatusBadge status={alert.status} />
          {alert.reason && <div className={css.entity}>{nameOf(alert.reason)}</div>}
        </>
      ),
    },
    ...(view === 'mine' ? [] : [{ id: 'assignee', name: t('alerts.assignee'), from: 'lg' as const, cell: owner }]),
  ];
}

/** What the keys and the bar above the list do with alerts. */
function useBulk(triage: Triage): BulkAction<Alert>[] {
  const { t, i18n } = useTranslation(['translation', 'triage']);
  const target = (alerts: Alert[]) => targetOf(alerts, alerts[0] && aboutOf(alerts[0], i18n.language));
  const open = (alert: Alert) => alert.status !== 'closed';
  const exclude: BulkAction<Alert> = {
    id: 'exclude',
    name: t('triage:exclude.action'),
    key: 'e',
    fits: (alert) => !alert.signalKind,
    all: (alerts) => {
      triage.exclude(target(alerts.slice(0, 1)));
    },
  };
  const incident: BulkAction<Alert>[] = triage.incidentActions.map(({ id, name, key, run }) => ({ id, name, key, all: (alerts) => { run(target(alerts)); } }));
  if (!triage.may) return [...incident, ...(triage.mayExclude ? [exclude] : [])];
  return [
    { id: 'take', name: t('alerts.assignMe'), key: 'a', look: 'main', fits: open, all: (alerts) => { triage.take(target(alerts)); } },
    { id: 'note', name: t('triage:note.action'), key: 'n', all: (alerts) => { triage.note(target(alerts)); } },
    { id: 'assign', name: t('triage:bulk.assignTo'), key: 'm', fits: open, all: (alerts) => { triage.assign(target(alerts)); } },
    { id: 'postpone', name: t('triage:today.postpone'), key: 'p', fits: open, all: (alerts) => { triage.postpone(target(alerts)); } },
    { id: 'close', name: t('alerts.close'), key: 'c', fits: open, all: (alerts) => { triage.close(target(alerts)); } },
    { id: 'reopen', name: t('alerts.reopen'), key: 'r', fits: (alert) => !open(alert), all: (alerts) => { triage.reopen(target(alerts)); } },
    ...incident,
    ...(triage.mayExclude ? [exclude] : []),
  ];
}

/** For more than the list shows: everything the filter finds. */
function Whole({ triage, target, closed }: { triage: Triage; target: Target; closed: boolean }) {
  const { t, i18n } = useTranslation(['translation', 'triage']);
  const n = formatNumber(target.count, i18n.language);
  return (
    <Menu>
      <Menu.Target>
        <Button size="compact-xs" variant="default" rightSection={<IconChevronDown size={13} />}>
          {t('triage:whole.with', { n })}
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        {closed ? (
          <Menu.Item onClick={() => { triage.reopen(target); }}>{t('alerts.reopen')}</Menu.Item>
        ) : (
          <>
            <Menu.Item onClick={() => { triage.take(target); }}>{t('alerts.assignMe')}</Menu.Item>
            <Menu.Item onClick={() => { triage.assign(target); }}>{t('triage:bulk.assignTo')}</Menu.Item>
            <Menu.Item onClick={() => { triage.close(target); }}>{t('alerts.close')}</Menu.Item>
          </>
        )}
      </Menu.Dropdown>
    </Menu>
  );
}

function Nothing({ view }: { view: View }) {
  const { t } = useTranslation(['translation', 'triage']);
  if (view === 'queue') {
    return (
      <EmptyState icon={<IconMoodCheck size={34} />} title={t('alerts.none')} text={t('alerts.noneText')}>
        <LinkButton to="/today" variant="default" size="xs">
          {t('nav.today')}
        </LinkButton>
      </EmptyState>
    );
  }
  const of = view === 'closed' ? 'closed' : 'mine';
  return (
    <EmptyState icon={<IconMoodCheck size={34} />} title={t(`triage:none.${of}`)} text={t(`triage:none.${of}Text`)}>
      <LinkButton to="/alerts" variant="default" size="xs">
        {t('triage:view.queue')}
      </LinkButton>
    </EmptyState>
  );
}
