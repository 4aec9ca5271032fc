import { expect, test } from 'vitest';

import { entityOf } from './entity';

test('fields name what they hold', () => {
  expect(entityOf('host', 'web01')).toBe('host');
  expect(entityOf('TargetUserName', 'SYT\\an')).toBe('user');
  expect(entityOf('IpAddress', '2001:db8::1')).toBe('address');
  expect(entityOf('CommandLine', 'cmd /c dir')).toBeUndefined();
});

test('what names no one is no entity', () => {
  expect(entityOf('user', '-')).toBeUndefined();
  expect(entityOf('host', ' ')).toBeUndefined();
});
