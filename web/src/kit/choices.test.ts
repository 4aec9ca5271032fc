import { describe, expect, it } from 'vitest';

import { findChoices } from './choices';

const item = (label: string) => ({ value: label, label });
const find = (options: Parameters<typeof findChoices>[0]['options'], search: string) => findChoices({ options, search, limit: Infinity });

describe('the choices of a list', () => {
  const units = ['Sở Nội vụ', 'Sở Y tế', 'Phường Đống Đa'].map(item);

  it('are found without accents', () => {
    expect(find(units, 'dong da')).toEqual([item('Phường Đống Đa')]);
    expect(find(units, 'so')).toHaveLength(2);
  });

  it('are all there before anything is typed, a long list cut', () => {
    expect(find(units, '')).toEqual(units);
    expect(find(Array.from({ length: 500 }, (_, n) => item(String(n))), '')).toHaveLength(100);
  });

  it('keep their groups, without those that have nothing', () => {
    const groups = [
      { group: 'a', items: units.slice(0, 2) },
      { group: 'b', items: units.slice(2) },
    ];
    expect(find(groups, 'y te')).toEqual([{ group: 'a', items: [item('Sở Y tế')] }]);
  });
});
