import '../../i18n/incidents';

import { ActionIcon, Button, Checkbox, Group, MultiSelect, Select, SimpleGrid, Stack, Text, Textarea, TextInput } from '@mantine/core';
import { IconPlus, IconTrash } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';

import type { AffectedSystem } from '../../api/incidentQueries';
import { peopleQuery } from '../../api/queries';
import { useMay, useSession } from '../../app/session';
import { MomentInput } from '../../kit/MomentInput';
import { type Draft, type Flag, flags, type Moment, texts } from '../../lib/incidentDraft';
import { severities } from '../../lib/incidentParams';
import { UnitPicker, useUnitNames } from '../users/UnitPicker';
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
      <SystemsField systems={draft.systems} change={change} error={error('systems')} />
    </>
  );
}

function SystemsField({ systems, change, error }: { systems: AffectedSystem[]; change: Props['change']; error: string | undefined }) {
  const { t } = useTranslation('incidents');
  const clocks = useClocks();
  const set = (at: number, next: Partial<AffectedSystem>) => {
    change({ systems: systems.map((system, i) => (i === at ? { ...system, ...next } : system)) });
  };
  const byLevel = [...new Set(['level', 'critical', 'military'].flatMap((property) => clocks.of(property)))];
  return (
    <div role="group" aria-label={t('field.systems')}>
      <Text size="sm" fw={500}>
        {t('field.systems')}
      </Text>
      {byLevel.length > 0 && (
        <Text size="xs" className="la-dim">
          {t('flag.levelClock', { titles: byLevel.join('; ') })}
        </Text>
      )}
      {systems.map((system, i) => (
        <div key={i} className={css.system}>
          <TextInput
            size="xs"
            label={t('system.name')}
            maxLength={maxTitle}
            value={system.name}
            onChange={(event) => {
              set(i, { name: event.currentTarget.value });
            }}
          />
          <Select
            size="xs"
            label={t('system.level')}
            allowDeselect={false}
            data={[0, 1, 2, 3, 4, 5].map((n) => ({ value: String(n), label: n === 0 ? t('system.unknown') : t('system.levelOf', { n }) }))}
            value={String(system.level)}
            onChange={(value) => {
              set(i, { level: Number(value) });
            }}
          />
          <div className={css.systemMarks}>
            <Checkbox
              size="xs"
              label={t('system.critical')}
              checked={system.critical}
              onChange={(event) => {
                set(i, { critical: event.currentTarget.checked });
              }}
            />
            <Checkbox
              size="xs"
              label={t('system.military')}
              checked={system.military}
              onChange={(event) => {
                set(i, { military: event.currentTarget.checked });
              }}
            />
          </div>
          <ActionIcon
            aria-label={t('system.remove', { name: system.name || String(i + 1) })}
            data-tip={t('system.remove', { name: system.name || String(i + 1) })}
            onClick={() => {
              change({ systems: systems.filter((_, at) => at !== i) });
            }}
          >
            <IconTrash size={16} />
          </ActionIcon>
        </div>
      ))}
      {error && (
        <Text size="xs" c="var(--mantine-color-error)">
          {error}
        </Text>
      )}
      <Button
        mt={6}
        size="compact-sm"
        variant="default"
        leftSection={<IconPlus size={14} />}
        onClick={() => {
          change({ systems: [...systems, { name: '', level: 0, critical: false, military: false }] });
        }}
      >
        {t('system.add')}
      </Button>
    </div>
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
