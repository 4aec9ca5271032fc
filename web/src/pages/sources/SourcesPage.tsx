import { Skeleton, Stack, Tabs, Text, TextInput } from '@mantine/core';
import { useDebouncedCallback } from '@mantine/hooks';
import { IconChecks, IconFilter, IconSearch } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { useRef } from 'react';
import { useTranslation } from 'react-i18next';

import { sourcesQuery, unparsedQuery } from '../../api/queries';
import type { Source } from '../../api/types';
import { useKeys } from '../../app/keys';
import { collator, fold, formatNumber } from '../../lib/format';
import { clause } from '../../lib/query';
import { Code } from '../../ui/Copy';
import { FirstLog } from '../../ui/FirstLog';
import { LinkButton } from '../../ui/links';
import { PageHeader } from '../../ui/PageHeader';
import page from '../../ui/page.module.css';
import { SourceStatus } from '../../ui/SourceStatus';
import { EmptyState, ErrorState, Rows } from '../../ui/State';
import { Ago } from '../../ui/Time';

const route = getRouteApi('/sources');

function SourceRow({ source }: { source: Source }) {
  const { t, i18n } = useTranslation();
  const query = source.host ? clause('host', source.host) : clause('peer', source.peer);
  return (
    <tr>
      <td>
        <SourceStatus source={source} />
      </td>
      <td>
        <b>{source.host || source.peer}</b>
        {source.host && source.peer && source.peer !== source.host && <div className="la-dim la-mono">{source.peer}</div>}
      </td>
      <td>{source.unit}</td>
      <td>
        {[source.product, source.service].filter(Boolean).join(' / ') || source.format}
        <div className="la-dim" style={{ fontSize: 12 }}>
          {source.input} · {source.format}
        </div>
      </td>
      <td>
        <Ago at={source.lastSeen} />
      </td>
      <td>
        <Ago at={source.firstSeen} />
      </td>
      <td className="la-num" style={{ textAlign: 'right' }}>
        {formatNumber(source.events, i18n.language)}
      </td>
      <td className="la-num" style={{ textAlign: 'right' }}>
        {source.unparsed > 0 ? (
          <span style={{ color: 'var(--la-medium)' }}>{formatNumber(source.unparsed, i18n.language)}</span>
        ) : (
          '0'
        )}
      </td>
      <td>
        <Link to="/search" search={{ q: query, from: 'now-7d' }} aria-label={t('source.viewOf', { host: source.host || source.peer })}>
          {t('source.view')}
        </Link>
      </td>
    </tr>
  );
}

function SourceList() {
  const { t, i18n } = useTranslation();
  const { q = '' } = route.useSearch();
  const navigate = route.useNavigate();
  const input = useRef<HTMLInputElement>(null);
  const { data, error, isPending, refetch } = useQuery(sourcesQuery());
  const setText = useDebouncedCallback((value: string) => {
    void navigate({ search: (old) => ({ ...old, q: value || undefined }), replace: true });
  }, 250);
  useKeys({ '/': () => input.current?.focus() });

  if (error && !data) return <ErrorState error={error} retry={() => void refetch()} />;
  if (isPending) return <Rows count={10} />;
  if (data.items.length === 0) return <FirstLog />;
  const wanted = fold(q);
  const shown = data.items
    .filter((s) => fold(`${s.host} ${s.peer} ${s.unit} ${s.product} ${s.service} ${s.format} ${s.input}`).includes(wanted))
    .sort((a, b) => (a.status === b.status ? collator.compare(a.host || a.peer, b.host || b.peer) : a.status === 'silent' ? -1 : 1));
  const silent = data.items.filter((s) => s.status === 'silent').length;
  return (
    <>
      <div className={page.bar}>
        <TextInput
          ref={input}
          size="xs"
          defaultValue={q}
          leftSection={<IconFilter size={14} />}
          placeholder={t('sources.find')}
          aria-label={t('sources.find')}
          onChange={(event) => {
            setText(event.currentTarget.value);
          }}
          style={{ flex: '1 1 220px', maxWidth: 360 }}
        />
        <Text size="sm" className="la-dim">
          {t('sources.summary', {
            all: formatNumber(data.items.length, i18n.language),
            silent: formatNumber(silent, i18n.language),
          })}
        </Text>
      </div>
      <div className="la-scroll-x" tabIndex={0} role="region" aria-label={t('nav.sources')}>
        <table className="la-table">
          <thead>
            <tr>
              <th>{t('source.status')}</th>
              <th>{t('source.host')}</th>
              <th>{t('source.unit')}</th>
              <th>{t('source.kind')}</th>
              <th>{t('source.lastSeen')}</th>
              <th>{t('source.firstSeen')}</th>
              <th style={{ textAlign: 'right' }}>{t('source.events')}</th>
              <th style={{ textAlign: 'right' }}>{t('source.unparsed')}</th>
              <th>
                <span className="la-hidden">{t('source.view')}</span>
              </th>
            </tr>
          </thead>
          <tbody>
            {shown.map((source) => (
              <SourceRow
                key={[source.unit, source.input, source.peer, source.host, source.format, source.product, source.service].join('|')}
                source={source}
              />
            ))}
          </tbody>
        </table>
      </div>
      {shown.length === 0 && (
        <EmptyState icon={<IconFilter size={30} />} title={t('sources.noMatch')} text={t('sources.noMatchText')} />
      )}
    </>
  );
}

/** Lines that were stored but not understood: what to write a parser for first. */
function UnparsedInbox() {
  const { t, i18n } = useTranslation();
  const { data, error, isPending, refetch } = useQuery(unparsedQuery('7d'));
  if (error && !data) return <ErrorState error={error} retry={() => void refetch()} />;
  if (isPending) {
    return (
      <Stack p="sm">
        {[0, 1, 2].map((i) => (
          <Skeleton key={i} height={90} />
        ))}
      </Stack>
    );
  }
  if (data.items.length === 0) {
    return <EmptyState icon={<IconChecks size={34} />} title={t('unparsed.none')} text={t('unparsed.noneText')} />;
  }
  return (
    <Stack gap={0}>
      <Text size="sm" className="la-dim" p="sm">
        {t('unparsed.intro')}
      </Text>
      {[...data.items]
        .sort((a, b) => b.count - a.count)
        .map((item) => (
          <section key={[item.unit, item.input, item.peer, item.host].join('|')} className={page.item}>
            <div className={page.itemHead}>
              <div>
                <b>{item.host || item.peer}</b>{' '}
                <span className="la-dim">
                  {item.unit} · {item.input} · {item.peer}
                </span>
              </div>
              <div>
                <b className="la-num">{t('unparsed.lines', { n: formatNumber(item.count, i18n.language) })}</b>{' '}
                <span className="la-dim">
                  <Ago at={item.lastSeen} />
                </span>
              </div>
            </div>
            <Code text={item.samples.join('\n')} wrap label={t('unparsed.samples')} />
            <LinkButton
              to="/search"
              search={{
                q: `${item.host ? clause('host', item.host) : clause('peer', item.peer)} AND NOT format:*`,
                from: 'now-7d',
              }}
              size="compact-xs"
              variant="default"
              mt={8}
              leftSection={<IconSearch size={13} />}
            >
              {t('unparsed.search')}
            </LinkButton>
          </section>
        ))}
    </Stack>
  );
}

export function SourcesPage() {
  const { t } = useTranslation();
  const { tab } = route.useSearch();
  const navigate = route.useNavigate();
  return (
    <div className={page.page}>
      <PageHeader title={t('nav.sources')} />
      <div className="la-card">
        <Tabs
          value={tab ?? 'list'}
          onChange={(value) => void navigate({ search: value === 'unparsed' ? { tab: 'unparsed' } : {} })}
          keepMounted={false}
        >
          <Tabs.List px="sm">
            <Tabs.Tab value="list">{t('sources.tab')}</Tabs.Tab>
            <Tabs.Tab value="unparsed">{t('unparsed.tab')}</Tabs.Tab>
          </Tabs.List>
          <Tabs.Panel value="list">
            <SourceList />
          </Tabs.Panel>
          <Tabs.Panel value="unparsed">
            <UnparsedInbox />
          </Tabs.Panel>
        </Tabs>
      </div>
    </div>
  );
}
