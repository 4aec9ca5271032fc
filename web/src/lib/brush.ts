// Choosing a stretch of a histogram, by pointer or by keyboard: two columns,
// where it began and where it is now.

export interface Brush {
  anchor: number;
  cursor: number;
}

export interface Span {
  first: number;
  last: number;
}

export function spanOf({ anchor, cursor }: Brush): Span {
  return { first: Math.min(anchor, cursor), last: Math.max(anchor, cursor) };
}

/** What a key does to the brush; undefined for keys that mean nothing here. */
export function moveBrush(brush: Brush, key: string, extend: boolean, columns: number): Brush | undefined {
  const page = Math.max(1, Math.round(columns / 10));
  const targets: Record<string, number> = {
    ArrowLeft: brush.cursor - 1,
    ArrowRight: brush.cursor + 1,
    PageUp: brush.cursor - page,
    PageDown: brush.cursor + page,
    Home: 0,
    End: columns - 1,
  };
  const target = targets[key];
  if (target === undefined) return undefined;
  const cursor = Math.min(columns - 1, Math.max(0, target));
  return { anchor: extend ? brush.anchor : cursor, cursor };
}

/** A range twice as long around the same middle, not past now. */
export function widened(fromMs: number, toMs: number, nowMs: number): { fromMs: number; toMs: number } {
  const half = Math.max(1_000, (toMs - fromMs) / 2);
  const end = Math.max(toMs, Math.min(nowMs, toMs + half));
  return { fromMs: Math.round(fromMs - (toMs + half - end) - half), toMs: Math.round(end) };
}
