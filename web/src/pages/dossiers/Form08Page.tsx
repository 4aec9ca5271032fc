import '../../i18n/dossiers';

import { Alert, Button, Checkbox, Group, Select, Skeleton, Text, TextInput, Title } from '@mantine/core';
import { IconCertificate, IconFileText, IconTableExport } from '@tabler/icons-react';
import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';

import { type DossierPaper, type Form08, type Form08Ask, type Form08Counts, type Form08Line, form08LinesQuery, form08Query, form08Url, inspectSystem } from '../../api/dossierQueries';
import { useMay } from '../../app/session';
import { EmptyState } from '../../kit/EmptyState';
import { FilterChips, FilterText } from '../../kit/filters';
import { Form, useFieldErrors } from '../../kit/Form';
import { type Column, List } from '../../kit/List';
import { StatTile } from '../../kit/StatTile';
import { Dialog } from '../../ui/Dialog';
import page from '../../ui/page.module.css';
import { PageHeader } from '../../ui/PageHeader';
import { ErrorState } from '../../ui/State';
import { Denied } from '../users/Denied';
import { UnitPicker } from '../users/UnitPicker';
import css from './dossiers.module.css';
import { dayText, LevelMark } from './marks';

const route = getRouteApi('/form-08');
const counters = ['total', 'classified', 'written', 'appraised', 'approved', 'inspected', 'pending'] as const;

export function Form08Page() {
  return (
    <Denied action="dossier.read">
      <Report />
    </Denied>
  );
}

/** Form 08: the counters, those of each unit, and the systems behind them. */
function Report() {
  const { t } = useTranslation(['translation', 'dossiers']);
  const { year: asked, unit, alone } = route.useSearch();
  const navigate = route.useNavigate();
  const year = asked === undefined ? undefined : Number(asked);
  const ask: Form08Ask = { year, unit, alone };
  const query = useQuery(form08Query(ask));
  const set = (next: Partial<ReturnType<typeof route.useSearch>>) => {
    void navigate({ search: (old) => ({ ...old, ...next }), replace: true });
  };
  const current = query.data?.year ?? year ?? new Date().getFullYear();
  const years = useMemo(() => [...new Set([current, ...Array.from({ length: 4 }, (_, i) => new Date().getFullYear() + 1 - i)])].sort((a, b) => b - a).map(String), [current]);
  return (
    <div className={page.page}>
      <PageHeader title={t('nav.form08')}>
        <Group gap="xs">
          <Button size="xs" variant="default" component="a" href={form08Url('xlsx', ask)} download leftSection={<IconTableExport size={15} />}>
            {t('dossiers:excel')}
          </Button>
          <Button size="xs" variant="default" component="a" href={form08Url('docx', ask)} download leftSection={<IconFileText size={15} />}>
            {t('dossiers:word')}
          </Button>
        </Group>
      </PageHeader>
      <Group gap="sm" mb="sm" align="flex-end">
        <Select size="xs" label={t('dossiers:year')} data={years} value={String(current)} allowDeselect={false} onChange={(next) => { set({ year: next ?? undefined }); }} />
        <UnitPicker size="xs" label={t('dossiers:unit')} placeholder={t('dossiers:allUnits')} clearable value={unit ?? null} onChange={(next) => { set({ unit: next ?? undefined, alone: undefined }); }} />
        {unit !== undefined && <Checkbox size="xs" mb={6} label={t('dossiers:alone')} checked={alone === true} onChange={(event) => { set({ alone: event.currentTarget.checked || undefined }); }} />}
      </Group>
      {query.isPending && <Skeleton height={200} />}
      {query.error && <ErrorState error={query.error} retry={() => void query.refetch()} />}
      {query.data && <Figures form={query.data} />}
      <Lines ask={ask} />
    </div>
  );
}

function Figures({ form }: { form: Form08 }) {
  const { t } = useTranslation('dossiers');
  const search = new URLSearchParams(location.search);
  const to = (counter: string) => {
    search.set('counter', counter);
    return `/form-08?${search.toString()}`;
  };
  return (
    <>
      <Text size="sm" mb="xs">
        {t('period', { from: dayText(form.from), until: dayText(form.until), asOf: dayText(form.asOf) })}
        {'. '}
        {t('toOwner', { day: dayText(form.toOwner) })}
        {'. '}
        {t('toMinistry', { day: dayText(form.toMinistry) })}.
      </Text>
      {form.rebuilt && <Text size="sm" mb="xs" className="la-dim">{t('rebuilt')}</Text>}
      <div className={css.tiles}>
        {counters.slice(0, 6).map((counter) => (
          <StatTile key={counter} name={t(`counter.${counter}`)} value={form.counts[counter]} to={to(counter)} />
        ))}
        <StatTile
          name={t('completion')}
          value={form.counts.pending === 0 ? t('completionDone') : dayText(form.counts.completion) || t('completionNone')}
          note={form.counts.unplanned > 0 ? t('unplanned', { count: form.counts.unplanned }) : undefined}
          tone={form.counts.unplanned > 0 ? 'medium' : undefined}
          to={to('pending')}
        />
      </div>
      {form.units.length > 1 && <Units form={form} />}
    </>
  );
}

function Units({ form }: { form: Form08 }) {
  const { t } = useTranslation('dossiers');
  const cell = (unit: string, counts: Form08Counts, counter: (typeof counters)[number]) => (
    <td key={counter}>
      <Link to="/form-08" search={{ unit, alone: true, counter, year: String(form.year) }} className={css.open}>
        {counts[counter]}
      </Link>
    </td>
  );
  return (
    <section className={`la-card ${css.section ?? ''}`}>
      <Title order={2} size="h4">{t('byUnit')}</Title>
      <div className={css.scroll} role="region" aria-label={t('byUnit')} tabIndex={0}>
        <table className={css.table}>
          <thead>
            <tr>
              <th scope="col">{t('unit')}</th>
              {counters.map((counter) => (
                <th key={counter} scope="col">
                  {t(`counter.${counter}`)}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {form.units.map((one) => (
              <tr key={one.unit}>
                <td>{one.unitName}</td>
                {counters.map((counter) => cell(one.unit, one.counts, counter))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}

function Lines({ ask }: { ask: Form08Ask }) {
  const { t } = useTranslation('dossiers');
  const may = useMay();
  const { counter, q } = route.useSearch();
  const navigate = route.useNavigate();
  const [inspecting, setInspecting] = useState<Form08Line>();
  const query = useInfiniteQuery(form08LinesQuery({ ...ask, counter, text: q }));
  const items = query.data?.pages.flatMap((p) => p.items) ?? [];
  const set = (next: Partial<ReturnType<typeof route.useSearch>>) => {
    void navigate({ search: (old) => ({ ...old, ...next }), replace: true });
  };
  const write = may('dossier.write');
  const columns = useMemo<Column<Form08Line>[]>(
    () => [
      {
        id: 'name',
        name: t('system'),
        main: true,
        cell: (l) => `${l.systemCode} · ${l.systemName}`,
        under: (l) => (
          <Group gap="xs">
            {l.dossier === '' ? (
              write && (
                <Link to="/dossiers" search={{ begin: l.system }} className={css.open}>
                  {t('new')}
                </Link>
              )
            ) : (
              <Link to="/dossiers/$id" params={{ id: l.dossier }} className={css.open}>
                {l.dossierCode}
              </Link>
            )}
            {write && (
              <Button size="compact-sm" variant="subtle" onClick={() => { setInspecting(l); }}>
                {t('inspect')}
              </Button>
            )}
          </Group>
        ),
      },
      { id: 'owner', name: t('owner'), cell: (l) => l.unitName, under: (l) => <Under name={t('operator')}>{l.operatorName}</Under>, from: 'md' },
      { id: 'level', name: t('level'), cell: (l) => <LevelMark level={l.level} />, from: 'sm' },
      { id: 'status', name: t('status'), cell: (l) => (l.status === '' ? <span className="la-dim">{t('noDossier')}</span> : <span lang="vi">{l.status}</span>), under: (l) => <Under name={t('decision')}>{paperText(l.decision)}</Under> },
      { id: 'regulation', name: t('regulation'), cell: (l) => <span lang="vi">{paperText(l.regulation)}</span>, from: 'lg' },
      { id: 'planned', name: t('planned'), cell: (l) => dayText(l.plannedApproval), from: 'lg' },
      { id: 'plan', name: t('plan'), cell: (l) => <span lang="vi">{l.plan}</span>, under: (l) => <Under name={t('deployment')}>{dayText(l.plannedDeployment)}</Under>, from: 'lg' },
      { id: 'inspected', name: t('inspected'), cell: (l) => <span lang="vi">{l.inspected}</span>, under: (l) => <Rests on={l.inspection} />, from: 'lg' },
    ],
    [t, write],
  );
  return (
    <>
      <Title order={2} size="h4" mb="xs">{t('lines')}</Title>
      <List<Form08Line>
        label={t('lines')}
        items={items}
        id={(l) => l.system}
        name={(l) => l.systemName}
        columns={columns}
        query={query}
        page={(l) => `/systems/${l.system}`}
        more={{ has: query.hasNextPage, loading: query.isFetchingNextPage, load: () => query.fetchNextPage() }}
        filters={
          <>
            <FilterText value={q} onChange={(next) => { set({ q: next }); }} placeholder={t('findSystem')} />
            <FilterChips label={t('lines')} values={counters} chosen={counter ? [counter] : []} single name={(value) => t(`counter.${value}`)} onChange={([next]) => { set({ counter: next }); }} />
          </>
        }
        filtered={counter !== undefined || q !== undefined}
        onClear={() => { set({ counter: undefined, q: undefined }); }}
        empty={<EmptyState icon={<IconCertificate size={34} />} title={t('noLines')} text={t('noLinesText')} />}
      />
      {inspecting && <Inspect line={inspecting} onClose={() => { setInspecting(undefined); }} />}
    </>
  );
}

/** A document as officials name it: its number, day and issuer. */
const paperText = (paper: DossierPaper) => [paper.number, dayText(paper.date), paper.issuer].filter((x) => x !== '').join(', ');

/** A column of the form that stands under another one; nothing where it is empty. */
function Under({ name, children }: { name: string; children: string }) {
  if (children === '') return null;
  return (
    <Text size="sm" className="la-dim">
      {name}: <span lang="vi">{children}</span>
    </Text>
  );
}

/** The inspection carried out here that an entry rests on; nothing where somebody entered it. */
function Rests({ on }: { on: Form08Line['inspection'] }) {
  const { t } = useTranslation('dossiers');
  const may = useMay();
  if (on.visit === '') return null;
  const text = t('inspectRests', { code: on.visitCode });
  return (
    <Text size="sm">
      {may('assessment.read') ? (
        <Link to="/inspections/$id" params={{ id: on.visit }} className={css.open}>
          {text}
        </Link>
      ) : (
        text
      )}
    </Text>
  );
}

function Inspect({ line, onClose }: { line: Form08Line; onClose: () => void }) {
  const { t } = useTranslation('dossiers');
  const client = useQueryClient();
  const [beforeUse, setBeforeUse] = useState(line.inspection.beforeUse);
  const [inspectedAt, setInspectedAt] = useState(line.inspection.inspectedAt);
  const save = useMutation({ mutationFn: () => inspectSystem(client, line.system, { beforeUse, inspectedAt, version: line.inspection.version }), onSuccess: onClose });
  const fieldError = useFieldErrors(save.error);
  return (
    <Dialog opened onClose={onClose} title={t('inspectTitle', { name: line.systemName })}>
      <Form error={save.error} fields={['inspectedAt']} submit={t('inspectSave')} busy={save.isPending} onCancel={onClose} onSubmit={() => { save.mutate(); }}>
        {line.inspected !== '' && (
          <Alert p="xs">
            <span lang="vi">{line.inspected}</span>
            <Rests on={line.inspection} />
            {line.inspection.visit !== '' && <Text size="sm">{t('inspectByHand')}</Text>}
          </Alert>
        )}
        <Checkbox label={t('beforeUse')} checked={beforeUse} onChange={(event) => { setBeforeUse(event.currentTarget.checked); }} />
        <TextInput label={t('inspectedAt')} type="date" value={inspectedAt} error={fieldError('inspectedAt')} onChange={(event) => { setInspectedAt(event.currentTarget.value); }} />
      </Form>
    </Dialog>
  );
}
