import '../../i18n/casework';
import '../../i18n/incidents';

import { Button, Select } from '@mantine/core';
import { IconChartHistogram, IconFlame, IconListTree, IconPlus, IconTableExport, IconX } from '@tabler/icons-react';
import { useInfiniteQuery, useMutation, useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';

import { centreUnit } from '../../lib/centre';
import { exportSheet } from '../../api/caseworkQueries';
import { type Incident, incidentsQuery } from '../../api/incidentQueries';
import { type Obligation, obligationsQuery } from '../../api/obligationQueries';
import { useMay, useSession } from '../../app/session';
import { useActions } from '../../kit/actions';
import { DrillMark } from '../../kit/Drill';
import { EmptyState } from '../../kit/EmptyState';
import { FilterChips, FilterText } from '../../kit/filters';
import { type Column, List } from '../../kit/List';
import { incidentFilter, type IncidentsParams, type IncidentView, incidentViews, isIncidentsNarrowed, phases, type Severity, severities, splitSeverities } from '../../lib/incidentParams';
import { saveFile } from '../../lib/saveFile';
import { formatTime } from '../../lib/time';
import { LevelBadge } from '../../ui/Badge';
import { useErrorText } from '../../ui/errors';
import { LinkButton } from '../../ui/links';
import page from '../../ui/page.module.css';
import { PageHeader } from '../../ui/PageHeader';
import { Ago } from '../../ui/Time';
import { toast } from '../../ui/toast';
import { Countdown } from '../obligations/Countdown';
import { UnitPicker } from '../users/UnitPicker';
import css from './incidents.module.css';
import { GraveMark, Lead, PhaseMark } from './marks';
import { useCatalogue } from './words';

const route = getRouteApi('/incidents');
const cleared = { phase: undefined, severity: undefined, category: undefined, unit: undefined, q: undefined };

const toView = (params: IncidentsParams, view: IncidentView): IncidentsParams => ({
  ...(params.unit !== undefined && { unit: params.unit }),
  ...(view !== 'open' && { view }),
});

/** The queue of incidents; the address keeps everything that is chosen. */
export function IncidentsPage() {
  const { t, i18n } = useTranslation(['translation', 'casework', 'incidents']);
  const { user } = useSession();
  const may = useMay();
  const params = route.useSearch();
  const navigate = route.useNavigate();
  const view = params.view ?? 'open';
  const change = (next: Partial<IncidentsParams>, replace = true) => {
    void navigate({ search: (old) => ({ ...old, ...next }), replace });
  };
  const viewName = (value: IncidentView) => t(value === 'shared' && user.unit === centreUnit ? 'incidents:view.sharedCentre' : `incidents:view.${value}`);
  const mayOpen = may('incident.open');
  useActions([
    ...incidentViews.map((value, i) => ({
      id: `view ${value}`,
      name: `${t('incidents:view.label')}: ${viewName(value)}`,
      key: String(i + 1),
      run: () => void navigate({ search: toView(params, value) }),
    })),
    { id: 'incident new', name: t('incidents:new'), key: 'n', off: !mayOpen, run: () => void navigate({ to: '/incidents/new' }) },
  ]);

  const errorText = useErrorText();
  const sheet = useMutation({
    mutationFn: () => exportSheet(incidentFilter(params), i18n.language),
    onSuccess: (content) => {
      saveFile(content, 'su-co.xlsx');
      toast({ message: t('casework:export.done', { name: 'su-co.xlsx' }), autoClose: 4_000 });
    },
    onError: (error) => {
      const words = errorText(error);
      toast({ color: 'red', title: words.title, message: words.remedy });
    },
  });
  const query = useInfiniteQuery(incidentsQuery(incidentFilter(params)));
  const items = useMemo(() => query.data?.pages.flatMap((one) => one.items) ?? [], [query.data]);
  const owed = useQuery({ ...obligationsQuery({ subjectKind: 'incident', limit: 500, drill: view === 'drill' }), enabled: may('obligation.read'), refetchInterval: 30_000 });
  const deadlines = useMemo(() => {
    const first = new Map<string, Obligation>();
    // Those due first come first.
    for (const one of owed.data?.items ?? []) if (!first.has(one.subject.id)) first.set(one.subject.id, one);
    return first;
  }, [owed.data]);
  const columns = useColumns(deadlines);
  return (
    <div className={page.page} data-full>
      <PageHeader title={t('nav.incidents')}>
        <LinkButton to="/incidents/figures" size="xs" variant="subtle" leftSection={<IconChartHistogram size={15} />}>
          {t('casework:figures.link')}
        </LinkButton>
        {may('incident.catalogue') && (
          <LinkButton to="/incidents/catalogue" size="xs" variant="subtle" leftSection={<IconListTree size={15} />}>
            {t('casework:catalogue.link')}
          </LinkButton>
        )}
        <Button
          size="xs"
          variant="subtle"
          leftSection={<IconTableExport size={15} />}
          loading={sheet.isPending}
          data-tip={t('casework:export.sheetTip')}
          onClick={() => {
            sheet.mutate();
          }}
        >
          {t('casework:export.sheet')}
        </Button>
        {mayOpen && (
          <LinkButton to="/incidents/new" size="xs" leftSection={<IconPlus size={15} />} data-tip={`${t('incidents:new')} (n)`}>
            {t('incidents:new')}
          </LinkButton>
        )}
      </PageHeader>
      <nav className={css.views} aria-label={t('incidents:view.label')}>
        {incidentViews.map((value, i) => (
          <Link
            key={value}
            to="/incidents"
            search={toView(params, value)}
            className={css.view}
            activeOptions={{ exact: true, includeSearch: false }}
            aria-current={view === value ? 'page' : undefined}
            data-on={view === value || undefined}
            data-tip={`${viewName(value)} (${String(i + 1)})`}
          >
            {viewName(value)}
          </Link>
        ))}
      </nav>
      {params.detected !== undefined && params.until !== undefined && (
        <div className={css.notice} role="note">
          {t('casework:figures.counted', {
            from: formatTime(params.detected).slice(0, 10),
            to: formatTime(params.until).slice(0, 10),
            reached: params.reached ? t(`casework:figures.reached.${params.reached}`) : '',
          })}{' '}
          <Button
            size="compact-xs"
            variant="default"
            onClick={() => {
              change({ detected: undefined, until: undefined, reached: undefined });
            }}
          >
            {t('casework:figures.drop')}
          </Button>
        </div>
      )}
      <List<Incident>
        key={view}
        label={t('nav.incidents')}
        items={items}
        id={(one) => one.id}
        name={(one) => `${one.code} ${one.title}`}
        columns={columns}
        tone={(one) => one.severity}
        query={query}
        sort={params.sort ?? '-opened'}
        onSort={(next) => {
          // The server orders one way only: the newest, or the worst, first.
          const sort = `-${next.replace(/^-/, '')}`;
          change({ sort: sort === '-opened' ? undefined : sort });
        }}
        filters={<Filters params={params} change={change} />}
        filtered={isIncidentsNarrowed(params)}
        onClear={() => {
          change(cleared);
        }}
        empty={<Nothing view={view} mayOpen={mayOpen} />}
        page={(one) => `/incidents/${encodeURIComponent(one.id)}`}
        more={{ has: query.hasNextPage, loading: query.isFetchingNextPage, load: query.fetchNextPage }}
      />
    </div>
  );
}

function Filters({ params, change }: { params: IncidentsParams; change: (next: Partial<IncidentsParams>) => void }) {
  const { t } = useTranslation(['translation', 'incidents']);
  const { groups } = useCatalogue();
  return (
    <>
      <FilterText
        value={params.q}
        placeholder={t('incidents:find')}
        onChange={(q) => {
          change({ q });
        }}
      />
      <FilterChips<Severity>
        label={t('incidents:column.severity')}
        values={severities}
        chosen={splitSeverities(params.severity)}
        name={(value) => t(`level.${value}`)}
        tone={(value) => value}
        onChange={(chosen) => {
          change({ severity: chosen.join(',') || undefined });
        }}
      />
      <Select
        size="xs"
        w={180}
        data={phases.filter((value) => value !== 'closed').map((value) => ({ value, label: t(`incidents:phase.${value}`) }))}
        value={params.phase ?? null}
        onChange={(value) => {
          change({ phase: phases.find((one) => one === value) });
        }}
        placeholder={t('incidents:allPhases')}
        aria-label={t('incidents:column.phase')}
        clearable
      />
      <Select
        size="xs"
        w={200}
        data={groups}
        value={params.category ?? null}
        onChange={(value) => {
          change({ category: value ?? undefined });
        }}
        placeholder={t('incidents:allCategories')}
        aria-label={t('incidents:category')}
        searchable
        clearable
      />
      <div style={{ width: 190 }}>
        <UnitPicker
          size="xs"
          value={params.unit ?? null}
          onChange={(unit) => {
            change({ unit: unit ?? undefined });
          }}
          placeholder={t('alerts.allUnits')}
          aria-label={t('incidents:column.unit')}
          clearable
        />
      </div>
      {isIncidentsNarrowed(params) && (
        <Button
          size="compact-xs"
          variant="subtle"
          leftSection={<IconX size={13} />}
          onClick={() => {
            change(cleared);
          }}
        >
          {t('incidents:clear')}
        </Button>
      )}
    </>
  );
}

function useColumns(deadlines: ReadonlyMap<string, Obligation>): Column<Incident>[] {
  const { t } = useTranslation(['translation', 'incidents']);
  const { category } = useCatalogue();
  const deadline = (one: Incident) => {
    const first = deadlines.get(one.id);
    return first ? <Countdown of={first} /> : <span className="la-dim">{t('incidents:noDeadline')}</span>;
  };
  return [
    { id: 'code', name: t('incidents:column.code'), from: 'sm', cell: (one) => <span className="la-mono la-nowrap">{one.code}</span> },
    {
      id: 'title',
      name: t('incidents:column.title'),
      main: true,
      cell: (one) => one.title,
      under: (one) => (
        <div className={css.under}>
          <span className={css.phone}>
            <span className="la-mono">{one.code}</span> <LevelBadge level={one.severity} />{' '}
          </span>
          {one.drill && <DrillMark />} {one.grave && <GraveMark />} <span className="la-dim">{category(one.category)}</span>
          <span className={css.narrow}> · {one.unitName || one.unit}</span>
        </div>
      ),
    },
    { id: 'severity', name: t('incidents:column.severity'), sortable: true, greatestFirst: true, from: 'sm', cell: (one) => <LevelBadge level={one.severity} /> },
    { id: 'phase', name: t('incidents:column.phase'), cell: (one) => <PhaseMark phase={one.phase} /> },
    { id: 'unit', name: t('incidents:column.unit'), from: 'md', cell: (one) => one.unitName || one.unit },
    { id: 'lead', name: t('incidents:column.lead'), cell: (one) => <Lead incident={one} /> },
    { id: 'opened', name: t('incidents:column.opened'), sortable: true, greatestFirst: true, from: 'md', cell: (one) => <Ago at={one.openedAt} /> },
    { id: 'changed', name: t('incidents:column.changed'), sortable: true, greatestFirst: true, from: 'lg', cell: (one) => <Ago at={one.changedAt} /> },
    { id: 'deadline', name: t('incidents:column.deadline'), cell: deadline },
  ];
}

function Nothing({ view, mayOpen }: { view: IncidentView; mayOpen: boolean }) {
  const { t } = useTranslation(['translation', 'incidents']);
  if (view !== 'open') {
    return (
      <EmptyState icon={<IconFlame size={34} />} title={t('incidents:none.view')} text={t('incidents:none.viewText')}>
        <LinkButton to="/incidents" variant="default" size="xs">
          {t('incidents:view.open')}
        </LinkButton>
      </EmptyState>
    );
  }
  return (
    <EmptyState
      icon={<IconFlame size={34} />}
      title={t('incidents:none.title')}
      text={t('incidents:none.text')}
      {...(mayOpen && { steps: [t('incidents:none.step1'), t('incidents:none.step2'), t('incidents:none.step3')] })}
    >
      <LinkButton to="/alerts" variant="default" size="xs">
        {t('incidents:none.toAlerts')}
      </LinkButton>
    </EmptyState>
  );
}
