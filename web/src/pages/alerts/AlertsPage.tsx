import { ActionIcon, Button, Checkbox, Group, Menu, Select, Skeleton, TextInput, Tooltip, UnstyledButton } from '@mantine/core';
import { useDebouncedCallback, useMediaQuery } from '@mantine/hooks';
import { IconArrowUp, IconMoodCheck, IconRefresh, IconSearch, IconShieldOff, IconX } from '@tabler/icons-react';
import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router';
import { lazy, Suspense, useEffect, useMemo, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';

import '../../i18n/triage';

import { call } from '../../api/client';
import { onLiveAlert } from '../../api/live';
import { alertsQuery, peopleQuery, sourcesQuery } from '../../api/queries';
import type { Alert, AlertList, AlertStatus, Level } from '../../api/types';
import { useKeys } from '../../app/keys';
import { useSession } from '../../app/session';
import { type AlertsParams, openStatuses, sorts, toggleInList } from '../../lib/alertsParams';
import { collator, formatNumber } from '../../lib/format';
import { levels, statuses } from '../../lib/levels';
import { formatTime } from '../../lib/time';
import { LevelBadge, StatusBadge } from '../../ui/Badge';
import { PageHeader } from '../../ui/PageHeader';
import { EmptyState, ErrorState, Rows } from '../../ui/State';
import { Ago } from '../../ui/Time';
import { useAlertActions } from './actions';
import { AlertView } from './AlertView';
import css from './alerts.module.css';
import { CloseDialog } from './CloseDialog';

const Groups = lazy(() => import('./Groups').then((m) => ({ default: m.Groups })));
const ExcludeDialog = lazy(() => import('./ExcludeDialog').then((m) => ({ default: m.ExcludeDialog })));

const route = getRouteApi('/alerts');
const views = ['flat', 'campaign', 'unit'] as const;

export function AlertsPage() {
  const { t, i18n } = useTranslation(['translation', 'triage']);
  const params = route.useSearch();
  const navigate = route.useNavigate();
  const go = useNavigate();
  const { user } = useSession();
  const wide = useMediaQuery('(min-width: 75em)') ?? true;
  const textInput = useRef<HTMLInputElement>(null);

  const status = params.status ?? openStatuses;
  const sort = params.sort ?? '-lastSeen';
  const filter = { status, level: params.level, unit: params.unit, q: params.q, ruleId: params.ruleId, campaign: params.campaign, assignee: params.assignee, from: params.from, to: params.to, sort };
  const list = useInfiniteQuery(alertsQuery(filter));
  const first = list.data?.pages[0];
  const alerts = useMemo(() => list.data?.pages.flatMap((page) => page.items) ?? [], [list.data]);
  const sources = useQuery(sourcesQuery());
  const units = useMemo(() => {
    const known = new Map<string, string>();
    for (const source of sources.data?.items ?? []) known.set(source.unit, source.unit);
    for (const alert of alerts) known.set(alert.unit, alert.unitName || alert.unit);
    return [...known].map(([value, label]) => ({ value, label })).sort((a, b) => collator.compare(a.label, b.label));
  }, [sources.data, alerts]);

  const change = (next: Partial<Record<keyof AlertsParams, string | undefined>>, replace = false) => {
    void navigate({ search: (old) => ({ ...old, ...next }) as AlertsParams, replace });
  };

  // New alerts are announced, not inserted: the row under the pointer stays.
  const [waiting, setWaiting] = useState<ReadonlySet<string>>(new Set());
  useEffect(
    () =>
      onLiveAlert(({ kind, alert }) => {
        if (kind === 'created') setWaiting((ids) => new Set(ids).add(alert.id));
      }),
    [],
  );
  const fresh = [...waiting].filter((id) => !alerts.some((alert) => alert.id === id)).length;
  const refresh = () => {
    setWaiting(new Set());
    void list.refetch();
  };

  const [selected, setSelected] = useState<ReadonlySet<string>>(new Set());
  const [active, setActive] = useState(-1);
  const [closing, setClosing] = useState<Alert[]>();
  const [excluding, setExcluding] = useState<string>();
  const actions = useAlertActions();
  const people = useQuery(peopleQuery);
  // A group brings ids only; what can be undone is what the alerts were.
  const ofGroup = async (ids: string[]): Promise<Alert[]> => {
    const pages = await call<AlertList>('/alerts', { query: { status: openStatuses, limit: 500, sort: '-lastSeen', unit: params.unit } });
    const known = new Map(pages.items.map((alert) => [alert.id, alert]));
    const missing = ids.filter((id) => !known.has(id));
    const rest = await Promise.all(missing.slice(0, 100).map((id) => call<Alert>(`/alerts/${encodeURIComponent(id)}`)));
    return [...ids.flatMap((id) => known.get(id) ?? []), ...rest];
  };
  const chosen = alerts.filter((alert) => selected.has(alert.id));
  const toggle = (id: string) => {
    setSelected((old) => {
      const next = new Set(old);
      if (!next.delete(id)) next.add(id);
      return next;
    });
  };
  const activeAlert = alerts[active];
  const targets = () => (chosen.length > 0 ? chosen : activeAlert ? [activeAlert] : []);

  const open = (alert: Alert, index: number) => {
    setActive(index);
    if (wide) change({ alert: alert.id }, params.alert !== undefined);
    else void go({ to: '/alerts/$id', params: { id: alert.id } });
  };
  const rows = useRef<(HTMLTableRowElement | null)[]>([]);
  const move = (step: number) => {
    const next = Math.min(alerts.length - 1, Math.max(0, active + step));
    setActive(next);
    rows.current[next]?.scrollIntoView({ block: 'nearest' });
    const alert = alerts[next];
    if (alert && params.alert && wide) change({ alert: alert.id }, true);
  };
  const assign = (list: Alert[]) => {
    actions.change(list, { assigneeId: 'me', status: 'in_progress' }, t('alerts.assigned', { count: list.length }), () => {
      setSelected(new Set());
    });
  };

  useKeys({
    '/': () => textInput.current?.focus(),
    j: () => {
      move(1);
    },
    k: () => {
      move(-1);
    },
    Enter: () => {
      if (!activeAlert) move(1);
      else if (params.alert === activeAlert.id) void go({ to: '/alerts/$id', params: { id: activeAlert.id } });
      else open(activeAlert, active);
    },
    x: () => {
      if (activeAlert) toggle(activeAlert.id);
    },
    a: () => {
      assign(targets());
    },
    c: () => {
      const list = targets();
      if (list.length > 0) setClosing(list);
    },
    e: () => {
      const [only] = targets();
      if (only && !only.signalKind) setExcluding(only.id);
    },
    u: refresh,
    Escape: () => {
      if (params.alert) change({ alert: undefined }, true);
      else setSelected(new Set());
    },
  });

  const setText = useDebouncedCallback((q: string) => {
    change({ q: q || undefined }, true);
  }, 350);
  const filtered = params.level ?? params.unit ?? params.q ?? params.ruleId ?? params.campaign ?? params.assignee ?? params.from ?? params.to;
  const view = params.view ?? 'flat';
  const panelOpen = wide && params.alert !== undefined;

  return (
    <div className={css.page}>
      <PageHeader title={t('nav.alerts')}>
        <Tooltip label={t('action.refresh')}>
          <ActionIcon variant="default" size={32} onClick={refresh} aria-label={t('action.refresh')} loading={list.isRefetching}>
            <IconRefresh size={16} />
          </ActionIcon>
        </Tooltip>
      </PageHeader>

      <div className={css.chips} role="group" aria-label={t('triage:view.label')} style={{ marginBottom: 8 }}>
        {views.map((value) => (
          <button
            key={value}
            type="button"
            className={css.chip}
            aria-pressed={view === value}
            onClick={() => {
              change({ view: value === 'flat' ? undefined : value, campaign: undefined, alert: undefined });
            }}
          >
            {t(`triage:view.${value}`)}
          </button>
        ))}
        {params.campaign && (
          <Button
            size="compact-xs"
            variant="light"
            rightSection={<IconX size={13} />}
            onClick={() => {
              change({ campaign: undefined });
            }}
            aria-label={t('triage:group.leave')}
          >
            {t('triage:group.shown')}
          </Button>
        )}
      </div>

      <div className={css.filters}>
        <TextInput
          ref={textInput}
          size="xs"
          defaultValue={params.q ?? ''}
          key={params.q === undefined ? 'empty' : 'text'}
          onChange={(event) => {
            setText(event.currentTarget.value);
          }}
          leftSection={<IconSearch size={15} />}
          placeholder={t('alerts.find')}
          aria-label={t('alerts.find')}
          className={css.find}
        />
        <Chips<AlertStatus>
          label={t('alerts.status')}
          values={statuses}
          chosen={status}
          counts={first?.byStatus}
          name={(value) => t(`status.${value}`)}
          onToggle={(value) => {
            const next = toggleInList(status, value);
            change({ status: next === openStatuses ? undefined : (next ?? value), alert: undefined });
          }}
        />
        <Chips<Level>
          label={t('alerts.level')}
          values={levels}
          chosen={params.level ?? ''}
          counts={first?.byLevel}
          name={(value) => t(`level.${value}`)}
          tone
          onToggle={(value) => {
            change({ level: toggleInList(params.level, value), alert: undefined });
          }}
        />
        <Select
          size="xs"
          w={190}
          data={units}
          value={params.unit ?? null}
          onChange={(value) => {
            change({ unit: value ?? undefined, alert: undefined });
          }}
          placeholder={t('alerts.allUnits')}
          aria-label={t('alerts.unit')}
          clearable
          searchable
        />
        <Select
          size="xs"
          w={170}
          data={sorts.map((value) => ({ value, label: t(`alerts.sort.${value.slice(1) as 'lastSeen'}`) }))}
          value={sort}
          onChange={(value) => {
            change({ sort: value === '-lastSeen' ? undefined : (value ?? undefined) });
          }}
          aria-label={t('alerts.sortBy')}
          allowDeselect={false}
        />
        {(params.from ?? params.to) !== undefined && (
          <span className="la-dim">
            {t('alerts.opened', { from: params.from ? formatTime(params.from) : '…', to: params.to ? formatTime(params.to) : '…' })}
          </span>
        )}
        {filtered !== undefined && (
          <Button
            size="compact-xs"
            variant="subtle"
            leftSection={<IconX size={13} />}
            onClick={() => {
              change({ level: undefined, unit: undefined, q: undefined, ruleId: undefined, campaign: undefined, assignee: undefined, from: undefined, to: undefined });
            }}
          >
            {t('alerts.clearFilters')}
          </Button>
        )}
      </div>

      <div className={css.notice} role="status">
        {fresh > 0 && (
          <Button size="compact-sm" variant="light" leftSection={<IconArrowUp size={14} />} onClick={refresh}>
            {t('alerts.fresh', { count: fresh })}
          </Button>
        )}
      </div>

      {view !== 'flat' && (
        <section className={`la-card ${css.list ?? ''}`} aria-label={t('nav.alerts')}>
          <Suspense fallback={<Rows count={10} />}>
            <Groups
              by={view}
              filter={{ level: params.level, unit: params.unit, q: params.q, assignee: params.assignee }}
              onTake={(ids) => {
                void ofGroup(ids).then(assign);
              }}
              onClose={(ids) => {
                void ofGroup(ids).then(setClosing);
              }}
            />
          </Suspense>
        </section>
      )}
      {view === 'flat' && (
      <div className={css.split} data-panel={panelOpen || undefined}>
        <section className={`la-card ${css.list ?? ''}`} aria-label={t('nav.alerts')}>
          {chosen.length > 0 && (
            <Group className={css.bulk} gap="xs">
              <b>{t('alerts.selected', { count: chosen.length })}</b>
              <Button
                size="compact-sm"
                variant="default"
                onClick={() => {
                  assign(chosen);
                }}
              >
                {t('alerts.assignMe')}
              </Button>
              <Menu>
                <Menu.Target>
                  <Button size="compact-sm" variant="default">
                    {t('triage:bulk.assignTo')}
                  </Button>
                </Menu.Target>
                <Menu.Dropdown>
                  {people.data?.items.map((person) => (
                    <Menu.Item
                      key={person.id}
                      onClick={() => {
                        actions.change(chosen, { assigneeId: person.id }, t('alerts.assignedTo', { name: person.displayName }), () => {
                          setSelected(new Set());
                        });
                      }}
                    >
                      {person.displayName}
                    </Menu.Item>
                  ))}
                </Menu.Dropdown>
              </Menu>
              <Button
                size="compact-sm"
                onClick={() => {
                  setClosing(chosen);
                }}
              >
                {t('alerts.close')}
              </Button>
              <Button
                size="compact-sm"
                variant="subtle"
                color="gray"
                onClick={() => {
                  setSelected(new Set());
                }}
              >
                {t('alerts.unselect')}
              </Button>
            </Group>
          )}
          {list.error && !list.data && (
            <div style={{ padding: 12 }}>
              <ErrorState error={list.error} retry={refresh} />
            </div>
          )}
          {list.isPending && <Rows count={12} />}
          {list.data && alerts.length === 0 && (
            <EmptyState
              icon={filtered === undefined ? <IconMoodCheck size={34} /> : <IconShieldOff size={34} />}
              title={filtered === undefined ? t('alerts.none') : t('alerts.noneFiltered')}
              text={filtered === undefined ? t('alerts.noneText') : t('alerts.noneFilteredText')}
            />
          )}
          {alerts.length > 0 && (
            <table className={css.table}>
              <thead>
                <tr>
                  <th className={css.check}>
                    <Checkbox
                      size="xs"
                      aria-label={t('alerts.selectAll')}
                      checked={chosen.length === alerts.length}
                      indeterminate={chosen.length > 0 && chosen.length < alerts.length}
                      onChange={(event) => {
                        setSelected(event.currentTarget.checked ? new Set(alerts.map((alert) => alert.id)) : new Set());
                      }}
                    />
                  </th>
                  <th>{t('alerts.level')}</th>
                  <th>{t('alerts.what')}</th>
                  <th className={css.unitCell}>{t('alerts.unit')}</th>
                  <th className={css.countCell}>{t('alerts.count')}</th>
                  <th>{t('alerts.lastSeen')}</th>
                  <th className={css.stateCell}>{t('alerts.status')}</th>
                </tr>
              </thead>
              <tbody>
                {alerts.map((alert, index) => (
                  <tr
                    key={alert.id}
                    ref={(element) => {
                      rows.current[index] = element;
                    }}
                    data-active={index === active || undefined}
                    data-open={alert.id === params.alert || undefined}
                    data-selected={selected.has(alert.id) || undefined}
                    aria-selected={selected.has(alert.id)}
                    onClick={() => {
                      open(alert, index);
                    }}
                    style={{ '--bar': `var(--la-${alert.level}-bar)` } as React.CSSProperties}
                  >
                    <td
                      className={css.check}
                      onClick={(event) => {
                        event.stopPropagation();
                      }}
                    >
                      <Checkbox
                        size="xs"
                        aria-label={t('alerts.select', { title: titleOf(alert, i18n.language) })}
                        checked={selected.has(alert.id)}
                        onChange={() => {
                          toggle(alert.id);
                        }}
                      />
                    </td>
                    <td className={css.levelCell}>
                      <LevelBadge level={alert.level} />
                    </td>
                    <td className={css.what}>
                      <Link
                        to="/alerts/$id"
                        params={{ id: alert.id }}
                        className={css.title}
                        onClick={(event) => {
                          if (event.ctrlKey || event.metaKey || event.shiftKey) event.stopPropagation();
                          else {
                            event.preventDefault();
                          }
                        }}
                      >
                        {titleOf(alert, i18n.language)}
                      </Link>
                      <div className={css.entity}>
                        {alert.entityField && <span className="la-dim">{alert.entityField}: </span>}
                        <span className="la-mono">{alert.entityValue}</span>
                        {alert.assignee && (
                          <span className="la-dim">
                            {' · '}
                            {alert.assignee.id === user.id ? t('alerts.mine') : alert.assignee.displayName}
                          </span>
                        )}
                      </div>
                    </td>
                    <td className={css.unitCell}>{alert.unitName || alert.unit}</td>
                    <td className={`la-num ${css.countCell ?? ''}`}>{formatNumber(alert.count, i18n.language)}</td>
                    <td className={css.timeCell}>
                      <Ago at={alert.lastSeen} />
                    </td>
                    <td className={css.stateCell}>
                      <StatusBadge status={alert.status} />
                    </td>
                  </tr>
                ))}
              </tbody>
            </table>
          )}
          {list.hasNextPage && (
            <UnstyledButton className={css.more} onClick={() => void list.fetchNextPage()} disabled={list.isFetchingNextPage}>
              {list.isFetchingNextPage ? <Skeleton height={14} width={160} mx="auto" /> : t('action.more')}
            </UnstyledButton>
          )}
        </section>
        {panelOpen && params.alert && (
          <aside className={`la-card ${css.panel ?? ''}`} aria-label={t('alerts.detail')}>
            <AlertView
              id={params.alert}
              panel
              onDismiss={() => {
                change({ alert: undefined }, true);
              }}
            />
          </aside>
        )}
      </div>
      )}
      {excluding && (
        <Suspense fallback={null}>
          <ExcludeDialog
            alertId={excluding}
            onClose={() => {
              setExcluding(undefined);
            }}
          />
        </Suspense>
      )}
      {closing && (
        <CloseDialog
          count={closing.length}
          pending={actions.pending}
          onCancel={() => {
            setClosing(undefined);
          }}
          onClose={(reason, note) => {
            actions.change(closing, { status: 'closed', reason, note }, t('alerts.closed', { count: closing.length }), () => {
              setClosing(undefined);
              setSelected(new Set());
            });
          }}
        />
      )}
    </div>
  );
}

function titleOf(alert: Alert, language: string): string {
  return language === 'vi' ? alert.titleVi || alert.title : alert.title;
}

interface ChipsProps<T extends string> {
  label: string;
  values: readonly T[];
  chosen: string;
  counts: Record<T, number> | undefined;
  name: (value: T) => string;
  tone?: boolean;
  onToggle: (value: T) => void;
}

function Chips<T extends string>({ label, values, chosen, counts, name, tone, onToggle }: ChipsProps<T>) {
  const { i18n } = useTranslation();
  const on = chosen.split(',');
  return (
    <div className={css.chips} role="group" aria-label={label}>
      {values.map((value) => (
        <button
          key={value}
          type="button"
          className={css.chip}
          aria-pressed={on.includes(value)}
          onClick={() => {
            onToggle(value);
          }}
        >
          {tone && <span className={css.swatch} style={{ background: `var(--la-${value}-bar)` }} aria-hidden="true" />}
          {name(value)}
          {counts && <span className="la-num la-dim">{formatNumber(counts[value] ?? 0, i18n.language)}</span>}
        </button>
      ))}
    </div>
  );
}
