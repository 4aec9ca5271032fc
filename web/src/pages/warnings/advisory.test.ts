import { describe, expect, test } from 'vitest';

import type { AdvisoryDetail } from '../../api/advisoryQueries';
import type { WarningFacts } from '../../api/warningQueries';
import { factsFrom, type Words } from './advisory';

const words: Words = {
  title: (title) => `Cảnh báo: ${title}`,
  content: (publisher, number) => `Theo ${publisher} ${number}:`,
  vulnerability: (id, score, text) => `- ${id} (${String(score)}): ${text}`,
  exploited: 'Đã bị khai thác.',
  reference: (url) => `Xem: ${url}`,
};

const template: WarningFacts = {
  title: 'Cảnh báo […tên]', kind: 'vulnerability', severity: 'high', tlp: 'GREEN', grade: { source: '', reliability: 'B', credibility: 2 },
  text: {
    content: 'Theo […nguồn tin]', impact: 'Có nguy cơ.\n[…tình hình khai thác trong thực tế, nếu có].', check: '1. Rà soát.\n2. Xem nhật ký: […dấu hiệu].',
    measures: '1. Cập nhật: […phiên bản].\n2. Khi chưa cập nhật được: […biện pháp].\n3. Giám sát.', deadline: 'Đúng hạn.',
  },
  products: [], cves: [], indicators: [], query: '', ackHours: 24, fixHours: 168, watchHours: 24, reference: '',
  choice: { all: false, kinds: [], under: [], software: false, indicators: false, days: 30 },
};

const advisory = {
  id: 'a1', title: 'Remote code execution', publisher: 'Example PSIRT', number: 'EX-2026-1', severity: 'critical', tlp: 'WHITE', exploited: true, summary: 'Two flaws.',
  url: 'https://example.com/a', cves: ['CVE-2026-10001'],
  vulnerabilities: [
    {
      id: 'CVE-2026-10001', title: 'Overflow', description: '', cvss: { version: '3.1', score: 9.8, severity: 'critical', vector: '' },
      products: [
        { vendor: 'Example', name: 'Gate OS', cpe: '', platform: '', versions: '< 7.2.5', default: 'affected' },
        { vendor: 'Example', name: 'Gate OS', cpe: '', platform: '', versions: '< 7.2.5', default: 'affected' },
        { vendor: 'Example', name: 'Other', cpe: '', platform: '', versions: '', default: 'unaffected' },
      ],
      remedies: [{ kind: 'vendor_fix', text: 'Update to\n7.2.5', url: '' }], references: [{ title: '', url: 'https://example.com/a' }],
    },
    { id: 'EX-NO-CVE', title: '', description: 'A flaw without a number', cvss: { version: '', score: 0, severity: '', vector: '' }, products: [], remedies: [], references: [] },
  ],
} as unknown as AdvisoryDetail;

describe('a warning written from an advisory', () => {
  const f = factsFrom(template, advisory, words);
  test('takes over title, severity, mark, source and what it was made from', () => {
    expect([f.title, f.severity, f.tlp, f.grade.source, f.reference]).toEqual(['Cảnh báo: Remote code execution', 'critical', 'CLEAR', 'Example PSIRT EX-2026-1', 'advisory:a1']);
  });
  test('names every affected product once, and only numbers of CVEs as such', () => {
    expect(f.products).toEqual([{ vendor: 'Example', name: 'Gate OS', versions: '< 7.2.5' }]);
    expect(f.cves).toEqual(['CVE-2026-10001']);
    expect(f.choice.software).toBe(true);
  });
  test('says what the advisory says', () => {
    expect(f.text.content).toBe('Theo Example PSIRT EX-2026-1:\nTwo flaws.\n- CVE-2026-10001 (9.8): Overflow\n- EX-NO-CVE (0): A flaw without a number');
    expect(f.text.impact).toBe('Có nguy cơ.\nĐã bị khai thác.');
    expect(f.text.check).toBe('1. Rà soát.\n2. Xem nhật ký.');
  });
  test('leaves the gap that only a person can fill', () => {
    expect(f.text.measures).toBe('1. Cập nhật: Update to 7.2.5.\n2. Khi chưa cập nhật được: […biện pháp].\n3. Giám sát.\nXem: https://example.com/a');
  });
});
