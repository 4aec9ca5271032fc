import { expect, test } from 'vitest';

import { linkTo, parse, text, whole, write, yes } from './address';

test('what a page is narrowed to comes back from its address', () => {
  const address = write({ q: 'mạng & máy chủ', page: 12, kev: true });
  expect(address).toBe('?q=m%E1%BA%A1ng+%26+m%C3%A1y+ch%E1%BB%A7&page=12&kev=true');
  const { q, page, kev } = parse(address);
  expect([text(q), whole(page), yes(kev)]).toEqual(['mạng & máy chủ', 12, true]);
});

test('what does not narrow stays out of the address', () => {
  expect(write({ q: '', unit: undefined, kev: false, list: [], of: null })).toBe('');
});

test.each(['0', '-1', '1.5', '1e3', 'x', '', undefined, '99999999999'])('%s is no page', (value) => {
  expect(whole(value)).toBeUndefined();
});

test.each(['false', '1', '', undefined, false])('%s is no yes', (value) => {
  expect(yes(value)).toBe(false);
});

test('an address that a link is given is taken apart, so that what stays from page to page is not written behind it', () => {
  expect(linkTo('/form-08?counter=total&year=2026')).toEqual({ to: '/form-08', search: { counter: 'total', year: '2026' } });
  expect(linkTo('/systems')).toEqual({ to: '/systems' });
});
