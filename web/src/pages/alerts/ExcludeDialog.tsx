import '../../i18n/triage';

import { Alert as Notice, Button, Checkbox, Group, NumberInput, Select, Stack, Text, Textarea } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import { call } from '../../api/client';
import { draftQuery, type Exclusion, type ExclusionDraft, type ExclusionTrial } from '../../api/triageQueries';
import { Dialog } from '../../ui/Dialog';
import { ErrorState, Rows } from '../../ui/State';
import { toast } from '../../ui/toast';

const shownFirst = 12;

interface Props {
  alertId: string;
  onClose: () => void;
}

/** Makes an exclusion from an alert that was a false positive. */
export function ExcludeDialog({ alertId, onClose }: Props) {
  const { t } = useTranslation(['translation', 'triage']);
  const draft = useQuery(draftQuery(alertId));
  return (
    <Dialog opened onClose={onClose} title={t('triage:exclude.title')} size="lg">
      {draft.isPending && <Rows count={8} />}
      {draft.error && <ErrorState error={draft.error} />}
      {draft.data && <ExcludeForm draft={draft.data} onClose={onClose} />}
    </Dialog>
  );
}

function ExcludeForm({ draft, onClose }: { draft: ExclusionDraft; onClose: () => void }) {
  const { t } = useTranslation(['translation', 'triage']);
  const client = useQueryClient();
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set(draft.fields.filter((f) => f.chosen).map((f) => f.name)));
  const [all, setAll] = useState(false);
  const [unit, setUnit] = useState(draft.units[0]?.id ?? '');
  const [days, setDays] = useState(draft.days);
  const [reason, setReason] = useState('');
  const [text, setText] = useState<string>();
  const [asked, setAsked] = useState(false);
  const fields = draft.fields.filter((f) => chosen.has(f.name)).map(({ name, value }) => ({ name, value }));
  const tried = useMutation({
    mutationFn: (edited: string | undefined) =>
      call<ExclusionTrial>('/exclusions/preview', {
        method: 'POST',
        body: { alertId: draft.alertId, unit, reason, ...(edited === undefined ? { fields } : { filter: edited }) },
      }),
    onSuccess: (result) => {
      setText(result.filter);
    },
  });
  const propose = useMutation({
    mutationFn: async (act: boolean) => {
      const filter = text ?? (await tried.mutateAsync(undefined)).filter;
      return call<Exclusion>('/exclusions', { method: 'POST', body: { alertId: draft.alertId, unit, filter, reason: reason.trim(), days, act } });
    },
    onSuccess: (made) => {
      void client.invalidateQueries({ queryKey: ['exclusions'] });
      toast({ message: t(made.state === 'active' ? 'triage:exclude.acting' : 'triage:exclude.proposed'), autoClose: 6_000 });
      onClose();
    },
  });
  const reasonMissing = reason.trim().length < 5;
  const send = (act: boolean) => {
    setAsked(true);
    if (!reasonMissing && (fields.length > 0 || text !== undefined)) propose.mutate(act);
  };
  const forget = () => {
    setText(undefined);
    tried.reset();
  };
  const result = tried.data;
  const shown = all ? draft.fields : draft.fields.slice(0, shownFirst);
  return (
    <Stack gap="sm">
      <Text size="sm">{t('triage:exclude.text')}</Text>
      <Checkbox.Group
        label={t('triage:exclude.fields')}
        value={[...chosen]}
        onChange={(names) => {
          setChosen(new Set(names));
          forget();
        }}
        error={asked && fields.length === 0 && text === undefined ? t('triage:exclude.choose') : undefined}
      >
        <Stack gap={6} mt={6}>
          {shown.map((field) => (
            <Checkbox
              key={field.name}
              size="xs"
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
      {!all && draft.fields.length > shownFirst && (
        <Button
          size="compact-sm"
          variant="subtle"
          onClick={() => {
            setAll(true);
          }}
        >
          {t('triage:exclude.more', { count: draft.fields.length - shownFirst })}
        </Button>
      )}
      <Group gap="sm" align="flex-start" grow>
        <Select
          label={t('triage:exclude.unit')}
          data={draft.units.map((u) => ({ value: u.id, label: u.name }))}
          value={unit}
          allowDeselect={false}
          onChange={(value) => {
            setUnit(value ?? unit);
            tried.reset();
          }}
        />
        <NumberInput
          label={t('triage:exclude.days')}
          min={1}
          max={draft.maxDays}
          value={days}
          onChange={(value) => {
            if (typeof value === 'number') setDays(value);
          }}
        />
      </Group>
      <Textarea
        label={t('triage:exclude.reason')}
        placeholder={t('triage:exclude.reasonHint')}
        autosize
        minRows={2}
        maxLength={2000}
        value={reason}
        error={asked && reasonMissing ? t('triage:exclude.reasonHint') : undefined}
        onChange={(event) => {
          setReason(event.currentTarget.value);
        }}
      />
      {text !== undefined && (
        <Textarea
          label={t('triage:exclude.file')}
          autosize
          minRows={6}
          maxRows={16}
          className="la-mono"
          spellCheck={false}
          value={text}
          onChange={(event) => {
            setText(event.currentTarget.value);
            tried.reset();
          }}
        />
      )}
      {result && <Outcome result={result} />}
      {(tried.error ?? propose.error) && <ErrorState error={tried.error ?? propose.error} />}
      <Group justify="flex-end" gap="xs">
        <Button variant="default" loading={tried.isPending} disabled={fields.length === 0 && text === undefined} onClick={() => { tried.mutate(text); }}>
          {t('triage:exclude.preview')}
        </Button>
        {draft.mayApprove && (
          <Button variant="default" loading={propose.isPending} onClick={() => { send(true); }}>
            {t('triage:exclude.act')}
          </Button>
        )}
        <Button loading={propose.isPending} onClick={() => { send(false); }}>
          {t('triage:exclude.propose')}
        </Button>
      </Group>
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
        <Text size="xs" className="la-dim">
          {t('triage:exclude.rest')}: {result.rest.map((r) => `${r.value} (${r.unitName}, ${String(r.events)})`).join('; ')}
        </Text>
      )}
    </div>
  );
}
