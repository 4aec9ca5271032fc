import '../../i18n/triage';

import { Button, Group, Stack, Text } from '@mantine/core';
import { IconDownload, IconFilterOff } from '@tabler/icons-react';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';

import { call } from '../../api/client';
import { type Exclusion, exclusionsQuery, type ExclusionState } from '../../api/triageQueries';
import { ConfirmDialog } from '../../kit/ConfirmDialog';
import { EmptyState } from '../../kit/EmptyState';
import { FilterChips, FilterText } from '../../kit/filters';
import { type Column, ListPage } from '../../kit/ListPage';
import { formatNumber } from '../../lib/format';
import { Badge } from '../../ui/Badge';
import { Code } from '../../ui/Copy';
import { LinkButton } from '../../ui/links';
import { Time } from '../../ui/Time';

const route = getRouteApi('/exclusions');
const states: readonly ExclusionState[] = ['proposed', 'active', 'expired', 'revoked', 'rejected'];
const tone = { proposed: 'medium', active: 'ok', expired: 'low', revoked: 'informational', rejected: 'informational' } as const;

type Verb = 'approve' | 'reject' | 'revoke' | 'extend';

/** What rules leave out, by whom it was decided, and what it has left out since. */
export function ExclusionsPage() {
  const { t, i18n } = useTranslation(['translation', 'triage']);
  const params = route.useSearch();
  const navigate = route.useNavigate();
  const state = states.find((s) => s === params.state);
  const query = useQuery(exclusionsQuery({ state, q: params.q }));
  const items = query.data?.items ?? [];
  const set = (next: Partial<typeof params>, replace = true) => {
    void navigate({ search: (old) => ({ ...old, ...next }), replace });
  };
  const columns = useMemo<Column<Exclusion>[]>(
    () => [
      { id: 'name', name: t('triage:exclusions.name'), main: true, cell: (x) => x.title, compare: (a, b) => a.title.localeCompare(b.title, 'vi') },
      { id: 'unit', name: t('triage:exclusions.unit'), cell: (x) => (x.everybody ? t('triage:exclusions.everybody') : x.unitName), from: 'sm' },
      { id: 'state', name: t('triage:exclusions.state'), cell: (x) => <Badge tone={tone[x.state]}>{t(`triage:exclusions.states.${x.state}`)}</Badge> },
      {
        id: 'expires',
        name: t('triage:exclusions.expires'),
        cell: (x) => (x.expiresAt ? <Time at={x.expiresAt} /> : t('triage:exclusions.days', { count: x.days })),
        compare: (a, b) => (a.expiresAt ?? '9').localeCompare(b.expiresAt ?? '9'),
        from: 'md',
      },
      {
        id: 'hits',
        name: t('triage:exclusions.hits'),
        number: true,
        greatestFirst: true,
        cell: (x) => formatNumber(x.hits, i18n.language),
        compare: (a, b) => a.hits - b.hits,
      },
      { id: 'by', name: t('triage:exclusions.proposedBy'), cell: (x) => x.proposedBy.displayName, from: 'lg' },
    ],
    [t, i18n.language],
  );
  return (
    <ListPage<Exclusion>
      title={t('triage:exclusions.title')}
      tools={
        <Button component="a" href="/api/v1/exclusions/file" variant="default" size="xs" leftSection={<IconDownload size={15} />}>
          {t('triage:exclusions.export')}
        </Button>
      }
      items={items}
      id={(x) => x.id}
      name={(x) => x.title}
      columns={columns}
      query={query}
      sort={params.sort}
      onSort={(sort) => {
        set({ sort });
      }}
      filters={
        <>
          <FilterText
            value={params.q}
            placeholder={t('triage:exclusions.find')}
            onChange={(q) => {
              set({ q });
            }}
          />
          <FilterChips<ExclusionState>
            label={t('triage:exclusions.state')}
            values={states}
            chosen={state ? [state] : []}
            single
            counts={query.data?.byState}
            name={(value) => t(`triage:exclusions.states.${value}`)}
            onChange={([next]) => {
              set({ state: next });
            }}
          />
        </>
      }
      filtered={state !== undefined || params.q !== undefined}
      onClear={() => {
        set({ state: undefined, q: undefined });
      }}
      empty={
        <EmptyState
          icon={<IconFilterOff size={34} />}
          title={t('triage:exclusions.none')}
          text={t('triage:exclusions.noneText')}
          steps={[t('triage:exclusions.step1'), t('triage:exclusions.step2'), t('triage:exclusions.step3')]}
        >
          <LinkButton to="/alerts" size="xs">
            {t('triage:exclusions.toAlerts')}
          </LinkButton>
        </EmptyState>
      }
      open={params.id}
      onOpen={(id) => {
        set({ id }, params.id !== undefined);
      }}
      panel={(id) => {
        const shown = items.find((x) => x.id === id);
        return shown && <ExclusionView exclusion={shown} />;
      }}
    />
  );
}

function ExclusionView({ exclusion: x }: { exclusion: Exclusion }) {
  const { t } = useTranslation(['translation', 'triage']);
  const [verb, setVerb] = useState<Verb>();
  const client = useQueryClient();
  const verbs: Verb[] = x.state === 'proposed' ? ['approve', 'reject'] : x.state === 'active' ? ['extend', 'revoke'] : x.state === 'expired' ? ['extend'] : [];
  const allowed = verbs.filter((v) => x.mayDecide || (v === 'reject' && x.mayEdit));
  return (
    <Stack gap="sm">
      <Group gap="xs">
        <Badge tone={tone[x.state]}>{t(`triage:exclusions.states.${x.state}`)}</Badge>
        <Text size="sm">{x.everybody ? t('triage:exclusions.everybody') : x.unitName}</Text>
      </Group>
      {x.problem && <Text size="sm">{t('triage:exclusions.problem', { why: x.problem })}</Text>}
      <Group gap="xs">
        {allowed.map((v) => (
          <Button
            key={v}
            size="xs"
            variant={v === 'approve' ? 'filled' : 'default'}
            onClick={() => {
              setVerb(v);
            }}
          >
            {t(`triage:exclusions.${v}`)}
          </Button>
        ))}
        <Button component="a" href={`/api/v1/exclusions/${encodeURIComponent(x.id)}/file`} size="xs" variant="default">
          {t('triage:exclusions.file')}
        </Button>
      </Group>
      <div>
        <Text size="sm" fw={600}>
          {t('triage:exclusions.reason')}
        </Text>
        <Text size="sm" className="la-wrap">
          {x.reason}
        </Text>
      </div>
      <Text size="sm">
        {t('triage:exclusions.proposedBy')}: {x.proposedBy.displayName}, <Time at={x.proposedAt} />
      </Text>
      {x.decidedBy && x.decidedAt && (
        <Text size="sm">
          {t('triage:exclusions.decision')}: {x.decidedBy.displayName}, <Time at={x.decidedAt} />
          {x.decision && ` – ${x.decision}`}
        </Text>
      )}
      <Text size="sm">
        {t('triage:exclusions.hits')}: {x.hits} · {t('triage:exclusions.lastHit')}: {x.lastHit ? <Time at={x.lastHit} /> : t('triage:exclusions.never')}
      </Text>
      {x.expiresAt && (
        <Text size="sm">
          {t('triage:exclusions.expires')}: <Time at={x.expiresAt} />
        </Text>
      )}
      <Text size="sm" component="div">
        {t('triage:exclusions.rule')}:{' '}
        {x.rules.map((rule) => (
          <Link key={rule.id} to="/rules/$id" params={{ id: rule.id }}>
            {rule.titleVi || rule.title || rule.id}
          </Link>
        ))}
        {x.alertId && (
          <>
            {' · '}
            <Link to="/alerts/$id" params={{ id: x.alertId }}>
              {t('triage:exclusions.alert')}
            </Link>
          </>
        )}
      </Text>
      <Code text={x.filter} label={t('triage:exclude.file')} />
      {verb && (
        <ConfirmDialog
          title={t(`triage:exclusions.${verb}`)}
          text={t(`triage:exclusions.${verb}Text`, { days: x.days })}
          confirm={t(`triage:exclusions.${verb}`)}
          reason={verb === 'reject' || verb === 'revoke' ? 'required' : 'optional'}
          onConfirm={async (note) => {
            await call(`/exclusions/${encodeURIComponent(x.id)}/decision`, { method: 'POST', body: { verb, version: x.version, note } });
            await client.invalidateQueries({ queryKey: ['exclusions'] });
          }}
          onClose={() => {
            setVerb(undefined);
          }}
        />
      )}
    </Stack>
  );
}
