// The words of a query with their places, as far as the page needs them: to
// tell the events asked for from the table made of them, to add a filter at the
// right place and to know what is being typed. The grammar is the server's
// (docs/format/query.md); what this file does not know it leaves as it is.

export type TokenKind = 'word' | 'phrase' | 'regex' | 'open' | 'close' | 'pipe' | 'or';

export interface Token {
  kind: TokenKind;
  /** Indexes into the text; the end is exclusive. */
  start: number;
  end: number;
  text: string;
}

const space = /\s/;

/** The end of a quoted part that begins at start; the end of the text if it is not closed. */
function phraseEnd(text: string, start: number): number {
  for (let i = start + 1; i < text.length; i++) {
    if (text[i] === '\\') i++;
    else if (text[i] === '"') return i + 1;
  }
  return text.length;
}

/** A bare expression ends at a space or at a ")" that it did not open. */
function regexEnd(text: string, start: number): number {
  let depth = 0;
  for (let i = start; i < text.length; i++) {
    const c = text[i] ?? '';
    if (c === '\\') i++;
    else if (space.test(c)) return i;
    else if (c === '(') depth++;
    else if (c === ')' && --depth < 0) return i;
  }
  return text.length;
}

function wordEnd(text: string, start: number): { end: number; kind: TokenKind } {
  for (let i = start; i < text.length; i++) {
    const c = text[i] ?? '';
    if (c === '\\') i++;
    else if (c === '~' && (i === start || text[i - 1] === ':')) {
      const end = text[i + 1] === '"' ? phraseEnd(text, i + 1) : regexEnd(text, i + 1);
      return { end, kind: 'regex' };
    } else if (space.test(c) || c === '(' || c === ')' || c === '"') return { end: i, kind: 'word' };
  }
  return { end: text.length, kind: 'word' };
}

export function tokens(text: string): Token[] {
  const out: Token[] = [];
  let i = 0;
  const put = (kind: TokenKind, end: number) => {
    out.push({ kind, start: i, end, text: text.slice(i, end) });
    i = end;
  };
  while (i < text.length) {
    const c = text[i] ?? '';
    if (space.test(c)) i++;
    else if (c === '"') put('phrase', phraseEnd(text, i));
    else if (c === '(') put('open', i + 1);
    else if (c === ')') put('close', i + 1);
    else if (c === '|') put(text[i + 1] === '|' ? 'or' : 'pipe', i + (text[i + 1] === '|' ? 2 : 1));
    else {
      const { end, kind } = wordEnd(text, i);
      put(kind === 'word' && text.slice(i, end) === 'OR' ? 'or' : kind, Math.max(end, i + 1));
    }
  }
  return out;
}

export interface Stages {
  /** What events are asked for. */
  events: string;
  /** The stages that make a table of them, from the first "|"; empty for events alone. */
  stages: string;
}

/** "a AND b | stats count by c" in its two halves. */
export function splitStages(query: string): Stages {
  const pipe = tokens(query).find((token) => token.kind === 'pipe');
  if (!pipe) return { events: query.trim(), stages: '' };
  return { events: query.slice(0, pipe.start).trim(), stages: query.slice(pipe.start).trim() };
}

export function joinStages({ events, stages }: Stages): string {
  return [events, stages].filter((part) => part !== '').join(' ');
}

/** True where the query asks for a table instead of events. */
export function isTable(query: string): boolean {
  return splitStages(query).stages !== '';
}
