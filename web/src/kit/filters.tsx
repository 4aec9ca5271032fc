import '../i18n/kit';

import { TextInput, UnstyledButton } from '@mantine/core';
import { useDebouncedCallback } from '@mantine/hooks';
import { IconSearch } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';

import { formatNumber } from '../lib/format';
import css from './kit.module.css';

interface TextProps {
  value: string | undefined;
  onChange: (value: string | undefined) => void;
  placeholder: string;
}

const pauseMs = 300;

/** The words a list is narrowed by; the key "/" leads here. */
export function FilterText({ value, onChange, placeholder }: TextProps) {
  const tell = useDebouncedCallback((text: string) => {
    onChange(text.trim() === '' ? undefined : text);
  }, pauseMs);
  return (
    <TextInput
      // Taken away from outside, the words leave the field too.
      key={value === undefined ? 'empty' : 'text'}
      data-list-filter
      size="xs"
      type="search"
      defaultValue={value ?? ''}
      leftSection={<IconSearch size={14} />}
      placeholder={placeholder}
      aria-label={placeholder}
      className={css.find}
      onChange={(event) => {
        tell(event.currentTarget.value);
      }}
      onKeyDown={(event) => {
        if (event.key !== 'Escape') return;
        event.stopPropagation();
        event.currentTarget.blur();
      }}
    />
  );
}

interface ChipsProps<T extends string> {
  label: string;
  values: readonly T[];
  chosen: readonly T[];
  onChange: (chosen: T[]) => void;
  name: (value: T) => string;
  counts?: Partial<Record<T, number>> | undefined;
  /** The colour of a value: a level. */
  tone?: (value: T) => string;
  /** One at a time; a second press takes it away. */
  single?: boolean;
}

/** The few values of one property, each to be switched on and off. */
export function FilterChips<T extends string>({ label, values, chosen, onChange, name, counts, tone, single }: ChipsProps<T>) {
  const { i18n } = useTranslation();
  return (
    <div className={css.chips} role="group" aria-label={label}>
      {values.map((value) => {
        const on = chosen.includes(value);
        const count = counts?.[value];
        return (
          <UnstyledButton
            key={value}
            className={css.chip}
            aria-pressed={on}
            onClick={() => {
              onChange(on ? chosen.filter((other) => other !== value) : single ? [value] : values.filter((v) => v === value || chosen.includes(v)));
            }}
          >
            {tone && <span className={css.swatch} style={{ background: `var(--la-${tone(value)}-bar)` }} aria-hidden="true" />}
            {name(value)}
            {count !== undefined && <span className="la-num la-dim">{formatNumber(count, i18n.language)}</span>}
          </UnstyledButton>
        );
      })}
    </div>
  );
}
