import '../../i18n/triage';

import { Alert as Notice, Button, Checkbox, Group, NumberInput, Select, Stack, Text, Textarea } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { keepPreviousData, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import { call } from '../../api/client';
import { draftQuery, type Exclusion, type ExclusionTrial } from '../../api/triageQueries';
import { ErrorState, Rows } from '../../ui/State';
import css from './alerts.module.css';

const shownFirst = 4;
const pauseMs = 500;

interface Edit {
  chosen?: ReadonlySet<string>;
  unit?: string;
  days?: number;
  text?: string | undefined;
}

/** An exclusion in the making: from an alert's fields to a Sigma filter, tried on what was stored. */
export function useExclusion(alertId: string | undefined) {
  const client = useQueryClient();
  const [edit, setEdit] = useState<Edit>({});
  const draft = useQuery({ ...draftQuery(alertId ?? ''), enabled: alertId !== undefined });
  const data = draft.data;
  const chosen = edit.chosen ?? new Set(data?.fields.filter((f) => f.chosen).map((f) => f.name));
  const fields = (data?.fields ?? []).filter((f) => chosen.has(f.name)).map(({ name, value }) => ({ name, value }));
  const unit = edit.unit ?? data?.units[0]?.id ?? '';
  const days = edit.days ?? data?.days ?? 30;
  const ready = data !== undefined && (fields.length > 0 || edit.text !== undefined);
  const body = { alertId, unit, ...(edit.text === undefined ? { fields } : { filter: edit.text }) };
  const [settled] = useDebouncedValue(JSON.stringify(body), pauseMs);
  const trial = useQuery({
    queryKey: ['exclusion trial', settled],
    queryFn: ({ signal }) => call<ExclusionTrial>('/exclusions/preview', { method: 'POST', body: JSON.parse(settled) as object, signal }),
    enabled: ready && settled === JSON.stringify(body),
    placeholderData: keepPreviousData,
    staleTime: 60_000,
    retry: false,
  });
  return {
    draft,
    trial,
    chosen,
    unit,
    days,
    ready,
    text: edit.text ?? trial.data?.filter,
    change: (next: Edit) => {
      setEdit((old) => ({ ...old, ...next }));
    },
    /** The filter is written anew, since the reason stands in it. */
    propose: async (reason: string, act = false): Promise<Exclusion> => {
      const filter = edit.text ?? (await call<ExclusionTrial>('/exclusions/preview', { method: 'POST', body: { ...body, reason } })).filter;
      const made = await call<Exclusion>('/exclusions', { method: 'POST', body: { alertId, unit, filter, reason, days, act } });
      void client.invalidateQueries({ queryKey: ['exclusions'] });
      return made;
    },
    withdraw: async (made: Exclusion, note: string) => {
      const verb = made.state === 'active' ? 'revoke' : 'reject';
      await call(`/exclusions/${encodeURIComponent(made.id)}/decision`, { method: 'POST', body: { verb, version: made.version, note } });
      await client.invalidateQueries({ queryKey: ['exclusions'] });
    },
  };
}

type State = ReturnType<typeof useExclusion>;

/** What is left out, for whom and how long, as a Sigma filter, and what that would have hidden. */
export function ExclusionFields({ state, asked }: { state: State; asked: boolean }) {
  const { t } = useTranslation(['translation', 'triage']);
  const [all, setAll] = useState(false);
  const { draft, trial, chosen, change, text, ready } = state;
  if (draft.error) return <ErrorState error={draft.error} />;
  if (!draft.data) return <Rows count={6} />;
  const { fields, units, maxDays } = draft.data;
  // What the rule fired on says most about what is harmless.
  const first = fields.filter((f, i) => i < shownFirst || f.chosen || f.matched);
  const shown = all ? fields : first;
  return (
    <Stack gap="sm" className={css.exclusion}>
      <Text size="sm">{t('triage:exclude.text')}</Text>
      <Checkbox.Group
        label={t('triage:exclude.fields')}
        value={[...chosen]}
        onChange={(names) => {
          change({ chosen: new Set(names), text: undefined });
        }}
        error={asked && !ready ? t('triage:exclude.choose') : undefined}
      >
        <Stack gap={9} mt={6}>
          {shown.map((field) => (
            <Checkbox
              key={field.name}
              size="md"
              styles={{ label: { fontSize: 13 } }}
              value={field.name}
              label={
                <span className="la-wrap">
                  {field.name}: <span className="la-mono">{field.value}</span>
                  {field.matched && <span className="la-dim"> · {t('triage:exclude.matched')}</span>}
                </span>
              }
            />
          ))}
        </Stack>
      </Checkbox.Group>
      {!all && fields.length > first.length && (
        <Button
          size="compact-sm"
          variant="subtle"
          style={{ alignSelf: 'flex-start' }}
          onClick={() => {
            setAll(true);
          }}
        >
          {t('triage:exclude.more', { count: fields.length - first.length })}
        </Button>
      )}
      <Group gap="sm" align="flex-start" grow>
        <Select
          label={t('triage:exclude.unit')}
          data={units.map((u) => ({ value: u.id, label: u.name }))}
          value={state.unit}
          allowDeselect={false}
          onChange={(value) => {
            if (value !== null) change({ unit: value });
          }}
        />
        <NumberInput
          label={t('triage:exclude.days')}
          min={1}
          max={maxDays}
          value={state.days}
          onChange={(value) => {
            if (typeof value === 'number') change({ days: value });
          }}
        />
      </Group>
      {trial.error ? <ErrorState error={trial.error} retry={() => void trial.refetch()} /> : trial.data ? <Outcome result={trial.data} /> : ready && <Rows count={2} />}
      {text !== undefined && (
        <Textarea
          label={t('triage:exclude.file')}
          autosize
          minRows={4}
          maxRows={12}
          styles={{ input: { fontFamily: 'var(--mantine-font-family-monospace)', fontSize: 12 } }}
          spellCheck={false}
          value={text}
          onChange={(event) => {
            change({ text: event.currentTarget.value });
          }}
        />
      )}
    </Stack>
  );
}

function Outcome({ result }: { result: ExclusionTrial }) {
  const { t } = useTranslation(['translation', 'triage']);
  if (result.problems.length > 0) {
    return (
      <Notice color="red" role="alert">
        {result.problems.map((p) => (
          <div key={`${String(p.line)}${p.reason}`}>{t('triage:exclude.problem', { ...p })}</div>
        ))}
      </Notice>
    );
  }
  return (
    <div role="status">
      <Text size="sm" fw={600}>
        {t('triage:exclude.would', { out: result.eventsOut, all: result.events, alertsOut: result.alertsOut, alerts: result.alerts })}
      </Text>
      {result.capped && (
        <Text size="xs" className="la-dim">
          {t('triage:exclude.capped')}
        </Text>
      )}
      {result.events > 3 && result.eventsOut === result.events && <Text size="sm">{t('triage:exclude.all')}</Text>}
      {result.rest.length > 0 && (
        <Text size="xs" className="la-dim la-wrap">
          {t('triage:exclude.rest')}: {result.rest.map((r) => `${r.value} (${r.unitName}, ${String(r.events)})`).join('; ')}
        </Text>
      )}
    </div>
  );
}
