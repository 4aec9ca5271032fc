import { describe, expect, it } from 'vitest';

import type { Widget, WidgetKind } from '../api/boardQueries';
import { add, begin, change, differs, mostWidgets, moveBy, moveTo, redo, remove, step, undo } from './boardLayout';

const widget = (id: string): Widget => ({ id, kind: 'open-alerts', w: 3, h: 2 });
const list = ['a', 'b', 'c'].map(widget);
const ids = (widgets: readonly Widget[]) => widgets.map((w) => w.id).join('');
const kind: WidgetKind = { id: 'top-rules', name: { vi: '', en: '' }, about: { vi: '', en: '' }, form: 'bars', w: 6, h: 2, limit: 10, levels: false, now: false, may: true };

describe('a layout', () => {
  it('moves a figure, never past the ends', () => {
    expect(ids(moveBy(list, 'a', 1))).toBe('bac');
    expect(ids(moveBy(list, 'c', 1))).toBe('abc');
    expect(ids(moveBy(list, 'a', -1))).toBe('abc');
    expect(ids(moveTo(list, 'c', 0))).toBe('cab');
  });
  it('keeps sizes that can be shown', () => {
    expect(change(list, 'b', { w: 40, h: 0 })[1]).toMatchObject({ w: 12, h: 1 });
    expect(change(list, 'b', { w: 5 })[1]).toMatchObject({ w: 5, h: 2 });
  });
  it('adds a figure with a name of its own, up to the most', () => {
    const two = add(add([], kind), kind);
    expect(two.map((w) => w.id)).toEqual(['top-rules-1', 'top-rules-2']);
    let many: Widget[] = [];
    for (let i = 0; i < mostWidgets + 3; i++) many = add(many, kind);
    expect(many).toHaveLength(mostWidgets);
  });
});

describe('the way back', () => {
  it('takes each step back and does it again', () => {
    let steps = step(step(begin(list), remove(list, 'b')), [widget('c')]);
    expect(ids(steps.now)).toBe('c');
    steps = undo(steps);
    expect(ids(steps.now)).toBe('ac');
    steps = undo(undo(steps));
    expect(ids(steps.now)).toBe('abc');
    expect(differs(steps, list)).toBe(false);
    expect(ids(redo(redo(redo(steps))).now)).toBe('c');
  });
  it('knows no step that changes nothing, and forgets what was undone', () => {
    const steps = step(begin(list), moveBy(list, 'a', -1));
    expect(steps.past).toHaveLength(0);
    expect(step(undo(step(begin(list), [])), [widget('z')]).future).toHaveLength(0);
  });
});
