import '../../i18n/incidents';

import { Radio, Stack, Text, TextInput } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { IconSearch } from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import { addAlerts, findIncidentsQuery, type Incident, incidentChanged } from '../../api/incidentQueries';
import type { Alert } from '../../api/types';
import { DrillMark } from '../../kit/Drill';
import { Form } from '../../kit/Form';
import { severities } from '../../lib/incidentParams';
import { LevelBadge } from '../../ui/Badge';
import { Dialog } from '../../ui/Dialog';
import { Rows } from '../../ui/State';
import { Ago } from '../../ui/Time';
import { toast } from '../../ui/toast';
import { titleOf } from '../alerts/names';
import css from './incidents.module.css';
import { PhaseMark } from './marks';
import { OpenForm } from './OpenForm';

/** Alerts as the dialogs about incidents need them. */
export type Chosen = Pick<Alert, 'id' | 'title' | 'titleVi' | 'level' | 'unit' | 'unitName' | 'entityValue'>;

const listed = 5;

interface Props {
  alerts: readonly Chosen[];
  /** What is to be known of them first. */
  note?: React.ReactNode;
  onClose: () => void;
}

/** What the alerts tell of the incident: the name of the worst, how bad it is, where. */
function beginOf(alerts: readonly Chosen[], language: string) {
  const rank = (alert: Chosen) => (severities as readonly string[]).indexOf(alert.level);
  const known = alerts.filter((alert) => rank(alert) >= 0);
  const worst = [...known].sort((a, b) => rank(a) - rank(b))[0] ?? alerts[0];
  const units = [...new Set([worst, ...alerts].flatMap((alert) => (alert ? [alert.unit as string] : [])))];
  return {
    title: worst ? [titleOf(worst as Alert, language), worst.entityValue].filter(Boolean).join(' – ').slice(0, 200) : '',
    severity: worst && rank(worst) >= 0 ? worst.level : 'low',
    unit: units[0] ?? '',
    units: units.slice(1),
  };
}

export function OpenFromAlerts({ alerts, note, onClose }: Props) {
  const { t, i18n } = useTranslation(['translation', 'incidents']);
  const navigate = useNavigate();
  return (
    <Dialog opened onClose={onClose} size="xl" title={t('incidents:open.fromAlerts', { count: alerts.length })}>
      <OpenForm
        begin={beginOf(alerts, i18n.language)}
        alerts={alerts.map((alert) => alert.id)}
        onCancel={onClose}
        onDone={(opened) => {
          toast({ message: t('incidents:open.done', { code: opened.code }) });
          onClose();
          void navigate({ to: '/incidents/$id', params: { id: opened.id } });
        }}
      >
        <AlertNames alerts={alerts} />
        {note}
      </OpenForm>
    </Dialog>
  );
}

function AlertNames({ alerts }: { alerts: readonly Chosen[] }) {
  const { t, i18n } = useTranslation(['translation', 'incidents']);
  return (
    <ul className={css.names} aria-label={t('incidents:open.alerts')}>
      {alerts.slice(0, listed).map((alert) => (
        <li key={alert.id}>
          <LevelBadge level={alert.level} /> {titleOf(alert as Alert, i18n.language)}{' '}
          <span className="la-dim">
            {alert.entityValue} · {alert.unitName || alert.unit}
          </span>
        </li>
      ))}
      {alerts.length > listed && <li className="la-dim">{t('incidents:open.moreAlerts', { count: alerts.length - listed })}</li>}
    </ul>
  );
}

/** An open incident to choose, found by its number or words. */
export function IncidentPicker({ value, onChange, filter = {}, except }: { value: string | undefined; onChange: (incident: Incident) => void; filter?: Record<string, string | boolean>; except?: string }) {
  const { t } = useTranslation('incidents');
  const [text, setText] = useState('');
  const [q] = useDebouncedValue(text.trim(), 250);
  const found = useQuery(findIncidentsQuery({ ...filter, q }));
  const items = (found.data?.items ?? []).filter((one) => one.id !== except);
  return (
    <Stack gap="xs">
      <TextInput
        type="search"
        data-autofocus
        leftSection={<IconSearch size={14} />}
        placeholder={t('find')}
        aria-label={t('open.addFind')}
        value={text}
        onChange={(event) => {
          setText(event.currentTarget.value);
        }}
      />
      {found.isPending && <Rows count={3} />}
      {found.data && items.length === 0 && (
        <Text size="sm" className="la-dim">
          {t('open.addNone')}
        </Text>
      )}
      <Radio.Group
        value={value ?? ''}
        aria-label={t('open.addFind')}
        onChange={(id) => {
          const one = items.find((item) => item.id === id);
          if (one) onChange(one);
        }}
      >
        <div className={css.choices}>
          {items.map((one) => (
            <Radio
              key={one.id}
              value={one.id}
              label={
                <>
                  <span className="la-mono">{one.code}</span> {one.title} {one.drill && <DrillMark />}
                </>
              }
              description={
                <>
                  <PhaseMark phase={one.phase} /> · {one.unitName || one.unit} · <Ago at={one.openedAt} />
                </>
              }
            />
          ))}
        </div>
      </Radio.Group>
    </Stack>
  );
}

export function AddToIncident({ alerts, note, onClose }: Props) {
  const { t } = useTranslation(['translation', 'incidents']);
  const client = useQueryClient();
  const [into, setInto] = useState<Incident>();
  const save = useMutation({
    mutationFn: () => addAlerts(into?.id ?? '', alerts.map((alert) => alert.id)),
    onSuccess: async (incident) => {
      await incidentChanged(client);
      onClose();
      toast({ message: t('incidents:open.added', { count: alerts.length, code: incident.code }) });
    },
  });
  return (
    <Dialog opened onClose={onClose} size="lg" title={t('incidents:open.addTitle', { count: alerts.length })}>
      <Form
        error={save.error}
        submit={t('incidents:open.addSubmit')}
        busy={save.isPending}
        disabled={into === undefined}
        onCancel={onClose}
        onSubmit={() => {
          save.mutate();
        }}
      >
        <AlertNames alerts={alerts} />
        {note}
        <IncidentPicker value={into?.id} onChange={setInto} />
      </Form>
    </Dialog>
  );
}
