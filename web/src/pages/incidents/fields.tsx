import '../../i18n/incidents';

import { Button, Checkbox, Group, MultiSelect, Select, SimpleGrid, Stack, Textarea, TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';

import { peopleQuery } from '../../api/queries';
import { useMay, useSession } from '../../app/session';
import { MomentInput } from '../../kit/MomentInput';
import { type Draft, type Flag, flags, type Moment, texts } from '../../lib/incidentDraft';
import { severities } from '../../lib/incidentParams';
import { UnitPicker, useUnitNames } from '../users/UnitPicker';
import { AffectedSystems } from './AffectedSystems';
import css from './incidents.module.css';
import { useClocks } from './useClocks';
import { useCatalogue } from './words';

interface Props {
  draft: Draft;
  change: (next: Partial<Draft>) => void;
  error: (field: string) => string | undefined;
}

export const tlps = ['CLEAR', 'GREEN', 'AMBER', 'AMBER+STRICT', 'RED'] as const;
export const paps = ['CLEAR', 'GREEN', 'AMBER', 'RED'] as const;
const secrecies = ['', 'mat', 'toi-mat', 'tuyet-mat'] as const;

const maxTitle = 200;
const maxText = 20_000;

/** The name, what was seen, of what kind and how bad. */
export function WhatFields({ draft, change, error, focus }: Props & { focus?: boolean }) {
  const { t } = useTranslation(['translation', 'incidents']);
  const { groups } = useCatalogue();
  return (
    <>
      <TextInput
        label={t('incidents:field.title')}
        description={t('incidents:hint.title')}
        data-autofocus={focus ?? undefined}
        required
        withAsterisk={false}
        maxLength={maxTitle}
        value={draft.title}
        error={error('title')}
        onChange={(event) => {
          change({ title: event.currentTarget.value });
        }}
      />
      <SimpleGrid cols={{ base: 1, sm: 2 }} spacing="sm">
        <Select
          label={t('incidents:field.category')}
          description={t('incidents:hint.category')}
          inputWrapperOrder={['label', 'input', 'description', 'error']}
          data={groups}
          searchable
          clearable
          value={draft.category || null}
          error={error('category')}
          onChange={(value) => {
            change({ category: value ?? '' });
          }}
        />
        <Select
          label={t('incidents:field.severity')}
          data={severities.map((value) => ({ value, label: t(`level.${value}`) }))}
          allowDeselect={false}
          value={draft.severity || null}
          error={error('severity')}
          onChange={(value) => {
            change({ severity: value ?? '' });
          }}
        />
      </SimpleGrid>
      <Long field="summary" draft={draft} change={change} error={error} />
    </>
  );
}

export function Long({ field, draft, change, error, rows = 3 }: Props & { field: 'summary' | (typeof texts)[number]; rows?: number }) {
  const { t } = useTranslation('incidents');
  return (
    <Textarea
      label={t(`field.${field}`)}
      description={t(`hint.${field}`)}
      autosize
      minRows={rows}
      maxRows={14}
      maxLength={maxText}
      value={draft[field]}
      error={error(field)}
      onChange={(event) => {
        change({ [field]: event.currentTarget.value });
      }}
    />
  );
}

export function OutcomeFields(props: Props) {
  return texts.map((field) => <Long key={field} field={field} {...props} />);
}

export function WhereFields({ draft, change, error }: Props) {
  const { t } = useTranslation('incidents');
  const { units } = useUnitNames();
  const others = units.filter((unit) => unit.id !== draft.unit && (unit.status !== 'ended' || draft.units.includes(unit.id)));
  return (
    <>
      <SimpleGrid cols={{ base: 1, sm: 2 }} spacing="sm">
        <UnitPicker
          label={t('field.unit')}
          required
          value={draft.unit || null}
          error={error('unit')}
          onChange={(unit) => {
            change({ unit: unit ?? '', units: draft.units.filter((one) => one !== unit) });
          }}
        />
        <MultiSelect
          label={t('field.units')}
          data={others.map((unit) => ({ value: unit.id as string, label: unit.name }))}
          value={draft.units}
          searchable
          error={error('units')}
          onChange={(chosen) => {
            change({ units: chosen });
          }}
        />
      </SimpleGrid>
      <AffectedSystems
        systems={draft.systems}
        change={(systems) => {
          change({ systems });
        }}
        error={error('systems')}
      />
    </>
  );
}

/** One moment, with a button for now. */
export function MomentField({ field, draft, change, error }: Props & { field: Moment }) {
  const { t } = useTranslation('incidents');
  return (
    <Group gap={6} align="flex-end">
      <MomentInput
        label={t(`field.${field}`)}
        value={draft[field]}
        error={error(field)}
        required={field === 'detectedAt'}
        onChange={(at) => {
          change({ [field]: at });
        }}
      />
      <Button
        size="compact-sm"
        variant="subtle"
        mb={5}
        aria-label={t('overview.setNow', { field: t(`field.${field}`) })}
        onClick={() => {
          change({ [field]: new Date().toISOString() });
        }}
      >
        {t('overview.now')}
      </Button>
    </Group>
  );
}

/** The marks by which the law decides what is to be reported, each with what it means and which clock it starts. */
export function FlagFields({ draft, change }: Pick<Props, 'draft' | 'change'>) {
  const { t } = useTranslation('incidents');
  const clocks = useClocks();
  const one = (flag: Flag) => {
    const starts = clocks.of(flag);
    return (
      <Checkbox
        key={flag}
        checked={draft[flag]}
        label={t(`field.${flag}`)}
        styles={{ label: { fontWeight: 560 } }}
        description={
          <>
            {t(`flag.${flag}`)}
            {starts.length > 0 && <span className={css.clock}>{t('flag.clock', { titles: starts.join('; ') })}</span>}
            {clocks.known && starts.length === 0 && <span className={css.noClock}>{t('flag.noClock')}</span>}
          </>
        }
        onChange={(event) => {
          change({ [flag]: event.currentTarget.checked });
        }}
      />
    );
  };
  return <Stack gap={10}>{flags.map(one)}</Stack>;
}

export function MarkFields({ draft, change, error }: Props) {
  const { t } = useTranslation('incidents');
  return (
    <>
      <SimpleGrid cols={{ base: 1, sm: 2 }} spacing="sm">
        <Select
          label={t('field.tlp')}
          data={tlps.map((value) => ({ value, label: `TLP:${value} – ${t(`tlp.${value}`)}` }))}
          allowDeselect={false}
          value={draft.tlp}
          error={error('tlp')}
          onChange={(value) => {
            change({ tlp: value ?? 'AMBER' });
          }}
        />
        <Select
          label={t('field.pap')}
          data={paps.map((value) => ({ value, label: `PAP:${value} – ${t(`pap.${value}`)}` }))}
          allowDeselect={false}
          value={draft.pap}
          error={error('pap')}
          onChange={(value) => {
            change({ pap: value ?? 'AMBER' });
          }}
        />
      </SimpleGrid>
      <Select
        label={t('field.secrecy')}
        description={t('hint.secrecy')}
        data={secrecies.map((value) => ({ value: value || 'none', label: t(`secrecy.${value || 'none'}`) }))}
        allowDeselect={false}
        value={draft.secrecy || 'none'}
        error={error('secrecy')}
        onChange={(value) => {
          change({ secrecy: value === 'none' || value === null ? '' : value });
        }}
      />
    </>
  );
}

/** Who leads it; who may not ask for the names of others can take it himself. */
export function LeadField({ draft, change, error, known }: Props & { known?: { id: string; displayName: string } | undefined }) {
  const { t } = useTranslation(['translation', 'incidents', 'triage']);
  const { user } = useSession();
  const may = useMay();
  const people = useQuery({ ...peopleQuery, enabled: may('alert.triage') });
  const options = new Map([[user.id, user.displayName], ...(known ? [[known.id, known.displayName] as const] : []), ...(people.data?.items ?? []).map((person) => [person.id, person.displayName] as const)]);
  return (
    <Select
      label={t('incidents:field.lead')}
      placeholder={t('incidents:nobody')}
      searchable
      clearable
      data={[...options].map(([value, name]) => ({ value, label: value === user.id ? `${name} (${t('incidents:me').toLocaleLowerCase()})` : name }))}
      value={draft.lead || null}
      error={error('lead')}
      onChange={(value) => {
        change({ lead: value ?? '' });
      }}
    />
  );
}
