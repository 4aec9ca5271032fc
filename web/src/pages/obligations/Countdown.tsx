import '../../i18n/obligations';

import { IconAlertTriangle, IconCheck, IconClock, IconClockExclamation, IconMinus } from '@tabler/icons-react';
import { useCallback, useSyncExternalStore } from 'react';
import { useTranslation } from 'react-i18next';

import { type Clock, type Stage, type Standing, standing } from '../../lib/countdown';
import { formatTime } from '../../lib/time';
import { useTabStop } from '../../ui/Time';
import css from './obligations.module.css';

// One timer for all clocks in view. A clock is drawn anew when what it says
// changes: far from the deadline once an hour, near it once a second.
const listeners = new Set<() => void>();
let timer: ReturnType<typeof setInterval> | undefined;

function subscribe(listener: () => void) {
  listeners.add(listener);
  timer ??= setInterval(() => {
    for (const l of listeners) l();
  }, 1_000);
  return () => {
    listeners.delete(listener);
    if (listeners.size > 0) return;
    clearInterval(timer);
    timer = undefined;
  };
}

function useStanding({ startedAt, dueAt, state, doneAt }: Clock): Standing {
  const text = useSyncExternalStore(
    subscribe,
    useCallback(() => JSON.stringify(standing({ startedAt, dueAt, state, doneAt }, Date.now())), [startedAt, dueAt, state, doneAt]),
  );
  return JSON.parse(text) as Standing;
}

const icons: Record<Stage, typeof IconClock> = {
  early: IconClock,
  half: IconClock,
  soon: IconClockExclamation,
  late: IconAlertTriangle,
  done: IconCheck,
  doneLate: IconAlertTriangle,
  withdrawn: IconMinus,
};

interface Props {
  /** The clock, or the whole obligation. */
  of: Clock & { basis?: { text: string; article: string } };
  /** The words alone, without the bar of the time that is over. */
  plain?: boolean;
}

/** The time left of a legal clock, or how late it is; when it is due and by which law when pointed at, focused or tapped. */
export function Countdown({ of, plain }: Props) {
  const { t } = useTranslation('obligations');
  const stop = useTabStop();
  const { stage, passed, parts } = useStanding(of);
  const length = parts.map(({ unit, count }) => t(`length.${unit}`, { count })).join(' ');
  const words = {
    early: () => t('left', { length }),
    half: () => t('left', { length }),
    soon: () => t('left', { length }),
    late: () => t('overdue', { length }),
    done: () => t('doneOnTime'),
    doneLate: () => t('doneLate', { length }),
    withdrawn: () => t('withdrawnClock'),
  }[stage]();
  const tip = [
    t('dueTip', { at: formatTime(of.dueAt) }),
    t('startTip', { at: formatTime(of.startedAt) }),
    ...(of.basis ? [`${of.basis.text}${of.basis.article ? `, ${of.basis.article}` : ''}`] : []),
    t('passedTip', { count: passed }),
  ].join('\n');
  const Icon = icons[stage];
  return (
    <time ref={stop} dateTime={of.dueAt} className={css.clock} data-stage={stage} data-tip={tip}>
      <span className={css.words}>
        <Icon size={15} aria-hidden="true" />
        {words}
      </span>
      {!plain && stage !== 'withdrawn' && (
        <span className={css.track} aria-hidden="true">
          <span style={{ width: `${String(passed)}%` }} />
        </span>
      )}
    </time>
  );
}
