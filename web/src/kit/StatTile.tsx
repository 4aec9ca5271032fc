import { Link } from '@tanstack/react-router';

import { linkTo } from '../app/routes/address';
import type { Tone } from './chartSpec';
import css from './kit.module.css';

interface Props {
  name: string;
  value: React.ReactNode;
  note?: React.ReactNode;
  /** A colour at the edge where the number asks for somebody: a level, or ok. */
  tone?: Tone | undefined;
  /** Where the number comes from: the list behind it. */
  to?: string;
  children?: React.ReactNode;
}

/** One number that matters, and the way to what is behind it. */
export function StatTile({ name, value, note, tone, to, children }: Props) {
  const content = (
    <>
      <div className={css.tileName}>{name}</div>
      <div className={css.tileValue}>{value}</div>
      {note && <div className={css.tileNote}>{note}</div>}
      {children}
    </>
  );
  const style = tone === undefined ? undefined : ({ '--bar': tone === 'accent' ? 'var(--la-accent)' : `var(--la-${tone}-bar)` } as React.CSSProperties);
  const look = { className: `la-card ${css.tile ?? ''}`, 'data-tone': tone, style };
  return to === undefined ? (
    <div {...look}>{content}</div>
  ) : (
    <Link {...linkTo(to)} {...look}>
      {content}
    </Link>
  );
}
