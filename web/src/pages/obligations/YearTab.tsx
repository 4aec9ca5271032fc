import { Button } from '@mantine/core';
import { IconCalendarDue } from '@tabler/icons-react';
import { useInfiniteQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import { obligationPagesQuery } from '../../api/obligationQueries';
import { Calendar } from '../../kit/Calendar';
import type { Range } from '../../kit/DateRange';
import { EmptyState } from '../../kit/EmptyState';
import { formatTime } from '../../lib/time';
import css from './obligations.module.css';
import { ObligationList } from './ObligationList';

const route = getRouteApi('/obligations');
const hanoi = '+07:00';

/** What falls due in the year, by month; two days of the calendar narrow it. */
export function YearTab() {
  const { t } = useTranslation('obligations');
  const { id } = route.useSearch();
  const navigate = route.useNavigate();
  const year = Number(formatTime(new Date()).slice(6, 10));
  const [range, setRange] = useState<Range>({ from: undefined, to: undefined });
  const from = range.from ?? `${String(year)}-01-01T00:00:00${hanoi}`;
  const before = range.to ?? `${String(year + 1)}-01-01T00:00:01${hanoi}`;
  const query = useInfiniteQuery(obligationPagesQuery({ state: 'any', from, before }));
  const narrowed = range.from !== undefined || range.to !== undefined;
  return (
    <div className={css.year}>
      <div className="la-card" style={{ padding: 10 }}>
        <Calendar key={narrowed ? 'narrowed' : 'year'} value={range} onChange={setRange} />
        {narrowed && (
          <Button
            mt="xs"
            size="xs"
            variant="default"
            fullWidth
            onClick={() => {
              setRange({ from: undefined, to: undefined });
            }}
          >
            {t('wholeYear', { year })}
          </Button>
        )}
      </div>
      <ObligationList
        label={t('tab.year')}
        items={query.data?.pages.flatMap((p) => p.items) ?? []}
        query={query}
        more={{ has: query.hasNextPage, loading: query.isFetchingNextPage, load: () => query.fetchNextPage() }}
        group={(o) => {
          const month = formatTime(o.dueAt).slice(3, 10);
          return { id: month, head: t('month', { month }) };
        }}
        filtered={narrowed}
        onClear={() => {
          setRange({ from: undefined, to: undefined });
        }}
        empty={<EmptyState icon={<IconCalendarDue size={34} />} title={t('yearNone', { year })} text={t('yearNoneText')} />}
        open={id}
        onOpen={(next) => {
          void navigate({ search: (old) => ({ ...old, id: next }), replace: id !== undefined });
        }}
      />
    </div>
  );
}
