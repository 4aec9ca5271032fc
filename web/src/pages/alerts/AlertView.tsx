import '../../i18n/triage';

import { Anchor, Button, CloseButton, Group, Menu, Stack, Text, Title, Tooltip } from '@mantine/core';
import { IconArrowsMaximize, IconChevronDown, IconLink, IconSearch } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { lazy, Suspense, useState } from 'react';
import type { TFunction } from 'i18next';
import { useTranslation } from 'react-i18next';

import { alertEventsQuery, alertEventsShown, alertQuery, peopleQuery } from '../../api/queries';
import type { AlertDetail, AlertHistory, LogEvent } from '../../api/types';
import { useKeys } from '../../app/keys';
import { useMay, useSession } from '../../app/session';
import { summary } from '../../lib/events';
import { formatNumber, readTag } from '../../lib/format';
import { isReason, isStatus } from '../../lib/levels';
import { formatTime } from '../../lib/time';
import { LevelBadge, StatusBadge } from '../../ui/Badge';
import { Copy } from '../../ui/Copy';
import { LinkButton, LinkIcon } from '../../ui/links';
import { ErrorState, Rows } from '../../ui/State';
import { Time } from '../../ui/Time';
import { EventDrawer } from '../search/EventDrawer';
import { useAlertActions } from './actions';
import css from './alerts.module.css';
import { CloseDialog } from './CloseDialog';

const Guidance = lazy(() => import('./Guidance').then((m) => ({ default: m.Guidance })));
const Similar = lazy(() => import('./Similar').then((m) => ({ default: m.Similar })));
const ExcludeDialog = lazy(() => import('./ExcludeDialog').then((m) => ({ default: m.ExcludeDialog })));
const Why = lazy(() => import('./why/Why').then((m) => ({ default: m.Why })));
const Signal = lazy(() => import('./why/Signal').then((m) => ({ default: m.Signal })));

function Tags({ tags }: { tags: string[] }) {
  const { t } = useTranslation();
  const read = tags.map(readTag).filter((tag) => tag.kind !== 'other');
  if (read.length === 0) return null;
  return (
    <Group gap={6} role="list" aria-label={t('alerts.attack')}>
      {read.map((tag) => (
        <span key={tag.label} role="listitem" className={css.tag} data-kind={tag.kind}>
          {tag.label}
        </span>
      ))}
    </Group>
  );
}

function MatchedEvents({ alert }: { alert: AlertDetail }) {
  const { t, i18n } = useTranslation();
  const { data, error, isPending, refetch } = useQuery(alertEventsQuery(alert.id));
  const [shown, setShown] = useState<LogEvent>();
  // A signal may be about no events at all.
  if (alert.signal && data?.query === '') return null;
  // The count of a correlation's alert is of series, each of several events; that of a signal, of times it was raised.
  const listed = data?.events.length ?? 0;
  const count = alert.series ?? alert.signal ? `${String(listed)}${listed < alertEventsShown ? '' : '+'}` : formatNumber(alert.count, i18n.language);
  return (
    <section>
      <div className={css.sectionHead}>
        <Title order={3}>{t('alerts.events', { n: count })}</Title>
        {data && (
          <LinkButton
            to="/search"
            search={{ q: data.query, from: data.from, to: data.to }}
            size="compact-sm"
            variant="default"
            leftSection={<IconSearch size={14} />}
          >
            {t('alerts.openSearch')}
          </LinkButton>
        )}
      </div>
      {error && <ErrorState error={error} retry={() => void refetch()} />}
      {isPending && <Rows count={4} />}
      {data?.events.length === 0 && (
        <Text size="sm" className="la-dim">
          {t('alerts.eventsGone')}
        </Text>
      )}
      <ul className={css.events}>
        {data?.events.map((event) => (
          <li key={event.id}>
            <button
              type="button"
              onClick={() => {
                setShown(event);
              }}
            >
              <span className="la-dim">
                <Time at={event.time} />
              </span>
              <span className="la-mono">{summary(event)}</span>
            </button>
          </li>
        ))}
      </ul>
      {shown && (
        <EventFromAlert
          event={shown}
          onClose={() => {
            setShown(undefined);
          }}
        />
      )}
    </section>
  );
}

function EventFromAlert({ event, onClose }: { event: LogEvent; onClose: () => void }) {
  useKeys({ Escape: onClose }, { over: true });
  const [id, setId] = useState(event.id);
  const openSearch = (field: string, value: string, negate: boolean) => {
    const at = Date.parse(event.time);
    void import('../../lib/query').then(({ addFilter }) => {
      const params = new URLSearchParams({
        q: addFilter('', field, value, negate),
        from: new Date(at - 3_600_000).toISOString(),
        to: new Date(at + 3_600_000).toISOString(),
      });
      window.location.assign(`/search?${params.toString()}`);
    });
  };
  return (
    <EventDrawer
      id={id}
      known={id === event.id ? event : undefined}
      onFilter={openSearch}
      onClose={onClose}
      onShow={setId}
    />
  );
}

function historyWords(entry: AlertHistory, t: TFunction<['translation', 'triage']>, people: Map<string, string>): string {
  const reason = isReason(entry.reason) ? entry.reason : undefined;
  const state = (value: string) => (isStatus(value) ? t(`status.${value}`) : value);
  switch (entry.action) {
    case 'status': {
      const words = t('alerts.history.status', { from: state(entry.from), to: state(entry.to) });
      return reason ? `${words} (${t(`reason.${reason}`)})` : words;
    }
    case 'assign':
      return entry.to
        ? t('alerts.history.assigned', { to: people.get(entry.to) ?? entry.to })
        : t('alerts.history.unassigned');
    case 'note':
      return t('alerts.history.noted');
    case 'postpone':
      return entry.to ? t('triage:history.postponed', { to: formatTime(entry.to) }) : t('triage:history.resumed');
    case 'settled':
      return t('alerts.history.settled');
    case 'raised':
      return t('alerts.history.raised');
    default:
      return entry.action;
  }
}

function History({ alert }: { alert: AlertDetail }) {
  const { t } = useTranslation(['translation', 'triage']);
  const { data } = useQuery(peopleQuery);
  const people = new Map((data?.items ?? []).map((person) => [person.id, person.displayName]));
  return (
    <section>
      <Title order={3} mb={6}>
        {t('alerts.history.title')}
      </Title>
      <ol className={css.history}>
        <li>
          <div>{t('alerts.history.created')}</div>
          <div className="la-dim" style={{ fontSize: 12 }}>
            <Time at={alert.createdAt} />
          </div>
        </li>
        {alert.history.map((entry, i) => (
          <li key={`${entry.at}${String(i)}`}>
            <div>
              <b>{(people.get(entry.by) ?? entry.by) || t('alerts.history.system')}</b> {historyWords(entry, t, people)}
            </div>
            {entry.note && <div className="la-wrap">{entry.note}</div>}
            <div className="la-dim" style={{ fontSize: 12 }}>
              <Time at={entry.at} />
            </div>
          </li>
        ))}
      </ol>
    </section>
  );
}

interface Props {
  id: string;
  panel?: boolean;
  onDismiss?: () => void;
}

export function AlertView({ id, panel, onDismiss }: Props) {
  const { t, i18n } = useTranslation(['translation', 'triage']);
  const { data: alert, error, isPending, refetch } = useQuery(alertQuery(id));
  const { user } = useSession();
  const actions = useAlertActions();
  const [closing, setClosing] = useState(false);
  const [excluding, setExcluding] = useState(false);
  const may = useMay();
  const { data: people } = useQuery(peopleQuery);
  const others = (people?.items ?? []).filter((person) => person.id !== user.id && person.id !== alert?.assignee?.id);
  const mine = alert?.assignee?.id === user.id;
  const assign = () => {
    if (alert) actions.change([alert], { assigneeId: 'me', status: 'in_progress' }, t('alerts.assigned', { count: 1 }));
  };
  useKeys(
    {
      c: () => {
        if (alert && alert.status !== 'closed') setClosing(true);
      },
      a: assign,
      e: () => {
        if (alert && !alert.signal && may('exclusion.propose')) setExcluding(true);
      },
    },
    { enabled: !panel },
  );

  if (error && !alert) {
    return (
      <div style={{ padding: 14 }}>
        <ErrorState error={error} retry={() => void refetch()} />
      </div>
    );
  }
  if (isPending) return <Rows count={10} />;

  const vietnamese = i18n.language === 'vi';
  const title = vietnamese ? alert.titleVi || alert.title : alert.title;
  // The rule may have been removed since.
  const { rule, signal } = alert;
  const signalText = vietnamese ? signal?.explanationVi : signal?.explanation;
  const explanation = signalText ?? (rule && (rule.explanationVi || rule.description));
  const language = signal ? i18n.language : 'vi';
  const falsepositives = rule?.falsepositives ?? [];
  const references = rule?.references ?? [];
  return (
    <article className={css.view} aria-label={title}>
      <header className={css.viewHead}>
        <Group justify="space-between" wrap="nowrap" align="flex-start">
          <Group gap={6}>
            <LevelBadge level={alert.level} />
            <StatusBadge status={alert.status} />
            {isReason(alert.reason) && <span className="la-dim">{t(`reason.${alert.reason}`)}</span>}
          </Group>
          {panel && (
            <Group gap={2} wrap="nowrap">
              <Tooltip label={t('alerts.fullPage')}>
                <LinkIcon to="/alerts/$id" params={{ id }} aria-label={t('alerts.fullPage')}>
                  <IconArrowsMaximize size={16} />
                </LinkIcon>
              </Tooltip>
              <CloseButton size="sm" aria-label={t('action.close')} onClick={onDismiss} />
            </Group>
          )}
        </Group>
        <Title order={panel ? 2 : 1} mt={8}>
          {title}
        </Title>
        {vietnamese && alert.titleVi && alert.titleVi !== alert.title && (
          <Text size="xs" className="la-dim" lang="en">
            {alert.title}
          </Text>
        )}
        <Group gap="xs" mt="sm">
          {alert.status === 'closed' ? (
            <Button
              size="xs"
              variant="default"
              loading={actions.pending}
              onClick={() => {
                actions.change([alert], { status: 'in_progress' }, t('alerts.reopened'));
              }}
            >
              {t('alerts.reopen')}
            </Button>
          ) : (
            <>
              {!mine && (
                <Button size="xs" variant="default" loading={actions.pending} onClick={assign}>
                  {t('alerts.assignMe')}
                </Button>
              )}
              <Button
                size="xs"
                onClick={() => {
                  setClosing(true);
                }}
              >
                {t('alerts.close')}
              </Button>
              <Menu>
                  <Menu.Target>
                    <Button size="xs" variant="subtle" color="gray" rightSection={<IconChevronDown size={13} />}>
                      {t('alerts.moreActions')}
                    </Button>
                  </Menu.Target>
                  <Menu.Dropdown>
                    {alert.assignee && (
                      <Menu.Item
                        onClick={() => {
                          actions.change([alert], { assigneeId: null }, t('alerts.unassigned'));
                        }}
                      >
                        {t('alerts.unassign')}
                      </Menu.Item>
                    )}
                    {others.length > 0 && <Menu.Label>{t('alerts.assignTo')}</Menu.Label>}
                    {others.map((person) => (
                      <Menu.Item
                        key={person.id}
                        onClick={() => {
                          actions.change(
                            [alert],
                            { assigneeId: person.id },
                            t('alerts.assignedTo', { name: person.displayName }),
                          );
                        }}
                      >
                        {person.displayName}
                      </Menu.Item>
                    ))}
                    <Menu.Divider />
                    <Menu.Item
                      disabled={alert.status === 'new'}
                      onClick={() => {
                        actions.change([alert], { status: 'new' }, t('alerts.madeNew'));
                      }}
                    >
                      {t('alerts.backToNew')}
                    </Menu.Item>
                  </Menu.Dropdown>
              </Menu>
            </>
          )}
          {!signal && may('exclusion.propose') && (
            <Button
              size="xs"
              variant="default"
              onClick={() => {
                setExcluding(true);
              }}
            >
              {t('triage:exclude.action')}
            </Button>
          )}
          <Copy value={`${window.location.origin}/alerts/${id}`} label={t('alerts.copyLink')} />
        </Group>
      </header>

      <dl className={css.facts}>
        <div>
          <dt>{alert.entityField || t('alerts.entity')}</dt>
          <dd>
            <span className="la-mono la-wrap">{alert.entityValue}</span> <Copy value={alert.entityValue} />
          </dd>
        </div>
        <div>
          <dt>{t('alerts.unit')}</dt>
          <dd>{alert.unitName || alert.unit}</dd>
        </div>
        <div>
          <dt>{t('alerts.count')}</dt>
          <dd className="la-num">{formatNumber(alert.count, i18n.language)}</dd>
        </div>
        <div>
          <dt>{t('alerts.firstSeen')}</dt>
          <dd>
            <Time at={alert.firstSeen} />
          </dd>
        </div>
        <div>
          <dt>{t('alerts.lastSeen')}</dt>
          <dd>
            <Time at={alert.lastSeen} />
          </dd>
        </div>
        <div>
          <dt>{t('alerts.assignee')}</dt>
          <dd>{alert.assignee?.displayName ?? t('alerts.nobody')}</dd>
        </div>
      </dl>

      <div className={panel ? css.stack : css.two}>
        <Stack gap="md">
          {explanation && (
            <section className={css.explain}>
              <Title order={3} mb={4}>
                {t('alerts.explanation')}
              </Title>
              <p lang={rule && !rule.explanationVi ? 'en' : language}>{explanation}</p>
            </section>
          )}
          <Suspense fallback={<Rows count={4} />}>
            <Guidance key={id} alert={alert} />
          </Suspense>
          <Suspense fallback={<Rows count={5} />}>
            {signal ? <Signal signal={signal} /> : <Why key={id} alert={alert} />}
          </Suspense>
          <MatchedEvents alert={alert} />
        </Stack>
        <Stack gap="md">
          {alert.note && (
            <section>
              <Title order={3} mb={4}>
                {t('alerts.note')}
              </Title>
              <p className="la-wrap" style={{ margin: 0 }}>
                {alert.note}
              </p>
            </section>
          )}
          {signal ? (
            <Link to="/alerts" search={{ ruleId: alert.ruleId, status: 'new,in_progress,closed' }}>
              {t('alerts.sameKind')}
            </Link>
          ) : (
            <section>
              <Title order={3} mb={6}>
                {t('alerts.attack')}
              </Title>
              <Tags tags={alert.tags} />
              <Group gap={6} mt={8}>
                <Link to="/rules/$id" params={{ id: alert.ruleId }}>
                  {t('alerts.openRule')}
                </Link>
                <span className="la-dim">·</span>
                <Link to="/alerts" search={{ ruleId: alert.ruleId, status: 'new,in_progress,closed' }}>
                  {t('alerts.sameRule')}
                </Link>
              </Group>
            </section>
          )}
          {falsepositives.length > 0 && (
            <section>
              <Title order={3} mb={4}>
                {t('alerts.falsepositives')}
              </Title>
              <ul className={css.plain}>
                {falsepositives.map((text) => (
                  <li key={text}>{text}</li>
                ))}
              </ul>
            </section>
          )}
          {references.length > 0 && (
            <section>
              <Title order={3} mb={4}>
                {t('alerts.references')}
              </Title>
              <ul className={css.plain}>
                {references.map((link) => (
                  <li key={link} className="la-wrap">
                    {/^https?:\/\//.test(link) ? (
                      <Anchor href={link} target="_blank" rel="noreferrer noopener" size="sm" c="var(--la-accent)">
                        <IconLink size={12} /> {link}
                      </Anchor>
                    ) : (
                      link
                    )}
                  </li>
                ))}
              </ul>
            </section>
          )}
          <Suspense fallback={<Rows count={3} />}>
            <Similar
              key={id}
              alert={alert}
              onClose={(reason, note) => {
                actions.change([alert], { status: 'closed', reason, note }, t('alerts.closed', { count: 1 }));
              }}
            />
          </Suspense>
          <History alert={alert} />
        </Stack>
      </div>
      {excluding && (
        <Suspense fallback={null}>
          <ExcludeDialog
            alertId={id}
            onClose={() => {
              setExcluding(false);
            }}
          />
        </Suspense>
      )}
      {closing && (
        <CloseDialog
          count={1}
          pending={actions.pending}
          onCancel={() => {
            setClosing(false);
          }}
          onClose={(reason, note) => {
            actions.change([alert], { status: 'closed', reason, note }, t('alerts.closed', { count: 1 }), () => {
              setClosing(false);
            });
          }}
        />
      )}
    </article>
  );
}
