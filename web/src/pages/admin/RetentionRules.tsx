import { Alert, Button, Group, NumberInput, Select, Text, TextInput } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { IconAlertTriangle, IconArchive, IconPlus } from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import { call } from '../../api/client';
import { retentionQuery, type Retention, type RetentionRule } from '../../api/evidenceQueries';
import { unitsQuery } from '../../api/queries';
import { useMay } from '../../app/session';
import { EmptyState } from '../../kit/EmptyState';
import { Form, useFieldErrors } from '../../kit/Form';
import { type Column, List } from '../../kit/List';
import { by } from '../../kit/text';
import { offerUndo } from '../../kit/undo';
import { formatNumber } from '../../lib/format';
import { Dialog } from '../../ui/Dialog';

type Class = Retention['classes'][number];

const useClassName = () => {
  const { i18n } = useTranslation();
  return (c: Class | undefined, id: string) => (c ? (i18n.language === 'vi' ? c.nameVi : c.nameEn) : id);
};

const idOf = (rule: RetentionRule) => `${rule.unit}/${rule.format}/${rule.input}`;
const key = (rule: RetentionRule) => ({ unit: rule.unit, format: rule.format, input: rule.input });
const none: RetentionRule[] = [];

/** How long the logs of a unit, a format, an input are kept. */
export function RetentionRules() {
  const { t, i18n } = useTranslation(['translation', 'admin']);
  const client = useQueryClient();
  const className = useClassName();
  const query = useQuery(retentionQuery);
  const { data } = query;
  const [editing, dialog] = useDisclosure();
  const mayManage = useMay()('retention.manage');
  const days = (n: number) => (n > 0 ? t('admin:retention.days', { count: n, n: formatNumber(n, i18n.language) }) : t('admin:retention.general'));
  const classOf = (id: string) => data?.classes.find((c) => c.id === id);
  const whose = (rule: RetentionRule) => (rule.unit ? rule.unitName : t('admin:allUnits'));
  const what = (rule: RetentionRule) => [rule.format, rule.input].filter(Boolean).join(', ') || t('admin:retention.anySource');
  const changed = () => void client.invalidateQueries({ queryKey: retentionQuery.queryKey });

  const remove = async (rule: RetentionRule) => {
    await call('/retention/rules', { method: 'DELETE', query: key(rule) });
    offerUndo(t('admin:retention.removed', { unit: whose(rule) }), () =>
      call('/retention/rules', {
        method: 'PUT',
        body: { ...key(rule), class: rule.class, keepDays: rule.keepDays, note: rule.note },
      }).finally(changed),
    );
  };
  const columns: Column<RetentionRule>[] = [
    { id: 'unit', name: t('admin:unit'), main: true, compare: by(whose), cell: whose },
    { id: 'source', name: t('admin:retention.source'), cell: (rule) => <span className="la-mono">{what(rule)}</span> },
    {
      id: 'class',
      name: t('admin:retention.class'),
      cell: (rule) => (
        <>
          {className(classOf(rule.class), rule.class)}
          <Text size="xs" className="la-dim" component="div">
            {classOf(rule.class)?.basis}
          </Text>
        </>
      ),
    },
    {
      id: 'minimum',
      name: t('admin:retention.minimum'),
      from: 'md',
      cell: (rule) => {
        const c = classOf(rule.class);
        return (
          <>
            {c && c.minimumDays > 0 ? days(c.minimumDays) : '–'}
            {c?.verify && (
              <Text size="xs" className="la-dim" component="div">
                {t('admin:retention.verify')}
              </Text>
            )}
          </>
        );
      },
    },
    {
      id: 'keep',
      name: t('admin:retention.keep'),
      compare: (a, b) => a.keepDays - b.keepDays,
      cell: (rule) => (
        <>
          {days(rule.keepDays)}
          {rule.note && (
            <Text size="xs" className="la-dim" component="div">
              {rule.note}
            </Text>
          )}
        </>
      ),
    },
  ];
  const set = mayManage && (
    <Button size="xs" leftSection={<IconPlus size={15} />} onClick={dialog.open} disabled={!data}>
      {t('admin:retention.set')}
    </Button>
  );
  return (
    <>
      {data?.alarm && (
        <Alert color="red" mb="sm" icon={<IconAlertTriangle size={18} />} title={t('admin:retention.alarm')}>
          {data.alarm}
        </Alert>
      )}
      <List
        label={t('admin:retention.title')}
        items={data?.rules ?? none}
        id={idOf}
        name={(rule) => `${whose(rule)}, ${what(rule)}`}
        columns={columns}
        query={query}
        filters={
          <>
            <Text size="sm" className="la-dim" style={{ flex: '1 1 240px' }}>
              {data && data.generalDays > 0
                ? t('admin:retention.textDays', { n: formatNumber(Math.round(data.generalDays), i18n.language) })
                : t('admin:retention.textForever')}
            </Text>
            {set}
          </>
        }
        empty={
          <EmptyState icon={<IconArchive size={34} />} title={t('admin:retention.none')} text={t('admin:retention.noneText')}>
            {set}
          </EmptyState>
        }
        bulk={mayManage ? [{ id: 'remove', name: t('admin:retention.remove'), look: 'danger', run: remove }] : []}
      />
      <Dialog opened={editing} onClose={dialog.close} title={t('admin:retention.set')}>
        {data && <RuleForm classes={data.classes} onDone={dialog.close} />}
      </Dialog>
    </>
  );
}

function RuleForm({ classes, onDone }: { classes: Class[]; onDone: () => void }) {
  const { t } = useTranslation(['translation', 'admin']);
  const client = useQueryClient();
  const className = useClassName();
  const units = useQuery(unitsQuery);
  const [unit, setUnit] = useState<string | null>(null);
  const [format, setFormat] = useState('');
  const [input, setInput] = useState('');
  const [chosen, setChosen] = useState<string | null>(null);
  const [days, setDays] = useState<number | string>('');
  const [note, setNote] = useState('');
  const c = classes.find((each) => each.id === chosen);
  const save = useMutation({
    mutationFn: () =>
      call('/retention/rules', {
        method: 'PUT',
        body: {
          unit: unit ?? '',
          format: format.trim(),
          input: input.trim(),
          class: chosen ?? '',
          keepDays: typeof days === 'number' ? days : 0,
          note: note.trim(),
        },
      }),
    onSuccess: () => {
      void client.invalidateQueries({ queryKey: retentionQuery.queryKey });
      onDone();
    },
  });
  const fieldError = useFieldErrors(save.error);
  return (
    <Form
      error={save.error}
      fields={['class', 'keepDays']}
      submit={t('admin:retention.save')}
      busy={save.isPending}
      disabled={!chosen}
      onCancel={onDone}
      onSubmit={save.mutate}
    >
      <Select
        label={t('admin:unit')}
        placeholder={t('admin:allUnits')}
        data={(units.data?.items ?? []).map((u) => ({ value: u.id, label: u.name }))}
        value={unit}
        onChange={setUnit}
        searchable
        clearable
      />
      <Select
        label={t('admin:retention.class')}
        description={c?.basis && `${c.basis}${c.verify ? ` (${t('admin:retention.verify')})` : ''}`}
        data={classes.map((each) => ({ value: each.id, label: className(each, each.id) }))}
        value={chosen}
        onChange={setChosen}
        error={fieldError('class')}
        required
        withAsterisk={false}
      />
      <NumberInput
        label={t('admin:retention.keepDays')}
        description={t('admin:retention.keepDaysText')}
        min={c?.minimumDays ?? 0}
        max={36600}
        value={days}
        onChange={setDays}
        error={fieldError('keepDays')}
      />
      <Group grow>
        <TextInput
          label={t('admin:retention.format')}
          placeholder={t('admin:retention.formatExample')}
          value={format}
          onChange={(event) => {
            setFormat(event.currentTarget.value);
          }}
        />
        <TextInput
          label={t('admin:retention.input')}
          placeholder={t('admin:retention.inputExample')}
          value={input}
          onChange={(event) => {
            setInput(event.currentTarget.value);
          }}
        />
      </Group>
      <TextInput
        label={t('admin:retention.note')}
        value={note}
        onChange={(event) => {
          setNote(event.currentTarget.value);
        }}
      />
    </Form>
  );
}
