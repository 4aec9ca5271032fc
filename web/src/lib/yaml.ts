// Just enough of YAML to colour a rule: comments, keys, texts and numbers.

export interface YamlToken {
  kind: 'comment' | 'key' | 'text' | 'number' | 'plain';
  text: string;
}

const token = /(^\s*(?:- )?(?:[A-Za-z0-9_.|*$ -]+|'[^']*'|"[^"]*")(?=:(?:\s|$)))|(#.*$)|('(?:[^']|'')*'|"(?:[^"\\]|\\.)*")|(\b\d+(?:\.\d+)?\b)/g;

/** One line of a rule, cut into what has a colour of its own. */
export function yamlTokens(line: string): YamlToken[] {
  const out: YamlToken[] = [];
  let at = 0;
  for (const m of line.matchAll(token)) {
    // A "#" is a comment only at the beginning or after a space.
    if (m[2] !== undefined && m.index > 0 && !/\s/.test(line[m.index - 1] ?? '')) continue;
    if (m.index > at) out.push({ kind: 'plain', text: line.slice(at, m.index) });
    const kind = m[1] !== undefined ? 'key' : m[2] !== undefined ? 'comment' : m[3] !== undefined ? 'text' : 'number';
    out.push({ kind, text: m[0] });
    at = m.index + m[0].length;
  }
  if (at < line.length) out.push({ kind: 'plain', text: line.slice(at) });
  return out;
}
