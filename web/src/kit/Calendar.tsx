import '../i18n/kit';
import '@mantine/dates/styles.css';
import 'dayjs/locale/vi';

import { DatePicker } from '@mantine/dates';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import { toPicker } from '../lib/time';
import type { Range } from './DateRange';
import { parseMoment } from './moment';

const day = (rfc3339: string | undefined) => (rfc3339 ? toPicker(rfc3339).slice(0, 10) : null);

/** "2026-11-22" as people type it. */
const typed = (iso: string) => iso.slice(0, 10).split('-').reverse().join('/');

/** A month to choose two days in; the second one ends the choice. */
export function Calendar({ value, onChange }: { value: Range; onChange: (range: Range) => void }) {
  const { t, i18n } = useTranslation('kit');
  const [chosen, setChosen] = useState<[string | null, string | null]>([day(value.from), day(value.to)]);
  return (
    <DatePicker
      type="range"
      allowSingleDateInRange
      hideOutsideDates
      ariaLabels={{ previousMonth: t('date.previous'), nextMonth: t('date.next'), monthLevelControl: t('date.months') }}
      locale={i18n.language}
      firstDayOfWeek={1}
      value={chosen}
      {...(chosen[0] === null ? {} : { defaultDate: chosen[0] })}
      onChange={([from, to]) => {
        setChosen([from, to]);
        if (from !== null && to !== null) onChange({ from: parseMoment(typed(from)), to: parseMoment(typed(to), { end: true }) });
      }}
    />
  );
}
