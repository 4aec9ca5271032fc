import { ActionIcon, Button, Checkbox, Group, MultiSelect, NumberInput, SimpleGrid, Text, Textarea, TextInput } from '@mantine/core';
import { IconPlus, IconTrash } from '@tabler/icons-react';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import { addDrill, changeDrill, type Drill, type DrillPlan } from '../../api/drillQueries';
import { Form, useFieldErrors } from '../../kit/Form';
import { MomentInput } from '../../kit/MomentInput';
import { Dialog } from '../../ui/Dialog';
import { toast } from '../../ui/toast';
import { useUnitNames } from '../users/UnitPicker';

type Plan = DrillPlan & { injects: NonNullable<DrillPlan['injects']>; targets: string[] };

const hourMs = 3_600_000;
const goals = ['detect', 'acknowledge', 'contain', 'recover'] as const;
const fields = ['name', 'scenario', 'units', 'targets', 'from', 'to', 'goals', 'injects'];

const fresh = (): Plan => ({
  name: '',
  scenario: '',
  units: [],
  targets: [],
  from: new Date().toISOString(),
  to: new Date(Date.now() + 3 * hourMs).toISOString(),
  goals: { detect: 15, acknowledge: 30, contain: 60, recover: 180 },
  injects: [{ minute: 0, text: '', detect: true }],
});

const planOf = (drill: Drill): Plan => ({
  name: drill.name,
  scenario: drill.scenario,
  units: drill.units.map((unit) => unit.id),
  targets: drill.targets,
  from: drill.from,
  to: drill.to,
  goals: drill.goals,
  injects: drill.injects.map(({ id, minute, text, detect }) => ({ id, minute, text, detect })),
});

interface Props {
  /** Absent: a new one. */
  drill?: Drill;
  onClose: () => void;
  onSaved?: (drill: Drill) => void;
}

/** The plan of an exercise: who, when, how fast, and what is put in when. */
export function DrillDialog({ drill, onClose, onSaved }: Props) {
  const { t } = useTranslation('drills');
  const client = useQueryClient();
  const { units } = useUnitNames();
  const [plan, setPlan] = useState<Plan>(() => (drill ? planOf(drill) : fresh()));
  const set = (change: Partial<Plan>) => {
    setPlan((old) => ({ ...old, ...change }));
  };
  const setInject = (at: number, change: Partial<Plan['injects'][number]>) => {
    set({ injects: plan.injects.map((inject, i) => (i === at ? { ...inject, ...change } : inject)) });
  };
  const save = useMutation({
    mutationFn: () => (drill ? changeDrill(client, drill, plan) : addDrill(client, plan)),
    onSuccess: (saved) => {
      toast({ message: t('saved'), autoClose: 5_000 });
      onClose();
      onSaved?.(saved);
    },
  });
  const error = useFieldErrors(save.error);
  return (
    <Dialog opened onClose={onClose} title={t(drill ? 'edit' : 'new')} size="lg">
      <Form error={save.error} fields={fields} submit={t('save')} busy={save.isPending} onCancel={onClose} onSubmit={() => { save.mutate(); }}>
        <TextInput label={t('name')} data-autofocus maxLength={200} value={plan.name} error={error('name')} onChange={(e) => { set({ name: e.currentTarget.value }); }} />
        <Textarea label={t('scenario')} autosize minRows={3} maxLength={20_000} value={plan.scenario} error={error('scenario')} onChange={(e) => { set({ scenario: e.currentTarget.value }); }} />
        <MultiSelect
          label={t('units')}
          searchable
          data={units.filter((unit) => unit.status !== 'ended').map((unit) => ({ value: unit.id as string, label: unit.name }))}
          value={plan.units}
          error={error('units')}
          onChange={(chosen) => { set({ units: chosen }); }}
        />
        <Group align="start">
          <MomentInput label={t('from')} required value={plan.from} error={error('from')} onChange={(from) => { if (from) set({ from }); }} />
          <MomentInput label={t('to')} required value={plan.to} error={error('to')} onChange={(to) => { if (to) set({ to }); }} />
        </Group>
        <div role="group" aria-label={t('goals')}>
          <Text size="sm" mb={4}>
            {t('goals')}
          </Text>
          <SimpleGrid cols={{ base: 2, sm: 4 }} spacing="sm">
            {goals.map((goal) => (
              <NumberInput key={goal} label={t(`moment.${goal}`)} min={0} max={44_640} allowDecimal={false} value={plan.goals[goal]} onChange={(n) => { set({ goals: { ...plan.goals, [goal]: Number(n) || 0 } }); }} />
            ))}
          </SimpleGrid>
        </div>
        <div role="group" aria-label={t('injects')}>
          <Text size="sm" mb={4}>
            {t('injects')}
          </Text>
          {plan.injects.map((inject, i) => (
            <Group key={i} align="end" mb="xs" gap="xs">
              <NumberInput label={t('minute')} w={90} min={0} max={44_640} allowDecimal={false} value={inject.minute} onChange={(n) => { setInject(i, { minute: Number(n) || 0 }); }} />
              <TextInput label={t('text')} style={{ flex: '1 1 220px' }} maxLength={1000} value={inject.text} onChange={(e) => { setInject(i, { text: e.currentTarget.value }); }} />
              <Checkbox mb={8} label={t('detect')} checked={inject.detect ?? false} onChange={(e) => { setInject(i, { detect: e.currentTarget.checked }); }} />
              <ActionIcon mb={4} variant="subtle" aria-label={t('removeInject', { number: i + 1 })} onClick={() => { set({ injects: plan.injects.filter((_, n) => n !== i) }); }}>
                <IconTrash size={16} />
              </ActionIcon>
            </Group>
          ))}
          {error('injects') && (
            <Text size="sm" c="red">
              {error('injects')}
            </Text>
          )}
          <Button size="xs" variant="default" leftSection={<IconPlus size={14} />} onClick={() => { set({ injects: [...plan.injects, { minute: (plan.injects.at(-1)?.minute ?? 0) + 15, text: '', detect: false }] }); }}>
            {t('addInject')}
          </Button>
        </div>
        <Textarea label={t('targets')} description={t('targetsHint')} autosize minRows={2} value={plan.targets.join('\n')} error={error('targets')} onChange={(e) => { set({ targets: e.currentTarget.value.split('\n') }); }} />
      </Form>
    </Dialog>
  );
}
