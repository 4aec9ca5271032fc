import { describe, expect, it } from 'vitest';

import { indicatorsText, productsText, readCves, readIndicators, readProducts, typeOf } from './facts';

describe('what an official types', () => {
  it.each([
    ['203[.]0.113.9', 'ipv4-addr'],
    ['2001:db8::1', 'ipv6-addr'],
    ['evil.example', 'domain-name'],
    ['hxxps://evil[.]example/a', 'url'],
    ['a@evil.example', 'email-addr'],
    ['d41d8cd98f00b204e9800998ecf8427e', 'file-hash'],
    ['invoice.exe', 'file-name'],
    ['HKLM\\Run\\x', 'other'],
  ])('knows what %s is', (value, type) => {
    expect(typeOf(value)).toBe(type);
  });

  it('reads back what it writes', () => {
    const indicators = readIndicators('203.0.113.9\n\nuser-agent: curl/8\nevil.example');
    expect(indicators).toEqual([
      { type: 'ipv4-addr', value: '203.0.113.9' },
      { type: 'user-agent', value: 'curl/8' },
      { type: 'domain-name', value: 'evil.example' },
    ]);
    expect(readIndicators(indicatorsText(indicators))).toEqual(indicators);
    const products = readProducts('Microsoft | Exchange Server | < 15.2 | cpe:2.3:a:microsoft:exchange_server:2019\nnginx');
    expect(products).toEqual([
      { vendor: 'Microsoft', name: 'Exchange Server', versions: '< 15.2', cpe: 'cpe:2.3:a:microsoft:exchange_server:2019' },
      { vendor: '', name: 'nginx' },
    ]);
    expect(readProducts(productsText(products))).toEqual(products);
    expect(readCves('CVE-2026-1234, cve-2026-9')).toEqual(['CVE-2026-1234', 'cve-2026-9']);
  });
});
