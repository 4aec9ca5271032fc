// Parts of a value, counted in Unicode characters as the server counts them.
// A string of JavaScript counts some characters twice, so it is taken apart
// by characters first.

export interface Range {
  start: number;
  end: number;
}

export interface Piece {
  text: string;
  marked: boolean;
}

/** The value in pieces, marked and not, in order. Ranges may overlap. */
export function pieces(value: string, ranges: readonly Range[]): Piece[] {
  const characters = Array.from(value);
  const out: Piece[] = [];
  let at = 0;
  const put = (end: number, marked: boolean) => {
    if (end > at) out.push({ text: characters.slice(at, end).join(''), marked });
    at = Math.max(at, end);
  };
  for (const { start, end } of union(ranges)) {
    put(Math.min(start, characters.length), false);
    put(Math.min(end, characters.length), true);
  }
  put(characters.length, false);
  return out;
}

/** The ranges in order, those that touch as one. */
export function union(ranges: readonly Range[]): Range[] {
  const out: Range[] = [];
  for (const range of [...ranges].sort((a, b) => a.start - b.start)) {
    const last = out.at(-1);
    if (last && range.start <= last.end) last.end = Math.max(last.end, range.end);
    else if (range.end > range.start) out.push({ ...range });
  }
  return out;
}

/**
 * Shortens unmarked pieces of a long value so that what is marked stays in
 * view. `context` is how many characters stay on either side of a mark.
 */
export function excerpt(list: readonly Piece[], most: number, context: number): Piece[] {
  const length = list.reduce((sum, piece) => sum + piece.text.length, 0);
  if (length <= most) return [...list];
  const cut = (text: string, keepStart: number, keepEnd: number) => {
    const characters = Array.from(text);
    if (characters.length <= keepStart + keepEnd + 1) return text;
    const end = keepEnd > 0 ? characters.slice(-keepEnd).join('') : '';
    return `${characters.slice(0, keepStart).join('')}…${end}`;
  };
  if (!list.some((piece) => piece.marked)) return list.map((piece) => ({ ...piece, text: cut(piece.text, most, 0) }));
  return list.map((piece, i) => {
    if (piece.marked) return { ...piece, text: cut(piece.text, most / 2, most / 2) };
    return { ...piece, text: cut(piece.text, i === 0 ? 0 : context, i === list.length - 1 ? 0 : context) };
  });
}
