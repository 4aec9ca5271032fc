import { describe, expect, it } from 'vitest';

import type { Saved } from '../api/types';
import { contentOf, isBare, isUnchanged, paramsOf } from './savedSearch';

const params = { q: '| top user', from: 'now-7d', cols: '_host,user~220', sort: '-count', event: 'e1', tail: 'on' as const, saved: 'old' };

describe('a saved search', () => {
  it('keeps the search and how it is shown, not what was open in it', () => {
    expect(contentOf(params)).toEqual({
      query: '| top user',
      range: { from: 'now-7d', to: 'now' },
      columns: ['_host', 'user'],
      view: { sort: '-count', cols: '_host,user~220' },
    });
  });
  it('comes back as it was saved', () => {
    const saved = { id: 's1', ...contentOf(params) } as Saved;
    expect(paramsOf(saved)).toEqual({ q: '| top user', from: 'now-7d', cols: '_host,user~220', sort: '-count', saved: 's1' });
    expect(isUnchanged(params, saved)).toBe(true);
    expect(isUnchanged({ ...params, q: 'x' }, saved)).toBe(false);
    expect(isUnchanged({ ...params, order: 'asc' }, saved)).toBe(false);
  });
  it('drops from a stored view what the page does not know', () => {
    expect(paramsOf({ id: 's', query: '', range: { from: 'now-24h', to: 'now' }, view: { order: 'sideways', evil: {}, cols: 7 } })).toEqual({
      saved: 's',
    });
  });
  it('is asked for by an address that names nothing else', () => {
    expect(isBare({ saved: 's', cols: '_raw' })).toBe(true);
    expect(isBare({ saved: 's', q: 'x' })).toBe(false);
    expect(isBare({})).toBe(false);
  });
});
