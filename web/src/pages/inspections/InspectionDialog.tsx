import { Checkbox, MultiSelect, Select, SimpleGrid, Textarea, TextInput } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import { addInspection, changeInspection, type Inspection, type InspectionBody, inspectionsChanged, kinds } from '../../api/assessmentQueries';
import { unitsQuery } from '../../api/queries';
import { systemsOfQuery } from '../../api/systemQueries';
import { useMay } from '../../app/session';
import { Form, useFieldErrors } from '../../kit/Form';
import { Dialog } from '../../ui/Dialog';

const boxes = ['black', 'gray', 'white'] as const;
const hour = 3_600_000;

/** A line of parts with bars between them. */
const lines = (text: string) =>
  text
    .split('\n')
    .map((line) => line.split('|').map((part) => part.trim()))
    .filter(([name]) => name);

/** The field of a moment writes Vietnam's time, which has no daylight saving. */
const toField = (at: string) => new Date(Date.parse(at) + 7 * hour).toISOString().slice(0, 16);
const fromField = (text: string) => (text === '' ? '' : new Date(`${text}:00+07:00`).toISOString());

interface Props {
  visit?: Inspection;
  onClose: () => void;
  onSaved: (v: Inspection) => void;
}

/** What an inspection or assessment is to be. */
export function InspectionDialog({ visit, onClose, onSaved }: Props) {
  const { t } = useTranslation('inspections');
  const client = useQueryClient();
  const units = useQuery(unitsQuery).data?.items ?? [];
  // A unit writes down how it assesses itself, and nothing else.
  const manages = useMay()('assessment.manage');
  const [soon] = useState(() => Date.now() + (manages ? 96 * hour : 0));
  const [body, setBody] = useState<InspectionBody>(() =>
    visit
      ? {
          unit: visit.unit, kind: visit.kind, box: visit.box, title: visit.title, systems: visit.systems, scheduled: visit.scheduled, afterIncident: visit.afterIncident, emergency: visit.emergency,
          startsAt: visit.startsAt, endsAt: visit.endsAt, team: visit.team, assessor: visit.assessor, monitor: visit.monitor, devices: visit.devices, minutes: visit.minutes,
        }
      : {
          unit: '', kind: manages ? 'inspection' : 'self', box: '', title: '', systems: [], scheduled: true, afterIncident: false, emergency: '', startsAt: new Date(soon).toISOString(),
          endsAt: new Date(soon + 8 * hour).toISOString(), team: [], assessor: '', monitor: '', devices: [], minutes: '',
        },
  );
  const known = body.systems.filter((x) => x.id !== undefined && x.id !== '');
  const [registered, setRegistered] = useState(known.map((x) => x.id ?? ''));
  const choices = useQuery({ ...systemsOfQuery(body.unit), enabled: body.unit !== '' }).data?.items ?? [];
  const choice = new Map([...known.map((x) => [x.id ?? '', x.name] as const), ...choices.filter((x) => x.unit === body.unit && x.state !== 'retired').map((x) => [x.id, `${x.code} · ${x.name}`] as const)]);
  const [systems, setSystems] = useState(body.systems.filter((x) => !known.includes(x)).map((x) => `${x.name} | ${x.operator} | ${String(x.level || '')}`).join('\n'));
  const [team, setTeam] = useState(body.team.map((m) => `${m.name} | ${m.duty} | ${m.organisation}`).join('\n'));
  const [devices, setDevices] = useState(body.devices.map((d) => `${d.name} | ${d.origin} | ${d.donated ? t('device.yes') : t('device.no')}`).join('\n'));
  const save = useMutation({
    mutationFn: () => {
      const whole: InspectionBody = {
        ...body,
        box: body.kind === 'pentest' ? body.box || 'black' : '',
        systems: [
          ...registered.map((id) => ({ id, name: choice.get(id) ?? id, operator: '', level: 0 })),
          ...lines(systems).map(([name = '', operator = '', level = '']) => ({ name, operator, level: Math.min(5, Math.max(0, Number(level) || 0)) })),
        ],
        team: lines(team).map(([name = '', duty = '', organisation = '']) => ({ name, duty, organisation })),
        devices:
          body.kind === 'device'
            ? lines(devices).map(([name = '', origin = '', donated = '']) => {
                const known = body.devices.find((d) => d.name === name);
                return { name, origin, donated: [t('device.yes').toLocaleLowerCase(), 'x'].includes(donated.toLocaleLowerCase()), verdict: known?.verdict ?? '', note: known?.note ?? '' };
              })
            : [],
      };
      return visit ? changeInspection(visit, whole) : addInspection(whole);
    },
    onSuccess: async (v) => {
      await inspectionsChanged(client);
      onClose();
      onSaved(v);
    },
  });
  const fieldError = useFieldErrors(save.error);
  const set = (next: Partial<InspectionBody>) => {
    setBody((old) => ({ ...old, ...next }));
  };
  const text = (field: 'title' | 'assessor' | 'monitor' | 'minutes', required = false) => (
    <TextInput
      label={t(field === 'minutes' ? 'minutesNumber' : field)}
      required={required}
      value={body[field]}
      error={fieldError(field)}
      onChange={(event) => {
        set({ [field]: event.currentTarget.value });
      }}
    />
  );
  const moment = (field: 'startsAt' | 'endsAt') => (
    <TextInput
      type="datetime-local"
      required
      label={t(field === 'startsAt' ? 'starts' : 'ends')}
      value={body[field] === '' ? '' : toField(body[field])}
      error={fieldError(field)}
      onChange={(event) => {
        set({ [field]: fromField(event.currentTarget.value) });
      }}
    />
  );
  const area = (label: string, description: string, value: string, error: string | undefined, onChange: (value: string) => void) => (
    <Textarea
      label={label}
      description={description}
      autosize
      minRows={2}
      value={value}
      error={error}
      onChange={(event) => {
        onChange(event.currentTarget.value);
      }}
    />
  );
  return (
    <Dialog opened onClose={onClose} size="lg" title={visit ? `${t('edit')}: ${visit.code}` : t(manages ? 'new' : 'newSelf')}>
      <Form
        error={save.error}
        fields={['unit', 'kind', 'box', 'title', 'startsAt', 'endsAt', 'systems', 'team', 'devices', 'assessor', 'monitor', 'minutes', 'emergency']}
        submit={t('save')}
        busy={save.isPending}
        disabled={body.unit === '' || body.title.trim() === ''}
        onSubmit={() => {
          save.mutate();
        }}
        onCancel={onClose}
      >
        <Select
          label={t('unit')}
          required
          searchable
          limit={100}
          data-autofocus
          allowDeselect={false}
          data={units.map((u) => ({ value: u.id, label: u.name }))}
          value={body.unit}
          error={fieldError('unit')}
          onChange={(unit) => {
            set({ unit: unit ?? '' });
            setRegistered([]);
          }}
        />
        {text('title', true)}
        <SimpleGrid cols={{ base: 1, sm: 2 }}>
          <Select
            label={t('kindName')}
            allowDeselect={false}
            data={kinds.filter((value) => manages || value === 'self').map((value) => ({ value, label: t(`kind.${value}`) }))}
            value={body.kind}
            onChange={(value) => {
              set({ kind: kinds.find((k) => k === value) ?? body.kind });
            }}
          />
          {body.kind === 'pentest' && (
            <Select
              label={t('box')}
              allowDeselect={false}
              data={boxes.map((value) => ({ value, label: t(`boxes.${value}`) }))}
              value={body.box || 'black'}
              onChange={(value) => {
                set({ box: boxes.find((b) => b === value) ?? 'black' });
              }}
            />
          )}
          {moment('startsAt')}
          {moment('endsAt')}
        </SimpleGrid>
        <Checkbox
          label={t('scheduled')}
          checked={body.scheduled}
          onChange={(event) => {
            set({ scheduled: event.currentTarget.checked });
          }}
        />
        <Checkbox
          label={t('afterIncident')}
          checked={body.afterIncident}
          onChange={(event) => {
            set({ afterIncident: event.currentTarget.checked });
          }}
        />
        <MultiSelect
          label={t('registered')}
          description={t('registeredHint')}
          searchable
          clearable
          limit={100}
          disabled={body.unit === ''}
          data={[...choice].map(([value, label]) => ({ value, label }))}
          value={registered}
          onChange={setRegistered}
        />
        {area(t('otherSystems'), t('systemsHint'), systems, fieldError('systems'), setSystems)}
        {body.kind === 'device' && area(t('devices'), t('devicesHint'), devices, fieldError('devices'), setDevices)}
        {text('assessor', body.kind === 'independent')}
        {text('monitor')}
        {area(t('team'), t('teamHint'), team, fieldError('team'), setTeam)}
        {visit && text('minutes')}
        {area(t('emergency'), t('emergencyHint'), body.emergency, fieldError('emergency'), (emergency) => {
          set({ emergency });
        })}
      </Form>
    </Dialog>
  );
}
