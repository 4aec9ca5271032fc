import { ActionIcon, Button, Group, NumberInput, Select, Switch, Text, Textarea, TextInput } from '@mantine/core';
import { IconPlus, IconTrash } from '@tabler/icons-react';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import { type Duty, type DutyBody, type DutyList, saveDuty } from '../../api/obligationQueries';
import { Form, useFieldErrors } from '../../kit/Form';
import { Dialog } from '../../ui/Dialog';
import { toast } from '../../ui/toast';
import css from './obligations.module.css';

type Condition = NonNullable<Duty['when']>[number];

/** A duty as it is sent back. */
export const bodyOf = (d: Duty): DutyBody => ({
  id: d.id, vi: d.vi, en: d.en, stage: d.stage, basis: d.basis, on: d.on, when: d.when, from: d.from, hours: d.hours, workingDays: d.workingDays,
  before: d.before, of: d.of, recipient: d.recipient, ...(d.instead && { instead: d.instead }), form: d.form, verify: d.verify, enabled: d.enabled, version: d.version,
});

const fresh: DutyBody = {
  id: '', vi: '', en: '', stage: 'report', basis: { text: '', article: '' }, on: 'matter', when: [{}], from: 'detectedAt', hours: 24, workingDays: 0,
  before: '', of: 'centre', recipient: '', form: 'progress-report', verify: '', enabled: true, version: 0,
};

const forms = ['initial-notice', 'progress-report', 'final-report', 'personal-data-notice'] as const;
const fields = ['id', 'vi', 'en', 'basis.text', 'stage', 'recipient', 'hours', 'before', 'when', 'from'];

interface Props {
  /** Absent: a new one. */
  duty?: Duty;
  list: DutyList;
  onClose: () => void;
}

/** Changes a duty or adds one; what arose of it stays as it is. */
export function DutyDialog({ duty, list, onClose }: Props) {
  const { t, i18n } = useTranslation('obligations');
  const client = useQueryClient();
  const [d, setD] = useState<DutyBody>(duty ? bodyOf(duty) : fresh);
  const set = (change: Partial<DutyBody>) => {
    setD((old) => ({ ...old, ...change }));
  };
  const save = useMutation({
    mutationFn: () => saveDuty(d),
    onSuccess: async () => {
      toast({ message: t('duties.saved'), autoClose: 5_000 });
      await client.invalidateQueries({ queryKey: ['duties'] });
      onClose();
    },
  });
  const fieldError = useFieldErrors(save.error);
  const workingDays = d.workingDays > 0;
  const formNames = [...new Set([...forms, ...list.items.map((x) => x.form)])].filter(Boolean);
  return (
    <Dialog opened onClose={onClose} title={duty ? t('duties.edit') : t('duties.add')} size="lg">
      <Form error={save.error} fields={fields} submit={t('save')} busy={save.isPending} onCancel={onClose} onSubmit={() => { save.mutate(); }}>
        <Text size="sm">{t('duties.keep')}</Text>
        {!duty && (
          <TextInput label={t('duties.id')} description={t('duties.idHint')} data-autofocus maxLength={64} value={d.id} error={fieldError('id')} onChange={(e) => { set({ id: e.currentTarget.value }); }} />
        )}
        <TextInput label={t('duties.vi')} maxLength={200} value={d.vi} error={fieldError('vi')} onChange={(e) => { set({ vi: e.currentTarget.value }); }} />
        <TextInput label={t('duties.en')} maxLength={200} value={d.en} error={fieldError('en')} onChange={(e) => { set({ en: e.currentTarget.value }); }} />
        <TextInput label={t('basis')} maxLength={300} value={d.basis.text} error={fieldError('basis.text')} onChange={(e) => { set({ basis: { ...d.basis, text: e.currentTarget.value } }); }} />
        <TextInput label={t('duties.article')} maxLength={300} value={d.basis.article} onChange={(e) => { set({ basis: { ...d.basis, article: e.currentTarget.value } }); }} />
        <Group grow align="start">
          <Select label={t('duties.stage')} allowDeselect={false} data={list.stages.map((value) => ({ value, label: t(`stage.${value as 'once'}`) }))} value={d.stage} error={fieldError('stage')} onChange={(stage) => { if (stage) set({ stage }); }} />
          <Select label={t('recipient')} searchable allowDeselect={false} data={list.recipients.map((r) => ({ value: r.id, label: i18n.language === 'vi' ? r.vi : r.name }))} value={d.recipient || null} error={fieldError('recipient')} onChange={(recipient) => { if (recipient) set({ recipient }); }} />
        </Group>
        <Select label={t('duties.form')} allowDeselect={false} data={formNames.map((value) => ({ value, label: (forms as readonly string[]).includes(value) ? t(`form.${value as 'final-report'}`) : value }))} value={d.form} onChange={(form) => { if (form) set({ form }); }} />
        {!duty && (
          <Select
            label={t('duties.starts')}
            allowDeselect={false}
            data={(['matter', 'date'] as const).map((value) => ({ value, label: t(`on.${value}`) }))}
            value={d.on}
            onChange={(on) => {
              if (on === 'date') set({ on, when: [], from: '', hours: 0, workingDays: 0, before: '12-15', stage: 'yearly' });
              else set({ on: 'matter', when: [{}], from: 'detectedAt', hours: 24, before: '', stage: 'report' });
            }}
          />
        )}
        {d.on === 'matter' ? (
          <>
            <Group grow align="start">
              <Select label={t('duties.from')} allowDeselect={false} data={list.moments.map((value) => ({ value, label: t(`moment.${value as 'detectedAt'}`) }))} value={d.from} error={fieldError('from')} onChange={(from) => { if (from) set({ from }); }} />
              <NumberInput label={t('duties.time')} min={1} max={8784} allowDecimal={false} clampBehavior="strict" value={workingDays ? d.workingDays : d.hours} error={fieldError('hours')} onChange={(n) => { set(workingDays ? { workingDays: Number(n) } : { hours: Number(n) }); }} />
              <Select label={t('duties.counts')} allowDeselect={false} data={(['hours', 'days'] as const).map((value) => ({ value, label: t(`counts.${value}`) }))} value={workingDays ? 'days' : 'hours'} onChange={(kind) => { set(kind === 'days' ? { workingDays: d.hours || 5, hours: 0 } : { hours: d.workingDays || 24, workingDays: 0 }); }} />
            </Group>
            <Conditions when={d.when ?? []} list={list} error={fieldError('when')} onChange={(when) => { set({ when }); }} />
          </>
        ) : (
          <Group grow align="start">
            <TextInput label={t('duties.beforeDay')} description={t('duties.beforeHint')} value={d.before} error={fieldError('before')} onChange={(e) => { set({ before: e.currentTarget.value.trim() }); }} />
            <Select label={t('duties.owed')} allowDeselect={false} data={(['centre', 'units'] as const).map((value) => ({ value, label: t(`owed.${value}`) }))} value={d.of} onChange={(of) => { if (of) set({ of }); }} />
          </Group>
        )}
        <Textarea label={t('verify')} autosize minRows={1} maxLength={300} value={d.verify} onChange={(e) => { set({ verify: e.currentTarget.value }); }} />
        <Switch label={t('duties.enabled')} checked={d.enabled} onChange={(e) => { set({ enabled: e.currentTarget.checked }); }} />
      </Form>
    </Dialog>
  );
}

interface ConditionsProps {
  when: Condition[];
  list: DutyList;
  error: string | undefined;
  onChange: (when: Condition[]) => void;
}

/** Sets of attributes: any set starts the clock, within a set all must hold. */
function Conditions({ when, list, error, onChange }: ConditionsProps) {
  const { t, i18n } = useTranslation('obligations');
  const put = (at: number, condition: Condition) => {
    onChange(when.map((old, i) => (i === at ? condition : old)));
  };
  const blank = (type: string): Condition[string] => (type === 'truth' ? { is: true } : type === 'number' ? { atLeast: 1 } : { oneOf: [] });
  return (
    <div role="group" aria-label={t('duties.when')}>
      <Text size="sm" fw={500}>
        {t('duties.when')}
      </Text>
      <Text size="xs" className="la-dim" mb={4}>
        {t('duties.whenHint')}
      </Text>
      {error && (
        <Text size="sm" c="var(--la-critical)">
          {error}
        </Text>
      )}
      {when.map((condition, at) => (
        <fieldset key={at} className={css.conditions} style={{ marginBottom: 6 }}>
          <legend className="la-hidden">{t('duties.set', { n: at + 1 })}</legend>
          {Object.entries(condition).map(([name, test]) => {
            const word = list.attributes.find((a) => a.id === name);
            const label = word ? (i18n.language === 'vi' ? word.vi : word.name) : name;
            const change = (next: Condition[string]) => {
              put(at, { ...condition, [name]: next });
            };
            return (
              <div key={name} className={css.condition}>
                {test.is !== undefined && <Switch label={label} checked={test.is} onChange={(e) => { change({ is: e.currentTarget.checked }); }} />}
                {test.atLeast !== undefined && <NumberInput size="xs" label={t('duties.atLeastLabel', { label })} value={test.atLeast} onChange={(n) => { change({ atLeast: Number(n) }); }} />}
                {test.is === undefined && test.atLeast === undefined && (
                  <TextInput size="xs" style={{ flex: 1 }} label={label} description={word && word.values.length > 0 ? word.values.join(', ') : t('duties.values')} value={(test.oneOf ?? []).join(', ')} onChange={(e) => { change({ oneOf: e.currentTarget.value.split(',').map((v) => v.trim()) }); }} onBlur={() => { change({ oneOf: (test.oneOf ?? []).filter(Boolean) }); }} />
                )}
                <ActionIcon
                  variant="subtle"
                  color="gray"
                  aria-label={t('duties.removeWord', { label })}
                  onClick={() => {
                    put(at, Object.fromEntries(Object.entries(condition).filter(([other]) => other !== name)));
                  }}
                >
                  <IconTrash size={15} />
                </ActionIcon>
              </div>
            );
          })}
          <Select
            size="xs"
            searchable
            placeholder={t('duties.addWord')}
            aria-label={t('duties.addWord')}
            value={null}
            data={list.attributes.filter((a) => !(a.id in condition)).map((a) => ({ value: a.id, label: i18n.language === 'vi' ? a.vi : a.name }))}
            onChange={(name) => {
              const word = list.attributes.find((a) => a.id === name);
              if (word) put(at, { ...condition, [word.id]: blank(word.type) });
            }}
          />
          {when.length > 1 && (
            <Button size="compact-xs" mt={6} variant="subtle" onClick={() => { onChange(when.filter((_, i) => i !== at)); }}>
              {t('duties.removeSet')}
            </Button>
          )}
        </fieldset>
      ))}
      <Button size="compact-sm" variant="default" leftSection={<IconPlus size={14} />} onClick={() => { onChange([...when, {}]); }}>
        {t('duties.addSet')}
      </Button>
    </div>
  );
}
