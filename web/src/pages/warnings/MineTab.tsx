import { IconMailCheck } from '@tabler/icons-react';
import { useInfiniteQuery } from '@tanstack/react-query';
import { getRouteApi, useNavigate } from '@tanstack/react-router';
import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';

import { ownWarningsQuery, type WarningCopy } from '../../api/warningQueries';
import { DrillMark } from '../../kit/Drill';
import { EmptyState } from '../../kit/EmptyState';
import { FilterChips } from '../../kit/filters';
import { type Column, List } from '../../kit/List';
import { LevelBadge } from '../../ui/Badge';
import { Time } from '../../ui/Time';
import { CopyState } from './marks';

const route = getRouteApi('/warnings');
const views = ['late', 'settled', 'any'] as const;
type View = (typeof views)[number];

/** The copies of one's units. */
export function MineTab() {
  const { t } = useTranslation('warnings');
  const { view, drill, unit } = route.useSearch();
  const navigate = route.useNavigate();
  const go = useNavigate();
  const chosen = views.find((name) => name === view);
  const query = useInfiniteQuery(ownWarningsQuery({ status: chosen, drill: drill === '1', unit }));
  const items = query.data?.pages.flatMap((p) => p.items) ?? [];
  const set = (next: Record<string, string | undefined>) => {
    void navigate({ search: (old) => ({ ...old, ...next }), replace: true });
  };
  const columns = useMemo<Column<WarningCopy>[]>(
    () => [
      { id: 'name', name: t('name'), main: true, cell: (c) => `${c.code} · ${c.title}`, under: (c) => c.drill && <DrillMark /> },
      { id: 'unit', name: t('unit'), cell: (c) => c.unitName, from: 'md' },
      { id: 'severity', name: t('severity'), cell: (c) => <LevelBadge level={c.severity} />, from: 'sm' },
      { id: 'state', name: t('copyState'), cell: (c) => <CopyState copy={c} /> },
      { id: 'ackBy', name: t('ackBy'), cell: (c) => <Time at={c.ackBy} />, from: 'lg' },
      { id: 'fixBy', name: t('fixBy'), cell: (c) => <Time at={c.fixBy} />, from: 'sm' },
    ],
    [t],
  );
  return (
    <List<WarningCopy>
      label={t('tab.mine')}
      items={items}
      id={(c) => `${c.warning}/${c.unit}`}
      name={(c) => c.title}
      columns={columns}
      query={query}
      page={(c) => `/warnings/${c.warning}/${c.unit}`}
      onOpen={(key) => {
        const [id, of] = key?.split('/') ?? [];
        if (id !== undefined && of !== undefined) void go({ to: '/warnings/$id/$of', params: { id, of } });
      }}
      more={{ has: query.hasNextPage, loading: query.isFetchingNextPage, load: () => query.fetchNextPage() }}
      filters={
        <>
          <FilterChips<View>
            label={t('view')}
            values={views}
            chosen={chosen ? [chosen] : []}
            single
            name={(value) => t(`views.${value}`)}
            onChange={([next]) => {
              set({ view: next });
            }}
          />
          <FilterChips
            label={t('drill')}
            values={['1']}
            chosen={drill === '1' ? ['1'] : []}
            single
            name={() => t('drills')}
            onChange={([next]) => {
              set({ drill: next });
            }}
          />
        </>
      }
      filtered={chosen !== undefined || drill === '1'}
      onClear={() => {
        set({ view: undefined, drill: undefined });
      }}
      empty={<EmptyState icon={<IconMailCheck size={34} />} title={t('mineNobody')} text={t('mineText')} steps={[t('mineStep1'), t('mineStep2'), t('mineStep3')]} />}
    />
  );
}
