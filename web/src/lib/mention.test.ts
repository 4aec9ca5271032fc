import { describe, expect, it } from 'vitest';

import { mentionAt } from './mention';

describe('the mention being typed', () => {
  it.each([
    ['nhờ @la', 7, { start: 4, typed: 'la' }],
    ['@', 1, { start: 0, typed: '' }],
    ['(@lan.anh', 9, { start: 1, typed: 'lan.anh' }],
    ['@lan xem', 8, undefined],
    ['gửi a@lan', 9, undefined],
    ['@@lan', 5, undefined],
    ['nhờ @la xem giúp', 7, { start: 4, typed: 'la' }],
    ['không có ai', 11, undefined],
  ])('%s at %d', (text, caret, want) => {
    expect(mentionAt(text, caret)).toEqual(want);
  });
});
