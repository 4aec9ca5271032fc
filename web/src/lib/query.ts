// Building search queries from clicks. The grammar is the server's; this file
// only writes clauses, and never rewrites what the reader typed. A filter goes
// to the events asked for, before the stages that make a table of them.

import { joinStages, splitStages, tokens } from './queryText';

const bare = /^[\p{L}\p{N}_@./][\p{L}\p{N}_@./-]*$/u;
// Operators, and the word that asks for a missing value.
const reserved = /^(AND|OR|NOT|null)$/i;

// What may be a network: unquoted, it means every address inside.
const network = /\/\d+$/;

/** Quotes a value so that the query means exactly that text. */
export function quoteValue(value: string): string {
  if (bare.test(value) && !reserved.test(value) && !network.test(value)) return value;
  return `"${value.replace(/\\/g, '\\\\').replace(/"/g, '\\"')}"`;
}

const plainName = /^[\p{L}_@][\p{L}\p{N}_@.-]*$/u;

/** A field's name as a query writes it. */
export function fieldName(field: string): string {
  return plainName.test(field) ? field : quoteValue(field);
}

export function clause(field: string, value: string): string {
  return `${fieldName(field)}:${quoteValue(value)}`;
}

/** True where OR stands outside quotes and brackets, so that AND needs brackets around it. */
export function hasTopLevelOr(query: string): boolean {
  let depth = 0;
  for (const token of tokens(query)) {
    if (token.kind === 'open') depth++;
    else if (token.kind === 'close') depth--;
    else if (token.kind === 'or' && depth === 0) return true;
  }
  return false;
}

function and(query: string, addition: string): string {
  const trimmed = query.trim();
  if (!trimmed) return addition;
  return `${hasTopLevelOr(trimmed) ? `(${trimmed})` : trimmed} AND ${addition}`;
}

function withoutClause(query: string, part: string): string | undefined {
  const parts = splitAnd(query);
  if (!parts) return undefined;
  const kept = parts.filter((p) => p !== part);
  return kept.length === parts.length ? undefined : kept.join(' AND ');
}

/** Splits "a AND b AND c" at the top level; undefined where the query is anything else. */
export function splitAnd(query: string): string[] | undefined {
  const trimmed = query.trim();
  if (!trimmed) return [];
  if (hasTopLevelOr(trimmed)) return undefined;
  const parts: string[] = [];
  let start = 0;
  let depth = 0;
  for (const token of tokens(trimmed)) {
    if (token.kind === 'open') depth++;
    else if (token.kind === 'close') depth--;
    else if (token.kind === 'word' && token.text === 'AND' && depth === 0) {
      parts.push(trimmed.slice(start, token.start).trim());
      start = token.end;
    }
  }
  parts.push(trimmed.slice(start).trim());
  return parts;
}

/**
 * Adds "only" (or with negate "without") this value. Asking for the opposite
 * of a clause that is already there replaces it; asking twice changes nothing.
 */
export function addFilter(query: string, field: string, value: string, negate: boolean): string {
  const positive = clause(field, value);
  const wanted = negate ? `NOT ${positive}` : positive;
  const opposite = negate ? positive : `NOT ${positive}`;
  return onEvents(query, (events) =>
    splitAnd(events)?.includes(wanted) ? events : and(withoutClause(events, opposite) ?? events, wanted),
  );
}

/** "the field is there at all", or is not */
export function addExists(query: string, field: string, negate = false): string {
  const name = fieldName(field);
  const wanted = `${negate ? 'NOT ' : ''}_exists_:${name}`;
  const opposite = `${negate ? '' : 'NOT '}_exists_:${name}`;
  return onEvents(query, (events) =>
    splitAnd(events)?.includes(wanted) ? events : and(withoutClause(events, opposite) ?? events, wanted),
  );
}

function onEvents(query: string, change: (events: string) => string): string {
  const { events, stages } = splitStages(query);
  return joinStages({ events: change(events), stages });
}

/** Puts another name in the place of a field, wherever the query names it. */
export function renameField(query: string, from: string, to: string): string {
  const same = (name: string) => name.toLowerCase() === from.toLowerCase();
  const list = tokens(query);
  const pipe = list.find((token) => token.kind === 'pipe')?.start ?? query.length;
  let out = '';
  let done = 0;
  for (const token of list) {
    let text = token.text;
    if (token.start > pipe) {
      // Fields of a stage stand between commas, a sort's behind its sign.
      text = text.replace(/[^,|+-]+/g, (name) => (same(name) ? fieldName(to) : name));
    } else if (token.kind === 'phrase' && query[token.end] === ':' && same(text.slice(1, -1))) {
      text = fieldName(to);
    } else if (token.kind === 'word' || token.kind === 'regex') {
      const [, sign = '', name = '', rest = ''] = /^([-!]?)((?:[^:\\]|\\.)+)(:.*)$/s.exec(text) ?? [];
      if (/^_(exists|null)_$/.test(name) && same(rest.slice(1))) text = `${sign}${name}:${fieldName(to)}`;
      else if (same(name)) text = `${sign}${fieldName(to)}${rest}`;
    }
    out += query.slice(done, token.start) + text;
    done = token.end;
  }
  return out + query.slice(done);
}
