import { Select, Textarea, TextInput } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import { centreUnit } from '../../lib/centre';
import { unitsQuery } from '../../api/queries';
import { createUnit, moveUnit, type UnitDetail, unitsChanged, updateUnit } from '../../api/unitQueries';
import { Form, useFieldErrors } from '../../kit/Form';
import { offerUndo } from '../../kit/undo';
import { Dialog } from '../../ui/Dialog';
import { toast } from '../../ui/toast';
import { DayInput, UnitSelect, useProvinces, useTypes } from './fields';
import { freeId, withBelow } from './tree';

interface Props {
  /** The unit to change; nothing for a new one. */
  unit?: UnitDetail;
  /** Under which a new one is made. */
  parent?: string | undefined;
  onClose: () => void;
  onDone?: (id: string) => void;
}

/** A new unit, or what a unit is. */
export function UnitForm({ unit, parent, onClose, onDone }: Props) {
  const { t } = useTranslation(['translation', 'units']);
  const client = useQueryClient();
  const types = useTypes();
  const provinces = useProvinces();
  const known = useQuery(unitsQuery).data?.items ?? [];
  const [values, setValues] = useState({
    name: unit?.unit.name ?? '',
    id: '',
    kind: unit?.unit.kind ?? '',
    parent: parent ?? centreUnit,
    shortName: unit?.unit.shortName ?? '',
    code: unit?.unit.code ?? '',
    province: unit?.unit.province ?? '',
    validFrom: unit?.unit.validFrom ?? '',
    address: unit?.address ?? '',
    note: unit?.note ?? '',
  });
  const set = (change: Partial<typeof values>) => {
    setValues((old) => ({ ...old, ...change }));
  };
  const id = values.id || (values.name ? freeId(values.name, new Set(known.map((u) => u.id))) : '');
  const save = useMutation({
    mutationFn: async () => {
      const { name, shortName, code, province, validFrom, address, note, kind } = values;
      const rest = { name, shortName, code, province, validFrom, address, note };
      if (unit) await updateUnit(unit.unit.id, { ...rest, ...(kind && kind !== unit.unit.kind && { kind }), version: unit.unit.version });
      else await createUnit({ ...rest, id, parent: values.parent, ...(kind && { kind }) });
    },
    onSuccess: async () => {
      await unitsChanged(client);
      toast({ message: unit ? t('units:saved') : t('units:created', { name: values.name }) });
      onDone?.(unit?.unit.id ?? id);
      onClose();
    },
  });
  const fieldError = useFieldErrors(save.error);
  return (
    <Dialog opened onClose={onClose} size="lg" title={unit ? t('units:editOf', { name: unit.unit.name }) : t('units:new')}>
      <Form
        error={save.error}
        fields={['name', 'id', 'kind', 'parent', 'shortName', 'code', 'province', 'validFrom', 'address', 'note']}
        submit={unit ? t('units:save') : t('units:create')}
        busy={save.isPending}
        onCancel={onClose}
        onSubmit={() => {
          save.mutate();
        }}
      >
        <TextInput
          label={t('units:name')}
          required
          withAsterisk={false}
          data-autofocus
          maxLength={200}
          value={values.name}
          error={fieldError('name')}
          onChange={(event) => {
            set({ name: event.currentTarget.value });
          }}
        />
        {!unit && (
          <>
            <TextInput
              label={t('units:id')}
              description={t('units:idRule')}
              placeholder={id}
              maxLength={48}
              value={values.id}
              error={fieldError('id')}
              onChange={(event) => {
                set({ id: event.currentTarget.value.trim().toLowerCase() });
              }}
            />
            <UnitSelect
              label={t('units:parent')}
              value={values.parent}
              onChange={(value) => {
                set({ parent: value ?? centreUnit });
              }}
              error={fieldError('parent')}
            />
          </>
        )}
        {unit?.unit.id !== centreUnit && (
          <Select
            label={t('units:kind')}
            data={types.choices}
            value={values.kind || null}
            onChange={(value) => {
              set({ kind: value ?? '' });
            }}
            searchable
            clearable={!unit}
            error={fieldError('kind')}
          />
        )}
        <TextInput
          label={t('units:shortName')}
          value={values.shortName}
          error={fieldError('shortName')}
          onChange={(event) => {
            set({ shortName: event.currentTarget.value });
          }}
        />
        <Select
          label={t('units:province')}
          description={t('units:provinceCheck')}
          data={provinces.choices}
          value={values.province || null}
          onChange={(value) => {
            set({ province: value ?? '' });
          }}
          searchable
          clearable
          error={fieldError('province')}
        />
        <TextInput
          label={t('units:adminCode')}
          value={values.code}
          error={fieldError('code')}
          onChange={(event) => {
            set({ code: event.currentTarget.value });
          }}
        />
        <DayInput
          label={t('units:validFrom')}
          value={values.validFrom}
          error={fieldError('validFrom')}
          onChange={(day) => {
            set({ validFrom: day });
          }}
        />
        <TextInput
          label={t('units:address')}
          value={values.address}
          error={fieldError('address')}
          onChange={(event) => {
            set({ address: event.currentTarget.value });
          }}
        />
        <Textarea
          label={t('units:note')}
          autosize
          minRows={2}
          maxRows={6}
          value={values.note}
          error={fieldError('note')}
          onChange={(event) => {
            set({ note: event.currentTarget.value });
          }}
        />
      </Form>
    </Dialog>
  );
}

/** Puts a unit under another. */
export function MoveDialog({ unit, onClose }: { unit: UnitDetail; onClose: () => void }) {
  const { t } = useTranslation(['translation', 'units']);
  const client = useQueryClient();
  const units = useQuery(unitsQuery).data?.items ?? [];
  const { id, name, parent: from, version } = unit.unit;
  const [to, setTo] = useState<string | null>(null);
  const move = useMutation({
    mutationFn: (target: string) => moveUnit(id, target, version),
    onSuccess: async (moved, target) => {
      await unitsChanged(client);
      offerUndo(t('units:moved', { name, parent: units.find((u) => u.id === target)?.name ?? target }), async () => {
        if (from !== null) await moveUnit(id, from, moved.unit.version);
        await unitsChanged(client);
      });
      onClose();
    },
  });
  const fieldError = useFieldErrors(move.error);
  return (
    <Dialog opened onClose={onClose} title={t('units:moveOf', { name })}>
      <Form
        error={move.error}
        fields={['parent']}
        submit={t('units:move')}
        busy={move.isPending}
        disabled={to === null}
        onCancel={onClose}
        onSubmit={() => {
          if (to !== null) move.mutate(to);
        }}
      >
        <p style={{ margin: 0, fontSize: 14 }}>{t('units:moveText')}</p>
        <UnitSelect
          label={t('units:newParent')}
          value={to}
          onChange={setTo}
          without={new Set([...withBelow(units, id), ...(from === null ? [] : [from])])}
          error={fieldError('parent')}
          required
          autoFocus
        />
      </Form>
    </Dialog>
  );
}
