import { Alert, Button, Group, NumberInput, Select, Stack, Text, TextInput } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { IconAlertTriangle, IconPlus } from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import { call } from '../../api/client';
import { retentionQuery, type Retention, type RetentionRule } from '../../api/evidenceQueries';
import { unitsQuery } from '../../api/queries';
import { formatNumber } from '../../lib/format';
import { Dialog } from '../../ui/Dialog';
import page from '../../ui/page.module.css';
import { ErrorState, Rows } from '../../ui/State';

type Class = Retention['classes'][number];

const useClassName = () => {
  const { i18n } = useTranslation();
  return (c: Class | undefined, id: string) => (c ? (i18n.language === 'vi' ? c.nameVi : c.nameEn) : id);
};

export function RetentionRules() {
  const { t, i18n } = useTranslation(['translation', 'admin']);
  const client = useQueryClient();
  const className = useClassName();
  const { data, error, isPending, refetch } = useQuery(retentionQuery);
  const [editing, dialog] = useDisclosure();
  const remove = useMutation({
    mutationFn: (rule: RetentionRule) =>
      call('/retention/rules', { method: 'DELETE', query: { unit: rule.unit, format: rule.format, input: rule.input } }),
    onSuccess: () => void client.invalidateQueries({ queryKey: retentionQuery.queryKey }),
  });
  const days = (n: number) => (n > 0 ? t('admin:retention.days', { count: n, n: formatNumber(n, i18n.language) }) : t('admin:retention.general'));
  const classOf = (id: string) => data?.classes.find((c) => c.id === id);
  return (
    <>
      <div className={page.bar}>
        <Stack gap={2} style={{ flex: 1 }}>
          <Text fw={600} component="h2">
            {t('admin:retention.title')}
          </Text>
          <Text size="sm" className="la-dim">
            {data && data.generalDays > 0
              ? t('admin:retention.textDays', { n: formatNumber(Math.round(data.generalDays), i18n.language) })
              : t('admin:retention.textForever')}
          </Text>
        </Stack>
        <Button size="xs" leftSection={<IconPlus size={15} />} onClick={dialog.open} disabled={!data}>
          {t('admin:retention.set')}
        </Button>
      </div>
      {error && !data && <ErrorState error={error} retry={() => void refetch()} />}
      {remove.isError && <ErrorState error={remove.error} />}
      {isPending && <Rows count={3} />}
      {data?.alarm && (
        <Alert color="red" mx="md" mb="sm" icon={<IconAlertTriangle size={18} />} title={t('admin:retention.alarm')}>
          {data.alarm}
        </Alert>
      )}
      {data && data.rules.length > 0 && (
        <div className="la-scroll-x" tabIndex={0} role="region" aria-label={t('admin:retention.title')}>
          <table className="la-table">
            <thead>
              <tr>
                <th>{t('admin:unit')}</th>
                <th>{t('admin:retention.source')}</th>
                <th>{t('admin:retention.class')}</th>
                <th>{t('admin:retention.minimum')}</th>
                <th>{t('admin:retention.keep')}</th>
                <th>{t('admin:actions')}</th>
              </tr>
            </thead>
            <tbody>
              {data.rules.map((rule) => {
                const c = classOf(rule.class);
                return (
                  <tr key={`${rule.unit}/${rule.format}/${rule.input}`}>
                    <td>{rule.unit ? rule.unitName : t('admin:allUnits')}</td>
                    <td className="la-mono">{[rule.format, rule.input].filter(Boolean).join(', ') || t('admin:retention.anySource')}</td>
                    <td title={c?.basis}>{className(c, rule.class)}</td>
                    <td>
                      {c && c.minimumDays > 0 ? days(c.minimumDays) : '–'}
                      {c?.verify && (
                        <Text size="xs" className="la-dim">
                          {t('admin:retention.verify')}
                        </Text>
                      )}
                    </td>
                    <td title={rule.note}>{days(rule.keepDays)}</td>
                    <td>
                      <Button
                        size="compact-xs"
                        variant="default"
                        loading={remove.isPending}
                        aria-label={`${t('admin:retention.remove')}: ${rule.unitName} ${rule.format} ${rule.input}`}
                        onClick={() => {
                          remove.mutate(rule);
                        }}
                      >
                        {t('admin:retention.remove')}
                      </Button>
                    </td>
                  </tr>
                );
              })}
            </tbody>
          </table>
        </div>
      )}
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
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        save.mutate();
      }}
    >
      <Stack gap="sm">
        {save.isError && <ErrorState error={save.error} />}
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
        <Group justify="flex-end" gap="xs">
          <Button variant="default" onClick={onDone}>
            {t('action.cancel')}
          </Button>
          <Button type="submit" loading={save.isPending} disabled={!chosen}>
            {t('admin:retention.save')}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
