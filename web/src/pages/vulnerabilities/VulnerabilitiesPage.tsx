import '../../i18n/vulnerabilities';

import { Button, Select } from '@mantine/core';
import { IconBug, IconFileImport, IconHistory, IconReportAnalytics, IconX } from '@tabler/icons-react';
import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';

import { type Finding, findingPagesQuery, findingQuery } from '../../api/vulnerabilityQueries';
import { useMay } from '../../app/session';
import { useActions } from '../../kit/actions';
import { EmptyState } from '../../kit/EmptyState';
import { FilterChips, FilterText } from '../../kit/filters';
import { type BulkAction, type Column, ListPage } from '../../kit/ListPage';
import { formatTime } from '../../lib/time';
import { LinkButton } from '../../ui/links';
import users from '../users/users.module.css';
import { UnitPicker } from '../users/UnitPicker';
import { FindingBody } from './FindingBody';
import { ImportDialog } from './ImportDialog';
import { LetterButton } from './LetterButton';
import { DueDay, nameOf, severities, SeverityBadge, StateBadge, states, Urgency } from './parts';
import { fits, StepDialog, type Verb, verbIcons, verbs } from './steps';

const route = getRouteApi('/vulnerabilities');
const only = ['kev', 'late'] as const;

/** Weaknesses that scanners found, the most urgent first. */
export function VulnerabilitiesPage() {
  const { t } = useTranslation('vulnerabilities');
  const { id, do: asked, ...filter } = route.useSearch();
  const { q, severity, state, kev, late, unit, system, import: seenBy, happened, from, to } = filter;
  const navigate = route.useNavigate();
  const may = useMay();
  const query = useInfiniteQuery(findingPagesQuery(filter));
  const open = useQuery({ ...findingQuery(id ?? ''), enabled: id !== undefined });
  const [step, setStep] = useState<{ verb: Verb; findings: Finding[] }>();
  const set = (next: Record<string, string | boolean | undefined>, replace = true) => {
    void navigate({ search: (old) => ({ ...old, ...next }), replace });
  };
  const bring = () => {
    set({ do: 'import' });
  };
  const mayImport = may('vulnerability.import');
  useActions(mayImport ? [{ id: 'vulnerability import', name: t('tools.import'), key: 'n', run: bring }] : []);
  const columns = useMemo<Column<Finding>[]>(
    () => [
      {
        id: 'title',
        name: t('title'),
        main: true,
        cell: (f) => f.title,
        under: (f) => (
          <div className="la-dim">
            <span className="la-mono">{f.code}</span> · <span className="la-mono">{f.host}</span> {f.place && <span className="la-mono">{f.place}</span>}
          </div>
        ),
      },
      { id: 'severity', name: t('severity'), cell: (f) => <SeverityBadge severity={f.severity} /> },
      { id: 'urgency', name: t('urgency'), cell: (f) => <Urgency finding={f} />, from: 'sm' },
      { id: 'state', name: t('state'), cell: (f) => <StateBadge state={f.state} />, from: 'sm' },
      { id: 'due', name: t('due'), cell: (f) => <DueDay finding={f} />, from: 'md' },
      { id: 'unit', name: t('unit'), cell: (f) => f.unitName, from: 'lg' },
      { id: 'system', name: t('system'), cell: (f) => f.system.name || <span className="la-dim">—</span>, from: 'lg' },
    ],
    [t],
  );
  const bulk: BulkAction<Finding>[] = verbs.map((verb) => {
    const Icon = verbIcons[verb];
    return {
      id: verb,
      name: t(`verb.${verb}`),
      icon: <Icon size={15} />,
      fits: (f) => fits(verb, f),
      all: (findings) => {
        setStep({ verb, findings });
      },
    };
  });
  const add = mayImport && (
    <Button size="xs" leftSection={<IconFileImport size={15} />} onClick={bring}>
      {t('tools.import')}
    </Button>
  );
  return (
    <>
      <ListPage<Finding>
        title={t('list')}
        tools={
          <>
            <LinkButton to="/vulnerabilities/report" size="xs" variant="default" leftSection={<IconReportAnalytics size={15} />}>
              {t('tools.card')}
            </LinkButton>
            <LinkButton to="/vulnerabilities/imports" size="xs" variant="default" leftSection={<IconHistory size={15} />}>
              {t('tools.imports')}
            </LinkButton>
            {unit && may('document.draft') && <LetterButton unit={unit} />}
            {add}
          </>
        }
        items={query.data?.pages.flatMap((p) => p.items) ?? []}
        id={(f) => f.id}
        name={nameOf}
        columns={columns}
        query={query}
        more={{ has: query.hasNextPage, loading: query.isFetchingNextPage, load: () => query.fetchNextPage() }}
        tone={(f) => (f.kev || f.late ? 'critical' : undefined)}
        filters={
          <>
            <FilterText
              value={q}
              placeholder={t('find')}
              onChange={(next) => {
                set({ q: next });
              }}
            />
            <Select
              size="xs"
              className={users.rolePick ?? ''}
              aria-label={t('state')}
              placeholder={t(happened ? 'states.any' : 'stateOpen')}
              data={states.map((value) => ({ value, label: t(`states.${value}`) }))}
              value={state ?? null}
              clearable
              onChange={(value) => {
                set({ state: value ?? undefined });
              }}
            />
            <div className={users.unitPick}>
              <UnitPicker
                size="xs"
                aria-label={t('unit')}
                placeholder={t('anyUnit')}
                value={unit ?? null}
                clearable
                onChange={(value) => {
                  set({ unit: value ?? undefined });
                }}
              />
            </div>
            <FilterChips
              label={t('severity')}
              values={severities}
              chosen={severity ? [severity] : []}
              single
              name={(value) => t(`severities.${value}`)}
              onChange={([next]) => {
                set({ severity: next });
              }}
            />
            <FilterChips
              label={t('only')}
              values={only}
              chosen={only.filter((name) => (name === 'kev' ? kev : late))}
              name={(value) => t(value)}
              onChange={(chosen) => {
                set({ kev: chosen.includes('kev') || undefined, late: chosen.includes('late') || undefined });
              }}
            />
            {happened && from && to && (
              <Button
                size="compact-xs"
                variant="light"
                rightSection={<IconX size={13} aria-hidden="true" />}
                aria-label={t('happened.off', { what: t(`happened.${happened}`, { from: formatTime(from), to: formatTime(to) }) })}
                onClick={() => {
                  set({ happened: undefined, from: undefined, to: undefined });
                }}
              >
                {t(`happened.${happened}`, { from: formatTime(from), to: formatTime(to) })}
              </Button>
            )}
          </>
        }
        filtered={[q, severity, state, kev, late, unit, system, seenBy, happened].some((x) => x !== undefined)}
        onClear={() => {
          set({ q: undefined, severity: undefined, state: undefined, kev: undefined, late: undefined, unit: undefined, system: undefined, import: undefined, happened: undefined, from: undefined, to: undefined });
        }}
        empty={
          <EmptyState icon={<IconBug size={34} />} title={t('empty')} text={t('emptyText')} steps={[t('step1'), t('step2'), t('step3')]}>
            {add}
          </EmptyState>
        }
        open={id}
        openName={open.data && nameOf(open.data)}
        onOpen={(next) => {
          set({ id: next }, id !== undefined);
        }}
        panel={(one) => <FindingBody key={one} id={one} />}
        page={(f) => `/vulnerabilities/${encodeURIComponent(f.id)}`}
        bulk={bulk}
      />
      {asked === 'import' && mayImport && (
        <ImportDialog
          unit={unit}
          onClose={() => {
            set({ do: undefined });
          }}
        />
      )}
      {step && (
        <StepDialog
          verb={step.verb}
          findings={step.findings}
          onClose={() => {
            setStep(undefined);
          }}
        />
      )}
    </>
  );
}
