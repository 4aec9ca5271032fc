// The calendar of what falls due: a duty of a fresh incident is in it, opened from it;
// walked over by the arrow keys; another month; no month's worth of nothing. Runs after
// console.spec.mjs, which has set the password.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { accessible, open, signIn, skip, url } from './browser.mjs';
import { api } from './people.mjs';

let browser;
let page;
let problems = [];

before(async () => {
  if (skip) return;
  ({ browser, page, problems } = await open());
  await signIn(page, '/agenda');
});

after(async () => {
  await browser?.close();
});

/** The day in Vietnam so many days from now. */
const day = (n) => new Date(Date.now() + 7 * 3_600_000 + n * 86_400_000).toISOString().slice(0, 10);
const shown = (iso) => iso.split('-').reverse().join('/');

test('what the law wants of an incident is in the calendar', { skip }, async () => {
  const incident = await api(page, 'POST', '/incidents', {
    origin: 'manual',
    facts: { title: 'Mất dữ liệu cá nhân', unit: 'trung-tam', category: 'vn-a-intrusion', severity: 'high', grave: true, detectedAt: new Date().toISOString() },
  });
  let first; // duties hear of the incident a moment later
  for (let n = 0; !first && n < 100; n += 1) {
    [first] = (await api(page, 'GET', `/obligations?limit=50&q=${incident.code}`)).items;
    if (!first) await page.waitForTimeout(100);
  }
  assert.ok(first, 'the incident has a clock');
  const at = new Date(Date.parse(first.dueAt) + 7 * 3_600_000).toISOString().slice(0, 10);
  await page.goto(`${url}/agenda?month=${at.slice(0, 7)}`);
  await page.getByRole('heading', { level: 1, name: 'Lịch đến hạn' }).waitFor();
  await page.getByRole('button', { name: new RegExp(`${shown(at)}: \\d+ việc đến hạn`) }).click();
  await page.waitForURL((now) => now.searchParams.get('day') === at);
  await page.getByText(incident.code).first().waitFor();
  await accessible(page, 'the calendar');
  await page.getByRole('link', { name: first.titleVi }).first().click();
  await page.waitForURL(/\/obligations/);
  await page.goBack();
});

test('what the register awaits is in the calendar, and leads to its record', { skip }, async () => {
  const party = { name: '', mandate: '', head: '', title: '', address: '', phone: '', mail: '' };
  const system = await api(page, 'POST', '/systems', {
    name: 'Cổng lịch', purpose: '', serves: '', type: 'public', unit: 'trung-tam', operatorUnit: '', operator: party, extent: '', scale: '', zones: [], domains: [],
    services: [], data: { basic: 0, sensitive: 0, important: false, core: false, secret: false }, dataCentre: '', staff: [],
    regulation: { number: '', date: '', issuer: '' }, deployment: 'none', plannedApproval: '', plannedDeployment: '', critical: false, transition: 'none',
  });
  const at = day(9);
  await api(page, 'POST', `/systems/${system.id}/overrides`, { decider: 'Giám đốc', document: '', reason: 'Phục vụ nhân dân', until: at });
  await page.goto(`${url}/agenda?month=${at.slice(0, 7)}&day=${at}&kind=decision`);
  await page.getByRole('link', { name: 'Hết hạn quyết định cho vận hành: Cổng lịch' }).click();
  await page.waitForURL(new RegExp(`/systems/${system.id}\\?tab=layers`));
});

test('the days are walked over by the arrow keys', { skip }, async () => {
  await page.goto(`${url}/agenda?month=2031-03&day=2031-03-14`);
  const of = (iso) => page.getByRole('button', { name: new RegExp(shown(iso)) });
  await of('2031-03-14').focus();
  await page.keyboard.press('ArrowDown');
  assert.match(await page.evaluate(() => document.activeElement.getAttribute('data-day')), /2031-03-21/);
  await page.keyboard.press('ArrowLeft');
  await page.keyboard.press('Enter');
  await page.waitForURL(/day=2031-03-20/);
  await page.getByText('Ngày này không có việc nào đến hạn.').waitFor();
  await page.getByRole('button', { name: 'Xem cả tháng' }).click();
  await page.getByRole('button', { name: 'Tháng sau' }).click();
  await page.waitForURL(/month=2031-04/);
  await page.getByRole('button', { name: 'Hôm nay' }).click();
  await page.getByRole('button', { name: new RegExp(shown(day(0))) }).waitFor();
});

test('it fits a phone, in English, in the dark', { skip }, async () => {
  await page.emulateMedia({ colorScheme: 'dark' });
  await page.setViewportSize({ width: 360, height: 740 });
  await page.waitForTimeout(500); // colours fade over
  const over = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
  assert.ok(over <= 0, `${over} px too wide`);
  await accessible(page, 'the calendar at 360 px, dark');
});

test('nothing broke on the way', { skip }, () => {
  assert.deepEqual(problems, []);
});
