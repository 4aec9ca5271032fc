import '../../i18n/attack';

import { Button, Group, Menu, SegmentedControl, Select, Text } from '@mantine/core';
import { IconDownload, IconTargetOff } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';

import { attackParams, attackQuery, type AttackFilter, spanOf, spans } from '../../api/attackQueries';
import { url } from '../../api/client';
import { useActions } from '../../kit/actions';
import { FilterChips, FilterText } from '../../kit/filters';
import { SidePanel, useWide } from '../../kit/SidePanel';
import { formatNumber } from '../../lib/format';
import { levels } from '../../lib/levels';
import { formatTime } from '../../lib/time';
import { LinkButton } from '../../ui/links';
import { PageHeader } from '../../ui/PageHeader';
import page from '../../ui/page.module.css';
import { EmptyState, ErrorState, Rows } from '../../ui/State';
import css from './attack.module.css';
import { columnsOf } from './grid';
import { Matrix } from './Matrix';
import { TechniquePanel } from './TechniquePanel';

const route = getRouteApi('/attack');

/** Which techniques of ATT&CK the rules in force watch, and which were seen. */
export function AttackPage() {
  const { t, i18n } = useTranslation(['translation', 'attack']);
  const vi = i18n.language === 'vi';
  const params = route.useSearch();
  const navigate = route.useNavigate();
  const wide = useWide();
  const filter: AttackFilter = {
    span: spanOf(params.range, '30d'),
    ...(params.unit && { unit: params.unit }),
    ...(params.product && { product: params.product }),
    ...(params.level && { level: params.level }),
  };
  const { data, error, refetch } = useQuery(attackQuery(filter));
  const set = (change: Partial<typeof params>) => void navigate({ search: (old) => ({ ...old, ...change }), replace: true });
  const open = (id: string | undefined) => {
    set({ id });
  };
  useActions([
    {
      id: 'attack close',
      name: t('action.close'),
      key: 'Escape',
      keyOnly: true,
      off: params.id === undefined,
      run: () => {
        const id = params.id;
        open(undefined);
        if (id) document.querySelector<HTMLElement>(`[data-technique="${CSS.escape(id)}"]`)?.focus();
      },
    },
  ]);
  const heat = params.heat ?? 'rules';
  const number = (n: number) => formatNumber(n, i18n.language);
  const covered = data?.techniques.filter((x) => x.state === 'covered').length ?? 0;
  const seen = data?.techniques.filter((x) => x.alerts > 0).length ?? 0;
  const chosen = data?.techniques.find((x) => x.id === params.id);
  const none = data && columnsOf(data, params.q).every((c) => c.cells.length === 0);
  const chosenLevels = levels.filter((level) => params.level?.split(',').includes(level));

  return (
    <div className={page.page} data-full>
      <PageHeader title={t('nav.attack')}>
        <Menu position="bottom-end">
          <Menu.Target>
            <Button size="xs" variant="default" leftSection={<IconDownload size={15} />}>
              {t('attack:export')}
            </Button>
          </Menu.Target>
          <Menu.Dropdown>
            <Menu.Item component="a" href={url('/attack/layer.json', { ...attackParams(filter), by: heat })} download>
              {t('attack:layer')}
            </Menu.Item>
            <Menu.Item component="a" href={url('/attack/coverage.csv', attackParams(filter))} download>
              {t('attack:csv')}
            </Menu.Item>
          </Menu.Dropdown>
        </Menu>
      </PageHeader>
      {data && (
        <Text size="sm" className="la-dim" mb="sm">
          {t('attack:intro', { version: data.version })}
        </Text>
      )}
      <div className={css.body} data-panel={wide && params.id ? '' : undefined}>
        <div className="la-card" style={{ minWidth: 0 }}>
          <div className={page.bar}>
            <FilterText
              value={params.q}
              onChange={(q) => {
                set({ q });
              }}
              placeholder={t('attack:find')}
            />
            <Select
              size="xs"
              w={150}
              allowDeselect={false}
              aria-label={t('attack:range')}
              data={spans.map((value) => ({ value, label: t(`attack:ranges.${value}`) }))}
              value={filter.span}
              onChange={(range) => {
                set({ range: range ?? undefined });
              }}
            />
            <Select
              size="xs"
              w={160}
              clearable
              searchable
              placeholder={t('attack:anyProduct')}
              aria-label={t('attack:product')}
              data={data?.products ?? []}
              value={params.product ?? null}
              onChange={(product) => {
                set({ product: product ?? undefined });
              }}
            />
            <FilterChips
              label={t('attack:level')}
              values={levels}
              chosen={chosenLevels}
              onChange={(list) => {
                set({ level: list.length > 0 ? list.join(',') : undefined });
              }}
              name={(level) => t(`level.${level}`)}
              tone={(level) => level}
            />
            <SegmentedControl
              size="xs"
              aria-label={t('attack:heat')}
              data={[
                { value: 'rules', label: t('attack:byRules') },
                { value: 'hits', label: t('attack:byHits') },
              ]}
              value={heat}
              onChange={(value) => {
                set({ heat: value === 'hits' ? 'hits' : undefined });
              }}
            />
          </div>
          {error && !data && <ErrorState error={error} retry={() => void refetch()} />}
          {!data && !error && <Rows count={12} />}
          {data && (
            <>
              <div className={css.legend}>
                <span>
                  <b>{t('attack:coveredOf', { n: number(covered), total: number(data.techniques.length) })}</b>
                </span>
                <span>{t('attack:rulesOn', { n: number(data.rules) })}</span>
                <span>{t('attack:hitsIn', { n: number(seen) })}</span>
                <span className="la-dim">{t('attack:untagged', { n: number(data.untagged) })}</span>
                <span className="la-dim">
                  {data.arrivalsSince ? t('attack:arrivals', { at: formatTime(data.arrivalsSince) }) : t('attack:arrivalsUnknown')}
                </span>
              </div>
              <div className={css.legend}>
                <span>
                  {[1, 2, 3, 4].map((level) => (
                    <i
                      key={level}
                      className={css.swatch}
                      data-heat={level}
                      style={{ '--heat': heat === 'hits' ? 'var(--la-high-bar)' : 'var(--la-ok-bar)' } as React.CSSProperties}
                      aria-hidden="true"
                    />
                  ))}
                  {heat === 'hits' ? t('attack:byHits') : t('attack:covered')}
                </span>
                <span>
                  <i className={css.swatch} data-state="waiting" aria-hidden="true" />
                  {t('attack:waiting')}
                </span>
                <span>
                  <i className={css.swatch} data-state="none" aria-hidden="true" />
                  {t('attack:none')}
                </span>
              </div>
              {none ? (
                <EmptyState icon={<IconTargetOff size={34} />} title={t('attack:nothing')} text={t('attack:nothingText')} />
              ) : (
                <Matrix matrix={data} heat={heat} q={params.q} open={params.id} onOpen={open} />
              )}
              <Text className={`la-dim ${css.notice ?? ''}`} lang="en">
                {data.notice}
              </Text>
            </>
          )}
        </div>
        {params.id && (
          <SidePanel
            title={chosen ? `${chosen.id} ${vi ? chosen.nameVi || chosen.name : chosen.name}` : params.id}
            onClose={() => {
              open(undefined);
            }}
          >
            <TechniquePanel id={params.id} filter={filter} onOpen={open} />
          </SidePanel>
        )}
      </div>
      {data && data.wanted.length > 0 && (
        <section className={`la-card ${page.pad ?? ''}`} style={{ marginTop: 12 }}>
          <Group justify="space-between" align="flex-start" gap="xs">
            <div>
              <h2 style={{ margin: 0, fontSize: 16 }}>{t('attack:wanted')}</h2>
              <Text size="sm" className="la-dim">
                {t('attack:wantedText')}
              </Text>
            </div>
            <LinkButton to="/sources/connect" size="xs" variant="default">
              {t('attack:connect')}
            </LinkButton>
          </Group>
          <div className="la-scroll-x" tabIndex={0} role="region" aria-label={t('attack:wanted')}>
            <table className="la-table">
              <thead>
                <tr>
                  <th scope="col">{t('attack:source')}</th>
                  <th scope="col" style={{ textAlign: 'right' }}>
                    {t('attack:wantedTechniques')}
                  </th>
                  <th scope="col" style={{ textAlign: 'right' }}>
                    {t('attack:wantedRules')}
                  </th>
                </tr>
              </thead>
              <tbody>
                {data.wanted.map((w) => (
                  <tr key={`${w.product}/${w.category}/${w.service}`}>
                    <td className="la-mono">{[w.product, w.category, w.service].filter(Boolean).join(' / ')}</td>
                    <td className="la-num" style={{ textAlign: 'right' }}>
                      {number(w.techniques)}
                    </td>
                    <td className="la-num" style={{ textAlign: 'right' }}>
                      {number(w.rules)}
                    </td>
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
        </section>
      )}
    </div>
  );
}
