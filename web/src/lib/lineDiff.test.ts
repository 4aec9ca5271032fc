import { expect, test } from 'vitest';

import { lineDiff } from './lineDiff';

const signs = { same: ' ', added: '+', removed: '-' };
const shown = (a: string, b: string, around?: number) => lineDiff(a, b, around)?.map((line) => signs[line.kind] + line.text);

test('lines that changed stand with their neighbours', () => {
  expect(shown('a\nb\nc\nd', 'a\nx\nc\nd', 1)).toEqual([' a', '-b', '+x', ' c']);
  expect(shown('a', 'a\nb')).toEqual([' a', '+b']);
  expect(shown('a\nb', 'a\nb')).toEqual([]);
});

test('texts beyond reason are not compared', () => {
  expect(lineDiff('x\n'.repeat(3000), 'y\n'.repeat(3000))).toBeUndefined();
});
