import '../../i18n/casework';
import '../../i18n/incidents';

import { Alert, NumberInput, Select, Text, Textarea, TextInput } from '@mantine/core';
import { IconAlertTriangle } from '@tabler/icons-react';
import { useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';

import { ApiError } from '../../api/client';
import type { components } from '../../api/schema.gen';
import { Form } from '../../kit/Form';
import type { TaskText } from '../../lib/catalogueText';
import { phases } from '../../lib/incidentParams';
import { Dialog } from '../../ui/Dialog';

export type PlaybookTask = components['schemas']['PlaybookTask'];

const doers = ['centre', 'unit', 'leader'] as const;

/** What the server found wrong in the text: the line, and its own words. */
export function flawOf(error: unknown): { line?: number; text: string } | undefined {
  if (!(error instanceof ApiError) || !error.code.startsWith('incident.cat')) return undefined;
  const text = error.errors.map((one) => one.message).find(Boolean) ?? error.detail;
  const line = /\bline (\d+)/.exec(text)?.[1];
  return { text, ...(line !== undefined && { line: Number(line) }) };
}

export function SaveFailure({ error }: { error: unknown }) {
  const { t } = useTranslation('casework');
  const flaw = flawOf(error);
  if (!flaw) return null;
  return (
    <Alert
      role="alert"
      icon={<IconAlertTriangle size={18} />}
      title={flaw.line === undefined ? t('catalogue.wrong') : `${t('catalogue.wrong')}. ${t('catalogue.line', { line: flaw.line })}`}
      styles={{
        root: { background: 'var(--la-critical-bg)', border: '1px solid var(--la-critical-bar)' },
        icon: { color: 'var(--la-critical)' },
        title: { color: 'var(--la-critical)' },
        message: { color: 'var(--mantine-color-text)' },
      }}
    >
      <span className="la-mono la-wrap">{flaw.text}</span>
    </Alert>
  );
}

interface TextProps {
  name: string;
  text: string;
  error: unknown;
  busy: boolean;
  onSave: (text: string) => void;
  onClose: () => void;
}

/** The whole text; after a refusal the line that is wrong is selected. */
export function PieceTextDialog({ name, text, error, busy, onSave, onClose }: TextProps) {
  const { t } = useTranslation('casework');
  const [value, setValue] = useState(text);
  const area = useRef<HTMLTextAreaElement>(null);
  const line = flawOf(error)?.line;
  useEffect(() => {
    if (line === undefined || !area.current) return;
    const lines = area.current.value.split('\n');
    const start = lines.slice(0, line - 1).reduce((sum, one) => sum + one.length + 1, 0);
    area.current.focus();
    area.current.setSelectionRange(start, start + (lines[line - 1]?.length ?? 0));
    area.current.scrollTop = (area.current.scrollHeight / lines.length) * Math.max(0, line - 4);
  }, [line, error]);
  return (
    <Dialog opened onClose={onClose} size="xl" title={name}>
      <Form
        error={flawOf(error) ? undefined : error}
        submit={t('catalogue.save')}
        busy={busy}
        disabled={value === text}
        onCancel={onClose}
        onSubmit={() => {
          onSave(value);
        }}
      >
        <SaveFailure error={error} />
        <Textarea
          ref={area}
          label={t('catalogue.text')}
          description={t('catalogue.textHint')}
          data-autofocus
          spellCheck={false}
          rows={22}
          styles={{ input: { fontFamily: 'var(--mantine-font-family-monospace)', fontSize: 13, whiteSpace: 'pre', overflowX: 'auto' } }}
          value={value}
          error={line !== undefined && t('catalogue.line', { line })}
          onChange={(event) => {
            setValue(event.currentTarget.value);
          }}
        />
      </Form>
    </Dialog>
  );
}

interface TaskProps {
  task: PlaybookTask | undefined;
  /** Ids of tasks the playbook has. */
  taken: readonly string[];
  error: unknown;
  busy: boolean;
  onSave: (task: TaskText) => void;
  onClose: () => void;
}

/** A task of a playbook, added or changed. */
export function PlaybookTaskDialog({ task, taken, error, busy, onSave, onClose }: TaskProps) {
  const { t } = useTranslation(['casework', 'incidents']);
  const [id, setId] = useState(task?.id ?? '');
  const [vi, setVi] = useState(task?.vi ?? '');
  const [en, setEn] = useState(task?.name ?? '');
  const [phase, setPhase] = useState(task?.phase ?? 'detect');
  const [of, setOf] = useState(task?.of ?? 'unit');
  const [within, setWithin] = useState<number | string>(task?.within ?? 24);
  const [steps, setSteps] = useState((task?.checklist ?? []).join('\n'));
  const fits = /^[a-z0-9][a-z0-9-]*$/.test(id) && (task !== undefined || !taken.includes(id));
  return (
    <Dialog opened onClose={onClose} title={task ? t('catalogue.taskEdit', { title: task.vi }) : t('catalogue.taskAdd')}>
      <Form
        error={flawOf(error) ? undefined : error}
        submit={t('catalogue.save')}
        busy={busy}
        disabled={!fits || vi.trim() === '' || en.trim() === '' || typeof within !== 'number'}
        onCancel={onClose}
        onSubmit={() => {
          onSave({
            id,
            phase,
            of,
            within: Number(within),
            vi: vi.trim(),
            en: en.trim(),
            checklist: steps
              .split('\n')
              .map((line) => line.trim())
              .filter(Boolean),
          });
        }}
      >
        <SaveFailure error={error} />
        {task ? (
          <Text size="xs" className="la-dim la-mono">
            {task.id}
          </Text>
        ) : (
          <TextInput
            label={t('catalogue.id')}
            description={t('catalogue.idHint')}
            data-autofocus
            maxLength={48}
            value={id}
            onChange={(event) => {
              setId(event.currentTarget.value.trim());
            }}
          />
        )}
        <TextInput label={t('catalogue.vi')} maxLength={200} value={vi} onChange={(event) => { setVi(event.currentTarget.value); }} />
        <TextInput label={t('catalogue.en')} maxLength={200} value={en} onChange={(event) => { setEn(event.currentTarget.value); }} />
        <Select
          label={t('catalogue.phase')}
          data={phases.filter((one) => one !== 'closed').map((one) => ({ value: one, label: t(`incidents:phase.${one}`) }))}
          value={phase}
          allowDeselect={false}
          onChange={(value) => {
            setPhase(value ?? 'detect');
          }}
        />
        <Select
          label={t('catalogue.of')}
          data={doers.map((one) => ({ value: one, label: t(`catalogue.ofs.${one}`) }))}
          value={of}
          allowDeselect={false}
          onChange={(value) => {
            setOf(value ?? 'unit');
          }}
        />
        <NumberInput label={t('catalogue.within')} min={1} max={8_760} value={within} onChange={setWithin} />
        <Textarea
          label={t('catalogue.checklist')}
          autosize
          minRows={3}
          maxRows={10}
          value={steps}
          onChange={(event) => {
            setSteps(event.currentTarget.value);
          }}
        />
      </Form>
    </Dialog>
  );
}
