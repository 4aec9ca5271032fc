import '../../i18n/triage';

import { Alert as Notice, Button, Group, Stack, Text } from '@mantine/core';
import { IconClockExclamation, IconDownload, IconFilterOff } from '@tabler/icons-react';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';

import { call } from '../../api/client';
import { type Exclusion, exclusionsQuery, type ExclusionState } from '../../api/triageQueries';
import { ConfirmDialog } from '../../kit/ConfirmDialog';
import { EmptyState } from '../../kit/EmptyState';
import { FilterChips, FilterText } from '../../kit/filters';
import { type BulkAction, type Column, ListPage } from '../../kit/ListPage';
import { formatNumber } from '../../lib/format';
import { Badge } from '../../ui/Badge';
import { Code } from '../../ui/Copy';
import { LinkButton } from '../../ui/links';
import { Time, useNow } from '../../ui/Time';
import { toast } from '../../ui/toast';
import css from '../alerts/alerts.module.css';

const route = getRouteApi('/exclusions');
const states: readonly ExclusionState[] = ['proposed', 'active', 'expired', 'revoked', 'rejected'];
const tone = { proposed: 'medium', active: 'ok', expired: 'low', revoked: 'informational', rejected: 'informational' } as const;

type Verb = 'approve' | 'reject' | 'revoke' | 'extend';

const verbsOf = (x: Exclusion): Verb[] => {
  const verbs: Verb[] = x.state === 'proposed' ? ['approve', 'reject'] : x.state === 'active' ? ['extend', 'revoke'] : x.state === 'expired' ? ['extend'] : [];
  return verbs.filter((verb) => x.mayDecide || (verb === 'reject' && x.mayEdit));
};

const soonMs = 7 * 86_400_000;
const endsSoon = (x: Exclusion, now: number) => x.state === 'active' && x.expiresAt !== undefined && Date.parse(x.expiresAt) - now < soonMs;

/** What rules leave out, by whom it was decided, and what it has left out since. */
export function ExclusionsPage() {
  const { t, i18n } = useTranslation(['translation', 'triage']);
  const params = route.useSearch();
  const navigate = route.useNavigate();
  const state = states.find((s) => s === params.state);
  const now = useNow();
  const ending = params.ending === '1';
  const query = useQuery(exclusionsQuery({ state: ending ? 'active' : state, q: params.q }));
  const items = useMemo(() => (query.data?.items ?? []).filter((x) => !ending || endsSoon(x, now)), [query.data, ending, now]);
  const active = useQuery(exclusionsQuery({ state: 'active' })).data?.items ?? [];
  const soon = active.filter((x) => endsSoon(x, now)).sort((a, b) => (a.expiresAt ?? '').localeCompare(b.expiresAt ?? ''));
  const [deciding, setDeciding] = useState<{ verb: Verb; items: readonly Exclusion[] }>();
  const bulk: BulkAction<Exclusion>[] = (
    [
      ['approve', 'v'],
      ['extend', 'r'],
      ['revoke', 'd'],
      ['reject', undefined],
    ] as const
  ).map(([verb, key]) => ({
    id: verb,
    name: t(`triage:exclusions.${verb}`),
    ...(key && { key }),
    fits: (x) => verbsOf(x).includes(verb),
    all: (chosen) => {
      setDeciding({ verb, items: chosen });
    },
  }));
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
        cell: (x) =>
          x.expiresAt ? (
            <>
              <Time at={x.expiresAt} />
              {endsSoon(x, now) && (
                <div>
                  <Badge tone="medium">{t('triage:exclusions.soon')}</Badge>
                </div>
              )}
            </>
          ) : (
            t('triage:exclusions.days', { count: x.days })
          ),
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
    [t, i18n.language, now],
  );
  return (
    <>
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
            chosen={state && !ending ? [state] : []}
            single
            counts={query.data?.byState}
            name={(value) => t(`triage:exclusions.states.${value}`)}
            onChange={([next]) => {
              set({ state: next, ending: undefined });
            }}
          />
          <FilterChips
            label={t('triage:exclusions.expires')}
            values={['1']}
            chosen={ending ? ['1'] : []}
            single
            counts={{ '1': soon.length }}
            name={() => t('triage:exclusions.soon')}
            onChange={([next]) => {
              set({ ending: next, state: undefined });
            }}
          />
        </>
      }
      filtered={state !== undefined || params.q !== undefined || ending}
      onClear={() => {
        set({ state: undefined, q: undefined, ending: undefined });
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
      bulk={bulk}
      panel={(id) => {
        const shown = items.find((x) => x.id === id);
        return shown ? (
          <ExclusionView
            exclusion={shown}
            onDecide={(verb) => {
              setDeciding({ verb, items: [shown] });
            }}
          />
        ) : (
          !query.isPending && <Text size="sm">{t('triage:exclusions.gone')}</Text>
        );
      }}
    >
      {soon.length > 0 && !ending && (
        <Notice
          mb="sm"
          color="yellow"
          icon={<IconClockExclamation size={18} />}
          title={t('triage:exclusions.soonTitle', { count: soon.length })}
          styles={{ root: { background: 'var(--la-medium-bg)' }, title: { color: 'var(--mantine-color-text)' }, icon: { color: 'var(--la-medium)' } }}
        >
          <Text size="sm">{t('triage:exclusions.soonText')}</Text>
          <ul className={css.soon}>
            {soon.slice(0, 3).map((x) => (
              <li key={x.id}>
                <span>
                  <Link to="/exclusions" search={{ ending: '1', id: x.id }}>
                    {x.title}
                  </Link>{' '}
                  <span className="la-dim">
                    {x.everybody ? t('triage:exclusions.everybody') : x.unitName}
                    {' · '}
                    {t('triage:exclusions.expires')} {x.expiresAt && <Time at={x.expiresAt} />}
                  </span>
                </span>
                {verbsOf(x).length > 0 && (
                  <Group gap={6} wrap="nowrap">
                    {verbsOf(x).map((verb) => (
                      <Button
                        key={verb}
                        size="compact-sm"
                        variant="default"
                        onClick={() => {
                          setDeciding({ verb, items: [x] });
                        }}
                      >
                        {t(`triage:exclusions.${verb}`)}
                      </Button>
                    ))}
                  </Group>
                )}
              </li>
            ))}
          </ul>
          {soon.length > 3 && (
            <Link to="/exclusions" search={{ ending: '1' }}>
              {t('triage:exclusions.soonAll', { count: soon.length })}
            </Link>
          )}
        </Notice>
      )}
    </ListPage>
    {deciding && (
      <DecisionDialog
        {...deciding}
        onClose={() => {
          setDeciding(undefined);
        }}
      />
    )}
    </>
  );
}

/** Decides about one or many: those that could be decided stay decided where one is refused. */
function DecisionDialog({ verb, items, onClose }: { verb: Verb; items: readonly Exclusion[]; onClose: () => void }) {
  const { t } = useTranslation(['translation', 'triage']);
  const client = useQueryClient();
  const [only] = items;
  const name = t(`triage:exclusions.${verb}`);
  return (
    <ConfirmDialog
      title={items.length === 1 ? name : `${name} (${String(items.length)})`}
      text={
        <>
          {items.length === 1 && only && <Text size="sm" fw={600} className="la-wrap">{only.title}</Text>}
          {t(`triage:exclusions.${verb}Text`, { days: only?.days ?? 30 })}
        </>
      }
      confirm={name}
      danger={verb === 'revoke'}
      reason={verb === 'reject' || verb === 'revoke' ? 'required' : 'optional'}
      onConfirm={async (note) => {
        try {
          for (const x of items) {
            await call(`/exclusions/${encodeURIComponent(x.id)}/decision`, { method: 'POST', body: { verb, version: x.version, note } });
          }
        } finally {
          await client.invalidateQueries({ queryKey: ['exclusions'] });
        }
        toast({ message: t(`triage:exclusions.did.${verb}`, { count: items.length }), autoClose: 6_000 });
      }}
      onClose={onClose}
    />
  );
}

interface ViewProps {
  exclusion: Exclusion;
  onDecide: (verb: Verb) => void;
}

function ExclusionView({ exclusion: x, onDecide }: ViewProps) {
  const { t, i18n } = useTranslation(['translation', 'triage']);
  const allowed = verbsOf(x);
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
              onDecide(v);
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
            {(i18n.language === 'vi' ? rule.titleVi || rule.title : rule.title) || rule.id}
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
    </Stack>
  );
}
