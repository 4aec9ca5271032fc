import { describe, expect, it } from 'vitest';

import { type Column, nextSort, sorted } from './columns';
import { by } from './text';

interface Item {
  name: string;
  count: number;
}

const name: Column<Item> = { id: 'name', name: 'Name', cell: () => null, compare: by((i) => i.name) };
const count: Column<Item> = { id: 'count', name: 'Count', cell: () => null, compare: (a, b) => a.count - b.count, greatestFirst: true };
const items: Item[] = [
  { name: 'Đông', count: 2 },
  { name: 'An', count: 9 },
  { name: 'Dung', count: 5 },
];
const names = (list: readonly Item[]) => list.map((i) => i.name);

describe('the order of a list', () => {
  it('is the Vietnamese one, and its reverse', () => {
    expect(names(sorted(items, [name, count], 'name'))).toEqual(['An', 'Dung', 'Đông']);
    expect(names(sorted(items, [name, count], '-name'))).toEqual(['Đông', 'Dung', 'An']);
  });

  it('stays as it came where nothing was asked or the column is unknown', () => {
    expect(sorted(items, [name], undefined)).toBe(items);
    expect(sorted(items, [name], '-when')).toBe(items);
  });

  it('turns around with the second press', () => {
    expect(nextSort(name, undefined)).toBe('name');
    expect(nextSort(name, 'name')).toBe('-name');
    expect(nextSort(name, '-count')).toBe('name');
    expect(nextSort(count, undefined)).toBe('-count');
    expect(nextSort(count, '-count')).toBe('count');
  });
});
