// Building search queries from clicks. The grammar is the server's; this file
// only writes clauses, and never rewrites what the reader typed.

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

export function clause(field: string, value: string): string {
  const name = plainName.test(field) ? field : quoteValue(field);
  return `${name}:${quoteValue(value)}`;
}

/** True where OR stands outside quotes and brackets, so that AND needs brackets around it. */
export function hasTopLevelOr(query: string): boolean {
  let depth = 0;
  let quoted = false;
  for (let i = 0; i < query.length; i++) {
    const c = query[i];
    if (quoted) {
      if (c === '\\') i++;
      else if (c === '"') quoted = false;
    } else if (c === '"') quoted = true;
    else if (c === '(') depth++;
    else if (c === ')') depth--;
    else if (depth === 0 && /^(?:OR(?=[\s("]|$)|\|\|)/.test(query.slice(i)) && (i === 0 || /[\s)"]/.test(query[i - 1] ?? ''))) {
      return true;
    }
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
  let quoted = false;
  for (let i = 0; i < trimmed.length; i++) {
    const c = trimmed[i];
    if (quoted) {
      if (c === '\\') i++;
      else if (c === '"') quoted = false;
    } else if (c === '"') quoted = true;
    else if (c === '(') depth++;
    else if (c === ')') depth--;
    else if (depth === 0 && c === ' ' && /^ +AND +/.test(trimmed.slice(i))) {
      const length = /^ +AND +/.exec(trimmed.slice(i))?.[0].length ?? 0;
      parts.push(trimmed.slice(start, i).trim());
      start = i + length;
      i = start - 1;
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
  const parts = splitAnd(query);
  if (parts?.includes(wanted)) return query.trim();
  return and(withoutClause(query, opposite) ?? query, wanted);
}

/** "the field is there at all" */
export function addExists(query: string, field: string): string {
  const name = plainName.test(field) ? field : quoteValue(field);
  const wanted = `${name}:*`;
  return splitAnd(query)?.includes(wanted) ? query.trim() : and(query, wanted);
}
