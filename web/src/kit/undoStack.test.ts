import { describe, expect, it } from 'vitest';

import { UndoStack } from './undoStack';

const nothing = () => Promise.resolve();

describe('the changes that can be taken back', () => {
  it('are taken from the latest', () => {
    const stack = new UndoStack();
    const first = stack.push(nothing);
    const second = stack.push(nothing);
    expect(stack.last()).toBe(second);
    stack.take(second);
    expect(stack.last()).toBe(first);
  });

  it('are taken once', () => {
    const stack = new UndoStack();
    const step = stack.push(nothing);
    expect(stack.take(step)).toBe(nothing);
    expect(stack.take(step)).toBeUndefined();
    expect(stack.last()).toBeUndefined();
  });

  it('are forgotten after ten minutes', () => {
    let now = 0;
    const stack = new UndoStack(() => now);
    const step = stack.push(nothing);
    now = 10 * 60_000;
    expect(stack.last()).toBeUndefined();
    expect(stack.take(step)).toBeUndefined();
  });

  it('are not more than twenty', () => {
    const stack = new UndoStack();
    const first = stack.push(nothing);
    for (let i = 0; i < 20; i++) stack.push(nothing);
    expect(stack.take(first)).toBeUndefined();
  });
});
