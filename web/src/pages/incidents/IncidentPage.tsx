import '../../i18n/incidents';

import { Tabs } from '@mantine/core';
import { IconArrowLeft } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { type ComponentType, lazy, Suspense } from 'react';
import { useTranslation } from 'react-i18next';

import { incidentAlertsQuery, type IncidentDetail, incidentObservablesQuery, incidentQuery, incidentTasksQuery } from '../../api/incidentQueries';
import { useMay } from '../../app/session';
import { useActions } from '../../kit/actions';
import { DrillBand } from '../../kit/Drill';
import { type IncidentTab, incidentTabs } from '../../lib/incidentParams';
import page from '../../ui/page.module.css';
import { usePageTitle } from '../../ui/PageHeader';
import { ErrorState, Rows } from '../../ui/State';
import { Head, nextPhase } from './Head';
import css from './incidents.module.css';
import { Deadlines, NextSteps } from './NextSteps';
import { type Acting, useActing } from './useActing';

const DocumentsOf = lazy(() => import('../documents/DocumentsOf').then((m) => ({ default: m.DocumentsOf })));
const AsksOf = lazy(() => import('../response/AsksOf').then((m) => ({ default: m.AsksOf })));
const Sharing = lazy(() => import('./Sharing').then((m) => ({ default: m.Sharing })));
const ObligationsOf = lazy(() => import('../obligations/ObligationsOf').then((m) => ({ default: m.ObligationsOf })));

export interface TabProps {
  incident: IncidentDetail;
  acting: Acting;
}

const contents: Partial<Record<IncidentTab, ComponentType<TabProps>>> = {
  overview: lazy(() => import('./Overview').then((m) => ({ default: m.Overview }))),
  tasks: lazy(() => import('./Tasks').then((m) => ({ default: m.Tasks }))),
  timeline: lazy(() => import('./Timeline').then((m) => ({ default: m.Timeline }))),
  alerts: lazy(() => import('./Alerts').then((m) => ({ default: m.Alerts }))),
  observables: lazy(() => import('./Observables').then((m) => ({ default: m.Observables }))),
  obligations: ({ incident }) => <ObligationsOf subject={{ kind: 'incident', id: incident.id }} unit={incident.unit} />,
  documents: ({ incident }) => <DocumentsOf subject={{ kind: 'incident', id: incident.id }} unit={incident.unit} />,
  files: lazy(() => import('./Files').then((m) => ({ default: m.Files }))),
  sharing: Together,
};

/** Whom it was shared with, and what was asked of whom. */
function Together({ incident, acting }: TabProps) {
  const may = useMay();
  return (
    <>
      <Sharing incident={incident} acting={acting} />
      {may('coordination.read') && <AsksOf subject={{ kind: 'incident', id: incident.id }} unit={incident.unit} />}
    </>
  );
}

/** What one has to be allowed to see a tab. */
const needed: Partial<Record<IncidentTab, string>> = { obligations: 'obligation.read', documents: 'document.read' };

const route = getRouteApi('/incidents/$id');

/** One incident; the address keeps the tab. */
export function IncidentPage() {
  const { t } = useTranslation('incidents');
  const { id } = route.useParams();
  const { data, error, refetch } = useQuery(incidentQuery(id));
  usePageTitle(data ? `${data.code} ${data.title}` : t('title'));
  return (
    <div className={`${page.page ?? ''} ${css.page ?? ''}`}>
      <Link to="/incidents" className={page.back}>
        <IconArrowLeft size={15} /> {t('page.back')}
      </Link>
      {error && !data && <ErrorState error={error} retry={() => void refetch()} />}
      {!error && !data && (
        <div className="la-card">
          <Rows count={10} />
        </div>
      )}
      {data && <Shown key={data.id} incident={data} />}
    </div>
  );
}

function Shown({ incident }: { incident: IncidentDetail }) {
  const { t } = useTranslation('incidents');
  const may = useMay();
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const acting = useActing(incident);
  const tasks = useQuery(incidentTasksQuery(incident.id)).data?.items;
  const alerts = useQuery(incidentAlertsQuery(incident.id)).data?.items;
  const observables = useQuery(incidentObservablesQuery(incident.id)).data?.items;
  const shown = incidentTabs.filter((one) => {
    const action = needed[one];
    if (contents[one] === undefined || (action !== undefined && !may(action))) return false;
    return !incident.summarised || one === 'overview' || one === 'tasks' || one === 'obligations';
  });
  const tab = shown.find((one) => one === search.tab) ?? 'overview';
  const Content = contents[tab];
  const onTab = (next: IncidentTab) => void navigate({ search: next === 'overview' ? {} : { tab: next } });
  const next = nextPhase(incident.phase);
  const changes = incident.mayChange && !incident.mergedInto;
  const step = (by: number) => {
    const to = shown[(shown.indexOf(tab) + by + shown.length) % shown.length];
    if (to) onTab(to);
  };
  useActions([
    ...shown.map((one, i) => ({
      id: `tab ${one}`,
      name: t(`tab.${one}`),
      key: String(i + 1),
      run: () => {
        onTab(one);
      },
    })),
    { id: 'tab next', name: t('tab.next'), key: ']', keyOnly: true, run: () => { step(1); } },
    { id: 'tab previous', name: t('tab.previous'), key: '[', keyOnly: true, run: () => { step(-1); } },
    { id: 'incident take', name: t('next.take'), key: 'a', off: !changes || incident.phase === 'closed', run: acting.take },
    { id: 'incident edit', name: t('page.edit'), key: 'e', off: !changes, run: () => { acting.edit('what'); } },
    {
      id: 'incident forward',
      name: next === 'closed' ? t('move.close') : t('move.title'),
      key: 'f',
      off: !changes || !next,
      run: () => {
        if (next) acting.move(next);
      },
    },
  ]);
  const counts: Partial<Record<IncidentTab, string>> = {
    ...(tasks && tasks.length > 0 && { tasks: `${String(tasks.filter((one) => one.state !== 'open').length)}/${String(tasks.length)}` }),
    ...(alerts && alerts.length > 0 && { alerts: String(alerts.length) }),
    ...(observables && observables.length > 0 && { observables: String(observables.length) }),
  };
  return (
    <article className={`la-card ${css.incident ?? ''}`} aria-label={incident.title} data-drill={incident.drill || undefined}>
      {incident.drill && (
        <DrillBand />
      )}
      <Head incident={incident} acting={acting} />
      <Deadlines incident={incident} onTab={onTab} />
      <NextSteps incident={incident} acting={acting} onTab={onTab} />
      <Tabs
        value={tab}
        keepMounted={false}
        onChange={(value) => {
          onTab(incidentTabs.find((one) => one === value) ?? 'overview');
        }}
      >
        <Tabs.List className={css.tabs} aria-label={t('tab.label')}>
          {shown.map((one, i) => (
            <Tabs.Tab key={one} value={one} data-tip={`${t(`tab.${one}`)} (${String(i + 1)})`} rightSection={counts[one] && <span className={css.count}>{counts[one]}</span>}>
              {t(`tab.${one}`)}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        <Tabs.Panel value={tab} className={css.tab}>
          <Suspense fallback={<Rows count={6} />}>{Content && <Content incident={incident} acting={acting} />}</Suspense>
        </Tabs.Panel>
      </Tabs>
      {acting.dialogs}
    </article>
  );
}
