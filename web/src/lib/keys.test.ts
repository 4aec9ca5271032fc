import { describe, expect, it } from 'vitest';

import { jumpOf, pages } from '../app/nav';
import { Sequence } from './keys';

const bindings = ['j', 'g g', 'g x'];

describe('keys', () => {
  it('two presses are one binding while they are near', () => {
    const sequence = new Sequence();
    expect(sequence.read({ key: 'g', atMs: 0 }, bindings)).toBeUndefined();
    expect(sequence.read({ key: 'x', atMs: 900 }, bindings)).toBe('g x');
    expect(sequence.read({ key: 'g', atMs: 2_000 }, bindings)).toBeUndefined();
    expect(sequence.read({ key: 'j', atMs: 4_000 }, bindings)).toBe('j');
  });

  it('what was begun ends when somebody else took the next press', () => {
    const sequence = new Sequence();
    sequence.read({ key: 'g', atMs: 0 }, bindings);
    sequence.forget();
    expect(sequence.read({ key: 'x', atMs: 200 }, bindings)).toBeUndefined();
  });

  it('every jump is of one page, and none is the top of a list', () => {
    const jumps = pages.map((page) => jumpOf(page)).filter((jump) => jump !== undefined);
    expect(new Set(jumps).size).toBe(jumps.length);
    expect(jumps).not.toContain('g g');
  });
});
