// What a warning takes over of an advisory it is written from.
import type { AdvisoryDetail } from '../../api/advisoryQueries';
import type { WarningFacts } from '../../api/warningQueries';
import { severities } from './facts';

/** The sentences around what the advisory says. */
export interface Words {
  title: (title: string) => string;
  content: (publisher: string, number: string) => string;
  vulnerability: (id: string, score: number, text: string) => string;
  exploited: string;
  reference: (url: string) => string;
}

const most = { title: 200, text: 9_000, one: 600, products: 100, references: 5 };
const marks: Record<string, WarningFacts['tlp']> = { WHITE: 'CLEAR', CLEAR: 'CLEAR', GREEN: 'GREEN', AMBER: 'AMBER', 'AMBER+STRICT': 'AMBER+STRICT', RED: 'RED' };

const cut = (text: string, length: number) => {
  const letters = [...text.trim()];
  return letters.length <= length ? letters.join('') : `${letters.slice(0, length - 1).join('')}…`;
};
const oneLine = (text: string) => text.replaceAll(/\s+/g, ' ').trim();
const gap = /:?\s*\[(\.\.\.|…)[^\]]*\]/;
const lines = (text: string) => text.split('\n').filter((line) => line.trim() !== '');

/** A template's line without its gap; a line that is nothing else goes. */
const closed = (text: string) =>
  lines(text)
    .map((line) => line.replace(gap, ''))
    .filter((line) => line.replaceAll(/[\s.]/g, '') !== '');

function productsOf(a: AdvisoryDetail): WarningFacts['products'] {
  const seen = new Map<string, WarningFacts['products'][number]>();
  for (const p of a.vulnerabilities.flatMap((v) => v.products)) {
    // Facts are typed line by line, with | between the parts of a product.
    const [vendor, name, versions] = [p.vendor, p.name, p.versions].map((text) => cut(oneLine(text.replaceAll('|', '/')), most.title));
    const key = `${vendor ?? ''}|${name ?? ''}|${versions ?? ''}`;
    if (p.default === 'unaffected' && p.versions === '') continue;
    if (name || p.cpe) seen.set(key, { vendor: vendor ?? '', name: name ?? '', ...(versions && { versions }), ...(p.cpe && !p.cpe.includes('|') && { cpe: cut(p.cpe, most.title) }) });
  }
  return [...seen.values()].slice(0, most.products);
}

/** The facts of a template with what the advisory says; gaps only a person can fill stay. */
export function factsFrom(template: WarningFacts, a: AdvisoryDetail, words: Words): WarningFacts {
  const cves = [...new Set([...a.cves, ...a.vulnerabilities.map((v) => v.id)])].filter((id) => /^CVE-\d{4}-\d{4,7}$/.test(id)).slice(0, 100);
  const remedies = a.vulnerabilities.flatMap((v) => v.remedies);
  const toDo = (kinds: string[]) => [...new Set(remedies.filter((r) => kinds.includes(r.kind)).map((r) => oneLine(`${r.text} ${r.url}`)))].slice(0, 5).join('; ');
  const urls = [a.url, ...a.vulnerabilities.flatMap((v) => v.references.map((r) => r.url))].filter((url) => url !== '');
  const listed = a.vulnerabilities.map((v) => words.vulnerability(v.id, v.cvss.version === '' ? 0 : v.cvss.score, cut(oneLine(v.title || v.description), most.one)));
  const summary = oneLine(a.summary);
  const [patch, mitigation] = [toDo(['vendor_fix']), toDo(['mitigation', 'workaround'])];
  const measures = lines(template.text.measures).flatMap((line, i) => {
    if (!gap.test(line)) return [line];
    const said = i === 0 ? patch : mitigation;
    if (said !== '') return [line.replace(gap, `: ${said}`)];
    return i === 0 ? closed(line) : [line];
  });
  return {
    ...template,
    title: cut(words.title(a.title), most.title),
    severity: severities.find((s) => s === a.severity) ?? template.severity,
    tlp: marks[a.tlp] ?? template.tlp,
    grade: { ...template.grade, source: cut(`${a.publisher} ${a.number}`, most.title) },
    text: {
      content: cut([words.content(a.publisher, a.number), ...(summary === '' ? [] : [cut(summary, most.one)]), ...listed].join('\n'), most.text),
      impact: [...closed(template.text.impact), ...(a.exploited ? [words.exploited] : [])].join('\n'),
      check: closed(template.text.check).join('\n'),
      measures: cut([...measures, ...[...new Set(urls)].slice(0, most.references).map(words.reference)].join('\n'), most.text),
      deadline: template.text.deadline,
    },
    products: productsOf(a),
    cves,
    reference: `advisory:${a.id}`,
    choice: { ...template.choice, software: true },
  };
}
