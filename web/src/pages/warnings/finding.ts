// What a warning takes over of a weakness that scanners found.
import type { FindingDetail } from '../../api/vulnerabilityQueries';
import type { WarningFacts } from '../../api/warningQueries';
import { severities } from './facts';

/** The sentences around what the finding says. */
export interface FindingWords {
  title: (title: string) => string;
  content: (code: string, title: string) => string;
  score: (cvss: number) => string;
  exploited: string;
  source: string;
}

const most = { title: 200, remedy: 1_000, units: 200 };
const cut = (text: string, length: number) => {
  const letters = [...text.trim()];
  return letters.length <= length ? letters.join('') : `${letters.slice(0, length - 1).join('')}…`;
};

/** The facts of a template with what was found, for the units where it is open. */
export function factsFromFinding(template: WarningFacts, f: FindingDetail, units: readonly string[], words: FindingWords): WarningFacts {
  const named = f.title === '' || f.title === f.code ? f.code : `${f.title} (${f.code})`;
  const content = [words.content(f.code, cut(f.title, most.title)), ...(f.cvss > 0 ? [words.score(f.cvss)] : []), ...(f.kev ? [words.exploited] : [])];
  return {
    ...template,
    title: cut(words.title(named), most.title),
    severity: severities.find((s) => s === f.severity) ?? template.severity,
    grade: { ...template.grade, source: words.source },
    text: { ...template.text, content: content.join('\n'), measures: [...(f.remedy === '' ? [] : [cut(f.remedy, most.remedy)]), template.text.measures].join('\n') },
    products: f.package === '' ? [] : [{ vendor: '', name: cut(f.package.replaceAll('|', '/'), most.title), ...(f.fixedIn !== '' && { versions: `< ${cut(f.fixedIn.replaceAll('|', '/'), 100)}` }) }],
    cves: /^CVE-\d{4}-\d{4,7}$/.test(f.code) ? [f.code] : [],
    reference: `vulnerability:${f.id}`,
    choice: { ...template.choice, under: [...new Set(units)].slice(0, most.units) },
  };
}
