import { describe, expect, it } from 'vitest';

import { defaultColumns, moveColumn, readColumns, resizeColumn, shiftColumn, toggleColumn, writeColumns } from './columns';

const names = (list: readonly { name: string }[]) => list.map((column) => column.name).join(' ');

describe('columns in the address', () => {
  it('come back as they were written', () => {
    const columns = [{ name: '_host', width: 200 }, { name: 'a,b~c%d' }, { name: '_raw' }];
    expect(readColumns(writeColumns(columns))).toEqual(columns);
  });
  it('are read whatever stands there', () => {
    expect(readColumns('')).toBeUndefined();
    expect(readColumns(7)).toBeUndefined();
    expect(readColumns(',,user,user,x~nonsense,%E0%A4%A,y~99999')).toEqual([
      { name: 'user' },
      { name: 'x' },
      { name: '%E0%A4%A' },
      { name: 'y', width: 1200 },
    ]);
  });
});

describe('changing columns', () => {
  it('puts a new field before the whole record', () => {
    expect(names(toggleColumn(defaultColumns, 'user'))).toBe('_host _kind user _raw');
    expect(names(toggleColumn([{ name: 'a' }], 'b'))).toBe('a b');
  });
  it('takes a column away, but never the last', () => {
    expect(names(toggleColumn([{ name: 'a' }, { name: 'b' }], 'a'))).toBe('b');
    expect(names(toggleColumn([{ name: 'a' }], 'a'))).toBe(names(defaultColumns));
  });
  it('moves to a place or by steps', () => {
    const list = [{ name: 'a' }, { name: 'b' }, { name: 'c' }];
    expect(names(moveColumn(list, 'a', 'c'))).toBe('b c a');
    expect(names(moveColumn(list, 'c', 'a'))).toBe('c a b');
    expect(names(shiftColumn(list, 'a', 1))).toBe('b a c');
    expect(names(shiftColumn(list, 'a', -1))).toBe('a b c');
    expect(names(moveColumn(list, 'a', 'nowhere'))).toBe('a b c');
  });
  it('keeps widths that can be used', () => {
    expect(resizeColumn([{ name: 'a' }], 'a', 3)).toEqual([{ name: 'a', width: 64 }]);
  });
});
