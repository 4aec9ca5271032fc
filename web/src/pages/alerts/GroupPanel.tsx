import '../../i18n/triage';

import { Button, Group, Stack, Text } from '@mantine/core';
import { IconList } from '@tabler/icons-react';
import { useInfiniteQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';

import { alertsQuery } from '../../api/queries';
import type { AlertGroup } from '../../api/triageQueries';
import { DrillMark } from '../../kit/Drill';
import { EntityValue } from '../../kit/EntityLink';
import type { BulkAction } from '../../kit/List';
import { openStatuses } from '../../lib/alertsParams';
import { formatNumber } from '../../lib/format';
import { LevelBadge, StatusBadge } from '../../ui/Badge';
import { LinkButton } from '../../ui/links';
import { ErrorState, Rows } from '../../ui/State';
import { Ago } from '../../ui/Time';
import css from './alerts.module.css';
import { titleOf } from './names';
import type { Target } from './useBatch';
import type { Triage } from './useTriage';

export const groupTitle = (group: AlertGroup, language: string) => (language === 'vi' ? group.titleVi : group.title);

const searchOf = (group: AlertGroup): Record<string, string> => (group.kind === 'unit' ? { unit: group.value } : { campaign: group.id });

/** The page of a group: its one alert, or its alerts in the queue under the filter it was shown with. */
export function groupAddress(group: AlertGroup, under?: Record<string, string>): string {
  if (group.kind === 'alert') return `/alerts/${encodeURIComponent(group.value)}`;
  return `/alerts?${new URLSearchParams({ ...under, ...searchOf(group) }).toString()}`;
}

interface From {
  by: 'campaign' | 'unit' | 'today';
  filter?: Record<string, string>;
  asOf: string | undefined;
  language: string;
}

/** Groups as something to be changed: all their alerts, also those the answer does not list. */
export function groupTarget(groups: readonly AlertGroup[], { by, filter, asOf, language }: From): Target {
  const narrowed = filter && Object.keys(filter).length > 0;
  const count = groups.reduce((sum, group) => sum + group.alerts, 0);
  const [first] = groups;
  const only = groups.length === 1 ? first : undefined;
  return {
    selections: groups.map((group) => ({ group: group.id, by, ...(narrowed && { filter }) })),
    asOf,
    under: filter,
    finds: groups.map((group) => (group.kind === 'alert' ? { alert: group.value } : { filter: { ...filter, ...searchOf(group) } })),
    count,
    title: only && count === 1 ? groupTitle(only, language) : undefined,
    example: only?.rules === 1 ? only.alertIds[0] : undefined,
  };
}

/** Why the alerts of a group are together, and how many there are of what. */
export function GroupReason({ group }: { group: AlertGroup }) {
  const { t, i18n } = useTranslation(['translation', 'triage']);
  return (
    <div className={css.entity}>
      <div className={css.phone}>
        <LevelBadge level={group.level} />
      </div>
      {group.drill !== '' && <DrillMark />}
      <div>{i18n.language === 'vi' ? group.reasonVi : group.reason}</div>
      <div className="la-dim">
        {t('triage:group.events', { n: formatNumber(group.events, i18n.language) })}
        {group.unitCount > 1 && ` · ${group.units.map((unit) => unit.name).join(', ')}`}
        <span className={css.narrow}>
          {group.unassigned > 0 && ` · ${t('triage:group.unassigned', { count: group.unassigned })}`} · <Ago at={group.lastSeen} />
        </span>
      </div>
    </div>
  );
}

export function useGroupBulk<T extends AlertGroup>(triage: Triage, target: (groups: readonly T[]) => Target): BulkAction<T>[] {
  const { t } = useTranslation(['translation', 'triage']);
  if (!triage.may) return [];
  return [
    { id: 'take', name: t('triage:group.take'), key: 'a', look: 'main', all: (groups) => { triage.take(target(groups)); } },
    { id: 'note', name: t('triage:note.action'), key: 'n', all: (groups) => { triage.note(target(groups)); } },
    { id: 'assign', name: t('triage:bulk.assignTo'), key: 'm', all: (groups) => { triage.assign(target(groups)); } },
    { id: 'postpone', name: t('triage:today.postpone'), key: 'p', all: (groups) => { triage.postpone(target(groups)); } },
    { id: 'close', name: t('triage:group.close'), key: 'c', all: (groups) => { triage.close(target(groups)); } },
    ...triage.incidentActions.map(({ id, name, key, run }) => ({ id, name, key, all: (groups: T[]) => { run(target(groups)); } })),
    ...(triage.mayExclude
      ? [
          {
            id: 'exclude',
            name: t('triage:exclude.action'),
            key: 'e',
            fits: (group: T) => target([group]).example !== undefined,
            all: (groups: T[]) => {
              triage.exclude(target(groups.slice(0, 1)));
            },
          },
        ]
      : []),
  ];
}

/** A group's alerts, and what is done with all of them. */
export function GroupPanel({ group, triage, target, children }: { group: AlertGroup; triage: Triage; target: Target; children?: React.ReactNode }) {
  const { t, i18n } = useTranslation(['translation', 'triage']);
  const filter = group.kind === 'alert' ? undefined : { ...target.under, ...searchOf(group) };
  const query = useInfiniteQuery({ ...alertsQuery({ status: openStatuses, sort: '-level', ...filter }), enabled: filter !== undefined });
  const alerts = query.data?.pages.flatMap((page) => page.items) ?? [];
  const count = formatNumber(target.count, i18n.language);
  return (
    <Stack gap="sm">
      {children}
      <Text size="sm">{i18n.language === 'vi' ? group.reasonVi : group.reason}</Text>
      {triage.may && (
        <Group gap="xs">
          <Button size="xs" onClick={() => { triage.take(target); }}>
            {t('triage:group.takeAll', { n: count })}
          </Button>
          <Button size="xs" variant="default" onClick={() => { triage.close(target); }}>
            {t('triage:group.closeAll', { n: count })}
          </Button>
          <Button size="xs" variant="default" onClick={() => { triage.note(target); }}>
            {t('triage:note.action')}
          </Button>
          {triage.incidentActions.map(({ id, name, run }) => (
            <Button key={id} size="xs" variant="default" onClick={() => { run(target); }}>
              {name}
            </Button>
          ))}
          {filter && (
            <LinkButton to="/alerts" search={filter} size="xs" variant="subtle" leftSection={<IconList size={14} />}>
              {t('triage:group.open')}
            </LinkButton>
          )}
        </Group>
      )}
      {query.error && !query.data && <ErrorState error={query.error} retry={() => void query.refetch()} />}
      {filter && query.isPending && <Rows count={6} />}
      {group.kind === 'alert' && (
        <Link to="/alerts/$id" params={{ id: group.value }}>
          {t('triage:group.openOne')}
        </Link>
      )}
      <ul className={css.members} aria-label={t('triage:group.members')}>
        {alerts.map((alert) => (
          <li key={alert.id} style={{ '--bar': `var(--la-${alert.level}-bar)` } as React.CSSProperties}>
            <div className={css.member}>
              <Link to="/alerts/$id" params={{ id: alert.id }} className={css.title}>
                {titleOf(alert, i18n.language)}
              </Link>
              <span className={css.marks}>
                <LevelBadge level={alert.level} /> <StatusBadge status={alert.status} />
              </span>
            </div>
            <div className={css.entity}>
              <EntityValue field={alert.entityField} value={alert.entityValue} className="la-mono" />
              <span className="la-dim">
                {' · '}
                {alert.unitName || alert.unit} · <Ago at={alert.lastSeen} />
                {alert.assignee && ` · ${alert.assignee.displayName}`}
              </span>
            </div>
          </li>
        ))}
      </ul>
      {query.hasNextPage && (
        <Button variant="subtle" loading={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>
          {t('action.more')}
        </Button>
      )}
    </Stack>
  );
}
