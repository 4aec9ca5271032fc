import { describe, expect, it } from 'vitest';

import { changedFields, disputed, emptyDraft, factsOf, merged } from './incidentDraft';

const base = { ...emptyDraft, title: 'Máy chủ văn thư bị mã hóa', severity: 'high', cause: '' };

describe('two people who edit an incident at once', () => {
  it('lose nothing where they changed different fields', () => {
    const mine = { ...base, title: 'Máy chủ văn thư và kho tệp bị mã hóa' };
    const theirs = { ...base, severity: 'critical' };
    expect(disputed(base, mine, theirs)).toEqual([]);
    expect(merged(base, mine, theirs, new Set())).toEqual({ ...base, title: mine.title, severity: 'critical' });
  });

  it('are asked where they changed the same field differently', () => {
    const mine = { ...base, title: 'A', severity: 'critical' };
    const theirs = { ...base, title: 'B', severity: 'critical' };
    expect(disputed(base, mine, theirs)).toEqual(['title']);
    expect(merged(base, mine, theirs, new Set(['title'])).title).toBe('B');
    expect(merged(base, mine, theirs, new Set()).title).toBe('A');
  });

  it('compare lists by what is in them', () => {
    const system = { name: 'Một cửa', level: 3, critical: false, military: false };
    expect(changedFields({ ...base, systems: [system] }, { ...base, systems: [{ ...system }] })).toEqual([]);
    expect(changedFields({ ...base, systems: [system] }, { ...base, systems: [] })).toEqual(['systems']);
  });
});

describe('what is sent', () => {
  it('says of a moment that was taken away that it is not known', () => {
    expect(factsOf({ ...base, containedAt: undefined }, ['containedAt', 'title'])).toEqual({ containedAt: '0001-01-01T00:00:00Z', title: base.title });
  });
});
