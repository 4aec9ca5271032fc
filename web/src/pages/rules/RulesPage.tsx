import '../../i18n/ruledetail';

import { Button, Group, Select, Stack, Tabs, Text } from '@mantine/core';
import { IconChecks, IconRefresh, IconShieldOff, IconX } from '@tabler/icons-react';
import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { lazy, Suspense, useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';

import { call } from '../../api/client';
import { ruleQuery, rulesQuery } from '../../api/queries';
import type { RuleList } from '../../api/types';
import { useMay } from '../../app/session';
import { FilterChips, FilterText } from '../../kit/filters';
import { type Column, List } from '../../kit/List';
import { collator, formatNumber, readTag } from '../../lib/format';
import { levels } from '../../lib/levels';
import { Badge, LevelBadge } from '../../ui/Badge';
import { useErrorText } from '../../ui/errors';
import { PageHeader } from '../../ui/PageHeader';
import page from '../../ui/page.module.css';
import { EmptyState, ErrorState, Rows } from '../../ui/State';
import { Time } from '../../ui/Time';
import { toast } from '../../ui/toast';
import { Condition, Series } from './Condition';
import { SwitchDialog } from './SwitchDialog';

type Rule = RuleList['items'][number];

const TrialForm = lazy(() => import('./trial/TrialForm').then((m) => ({ default: m.TrialForm })));

const route = getRouteApi('/rules');

function Reload() {
  const { t, i18n } = useTranslation();
  const client = useQueryClient();
  const errorText = useErrorText();
  const reload = useMutation({
    mutationFn: () => call<{ loaded: number; refused: number }>('/rules/reload', { method: 'POST' }),
    onSuccess: ({ loaded, refused }) => {
      toast({
        message: t('rules.reloaded', {
          loaded: formatNumber(loaded, i18n.language),
          refused: formatNumber(refused, i18n.language),
        }),
      });
      void client.invalidateQueries({ queryKey: ['rules'] });
    },
    onError: (error) => {
      const words = errorText(error);
      toast({ color: 'red', title: words.title, message: words.remedy });
    },
  });
  return (
    <Button
      size="xs"
      variant="default"
      leftSection={<IconRefresh size={15} />}
      loading={reload.isPending}
      onClick={() => {
        reload.mutate();
      }}
    >
      {t('rules.reload')}
    </Button>
  );
}

/** What the side panel says of a rule; its page has the rest. */
function RulePreview({ id }: { id: string }) {
  const { t, i18n } = useTranslation(['translation', 'ruledetail']);
  const { data: rule, error, refetch } = useQuery(ruleQuery(id));
  if (error) return <ErrorState error={error} retry={() => void refetch()} />;
  if (!rule) return <Rows count={6} />;
  return (
    <Stack gap="sm">
      <Group gap={6}>
        <LevelBadge level={rule.level} />
        <Badge tone={rule.off.length > 0 ? 'medium' : 'ok'} round>
          {t(rule.off.length > 0 ? 'ruledetail:off' : 'ruledetail:on')}
        </Badge>
      </Group>
      <Text size="sm" lang={rule.explanationVi && i18n.language === 'vi' ? 'vi' : 'en'}>
        {(i18n.language === 'vi' && rule.explanationVi) || rule.description}
      </Text>
      <Text size="sm" className="la-dim la-mono">
        {[rule.product, rule.category, rule.service].filter(Boolean).join(' / ')}
      </Text>
      {rule.condition && <Condition part={rule.condition} />}
      {rule.series && <Series series={rule.series} />}
    </Stack>
  );
}

export function RulesPage() {
  const { t, i18n } = useTranslation(['translation', 'ruledetail']);
  const params = route.useSearch();
  const navigate = route.useNavigate();
  const may = useMay();
  const [switching, setSwitching] = useState<{ ids: string[]; enable: boolean }>();
  const set = (change: Partial<typeof params>) => void navigate({ search: (old) => ({ ...old, ...change }), replace: true });
  const filter = {
    ...(params.q && { q: params.q }),
    ...(params.level && { level: params.level }),
    ...(params.product && { product: params.product }),
    ...(params.state && { state: params.state }),
    ...(params.tag && { tag: params.tag }),
    ...(params.sort && { sort: params.sort }),
  };
  const list = useInfiniteQuery(rulesQuery(filter));
  const first = list.data?.pages[0];
  const rules = useMemo(() => list.data?.pages.flatMap((p) => p.items) ?? [], [list.data]);
  const products = useMemo(
    () =>
      [...new Set([...rules.map((r) => r.product), params.product ?? ''])].filter(Boolean).sort((a, b) => collator.compare(a, b)),
    [rules, params.product],
  );
  const title = (rule: Rule) => (i18n.language === 'vi' ? rule.titleVi || rule.title : rule.title);
  const number = (n: number) => formatNumber(n, i18n.language);
  const columns: Column<Rule>[] = [
    { id: 'level', name: t('alerts.level'), cell: (rule) => <LevelBadge level={rule.level} /> },
    { id: 'name', name: t('rules.name'), main: true, cell: (rule) => title(rule) },
    {
      id: 'state',
      name: t('ruledetail:state'),
      cell: (rule) =>
        rule.silent ? (
          <span className="la-dim">{t('rules.silent')}</span>
        ) : (
          <Badge tone={rule.enabled && rule.offUnits === 0 ? 'ok' : 'medium'} round>
            {t(rule.enabled && rule.offUnits === 0 ? 'ruledetail:stateOn' : 'ruledetail:stateOff')}
          </Badge>
        ),
    },
    {
      id: 'source',
      name: t('rules.logsource'),
      from: 'md',
      cell: (rule) => (
        <span className="la-dim">
          {[rule.product, rule.category, rule.service, rule.kind === 'correlation' && t('rules.correlation')].filter(Boolean).join(' / ')}
        </span>
      ),
    },
    {
      id: 'attack',
      name: t('alerts.attack'),
      from: 'lg',
      cell: (rule) => (
        <span className="la-mono">
          {rule.tags
            .map(readTag)
            .filter((tag) => tag.kind === 'technique')
            .map((tag) => tag.label)
            .join(', ')}
        </span>
      ),
    },
    { id: 'pack', name: t('rules.pack'), from: 'lg', cell: (rule) => <span className="la-dim la-nowrap">{rule.pack}</span> },
    {
      id: 'noise',
      name: t('ruledetail:noiseColumn'),
      number: true,
      from: 'md',
      cell: (rule) => (rule.alerts30d > 0 ? `${number(rule.alerts30d)} / ${number(rule.falsePositive30d)}` : <span className="la-dim">0</span>),
    },
    {
      id: 'hits',
      name: t('rules.hits'),
      number: true,
      cell: (rule) =>
        rule.hits24h > 0 ? (
          <Link to="/search" search={{ q: `rule:"${rule.id}"` }} aria-label={t('rules.hitsOf', { n: rule.hits24h, title: rule.title })}>
            {number(rule.hits24h)}
          </Link>
        ) : (
          <span className="la-dim">0</span>
        ),
    },
  ];
  const refused = first?.refused ?? [];

  return (
    <div className={page.page}>
      <PageHeader title={t('nav.rules')}>
        {first && (
          <Text size="sm" className="la-dim">
            {t('rules.loadedAt')} <Time at={first.loadedAt} />
          </Text>
        )}
        {may('rule.reload') && <Reload />}
      </PageHeader>
      <div className="la-card">
        <Tabs
          value={params.tab ?? 'list'}
          onChange={(value) =>
            void navigate({
              search: (old) => ({ ...old, tab: value === 'refused' || value === 'trial' ? value : undefined }),
            })
          }
          keepMounted={false}
        >
          <Tabs.List px="sm">
            <Tabs.Tab value="list">
              {t('rules.inForce', { n: first ? formatNumber(first.total, i18n.language) : '…' })}
            </Tabs.Tab>
            <Tabs.Tab value="refused">
              {t('rules.refused', { n: first ? formatNumber(refused.length, i18n.language) : '…' })}
            </Tabs.Tab>
            <Tabs.Tab value="trial">{t('rules.trial')}</Tabs.Tab>
          </Tabs.List>
          <Tabs.Panel value="list">
            <List<Rule>
              label={t('nav.rules')}
              items={rules}
              id={(rule) => rule.id}
              name={title}
              query={list}
              columns={columns}
              open={params.id}
              onOpen={(id) => {
                set({ id });
              }}
              page={(rule) => `/rules/${encodeURIComponent(rule.id)}`}
              panel={(id) => <RulePreview id={id} />}
              tone={(rule) => rule.level}
              filtered={Boolean(params.q ?? params.level ?? params.product ?? params.state ?? params.tag)}
              onClear={() => {
                set({ q: undefined, level: undefined, product: undefined, state: undefined, tag: undefined });
              }}
              empty={<EmptyState icon={<IconShieldOff size={34} />} title={t('rules.none')} text={t('rules.noneText')} />}
              more={{ has: list.hasNextPage, loading: list.isFetchingNextPage, load: () => list.fetchNextPage() }}
              bulk={
                may('rule.switch')
                  ? [
                      {
                        id: 'rule off',
                        name: t('ruledetail:disable'),
                        key: 'd',
                        all: (items) => {
                          setSwitching({ ids: items.map((rule) => rule.id), enable: false });
                        },
                      },
                      {
                        id: 'rule on',
                        name: t('ruledetail:enable'),
                        key: 'e',
                        all: (items) => {
                          setSwitching({ ids: items.map((rule) => rule.id), enable: true });
                        },
                      },
                    ]
                  : []
              }
              filters={
                <>
                  <FilterText
                    value={params.q}
                    onChange={(q) => {
                      set({ q });
                    }}
                    placeholder={t('rules.find')}
                  />
                  <Select
                    size="xs"
                    w={160}
                    clearable
                    placeholder={t('rules.anyLevel')}
                    aria-label={t('alerts.level')}
                    data={levels.map((value) => ({ value, label: t(`level.${value}`) }))}
                    value={params.level ?? null}
                    onChange={(value) => {
                      set({ level: value ?? undefined });
                    }}
                  />
                  <Select
                    size="xs"
                    w={160}
                    clearable
                    searchable
                    placeholder={t('rules.anyProduct')}
                    aria-label={t('rules.product')}
                    data={products}
                    value={params.product ?? null}
                    onChange={(value) => {
                      set({ product: value ?? undefined });
                    }}
                  />
                  <FilterChips
                    label={t('ruledetail:state')}
                    values={['on', 'off'] as const}
                    chosen={params.state ? [params.state] : []}
                    single
                    onChange={([state]) => {
                      set({ state });
                    }}
                    name={(value) => t(value === 'on' ? 'ruledetail:stateOn' : 'ruledetail:stateOff')}
                  />
                  <Select
                    size="xs"
                    w={180}
                    allowDeselect={false}
                    aria-label={t('ruledetail:order')}
                    data={[
                      { value: '-hits', label: t('ruledetail:byHits') },
                      { value: '-noise', label: t('ruledetail:byNoise') },
                      { value: 'title', label: t('ruledetail:byTitle') },
                    ]}
                    value={params.sort ?? '-hits'}
                    onChange={(value) => {
                      set({ sort: value === '-hits' || value === null ? undefined : value });
                    }}
                  />
                  {params.tag && (
                    <Button
                      size="compact-sm"
                      variant="default"
                      rightSection={<IconX size={13} />}
                      onClick={() => {
                        set({ tag: undefined });
                      }}
                    >
                      {t('ruledetail:technique', { tag: readTag(params.tag).label })}
                    </Button>
                  )}
                </>
              }
            />
            {switching && (
              <SwitchDialog
                {...switching}
                onClose={() => {
                  setSwitching(undefined);
                }}
              />
            )}
          </Tabs.Panel>
          <Tabs.Panel value="trial">
            <Suspense fallback={<Rows count={8} />}>
              <TrialForm />
            </Suspense>
          </Tabs.Panel>
          <Tabs.Panel value="refused">
            {first && refused.length === 0 && (
              <EmptyState icon={<IconChecks size={34} />} title={t('rules.noRefused')} text={t('rules.noRefusedText')} />
            )}
            {refused.length > 0 && (
              <div className="la-scroll-x" tabIndex={0} role="region" aria-label={t('rules.refusedLabel')}>
                <table className="la-table">
                  <thead>
                    <tr>
                      <th>{t('rules.file')}</th>
                      <th>{t('rules.reason')}</th>
                      <th>{t('rules.remedy')}</th>
                    </tr>
                  </thead>
                  <tbody>
                    {refused.map((rule) => (
                      <tr key={`${rule.file}:${String(rule.line)}:${rule.reason}`}>
                        <td className="la-mono la-wrap" style={{ maxWidth: 320 }}>
                          {rule.file}:{rule.line}
                        </td>
                        <td>{rule.reason}</td>
                        <td>{rule.remedy}</td>
                      </tr>
                    ))}
                  </tbody>
                </table>
              </div>
            )}
          </Tabs.Panel>
        </Tabs>
      </div>
    </div>
  );
}
