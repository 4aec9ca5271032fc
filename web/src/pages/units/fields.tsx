import '../../i18n/units';

import { Select, TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import { centreUnit } from '../../lib/centre';
import { unitsQuery } from '../../api/queries';
import { provincesQuery, unitTypesQuery } from '../../api/unitQueries';
import { by } from '../../kit/text';
import { readDay, showDay } from './tree';

/** Units to choose one from: those in force, without the ones left out. */
export function useUnitChoices(without: ReadonlySet<string> = new Set()) {
  const { data } = useQuery(unitsQuery);
  const units = data?.items ?? [];
  const names = new Map(units.map((u) => [u.id, u.name]));
  return units
    .filter((u) => u.status !== 'ended' && u.validTo === null && !without.has(u.id))
    .sort(by((u) => u.name))
    .map((u) => ({ value: u.id, label: u.parent !== null && u.parent !== centreUnit ? `${u.name} (${names.get(u.parent) ?? u.parent})` : u.name }));
}

interface UnitProps {
  label: string;
  value: string | null;
  onChange: (id: string | null) => void;
  without?: ReadonlySet<string>;
  error?: string | undefined;
  required?: boolean;
  autoFocus?: boolean;
}

export function UnitSelect({ label, value, onChange, without, error, required, autoFocus }: UnitProps) {
  const data = useUnitChoices(without);
  return (
    <Select
      label={label}
      data={data}
      value={value}
      onChange={onChange}
      searchable
      required={required ?? false}
      withAsterisk={false}
      error={error}
      {...(autoFocus && { 'data-autofocus': true })}
    />
  );
}

/** The types' names in the reader's language. */
export function useTypes(): { name: (id: string) => string; choices: { value: string; label: string }[] } {
  const { i18n } = useTranslation();
  const { data } = useQuery(unitTypesQuery);
  const choices = (data?.items ?? []).map((type) => ({ value: type.id, label: i18n.language === 'vi' ? type.nameVi : type.nameEn }));
  const names = new Map(choices.map((c) => [c.value, c.label]));
  return { name: (id) => names.get(id) ?? id, choices: choices.filter((c) => c.value !== 'centre') };
}

export function useProvinces(): { name: (code: string) => string; choices: { value: string; label: string }[] } {
  const { data } = useQuery(provincesQuery);
  const choices = [...(data?.items ?? [])].sort(by((p) => p.name)).map((p) => ({ value: p.code, label: p.fullName }));
  const names = new Map(choices.map((c) => [c.value, c.label]));
  return { name: (code) => names.get(code) ?? code, choices };
}

interface DayProps {
  label: string;
  /** yyyy-mm-dd, or nothing. */
  value: string;
  onChange: (day: string) => void;
  required?: boolean;
  error?: string | undefined;
  size?: 'xs' | 'sm';
  hideLabel?: boolean;
}

/** A day as people in Vietnam write it. */
export function DayInput({ label, value, onChange, required, error, size = 'sm', hideLabel }: DayProps) {
  const { t } = useTranslation('units');
  const [typed, setTyped] = useState<string>();
  const text = typed ?? showDay(value);
  const wrong = typed !== undefined && typed.trim() !== '' && readDay(typed) === undefined;
  return (
    <TextInput
      {...(hideLabel ? { 'aria-label': label } : { label })}
      size={size}
      placeholder={hideLabel ? label : t('dayExample')}
      autoComplete="off"
      required={required ?? false}
      withAsterisk={false}
      value={text}
      error={wrong ? t('dayWrong') : error}
      onChange={(event) => {
        const next = event.currentTarget.value;
        setTyped(next);
        const day = next.trim() === '' ? '' : readDay(next);
        if (day !== undefined && day !== value) onChange(day);
      }}
      onBlur={() => {
        if (!wrong) setTyped(undefined);
      }}
    />
  );
}
