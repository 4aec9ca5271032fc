import { describe, expect, it } from 'vitest';

import { all, extend, kept, nothing, toggle } from './selection';

const order = ['a', 'b', 'c', 'd', 'e'];
const ids = (s: { ids: ReadonlySet<string> }) => [...s.ids].sort();

describe('the selection of a list', () => {
  it('takes and gives back one row', () => {
    const one = toggle(nothing, 'b');
    expect(ids(one)).toEqual(['b']);
    expect(ids(toggle(one, 'b'))).toEqual([]);
  });

  it('extends from the last row touched, down and up', () => {
    const from = toggle(nothing, 'c');
    expect(ids(extend(from, order, 'e'))).toEqual(['c', 'd', 'e']);
    expect(ids(extend(from, order, 'a'))).toEqual(['a', 'b', 'c']);
  });

  it('keeps what was selected before when it extends', () => {
    const apart = toggle(toggle(nothing, 'a'), 'd');
    expect(ids(extend(apart, order, 'e'))).toEqual(['a', 'd', 'e']);
  });

  it('begins with the row itself where nothing was touched', () => {
    expect(ids(extend(nothing, order, 'b'))).toEqual(['b']);
  });

  it('ignores a row that is not in the list', () => {
    expect(extend(nothing, order, 'z')).toBe(nothing);
  });

  it('forgets rows that went, and changes nothing otherwise', () => {
    const some = toggle(toggle(nothing, 'a'), 'b');
    expect(ids(kept(some, ['b', 'c']))).toEqual(['b']);
    expect(kept(some, order)).toBe(some);
    expect(ids(all(order))).toEqual(order);
  });
});
