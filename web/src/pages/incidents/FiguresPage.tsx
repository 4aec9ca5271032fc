import '../../i18n/casework';
import '../../i18n/incidents';

import { Group, SegmentedControl, SimpleGrid, Text } from '@mantine/core';
import { IconArrowLeft, IconChartHistogram } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import { type Figure, incidentFiguresQuery } from '../../api/caseworkQueries';
import { ChartWithTable } from '../../kit/ChartWithTable';
import { EmptyState } from '../../kit/EmptyState';
import { type Column, List } from '../../kit/List';
import { StatTile } from '../../kit/StatTile';
import type { IncidentsParams, Reached } from '../../lib/incidentParams';
import page from '../../ui/page.module.css';
import { PageHeader, usePageTitle } from '../../ui/PageHeader';
import { ErrorState, Rows } from '../../ui/State';
import css from './casework.module.css';
import { useCatalogue } from './words';

const route = getRouteApi('/incidents/figures');
const ranges = ['30', '90', '365'] as const;
const kinds = ['unit', 'category', 'severity'] as const;
const steps = ['acknowledge', 'contain', 'recover'] as const;
const reached: Record<(typeof steps)[number], Reached> = { acknowledge: 'acknowledged', contain: 'contained', recover: 'recovered' };
const tones = { acknowledge: 'ok', contain: 'medium', recover: 'accent' } as const;
const dayMs = 86_400_000;
const charted = 12;

/** "40 phút", "5 giờ", "3 ngày" */
function useTook() {
  const { t, i18n } = useTranslation('casework');
  const short = (n: number) => new Intl.NumberFormat(i18n.language, { maximumFractionDigits: 1 }).format(n);
  return (seconds: number) => {
    if (seconds < 5_400) return t('figures.minutes', { count: Math.round(seconds / 60) });
    return seconds < 172_800 ? t('figures.hours', { n: short(seconds / 3_600) }) : t('figures.days', { n: short(seconds / 86_400) });
  };
}

const zoneMs = 7 * 3_600_000;

/** Midnight to midnight in Vietnam, so that a day's numbers do not move while they are read. */
const lately = (days: number) => {
  const until = (Math.floor((Date.now() + zoneMs) / dayMs) + 1) * dayMs - zoneMs;
  return { from: new Date(until - days * dayMs).toISOString(), to: new Date(until).toISOString() };
};

/** How long it took to acknowledge, contain and recover, with the list behind each number. */
export function FiguresPage() {
  const { t, i18n } = useTranslation(['translation', 'casework', 'incidents']);
  const { range = '90', by = 'unit', unit } = route.useSearch() as { range?: (typeof ranges)[number]; by?: (typeof kinds)[number]; unit?: string };
  const navigate = route.useNavigate();
  usePageTitle(t('casework:figures.title'));
  const [spans] = useState(() => ({ 30: lately(30), 90: lately(90), 365: lately(365) }));
  const { from, to } = spans[range];
  const { category } = useCatalogue();
  const took = useTook();
  const query = useQuery(incidentFiguresQuery({ from, to, by, drill: false, ...(unit !== undefined && { unit }) }));
  const nameOf = (one: Figure) => (by === 'severity' ? t(`level.${one.key as 'high'}`) : by === 'category' ? category(one.key) : one.name || one.key);
  const list = (one: Figure | undefined, step?: (typeof steps)[number]): IncidentsParams => ({
    detected: from,
    until: to,
    ...(step && { reached: reached[step] }),
    ...(one && { [by]: one.key }),
  });
  const all = query.data?.all;
  const items = query.data?.items ?? [];
  const top = items.slice(0, charted);
  const number = (one: Figure, step: (typeof steps)[number]) =>
    one[step].count === 0 ? (
      <span className="la-dim">–</span>
    ) : (
      <Link to="/incidents" search={list(one, step)} aria-label={`${t('casework:figures.seeList', { name: nameOf(one) })}, ${t(`casework:figures.${step}`)}`} className={css.number}>
        {took(one[step].medianSeconds)}
        <span className={css.of}>{t('casework:figures.p90', { time: took(one[step].p90Seconds), count: one[step].count })}</span>
      </Link>
    );
  const columns: Column<Figure>[] = [
    { id: 'name', name: t(`casework:figures.bys.${by}`), main: true, cell: nameOf, compare: (a, b) => nameOf(a).localeCompare(nameOf(b), 'vi') },
    {
      id: 'incidents',
      name: t('casework:figures.incidents'),
      number: true,
      compare: (a, b) => a.incidents - b.incidents,
      cell: (one) => (
        <Link to="/incidents" search={list(one)} aria-label={t('casework:figures.seeList', { name: nameOf(one) })} className={css.number}>
          {one.incidents}
        </Link>
      ),
    },
    { id: 'open', name: t('casework:figures.open'), number: true, from: 'md', compare: (a, b) => a.open - b.open, cell: (one) => one.open },
    ...steps.map((step) => ({
      id: step,
      name: t(`casework:figures.${step}`),
      number: true as const,
      ...(step !== 'contain' && { from: 'sm' as const }),
      compare: (a: Figure, b: Figure) => a[step].medianSeconds - b[step].medianSeconds,
      cell: (one: Figure) => number(one, step),
    })),
  ];
  return (
    <div className={page.page} data-full>
      <Link to="/incidents" className={page.back}>
        <IconArrowLeft size={15} /> {t('casework:figures.back')}
      </Link>
      <PageHeader title={t('casework:figures.title')} />
      <Text size="sm" className="la-dim" mb="sm">
        {t('casework:figures.intro')}
      </Text>
      <Group gap="md" mb="sm">
        <SegmentedControl
          size="xs"
          aria-label={t('casework:figures.range')}
          data={ranges.map((value) => ({ value, label: t(`casework:figures.ranges.${value}`) }))}
          value={range}
          onChange={(value) => void navigate({ search: (old) => ({ ...old, range: ranges.find((one) => one === value) }), replace: true })}
        />
        <SegmentedControl
          size="xs"
          aria-label={t('casework:figures.by')}
          data={kinds.map((value) => ({ value, label: t(`casework:figures.bys.${value}`) }))}
          value={by}
          onChange={(value) => void navigate({ search: (old) => ({ ...old, by: kinds.find((one) => one === value) }), replace: true })}
        />
      </Group>
      {query.error && !query.data && <ErrorState error={query.error} retry={() => void query.refetch()} />}
      {query.isPending && <Rows count={4} />}
      {all && (
        <SimpleGrid cols={{ base: 2, md: 5 }} spacing="sm" mb="sm">
          <StatTile name={t('casework:figures.incidents')} value={all.incidents} />
          <StatTile name={t('casework:figures.open')} value={all.open} />
          {steps.map((step) => (
            <StatTile
              key={step}
              name={t('casework:figures.tile', { what: t(`casework:figures.${step}`) })}
              value={all[step].count === 0 ? '–' : took(all[step].medianSeconds)}
              note={all[step].count > 0 && t('casework:figures.p90', { time: took(all[step].p90Seconds), count: all[step].count })}
            />
          ))}
        </SimpleGrid>
      )}
      {top.length > 0 && (
        <ChartWithTable
          title={t('casework:figures.chart')}
          {...(items.length > charted && { note: t('casework:figures.chartNote', { count: charted }) })}
          label={t('casework:figures.chartLabel')}
          head={{ name: t(`casework:figures.bys.${by}`), value: t('casework:figures.median') }}
          height={Math.max(160, top.length * 54 + 60)}
          format={(n) => new Intl.NumberFormat(i18n.language, { maximumFractionDigits: 1 }).format(n)}
          spec={{
            kind: 'bars',
            names: top.map(nameOf),
            series: steps.map((step) => ({ name: t(`casework:figures.${step}`), tone: tones[step], values: top.map((one) => (one[step].count === 0 ? null : one[step].medianSeconds / 3_600)) })),
          }}
        />
      )}
      <div className={css.figures}>
        <List<Figure>
          key={by}
          label={t('casework:figures.title')}
          items={items}
          id={(one) => one.key}
          name={nameOf}
          columns={columns}
          query={query}
          empty={<EmptyState icon={<IconChartHistogram size={34} />} title={t('casework:figures.none')} text={t('casework:figures.noneText')} />}
        />
      </div>
    </div>
  );
}
