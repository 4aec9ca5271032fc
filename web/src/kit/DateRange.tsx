import '../i18n/kit';

import { ActionIcon, Popover, TextInput } from '@mantine/core';
import { IconCalendar } from '@tabler/icons-react';
import { lazy, Suspense, useState } from 'react';
import { useTranslation } from 'react-i18next';

import { Rows } from '../ui/State';
import css from './kit.module.css';
import { momentText, parseMoment } from './moment';

const Calendar = lazy(() => import('./Calendar').then((m) => ({ default: m.Calendar })));

export interface Range {
  from?: string | undefined;
  to?: string | undefined;
}

interface Props {
  /** RFC 3339; a side may be open. */
  value: Range;
  onChange: (range: Range) => void;
  size?: 'xs' | 'sm';
  /** The names of the two fields where "from" and "to" do not say enough. */
  labels?: { from: string; to: string };
}

/** Two days or moments, typed as dd/mm/yyyy or chosen in a calendar. */
export function DateRange({ value, onChange, size = 'sm', labels }: Props) {
  const { t } = useTranslation('kit');
  const [open, setOpen] = useState(false);
  const [typed, setTyped] = useState<{ from?: string; to?: string }>({});
  const sides = ['from', 'to'] as const;
  const text = (side: 'from' | 'to') => typed[side] ?? momentText(value[side]);
  const read = (side: 'from' | 'to', words: string) => parseMoment(words, { end: side === 'to' });
  const order = value.from !== undefined && value.to !== undefined && value.from >= value.to;

  const settle = (side: 'from' | 'to') => {
    const words = typed[side];
    if (words === undefined) return;
    const at = read(side, words);
    if (words.trim() !== '' && at === undefined) return;
    setTyped((old) => ({ ...old, [side]: undefined }));
    if (at !== value[side]) onChange({ ...value, [side]: at });
  };

  return (
    <div className={css.range}>
      {sides.map((side) => {
        const words = typed[side];
        const wrong = words !== undefined && words.trim() !== '' && read(side, words) === undefined;
        return (
          <TextInput
            key={side}
            size={size}
            w={190}
            label={labels?.[side] ?? t(`date.${side}`)}
            placeholder={t('date.example')}
            title={t('date.form')}
            autoComplete="off"
            value={text(side)}
            error={wrong ? t('date.wrong') : side === 'to' && order ? t('date.order') : undefined}
            onChange={(event) => {
              const next = event.currentTarget.value;
              setTyped((old) => ({ ...old, [side]: next }));
            }}
            onBlur={() => {
              settle(side);
            }}
            onKeyDown={(event) => {
              if (event.key === 'Enter') settle(side);
            }}
            rightSection={
              side === 'to' ? (
                <Popover opened={open} onChange={setOpen} position="bottom-end" shadow="md" trapFocus returnFocus>
                  <Popover.Target>
                    <ActionIcon
                      size={24}
                      aria-label={t('date.pick')}
                      onClick={() => {
                        setOpen(!open);
                      }}
                    >
                      <IconCalendar size={15} />
                    </ActionIcon>
                  </Popover.Target>
                  <Popover.Dropdown>
                    <Suspense fallback={<Rows count={4} />}>
                      <Calendar
                        value={value}
                        onChange={(range) => {
                          setTyped({});
                          onChange(range);
                          setOpen(false);
                        }}
                      />
                    </Suspense>
                  </Popover.Dropdown>
                </Popover>
              ) : undefined
            }
          />
        );
      })}
    </div>
  );
}
