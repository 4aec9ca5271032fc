import { ActionIcon, Button, Checkbox, NumberInput, Select, Text, Textarea, TextInput } from '@mantine/core';
import { IconPlus, IconTrash } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import { useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';

import { centreUnit } from '../../lib/centre';
import type { SystemFacts } from '../../api/systemQueries';
import { useMay } from '../../app/session';
import { Form, useFieldErrors } from '../../kit/Form';
import { DayInput } from '../units/fields';
import { UnitPicker } from '../users/UnitPicker';
import { deployments, freshService, freshStaff, freshZone, linesOf, transitions, types } from './facts';
import css from './systems.module.css';

interface Props {
  /** Of a system that is in the register. */
  id?: string;
  facts: SystemFacts;
  error: unknown;
  busy: boolean;
  onSubmit: (facts: SystemFacts) => void;
  onCancel: () => void;
}

const partyFields = ['mandate', 'head', 'title', 'address', 'phone', 'mail'] as const;
const fields = ['name', 'unit', 'operatorUnit', 'zones', 'domains', 'data', 'staff', 'regulation', 'plannedApproval', 'plannedDeployment'];

/** Everything that people write of a system, in the order of the overview of its dossier. */
export function SystemForm({ id, facts: begin, error, busy, onSubmit, onCancel }: Props) {
  const { t } = useTranslation('systems');
  const centre = useMemo(() => ({ value: centreUnit, label: t('centre') }), [t]);
  const [facts, setFacts] = useState(begin);
  const set = (change: Partial<SystemFacts>) => {
    setFacts((old) => ({ ...old, ...change }));
  };
  const wrong = useFieldErrors(error);
  return (
    <Form error={error} fields={fields} submit={t('save')} busy={busy} disabled={facts.name.trim() === ''} onCancel={onCancel} onSubmit={() => { onSubmit(facts); }}>
      <section className={`la-card ${css.section ?? ''}`}>
        <h2>{t('part.general')}</h2>
        <div className={css.grid}>
          <TextInput label={t('name')} required withAsterisk={false} data-autofocus maxLength={300} value={facts.name} error={wrong('name')} onChange={(e) => { set({ name: e.currentTarget.value }); }} />
          <UnitPicker label={t('unit')} value={facts.unit} error={wrong('unit')} onChange={(unit) => { if (unit) set({ unit }); }} />
          <Select label={t('typeName')} data={types.map((value) => ({ value, label: t(`type.${value}`) }))} value={facts.type} allowDeselect={false} onChange={(type) => { if (type) set({ type: type as SystemFacts['type'] }); }} />
          <TextInput label={t('dataCentre')} maxLength={1000} value={facts.dataCentre} onChange={(e) => { set({ dataCentre: e.currentTarget.value }); }} />
          {(['purpose', 'serves', 'extent', 'scale'] as const).map((field) => (
            <Textarea key={field} label={t(field)} autosize minRows={2} maxLength={field === 'serves' ? 2000 : 4000} value={facts[field]} onChange={(e) => { set({ [field]: e.currentTarget.value }); }} />
          ))}
        </div>
        <Critical id={id} is={facts.critical} leave={onCancel} />
      </section>
      <section className={`la-card ${css.section ?? ''}`}>
        <h2>{t('part.operator')}</h2>
        <div className={css.grid}>
          <UnitPicker label={t('operatorUnit')} description={t('operatorUnitHint')} clearable also={centre} value={facts.operatorUnit || null} error={wrong('operatorUnit')} onChange={(operatorUnit) => { set({ operatorUnit: operatorUnit ?? '' }); }} />
          {facts.operatorUnit === '' && (
            <TextInput label={t('party.name')} maxLength={300} value={facts.operator.name} onChange={(e) => { set({ operator: { ...facts.operator, name: e.currentTarget.value } }); }} />
          )}
          {partyFields.map((field) => (
            <TextInput key={field} label={t(`party.${field}`)} maxLength={field === 'phone' ? 50 : 200} value={facts.operator[field]} onChange={(e) => { set({ operator: { ...facts.operator, [field]: e.currentTarget.value } }); }} />
          ))}
        </div>
      </section>
      <Network facts={facts} set={set} wrong={wrong} />
      <section className={`la-card ${css.section ?? ''}`}>
        <h2>{t('part.data')}</h2>
        <div className={css.grid}>
          {(['basic', 'sensitive'] as const).map((field) => (
            <NumberInput key={field} label={t(`data.${field}`)} min={0} allowDecimal={false} thousandSeparator="." decimalSeparator="," value={facts.data[field]} error={wrong(`data.${field}`)} onChange={(n) => { set({ data: { ...facts.data, [field]: Number(n) || 0 } }); }} />
          ))}
        </div>
        {(['important', 'core', 'secret'] as const).map((field) => (
          <Checkbox key={field} mt="xs" label={t(`data.${field}`)} checked={facts.data[field]} onChange={(e) => { set({ data: { ...facts.data, [field]: e.currentTarget.checked } }); }} />
        ))}
      </section>
      <People facts={facts} set={set} wrong={wrong} />
      <section className={`la-card ${css.section ?? ''}`}>
        <h2>{t('part.plan')}</h2>
        <div className={css.grid}>
          {(['number', 'issuer'] as const).map((field) => (
            <TextInput key={field} label={t(`regulation.${field}`)} maxLength={field === 'number' ? 100 : 300} value={facts.regulation[field]} onChange={(e) => { set({ regulation: { ...facts.regulation, [field]: e.currentTarget.value } }); }} />
          ))}
          <DayInput label={t('regulation.date')} value={facts.regulation.date} error={wrong('regulation.date')} onChange={(date) => { set({ regulation: { ...facts.regulation, date } }); }} />
          <Select label={t('deploymentName')} data={deployments.map((value) => ({ value, label: t(`deployment.${value}`) }))} value={facts.deployment} allowDeselect={false} onChange={(x) => { if (x) set({ deployment: x as SystemFacts['deployment'] }); }} />
          <DayInput label={t('plannedApproval')} value={facts.plannedApproval} error={wrong('plannedApproval')} onChange={(plannedApproval) => { set({ plannedApproval }); }} />
          <DayInput label={t('plannedDeployment')} value={facts.plannedDeployment} error={wrong('plannedDeployment')} onChange={(plannedDeployment) => { set({ plannedDeployment }); }} />
          <Select label={t('transitionName')} data={transitions.map((value) => ({ value, label: t(`transition.${value}`) }))} value={facts.transition} allowDeselect={false} onChange={(x) => { if (x) set({ transition: x as SystemFacts['transition'] }); }} />
        </div>
      </section>
    </Form>
  );
}

interface PartProps {
  facts: SystemFacts;
  set: (change: Partial<SystemFacts>) => void;
  wrong: (field: string) => string | undefined;
}

const put = <T,>(list: readonly T[], at: number, change: Partial<T>) => list.map((x, i) => (i === at ? { ...x, ...change } : x));
const without = <T,>(list: readonly T[], at: number) => list.filter((_, i) => i !== at);

/** Whether the system is critical to national security: the list says so, people do not. */
function Critical({ id, is, leave }: { id: string | undefined; is: boolean; leave: () => void }) {
  const { t } = useTranslation('systems');
  const may = useMay();
  return (
    <Text size="sm" mt="sm">
      {t('critical')}: <strong>{t(is ? 'yes' : 'no')}</strong>. {t('criticalByList')}{' '}
      {may('readiness.read') &&
        (id === undefined ? (
          <Link to="/requirements" search={{ tab: 'critical' }}>{t('criticalList')}</Link>
        ) : (
          <Link to="/systems/$id" params={{ id }} search={{ tab: 'layers' }} onClick={leave}>{t('criticalNominate')}</Link>
        ))}
    </Text>
  );
}

function Network({ facts, set, wrong }: PartProps) {
  const { t } = useTranslation('systems');
  return (
    <section className={`la-card ${css.section ?? ''}`}>
      <h2>{t('part.network')}</h2>
      <Textarea label={t('domains')} description={t('domainsHint')} autosize minRows={2} value={facts.domains.join('\n')} error={wrong('domains')} onChange={(e) => { set({ domains: linesOf(e.currentTarget.value) }); }} />
      <h3>{t('zones')}</h3>
      {facts.zones.map((zone, i) => (
        <div key={i} className={css.row} role="group" aria-label={`${t('zones')} ${String(i + 1)}`}>
          <div className={css.grid}>
            <TextInput label={t('zone.name')} maxLength={200} value={zone.name} onChange={(e) => { set({ zones: put(facts.zones, i, { name: e.currentTarget.value }) }); }} />
            {(['private', 'public'] as const).map((side) => (
              <Textarea key={side} label={t(`zone.${side}`)} description={t('addressHint')} autosize minRows={1} value={zone[side].join('\n')} error={wrong(`zones.${String(i)}.${side}`)} onChange={(e) => { set({ zones: put(facts.zones, i, { [side]: linesOf(e.currentTarget.value) }) }); }} />
            ))}
          </div>
          <Remove label={t('zone.remove', { number: i + 1 })} onClick={() => { set({ zones: without(facts.zones, i) }); }} />
        </div>
      ))}
      <Add label={t('zone.add')} onClick={() => { set({ zones: [...facts.zones, freshZone()] }); }} />
      <h3>{t('services')}</h3>
      {facts.services.map((service, i) => (
        <div key={i} className={css.row} role="group" aria-label={`${t('services')} ${String(i + 1)}`}>
          <div className={css.grid}>
            {(['name', 'server', 'os', 'purpose'] as const).map((field) => (
              <TextInput key={field} label={t(`service.${field}`)} maxLength={200} value={service[field]} onChange={(e) => { set({ services: put(facts.services, i, { [field]: e.currentTarget.value }) }); }} />
            ))}
          </div>
          <Remove label={t('service.remove', { number: i + 1 })} onClick={() => { set({ services: without(facts.services, i) }); }} />
        </div>
      ))}
      <Add label={t('service.add')} onClick={() => { set({ services: [...facts.services, freshService()] }); }} />
    </section>
  );
}

function People({ facts, set, wrong }: PartProps) {
  const { t } = useTranslation('systems');
  return (
    <section className={`la-card ${css.section ?? ''}`}>
      <h2>{t('part.staff')}</h2>
      {facts.staff.map((person, i) => (
        <div key={i} className={css.row} role="group" aria-label={`${t('part.staff')} ${String(i + 1)}`}>
          <div className={css.grid}>
            {(['name', 'title', 'phone', 'mail', 'certificate'] as const).map((field) => (
              <TextInput key={field} label={t(`staff.${field}`)} maxLength={field === 'phone' ? 50 : 200} value={person[field]} onChange={(e) => { set({ staff: put(facts.staff, i, { [field]: e.currentTarget.value }) }); }} />
            ))}
            {(['issued', 'ends'] as const).map((field) => (
              <DayInput key={field} label={t(`staff.${field}`)} value={person[field]} error={wrong(`staff.${String(i)}.${field}`)} onChange={(day) => { set({ staff: put(facts.staff, i, { [field]: day }) }); }} />
            ))}
          </div>
          <Remove label={t('staff.remove', { number: i + 1 })} onClick={() => { set({ staff: without(facts.staff, i) }); }} />
        </div>
      ))}
      <Add label={t('staff.add')} onClick={() => { set({ staff: [...facts.staff, freshStaff()] }); }} />
    </section>
  );
}

const Add = ({ label, onClick }: { label: string; onClick: () => void }) => (
  <Button size="xs" mt="xs" variant="default" leftSection={<IconPlus size={14} />} onClick={onClick}>
    {label}
  </Button>
);

const Remove = ({ label, onClick }: { label: string; onClick: () => void }) => (
  <ActionIcon variant="subtle" mt={24} aria-label={label} onClick={onClick}>
    <IconTrash size={16} />
  </ActionIcon>
);
