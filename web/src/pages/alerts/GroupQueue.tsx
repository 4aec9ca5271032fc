import { Text } from '@mantine/core';
import { IconStack2 } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';

import { type AlertGroup, groupsQuery } from '../../api/triageQueries';
import { EmptyState } from '../../kit/EmptyState';
import { type Column, List } from '../../kit/List';
import { type AlertsParams, cleared, filterOf, isNarrowed } from '../../lib/alertsParams';
import { formatNumber } from '../../lib/format';
import { levels } from '../../lib/levels';
import { LevelBadge } from '../../ui/Badge';
import { Ago } from '../../ui/Time';
import css from './alerts.module.css';
import { AlertView } from './AlertView';
import { FreshNotice } from './FreshNotice';
import { GroupPanel, GroupReason, groupAddress, groupTarget, groupTitle, useGroupBulk } from './GroupPanel';
import { QueueFilters } from './QueueFilters';
import { useTriage } from './useTriage';

interface Props {
  by: 'campaign' | 'unit';
  params: AlertsParams;
  change: (next: Partial<AlertsParams>, replace?: boolean) => void;
}

/** The queue in groups, each with the reason why its alerts are together; the keys work on whole groups. */
export function GroupQueue({ by, params, change }: Props) {
  const { t, i18n } = useTranslation(['translation', 'triage']);
  const language = i18n.language;
  const { level, unit, q, assignee } = filterOf(params);
  const filter = Object.fromEntries(Object.entries({ level, unit, q, assignee }).filter((pair): pair is [string, string] => pair[1] !== undefined));
  const query = useQuery(groupsQuery({ by, ...filter }));
  const groups = useMemo(() => query.data?.items ?? [], [query.data]);
  const known = useMemo(() => groups.flatMap((group) => group.alertIds.map((id) => ({ id }))), [groups]);
  const seen = useMemo(() => groups.flatMap((group) => group.units), [groups]);
  const triage = useTriage();
  const target = (chosen: readonly AlertGroup[]) => groupTarget(chosen, { by, filter, asOf: query.data?.asOf, language });
  const rank = (group: AlertGroup) => levels.length - levels.indexOf(group.level);
  const columns: Column<AlertGroup>[] = [
    { id: 'level', name: t('alerts.level'), greatestFirst: true, from: 'sm', compare: (a, b) => rank(a) - rank(b), cell: (group) => <LevelBadge level={group.level} /> },
    {
      id: 'what',
      name: t(`triage:group.name.${by}`),
      main: true,
      cell: (group) => groupTitle(group, language),
      under: (group) => <GroupReason group={group} />,
    },
    {
      id: 'alerts',
      name: t('nav.alerts'),
      number: true,
      greatestFirst: true,
      compare: (a, b) => a.alerts - b.alerts,
      cell: (group) => formatNumber(group.alerts, language),
    },
    {
      id: 'unassigned',
      name: t('triage:group.free'),
      number: true,
      greatestFirst: true,
      from: 'md',
      compare: (a, b) => a.unassigned - b.unassigned,
      cell: (group) => (group.unassigned > 0 ? formatNumber(group.unassigned, language) : ''),
    },
    {
      id: 'lastSeen',
      name: t('alerts.lastSeen'),
      greatestFirst: true,
      from: 'md',
      compare: (a, b) => a.lastSeen.localeCompare(b.lastSeen),
      cell: (group) => <Ago at={group.lastSeen} />,
    },
  ];
  return (
    <>
      <FreshNotice known={known} refetch={() => void query.refetch()} />
      {query.data?.capped && (
        <Text size="sm" className="la-dim" mb={6}>
          {t('triage:group.capped', { n: formatNumber(query.data.alerts, language) })}
        </Text>
      )}
      <List<AlertGroup>
        label={t(`triage:view.${by}`)}
        items={groups}
        id={(group) => group.id}
        name={(group) => groupTitle(group, language)}
        columns={columns}
        tone={(group) => group.level}
        query={query}
        sort={params.sort}
        onSort={(sort) => {
          change({ sort }, true);
        }}
        filters={<QueueFilters params={params} change={change} seen={seen} />}
        filtered={isNarrowed(params)}
        onClear={() => {
          change(cleared);
        }}
        empty={<EmptyState icon={<IconStack2 size={34} />} title={t('triage:group.none')} text={t('triage:group.noneText')} />}
        open={params.group}
        onOpen={(group) => {
          change({ group }, params.group !== undefined);
        }}
        panel={(id) => {
          const group = groups.find((one) => one.id === id);
          if (query.isPending) return null;
          if (group?.kind === 'alert') return <AlertView key={id} id={group.value} panel />;
          return group ? (
            <GroupPanel key={id} group={group} triage={triage} target={target([group])} />
          ) : (
            <Text size="sm" className={css.gone}>
              {t('triage:group.gone')}
            </Text>
          );
        }}
        page={(group) => groupAddress(group, filter)}
        bulk={useGroupBulk(triage, target)}
      />
      {triage.dialogs}
    </>
  );
}
