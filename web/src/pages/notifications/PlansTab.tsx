import { Button, Fieldset, NumberInput, Switch, Text, TextInput } from '@mantine/core';
import '@mantine/core/styles/Fieldset.css';
import { IconStairsUp } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import { type Plan, plansQuery } from '../../api/notificationQueries';
import { Form } from '../../kit/Form';
import { SettingsList } from './SettingsList';
import { Told } from './Told';

type Step = Plan['steps'][number];

const emptyStep: Step = { afterMinutes: 15, recipients: [], channels: [] };

interface FormProps {
  item: Plan | undefined;
  save: (body: unknown) => void;
  state: { error: unknown; busy: boolean; cancel: () => void };
}

function PlanForm({ item, save, state }: FormProps) {
  const { t } = useTranslation('notifications');
  const [name, setName] = useState(item?.name ?? '');
  const [enabled, setEnabled] = useState(item?.enabled ?? true);
  const [steps, setSteps] = useState<Step[]>(item?.steps ?? [emptyStep]);
  const change = (at: number, part: Partial<Step>) => {
    setSteps((old) => old.map((step, i) => (i === at ? { ...step, ...part } : step)));
  };
  return (
    <Form
      error={state.error}
      submit={t('save')}
      busy={state.busy}
      onCancel={state.cancel}
      disabled={steps.some((step) => step.recipients.length === 0)}
      onSubmit={() => {
        save({ name: name.trim(), enabled, steps, version: item?.version, ...(item && { unit: item.unit }) });
      }}
    >
      <TextInput
        label={t('name')}
        required
        withAsterisk={false}
        value={name}
        onChange={(event) => {
          setName(event.currentTarget.value);
        }}
      />
      {steps.map((step, i) => (
        <Fieldset key={i} legend={t('step', { n: i + 1 })}>
          <NumberInput
            label={t('after')}
            min={1}
            max={1440}
            value={step.afterMinutes}
            onChange={(value) => {
              change(i, { afterMinutes: Number(value) });
            }}
          />
          <Told
            recipients={step.recipients}
            channels={step.channels}
            onChange={(part) => {
              change(i, part);
            }}
          />
          {steps.length > 1 && (
            <Button
              mt="xs"
              size="compact-xs"
              variant="default"
              onClick={() => {
                setSteps(steps.filter((_, at) => at !== i));
              }}
            >
              {t('removeStep')}
            </Button>
          )}
        </Fieldset>
      ))}
      <Button
        variant="default"
        size="xs"
        disabled={steps.length >= 10}
        onClick={() => {
          setSteps([...steps, emptyStep]);
        }}
      >
        {t('addStep')}
      </Button>
      <Switch
        label={t('enabled')}
        checked={enabled}
        onChange={(event) => {
          setEnabled(event.currentTarget.checked);
        }}
      />
    </Form>
  );
}

export function PlansTab() {
  const { t } = useTranslation('notifications');
  const query = useQuery(plansQuery);
  const running = query.data?.running ?? 0;
  return (
    <>
      {running > 0 && (
        <Text size="sm" mb="sm">
          {t('running', { n: running })}
        </Text>
      )}
      <SettingsList
        what="plans"
        icon={<IconStairsUp size={34} />}
        query={query}
        about={(p) => p.steps.map((step, i) => `${t('step', { n: i + 1 })}: ${String(step.afterMinutes)}′`).join(' · ')}
        form={(item, save, state) => <PlanForm item={item} save={save} state={state} />}
      />
    </>
  );
}
