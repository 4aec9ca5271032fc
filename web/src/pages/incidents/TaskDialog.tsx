import '../../i18n/incidents';

import { Radio, Select, SimpleGrid, Stack, Text, Textarea, TextInput } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import { centreUnit } from '../../lib/centre';
import { addTask, applyPlaybook, changeTask, type IncidentDetail, incidentChanged, type IncidentTask } from '../../api/incidentQueries';
import { peopleQuery } from '../../api/queries';
import { useMay, useSession } from '../../app/session';
import { Form, useFieldErrors } from '../../kit/Form';
import { MomentInput } from '../../kit/MomentInput';
import { phases } from '../../lib/incidentParams';
import { Dialog } from '../../ui/Dialog';
import { toast } from '../../ui/toast';
import { UnitPicker } from '../users/UnitPicker';
import { useCatalogue } from './words';

interface Props {
  incident: IncidentDetail;
  /** Absent: a new one. */
  task?: IncidentTask;
  onClose: () => void;
}

const taskPhases = phases.filter((phase) => phase !== 'closed');
const linesOf = (text: string) => text.split('\n').map((line) => line.trim()).filter(Boolean);

/** A task: what, of which phase, who, by when, in which steps. Who was only given it notes how it went. */
export function TaskDialog({ incident, task, onClose }: Props) {
  const { t } = useTranslation('incidents');
  const { user } = useSession();
  const may = useMay();
  const client = useQueryClient();
  const people = useQuery({ ...peopleQuery, enabled: may('alert.triage') }).data?.items ?? [];
  const whole = incident.mayChange;
  const [title, setTitle] = useState(task?.title ?? '');
  const [phase, setPhase] = useState<(typeof taskPhases)[number]>(
    taskPhases.find((one) => one === (task?.phase ?? incident.phase)) ?? 'detect',
  );
  const [unit, setUnit] = useState<string | null>(task?.unit ?? centreUnit);
  const [owner, setOwner] = useState<string | null>(task?.owner?.id ?? null);
  const [dueAt, setDueAt] = useState(task?.dueAt);
  const [note, setNote] = useState(task?.note ?? '');
  const [steps, setSteps] = useState((task?.checklist ?? []).map((line) => line.text).join('\n'));
  const save = useMutation({
    mutationFn: () => {
      const lines = linesOf(steps);
      if (!task) {
        return addTask(incident.id, { title, phase, unit: unit ?? centreUnit, ...(owner !== null && { owner }), ...(dueAt !== undefined && { dueAt }), checklist: lines });
      }
      if (!whole) return changeTask(incident.id, task.id, { version: task.version, note });
      return changeTask(incident.id, task.id, {
        version: task.version,
        title,
        phase,
        unit: unit ?? centreUnit,
        owner: owner ?? '',
        note,
        ...(dueAt !== undefined && { dueAt }),
        checklist: lines.map((text) => task.checklist.find((line) => line.text === text) ?? { text, done: false }),
      });
    },
    onSuccess: async () => {
      await incidentChanged(client);
      onClose();
      toast({ message: t('task.changed'), autoClose: 3_000 });
    },
  });
  const error = useFieldErrors(save.error);
  const names = new Map([[user.id, user.displayName], ...(task?.owner ? [[task.owner.id, task.owner.displayName] as const] : []), ...people.map((person) => [person.id, person.displayName] as const)]);
  return (
    <Dialog opened onClose={onClose} size="lg" title={t(task ? (whole ? 'task.edit' : 'task.note') : 'task.add')}>
      <Form
        error={save.error}
        fields={['title', 'phase', 'unit', 'owner', 'note', 'checklist']}
        submit={t(task ? 'edit.save' : 'task.add')}
        busy={save.isPending}
        disabled={whole && title.trim() === ''}
        onCancel={onClose}
        onSubmit={() => {
          save.mutate();
        }}
      >
        {whole && (
          <>
            <TextInput
              label={t('task.title')}
              data-autofocus
              maxLength={200}
              value={title}
              error={error('title')}
              onChange={(event) => {
                setTitle(event.currentTarget.value);
              }}
            />
            <SimpleGrid cols={{ base: 1, sm: 2 }} spacing="sm">
              <Select
                label={t('task.phase')}
                allowDeselect={false}
                data={taskPhases.map((value) => ({ value, label: t(`phase.${value}`) }))}
                value={phase}
                error={error('phase')}
                onChange={(value) => {
                  setPhase(taskPhases.find((one) => one === value) ?? phase);
                }}
              />
              <MomentInput label={t('task.due')} value={dueAt} onChange={setDueAt} end />
              <UnitPicker label={t('task.unit')} value={unit} onChange={setUnit} error={error('unit')} />
              <Select
                label={t('task.owner')}
                placeholder={t('task.anyone')}
                searchable
                clearable
                data={[...names].map(([value, label]) => ({ value, label }))}
                value={owner}
                error={error('owner')}
                onChange={setOwner}
              />
            </SimpleGrid>
            <Textarea
              label={t('task.checklist')}
              autosize
              minRows={3}
              maxRows={12}
              value={steps}
              error={error('checklist')}
              onChange={(event) => {
                setSteps(event.currentTarget.value);
              }}
            />
          </>
        )}
        {task && (
          <Textarea
            label={t('task.note')}
            autosize
            minRows={2}
            maxRows={10}
            maxLength={20_000}
            value={note}
            error={error('note')}
            onChange={(event) => {
              setNote(event.currentTarget.value);
            }}
          />
        )}
      </Form>
    </Dialog>
  );
}

/** Adds the tasks of a playbook. */
export function PlaybookDialog({ incident, onClose }: { incident: IncidentDetail; onClose: () => void }) {
  const { t } = useTranslation('incidents');
  const client = useQueryClient();
  const catalogue = useCatalogue();
  const [chosen, setChosen] = useState<string>();
  const playbook = chosen ?? catalogue.playbookOf(incident.category);
  const save = useMutation({
    mutationFn: () => applyPlaybook(incident.id, playbook),
    onSuccess: async () => {
      await incidentChanged(client);
      onClose();
      toast({ message: t('task.applied'), autoClose: 3_000 });
    },
  });
  return (
    <Dialog opened onClose={onClose} title={t('task.apply')}>
      <Form
        error={save.error}
        submit={t('task.apply')}
        busy={save.isPending}
        disabled={playbook === ''}
        onCancel={onClose}
        onSubmit={() => {
          save.mutate();
        }}
      >
        <Text size="sm">{t('task.applyText')}</Text>
        <Radio.Group value={playbook} onChange={setChosen} aria-label={t('open.playbook')}>
          <Stack gap="xs">
            {catalogue.playbooks.map((one) => (
              <Radio key={one.id} value={one.id} label={catalogue.playbook(one.id)} description={t('open.playbookTasks', { count: one.tasks?.length ?? 0 })} />
            ))}
          </Stack>
        </Radio.Group>
      </Form>
    </Dialog>
  );
}
