import { expect, test } from 'vitest';

import { sectionsOf } from './checklist';

const group = (id: string, kinds: ('inspection' | 'device')[], item: string) => ({ id, vi: id, en: id, kinds, items: [{ id: item, article: '', vi: item, en: item }] });

test('what is asked of all comes before what is asked of each system at its level', () => {
  const systems = [
    { id: 's1', name: 'Cổng', operator: '', level: 3, asked: 3 },
    { id: 's2', name: 'Kho', operator: '', level: 1, asked: 1 },
    { name: 'Ngoài sổ', operator: '', level: 2 },
  ];
  const drawn = [3, 1].map((level) => ({ level, catalogue: 'x', title: 'TCVN', groups: [group('logs', [], `clock-${String(level)}`)] }));
  const sections = sectionsOf({ kind: 'inspection', systems, drawn }, [group('people', ['inspection'], 'trained'), group('device', ['device'], 'sealed')]);
  expect(sections.map((s) => [s.system?.name, ...s.groups.flatMap((g) => g.items.map((i) => i.id))])).toEqual([
    [undefined, 'trained'],
    ['Cổng', 's1/clock-3'],
    ['Kho', 's2/clock-1'],
  ]);
});
