import { Button, Group, Text } from '@mantine/core';
import { IconBugOff, IconSpeakerphone } from '@tabler/icons-react';
import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { getRouteApi, useNavigate } from '@tanstack/react-router';
import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';

import { type Vulnerability, vulnerabilityPagesQuery, vulnerabilityQuery } from '../../api/advisoryQueries';
import type { Query } from '../../api/client';
import { useMay } from '../../app/session';
import { EmptyState } from '../../kit/EmptyState';
import { FilterChips, FilterText } from '../../kit/filters';
import { type Column, List } from '../../kit/List';
import { formatNumber } from '../../lib/format';
import { Badge } from '../../ui/Badge';
import { LinkButton } from '../../ui/links';
import { ErrorState, Rows } from '../../ui/State';
import { Time } from '../../ui/Time';
import css from './advisories.module.css';
import { ExploitedBadge, Matches, percent, Products, SeverityBadge, UnitCount } from './parts';

const route = getRouteApi('/advisories');
const views = ['concerned', 'kev', 'likely', 'critical'] as const;
type View = (typeof views)[number];

function filterOf(view: View | undefined): Query {
  switch (view) {
    case 'concerned':
      return { concerned: true };
    case 'kev':
      return { kev: true };
    case 'likely':
      return { epss: 0.1 };
    case 'critical':
      return { severity: 'critical' };
    case undefined:
      return {};
  }
}

/** Vulnerabilities, those that are exploited first, and whom each concerns. */
export function VulnerabilitiesTab() {
  const { t, i18n } = useTranslation('advisories');
  const { q, view, id } = route.useSearch();
  const navigate = route.useNavigate();
  const query = useInfiniteQuery(vulnerabilityPagesQuery({ ...filterOf(view), q }));
  const set = (next: Record<string, string | undefined>, replace = true) => {
    void navigate({ search: (old) => ({ ...old, ...next }), replace });
  };
  const language = i18n.language;
  const columns = useMemo<Column<Vulnerability>[]>(
    () => [
      {
        id: 'title',
        name: t('title'),
        main: true,
        cell: (v) => v.title || v.id,
        under: (v) => <span className="la-dim la-mono">{v.id}</span>,
      },
      {
        id: 'state',
        name: t('kev'),
        cell: (v) => (
          <>
            {v.exploited && <ExploitedBadge ransomware={v.ransomware} />}
            {v.rejected && <Badge tone="informational">{t('rejected')}</Badge>}
          </>
        ),
      },
      { id: 'epss', name: t('epss'), cell: (v) => (v.epss === undefined ? '—' : percent(v.epss, language)), from: 'sm' },
      {
        id: 'cvss',
        name: t('cvss'),
        cell: (v) => (
          <>
            {v.cvss.version && `${formatNumber(v.cvss.score, language)} `}
            <SeverityBadge severity={v.cvss.severity} />
          </>
        ),
        from: 'sm',
      },
      { id: 'units', name: t('units'), cell: (v) => <UnitCount units={v.units} possible={v.possible} /> },
    ],
    [t, language],
  );
  return (
    <List<Vulnerability>
      label={t('listVulnerabilities')}
      items={query.data?.pages.flatMap((p) => p.items) ?? []}
      id={(v) => v.id}
      name={(v) => v.id}
      columns={columns}
      query={query}
      more={{ has: query.hasNextPage, loading: query.isFetchingNextPage, load: () => query.fetchNextPage() }}
      tone={(v) => (v.exploited && v.units + v.possible > 0 ? 'critical' : undefined)}
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
            name={(value) => t(`view.${value}`)}
            onChange={([next]) => {
              set({ view: next, id: undefined });
            }}
          />
        </>
      }
      filtered={q !== undefined || view !== undefined}
      onClear={() => {
        set({ q: undefined, view: undefined });
      }}
      empty={<EmptyState icon={<IconBugOff size={34} />} title={t('emptyVulnerabilities')} text={t('emptyText')} steps={[t('step1'), t('step2'), t('step3')]} />}
      open={id}
      onOpen={(next) => {
        set({ id: next }, id !== undefined);
      }}
      panel={(open) => <VulnerabilityPanel key={open} id={open} />}
    />
  );
}

/** Leads to the editor of warnings with what is known of an advisory. */
export function ComposeButton({ id }: { id: string }) {
  const { t } = useTranslation('advisories');
  const navigate = useNavigate();
  const may = useMay();
  if (!may('warning.write')) return null;
  return (
    <Button
      size="xs"
      leftSection={<IconSpeakerphone size={15} />}
      onClick={() => {
        void navigate({ href: `/warnings/new?advisory=${encodeURIComponent(id)}` });
      }}
    >
      {t('compose')}
    </Button>
  );
}

function VulnerabilityPanel({ id }: { id: string }) {
  const { t, i18n } = useTranslation('advisories');
  const { data, error, isPending, refetch } = useQuery(vulnerabilityQuery(id));
  if (isPending) return <Rows count={6} />;
  if (!data) return <ErrorState error={error} retry={() => void refetch()} />;
  const language = i18n.language;
  return (
    <>
      <Group gap="xs" mb="xs">
        {data.exploited && <ExploitedBadge ransomware={data.ransomware} />}
        <SeverityBadge severity={data.cvss.severity} />
        <ComposeButton id={id} />
      </Group>
      <p className={css.text}>{data.description || data.title}</p>
      <dl className={css.facts}>
        {data.cvss.version && (
          <>
            <dt>{`${t('cvss')} ${data.cvss.version}`}</dt>
            <dd>
              {formatNumber(data.cvss.score, language)} <span className="la-mono la-dim">{data.cvss.vector}</span>
            </dd>
          </>
        )}
        {data.epss !== undefined && (
          <>
            <dt>{t('epss')}</dt>
            <dd>{t('epssText', { score: percent(data.epss, language), percentile: percent(data.percentile ?? 0, language) })}</dd>
          </>
        )}
        {data.dueAt && (
          <>
            <dt>{t('due')}</dt>
            <dd>
              <Time at={data.dueAt} />
            </dd>
          </>
        )}
        {data.action && (
          <>
            <dt>{t('action')}</dt>
            <dd>{data.action}</dd>
          </>
        )}
        {data.weakness && (
          <>
            <dt>{t('weakness')}</dt>
            <dd className="la-mono">{data.weakness}</dd>
          </>
        )}
      </dl>
      <h3 className={css.part}>{t('matches')}</h3>
      <Matches filter={{ vulnerability: id }} />
      <h3 className={css.part}>{t('products')}</h3>
      <Products products={data.products} count={data.products.length} />
      {data.advisories.length > 0 && (
        <>
          <h3 className={css.part}>{t('advisoriesOf')}</h3>
          {data.advisories.map((a) => (
            <LinkButton key={a.id} to="/advisories/$id" params={{ id: a.id }} size="xs" variant="default" mr="xs" mb="xs">
              {`${a.publisher} ${a.number}`}
            </LinkButton>
          ))}
        </>
      )}
      {data.exploited && data.advisories.length === 0 && (
        <Text size="xs" className="la-dim">
          {t('kevTip')}
        </Text>
      )}
    </>
  );
}
