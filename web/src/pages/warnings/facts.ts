// What an official types, line by line, and the facts the server keeps.
import type { WarningFacts, WarningTemplate } from '../../api/warningQueries';

type Product = WarningFacts['products'][number];
type Indicator = WarningFacts['indicators'][number];

export const kinds = ['vulnerability', 'campaign', 'leak', 'malware', 'misconfiguration'] as const;
export const severities = ['critical', 'high', 'medium', 'low'] as const;
export const marks = ['CLEAR', 'GREEN', 'AMBER', 'AMBER+STRICT', 'RED'] as const;
export const parts = ['content', 'impact', 'check', 'measures', 'deadline'] as const;
const types: readonly Indicator['type'][] = ['ipv4-addr', 'ipv6-addr', 'domain-name', 'url', 'email-addr', 'file-hash', 'file-name', 'user-agent', 'other'];

const lines = (text: string) =>
  text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');

export const productsText = (list: readonly Product[]) =>
  list.map((p) => [p.vendor, p.name, p.versions ?? '', p.cpe ?? ''].join(' | ').replace(/( \| )+$/, '')).join('\n');

export const readProducts = (text: string): Product[] =>
  lines(text).map((line) => {
    const [vendor = '', name = '', versions = '', cpe = ''] = line.split('|').map((part) => part.trim());
    return { vendor: name === '' && cpe === '' ? '' : vendor, name: name === '' && cpe === '' ? vendor : name, ...(versions && { versions }), ...(cpe && { cpe }) };
  });

/** The type of an indicator as it is usually written, also with [.] and hxxp. */
export function typeOf(value: string): Indicator['type'] {
  const plain = value.replaceAll(/\[(\.|:|@)\]/g, '$1').replace(/^hxxp/i, 'http');
  if (/^\d{1,3}(\.\d{1,3}){3}$/.test(plain)) return 'ipv4-addr';
  if (/^[a-z][a-z0-9+.-]*:\/\//i.test(plain)) return 'url';
  if (/^[0-9a-f:]+:[0-9a-f:]*$/i.test(plain)) return 'ipv6-addr';
  if (/^([0-9a-f]{32}|[0-9a-f]{40}|[0-9a-f]{64}|[0-9a-f]{128})$/i.test(plain)) return 'file-hash';
  if (/^[^@\s]+@[^@\s]+$/.test(plain)) return 'email-addr';
  if (/^([a-z0-9_-]+\.)+[a-z0-9-]{2,}\.?$/i.test(plain)) return /\.(exe|dll|ps1|bat|vbs|js|docm?|xlsm?|zip|rar|lnk|iso|sh)$/i.test(plain) ? 'file-name' : 'domain-name';
  return 'other';
}

export const indicatorsText = (list: readonly Indicator[]) => list.map((i) => (typeOf(i.value) === i.type ? i.value : `${i.type}: ${i.value}`)).join('\n');

export const readIndicators = (text: string): Indicator[] =>
  lines(text).map((line) => {
    const named = types.find((type) => line.startsWith(`${type}:`));
    return named ? { type: named, value: line.slice(named.length + 1).trim() } : { type: typeOf(line), value: line };
  });

export const readCves = (text: string) => text.split(/[\s,;]+/).filter((word) => word !== '');

/** What a template begins. */
export const factsOf = (template: WarningTemplate): WarningFacts => ({
  title: template.title,
  kind: template.kind as WarningFacts['kind'],
  severity: template.severity as WarningFacts['severity'],
  tlp: template.tlp as WarningFacts['tlp'],
  grade: { source: '', reliability: 'B', credibility: 2 },
  text: template.text,
  products: [],
  cves: [],
  indicators: [],
  query: '',
  ackHours: template.ackHours,
  fixHours: template.fixHours,
  watchHours: template.watchHours,
  reference: '',
  choice: { all: false, kinds: [], under: [], software: false, indicators: false, days: 30 },
});
