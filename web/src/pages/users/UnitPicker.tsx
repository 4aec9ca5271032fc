import { Select, type SelectProps, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';

import { centreUnit } from '../../lib/centre';
import { unitsQuery } from '../../api/queries';
import type { Unit } from '../../api/types';
import { matches } from '../../kit/text';
import { above, rowsOf } from '../units/tree';

const shown = 80;
const none: Unit[] = [];
const nothingClosed = new Set<string>();

/** The names of units, and where each stands in the tree: "Sở Y tế › Bệnh viện tỉnh". */
export function useUnitNames() {
  const units = useQuery(unitsQuery).data?.items ?? none;
  return useMemo(() => {
    const known = new Map(units.map((u) => [u.id as string, u]));
    const name = (id: string) => known.get(id)?.name ?? id;
    const path = (id: string) =>
      [...above(known, id).filter((up) => up !== centreUnit).reverse(), id].map(name).join(' › ');
    return { units, name, path };
  }, [units]);
}

interface Props extends Pick<SelectProps, 'label' | 'description' | 'placeholder' | 'size' | 'clearable' | 'required' | 'error' | 'aria-label'> {
  value: string | null;
  onChange: (id: string | null) => void;
  /** Units that ended can still be looked for. */
  ended?: boolean;
  /** One more that can be chosen though the caller does not see it. */
  also?: { value: string; label: string };
}

/** A unit from the tree; what is typed is looked for in the names of the units above it too. */
export function UnitPicker({ value, onChange, ended = false, also, ...input }: Props) {
  const { units, path } = useUnitNames();
  const { data, depth } = useMemo(() => {
    const rows = rowsOf(units, nothingClosed).filter(({ unit }) => ended || unit.status !== 'ended' || unit.id === value);
    const data = rows.map(({ unit }) => ({ value: unit.id as string, label: unit.name }));
    if (also && !data.some((one) => one.value === also.value)) data.push(also);
    return {
      data,
      depth: new Map(rows.map((row) => [row.unit.id as string, row.depth])),
    };
  }, [units, ended, value, also]);
  return (
    <Select
      {...input}
      data={data}
      value={value}
      onChange={onChange}
      searchable
      withAsterisk={false}
      filter={({ options, search }) =>
        options.filter((option) => 'value' in option && (option.label === search || matches(path(option.value), search))).slice(0, shown)
      }
      renderOption={({ option }) => (
        <div style={{ paddingLeft: Math.min(depth.get(option.value) ?? 0, 6) * 12 }}>
          {option.label}
          {(depth.get(option.value) ?? 0) > 1 && (
            <Text size="xs" className="la-dim">
              {path(option.value)}
            </Text>
          )}
        </div>
      )}
    />
  );
}
