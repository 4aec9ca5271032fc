// What somebody who types a query can go on with. The place of the caret says
// what is being written: a field, a value, a joining word, a stage or a part of
// one. The grammar is the server's (docs/format/query.md).

import { fold } from './format';
import { quoteValue } from './query';
import { type Token, tokens } from './queryText';

export type Place =
  | { kind: 'field'; from: number; prefix: string; joins: boolean }
  | { kind: 'value'; from: number; prefix: string; field: string }
  | { kind: 'stage'; from: number; prefix: string; first: boolean }
  | { kind: 'function'; from: number; prefix: string; span: boolean }
  | { kind: 'stageField'; from: number; prefix: string; brackets: boolean }
  | { kind: 'column'; from: number; prefix: string; columns: string[] }
  | { kind: 'nothing' };

const firstStages = ['stats', 'top', 'rare', 'timechart'] as const;
const laterStages = ['sort', 'head'] as const;
const functions = ['count', 'dc', 'sum', 'avg', 'min', 'max'] as const;
const spans = ['1m', '5m', '15m', '1h', '1d'] as const;
const joining = /^(AND|OR|NOT|&&|!|-)$/;

/** Where the caret stands. What is behind it does not matter. */
export function placeOf(query: string, caret: number): Place {
  const text = query.slice(0, caret);
  const list = tokens(text);
  const pipe = list.findLastIndex((token) => token.kind === 'pipe');
  if (pipe >= 0) {
    const first = list.findIndex((token) => token.kind === 'pipe') === pipe;
    return placeInStage(text, list[pipe]?.end ?? 0, first);
  }
  return placeInEvents(list, caret);
}

function placeInEvents(list: Token[], caret: number): Place {
  const last = list.at(-1);
  const before = list.at(-2);
  // The field of each open parenthesis: "user:(" is about user.
  const fields: string[] = [];
  list.forEach((token, i) => {
    if (token.kind === 'open') fields.push(fieldBefore(list[i - 1], token.start) ?? '');
    else if (token.kind === 'close') fields.pop();
  });
  const inside = fields.at(-1) ?? '';

  if (last?.kind === 'phrase' && last.end === caret && !closed(last.text)) {
    const field = fieldBefore(before, last.start) ?? inside;
    return field === '' ? { kind: 'nothing' } : { kind: 'value', from: last.start, prefix: last.text.slice(1), field };
  }
  if (last && last.end === caret && last.kind === 'word') {
    const negated = /^[-!](?=.)/.exec(last.text) && inside === '' ? 1 : 0;
    const word = last.text.slice(negated);
    const start = last.start + negated;
    if (inside !== '') return { kind: 'value', from: start, prefix: word, field: inside };
    const colon = colonOf(word);
    if (colon < 0) {
      return { kind: 'field', from: start, prefix: word, joins: negated === 0 && endsTerm(before) };
    }
    const value = word.slice(colon + 1);
    // Comparisons, ranges and expressions are nobody's stored value.
    if (/^[<>=[{~]/.test(value)) return { kind: 'nothing' };
    const field = word.slice(0, colon);
    if (field === '_exists_' || field === '_null_') {
      return { kind: 'stageField', from: start + colon + 1, prefix: value, brackets: false };
    }
    return { kind: 'value', from: start + colon + 1, prefix: value, field };
  }
  if (last && last.end === caret && last.kind !== 'open') return { kind: 'nothing' };
  if (inside !== '') return { kind: 'value', from: caret, prefix: '', field: inside };
  return { kind: 'field', from: caret, prefix: '', joins: endsTerm(last) };
}

const closed = (phrase: string) => phrase.length > 1 && phrase.endsWith('"') && !/(?<!\\)(\\\\)*\\"$/.test(phrase);

function colonOf(word: string): number {
  for (let i = 0; i < word.length; i++) {
    if (word[i] === '\\') i++;
    else if (word[i] === ':') return i;
  }
  return -1;
}

/** The field named by a word that ends in a colon right before a place. */
function fieldBefore(token: Token | undefined, at: number): string | undefined {
  if (!token || token.end !== at || token.kind !== 'word' || !token.text.endsWith(':')) return undefined;
  return token.text.slice(0, -1).replace(/^[-!]/, '');
}

/** True where a term could be complete, so that AND or a stage may follow. */
function endsTerm(token: Token | undefined): boolean {
  if (!token) return false;
  if (token.kind === 'word') return !joining.test(token.text) && !token.text.endsWith(':');
  return token.kind !== 'open' && token.kind !== 'or' && token.kind !== 'pipe';
}

function placeInStage(text: string, begin: number, first: boolean): Place {
  const stage = text.slice(begin);
  const named = /^\s*([a-z_]+)(?=[\s(])/i.exec(stage);
  const word = /[^\s,()|]*$/.exec(stage)?.[0] ?? '';
  const from = text.length - word.length;
  if (!named) return { kind: 'stage', from, prefix: word, first };
  const rest = stage.slice(named[0].length, stage.length - word.length);
  const open = rest.lastIndexOf('(') > rest.lastIndexOf(')');
  switch (named[1]?.toLowerCase()) {
    case 'stats':
    case 'timechart':
      if (open || /\bby\s+(?:[^|]*)$/i.test(rest)) return { kind: 'stageField', from, prefix: word, brackets: open };
      return { kind: 'function', from, prefix: word, span: named[1]?.toLowerCase() === 'timechart' && rest.trim() === '' };
    case 'top':
    case 'rare':
      return /^\d+$/.test(word) ? { kind: 'nothing' } : { kind: 'stageField', from, prefix: word, brackets: false };
    case 'sort': {
      const sign = /^[-+]/.test(word) ? 1 : 0;
      return { kind: 'column', from: from + sign, prefix: word.slice(sign), columns: columnsOf(text.slice(0, begin)) };
    }
    default:
      return { kind: 'nothing' };
  }
}

/** The columns of the table that the first stage makes, as far as they can be read off. */
export function columnsOf(query: string): string[] {
  const stage = /\|\s*(stats|top|rare|timechart)\b([^|]*)/i.exec(query);
  if (!stage) return [];
  const [, name = '', body = ''] = stage;
  const list = (text: string) => text.split(/[\s,]+/).filter((part) => part !== '');
  if (/^(top|rare)$/i.test(name)) return [...list(body.replace(/^\s*\d+/, '')), 'count'];
  const [funcs = '', by = ''] = body.split(/\bby\b/i);
  const made = funcs
    .replace(/^\s*(?:span\s*=\s*)?\d+[smhd]\b/i, '')
    .split(',')
    .map((part) => /\sas\s+(\S+)/i.exec(part)?.[1] ?? part.replace(/\s/g, ''))
    .filter((part) => part !== '');
  const counted = made.length > 0 ? made : ['count'];
  return [...(/^timechart$/i.test(name) ? ['time'] : []), ...list(by), ...counted];
}

export interface Suggestion {
  /** What replaces the text from the place's beginning to the caret. */
  insert: string;
  label: string;
  /** The catalogue names the kinds. */
  kind: 'field' | 'value' | 'join' | 'stage' | 'function' | 'column' | 'span';
  count?: number;
}

export interface Known {
  fields: readonly { name: string; count: number }[];
  values: readonly { value: string; count: number }[];
}

const most = 10;

/** What fits at a place, the likeliest first. */
export function suggest(place: Place, known: Known): Suggestion[] {
  switch (place.kind) {
    case 'field': {
      const joins = place.joins ? ['AND', 'OR', 'NOT'].filter((word) => starts(word, place.prefix)) : [];
      const stages = place.joins && place.prefix === '' ? firstStages : [];
      return [
        ...joins.map((word): Suggestion => ({ insert: `${word} `, label: word, kind: 'join' })),
        ...stages.map((word): Suggestion => ({ insert: `| ${word} `, label: `| ${word}`, kind: 'stage' })),
        ...(place.joins && place.prefix === '' ? [] : fields(place.prefix, known, (name) => `${name}:`)),
      ].slice(0, most);
    }
    case 'value':
      return known.values
        .filter(({ value }) => value.toLowerCase().startsWith(place.prefix.toLowerCase()) && value !== place.prefix)
        .slice(0, most)
        .map(({ value, count }) => ({ insert: `${quoteValue(value)} `, label: value, kind: 'value', count }));
    case 'stage':
      return (place.first ? firstStages : laterStages)
        .filter((word) => starts(word, place.prefix))
        .map((word) => ({ insert: `${word} `, label: word, kind: 'stage' }));
    case 'function': {
      const named = place.span ? spans.filter((span) => starts(span, place.prefix)) : [];
      const words = functions.filter((word) => starts(word, place.prefix));
      return [
        ...named.map((span): Suggestion => ({ insert: `${span} `, label: span, kind: 'span' })),
        ...words.map((word): Suggestion => ({ insert: word === 'count' ? 'count ' : `${word}(`, label: word, kind: 'function' })),
        ...(starts('by', place.prefix) ? [{ insert: 'by ', label: 'by', kind: 'join' } as const] : []),
      ];
    }
    case 'stageField':
      return fields(place.prefix, known, (name) => (place.brackets ? `${name}) ` : `${name} `));
    case 'column':
      return place.columns
        .filter((name) => starts(name, place.prefix))
        .map((name) => ({ insert: `${name} `, label: name, kind: 'column' }));
    case 'nothing':
      return [];
  }
}

const starts = (word: string, prefix: string) =>
  word.toLowerCase().startsWith(prefix.toLowerCase()) && word !== prefix;

/** Fields that begin with the text before those that hold it, the frequent before the rare. */
function fields(prefix: string, known: Known, insert: (name: string) => string): Suggestion[] {
  const wanted = fold(prefix);
  const ranked = known.fields
    .map((field) => ({ field, at: fold(field.name).indexOf(wanted) }))
    .filter(({ field, at }) => at >= 0 && field.name !== prefix)
    .sort((a, b) => Number(a.at > 0) - Number(b.at > 0) || b.field.count - a.field.count);
  return ranked.slice(0, most).map(({ field }) => ({
    insert: insert(/^[\p{L}\p{N}_@.-]+$/u.test(field.name) ? field.name : quoteValue(field.name)),
    label: field.name,
    kind: 'field',
    count: field.count,
  }));
}

/** The query with a suggestion taken, and where the caret goes. */
export function accept(query: string, caret: number, place: Place, suggestion: Suggestion): { text: string; caret: number } {
  if (place.kind === 'nothing') return { text: query, caret };
  const rest = query.slice(caret);
  // A word that goes on behind the caret is replaced with it; one space is enough.
  const tail = /^[^\s()|"]*/.exec(rest)?.[0].length ?? 0;
  const after = rest.slice(tail);
  const insert = suggestion.insert.endsWith(' ') && after.startsWith(' ') ? suggestion.insert.trimEnd() : suggestion.insert;
  return { text: query.slice(0, place.from) + insert + after, caret: place.from + insert.length };
}
