import '../../i18n/systems';

import { IconLayoutGrid, IconPlus, IconServer2 } from '@tabler/icons-react';
import { useInfiniteQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';

import { type SystemLine, systemPagesQuery } from '../../api/systemQueries';
import { useMay } from '../../app/session';
import { EmptyState } from '../../kit/EmptyState';
import { FilterChips, FilterText } from '../../kit/filters';
import { type Column, ListPage } from '../../kit/ListPage';
import { SavedViews } from '../../kit/SavedViews';
import { Badge } from '../../ui/Badge';
import { LinkButton } from '../../ui/links';
import { Ago } from '../../ui/Time';
import { levels, states, types } from './facts';
import { LevelMark, StateMark } from './parts';
import { SheetButtons } from './SheetButtons';

const route = getRouteApi('/systems');

/** The register of information systems, by code. */
export function SystemsPage() {
  const { t } = useTranslation(['translation', 'systems']);
  const { q, state, type, level, unit } = route.useSearch();
  const navigate = route.useNavigate();
  const may = useMay();
  const query = useInfiniteQuery(systemPagesQuery({ q, state, type, level, unit }));
  const set = (next: Record<string, string | undefined>) => void navigate({ search: (old) => ({ ...old, ...next }), replace: true });
  const columns = useMemo<Column<SystemLine>[]>(
    () => [
      {
        id: 'name',
        name: t('systems:name'),
        main: true,
        cell: (x) => x.name,
        under: (x) => (
          <div className="la-dim">
            <span className="la-mono">{x.code}</span> · {t(`systems:type.${x.type}`)} {x.critical && <Badge tone="critical">{t('systems:criticalShort')}</Badge>}
          </div>
        ),
      },
      { id: 'unit', name: t('systems:unit'), cell: (x) => x.unitName, from: 'sm' },
      { id: 'operator', name: t('systems:operatorName'), cell: (x) => x.operatorName || '—', from: 'md' },
      { id: 'level', name: t('systems:level'), cell: (x) => <LevelMark system={x} /> },
      { id: 'state', name: t('systems:stateName'), cell: (x) => <StateMark state={x.state} /> },
      { id: 'updated', name: t('systems:updated'), cell: (x) => <Ago at={x.updatedAt} />, from: 'lg' },
    ],
    [t],
  );
  const narrowed = q !== undefined || state !== undefined || type !== undefined || level !== undefined || unit !== undefined;
  const add = may('system.manage') && (
    <LinkButton to="/systems/new" size="xs" leftSection={<IconPlus size={15} />}>
      {t('systems:new')}
    </LinkButton>
  );
  return (
    <ListPage<SystemLine>
      title={t('nav.systems')}
      label={t('systems:label')}
      tools={
        <>
          <SavedViews page="systems" search={{ q, state, type, level, unit }} onOpen={(next) => void navigate({ search: next })} />
          {may('requirement.read') && (
            <LinkButton to="/requirements" size="xs" variant="default" leftSection={<IconLayoutGrid size={15} />}>
              {t('systems:heatMap')}
            </LinkButton>
          )}
          <SheetButtons of="systems" filter={{ q, state, type, level, unit }} />
          {add}
        </>
      }
      items={query.data?.pages.flatMap((p) => p.items) ?? []}
      id={(x) => x.id}
      name={(x) => x.name}
      columns={columns}
      query={query}
      more={{ has: query.hasNextPage, loading: query.isFetchingNextPage, load: () => query.fetchNextPage() }}
      page={(x) => `/systems/${x.id}`}
      filters={
        <>
          <FilterText value={q} placeholder={t('systems:find')} onChange={(text) => { set({ q: text }); }} />
          <FilterChips label={t('systems:filterState')} values={states} chosen={states.filter((x) => x === state)} single name={(x) => t(`systems:state.${x}`)} onChange={([x]) => { set({ state: x }); }} />
          <FilterChips label={t('systems:filterType')} values={types} chosen={types.filter((x) => x === type)} single name={(x) => t(`systems:type.${x}`)} onChange={([x]) => { set({ type: x }); }} />
          <FilterChips label={t('systems:filterLevel')} values={levels} chosen={levels.filter((x) => x === level)} single name={(x) => (x === '0' ? t('systems:levelNone') : t('systems:levels', { level: x }))} onChange={([x]) => { set({ level: x }); }} />
        </>
      }
      filtered={narrowed}
      onClear={() => { set({ q: undefined, state: undefined, type: undefined, level: undefined, unit: undefined }); }}
      empty={
        <EmptyState icon={<IconServer2 size={34} />} title={t('systems:empty')} text={t('systems:emptyText')} steps={[t('systems:step1'), t('systems:step2'), t('systems:step3')]}>
          {add}
        </EmptyState>
      }
    />
  );
}
