import { IconFileAlert } from '@tabler/icons-react';
import { useInfiniteQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';

import { type Advisory, advisoryPagesQuery } from '../../api/advisoryQueries';
import { EmptyState } from '../../kit/EmptyState';
import { FilterChips, FilterText } from '../../kit/filters';
import { type Column, List } from '../../kit/List';
import { formatNumber } from '../../lib/format';
import { Badge } from '../../ui/Badge';
import { Time } from '../../ui/Time';
import { ExploitedBadge, percent, SeverityBadge, UnitCount } from './parts';

const route = getRouteApi('/advisories');
const formats = ['csaf', 'cve'] as const;

/** Imported advisories, what changed last first. */
export function AdvisoriesTab() {
  const { t, i18n } = useTranslation('advisories');
  const { q, format } = route.useSearch();
  const navigate = route.useNavigate();
  const query = useInfiniteQuery(advisoryPagesQuery({ q, format }));
  const set = (next: Record<string, string | undefined>) => {
    void navigate({ search: (old) => ({ ...old, ...next }), replace: true });
  };
  const language = i18n.language;
  const columns = useMemo<Column<Advisory>[]>(
    () => [
      {
        id: 'title',
        name: t('title'),
        main: true,
        cell: (a) => a.title || a.number,
        under: (a) => (
          <span className="la-dim">
            <Badge tone="informational">{t(`format.${a.format}`)}</Badge> {a.publisher} · <span className="la-mono">{a.number}</span>
          </span>
        ),
      },
      {
        id: 'grave',
        name: t('severity'),
        cell: (a) => (
          <>
            {a.exploited && <ExploitedBadge />}
            <SeverityBadge severity={a.severity} />
          </>
        ),
      },
      { id: 'cvss', name: t('cvss'), cell: (a) => (a.cvss > 0 ? formatNumber(a.cvss, language) : '—'), from: 'md' },
      { id: 'epss', name: t('epss'), cell: (a) => (a.epss > 0 ? percent(a.epss, language) : '—'), from: 'md' },
      { id: 'units', name: t('units'), cell: (a) => <UnitCount units={a.units} possible={a.possible} /> },
      { id: 'changed', name: t('changed'), cell: (a) => a.changedAt && <Time at={a.changedAt} />, from: 'sm' },
    ],
    [t, language],
  );
  return (
    <List<Advisory>
      label={t('list')}
      items={query.data?.pages.flatMap((p) => p.items) ?? []}
      id={(a) => a.id}
      name={(a) => a.title}
      columns={columns}
      query={query}
      more={{ has: query.hasNextPage, loading: query.isFetchingNextPage, load: () => query.fetchNextPage() }}
      page={(a) => `/advisories/${encodeURIComponent(a.id)}`}
      filters={
        <>
          <FilterText
            value={q}
            placeholder={t('find')}
            onChange={(text) => {
              set({ q: text });
            }}
          />
          <FilterChips<(typeof formats)[number]>
            label={t('formats')}
            values={formats}
            chosen={format ? [format] : []}
            single
            name={(value) => t(`format.${value}`)}
            onChange={([next]) => {
              set({ format: next });
            }}
          />
        </>
      }
      filtered={q !== undefined || format !== undefined}
      onClear={() => {
        set({ q: undefined, format: undefined });
      }}
      empty={<EmptyState icon={<IconFileAlert size={34} />} title={t('emptyAdvisories')} text={t('emptyText')} steps={[t('step1'), t('step2'), t('step3')]} />}
    />
  );
}
