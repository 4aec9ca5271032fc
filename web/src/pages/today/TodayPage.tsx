import '../../i18n/incidents';
import '../../i18n/triage';

import { Alert, Button, Group, Text } from '@mantine/core';
import { IconConfetti, IconGavel } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { lazy, Suspense, useMemo } from 'react';
import { useTranslation } from 'react-i18next';

import { wallQuery } from '../../api/obligationQueries';
import { type Today, todayQuery, type TodayThing } from '../../api/triageQueries';
import { useMay } from '../../app/session';
import { EmptyState } from '../../kit/EmptyState';
import { type Column, List } from '../../kit/List';
import { LevelBadge } from '../../ui/Badge';
import { LinkButton } from '../../ui/links';
import page from '../../ui/page.module.css';
import { PageHeader } from '../../ui/PageHeader';
import css from '../alerts/alerts.module.css';
import { AlertView } from '../alerts/AlertView';
import { GroupPanel, GroupReason, groupAddress, groupTarget, groupTitle, useGroupBulk } from '../alerts/GroupPanel';
import type { Target } from '../alerts/useBatch';
import { type Triage, useTriage } from '../alerts/useTriage';

const MissingYears = lazy(() => import('../obligations/notices').then((m) => ({ default: m.MissingYears })));
const MyTasks = lazy(() => import('../incidents/MyTasks').then((m) => ({ default: m.MyTasks })));
const IncidentsHere = lazy(() => import('../incidents/IncidentsHere').then((m) => ({ default: m.IncidentsHere })));

const route = getRouteApi('/today');

/** At most ten things, each with the reasons of its place and what can be done about it. */
export function TodayPage() {
  const { t, i18n } = useTranslation(['translation', 'triage', 'incidents']);
  const mayIncident = useMay()('incident.read');
  const params = route.useSearch();
  const navigate = route.useNavigate();
  const query = useQuery(todayQuery);
  const { data } = query;
  const things = useMemo(() => data?.items ?? [], [data]);
  const triage = useTriage();
  const language = i18n.language;
  const target = (chosen: readonly TodayThing[]) => groupTarget(chosen, { by: 'today', asOf: data?.asOf, language });
  const columns: Column<TodayThing>[] = [
    { id: 'rank', name: t('triage:today.rank'), hiddenName: true, cell: (thing) => <span className={css.rank}>{thing.rank}</span> },
    {
      id: 'what',
      name: t('triage:today.thing'),
      main: true,
      cell: (thing) => groupTitle(thing, language),
      under: (thing) => <Thing thing={thing} triage={triage} target={target([thing])} />,
    },
    { id: 'level', name: t('alerts.level'), from: 'sm', cell: (thing) => <LevelBadge level={thing.level} /> },
  ];
  return (
    <div className={page.page} data-full>
      <PageHeader title={t('nav.today')}>
        <LinkButton to="/alerts" variant="default" size="xs">
          {t('triage:today.queue')}
        </LinkButton>
      </PageHeader>
      <Text size="sm" className="la-dim" mb="sm">
        {t('triage:today.intro')} {data && <Counts data={data} />}
      </Text>
      <DutiesDue />
      {mayIncident && (
        <Suspense fallback={null}>
          <MyTasks />
          <IncidentsHere filter={{ lead: 'none', limit: 5 }} title={t('incidents:here.unled')} quiet all={{ view: 'unled' }} />
          <IncidentsHere filter={{ lead: 'me', limit: 5 }} title={t('incidents:here.mine')} quiet all={{ view: 'mine' }} />
        </Suspense>
      )}
      <List<TodayThing>
        label={t('nav.today')}
        items={things}
        id={(thing) => thing.id}
        name={(thing) => groupTitle(thing, language)}
        columns={columns}
        tone={(thing) => thing.level}
        query={query}
        empty={data && <Done data={data} />}
        open={params.id}
        onOpen={(id) => {
          void navigate({ search: { id }, replace: params.id !== undefined });
        }}
        panel={(id) => {
          const thing = things.find((one) => one.id === id);
          if (thing?.kind === 'alert') return <AlertView key={id} id={thing.value} panel />;
          if (thing) return <GroupPanel key={id} group={thing} triage={triage} target={target([thing])} />;
          return query.isPending ? null : <Text size="sm">{t('triage:today.gone')}</Text>;
        }}
        page={(thing) => groupAddress(thing)}
        bulk={useGroupBulk(triage, target)}
      />
      {data && data.left > 0 && things.length > 0 && (
        <Text size="sm" mt="sm">
          <Link to="/alerts" search={{ view: 'campaign' }}>
            {t('triage:today.rest', { count: data.left })}
          </Link>
        </Text>
      )}
      {triage.dialogs}
    </div>
  );
}

/** The duties that are late or due within a day, before everything else that waits. */
function DutiesDue() {
  const { t } = useTranslation(['translation', 'triage']);
  const may = useMay();
  const { data } = useQuery({ ...wallQuery(false), enabled: may('obligation.read') });
  if (!data) return null;
  const missing = (
    <Suspense fallback={null}>
      <MissingYears years={data.missingYears} />
    </Suspense>
  );
  if (data.late + data.soon === 0) return missing;
  return (
    <>
      {missing}
      <Alert
        mb="sm"
        icon={<IconGavel size={18} />}
        styles={{
          root: { background: `var(--la-${data.late > 0 ? 'critical' : 'medium'}-bg)` },
          icon: { color: `var(--la-${data.late > 0 ? 'critical' : 'medium'})` },
          message: { color: 'var(--mantine-color-text)' },
        }}
      >
        {t('nav.duties', { late: data.late, soon: data.soon })}.{' '}
        <Link to="/obligations" search={{ view: data.late > 0 ? 'late' : 'soon' }} style={{ textDecoration: 'underline' }}>
          {t('nav.obligations')}
        </Link>
      </Alert>
    </>
  );
}

function Counts({ data }: { data: Today }) {
  const { t } = useTranslation(['translation', 'triage']);
  const parts = [
    data.done > 0 && t('triage:today.closedToday', { count: data.done }),
    data.postponed > 0 && t('triage:today.postponedCount', { count: data.postponed }),
    data.others > 0 && t('triage:today.others', { count: data.others }),
  ].filter(Boolean);
  return parts.length > 0 && <b>{`${parts.join(' · ')}.`}</b>;
}

/** Why a thing stands where it does, and what can be done about it without opening it. */
function Thing({ thing, triage, target }: { thing: TodayThing; triage: Triage; target: Target }) {
  const { t, i18n } = useTranslation(['translation', 'triage']);
  return (
    <>
      <GroupReason group={thing} />
      <ul className={css.points} aria-label={t('triage:today.why', { rank: thing.rank })}>
        {thing.why.map((point) => (
          <li key={point.code} data-less={point.points < 0 || undefined}>
            {i18n.language === 'vi' ? point.textVi : point.text} <span className="la-num">{point.points > 0 ? `+${String(point.points)}` : point.points}</span>
          </li>
        ))}
        <li className="la-dim">{t('triage:today.points', { n: thing.score })}</li>
      </ul>
      {triage.may && (
        <Group gap={6} mt={6}>
          {!thing.mine && (
            <Button size="compact-sm" variant="default" onClick={() => { triage.take(target); }}>
              {t('triage:today.take')}
            </Button>
          )}
          <Button size="compact-sm" variant="default" onClick={() => { triage.note(target); }}>
            {t('triage:note.action')}
          </Button>
          <Button size="compact-sm" variant="default" onClick={() => { triage.postpone(target); }}>
            {t('triage:today.postpone')}
          </Button>
          <Button size="compact-sm" variant="default" onClick={() => { triage.close(target); }}>
            {t('triage:today.done')}
          </Button>
        </Group>
      )}
    </>
  );
}

/** Nothing presses: what a good use of the time is. */
function Done({ data }: { data: Today }) {
  const { t } = useTranslation(['translation', 'triage']);
  return (
    <EmptyState icon={<IconConfetti size={34} />} title={t('triage:today.allDone')} text={t('triage:today.allDoneText')}>
      {data.done > 0 && (
        <Text size="sm" ta="center">
          {t('triage:today.closedToday', { count: data.done })}
        </Text>
      )}
      <ul className={css.next}>
        {data.others > 0 && (
          <li>
            <Link to="/alerts" search={{ view: 'campaign' }}>
              {t('triage:next.others', { count: data.others })}
            </Link>
          </li>
        )}
        {data.postponed > 0 && (
          <li>
            <Link to="/alerts">{t('triage:next.postponed', { count: data.postponed })}</Link>
          </li>
        )}
        <li>
          <Link to="/sources">{t('triage:next.sources')}</Link>
        </li>
        <li>
          <Link to="/exclusions" search={{ state: 'proposed' }}>
            {t('triage:next.exclusions')}
          </Link>
        </li>
        <li>
          <Link to="/attack">{t('triage:next.attack')}</Link>
        </li>
        <li>
          <Link to="/search">{t('triage:next.search')}</Link>
        </li>
      </ul>
    </EmptyState>
  );
}
