import { describe, expect, it } from 'vitest';

import { addExists, addFilter, clause, hasTopLevelOr, quoteValue, renameField, splitAnd } from './query';

describe('quoteValue', () => {
  it.each([
    ['root', 'root'],
    ['10.0.0.1', '10.0.0.1'],
    ['/bin/bash', '/bin/bash'],
    ['mật-khẩu', 'mật-khẩu'],
    ['two words', '"two words"'],
    ['C:\\Windows', '"C:\\\\Windows"'],
    ['say "hi"', '"say \\"hi\\""'],
    ['a*b', '"a*b"'],
    ['>=5', '">=5"'],
    ['-1', '"-1"'],
    ['', '""'],
    ['AND', '"AND"'],
    ['null', '"null"'],
    ['10.0.0.0/8', '"10.0.0.0/8"'],
    ['~root', '"~root"'],
  ])('%s becomes %s', (value, want) => {
    expect(quoteValue(value)).toBe(want);
  });
});

describe('addFilter', () => {
  it('starts a query', () => {
    expect(addFilter('  ', 'user', 'root', false)).toBe('user:root');
  });
  it('narrows a query', () => {
    expect(addFilter('host:web', 'user', 'svc x', true)).toBe('host:web AND NOT user:"svc x"');
  });
  it('puts brackets around alternatives', () => {
    expect(addFilter('a OR b', 'user', 'root', false)).toBe('(a OR b) AND user:root');
    expect(addFilter('a || b', 'user', 'root', false)).toBe('(a || b) AND user:root');
  });
  it('does not repeat itself', () => {
    expect(addFilter('host:web AND user:root', 'user', 'root', false)).toBe('host:web AND user:root');
  });
  it('replaces its opposite', () => {
    expect(addFilter('host:web AND user:root', 'user', 'root', true)).toBe('host:web AND NOT user:root');
    expect(addFilter('NOT user:root', 'user', 'root', false)).toBe('user:root');
  });
  it('leaves quoted text alone', () => {
    expect(addFilter('"x AND user:root"', 'user', 'root', true)).toBe('"x AND user:root" AND NOT user:root');
  });
});

describe('a query for a table', () => {
  it('is filtered before its first stage', () => {
    expect(addFilter('| top 10 user', 'host', 'web', false)).toBe('host:web | top 10 user');
    expect(addFilter('a OR b | stats count by user', 'host', 'web', true)).toBe('(a OR b) AND NOT host:web | stats count by user');
    expect(addExists('NOT _exists_:user | top host', 'user')).toBe('_exists_:user | top host');
  });
  it('keeps what is no stage', () => {
    expect(addFilter('user:~"a | b"', 'host', 'web', false)).toBe('user:~"a | b" AND host:web');
    expect(addFilter('user:~(a|b)|c a|b', 'host', 'web', false)).toBe('user:~(a|b)|c a|b AND host:web');
  });
});

describe('reading structure', () => {
  it('finds OR only as an operator at the top', () => {
    expect(hasTopLevelOr('a OR b')).toBe(true);
    expect(hasTopLevelOr('(a OR b)')).toBe(false);
    expect(hasTopLevelOr('"a OR b"')).toBe(false);
    expect(hasTopLevelOr('ORACLE doOR or')).toBe(false);
  });
  it('splits at AND outside quotes and brackets', () => {
    expect(splitAnd('a AND (b AND c) AND "d AND e"')).toEqual(['a', '(b AND c)', '"d AND e"']);
    expect(splitAnd('a OR b')).toBeUndefined();
    expect(splitAnd('')).toEqual([]);
  });
  it('quotes odd field names', () => {
    expect(clause('odd name', 'x')).toBe('"odd name":x');
    expect(addExists('', 'user')).toBe('_exists_:user');
  });
});

describe('renameField', () => {
  it.each([
    ['usr:root', 'user:root'],
    ['x AND -USR:(usr OR b) usr', 'x AND -user:(usr OR b) usr'],
    ['_exists_:usr AND "usr:x"', '_exists_:user AND "usr:x"'],
    ['usr:~^a "usr":b', 'user:~^a user:b'],
    ['a | stats dc(usr) by host,usr | sort -usr', 'a | stats dc(user) by host,user | sort -user'],
    ['user_usr:x', 'user_usr:x'],
  ])('%s', (query, want) => {
    expect(renameField(query, 'usr', 'user')).toBe(want);
  });
});
