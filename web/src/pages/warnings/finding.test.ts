import { describe, expect, test } from 'vitest';

import type { FindingDetail } from '../../api/vulnerabilityQueries';
import type { WarningFacts } from '../../api/warningQueries';
import { factsFromFinding, type FindingWords } from './finding';

const words: FindingWords = { title: (title) => `Cảnh báo: ${title}`, content: (code, title) => `Tìm thấy ${code}: ${title}`, score: (n) => `CVSS ${String(n)}`, exploited: 'Đang bị khai thác.', source: 'Quét' };
const template = {
  title: '', severity: 'high', grade: { source: '', reliability: 'B', credibility: 2 }, products: [], cves: [], reference: '',
  text: { content: '…', impact: 'Có nguy cơ.', check: 'Rà soát.', measures: '1. Cập nhật.', deadline: 'Đúng hạn.' },
  choice: { all: false, kinds: [], under: [], software: false, indicators: false, days: 30 },
} as unknown as WarningFacts;
const finding = { id: 'f1', code: 'CVE-2021-44228', title: 'Log4Shell', severity: 'critical', cvss: 10, kev: true, package: 'log4j|core', fixedIn: '2.15.0', remedy: 'Update.' } as unknown as FindingDetail;

describe('a warning written from a finding', () => {
  test('says what it is, how grave and what mends it, to the units that have it', () => {
    const f = factsFromFinding(template, finding, ['so-y-te', 'so-noi-vu', 'so-y-te'], words);
    expect([f.title, f.severity, f.reference, f.grade.source]).toEqual(['Cảnh báo: Log4Shell (CVE-2021-44228)', 'critical', 'vulnerability:f1', 'Quét']);
    expect(f.text.content).toBe('Tìm thấy CVE-2021-44228: Log4Shell\nCVSS 10\nĐang bị khai thác.');
    expect(f.text.measures).toBe('Update.\n1. Cập nhật.');
    expect(f.products).toEqual([{ vendor: '', name: 'log4j/core', versions: '< 2.15.0' }]);
    expect(f.cves).toEqual(['CVE-2021-44228']);
    expect(f.choice.under).toEqual(['so-y-te', 'so-noi-vu']);
  });
  test('what has no CVE and no package names none', () => {
    const f = factsFromFinding(template, { ...finding, code: 'nessus:1', title: 'nessus:1', severity: 'info', cvss: 0, kev: false, package: '', remedy: '' }, [], words);
    expect([f.title, f.severity, f.cves, f.products, f.text.measures]).toEqual(['Cảnh báo: nessus:1', 'high', [], [], '1. Cập nhật.']);
  });
});
