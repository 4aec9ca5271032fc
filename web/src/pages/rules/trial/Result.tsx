import { Alert, Stack, Text, Title, UnstyledButton } from '@mantine/core';
import { IconAlertTriangle, IconMoodEmpty } from '@tabler/icons-react';
import { Link, useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import type { RuleTest, RuleTestResult, RuleTestSample } from '../../../api/types';
import { formatNumber } from '../../../lib/format';
import { formatTime } from '../../../lib/time';
import { BarChart } from '../../../ui/Chart';
import { EmptyState } from '../../../ui/State';
import { Marked } from '../../alerts/why/Marked';
import css from './trial.module.css';

const dayMs = 86_400_000;
const around = 5 * 60_000; // of a sample, when it is opened in the search
const noisyADay = 50;
const samplesShown = 5;

// Days are those of UTC+7.
const begins = (date: string) => `${date}T00:00:00+07:00`;

function Days({ result, from, to, query }: { result: RuleTestResult; from: string; to: string; query: string }) {
  const { t, i18n } = useTranslation('trial');
  const go = useNavigate();
  const count = (n: number) => formatNumber(n, i18n.language);
  const fromMs = Date.parse(begins(new Date(Date.parse(from) + 7 * 3_600_000).toISOString().slice(0, 10)));
  return (
    <section>
      <Title order={3} mb={4}>
        {t('perDay')}
      </Title>
      <BarChart
        height={150}
        label={t('chart', { n: count(result.days.length) })}
        points={result.days.map(({ date, count: n }) => ({ t: begins(date), count: n }))}
        bucketSeconds={dayMs / 1000}
        fromMs={fromMs}
        toMs={Date.parse(to)}
        formatCount={count}
        onRange={(a, b) =>
          void go({ to: '/search', search: { q: query, from: new Date(a).toISOString(), to: new Date(b).toISOString() } })
        }
      />
      <details className={css.days}>
        <summary>{t('table')}</summary>
        <table className="la-table">
          <thead>
            <tr>
              <th>{t('date')}</th>
              <th style={{ textAlign: 'right' }}>{t('count')}</th>
            </tr>
          </thead>
          <tbody>
            {result.days.map(({ date, count: n }) => (
              <tr key={date}>
                <td className="la-num">{date}</td>
                <td className="la-num" style={{ textAlign: 'right' }}>
                  {count(n)}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </details>
    </section>
  );
}

function Fields({ fields }: { fields: RuleTestSample['fields'] }) {
  return (
    <dl className={css.fields}>
      {fields.map((field, i) => (
        <div key={i} style={{ display: 'contents' }}>
          <dt className="la-mono" translate="no">
            {field.name}
          </dt>
          <dd>
            <Marked value={field.value} isNull={field.null} ranges={field.ranges} />
          </dd>
        </div>
      ))}
    </dl>
  );
}

function Sample({ sample }: { sample: RuleTestSample }) {
  const { t, i18n } = useTranslation('trial');
  const at = Date.parse(sample.time);
  const matched = sample.fields.filter((field) => field.matched);
  const { series } = sample;
  return (
    <li className={css.sample}>
      <div className={css.head}>
        <b className="la-num">{formatTime(sample.time, { ms: true })}</b>
        <span>{sample.host}</span>
        <span className="la-dim">{sample.unit}</span>
        {sample.indicators.map((value) => (
          <span key={value} className="la-mono">
            {value}
          </span>
        ))}
        {sample.eventId && (
          <Link
            to="/search"
            search={{
              q: `id:${sample.eventId}`,
              event: sample.eventId,
              from: new Date(at - around).toISOString(),
              to: new Date(at + around).toISOString(),
            }}
          >
            {t('open')}
          </Link>
        )}
      </div>
      {series && (
        <>
          <Text size="sm">
            {t('series', {
              n: formatNumber(series.value, i18n.language),
              first: formatTime(series.first),
              last: formatTime(series.last),
            })}
          </Text>
          <Fields fields={series.group} />
        </>
      )}
      {matched.length > 0 && <Fields fields={matched} />}
      {!series && matched.length === 0 && (
        <div className="la-mono la-wrap" translate="no">
          {sample.raw}
        </div>
      )}
      {matched.length > 0 && (
        <details>
          <summary>{t('allFields')}</summary>
          <Fields fields={sample.fields} />
        </details>
      )}
    </li>
  );
}

function Problems({ result }: { result: RuleTestResult }) {
  const { t } = useTranslation('trial');
  if (result.problems.length === 0) return null;
  const refused = result.problems.some((problem) => problem.refused);
  return (
    <Alert color={refused ? 'red' : 'yellow'} icon={<IconAlertTriangle size={18} />} title={refused ? t('refused') : t('remarks')}>
      <ul>
        {result.problems.map((problem, i) => (
          <li key={i}>
            {t('line', { line: problem.line, reason: problem.reason })} <span className="la-dim">{problem.remedy}</span>
          </li>
        ))}
      </ul>
    </Alert>
  );
}

/** What a trial found. */
export function Result({ trial, result, query }: { trial: RuleTest; result: RuleTestResult; query: string }) {
  const { t, i18n } = useTranslation('trial');
  const count = (n: number) => formatNumber(n, i18n.language);
  const daily = result.alertsADay;
  const seconds = new Intl.NumberFormat(i18n.language, { maximumFractionDigits: 1 }).format(Math.max(result.tookMs / 1000, 0.1));
  const [all, setAll] = useState(false);
  const samples = all ? result.samples : result.samples.slice(0, samplesShown);
  if (result.problems.some((problem) => problem.refused) && result.scanned === 0) return <Problems result={result} />;
  return (
    <Stack gap="md">
      <Problems result={result} />
      {result.partial.map((why) => (
        <Alert key={why} color="yellow" icon={<IconAlertTriangle size={18} />}>
          {t('partial', { why })}
        </Alert>
      ))}
      {result.uncorrelated > 0 && (
        <Alert color="yellow" icon={<IconAlertTriangle size={18} />}>
          {t('uncorrelated', { n: count(result.uncorrelated) })}
        </Alert>
      )}
      {result.total === 0 ? (
        <EmptyState icon={<IconMoodEmpty size={30} />} title={t('nothing', { scanned: count(result.scanned) })} text={t('nothingText')} />
      ) : (
        <>
          <div role="status">
            <Text fw={600}>{t('found', { n: count(result.total), scanned: count(result.scanned) })}</Text>
            <Text size="sm" className="la-dim">
              {result.rules.length > 0 &&
                (daily < 0.1
                  ? t('alertsFew')
                  : t('alerts', {
                      n: new Intl.NumberFormat(i18n.language, { maximumFractionDigits: daily < 10 ? 1 : 0 }).format(daily),
                    }))}{' '}
              {t('took', { seconds })}{' '}
              <Link to="/search" search={{ q: query, from: trial.from, to: trial.to }}>
                {t('search')}
              </Link>
            </Text>
          </div>
          {daily >= noisyADay && (
            <Alert color="orange" icon={<IconAlertTriangle size={18} />} title={t('noisy')}>
              {t('noisyText', { n: count(Math.round(daily)) })}
            </Alert>
          )}
          <Days result={result} from={trial.from} to={trial.to} query={query} />
          {(result.rules.length > 1 || result.indicators.length > 0) && (
            <section>
              <Title order={3} mb={4}>
                {result.indicators.length > 0 ? t('indicators') : t('rules')}
              </Title>
              <table className="la-table">
                <tbody>
                  {result.rules.map((rule) => (
                    <tr key={rule.id}>
                      <td>{i18n.language === 'vi' ? rule.titleVi || rule.title : rule.title}</td>
                      <td className="la-num" style={{ textAlign: 'right' }}>
                        {count(rule.count)}
                      </td>
                    </tr>
                  ))}
                  {result.indicators.map((indicator) => (
                    <tr key={`${indicator.kind}:${indicator.value}`}>
                      <td className="la-mono la-wrap" translate="no">
                        {indicator.value} <span className="la-dim">{indicator.note}</span>
                      </td>
                      <td className="la-num" style={{ textAlign: 'right' }}>
                        {count(indicator.count)}
                      </td>
                    </tr>
                  ))}
                </tbody>
              </table>
            </section>
          )}
          <section>
            <Title order={3}>{t('samples')}</Title>
            <ul style={{ listStyle: 'none', margin: 0, padding: 0 }}>
              {samples.map((sample, i) => (
                <Sample key={sample.eventId ?? i} sample={sample} />
              ))}
            </ul>
            {samples.length < result.samples.length && (
              <UnstyledButton
                c="var(--la-accent)"
                onClick={() => {
                  setAll(true);
                }}
              >
                {t('moreSamples', { n: count(result.samples.length - samples.length) })}
              </UnstyledButton>
            )}
          </section>
        </>
      )}
    </Stack>
  );
}
