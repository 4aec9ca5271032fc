import { Button, Select, Tabs, Text, TextInput, UnstyledButton } from '@mantine/core';
import { useDebouncedCallback } from '@mantine/hooks';
import { IconChecks, IconFilter, IconRefresh, IconShieldOff } from '@tabler/icons-react';
import { useInfiniteQuery, useMutation, useQueryClient } from '@tanstack/react-query';
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router';
import { lazy, Suspense, useMemo, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';

import { call } from '../../api/client';
import { rulesQuery } from '../../api/queries';
import { useKeys } from '../../app/keys';
import { useMay } from '../../app/session';
import { collator, formatNumber, readTag } from '../../lib/format';
import { levels } from '../../lib/levels';
import { LevelBadge } from '../../ui/Badge';
import { useErrorText } from '../../ui/errors';
import { toast } from '../../ui/toast';
import { PageHeader } from '../../ui/PageHeader';
import page from '../../ui/page.module.css';
import { EmptyState, ErrorState, Rows } from '../../ui/State';
import { Time } from '../../ui/Time';

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

export function RulesPage() {
  const { t, i18n } = useTranslation();
  const params = route.useSearch();
  const navigate = route.useNavigate();
  const go = useNavigate();
  const mayReload = useMay()('rule.reload');
  const input = useRef<HTMLInputElement>(null);
  const filter = {
    ...(params.q && { q: params.q }),
    ...(params.level && { level: params.level }),
    ...(params.product && { product: params.product }),
  };
  const list = useInfiniteQuery(rulesQuery(filter));
  const first = list.data?.pages[0];
  const rules = useMemo(() => list.data?.pages.flatMap((p) => p.items) ?? [], [list.data]);
  const products = useMemo(
    () =>
      [...new Set([...rules.map((r) => r.product), params.product ?? ''])].filter(Boolean).sort((a, b) => collator.compare(a, b)),
    [rules, params.product],
  );
  const setText = useDebouncedCallback((q: string) => {
    void navigate({ search: (old) => ({ ...old, q: q || undefined }), replace: true });
  }, 300);
  const [active, setActive] = useState(-1);
  const rows = useRef<(HTMLTableRowElement | null)[]>([]);
  const move = (step: number) => {
    const next = Math.min(rules.length - 1, Math.max(0, active + step));
    setActive(next);
    rows.current[next]?.scrollIntoView({ block: 'nearest' });
  };
  useKeys({
    '/': () => input.current?.focus(),
    j: () => {
      move(1);
    },
    k: () => {
      move(-1);
    },
    Enter: () => {
      const rule = rules[active];
      if (rule) void go({ to: '/rules/$id', params: { id: rule.id } });
    },
  });
  const refused = first?.refused ?? [];

  return (
    <div className={page.page}>
      <PageHeader title={t('nav.rules')}>
        {first && (
          <Text size="sm" className="la-dim">
            {t('rules.loadedAt')} <Time at={first.loadedAt} />
          </Text>
        )}
        {mayReload && <Reload />}
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
            <div className={page.bar}>
              <TextInput
                ref={input}
                size="xs"
                defaultValue={params.q ?? ''}
                leftSection={<IconFilter size={14} />}
                placeholder={t('rules.find')}
                aria-label={t('rules.find')}
                onChange={(event) => {
                  setText(event.currentTarget.value);
                }}
                style={{ flex: '1 1 220px', maxWidth: 380 }}
              />
              <Select
                size="xs"
                w={170}
                clearable
                placeholder={t('rules.anyLevel')}
                aria-label={t('alerts.level')}
                data={levels.map((value) => ({ value, label: t(`level.${value}`) }))}
                value={params.level ?? null}
                onChange={(value) => void navigate({ search: (old) => ({ ...old, level: value ?? undefined }) })}
              />
              <Select
                size="xs"
                w={170}
                clearable
                searchable
                placeholder={t('rules.anyProduct')}
                aria-label={t('rules.product')}
                data={products}
                value={params.product ?? null}
                onChange={(value) => void navigate({ search: (old) => ({ ...old, product: value ?? undefined }) })}
              />
            </div>
            {list.error && !list.data && <ErrorState error={list.error} retry={() => void list.refetch()} />}
            {list.isPending && <Rows count={12} />}
            {first && rules.length === 0 && (
              <EmptyState
                icon={<IconShieldOff size={34} />}
                title={params.q || params.level || params.product ? t('rules.noMatch') : t('rules.none')}
                text={params.q || params.level || params.product ? t('rules.noMatchText') : t('rules.noneText')}
              />
            )}
            {rules.length > 0 && (
              <div className="la-scroll-x" tabIndex={0} role="region" aria-label={t('nav.rules')}>
                <table className="la-table">
                  <thead>
                    <tr>
                      <th>{t('alerts.level')}</th>
                      <th>{t('rules.name')}</th>
                      <th>{t('rules.logsource')}</th>
                      <th>{t('alerts.attack')}</th>
                      <th>{t('rules.pack')}</th>
                      <th style={{ textAlign: 'right' }}>{t('rules.hits')}</th>
                    </tr>
                  </thead>
                  <tbody>
                    {rules.map((rule, i) => (
                      <tr
                        key={rule.id}
                        ref={(element) => {
                          rows.current[i] = element;
                        }}
                        style={i === active ? { outline: '2px solid var(--la-accent)', outlineOffset: -2 } : undefined}
                      >
                        <td>
                          <LevelBadge level={rule.level} />
                        </td>
                        <td style={{ minWidth: 220 }}>
                          <Link to="/rules/$id" params={{ id: rule.id }}>
                            {i18n.language === 'vi' ? rule.titleVi || rule.title : rule.title}
                          </Link>
                        </td>
                        <td className="la-dim">
                          {[
                            rule.product,
                            rule.category,
                            rule.service,
                            rule.kind === 'correlation' && t('rules.correlation'),
                            rule.silent && t('rules.silent'),
                          ]
                            .filter(Boolean)
                            .join(' / ')}
                        </td>
                        <td className="la-mono">
                          {rule.tags
                            .map(readTag)
                            .filter((tag) => tag.kind === 'technique')
                            .map((tag) => tag.label)
                            .join(', ')}
                        </td>
                        <td className="la-dim">{rule.pack}</td>
                        <td className="la-num" style={{ textAlign: 'right' }}>
                          {rule.hits24h > 0 ? (
                            <Link
                              to="/search"
                              search={{ q: `rule:"${rule.id}"` }}
                              aria-label={t('rules.hitsOf', { n: rule.hits24h, title: rule.title })}
                            >
                              {formatNumber(rule.hits24h, i18n.language)}
                            </Link>
                          ) : (
                            <span className="la-dim">0</span>
                          )}
                        </td>
                      </tr>
                    ))}
                  </tbody>
                </table>
              </div>
            )}
            {list.hasNextPage && (
              <UnstyledButton
                p="sm"
                w="100%"
                ta="center"
                c="var(--la-accent)"
                onClick={() => void list.fetchNextPage()}
                disabled={list.isFetchingNextPage}
              >
                {t('action.more')}
              </UnstyledButton>
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
