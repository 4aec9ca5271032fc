import '../../i18n/ruledetail';

import { Text, Title } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';

import { noiseQuery } from '../../api/attackQueries';
import { ChartWithTable } from '../../kit/ChartWithTable';
import { EntityValue } from '../../kit/EntityLink';
import { StatTile } from '../../kit/StatTile';
import { distance, formatNumber } from '../../lib/format';
import { ErrorState, Rows } from '../../ui/State';
import { Time } from '../../ui/Time';
import css from './rules.module.css';

const dayMs = 86_400_000;

/** What a rule's alerts cost people. */
export function Noise({ id }: { id: string }) {
  const { t, i18n } = useTranslation(['ruledetail', 'translation']);
  const { data, error, refetch } = useQuery(noiseQuery(id));
  if (error) return <ErrorState error={error} retry={() => void refetch()} />;
  if (!data) return <Rows count={4} />;
  const number = (n: number) => formatNumber(n, i18n.language);
  const counts = new Map(data.days.map((d) => [d.date, d.count]));
  const first = Date.parse(data.since);
  const points = Array.from({ length: 31 }, (_, i): [number, number] => {
    const date = new Date(first + i * dayMs + 7 * 3_600_000).toISOString().slice(0, 10);
    return [Date.parse(`${date}T00:00:00+07:00`), counts.get(date) ?? 0];
  });
  const median = data.medianToCloseSeconds;
  const took = typeof median === 'number' ? distance(0, median * 1_000) : undefined;
  const units = { second: 's', minute: 'm', hour: 'h', day: 'd' } as const;
  return (
    <section>
      <Title order={2}>{t('ruledetail:noise')}</Title>
      <div className={css.tiles}>
        <StatTile name={t('ruledetail:alerts')} value={number(data.alerts)} />
        <StatTile
          name={t('ruledetail:falsePositives')}
          value={data.closed > 0 ? `${number(Math.round((100 * data.falsePositive) / data.closed))}%` : '–'}
          note={data.closed > 0 ? t('ruledetail:ofClosed', { n: number(data.closed) }) : t('ruledetail:noneClosed')}
          tone={data.closed > 0 && data.falsePositive * 2 > data.closed ? 'high' : undefined}
        />
        <StatTile
          name={t('ruledetail:median')}
          value={took ? `${number(took.count)} ${units[took.unit]}` : '–'}
          note={took ? t('ruledetail:medianOf', { n: number(data.judged) }) : t('ruledetail:noneClosed')}
        />
      </div>
      <ChartWithTable
        title={t('ruledetail:noiseChart')}
        label={t('ruledetail:noiseChart')}
        head={{ name: t('ruledetail:day'), value: t('ruledetail:alerts') }}
        height={140}
        spec={{ kind: 'time', look: 'bars', series: [{ name: t('ruledetail:alerts'), tone: 'accent', points: data.alerts > 0 ? points : [] }] }}
      />
      <div className={css.two} style={{ marginTop: 12 }}>
        {data.units.length > 0 && (
          <div>
            <Title order={3}>{t('ruledetail:units')}</Title>
            <ul className={css.pairs}>
              {data.units.map((u) => (
                <li key={u.unit}>
                  <span>{u.unitName}</span>
                  <span className="la-num">{number(u.count)}</span>
                </li>
              ))}
            </ul>
          </div>
        )}
        {data.entities.length > 0 && (
          <div>
            <Title order={3}>{t('ruledetail:entities')}</Title>
            <ul className={css.pairs}>
              {data.entities.map((e) => (
                <li key={`${e.field} ${e.value}`}>
                  <span>
                    <EntityValue field={e.field} value={e.value} /> <span className="la-dim">{e.field}</span>
                  </span>
                  <span className="la-num">{number(e.count)}</span>
                </li>
              ))}
            </ul>
          </div>
        )}
        <div>
          <Title order={3}>{t('ruledetail:exclusions')}</Title>
          {data.exclusions.length === 0 && (
            <Text size="sm" className="la-dim">
              {t('ruledetail:noExclusions')}
            </Text>
          )}
          <ul className={css.pairs}>
            {data.exclusions.map((x) => (
              <li key={x.id}>
                <span>{x.title}</span>
                {x.until && (
                  <span className="la-dim">
                    {t('ruledetail:until')} <Time at={x.until} />
                  </span>
                )}
              </li>
            ))}
          </ul>
        </div>
      </div>
    </section>
  );
}
