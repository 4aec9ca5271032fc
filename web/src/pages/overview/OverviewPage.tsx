import { Group, SegmentedControl, SimpleGrid, Skeleton, Stack, Text, Title } from '@mantine/core';
import { IconInbox, IconMoodCheck } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';

import { useLive } from '../../api/live';
import { overviewQuery } from '../../api/queries';
import type { Overview } from '../../api/types';
import { formatBytes, formatCompact, formatNumber } from '../../lib/format';
import { levels } from '../../lib/levels';
import { resolveRange, secondsBetween } from '../../lib/time';
import { LevelBadge } from '../../ui/Badge';
import { BarChart } from '../../ui/Chart';
import { FirstLog } from '../../ui/FirstLog';
import { PageHeader } from '../../ui/PageHeader';
import { SourceStatus } from '../../ui/SourceStatus';
import { EmptyState, ErrorState, Rows } from '../../ui/State';
import { Ago } from '../../ui/Time';
import css from './overview.module.css';
import { Spark } from './Spark';

const route = getRouteApi('/');
const ranges = ['1h', '24h', '7d', '30d'] as const;

function Figure(props: { name: string; value: React.ReactNode; note?: React.ReactNode; children?: React.ReactNode; warn?: boolean }) {
  return (
    <div className={`la-card ${css.figure ?? ''}`} data-warn={props.warn ? '' : undefined}>
      <div className={css.name}>{props.name}</div>
      <div className={`la-num ${css.value ?? ''}`}>{props.value}</div>
      {props.note && <div className={css.note}>{props.note}</div>}
      {props.children}
    </div>
  );
}

function Levels({ data }: { data: Overview }) {
  const { t, i18n } = useTranslation();
  const most = Math.max(1, ...levels.map((level) => data.alertsByLevel[level]));
  return (
    <div className={css.levels}>
      {levels.map((level) => {
        const count = data.alertsByLevel[level];
        return (
          <Link key={level} to="/alerts" search={{ level }} className={css.level} data-none={count === 0 ? '' : undefined}>
            <LevelBadge level={level} />
            <span className={css.track}>
              <span
                style={{ width: `${String((100 * count) / most)}%`, background: `var(--la-${level}-bar)` }}
                aria-hidden="true"
              />
            </span>
            <span className="la-num" aria-label={t('overview.alertsOf', { count })}>
              {formatNumber(count, i18n.language)}
            </span>
          </Link>
        );
      })}
    </div>
  );
}

function RecentAlerts({ data }: { data: Overview }) {
  const { t, i18n } = useTranslation();
  if (data.recentAlerts.length === 0) {
    return <EmptyState icon={<IconMoodCheck size={32} />} title={t('overview.noAlerts')} text={t('overview.noAlertsText')} />;
  }
  return (
    <ul className={css.list}>
      {data.recentAlerts.map((alert) => (
        <li key={alert.id}>
          <Link to="/alerts/$id" params={{ id: alert.id }} className={css.alert}>
            <LevelBadge level={alert.level} />
            <span className={css.alertTitle}>{i18n.language === 'vi' ? alert.titleVi || alert.title : alert.title}</span>
            <span className={`la-dim la-clip ${css.entity ?? ''}`}>
              {alert.entityValue} · {alert.unitName || alert.unit}
            </span>
            <span className={`la-dim ${css.when ?? ''}`}>
              <Ago at={alert.lastSeen} />
            </span>
          </Link>
        </li>
      ))}
    </ul>
  );
}

function Sources({ data }: { data: Overview }) {
  const { t, i18n } = useTranslation();
  if (data.sources.length === 0) {
    return <EmptyState icon={<IconInbox size={32} />} title={t('sources.none')} text={t('sources.noneText')} />;
  }
  return (
    <div className="la-scroll-x" tabIndex={0} role="region" aria-label={t('overview.sources')}>
      <table className="la-table">
        <thead>
          <tr>
            <th>{t('source.status')}</th>
            <th>{t('source.host')}</th>
            <th>{t('source.kind')}</th>
            <th>{t('source.lastSeen')}</th>
            <th style={{ textAlign: 'right' }}>{t('source.events')}</th>
          </tr>
        </thead>
        <tbody>
          {data.sources.slice(0, 10).map((source) => (
            <tr key={`${source.unit} ${source.input} ${source.peer} ${source.host} ${source.format} ${source.service}`}>
              <td>
                <SourceStatus source={source} />
              </td>
              <td>
                <div>{source.host || source.peer}</div>
                <div className="la-dim" style={{ fontSize: 12 }}>
                  {source.unit}
                </div>
              </td>
              <td className="la-dim">{[source.product, source.service].filter(Boolean).join(' / ') || source.format}</td>
              <td>
                <Ago at={source.lastSeen} />
              </td>
              <td className="la-num" style={{ textAlign: 'right' }}>
                {formatNumber(source.events, i18n.language)}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Health({ data }: { data: Overview }) {
  const { t, i18n } = useTranslation();
  const { stats } = useLive();
  const { health } = data;
  const pending = stats?.spoolPending ?? health.spoolPending;
  const lag = stats?.lagSeconds ?? health.lagSeconds;
  const lowDisk = health.diskFreeBytes < 5 * 2 ** 30;
  const lines = [
    { name: 'lag', value: t('overview.seconds', { n: formatNumber(lag, i18n.language) }), bad: lag > 30 },
    { name: 'pending', value: formatNumber(pending, i18n.language), bad: lag > 30 },
    { name: 'spool', value: formatBytes(health.spoolBytes, i18n.language), bad: false },
    { name: 'disk', value: formatBytes(health.diskFreeBytes, i18n.language), bad: lowDisk },
    {
      name: 'rules',
      value: t('overview.rulesValue', {
        loaded: formatNumber(health.rules.loaded, i18n.language),
        refused: formatNumber(health.rules.refused, i18n.language),
      }),
      bad: health.rules.loaded === 0,
    },
  ] as const;
  return (
    <dl className={css.health}>
      {lines.map((line) => (
        <div key={line.name} data-bad={line.bad ? '' : undefined}>
          <dt>{t(`overview.health.${line.name}`)}</dt>
          <dd className="la-num">
            {line.value}
            {line.bad && <span className={css.bad}>{t(`overview.bad.${line.name}`)}</span>}
          </dd>
        </div>
      ))}
    </dl>
  );
}

function Panel({ title, link, children }: { title: string; link?: React.ReactNode; children: React.ReactNode }) {
  return (
    <section className="la-card" style={{ minWidth: 0 }}>
      <div className={css.panelHead}>
        <Title order={2}>{title}</Title>
        {link}
      </div>
      {children}
    </section>
  );
}

export function OverviewPage() {
  const { t, i18n } = useTranslation();
  const { range = '24h' } = route.useSearch();
  const navigate = route.useNavigate();
  const shown = ranges.find((r) => r === range) ?? '24h';
  const { data, error, isPending, refetch, dataUpdatedAt } = useQuery(overviewQuery(shown));
  const { stats, rates } = useLive();
  const language = i18n.language;

  const bounds = resolveRange({ from: `now-${shown}`, to: 'now' }, dataUpdatedAt || 0);
  const silent = data?.sources.filter((source) => source.status === 'silent').length ?? 0;
  const rate = stats?.eventsPerSecond ?? data?.eventsPerSecond ?? 0;

  return (
    <div className={css.page}>
      <PageHeader title={t('nav.overview')}>
        <SegmentedControl
          size="xs"
          aria-label={t('range.label')}
          value={shown}
          onChange={(value) => void navigate({ search: value === '24h' ? {} : { range: value } })}
          data={ranges.map((value) => ({ value, label: t(`range.short.${value}`) }))}
        />
      </PageHeader>
      {error && !data && <ErrorState error={error} retry={() => void refetch()} />}
      {isPending && <OverviewSkeleton />}
      {data && (
        <Stack gap="sm">
          <SimpleGrid cols={{ base: 2, md: 4 }} spacing="sm">
            <Figure name={t('overview.rate')} value={formatNumber(rate, language)}>
              <Spark values={rates} label={t('overview.rateLabel')} />
            </Figure>
            <Figure
              name={t('overview.total')}
              value={<Link to="/search" search={{ from: `now-${shown}` }}>{formatCompact(data.eventsTotal, language)}</Link>}
              note={
                data.unparsed > 0 ? (
                  <Link to="/sources" search={{ tab: 'unparsed' }}>
                    {t('overview.unparsed', { n: formatNumber(data.unparsed, language) })}
                  </Link>
                ) : (
                  t('overview.allParsed')
                )
              }
            />
            <Figure
              name={t('overview.newAlerts')}
              value={<Link to="/alerts" search={{ status: 'new' }}>{formatNumber(data.alertsNew, language)}</Link>}
              warn={data.alertsByLevel.critical > 0}
              note={
                data.alertsByLevel.critical > 0
                  ? t('overview.criticalNote', { count: data.alertsByLevel.critical })
                  : t('overview.noCritical')
              }
            />
            <Figure
              name={t('overview.silent')}
              value={<Link to="/sources">{formatNumber(silent, language)}</Link>}
              warn={silent > 0}
              note={silent > 0 ? t('overview.silentNote') : t('overview.noneSilent')}
            />
          </SimpleGrid>
          <Panel
            title={t('overview.chart')}
            link={
              <Text size="xs" className="la-dim">
                {t('overview.chartNote')}
              </Text>
            }
          >
            {data.eventsTotal === 0 ? (
              <FirstLog />
            ) : (
              <div style={{ padding: '0 8px 8px' }}>
                <BarChart
                  height={190}
                  points={data.series}
                  bucketSeconds={data.bucketSeconds}
                  fromMs={Date.parse(bounds.from)}
                  toMs={Date.parse(bounds.to)}
                  formatCount={(n) => formatCompact(n, language)}
                  label={t('chart.label', {
                    n: formatNumber(data.eventsTotal, language),
                    hours: formatNumber(secondsBetween(bounds.from, bounds.to) / 3600, language),
                  })}
                  onRange={(from, to) =>
                    void navigate({
                      to: '/search',
                      search: { from: new Date(from).toISOString(), to: new Date(to).toISOString() },
                    })
                  }
                />
              </div>
            )}
          </Panel>
          <div className={css.columns}>
            <Panel title={t('overview.recent')} link={<Link to="/alerts">{t('overview.allAlerts')}</Link>}>
              <RecentAlerts data={data} />
            </Panel>
            <Stack gap="sm">
              <Panel title={t('overview.byLevel')}>
                <Levels data={data} />
              </Panel>
              <Panel title={t('overview.system')}>
                <Health data={data} />
              </Panel>
            </Stack>
          </div>
          <Panel title={t('overview.sources')} link={<Link to="/sources">{t('overview.allSources')}</Link>}>
            <Sources data={data} />
          </Panel>
        </Stack>
      )}
    </div>
  );
}

function OverviewSkeleton() {
  return (
    <Stack gap="sm" aria-hidden="true">
      <SimpleGrid cols={{ base: 2, md: 4 }} spacing="sm">
        {[0, 1, 2, 3].map((i) => (
          <Skeleton key={i} height={104} />
        ))}
      </SimpleGrid>
      <Skeleton height={236} />
      <Group grow align="start">
        <div className="la-card">
          <Rows count={6} />
        </div>
      </Group>
    </Stack>
  );
}
