import '../../i18n/agenda';

import { Alert, Button, Group, Text, Title } from '@mantine/core';
import { IconCalendarEvent, IconChevronLeft, IconChevronRight } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';

import { agendaQuery } from '../../api/agendaQueries';
import { FilterChips } from '../../kit/filters';
import { addMonths, dayName, dayOf, monthOf, weeksOf } from '../../lib/month';
import page from '../../ui/page.module.css';
import { PageHeader } from '../../ui/PageHeader';
import { EmptyState, ErrorState, Rows } from '../../ui/State';
import { useNow } from '../../ui/Time';
import css from './agenda.module.css';
import { Dates } from './Dates';
import { Month } from './Month';
import { useKind } from './useKind';

const route = getRouteApi('/agenda');

/** A month of what falls due, and the list of it. */
export function AgendaPage() {
  const { t, i18n } = useTranslation('agenda');
  const { month: asked, day, kind, unit } = route.useSearch() as { month?: string; day?: string; kind?: string; unit?: string };
  const navigate = route.useNavigate();
  const today = dayOf(useNow());
  const month = asked ?? monthOf(today);
  const weeks = weeksOf(month);
  const nameOf = useKind();
  const query = useQuery(agendaQuery({ from: weeks[0]?.[0] ?? '', to: weeks.at(-1)?.at(-1) ?? '', kind, unit }));
  const data = query.data;
  const items = data?.items ?? [];
  const shown = items.filter((one) => (day === undefined ? monthOf(one.day) === month : one.day === day));
  const set = (next: Record<string, string | undefined>) => {
    void navigate({ search: (old) => ({ ...old, ...next }), replace: true });
  };
  const [year = '', number = ''] = month.split('-');
  return (
    <div className={page.page}>
      <PageHeader title={t('title')}>
        <Group gap={6}>
          <Button
            variant="default"
            size="compact-sm"
            aria-label={t('previous')}
            onClick={() => {
              set({ month: addMonths(month, -1), day: undefined });
            }}
          >
            <IconChevronLeft size={16} />
          </Button>
          <Text fw={600} size="sm" miw={110} ta="center" aria-live="polite">
            {t('month', { month: number, year })}
          </Text>
          <Button
            variant="default"
            size="compact-sm"
            aria-label={t('next')}
            onClick={() => {
              set({ month: addMonths(month, 1), day: undefined });
            }}
          >
            <IconChevronRight size={16} />
          </Button>
          <Button
            variant="default"
            size="compact-sm"
            onClick={() => {
              set({ month: undefined, day: undefined });
            }}
          >
            {t('today')}
          </Button>
        </Group>
      </PageHeader>
      {data && data.kinds.length > 1 && (
        <Group mb="sm">
          <FilterChips
            label={t('kinds')}
            values={data.kinds}
            chosen={kind === undefined ? [] : [kind]}
            single
            name={nameOf}
            onChange={([next]) => {
              set({ kind: next, day: undefined });
            }}
          />
        </Group>
      )}
      {data && data.more.length > 0 && (
        <Alert color="yellow" mb="sm">
          {t('partial', { kinds: data.more.map(nameOf).join(', ') })}
        </Alert>
      )}
      {query.error ? (
        <ErrorState error={query.error} retry={() => void query.refetch()} />
      ) : query.isPending ? (
        <Rows count={8} />
      ) : (
        <div className={css.page}>
          <Month
            weeks={weeks}
            month={month}
            today={today}
            items={items}
            chosen={day}
            label={t('grid', { month: number, year })}
            choose={(next) => {
              set({ day: next === day ? undefined : next });
            }}
          />
          <section aria-labelledby="agenda-list">
            <Group justify="space-between" mb={6} mih={30}>
              <Title order={2} id="agenda-list" fz="md">
                {day === undefined ? t('month', { month: number, year }) : dayName(day, i18n.language)}
                <span className="la-dim"> · {t('count', { count: shown.length })}</span>
              </Title>
              {day !== undefined && (
                <Button
                  variant="subtle"
                  size="compact-sm"
                  onClick={() => {
                    set({ day: undefined });
                  }}
                >
                  {t('wholeMonth')}
                </Button>
              )}
            </Group>
            {shown.length === 0 ? (
              day === undefined ? (
                <EmptyState icon={<IconCalendarEvent size={28} />} title={t('empty')} text={t('emptyText')} />
              ) : (
                <Text className="la-dim">{t('emptyDay')}</Text>
              )
            ) : (
              <Dates items={shown} days={day === undefined} />
            )}
          </section>
        </div>
      )}
    </div>
  );
}
