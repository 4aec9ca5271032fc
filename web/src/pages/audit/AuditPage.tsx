import '../../i18n/audit';

import { Button, Group, Menu, Select, Text } from '@mantine/core';
import { IconDownload, IconShieldCheck } from '@tabler/icons-react';
import { useInfiniteQuery, useMutation, useQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';

import { auditFacetsQuery, type AuditFilter, auditQuery, type AuditRecord, verifyAudit } from '../../api/auditQueries';
import { url } from '../../api/client';
import { useMay } from '../../app/session';
import { DateRange } from '../../kit/DateRange';
import { DateTime } from '../../kit/DateTime';
import { EmptyState } from '../../kit/EmptyState';
import { FilterChips, FilterText } from '../../kit/filters';
import { ListPage } from '../../kit/ListPage';
import { ErrorState } from '../../ui/State';
import { Proof } from './Proof';
import { Record } from './Record';
import { isRefused, useActionName } from './words';

const route = getRouteApi('/admin/audit');

export function AuditPage() {
  const { t } = useTranslation(['translation', 'audit']);
  const { open, ...filter } = route.useSearch();
  const navigate = route.useNavigate();
  const may = useMay();
  const name = useActionName();
  const list = useInfiniteQuery(auditQuery(filter));
  const facets = useQuery(auditFacetsQuery(filter.from, filter.to));
  const verify = useMutation({ mutationFn: verifyAudit });
  const records = list.data?.pages.flatMap((p) => p.items) ?? [];
  const narrow = (change: AuditFilter) =>
    void navigate({ search: (old) => ({ ...old, open: undefined, ...change }), replace: true });
  const choices = (all: { value: string; count: number }[] | undefined, chosen: string | undefined, words: (v: string) => string) => {
    const known = (all ?? []).map(({ value, count }) => ({ value, label: `${words(value)} (${count})` }));
    return chosen && !known.some(({ value }) => value === chosen) ? [{ value: chosen, label: words(chosen) }, ...known] : known;
  };
  return (
    <ListPage<AuditRecord>
      title={t('nav.audit')}
      items={records}
      id={(r) => String(r.seq)}
      name={(r) => `${r.actor}: ${name(r.action)}`}
      query={list}
      more={{ has: list.hasNextPage, loading: list.isFetchingNextPage, load: () => list.fetchNextPage() }}
      tools={
        <Group gap="xs">
          <Button
            size="xs"
            variant="default"
            leftSection={<IconShieldCheck size={15} />}
            disabled={verify.isPending}
            onClick={() => {
              verify.mutate();
            }}
          >
            {verify.isPending ? t('audit:verifying') : t('audit:verify')}
          </Button>
          {may('audit.export') && (
            <Menu>
              <Menu.Target>
                <Button size="xs" variant="default" leftSection={<IconDownload size={15} />}>
                  {t('audit:export')}
                </Button>
              </Menu.Target>
              <Menu.Dropdown>
                {(['ndjson', 'csv'] as const).map((format) => (
                  <Menu.Item key={format} component="a" href={url('/audit/export', { ...filter, format })} download>
                    {t(format === 'csv' ? 'audit:exportCsv' : 'audit:exportNdjson')}
                  </Menu.Item>
                ))}
              </Menu.Dropdown>
            </Menu>
          )}
        </Group>
      }
      filters={
        <>
          <FilterText
            value={filter.q}
            placeholder={t('audit:find')}
            onChange={(q) => {
              narrow({ q });
            }}
          />
          <Select
            size="xs"
            searchable
            clearable
            aria-label={t('audit:actor')}
            placeholder={t('audit:anyActor')}
            data={choices(facets.data?.actors, filter.actor, (v) => v)}
            value={filter.actor ?? null}
            onChange={(value) => {
              narrow({ actor: value ?? undefined });
            }}
          />
          <Select
            size="xs"
            searchable
            clearable
            aria-label={t('audit:action')}
            placeholder={t('audit:anyAction')}
            data={choices(facets.data?.actions, filter.action, name)}
            value={filter.action ?? null}
            onChange={(value) => {
              narrow({ action: value ?? undefined });
            }}
          />
          <FilterChips
            label={t('audit:show')}
            values={['true'] as const}
            chosen={filter.refused === 'true' ? ['true'] : []}
            name={() => t('audit:refused')}
            onChange={([on]) => {
              narrow({ refused: on });
            }}
          />
          <DateRange
            size="xs"
            value={{ from: filter.from, to: filter.to }}
            onChange={(range) => {
              narrow({ from: range.from, to: range.to });
            }}
          />
        </>
      }
      filtered={Object.keys(filter).length > 0}
      onClear={() => void navigate({ search: {}, replace: true })}
      empty={<EmptyState icon={<IconShieldCheck size={34} />} title={t('audit:empty')} text={t('audit:emptyText')} />}
      columns={[
        { id: 'at', name: t('audit:at'), cell: (r) => <DateTime at={r.at} /> },
        { id: 'actor', name: t('audit:actor'), cell: (r) => r.actor },
        {
          id: 'action',
          name: t('audit:action'),
          main: true,
          cell: (r) => <span style={isRefused(r.action) ? { color: 'var(--la-danger, var(--mantine-color-error))' } : undefined}>{name(r.action)}</span>,
        },
        { id: 'object', name: t('audit:object'), from: 'md', cell: (r) => <span className="la-mono la-wrap">{r.object}</span> },
        { id: 'ip', name: t('audit:ip'), from: 'lg', cell: (r) => <span className="la-mono">{r.ip}</span> },
      ]}
      open={open}
      onOpen={(next) => void navigate({ search: (old) => ({ ...old, open: next }), replace: true })}
      panel={(id) => {
        const record = records.find((r) => String(r.seq) === id);
        return record && <Record record={record} narrow={narrow} />;
      }}
    >
      <Text size="sm" className="la-dim" mb="xs">
        {t('audit:text')}
      </Text>
      {verify.error && <ErrorState error={verify.error} />}
      {verify.data && <Proof proof={verify.data} />}
    </ListPage>
  );
}
