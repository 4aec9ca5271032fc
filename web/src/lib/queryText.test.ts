import { describe, expect, it } from 'vitest';

import { isTable, joinStages, splitStages, tokens } from './queryText';

describe('tokens', () => {
  it('have kinds and places', () => {
    expect(tokens('user:(a OR "b c") | top x').map((t) => `${t.kind}@${String(t.start)}:${t.text}`)).toEqual([
      'word@0:user:',
      'open@5:(',
      'word@6:a',
      'or@8:OR',
      'phrase@11:"b c"',
      'close@16:)',
      'pipe@18:|',
      'word@20:top',
      'word@24:x',
    ]);
  });
  it('read an expression to its end', () => {
    expect(tokens('a:~x(y|z)w b:~"p \\" | q" ~(r').map((t) => t.text)).toEqual(['a:~x(y|z)w', 'b:~"p \\" | q"', '~(r']);
  });
  it('end with the text whatever is unclosed', () => {
    for (const text of ['"', '\\', '~', 'a:~"', '(', 'x\\', '||']) {
      expect(tokens(text).at(-1)?.end, text).toBe(text.length);
    }
  });
});

describe('splitStages', () => {
  it.each([
    ['', '', ''],
    ['user:root', 'user:root', ''],
    ['| top 10 user', '', '| top 10 user'],
    ['a || b | stats count by c | head 3', 'a || b', '| stats count by c | head 3'],
    ['"a | b"', '"a | b"', ''],
    ['(a)|top b', '(a)', '|top b'],
    ['a|b', 'a|b', ''],
  ])('%s', (query, events, stages) => {
    expect(splitStages(query)).toEqual({ events, stages });
    expect(isTable(query)).toBe(stages !== '');
  });
  it('is undone by joinStages', () => {
    expect(joinStages(splitStages('a | top b'))).toBe('a | top b');
    expect(joinStages(splitStages('| top b'))).toBe('| top b');
  });
});
