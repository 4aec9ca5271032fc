import '../i18n/kit';

import { ActionIcon, Popover } from '@mantine/core';
import { IconCalendar } from '@tabler/icons-react';
import { lazy, Suspense, useState } from 'react';
import { useTranslation } from 'react-i18next';

import { Rows } from '../ui/State';
import css from './kit.module.css';
import { MomentInput } from './MomentInput';

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
  /** Lies in something that a press outside of it closes: its calendar stays inside. */
  nested?: boolean;
}

/** Two days or moments, typed as dd/mm/yyyy or chosen in a calendar. */
export function DateRange({ value, onChange, size = 'sm', labels, nested = false }: Props) {
  const { t } = useTranslation('kit');
  const [open, setOpen] = useState(false);
  // A choice in the calendar leaves nothing half typed.
  const [chosen, setChosen] = useState(0);
  const sides = ['from', 'to'] as const;
  const order = value.from !== undefined && value.to !== undefined && value.from >= value.to;

  return (
    <div className={css.range}>
      {sides.map((side) => (
        <MomentInput
          key={`${side} ${String(chosen)}`}
          size={size}
          label={labels?.[side] ?? t(`date.${side}`)}
          value={value[side]}
          end={side === 'to'}
          error={side === 'to' && order ? t('date.order') : undefined}
          onChange={(at) => {
            onChange({ ...value, [side]: at });
          }}
            rightSection={
              side === 'to' ? (
                <Popover opened={open} onChange={setOpen} position="bottom-end" shadow="md" trapFocus returnFocus withinPortal={!nested}>
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
                          setChosen(chosen + 1);
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
      ))}
    </div>
  );
}
