import { expect, test } from 'vitest';

import { yamlTokens } from './yaml';

const shown = (line: string) => yamlTokens(line).map((x) => `${x.kind}:${x.text}`);

test('a line keeps every character', () => {
  for (const line of ["  Image|endswith: '\\cmd.exe' # why", '- attack.t1059.001', 'a#b', '', '    - "x: y"', 'level: high']) {
    expect(yamlTokens(line).map((x) => x.text).join('')).toBe(line);
  }
});

test('keys, texts and comments are told apart', () => {
  expect(shown("  Image|endswith: 'a # b' # c")).toEqual(['key:  Image|endswith', 'plain:: ', "text:'a # b'", 'plain: ', 'comment:# c']);
  expect(shown('title: a#b')).toEqual(['key:title', 'plain:: a#b']);
});
