// The content security policy allows no style and no HTML text that the console
// did not mean: every page of the router is opened in both themes, its charts
// pointed at, its menus, dialogs, the palette and the help opened, and the browser
// has nothing to report. Runs after console.spec.mjs, which has set the password.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { open, routes, send, signIn, skip, url } from './browser.mjs';

let browser;
let page;
const violations = [];

before(async () => {
  if (skip) return;
  await send(['a', 'b'].map((letter) => ({ app: 'sshd', text: 'Failed password for root from 203.0.113.9 port 4711 ssh2', host: `csp-${letter}` })));
  let context;
  ({ browser, context, page } = await open());
  await context.exposeFunction('cspViolation', (what) => violations.push(what));
  await context.addInitScript(() => {
    document.addEventListener('securitypolicyviolation', (e) => {
      globalThis.cspViolation(`${location.pathname}: ${e.effectiveDirective} ${e.blockedURI} ${e.sourceFile}:${e.lineNumber} ${e.sample}`);
    });
  });
  await signIn(page, '/');
});

after(async () => {
  await browser?.close();
});

/** The addresses of the router; $id is an object there is. */
async function addresses() {
  const paths = routes();
  const first = await page.evaluate(async () => {
    const ask = async (path) => (await (await fetch(`/api/v1${path}`)).json()).items?.[0];
    return {
      alerts: (await ask('/alerts?limit=1'))?.id,
      rules: (await ask('/rules?limit=1'))?.id,
      dashboards: (await ask('/dashboards'))?.id,
      incidents: (await ask('/incidents?limit=1'))?.id,
    };
  });
  return paths.flatMap((path) => {
    if (path === '/entities/$type/$value') return ['/entities/ip/203.0.113.9'];
    if (!path.includes('$')) return [path];
    const id = first[path.split('/')[1]];
    return id === undefined ? [] : [path.replace(/\$\w+/, encodeURIComponent(id))];
  });
}

async function settled() {
  await page.getByRole('heading', { level: 1 }).first().waitFor({ timeout: 30_000 });
  await page.waitForFunction(
    () => ![...document.querySelectorAll('.mantine-Skeleton-root')].some((one) => !one.closest('.la-sheet')),
    undefined,
    { timeout: 30_000 },
  );
}

/** Two frames, so that what a press or the pointer causes is drawn. */
const drawn = () => page.evaluate(() => new Promise((next) => requestAnimationFrame(() => requestAnimationFrame(next))));

/** Points at a few places of every chart in sight. */
async function pointAtCharts() {
  let charts = 0;
  for (const canvas of await page.locator('canvas:visible').all()) {
    if (charts === 6) break;
    await canvas.scrollIntoViewIfNeeded();
    const box = await canvas.boundingBox();
    if (!box) continue;
    charts++;
    for (const part of [0.25, 0.5, 0.8]) {
      await page.mouse.move(box.x + box.width * part, box.y + box.height / 2);
      await drawn();
    }
  }
  return charts;
}

/** Opens and leaves what opens over the page: menus, pickers, dialogs. */
async function openWhatOpens() {
  const openers = page
    .locator('main [aria-haspopup]:visible, header [aria-haspopup]:visible')
    .or(page.locator('main').getByRole('button', { name: /^(Thêm|Tạo|Nhập|Lưu|Cột|Bộ lọc|Kết nối|Đề xuất)/ }));
  const count = Math.min(await openers.count(), 8);
  let opened = 0;
  for (let i = 0; i < count; i++) {
    const opener = openers.nth(i);
    // What a press has taken away or covered is no opener any more.
    await opener.click({ timeout: 3_000 }).then(
      () => opened++,
      () => {},
    );
    await drawn();
    await page.keyboard.press('Escape');
    await page.keyboard.press('Escape');
    await drawn();
  }
  return opened;
}

test('the browser does report what the policy forbids', { skip }, async () => {
  await page.evaluate(() => {
    const style = document.createElement('style');
    style.textContent = 'html { --csp-was-here: 1 }';
    document.head.append(style);
    const element = document.createElement('div');
    element.setAttribute('style', 'color: red');
    try {
      element.innerHTML = '<b>bold</b>';
    } catch {
      globalThis.htmlRefused = true;
    }
    const script = document.createElement('script');
    script.append('globalThis.cspWasHere = true');
    try {
      document.head.append(script);
    } catch {
      // Told by the report.
    }
  });
  for (const directive of [/ style-src-elem /, / style-src-attr /]) {
    const deadline = Date.now() + 30_000;
    while (!violations.some((v) => directive.test(v)) && Date.now() < deadline) await drawn();
    assert.ok(
      violations.some((v) => directive.test(v)),
      `nothing was reported for ${directive}: ${violations.join('\n')}`,
    );
  }
  const passed = await page.evaluate(() => [getComputedStyle(document.documentElement).getPropertyValue('--csp-was-here'), globalThis.cspWasHere, globalThis.htmlRefused]);
  assert.deepEqual(passed, ['', undefined, true], 'what is forbidden had an effect');
  violations.length = 0;
});

for (const scheme of ['light', 'dark']) {
  test(`no page asks for more than the policy allows, ${scheme}`, { skip, timeout: 900_000 }, async () => {
    await page.evaluate((value) => localStorage.setItem('lachan.scheme', value), scheme);
    let charts = 0;
    let opened = 0;
    for (const path of await addresses()) {
      await page.goto(url + path);
      await settled();
      charts += await pointAtCharts();
      opened += await openWhatOpens();
      // A press may have led elsewhere; that page is as good.
      await page.keyboard.press('Control+k');
      await page.getByRole('dialog').first().waitFor({ timeout: 30_000 });
      await page.keyboard.press('Escape');
    }
    assert.deepEqual(violations, []);
    assert.ok(charts > 2 && opened > 10, `only ${charts} charts were pointed at and ${opened} things opened`);
  });
}

test('the styles of the component library are in force, by the nonce of the page', { skip }, async () => {
  await page.goto(`${url}/alerts`);
  await settled();
  const seen = await page.evaluate(() => ({
    variables: getComputedStyle(document.documentElement).getPropertyValue('--mantine-scale'),
    styles: [...document.querySelectorAll('style')].map((style) => style.nonce !== '' && style.sheet !== null),
    attribute: document.querySelector('meta[property=csp-nonce]').getAttribute('nonce'),
  }));
  assert.notEqual(seen.variables, '');
  assert.ok(seen.styles.length > 0 && seen.styles.every(Boolean), JSON.stringify(seen.styles));
  assert.equal(seen.attribute, '', 'the nonce can be read from the page by a style');
  const [a, b] = await Promise.all([1, 2].map(async () => (await fetch(url)).headers.get('content-security-policy')));
  assert.notEqual(a, b, 'two answers have one nonce');
  assert.doesNotMatch(a, /unsafe/);
});
