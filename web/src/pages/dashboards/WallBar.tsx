import { ActionIcon } from '@mantine/core';
import { IconPlayerPause, IconPlayerPlay, IconPlayerSkipForward } from '@tabler/icons-react';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';

import { formatTime } from '../../lib/time';
import { usePageTitle } from '../../ui/PageHeader';
import css from './boards.module.css';

interface Props {
  name: string;
  /** When the figures came, in milliseconds; 0 before the first. */
  updatedMs: number;
  stale: boolean;
  /** Seconds each board is shown; 0 does not change. */
  every: number;
  /** How many boards take turns. */
  turns: number;
  onNext: () => void;
}

/** The head of a board on a wall: what it is, the time, and how fresh the figures are. */
export function WallBar({ name, updatedMs, stale, every, turns, onNext }: Props) {
  const { t } = useTranslation('boards');
  usePageTitle(name);
  const [now, setNow] = useState(Date.now);
  const [paused, setPaused] = useState(false);
  const [since, setSince] = useState(Date.now);
  const rotating = every > 0 && turns > 1;

  useEffect(() => {
    const timer = setInterval(() => {
      setNow(Date.now());
    }, 1_000);
    return () => {
      clearInterval(timer);
    };
  }, []);

  const left = rotating && !paused ? Math.max(0, since + every * 1_000 - now) : undefined;
  useEffect(() => {
    if (left === undefined) return;
    const timer = setTimeout(onNext, left);
    return () => {
      clearTimeout(timer);
    };
  }, [left, onNext]);

  return (
    <div data-unpainted="">
      <div className={css.wallBar}>
        <h1>{name}</h1>
        <span className={css.space} />
        {stale ? (
          <span className={css.stale} role="alert">
            {t('wall.stale', { time: updatedMs ? formatTime(new Date(updatedMs)) : '–' })}
          </span>
        ) : (
          <span className="la-dim la-num">{updatedMs > 0 && t('wall.updated', { time: formatTime(new Date(updatedMs)).slice(11) })}</span>
        )}
        {rotating && (
          <>
            <ActionIcon
              variant="subtle"
              color="gray"
              aria-label={paused ? t('wall.go') : t('wall.pause')}
              onClick={() => {
                setPaused(!paused);
                setSince(Date.now());
              }}
            >
              {paused ? <IconPlayerPlay size={18} /> : <IconPlayerPause size={18} />}
            </ActionIcon>
            <ActionIcon
              variant="subtle"
              color="gray"
              aria-label={t('wall.next')}
              onClick={() => {
                setSince(Date.now());
                onNext();
              }}
            >
              <IconPlayerSkipForward size={18} />
            </ActionIcon>
          </>
        )}
        <time className={`la-num ${css.clock ?? ''}`} aria-label={t('wall.clock')}>
          {formatTime(new Date(now))}
        </time>
      </div>
      {rotating && (
        <div className={css.progress} aria-hidden="true">
          <span style={{ width: `${String(paused ? 0 : Math.min(100, (100 * (now - since)) / (every * 1_000)))}%` }} />
        </div>
      )}
    </div>
  );
}
