import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import { ChartWithTable } from '../../kit/ChartWithTable';
import { DateRange, type Range } from '../../kit/DateRange';
import { Ago, DateTime } from '../../kit/DateTime';
import { StatTile } from '../../kit/StatTile';
import { levels } from '../../lib/levels';
import { Part } from './Part';
import css from './style.module.css';

const dayMs = 86_400_000;
const start = Date.parse('2026-11-08T17:00:00Z');
const at = '2026-11-22T03:20:58.123Z';
const daily = [3, 5, 2, 8, 13, 6, 4, 9, 7, 11, 5, 3, 6, 10];

/** Times, figures and charts. */
export function Numbers() {
  const { t } = useTranslation(['translation', 'style']);
  const [range, setRange] = useState<Range>({ from: '2026-11-21T17:00:00.000Z', to: '2026-11-22T16:59:59.999Z' });
  const units = t('style:units', { returnObjects: true }) as string[];
  return (
    <>
      <Part title={t('style:times')}>
        <div className={css.row}>
          <DateTime at={at} />
          <Ago at={at} />
        </div>
        <DateRange value={range} onChange={setRange} />
      </Part>
      <Part title={t('style:tiles')}>
        <div className={css.two}>
          <StatTile name={t('style:newAlerts')} value="32" note={t('overview.criticalNote', { count: 1 })} tone="critical" to="/alerts" />
          <StatTile name={t('style:silent')} value="0" note={t('style:allFine')} tone="ok" />
        </div>
      </Part>
      <ChartWithTable
        title={t('style:chart')}
        label={t('style:chart')}
        head={{ name: t('style:when'), value: t('style:count') }}
        height={190}
        spec={{
          kind: 'time',
          look: 'bars',
          stacked: true,
          series: (['high', 'medium', 'low'] as const).map((level, i) => ({
            name: t(`level.${level}`),
            tone: level,
            points: daily.map((n, day) => [start + day * dayMs, Math.round(n * (i + 1) * 0.7)] as [number, number]),
          })),
        }}
      />
      <ChartWithTable
        title={t('style:byUnit')}
        label={t('style:byUnit')}
        head={{ name: t('style:who'), value: t('style:count') }}
        height={150}
        spec={{ kind: 'bars', names: units, series: [{ name: t('style:count'), values: [41, 23, 12, 5] }] }}
      />
      <ChartWithTable
        title={t('style:byLevel')}
        label={t('style:byLevel')}
        head={{ name: t('style:levels'), value: t('style:count') }}
        height={150}
        spec={{ kind: 'share', parts: levels.map((level, i) => ({ name: t(`level.${level}`), tone: level, value: (i + 1) * 7 })) }}
      />
    </>
  );
}
