import '../../i18n/entity';
import '../../i18n/incidents';

import { Group, Select, Text, Title } from '@mantine/core';
import { IconSearch } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { lazy, Suspense } from 'react';
import { useTranslation } from 'react-i18next';

import { entityQuery, presenceQuery, relatedQuery, spanOf, spans } from '../../api/attackQueries';
import { useMay } from '../../app/session';
import { ChartWithTable } from '../../kit/ChartWithTable';
import { EntityLink } from '../../kit/EntityLink';
import { StatTile } from '../../kit/StatTile';
import { isEntityType } from '../../lib/entity';
import { formatNumber } from '../../lib/format';
import { LevelBadge, StatusBadge } from '../../ui/Badge';
import { LinkButton } from '../../ui/links';
import { usePageTitle } from '../../ui/PageHeader';
import page from '../../ui/page.module.css';
import { ErrorState, Rows } from '../../ui/State';
import { Ago, Time } from '../../ui/Time';
import css from './entity.module.css';
import { Events } from './Events';
import { Timeline } from './Timeline';

const IncidentsHere = lazy(() => import('../incidents/IncidentsHere').then((m) => ({ default: m.IncidentsHere })));

const route = getRouteApi('/entities/$type/$value');

/** What is known of one machine, account, address, domain, file or program. */
export function EntityPage() {
  const { t, i18n } = useTranslation(['translation', 'entity', 'incidents']);
  const mayIncident = useMay()('incident.read');
  const vi = i18n.language === 'vi';
  const { type, value } = route.useParams();
  const params = route.useSearch();
  const navigate = route.useNavigate();
  const span = spanOf(params.range, '7d');
  const look = useQuery(entityQuery(type, value, span));
  // The rest is asked once the look itself is allowed, and recorded.
  const allowed = look.data !== undefined;
  const presence = useQuery({ ...presenceQuery(type, value, span), enabled: allowed });
  const related = useQuery({ ...relatedQuery(type, value, span), enabled: allowed });
  usePageTitle(value);
  const number = (n: number) => formatNumber(n, i18n.language);
  const kind = isEntityType(type) ? t(`entity:types.${type}`) : type;
  const range = { from: `now-${span}`, to: 'now' };
  const open = (look.data?.byStatus.new ?? 0) + (look.data?.byStatus.in_progress ?? 0);

  return (
    <div className={page.page}>
      <Group justify="space-between" align="flex-start" gap="xs" mb="sm">
        <div style={{ minWidth: 0 }}>
          <Text size="sm" className="la-dim">
            {kind}
          </Text>
          <Title order={1} className={css.title}>
            {value}
          </Title>
        </div>
        <Group gap="xs">
          <Select
            size="xs"
            w={150}
            allowDeselect={false}
            aria-label={t('entity:range')}
            data={spans.map((s) => ({ value: s, label: t(`entity:ranges.${s}`) }))}
            value={span}
            onChange={(next) => void navigate({ search: { range: next ?? undefined }, replace: true })}
          />
          {look.data && (
            <LinkButton
              to="/search"
              search={{ q: look.data.query, ...range }}
              size="xs"
              variant="default"
              leftSection={<IconSearch size={15} />}
            >
              {t('entity:search')}
            </LinkButton>
          )}
        </Group>
      </Group>
      {type === 'user' && (
        <Text size="sm" className="la-dim" mb="sm">
          {t('entity:account')}
        </Text>
      )}
      {look.error && !look.data && <ErrorState error={look.error} retry={() => void look.refetch()} />}
      {look.isPending && <Rows count={10} />}
      {look.data && (
        <>
          <div className={css.tiles}>
            <StatTile
              name={t('entity:alerts')}
              value={number(look.data.total)}
              note={`${number(open)} ${t('entity:open')}, ${number(look.data.byStatus.closed)} ${t('entity:closed')}`}
              tone={look.data.byLevel.critical > 0 ? 'critical' : look.data.byLevel.high > 0 ? 'high' : undefined}
            />
            <StatTile name={t('entity:events')} value={presence.data ? number(presence.data.total) : '…'} note={t('entity:inRange')} />
            <StatTile
              name={t('entity:firstSeen')}
              value={presence.data ? presence.data.firstSeen ? <Ago at={presence.data.firstSeen} /> : t('entity:never') : '…'}
              note={presence.data?.firstSeen && <Time at={presence.data.firstSeen} />}
            />
            <StatTile
              name={t('entity:lastSeen')}
              value={presence.data ? presence.data.lastSeen ? <Ago at={presence.data.lastSeen} /> : t('entity:never') : '…'}
              note={presence.data?.lastSeen && <Time at={presence.data.lastSeen} />}
            />
          </div>
          <div className={css.columns}>
            <div className={css.stack}>
              {presence.error && !presence.data && <ErrorState error={presence.error} retry={() => void presence.refetch()} />}
              {presence.data && (
                <ChartWithTable
                  title={t('entity:eventsOverTime')}
                  label={t('entity:eventsOverTime')}
                  head={{ name: t('entity:time'), value: t('entity:count') }}
                  height={150}
                  spec={{
                    kind: 'time',
                    look: 'bars',
                    series: [
                      {
                        name: t('entity:count'),
                        tone: 'accent',
                        points: presence.data.total > 0 ? presence.data.buckets.map((b) => [Date.parse(b.t), b.count]) : [],
                      },
                    ],
                  }}
                />
              )}
              <Timeline type={type} value={value} span={span} />
              <Events query={look.data.query} range={range} />
            </div>
            <div className={css.stack}>
              {mayIncident && (
                <Suspense fallback={null}>
                  <IncidentsHere filter={{ value, status: 'any' }} title={t('incidents:here.entity')} quiet />
                </Suspense>
              )}
              <section className={`la-card ${page.pad ?? ''}`}>
                <Title order={2}>{t('entity:alerts')}</Title>
                {look.data.total === 0 && (
                  <Text size="sm" className="la-dim">
                    {t('entity:noAlerts')}
                  </Text>
                )}
                <ul className={css.pairs}>
                  {look.data.alerts.slice(0, 15).map((alert) => (
                    <li key={alert.id}>
                      <span>
                        <LevelBadge level={alert.level} />{' '}
                        <Link to="/alerts/$id" params={{ id: alert.id }}>
                          {vi ? alert.titleVi || alert.title : alert.title}
                        </Link>
                      </span>
                      <StatusBadge status={alert.status} />
                    </li>
                  ))}
                </ul>
                {look.data.total > 15 && (
                  <Text size="sm" className="la-dim">
                    {t('entity:shown', { n: 15, total: number(look.data.total) })}
                  </Text>
                )}
              </section>
              {presence.data && presence.data.units.length > 0 && (
                <section className={`la-card ${page.pad ?? ''}`}>
                  <Title order={2}>{t('entity:units')}</Title>
                  <ul className={css.pairs}>
                    {presence.data.units.map((unit) => (
                      <li key={unit.unit}>
                        <span>{unit.unitName}</span>
                        <span className="la-num la-dim">{number(unit.events)}</span>
                      </li>
                    ))}
                  </ul>
                </section>
              )}
              <section className={`la-card ${page.pad ?? ''}`}>
                <Title order={2}>{t('entity:related')}</Title>
                {related.isPending && <Rows count={4} />}
                {related.error && !related.data && <ErrorState error={related.error} retry={() => void related.refetch()} />}
                {related.data && (
                  <>
                    <Text size="sm" className="la-dim" mb={6}>
                      {related.data.types.length > 0 ? t('entity:relatedText', { n: number(related.data.sampled) }) : t('entity:noRelated')}
                    </Text>
                    {related.data.types.map((group) => (
                      <div key={group.type}>
                        <Title order={3}>{t(`entity:types.${group.type}`)}</Title>
                        <ul className={css.pairs}>
                          {group.items.map((item) => (
                            <li key={item.value}>
                              <EntityLink type={group.type} value={item.value} />
                              <span className="la-num la-dim">{number(item.count)}</span>
                            </li>
                          ))}
                        </ul>
                      </div>
                    ))}
                    {related.data.rules.length > 0 && (
                      <>
                        <Title order={3}>{t('entity:rules')}</Title>
                        <ul className={css.pairs}>
                          {related.data.rules.map((rule) => (
                            <li key={rule.id}>
                              <Link to="/rules/$id" params={{ id: rule.id }}>
                                {(vi ? rule.titleVi || rule.title : rule.title) || rule.id}
                              </Link>
                              <span className="la-num la-dim">{number(rule.count)}</span>
                            </li>
                          ))}
                        </ul>
                      </>
                    )}
                    {related.data.sources.length > 0 && (
                      <>
                        <Title order={3}>{t('entity:sources')}</Title>
                        <Text size="sm">{related.data.sources.map((s) => s.value).join(', ')}</Text>
                      </>
                    )}
                    {related.data.partial.length > 0 && (
                      <Text size="xs" className="la-dim">
                        {t('entity:partial', { why: related.data.partial.join('; ') })}
                      </Text>
                    )}
                  </>
                )}
              </section>
            </div>
          </div>
        </>
      )}
    </div>
  );
}
