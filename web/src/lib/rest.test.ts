import { describe, expect, it } from 'vitest';

import type { LogEvent } from '../api/types';
import { filterOf, readAlertsParams, toView } from './alertsParams';
import { fieldText, summary } from './events';
import { distance, fold, formatBytes, formatNumber, initials, readTag } from './format';
import { pushRecent } from './history';
import { Sequence } from './keys';
import { passwordProblem } from './password';
import { readSearchParams, savedParams } from './searchParams';

describe('formats', () => {
  it('writes numbers as the language does', () => {
    expect(formatNumber(1234567, 'vi')).toBe('1.234.567');
    expect(formatNumber(1234567, 'en')).toBe('1,234,567');
    expect(formatNumber(2.345, 'vi')).toBe('2,3');
  });
  it('writes sizes', () => {
    expect(formatBytes(512, 'en')).toBe('512 B');
    expect(formatBytes(5 * 2 ** 30, 'en')).toBe('5 GB');
  });
  it('measures distances and never goes below zero', () => {
    expect(distance(0, 59_000)).toEqual({ unit: 'second', count: 59 });
    expect(distance(0, 3 * 3_600_000)).toEqual({ unit: 'hour', count: 3 });
    expect(distance(1_000, 0)).toEqual({ unit: 'second', count: 0 });
  });
  it('finds Vietnamese without accents', () => {
    expect(fold('Đăng nhập thất bại')).toBe('dang nhap that bai');
  });
  it('reads ATT&CK tags', () => {
    expect(readTag('attack.t1110.001')).toEqual({ kind: 'technique', label: 'T1110.001' });
    expect(readTag('attack.credential-access')).toEqual({ kind: 'tactic', label: 'credential access' });
    expect(readTag('cve.2021-44228').kind).toBe('other');
  });
  it('shortens names', () => {
    expect(initials('Nguyễn Văn An')).toBe('NA');
    expect(initials('admin')).toBe('A');
    expect(initials('')).toBe('');
  });
});

describe('the address of the search page', () => {
  it('keeps what is valid and drops the rest', () => {
    expect(readSearchParams({ q: 'a', from: 'now-7d', to: 'now', order: 'up', view: 'json', cols: 'user,,user,host' })).toEqual({
      q: 'a',
      from: 'now-7d',
      view: 'json',
      cols: 'user,,user,host',
    });
    expect(readSearchParams({ from: 'yesterday', to: 3 })).toEqual({});
  });
  it('keeps the state of a table and of a tail', () => {
    const params = { sort: '-count', chart: 'off', tail: 'on', saved: 's1', event: 'e1', q: '| top user' };
    expect(readSearchParams(params)).toEqual(params);
    expect(savedParams(readSearchParams(params))).toEqual({ sort: '-count', chart: 'off', q: '| top user' });
  });
});

describe('the address of the queue', () => {
  it('keeps known states and levels', () => {
    expect(readAlertsParams({ status: 'closed,odd', level: 'high', sort: '-count', q: '' })).toEqual({
      status: 'closed',
      level: 'high',
      sort: '-count',
    });
    expect(readAlertsParams({ status: 'new,in_progress', sort: '-lastSeen' })).toEqual({});
  });
  it('asks for what the view is of', () => {
    expect(filterOf({})).toEqual({ status: 'new,in_progress' });
    expect(filterOf({ view: 'closed', status: 'new' })).toEqual({ status: 'closed' });
    expect(filterOf({ view: 'mine', q: 'ssh' })).toEqual({ status: 'new,in_progress', assignee: 'me', q: 'ssh' });
  });
  it('takes to another view what narrows, not what is open', () => {
    expect(toView({ level: 'high', status: 'new', alert: 'a', sort: '-count', view: 'mine' }, 'unit')).toEqual({ view: 'unit', level: 'high' });
  });
});

describe('keys', () => {
  const bindings = ['j', 'g s', '?'];
  it('reads single keys and sequences', () => {
    const keys = new Sequence();
    expect(keys.read({ key: 'j', atMs: 0 }, bindings)).toBe('j');
    expect(keys.read({ key: 'g', atMs: 10 }, bindings)).toBeUndefined();
    expect(keys.read({ key: 's', atMs: 20 }, bindings)).toBe('g s');
  });
  it('forgets a sequence after a while', () => {
    const keys = new Sequence();
    keys.read({ key: 'g', atMs: 0 }, bindings);
    expect(keys.read({ key: 's', atMs: 5_000 }, bindings)).toBeUndefined();
  });
  it('lets a broken sequence still be a key', () => {
    const keys = new Sequence();
    keys.read({ key: 'g', atMs: 0 }, bindings);
    expect(keys.read({ key: 'j', atMs: 10 }, bindings)).toBe('j');
  });
});

describe('passwords', () => {
  it('says what is wrong before the server does', () => {
    expect(passwordProblem('ngắn', 'an')).toBe('short');
    expect(passwordProblem('nguyen.van.an', 'Nguyen.Van.An')).toBe('username');
    expect(passwordProblem('aaaaaaaaaaaab', 'an')).toBe('simple');
    expect(passwordProblem('rừng biển núi sông', 'an')).toBeUndefined();
  });
});

describe('history', () => {
  it('moves what is used again to the front', () => {
    expect(pushRecent(['a', 'b'], 'b')).toEqual(['b', 'a']);
    expect(pushRecent(['1', '2', '3', '4', '5', '6', '7', '8'], '9')).toHaveLength(8);
  });
});

describe('events', () => {
  const event = { raw: '<38>x', host: 'web', fields: { message: 'hello', user: ['a', 'b'] } } as unknown as LogEvent;
  it('reads fields, then the core', () => {
    expect(fieldText(event, 'user')).toBe('a, b');
    expect(fieldText(event, 'host')).toBe('web');
    expect(fieldText(event, '_host')).toBe('web');
    expect(fieldText(event, 'none')).toBe('');
  });
  it('prefers the message to the envelope', () => {
    expect(summary(event)).toBe('hello');
    expect(summary({ ...event, fields: {} })).toBe('<38>x');
  });
});
