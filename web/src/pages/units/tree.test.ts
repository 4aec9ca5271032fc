import { describe, expect, it } from 'vitest';

import type { Unit } from '../../api/types';
import { above, dayBefore, freeId, inForce, readDay, rowsOf, showDay, slug, withBelow } from './tree';

const unit = (id: string, parent: string | null, name = id) => ({ id, parent, name, validFrom: null, validTo: null }) as unknown as Unit;
const some = [unit('tt', null, 'Trung tâm'), unit('y', 'tt', 'Sở Y tế'), unit('d', 'tt', 'Sở Công Thương'), unit('bv', 'y', 'Bệnh viện')];
const shape = (rows: ReturnType<typeof rowsOf>) => rows.map((r) => `${'>'.repeat(r.depth)}${r.unit.id}/${String(r.below)}`);

describe('the tree', () => {
  it('is in Vietnamese order, each unit before what is under it', () => {
    expect(shape(rowsOf(some, new Set()))).toEqual(['tt/3', '>d/0', '>y/1', '>>bv/0']);
  });

  it('leaves out what is under a closed unit, and still counts it', () => {
    expect(shape(rowsOf(some, new Set(['y'])))).toEqual(['tt/3', '>d/0', '>y/1']);
    expect(shape(rowsOf(some, new Set(['tt'])))).toEqual(['tt/3']);
  });

  it('begins with units whose parent is not there', () => {
    expect(shape(rowsOf(some.slice(1), new Set()))).toEqual(['d/0', 'y/1', '>bv/0']);
  });

  it('knows what is above and below', () => {
    expect(above(new Map(some.map((u) => [u.id, u])), 'bv')).toEqual(['y', 'tt']);
    expect([...withBelow(some, 'y')].sort()).toEqual(['bv', 'y']);
  });
});

describe('ids', () => {
  it('are made of names', () => {
    expect(slug('Sở Văn hóa, Thể thao & Du lịch')).toBe('so-van-hoa-the-thao-du-lich');
    expect(slug('x'.repeat(60))).toHaveLength(48);
    expect(freeId('Sở Y tế', new Set(['so-y-te', 'so-y-te-2']))).toBe('so-y-te-3');
    expect(freeId('???', new Set())).toBe('don-vi');
  });
});

describe('days', () => {
  it('are written as people write them', () => {
    expect(readDay('1/7/2025')).toBe('2025-07-01');
    expect(readDay('31/02/2025')).toBeUndefined();
    expect(readDay('2025-07-01')).toBeUndefined();
    expect(showDay('2025-07-01')).toBe('01/07/2025');
    expect(showDay(null)).toBe('');
    expect(dayBefore('2025-07-01')).toBe('2025-06-30');
  });

  it('are the first and the last of a unit', () => {
    const u = { ...unit('a', null), validFrom: '2025-07-01', validTo: '2026-06-30' };
    expect(['2025-06-30', '2025-07-01', '2026-06-30', '2026-07-01'].map((day) => inForce(u, day))).toEqual([false, true, true, false]);
  });
});
