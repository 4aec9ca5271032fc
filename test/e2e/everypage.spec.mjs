// What holds on every page of the console, asked of every route the router has, in
// both themes, languages and widths: WCAG 2.2 AA, nothing wider than the screen,
// no error in the console, nothing fetched from another host, and every word in
// the language that was chosen. A new route is covered without writing a test.
// Runs after console.spec.mjs, which has set the password.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';

import { accessible, open, routes, settled, signIn, skip, url } from './browser.mjs';

let browser;
let page;
let problems = [];

before(async () => {
  if (skip) return;
  ({ browser, page, problems } = await open());
  await signIn(page, '/');
  // Before, the console asks who is signed in, and nobody is.
  page.on('console', (message) => {
    if (message.type() === 'error') problems.push(`${new URL(page.url()).pathname}: ${message.text()}`);
  });
});

after(async () => {
  await browser?.close();
});

/** The addresses of the router; $id is an object there is. */
async function addresses() {
  const paths = routes();
  const first = await page.evaluate(async () => {
    const ask = async (path) => (await (await fetch(`/api/v1${path}`)).json()).items?.[0]?.id;
    const token = async () => {
      const body = JSON.stringify({ name: 'everypage', unit: 'trung-tam', scope: 'ingest' });
      return (await (await fetch('/api/v1/tokens', { method: 'POST', headers: { 'Content-Type': 'application/json' }, body })).json()).id;
    };
    const made = async (path, body, type = 'application/json') => {
      const answer = await fetch(`/api/v1${path}`, { method: 'POST', headers: { 'Content-Type': type }, body: type === 'application/json' ? JSON.stringify(body) : body });
      return (await answer.json()).id;
    };
    const day = (n) => new Date(Date.now() + n * 86_400_000).toISOString();
    const drill = () =>
      made('/drills', { name: 'Everypage', scenario: '', units: ['trung-tam'], from: day(0), to: day(1), goals: { detect: 10, acknowledge: 0, contain: 0, recover: 0 } });
    const warning = () =>
      made('/warnings', {
        facts: {
          title: 'Everypage', kind: 'malware', severity: 'high', tlp: 'AMBER', grade: { source: 'Everypage', reliability: 'A', credibility: 1 },
          text: { content: 'x', impact: 'x', check: 'x', measures: 'x', deadline: 'x' }, products: [], cves: [], query: '', ackHours: 1, fixHours: 2, watchHours: 3,
          reference: '', indicators: [], choice: { all: false, kinds: [], under: [], software: false, indicators: false, days: 1 },
        },
      });
    const advisory = async () => {
      const kev = { catalogVersion: '1', dateReleased: '2026-05-07T14:00:12Z', vulnerabilities: [
        { cveID: 'CVE-2026-10007', vendorProject: 'Example Networks', product: 'Gate OS', vulnerabilityName: 'Example', dateAdded: '2026-05-07', dueDate: '2026-05-28' },
      ] };
      await made('/advisories/import?name=kev.json', JSON.stringify(kev), 'application/octet-stream');
      return 'CVE-2026-10007';
    };
    const incident = async () => {
      const facts = { title: 'Everypage', unit: 'trung-tam', severity: 'low', category: 'vn-a-ransomware', grave: true, detectedAt: new Date().toISOString() };
      const body = JSON.stringify({ origin: 'manual', facts });
      return (await (await fetch('/api/v1/incidents', { method: 'POST', headers: { 'Content-Type': 'application/json' }, body })).json()).id;
    };
    const system = () =>
      made('/systems', {
        name: 'Everypage', purpose: '', serves: '', type: 'public', unit: 'trung-tam', operatorUnit: '', extent: '', scale: '', zones: [], domains: [], services: [], dataCentre: '', staff: [],
        operator: { name: '', mandate: '', head: '', title: '', address: '', phone: '', mail: '' }, data: { basic: 0, sensitive: 0, important: false, core: false, secret: false },
        regulation: { number: '', date: '', issuer: '' }, deployment: 'none', plannedApproval: '', plannedDeployment: '', critical: false, transition: 'none',
      });
    const finding = async () => {
      const result = { 'template-id': 'x', info: { name: 'Everypage', severity: 'low' }, host: 'https://everypage.example.vn' };
      await made('/vulnerability-imports?unit=trung-tam&name=x.jsonl', JSON.stringify(result), 'application/octet-stream');
      return ask('/vulnerability-findings?q=everypage');
    };
    const of = (await ask('/systems')) ?? (await system());
    const visit = () =>
      made('/inspections', {
        unit: 'trung-tam', kind: 'inspection', box: '', title: 'Everypage', systems: [], scheduled: true, afterIncident: false, emergency: '', startsAt: day(10), endsAt: day(11),
        team: [], assessor: '', monitor: '', devices: [], minutes: '',
      });
    const case1 = (await ask('/incidents?limit=1')) ?? (await incident());
    const warned = (await ask('/warnings?limit=1')) ?? (await warning());
    return {
      '/incidents': case1,
      '/documents': (await ask('/documents?limit=1')) ?? (await made('/documents', { template: 'initial-notice', subjectKind: 'incident', subject: case1 })),
      '/drills': (await ask('/drills')) ?? (await drill()),
      '/advisories': await advisory(),
      '/vulnerabilities': (await ask('/vulnerability-findings')) ?? (await finding()),
      '/warnings': warned,
      '/systems': of,
      '/dossiers': (await ask('/dossiers')) ?? (await made('/dossiers', { system: of, reason: 'Everypage' })),
      '/inspections': (await ask('/inspections')) ?? (await visit()),
      '/alerts': await ask('/alerts?limit=1'),
      '/rules': await ask('/rules?limit=1'),
      '/dashboards': await ask('/dashboards'),
      '/admin/users': await ask('/users'),
      '/admin/tokens': (await ask('/tokens')) ?? (await token()),
    };
  });
  // A unit's copy needs a published warning and somebody of the unit: warnings.spec.mjs looks at it.
  return paths.filter((path) => path !== '/warnings/$id/$of').map((path) => {
    if (!path.includes('$')) return path;
    if (path === '/entities/$type/$value') return '/entities/host/web-e2e';
    const id = first[path.replace(/\/\$\w+$/, '')];
    assert.ok(id, `${path}: say here which object its page is looked at with`);
    return path.replace(/\$\w+/, encodeURIComponent(id));
  });
}

/** The words of a language, all catalogues together: by key, and those without a gap. */
function catalogue(language) {
  const folder = new URL('../../web/src/i18n/', import.meta.url);
  const keys = new Map();
  const walk = (tree, prefix) => {
    for (const [name, value] of Object.entries(tree)) {
      if (typeof value === 'string') keys.set(prefix + name, value);
      else walk(value, `${prefix}${name}.`);
    }
  };
  const read = (path) => JSON.parse(readFileSync(new URL(path, folder), 'utf8'));
  walk(read(`${language}.json`), '');
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    if (entry.isDirectory()) walk(read(`${entry.name}/${language}.json`), `${entry.name}:`);
  }
  return { keys, words: new Set([...keys.values()].filter((text) => !text.includes('{{'))) };
}

const words = { vi: catalogue('vi'), en: catalogue('en') };
const other = { vi: 'en', en: 'vi' };
const vietnamese = /[ăâđêôơưàáảãạằắẳẵặầấẩẫậèéẻẽẹềếểễệìíỉĩịòóỏõọồốổỗộờớởỡợùúủũụừứửữựỳýỷỹỵ]/i;

/** What people read or hear on the page, but what is data: code, and what somebody wrote. */
const said = () =>
  page.evaluate(() => {
    const texts = new Set();
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    for (let node = walker.nextNode(); node; node = walker.nextNode()) {
      if (!node.parentElement.closest('script,style,code,pre,textarea,.la-mono,[lang]:not(html)')) texts.add(node.textContent.trim());
    }
    for (const element of document.querySelectorAll('[aria-label],[placeholder],[data-tip],[title]')) {
      if (element.closest('[lang]:not(html)')) continue;
      for (const name of ['aria-label', 'placeholder', 'data-tip', 'title']) texts.add(element.getAttribute(name)?.trim() ?? '');
    }
    texts.delete('');
    return [...texts];
  });

/** Names that somebody gave, which are the same in both languages. */
const names = () =>
  page.evaluate(async () => {
    const ask = async (path) => (await fetch(`/api/v1${path}`)).json();
    return [(await ask('/session')).user.displayName, ...(await ask('/units')).items.map((unit) => unit.name)];
  });

/** A key instead of its words, a gap that nothing filled, or the words of the other language. */
async function wrongWords(language, given) {
  const here = words[language];
  const there = words[other[language]];
  const bare = new Set([...here.keys.keys()].map((key) => key.replace(/^\w+:/, '')).filter((key) => key.includes('.')));
  return (await said()).filter((text) => {
    if (text.includes('{{') || bare.has(text) || here.keys.has(text)) return true;
    // One word alone may be a name: a field, a host, a product.
    const sentence = language === 'en' ? vietnamese.test(text) : text.includes(' ');
    return sentence && there.words.has(text) && !here.words.has(text) && !given.includes(text);
  });
}

for (const [language, scheme, width] of [
  ['vi', 'light', 1440],
  ['en', 'dark', 1440],
  ['en', 'light', 360],
  ['vi', 'dark', 360],
]) {
  test(`every page, ${language}, ${scheme}, ${width} px`, { skip, timeout: 600_000 }, async () => {
    await page.evaluate(
      ([l, s]) => {
        localStorage.setItem('lachan.language', l);
        localStorage.setItem('lachan.scheme', s);
      },
      [language, scheme],
    );
    await page.setViewportSize({ width, height: width > 400 ? 900 : 740 });
    const given = await names();
    const found = [];
    for (const path of await addresses()) {
      await page.goto(url + path);
      await settled(page);
      assert.equal(await page.evaluate(() => document.documentElement.lang), language, path);
      // The page of parts lies in light, whatever was chosen.
      if (path !== '/style') assert.equal(await page.evaluate(() => document.documentElement.dataset.mantineColorScheme), scheme, path);
      const over = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
      if (over > 0) found.push(`${path} is ${over} px too wide`);
      for (const text of await wrongWords(language, given)) found.push(`${path}: “${text}” in ${language}`);
      await accessible(page, path).catch((error) => found.push(error.message));
    }
    assert.equal([...found, ...problems].join('\n'), '');
  });
}
