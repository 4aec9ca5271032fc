import { describe, expect, it } from 'vitest';

import { excerpt, pieces, union } from './ranges';

const show = (value: string, ranges: { start: number; end: number }[]) =>
  pieces(value, ranges)
    .map(({ text, marked }) => (marked ? `[${text}]` : text))
    .join('');

describe('pieces', () => {
  it('mark characters, not code units', () => {
    expect(show('😀ab', [{ start: 1, end: 2 }])).toBe('😀[a]b');
    expect(show('Ngọc-ADMIN', [{ start: 5, end: 10 }])).toBe('Ngọc-[ADMIN]');
  });

  it('keep the whole value, whatever the ranges', () => {
    expect(show('abc', [])).toBe('abc');
    expect(show('', [{ start: 0, end: 3 }])).toBe('');
    expect(show('abc', [{ start: 0, end: 3 }])).toBe('[abc]');
    expect(show('abc', [{ start: 2, end: 9 }, { start: 0, end: 1 }])).toBe('[a]b[c]');
    expect(show('abcd', [{ start: 0, end: 2 }, { start: 1, end: 3 }])).toBe('[abc]d');
    expect(show('abc', [{ start: 7, end: 9 }])).toBe('abc');
  });
});

describe('union', () => {
  it('joins what touches and drops what is empty', () => {
    expect(union([{ start: 3, end: 4 }, { start: 0, end: 1 }, { start: 1, end: 2 }, { start: 9, end: 9 }])).toEqual([
      { start: 0, end: 2 },
      { start: 3, end: 4 },
    ]);
  });
});

describe('excerpt', () => {
  const long = 'x'.repeat(500);
  const text = (value: string, ranges: { start: number; end: number }[]) =>
    excerpt(pieces(value, ranges), 100, 10)
      .map(({ text, marked }) => (marked ? `[${text}]` : text))
      .join('');

  it('leaves short values alone', () => {
    expect(text('abc', [{ start: 1, end: 2 }])).toBe('a[b]c');
  });

  it('keeps what is marked in view', () => {
    expect(text(`${long}needle${long}`, [{ start: 500, end: 506 }])).toBe(`…${'x'.repeat(10)}[needle]${'x'.repeat(10)}…`);
    expect(text(`a${long}b`, [{ start: 0, end: 1 }, { start: 501, end: 502 }])).toBe(
      `[a]${'x'.repeat(10)}…${'x'.repeat(10)}[b]`,
    );
  });

  it('cuts the end of a long value without marks', () => {
    expect(text(long, [])).toBe(`${'x'.repeat(100)}…`);
  });
});
