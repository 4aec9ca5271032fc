import { describe, expect, it } from 'vitest';

import { moveBrush, spanOf, widened } from './brush';

describe('moveBrush', () => {
  it('moves both ends, or with shift one', () => {
    expect(moveBrush({ anchor: 3, cursor: 3 }, 'ArrowRight', false, 10)).toEqual({ anchor: 4, cursor: 4 });
    expect(moveBrush({ anchor: 3, cursor: 3 }, 'ArrowLeft', true, 10)).toEqual({ anchor: 3, cursor: 2 });
    expect(spanOf({ anchor: 3, cursor: 2 })).toEqual({ first: 2, last: 3 });
  });
  it('stays inside', () => {
    expect(moveBrush({ anchor: 0, cursor: 0 }, 'ArrowLeft', false, 10)).toEqual({ anchor: 0, cursor: 0 });
    expect(moveBrush({ anchor: 2, cursor: 8 }, 'PageDown', true, 10)).toEqual({ anchor: 2, cursor: 9 });
    expect(moveBrush({ anchor: 2, cursor: 8 }, 'Home', true, 10)).toEqual({ anchor: 2, cursor: 0 });
  });
  it('leaves other keys to the page', () => {
    expect(moveBrush({ anchor: 0, cursor: 0 }, 'j', false, 10)).toBeUndefined();
  });
});

describe('widened', () => {
  it('doubles around the middle', () => {
    expect(widened(100_000, 200_000, 1e9)).toEqual({ fromMs: 50_000, toMs: 250_000 });
  });
  it('does not reach past now, but loses no length', () => {
    expect(widened(100_000, 200_000, 210_000)).toEqual({ fromMs: 10_000, toMs: 210_000 });
    expect(widened(100_000, 200_000, 150_000)).toEqual({ fromMs: 0, toMs: 200_000 });
  });
});
