import { Group, SegmentedControl, SimpleGrid, Stack, Switch } from '@mantine/core';
import { IconChartHistogram } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import { type UnitPace, warningFiguresQuery } from '../../api/warningQueries';
import { EmptyState } from '../../kit/EmptyState';
import { List } from '../../kit/List';
import { StatTile } from '../../kit/StatTile';
import { ErrorState, Rows } from '../../ui/State';

const ranges = ['30', '90', '365'] as const;
const none = '–';

/** How long something took, in hours or minutes. */
function useTook() {
  const { t } = useTranslation('warnings');
  return (seconds: number | undefined) => {
    if (seconds === undefined) return none;
    return seconds < 7_200 ? t('minutes', { count: Math.round(seconds / 60) }) : t('hours', { count: Math.round(seconds / 3_600) });
  };
}

/** How fast warnings are acknowledged and fixed, of all and by unit. */
export function FiguresTab() {
  const { t } = useTranslation('warnings');
  const [range, setRange] = useState<(typeof ranges)[number]>('90');
  const [drill, setDrill] = useState(false);
  const query = useQuery(warningFiguresQuery(Number(range), drill));
  const took = useTook();
  const all = query.data?.all;
  return (
    <Stack gap="sm">
      <Group gap="md">
        <SegmentedControl
          size="xs"
          aria-label={t('figures.range')}
          data={ranges.map((value) => ({ value, label: t(`figures.${value}`) }))}
          value={range}
          onChange={(value) => {
            setRange(ranges.find((r) => r === value) ?? '90');
          }}
        />
        <Switch
          label={t('drills')}
          checked={drill}
          onChange={(event) => {
            setDrill(event.currentTarget.checked);
          }}
        />
      </Group>
      {query.error && <ErrorState error={query.error} retry={() => void query.refetch()} />}
      {query.isPending && <Rows count={4} />}
      {all && (
        <SimpleGrid cols={{ base: 2, md: 5 }} spacing="sm">
          <StatTile name={t('figures.copies')} value={all.copies} />
          <StatTile name={t('figures.ack')} value={took(all.ackMedian)} note={t('figures.p90', { time: took(all.ackP90) })} />
          <StatTile name={t('figures.fix')} value={took(all.fixMedian)} note={t('figures.p90', { time: took(all.fixP90) })} />
          <StatTile name={t('figures.lateAck')} value={all.lateAck} tone={all.lateAck > 0 ? 'high' : undefined} />
          <StatTile name={t('figures.lateFix')} value={all.lateFix} tone={all.lateFix > 0 ? 'high' : undefined} />
        </SimpleGrid>
      )}
      <List<UnitPace>
        label={t('tab.figures')}
        items={query.data?.units ?? []}
        id={(u) => u.unit}
        name={(u) => u.unitName}
        query={query}
        columns={[
          { id: 'unit', name: t('unit'), main: true, cell: (u) => u.unitName },
          { id: 'copies', name: t('figures.copies'), number: true, cell: (u) => u.copies },
          { id: 'ack', name: t('figures.ack'), number: true, cell: (u) => took(u.ackMedian), from: 'sm' },
          { id: 'fix', name: t('figures.fix'), number: true, cell: (u) => took(u.fixMedian), from: 'sm' },
          { id: 'lateAck', name: t('figures.lateAck'), number: true, cell: (u) => u.lateAck, from: 'md' },
          { id: 'lateFix', name: t('figures.lateFix'), number: true, cell: (u) => u.lateFix },
        ]}
        empty={<EmptyState icon={<IconChartHistogram size={34} />} title={t('figures.none')} text={t('figures.noneText')} />}
      />
    </Stack>
  );
}
