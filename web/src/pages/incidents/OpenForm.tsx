import '../../i18n/incidents';

import { Checkbox, Select, SimpleGrid, Stack, Text, TextInput, Title } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import { type IncidentDetail, incidentChanged, openIncident } from '../../api/incidentQueries';
import { Form, useFieldErrors } from '../../kit/Form';
import { type Draft, emptyDraft, factsOf } from '../../lib/incidentDraft';
import { FlagFields, LeadField, MarkFields, MomentField, WhatFields, WhereFields } from './fields';
import css from './incidents.module.css';
import { useCatalogue } from './words';

const origins = ['manual', 'unit', 'citizen'] as const;
type Origin = (typeof origins)[number];

const atFields = ['title', 'summary', 'category', 'severity', 'unit', 'units', 'systems', 'detectedAt', 'confirmedAt', 'tlp', 'pap', 'secrecy', 'lead'];

interface Props {
  begin?: Partial<Draft>;
  /** Ids of the alerts it is opened from. */
  alerts?: readonly string[];
  /** A unit reports its own. */
  report?: boolean;
  onDone: (opened: IncidentDetail) => void;
  onCancel: () => void;
  /** What is shown above the fields: the alerts. */
  children?: React.ReactNode;
}

function Part({ title, text, children }: { title: string; text?: string; children: React.ReactNode }) {
  return (
    <section className={css.formPart}>
      <Title order={3}>{title}</Title>
      {text && (
        <Text size="sm" className="la-dim">
          {text}
        </Text>
      )}
      <Stack gap="sm" mt={8}>
        {children}
      </Stack>
    </section>
  );
}

/** Everything needed to open an incident; what alerts tell is filled in. */
export function OpenForm({ begin, alerts = [], report = false, onDone, onCancel, children }: Props) {
  const { t } = useTranslation(['translation', 'incidents']);
  const client = useQueryClient();
  const catalogue = useCatalogue();
  const [draft, setDraft] = useState<Draft>(() => ({ ...emptyDraft, detectedAt: new Date().toISOString(), severity: 'medium', ...begin }));
  const [origin, setOrigin] = useState<Origin>(report ? 'unit' : 'manual');
  const [reference, setReference] = useState('');
  const [drill, setDrill] = useState(false);
  const [playbook, setPlaybook] = useState<string | null>(null);
  const save = useMutation({
    mutationFn: () => {
      const { category, ...rest } = factsOf(draft);
      return openIncident({
        facts: { ...rest, ...(category !== '' && { category }) },
        origin: alerts.length > 0 ? 'alert' : origin,
        drill,
        ...(reference.trim() !== '' && { reference: reference.trim() }),
        ...(alerts.length > 0 && { alerts: [...alerts] }),
        ...(playbook !== null && { playbook }),
      });
    },
    onSuccess: async (opened) => {
      await incidentChanged(client);
      onDone(opened);
    },
  });
  const error = useFieldErrors(save.error);
  const change = (next: Partial<Draft>) => {
    setDraft((old) => ({ ...old, ...next }));
  };
  const fields = { draft, change, error };
  const follows = catalogue.playbookOf(draft.category);
  const chosen = playbook ?? follows;
  const tasks = catalogue.playbooks.find((one) => one.id === chosen)?.tasks?.length ?? 0;
  return (
    <Form
      error={save.error}
      fields={atFields}
      submit={t(report ? 'incidents:open.submitReport' : 'incidents:open.submit')}
      busy={save.isPending}
      onCancel={onCancel}
      onSubmit={() => {
        save.mutate();
      }}
    >
      {children}
      <Part title={t('incidents:open.what')}>
        <WhatFields {...fields} focus />
      </Part>
      <Part title={t('incidents:open.where')}>
        <WhereFields {...fields} />
      </Part>
      <Part title={t('incidents:open.when')} text={t('incidents:hint.detectedAt')}>
        <SimpleGrid cols={{ base: 1, sm: 2 }} spacing="sm">
          <MomentField field="detectedAt" {...fields} />
          <MomentField field="confirmedAt" {...fields} />
        </SimpleGrid>
      </Part>
      <Part title={t('incidents:open.flags')} text={t('incidents:open.flagsText')}>
        <FlagFields {...fields} />
      </Part>
      <Part title={t('incidents:open.work')}>
        <SimpleGrid cols={{ base: 1, sm: 2 }} spacing="sm">
          <LeadField {...fields} />
          <Select
            label={t('incidents:open.playbook')}
            description={chosen !== 'none' && chosen !== '' ? t('incidents:open.playbookTasks', { count: tasks }) : undefined}
            inputWrapperOrder={['label', 'input', 'description', 'error']}
            data={[
              { value: '', label: follows ? `${t('incidents:open.playbookOf')}: ${catalogue.playbook(follows)}` : t('incidents:open.playbookOf') },
              ...catalogue.playbooks.map((one) => ({ value: one.id, label: catalogue.playbook(one.id) })),
              { value: 'none', label: t('incidents:open.playbookNone') },
            ]}
            allowDeselect={false}
            value={playbook ?? ''}
            onChange={(value) => {
              setPlaybook(value === '' ? null : value);
            }}
          />
        </SimpleGrid>
        {alerts.length === 0 && (
          <SimpleGrid cols={{ base: 1, sm: 2 }} spacing="sm">
            <Select
              label={t('incidents:open.origin')}
              data={origins.map((value) => ({ value, label: t(`incidents:origin.${value}`) }))}
              allowDeselect={false}
              value={origin}
              onChange={(value) => {
                setOrigin(origins.find((one) => one === value) ?? 'manual');
              }}
            />
            <TextInput
              label={t('incidents:open.reference')}
              maxLength={200}
              value={reference}
              onChange={(event) => {
                setReference(event.currentTarget.value);
              }}
            />
          </SimpleGrid>
        )}
        <Checkbox
          label={t('incidents:open.drill')}
          description={t('incidents:open.drillText')}
          checked={drill}
          onChange={(event) => {
            setDrill(event.currentTarget.checked);
          }}
        />
      </Part>
      <Part title={t('incidents:open.marks')}>
        <MarkFields {...fields} />
      </Part>
    </Form>
  );
}
