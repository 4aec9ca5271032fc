import { describe, expect, it } from 'vitest';

import { accept, columnsOf, placeOf, suggest } from './complete';

const known = {
  fields: [
    { name: 'CommandLine', count: 5 },
    { name: 'user', count: 90 },
    { name: 'target_user', count: 100 },
    { name: 'odd name', count: 1 },
  ],
  values: [
    { value: 'root', count: 9 },
    { value: 'Robert Tables', count: 2 },
  ],
};

/** The caret is written as ‸. */
function at(marked: string) {
  const caret = marked.indexOf('‸');
  const query = marked.replace('‸', '');
  const place = placeOf(query, caret);
  return { query, caret, place, list: suggest(place, known) };
}

describe('placeOf', () => {
  it.each([
    ['‸', 'field', ''],
    ['us‸', 'field', 'us'],
    ['a AND -us‸', 'field', 'us'],
    ['user:‸', 'value', ''],
    ['user:ro‸ot', 'value', 'ro'],
    ['user:"Robert T‸', 'value', 'Robert T'],
    ['user:(a OR r‸', 'value', 'r'],
    ['user:(‸', 'value', ''],
    ['(us‸', 'field', 'us'],
    ['_exists_:us‸', 'stageField', 'us'],
    ['status:>=5‸', 'nothing', undefined],
    ['user:~^ro‸', 'nothing', undefined],
    ['"quoted" ‸', 'field', ''],
    ['"quoted‸', 'nothing', undefined],
    ['a | ‸', 'stage', ''],
    ['| sta‸', 'stage', 'sta'],
    ['| stats ‸', 'function', ''],
    ['| stats dc(us‸', 'stageField', 'us'],
    ['| stats count by us‸', 'stageField', 'us'],
    ['| stats count by user, h‸', 'stageField', 'h'],
    ['| top 10 us‸', 'stageField', 'us'],
    ['| top 1‸', 'nothing', undefined],
    ['| timechart ‸', 'function', ''],
    ['| stats count by user | sort -c‸', 'column', 'c'],
    ['| top user | he‸', 'stage', 'he'],
  ])('%s is a %s', (marked, kind, prefix) => {
    const { place } = at(marked);
    expect(place.kind).toBe(kind);
    if (place.kind !== 'nothing') expect(place.prefix).toBe(prefix);
  });

  it('knows the field of a value', () => {
    for (const marked of ['user:r‸', 'user:(a OR r‸', 'x -user:r‸', 'user:"r‸']) {
      expect(at(marked).place, marked).toMatchObject({ kind: 'value', field: 'user' });
    }
  });
});

describe('suggest', () => {
  it('offers fields that begin with the text before those that hold it', () => {
    expect(at('us‸').list.map((s) => s.insert)).toEqual(['user:', 'target_user:']);
  });
  it('offers words that join, and stages, after a term', () => {
    expect(at('user:root ‸').list.map((s) => s.label)).toEqual(['AND', 'OR', 'NOT', '| stats', '| top', '| rare', '| timechart']);
    expect(at('user:root AND ‸').list.map((s) => s.kind)).not.toContain('join');
    expect(at('user:root an‸').list[0]).toMatchObject({ insert: 'AND ' });
  });
  it('quotes what needs quotes', () => {
    expect(at('user:ro‸').list.map((s) => s.insert)).toEqual(['root ', '"Robert Tables" ']);
    expect(at('| top odd‸').list.map((s) => s.insert)).toEqual(['"odd name" ']);
  });
  it('offers the first stages first and the later ones later', () => {
    expect(at('| ‸').list.map((s) => s.label)).toEqual(['stats', 'top', 'rare', 'timechart']);
    expect(at('| top user | ‸').list.map((s) => s.label)).toEqual(['sort', 'head']);
  });
  it('offers spans right after timechart only', () => {
    expect(at('| timechart ‸').list[0]).toMatchObject({ kind: 'span' });
    expect(at('| timechart 5m ‸').list.map((s) => s.kind)).not.toContain('span');
  });
  it('offers the columns of the table to sort by', () => {
    expect(at('| stats count, dc(src_ip) by user | sort -‸').list.map((s) => s.label)).toEqual(['user', 'count', 'dc(src_ip)']);
  });
});

describe('columnsOf', () => {
  it.each([
    ['x | top 10 user', ['user', 'count']],
    ['| stats count as n, sum(bytes) by a, b', ['a', 'b', 'n', 'sum(bytes)']],
    ['| timechart 5m by user', ['time', 'user', 'count']],
    ['user:root', []],
  ])('%s', (query, want) => {
    expect(columnsOf(query)).toEqual(want);
  });
});

describe('accept', () => {
  it.each([
    ['us‸', 'user:', 'user:‸'],
    ['user:r‸ AND x', 'root ', 'user:root‸ AND x'],
    ['user:ro‸ot', 'root ', 'user:root ‸'],
    ['user:"Rob‸', '"Robert Tables" ', 'user:"Robert Tables" ‸'],
    ['| stats dc(us‸', 'user) ', '| stats dc(user) ‸'],
  ])('%s', (marked, insert, want) => {
    const { query, caret, place } = at(marked);
    const done = accept(query, caret, place, { insert, label: '', kind: 'field' });
    expect(`${done.text.slice(0, done.caret)}‸${done.text.slice(done.caret)}`).toBe(want);
  });
});
