import { expect, test } from 'vitest';

import { callReason } from '../dossiers/callReason';
import { dataInWords, daysInWords } from './historyText';

const words = { basic: (n: number) => `cơ bản: ${String(n)}`, sensitive: (n: number) => `nhạy cảm: ${String(n)}`, kind: (kind: string) => `có ${kind}`, none: 'không có' };

test('the data of a system is said in words, what has another form as it is', () => {
  expect(dataInWords('basic 0, sensitive 0, important false, core false, secret false', words)).toBe('không có');
  expect(dataInWords('basic 12, sensitive 0, important true, core false, secret true', words)).toBe('cơ bản: 12\ncó important\ncó secret');
  expect(dataInWords('basic twelve', words)).toBe('basic twelve');
});

test('days are written as people read them', () => {
  expect(daysInWords('12/QĐ · 2026-11-30 · Sở\n2027-01-02')).toBe('12/QĐ · 30/11/2026 · Sở\n02/01/2027');
  expect(daysInWords('CVE-2026-11-30, 12026-11-30, 2026-11-301')).toBe('CVE-2026-11-30, 12026-11-30, 2026-11-301');
});

test('what a level is called for names the type of system in words', () => {
  const name = (type: string) => `<${type}>`;
  expect(callReason('infrastructure Giải quyết thủ tục; Toàn tỉnh', name)).toBe('<infrastructure>: Giải quyết thủ tục; Toàn tỉnh');
  expect(callReason('internal', name)).toBe('<internal>');
  expect(callReason('SC-2026-0001: public key', name)).toBe('SC-2026-0001: public key');
  expect(callReason('publicity', name)).toBe('publicity');
});
