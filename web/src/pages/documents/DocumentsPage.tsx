import '../../i18n/documents';

import { Button, NumberInput, Select, Tabs, Text } from '@mantine/core';
import { IconBook, IconFileText, IconPlus } from '@tabler/icons-react';
import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import { bookQuery, documentPagesQuery } from '../../api/documentQueries';
import { useMay } from '../../app/session';
import { FilterText } from '../../kit/filters';
import page from '../../ui/page.module.css';
import { PageHeader } from '../../ui/PageHeader';
import { EmptyState, ErrorState, Rows } from '../../ui/State';
import { DocumentItems } from './marks';
import { NewDocument } from './NewDocument';
import { TemplatesTab } from './TemplatesTab';

const route = getRouteApi('/documents');
const tabs = ['list', 'book', 'templates'] as const;
const states = ['draft', 'submitted', 'approved', 'sent', 'acknowledged', 'withdrawn'] as const;

/** Official documents: the list, the number book, and what they are made of. */
export function DocumentsPage() {
  const { t } = useTranslation('documents');
  const { tab = 'list' } = route.useSearch();
  const navigate = route.useNavigate();
  const may = useMay();
  const [adding, setAdding] = useState(false);
  return (
    <div className={page.page} data-full>
      <PageHeader title={t('title')}>
        {may('document.draft') && (
          <Button size="xs" leftSection={<IconPlus size={15} />} onClick={() => { setAdding(true); }}>
            {t('new')}
          </Button>
        )}
      </PageHeader>
      <Tabs
        value={tab}
        keepMounted={false}
        onChange={(value) => {
          const next = tabs.find((name) => name === value);
          void navigate({ search: next === 'list' || next === undefined ? {} : { tab: next } });
        }}
      >
        <Tabs.List mb="sm">
          {tabs.map((name) => (
            <Tabs.Tab key={name} value={name}>
              {t(`tab.${name}`)}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        <Tabs.Panel value="list">
          <ListTab />
        </Tabs.Panel>
        <Tabs.Panel value="book">
          <BookTab />
        </Tabs.Panel>
        <Tabs.Panel value="templates">
          <TemplatesTab />
        </Tabs.Panel>
      </Tabs>
      {adding && <NewDocument onClose={() => { setAdding(false); }} />}
    </div>
  );
}

function ListTab() {
  const { t } = useTranslation('documents');
  const { q, state } = route.useSearch();
  const navigate = route.useNavigate();
  const query = useInfiniteQuery(documentPagesQuery({ q, state }));
  const items = query.data?.pages.flatMap((p) => p.items) ?? [];
  return (
    <>
      <div style={{ display: 'flex', flexWrap: 'wrap', gap: 8, marginBottom: 12 }}>
        <FilterText value={q} placeholder={t('find')} onChange={(text) => { void navigate({ search: (old) => ({ ...old, q: text }), replace: true }); }} />
        <Select
          size="xs"
          aria-label={t('states')}
          placeholder={t('states')}
          clearable
          clearButtonProps={{ 'aria-label': t('states') }}
          data={states.map((value) => ({ value, label: t(`state.${value}`) }))}
          value={state ?? null}
          onChange={(value) => { void navigate({ search: (old) => ({ ...old, state: states.find((s) => s === value) }), replace: true }); }}
        />
      </div>
      {query.isPending && <Rows count={8} />}
      {query.error && !query.data && <ErrorState error={query.error} retry={() => void query.refetch()} />}
      {query.data && items.length === 0 && <EmptyState icon={<IconFileText size={32} />} title={t('none')} text={t('noneText')} />}
      <DocumentItems items={items} />
      {query.hasNextPage && (
        <Button mt="sm" variant="default" loading={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>
          {t('more')}
        </Button>
      )}
    </>
  );
}

function BookTab() {
  const { t } = useTranslation('documents');
  const [year, setYear] = useState(new Date().getFullYear());
  const { data, error, refetch } = useQuery(bookQuery(year));
  const name = (series: string) => {
    const parts = series.split('/');
    const words = { kind: parts.at(-2) ?? '', year: parts.at(-1) ?? '' };
    return parts[0] === 'drill' ? t('seriesDrill', words) : t('series', words);
  };
  return (
    <>
      <NumberInput
        size="xs"
        w={120}
        mb="sm"
        label={t('year')}
        min={2020}
        max={2100}
        value={year}
        onChange={(value) => { if (typeof value === 'number' && value >= 2020 && value <= 2100) setYear(value); }}
      />
      {error && <ErrorState error={error} retry={() => void refetch()} />}
      {!data && !error && <Rows count={6} />}
      {data?.books.length === 0 && <EmptyState icon={<IconBook size={32} />} title={t('bookNone', { year })} text={t('bookNoneText')} />}
      {data?.books.map((b) => (
        <section key={b.series} aria-label={name(b.series)} style={{ marginBottom: 20 }}>
          <Text fw={600} mb={6}>
            {name(b.series)}
          </Text>
          {b.gaps.length > 0 && <Text role="alert">{t('bookGaps', { list: b.gaps.join(', ') })}</Text>}
          <DocumentItems items={b.items} />
        </section>
      ))}
    </>
  );
}
