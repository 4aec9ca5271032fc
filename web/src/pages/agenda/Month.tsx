import { useRef } from 'react';
import { useTranslation } from 'react-i18next';

import type { AgendaDate } from '../../api/agendaQueries';
import { byDay, dayName, monthOf, weekdays } from '../../lib/month';
import css from './agenda.module.css';

interface Props {
  weeks: string[][];
  month: string;
  today: string;
  items: readonly AgendaDate[];
  chosen: string | undefined;
  label: string;
  choose: (day: string) => void;
}

const steps: Record<string, number> = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -7, ArrowDown: 7 };
const inCell = 3;

/** A month of days to choose from; the arrow keys walk over them. */
export function Month({ weeks, month, today, items, chosen, label, choose }: Props) {
  const { t, i18n } = useTranslation('agenda');
  const grid = useRef<HTMLDivElement>(null);
  const days = weeks.flat();
  const of = byDay(items);
  const entry = chosen ?? (days.includes(today) ? today : `${month}-01`);
  const walk = (day: string, event: React.KeyboardEvent) => {
    const step = steps[event.key];
    const next = step === undefined ? undefined : days[days.indexOf(day) + step];
    if (next === undefined) return;
    event.preventDefault();
    grid.current?.querySelector<HTMLElement>(`[data-day="${next}"]`)?.focus();
  };
  return (
    <div className={css.month} role="group" aria-label={label} ref={grid}>
      {weekdays(i18n.language).map((name) => (
        <div key={name} className={css.weekday} aria-hidden>
          {name}
        </div>
      ))}
      {days.map((day) => {
        const list = of.get(day) ?? [];
        const late = list.filter((one) => one.state === 'late').length;
        return (
          <button
            key={day}
            type="button"
            className={css.day}
            data-day={day}
            data-other={monthOf(day) === month ? undefined : ''}
            data-today={day === today ? '' : undefined}
            aria-pressed={day === chosen}
            aria-label={t(late > 0 ? 'dayLate' : 'day', { day: dayName(day, i18n.language), count: list.length, late })}
            tabIndex={day === entry ? 0 : -1}
            onClick={() => {
              choose(day);
            }}
            onKeyDown={(event) => {
              walk(day, event);
            }}
          >
            <span className={css.number}>{Number(day.slice(8))}</span>
            {list.slice(0, inCell).map((one, n) => (
              <span key={n} className={css.item} data-state={one.state}>
                {i18n.language === 'vi' ? one.vi : one.name}
              </span>
            ))}
            {list.length > inCell && <span className={css.more}>{t('more', { count: list.length - inCell })}</span>}
            {list.length > 0 && (
              <span className={css.few} data-state={late > 0 ? 'late' : list.every((one) => one.state === 'done') ? 'done' : 'waiting'}>
                {list.length}
              </span>
            )}
          </button>
        );
      })}
    </div>
  );
}
