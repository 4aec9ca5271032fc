import { expect, test } from 'vitest';

import { isNetwork, readNetworks } from './networks';

test('addresses and networks of both families', () => {
  for (const good of ['10.0.0.1', '198.51.100.0/24', '0.0.0.0/0', '2001:db8::/32', '::1', 'fe80::1', '1:2:3:4:5:6:7:8', '::ffff:192.0.2.1', '2001:DB8::1/128']) {
    expect(isNetwork(good), good).toBe(true);
  }
  for (const bad of ['', '10.0.0', '10.0.0.256', '010.0.0.1', '10.0.0.0/33', '10.0.0.0/', '10.0.0.0/8/8', 'so-y-te.example', ':::', '1:2:3:4:5:6:7', '1::2::3', 'fe80::1%eth0', '2001:db8::/129', '12345::']) {
    expect(isNetwork(bad), bad).toBe(false);
  }
});

test('each wrong line is named by its number', () => {
  expect(readNetworks('10.0.0.0/8\n\n  nowhere \n192.0.2.1')).toEqual({ networks: ['10.0.0.0/8', '192.0.2.1'], wrong: [{ line: 3, text: 'nowhere' }] });
});
