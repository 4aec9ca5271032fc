import { Button, Select } from '@mantine/core';
import { IconX } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';

import { sourcesQuery } from '../../api/queries';
import type { AlertList, AlertStatus, Level } from '../../api/types';
import { FilterChips, FilterText } from '../../kit/filters';
import { type AlertsParams, cleared, isNarrowed, openStatuses, splitLevels, splitStatuses } from '../../lib/alertsParams';
import { collator } from '../../lib/format';
import { levels, statuses } from '../../lib/levels';
import { formatTime } from '../../lib/time';

interface Props {
  params: AlertsParams;
  change: (next: Partial<AlertsParams>, replace?: boolean) => void;
  /** Counts by what may be chosen, where the list has them. */
  counts?: AlertList | undefined;
  /** Units that alerts in view name. */
  seen: readonly { id: string; name: string }[];
  /** The states to choose from; groups are of what is open. */
  withStatus?: boolean;
}

/** What narrows the queue, in every view alike. */
export function QueueFilters({ params, change, counts, seen, withStatus }: Props) {
  const { t } = useTranslation(['translation', 'triage']);
  const sources = useQuery(sourcesQuery());
  const units = useMemo(() => {
    const known = new Map<string, string>();
    for (const source of sources.data?.items ?? []) known.set(source.unit, source.unit);
    for (const unit of seen) known.set(unit.id, unit.name || unit.id);
    return [...known].map(([value, label]) => ({ value, label })).sort((a, b) => collator.compare(a.label, b.label));
  }, [sources.data, seen]);
  const drillId = params.drill === 'none' || params.drill === 'only' ? undefined : params.drill;
  const shut = { alert: undefined, group: undefined };
  // What came with a link and has no control of its own can still be seen and taken away.
  const links = (['campaign', 'ruleId', 'assignee'] as const).filter((name) => params[name] !== undefined && (name !== 'assignee' || params.view !== 'mine'));
  const nameOf = (name: (typeof links)[number]) => {
    if (name === 'assignee') return t(params.assignee === 'me' ? 'triage:shown.me' : params.assignee === 'none' ? 'triage:shown.nobody' : 'triage:shown.assignee');
    return t(name === 'campaign' ? 'triage:shown.group' : 'triage:shown.rule');
  };
  return (
    <>
      <FilterText
        value={params.q}
        placeholder={t('alerts.find')}
        onChange={(q) => {
          change({ q }, true);
        }}
      />
      {withStatus && (
        <FilterChips<AlertStatus>
          label={t('alerts.status')}
          values={statuses}
          chosen={splitStatuses(params.status)}
          counts={counts?.byStatus}
          name={(value) => t(`status.${value}`)}
          onChange={(chosen) => {
            const status = chosen.join(',');
            change({ status: status === '' || status === openStatuses ? undefined : status, ...shut });
          }}
        />
      )}
      <FilterChips<Level>
        label={t('alerts.level')}
        values={levels}
        chosen={splitLevels(params.level)}
        counts={counts?.byLevel}
        name={(value) => t(`level.${value}`)}
        tone={(value) => value}
        onChange={(chosen) => {
          change({ level: chosen.join(',') || undefined, ...shut });
        }}
      />
      <Select
        size="xs"
        w={190}
        data={units}
        value={params.unit ?? null}
        onChange={(value) => {
          change({ unit: value ?? undefined, ...shut });
        }}
        placeholder={t('alerts.allUnits')}
        aria-label={t('alerts.unit')}
        clearable
        searchable
      />
      {drillId === undefined && (
        <Select
          size="xs"
          w={160}
          data={(['none', 'only'] as const).map((value) => ({ value, label: t(`triage:drill.${value}`) }))}
          value={params.drill ?? null}
          onChange={(value) => {
            change({ drill: value ?? undefined, ...shut });
          }}
          placeholder={t('triage:drill.all')}
          aria-label={t('triage:drill.filter')}
          clearable
        />
      )}
      {drillId !== undefined && (
        <Button
          size="compact-xs"
          variant="light"
          rightSection={<IconX size={13} />}
          aria-label={t('triage:shown.leave', { name: t('triage:drill.filter') })}
          onClick={() => {
            change({ drill: undefined, ...shut });
          }}
        >
          {t('triage:drill.filter')}
        </Button>
      )}
      {links.map((name) => (
        <Button
          key={name}
          size="compact-xs"
          variant="light"
          rightSection={<IconX size={13} />}
          aria-label={t('triage:shown.leave', { name: nameOf(name) })}
          onClick={() => {
            change({ [name]: undefined, ...shut });
          }}
        >
          {nameOf(name)}
        </Button>
      ))}
      {(params.from ?? params.to) !== undefined && (
        <span className="la-dim">
          {t('alerts.opened', { from: params.from ? formatTime(params.from) : '…', to: params.to ? formatTime(params.to) : '…' })}
        </span>
      )}
      {isNarrowed(params) && (
        <Button
          size="compact-xs"
          variant="subtle"
          leftSection={<IconX size={13} />}
          onClick={() => {
            change(cleared);
          }}
        >
          {t('alerts.clearFilters')}
        </Button>
      )}
    </>
  );
}
