import { IconGavel } from '@tabler/icons-react';
import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';

import { obligationPagesQuery, wallQuery } from '../../api/obligationQueries';
import type { Query } from '../../api/client';
import { useSession } from '../../app/session';
import { useUnit } from '../../app/unit';
import { EmptyState } from '../../kit/EmptyState';
import { FilterChips, FilterText } from '../../kit/filters';
import { LinkButton } from '../../ui/links';
import { useNow } from '../../ui/Time';
import { MissingYears } from './notices';
import { ObligationList } from './ObligationList';

const route = getRouteApi('/obligations');
const views = ['soon', 'late', 'sent', 'own', 'drill', 'any'] as const;
type View = (typeof views)[number];

/** Soon is what is due within three days; to the hour, so that the same is asked for longer. */
const soonMs = 3 * 86_400_000;
const hourMs = 3_600_000;

function filterOf(view: View | undefined, unit: string, now: number): Query {
  switch (view) {
    case 'soon':
      return { before: new Date(Math.ceil((now + soonMs) / hourMs) * hourMs).toISOString() };
    case 'late':
      return { late: true };
    case 'sent':
      return { state: 'sent' };
    case 'own':
      return { unit };
    case 'drill':
      return { drill: true, state: 'any' };
    case 'any':
      return { state: 'any' };
    case undefined:
      return {};
  }
}

/** Every obligation in the views people work by. */
export function ListTab() {
  const { t } = useTranslation('obligations');
  const { view, q, id } = route.useSearch();
  const navigate = route.useNavigate();
  const { user } = useSession();
  const narrowed = useUnit();
  const now = useNow();
  const query = useInfiniteQuery(obligationPagesQuery({ unit: narrowed, ...filterOf(view, user.unit, now), q }));
  const items = query.data?.pages.flatMap((p) => p.items) ?? [];
  const counts = useQuery(wallQuery(false)).data;
  const set = (next: Record<string, string | undefined>, replace = true) => {
    void navigate({ search: (old) => ({ ...old, ...next }), replace });
  };
  return (
    <>
      <MissingYears years={query.data?.pages[0]?.missingYears ?? []} />
      <ObligationList
        label={t('list')}
        items={items}
        query={query}
        more={{ has: query.hasNextPage, loading: query.isFetchingNextPage, load: () => query.fetchNextPage() }}
        filters={
          <>
            <FilterText
              value={q}
              placeholder={t('find')}
              onChange={(text) => {
                set({ q: text });
              }}
            />
            <FilterChips<View>
              label={t('views')}
              values={views}
              chosen={view ? [view] : []}
              single
              counts={counts && { late: counts.late }}
              name={(value) => t(`view.${value}`)}
              onChange={([next]) => {
                set({ view: next, id: undefined });
              }}
            />
          </>
        }
        filtered={view !== undefined || q !== undefined}
        onClear={() => {
          set({ view: undefined, q: undefined });
        }}
        empty={
          <EmptyState icon={<IconGavel size={34} />} title={t('nothing')} text={t('noneText')} steps={[t('step1'), t('step2'), t('step3')]}>
            <LinkButton to="/obligations" search={{ tab: 'duties' }} size="xs">
              {t('toDuties')}
            </LinkButton>
          </EmptyState>
        }
        open={id}
        onOpen={(next) => {
          set({ id: next }, id !== undefined);
        }}
      />
    </>
  );
}
