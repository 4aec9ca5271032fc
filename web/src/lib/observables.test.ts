import { describe, expect, it } from 'vitest';

import { defang, readObservables } from './observables';

describe('pasted observables', () => {
  it('are recognised by their shape, in safe spellings too', () => {
    const text = ['198.51.100[.]7', 'hxxps://xau.example[.]com/a.php?x=1', 'XAU.example.com', '2001:db8::1', 'd41d8cd98f00b204e9800998ecf8427e', 'lua[@]xau.example', 'HKLM\\Software\\Run', 'cap-nhat.exe', 'nguyenvana'].join('\n');
    expect(readObservables(text)).toEqual([
      { type: 'ipv4-addr', value: '198.51.100.7' },
      { type: 'url', value: 'https://xau.example.com/a.php?x=1' },
      { type: 'domain-name', value: 'xau.example.com' },
      { type: 'ipv6-addr', value: '2001:db8::1' },
      { type: 'file-hash', value: 'd41d8cd98f00b204e9800998ecf8427e' },
      { type: 'email-addr', value: 'lua@xau.example' },
      { type: 'windows-registry-key', value: 'HKLM\\Software\\Run' },
      { type: 'file-name', value: 'cap-nhat.exe' },
      { type: 'other', value: 'nguyenvana' },
    ]);
  });

  it('count once, and an address that cannot be is none', () => {
    expect(readObservables(' 10.0.0.1 \n10.0.0.1\n\n256.1.1.1').map((one) => one.type)).toEqual(['ipv4-addr', 'other']);
  });

  it('go out in a spelling nobody clicks', () => {
    expect(defang({ type: 'url', value: 'https://xau.example.com/a' })).toBe('hxxps://xau[.]example[.]com/a');
    expect(defang({ type: 'user-account', value: 'a.b' })).toBe('a.b');
  });
});
