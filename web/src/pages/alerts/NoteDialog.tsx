import '../../i18n/triage';

import { Select, Text, Textarea } from '@mantine/core';
import { useMutation, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import { peopleQuery } from '../../api/queries';
import { useSession } from '../../app/session';
import { Form } from '../../kit/Form';
import { Dialog } from '../../ui/Dialog';
import type { Target } from './useBatch';
import type { RunBatch } from './useTriage';

interface Props {
  target: Target;
  run: RunBatch;
  onClose: () => void;
}

/** What is to be changed, before it is: one thing by its name, many by their number. */
export function About({ target }: { target: Target }) {
  const { t } = useTranslation(['translation', 'triage']);
  return (
    <Text size="sm" className="la-wrap">
      {target.title ?? t('triage:about.many', { count: target.count })}
      {(target.others ?? 0) > 0 && ` ${t('triage:about.others', { count: target.others })}`}
    </Text>
  );
}

function NoteField({ value, onChange, error, required, focus }: { value: string; onChange: (text: string) => void; error?: string | undefined; required?: boolean; focus?: boolean }) {
  const { t } = useTranslation(['translation', 'triage']);
  return (
    <Textarea
      label={required ? t('alerts.note') : t('triage:note.optional')}
      placeholder={t('triage:note.hint')}
      data-autofocus={focus ?? undefined}
      autosize
      minRows={3}
      maxRows={8}
      maxLength={4_000}
      value={value}
      error={error}
      onChange={(event) => {
        onChange(event.currentTarget.value);
      }}
    />
  );
}

/** Takes alerts with a note, or adds a note: what is new is thereby acknowledged. */
export function NoteDialog({ take, target, run, onClose }: Props & { take: boolean }) {
  const { t } = useTranslation(['translation', 'triage']);
  const [note, setNote] = useState('');
  const [asked, setAsked] = useState(false);
  const words = note.trim();
  const isNew = target.alerts?.some((alert) => alert.status === 'new') ?? true;
  const closed = target.alerts?.every((alert) => alert.status === 'closed') ?? false;
  const acknowledges = take || (isNew && !closed);
  const save = useMutation({
    mutationFn: () =>
      run({
        target,
        change: {
          ...(acknowledges && { status: 'in_progress', assigneeId: 'me', leaveOthers: target.count > 1 }),
          ...(words !== '' && { note: words }),
        },
      }),
    onSuccess: onClose,
  });
  const missing = !take && words === '';
  return (
    <Dialog opened onClose={onClose} title={t(take ? 'triage:take.title' : acknowledges ? 'triage:note.acknowledge' : 'triage:note.title', { count: target.count })}>
      <Form
        error={save.error}
        submit={t(acknowledges ? 'triage:take.submit' : 'triage:note.save')}
        busy={save.isPending}
        onCancel={onClose}
        onSubmit={() => {
          setAsked(true);
          if (!missing) save.mutate();
        }}
      >
        <About target={target} />
        {acknowledges && (
          <Text size="sm" className="la-dim">
            {t('triage:take.text')}
          </Text>
        )}
        <NoteField value={note} onChange={setNote} focus required={!take} error={asked && missing ? t('triage:note.needed') : undefined} />
      </Form>
    </Dialog>
  );
}

/** Gives alerts to somebody. */
export function AssignDialog({ target, run, onClose }: Props) {
  const { t } = useTranslation(['translation', 'triage']);
  const { user } = useSession();
  const people = useQuery(peopleQuery);
  const [who, setWho] = useState<string | null>(null);
  const [note, setNote] = useState('');
  const [asked, setAsked] = useState(false);
  const save = useMutation({
    mutationFn: () => run({ target, change: { assigneeId: who, ...(note.trim() !== '' && { note: note.trim() }) } }),
    onSuccess: onClose,
  });
  return (
    <Dialog opened onClose={onClose} title={t('triage:assign.title', { count: target.count })}>
      <Form
        error={save.error ?? people.error}
        submit={t('triage:assign.submit')}
        busy={save.isPending}
        onCancel={onClose}
        onSubmit={() => {
          setAsked(true);
          if (who !== null) save.mutate();
        }}
      >
        <About target={target} />
        <Select
          data-autofocus
          label={t('triage:assign.who')}
          placeholder={t('triage:assign.find')}
          searchable
          data={(people.data?.items ?? []).map((person) => ({ value: person.id, label: person.id === user.id ? t('triage:assign.me', { name: person.displayName }) : person.displayName }))}
          value={who}
          onChange={setWho}
          error={asked && who === null ? t('triage:assign.needed') : undefined}
        />
        <NoteField value={note} onChange={setNote} />
      </Form>
    </Dialog>
  );
}
