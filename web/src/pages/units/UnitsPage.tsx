import '../../i18n/units';

import { ActionIcon, Button, Text, UnstyledButton } from '@mantine/core';
import {
  IconArrowsJoin,
  IconChevronDown,
  IconChevronRight,
  IconDownload,
  IconFold,
  IconFileImport,
  IconPlus,
  IconSitemap,
} from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';

import { centreUnit } from '../../lib/centre';
import { url } from '../../api/client';
import { unitsQuery } from '../../api/queries';
import type { Unit } from '../../api/types';
import { unitTypesQuery } from '../../api/unitQueries';
import { useMay } from '../../app/session';
import { useActions } from '../../kit/actions';
import { EmptyState } from '../../kit/EmptyState';
import { FilterChips, FilterText } from '../../kit/filters';
import { type Column, ListPage } from '../../kit/ListPage';
import { by, collate, matches } from '../../kit/text';
import type { UnitsParams } from '../../lib/unitsParams';
import { Ago } from '../../ui/Time';
import { DayInput, useTypes } from './fields';
import { ImportDialog } from './ImportDialog';
import { ReorganiseDialog } from './ReorganiseDialog';
import { TemplateDialog } from './TemplateDialog';
import { above, inForce, type Row, rowsOf } from './tree';
import { UnitForm } from './UnitForm';
import { UnitPanel } from './UnitPanel';
import { UnitStatus } from './UnitStatus';
import css from './units.module.css';

const route = getRouteApi('/units');
const groups = ['province', 'department', 'commune', 'subordinate', 'enterprise', 'other'] as const;
const statuses = ['active', 'planned', 'ended'] as const;
// Beyond so many units the tree begins with its upper levels only.
const openAtFirst = 80;

export function UnitsPage() {
  const { t } = useTranslation(['translation', 'units']);
  const params = route.useSearch();
  const navigate = route.useNavigate();
  const may = useMay();
  const manage = may('unit.manage');
  const query = useQuery(unitsQuery);
  const types = useQuery(unitTypesQuery).data?.items;
  const [toggled, setToggled] = useState<ReadonlyMap<string, boolean>>(new Map());
  const go = (change: Partial<UnitsParams>, replace = true) => void navigate({ search: (old) => ({ ...old, ...change }), replace });

  const all = useMemo(() => query.data?.items ?? [], [query.data]);
  const groupOf = useMemo(() => new Map((types ?? []).map((type) => [type.id, type.group])), [types]);
  const { q, group, status, at } = params;
  const narrowed = q !== undefined || group !== undefined || status !== undefined;
  const shown = useMemo(
    () =>
      all.filter(
        (u) =>
          (q === undefined || matches(`${u.name} ${u.shortName} ${u.code} ${u.id}`, q)) &&
          (group === undefined || groupOf.get(u.kind) === group) &&
          (at === undefined || inForce(u, at)) &&
          (status === undefined ? at !== undefined || u.status !== 'ended' : u.status === status),
      ),
    [all, q, group, status, at, groupOf],
  );
  const flat = narrowed || params.sort !== undefined;
  const closed = useMemo(() => closedOf(all, toggled, params.id), [all, toggled, params.id]);
  const rows = useMemo(
    () => (flat ? [...shown].sort(by((u) => u.name)).map((unit): Row => ({ unit, depth: 0, below: 0 })) : rowsOf(shown, closed)),
    [flat, shown, closed],
  );
  const turn = (id: string, open: boolean) => {
    setToggled((old) => new Map(old).set(id, open));
  };
  const turnAll = (open: boolean) => {
    setToggled(new Map(all.map((u) => [u.id, open || u.parent === null])));
  };
  const opened = params.do;
  const close = () => {
    go({ do: undefined });
  };
  const show = (id: string) => {
    go({ id, q: undefined, group: undefined, status: undefined }, false);
  };

  useActions([
    { id: 'unit new', name: t('units:new'), key: 'n', off: !manage, run: () => { go({ do: 'new' }); } },
    { id: 'unit import', name: t('units:import'), off: !manage, run: () => { go({ do: 'import' }); } },
    { id: 'unit template', name: t('units:template'), off: !manage, run: () => { go({ do: 'template' }); } },
    { id: 'unit reorganise', name: t('units:reorganise'), off: !manage, run: () => { go({ do: 'reorganise' }); } },
    { id: 'unit open', name: t('units:keyExpand'), key: 'ArrowRight', keyOnly: true, off: flat, run: () => { turnFocused(true, turn); } },
    { id: 'unit close', name: t('units:keyCollapse'), key: 'ArrowLeft', keyOnly: true, off: flat, run: () => { turnFocused(false, turn); } },
  ]);

  const columns = useColumns(all, flat, closed, turn, (id) => {
    go({ id }, false);
  });
  const only = query.data !== undefined && all.length === 1 && manage && !narrowed;
  return (
    <>
      <ListPage<Row>
        title={t('nav.units')}
        tools={<Tools manage={manage} go={go} />}
        items={rows}
        id={(row) => row.unit.id}
        name={(row) => row.unit.name}
        columns={columns}
        query={query}
        filtered={narrowed || at !== undefined}
        onClear={() => {
          go({ q: undefined, group: undefined, status: undefined, at: undefined });
        }}
        empty={<EmptyState icon={<IconSitemap size={34} />} title={t('units:none')} text={t('units:noneText')} />}
        sort={params.sort}
        onSort={(sort) => {
          go({ sort });
        }}
        open={params.id}
        onOpen={(id) => {
          go({ id, ...(id === undefined && { tab: undefined }) }, false);
        }}
        panel={(id) => (
          <UnitPanel
            key={id}
            id={id}
            tab={params.tab ?? 'info'}
            onTab={(tab) => {
              go({ tab });
            }}
            onOpen={show}
          />
        )}
        filters={
          <>
            <FilterText
              value={q}
              onChange={(text) => {
                go({ q: text });
              }}
              placeholder={t('units:find')}
            />
            <FilterChips
              label={t('units:group.label')}
              values={groups}
              chosen={groups.filter((g) => g === group)}
              single
              name={(g) => t(`units:group.${g}`)}
              onChange={([g]) => {
                go({ group: g });
              }}
            />
            <FilterChips
              label={t('units:status.label')}
              values={statuses}
              chosen={statuses.filter((s) => s === status)}
              single
              name={(s) => t(`units:status.${s}`)}
              onChange={([s]) => {
                go({ status: s });
              }}
            />
            <DayInput
              key={at ?? ''}
              label={t('units:at')}
              hideLabel
              size="xs"
              value={at ?? ''}
              onChange={(day) => {
                go({ at: day || undefined });
              }}
            />
            {!flat && rows.length > 1 && (
              <>
                <Button size="compact-xs" variant="subtle" leftSection={<IconChevronDown size={14} />} onClick={() => { turnAll(true); }}>
                  {t('units:expandAll')}
                </Button>
                <Button size="compact-xs" variant="subtle" leftSection={<IconFold size={14} />} onClick={() => { turnAll(false); }}>
                  {t('units:collapseAll')}
                </Button>
              </>
            )}
          </>
        }
      >
        {only && (
          <div className={`la-card ${css.start ?? ''}`}>
            <EmptyState icon={<IconSitemap size={34} />} title={t('units:start')} text={t('units:startText')}>
              <Button m={4} leftSection={<IconSitemap size={16} />} onClick={() => { go({ do: 'template' }); }}>
                {t('units:template')}
              </Button>
              <Button m={4} variant="default" leftSection={<IconFileImport size={16} />} onClick={() => { go({ do: 'import' }); }}>
                {t('units:import')}
              </Button>
            </EmptyState>
          </div>
        )}
      </ListPage>
      {manage && opened === 'new' && <UnitForm onClose={close} onDone={show} />}
      {manage && opened === 'template' && <TemplateDialog onClose={close} onDone={show} />}
      {manage && opened === 'import' && <ImportDialog onClose={close} />}
      {manage && opened === 'reorganise' && <ReorganiseDialog onClose={close} onDone={show} />}
    </>
  );
}

/** Which branches are closed: those a reader closed, and in a large tree the lower ones, but none above the open unit. */
function closedOf(units: readonly Unit[], toggled: ReadonlyMap<string, boolean>, open: string | undefined): Set<string> {
  const known = new Map(units.map((u) => [u.id, u]));
  const closed = new Set<string>();
  for (const unit of units) {
    const small = units.length <= openAtFirst || unit.parent === null || unit.parent === centreUnit;
    if (!(toggled.get(unit.id) ?? small)) closed.add(unit.id);
  }
  if (open !== undefined) for (const id of above(known, open)) if (toggled.get(id) !== false) closed.delete(id);
  return closed;
}

function turnFocused(open: boolean, turn: (id: string, open: boolean) => void) {
  const id = document.activeElement?.closest<HTMLElement>('tr[data-id]')?.dataset.id;
  if (id !== undefined) turn(id, open);
}

function Tools({ manage, go }: { manage: boolean; go: (change: Partial<UnitsParams>) => void }) {
  const { t, i18n } = useTranslation(['translation', 'units']);
  return (
    <>
      <Button size="xs" variant="default" component="a" href={url('/unit-sheets/units', { lang: i18n.language })} download leftSection={<IconDownload size={15} />}>
        {t('units:export')}
      </Button>
      {manage && (
        <>
          <Button size="xs" variant="default" leftSection={<IconFileImport size={15} />} onClick={() => { go({ do: 'import' }); }}>
            {t('units:import')}
          </Button>
          <Button size="xs" variant="default" leftSection={<IconSitemap size={15} />} onClick={() => { go({ do: 'template' }); }}>
            {t('units:template')}
          </Button>
          <Button size="xs" variant="default" leftSection={<IconArrowsJoin size={15} />} onClick={() => { go({ do: 'reorganise' }); }}>
            {t('units:reorganise')}
          </Button>
          <Button size="xs" leftSection={<IconPlus size={15} />} onClick={() => { go({ do: 'new' }); }}>
            {t('units:new')}
          </Button>
        </>
      )}
    </>
  );
}

function useColumns(
  all: readonly Unit[],
  flat: boolean,
  closed: ReadonlySet<string>,
  turn: (id: string, open: boolean) => void,
  open: (id: string) => void,
): Column<Row>[] {
  const { t } = useTranslation(['translation', 'units']);
  const types = useTypes();
  const known = new Map(all.map((u) => [u.id, u]));
  const path = (unit: Unit) =>
    above(known, unit.id)
      .filter((id) => id !== centreUnit)
      .reverse()
      .map((id) => known.get(id)?.name ?? id)
      .join(' › ');
  return [
    {
      id: 'name',
      name: t('units:name'),
      compare: (a, b) => collate(a.unit.name, b.unit.name),
      cell: ({ unit, depth, below }) => (
        <div className={css.name} style={{ paddingLeft: Math.min(depth, 8) * 18 }}>
          {!flat &&
            (below > 0 ? (
              <ActionIcon
                className={css.twist}
                size={24}
                tabIndex={-1}
                variant="subtle"
                aria-expanded={!closed.has(unit.id)}
                aria-label={t(closed.has(unit.id) ? 'units:expand' : 'units:collapse', { name: unit.name })}
                onClick={() => {
                  turn(unit.id, closed.has(unit.id));
                }}
              >
                {closed.has(unit.id) ? <IconChevronRight size={15} /> : <IconChevronDown size={15} />}
              </ActionIcon>
            ) : (
              <span className={css.twist} />
            ))}
          <div className={css.label}>
            <UnstyledButton
              className={`${css.open ?? ''} ${unit.status === 'ended' ? (css.ended ?? '') : ''}`}
              tabIndex={-1}
              onClick={() => {
                open(unit.id);
              }}
            >
              {unit.name}
            </UnstyledButton>{' '}
            {!flat && below > 0 && closed.has(unit.id) && <span className="la-dim la-num">({below})</span>}
            {flat && path(unit) !== '' && (
              <Text size="xs" className="la-dim">
                {path(unit)}
              </Text>
            )}
            {(unit.status !== 'active' || unit.validTo !== null) && <UnitStatus unit={unit} />}
          </div>
        </div>
      ),
    },
    { id: 'kind', name: t('units:kind'), from: 'sm', compare: (a, b) => collate(types.name(a.unit.kind), types.name(b.unit.kind)), cell: ({ unit }) => types.name(unit.kind) },
    {
      id: 'duty',
      name: t('units:dutyPhone'),
      from: 'md',
      cell: ({ unit }) => (unit.dutyPhone ? <span className="la-num la-nowrap">{unit.dutyPhone}</span> : <span className="la-dim">{t('units:noDuty')}</span>),
    },
    { id: 'head', name: t('units:head'), from: 'lg', compare: (a, b) => collate(a.unit.head, b.unit.head), cell: ({ unit }) => unit.head },
    {
      id: 'updated',
      name: t('units:updated'),
      from: 'lg',
      greatestFirst: true,
      compare: (a, b) => collate(a.unit.updatedAt, b.unit.updatedAt),
      cell: ({ unit }) => <Ago at={unit.updatedAt} />,
    },
  ];
}
