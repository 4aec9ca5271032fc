import { expect, test } from 'vitest';

import type { AttackMatrix, AttackTechnique } from '../../api/attackQueries';
import { columnsOf, heatOf, step } from './grid';

const technique = (id: string, tactics: string[], more: Partial<AttackTechnique> = {}): AttackTechnique => ({
  id,
  name: `Name of ${id}`,
  nameVi: id === 'T1110' ? 'Dò mật khẩu' : '',
  tactics,
  platforms: [],
  state: 'none',
  rules: 0,
  fed: 0,
  off: 0,
  own: 0,
  level: '',
  alerts: 0,
  findings: 0,
  lastSeen: '',
  ...more,
});

const matrix = {
  tactics: ['a', 'b', 'c'].map((shortName) => ({ id: `TA-${shortName}`, shortName, name: shortName, nameVi: shortName })),
  techniques: [technique('T1001', ['a']), technique('T1110', ['a', 'c']), technique('T1110.001', ['a', 'c'])],
} as unknown as AttackMatrix;

const ids = (q?: string) => columnsOf(matrix, q).map((c) => c.cells.map((x) => x.id).join(' '));

test('a technique stands in each of its tactics, a sub-technique where it is looked for', () => {
  expect(ids()).toEqual(['T1001 T1110', '', 'T1110']);
  expect(ids('.001')).toEqual(['T1110.001', '', 'T1110.001']);
});

test('words are found without their marks', () => {
  expect(ids('do mat khau')).toEqual(['T1110', '', 'T1110']);
});

test('the arrow keys skip columns without a cell and stay inside', () => {
  const columns = columnsOf(matrix, undefined);
  expect(step(columns, { column: 0, row: 1 }, 'ArrowRight')).toEqual({ column: 2, row: 0 });
  expect(step(columns, { column: 2, row: 0 }, 'ArrowRight')).toEqual({ column: 2, row: 0 });
  expect(step(columns, { column: 0, row: 1 }, 'ArrowDown')).toEqual({ column: 0, row: 1 });
  expect(step(columns, { column: 0, row: 1 }, 'Home')).toEqual({ column: 0, row: 0 });
  expect(step(columns, { column: 0, row: 0 }, 'x')).toBeUndefined();
});

test('rules without logs give no colour of coverage', () => {
  expect(heatOf(technique('T1', [], { state: 'waiting', rules: 40 }), 'rules', 40)).toBe(0);
  expect(heatOf(technique('T1', [], { state: 'covered', rules: 40, fed: 40 }), 'rules', 40)).toBe(4);
  expect(heatOf(technique('T1', [], { alerts: 1 }), 'hits', 900)).toBe(1);
});
