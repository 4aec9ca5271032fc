// What an analyst does with alerts, in both languages: takes one, notes what is being
// checked, closes it with a reason and takes that back; closes a campaign whole; makes
// an exclusion of a false positive, after which the rule is quiet; works through the
// things of today; and all of it without a mouse. Runs after console.spec.mjs, which
// has set the password.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';

import { accessible as check, open, send, signIn, skip, url } from './browser.mjs';

const languages = ['vi', 'en'];
// Accounts of this run alone; in each language others.
const run = `${process.pid % 10_000}${Date.now() % 1_000}`;
const named = (language, what) => `${what}${language}${run}`;

/** The words of the console as its catalogues have them: say('en', 'alerts.closed', { count: 2 }). */
const catalogues = Object.fromEntries(
  languages.flatMap((language) =>
    ['', 'triage', 'kit', 'ruledetail', 'entity', 'attack'].map((name) => [
      `${language}:${name}`,
      JSON.parse(readFileSync(new URL(`../../web/src/i18n/${name ? `${name}/` : ''}${language}.json`, import.meta.url), 'utf8')),
    ]),
  ),
);
function say(language, key, values = {}) {
  const [path, name = ''] = key.split(':').reverse();
  const at = (full) => full.split('.').reduce((words, part) => words?.[part], catalogues[`${language}:${name}`]);
  const text = at(path) ?? at(`${path}_${values.count === 1 ? 'one' : 'other'}`);
  assert.equal(typeof text, 'string', `no words for ${key} in ${language}`);
  return text.replace(/\{\{(\w+)\}\}/g, (_, value) => String(values[value] ?? ''));
}
/** A pattern of words in which the values may be anything. */
const like = (language, key, values = {}) =>
  new RegExp(say(language, key, new Proxy(values, { get: (known, value) => known[value] ?? '\u0001' })).replace(/[.*+?^${}()|[\]\\]/g, '\\$&').replaceAll('\u0001', '.+'));

/** Why alerts are closed is data of the centre. */
let reasons = [];
const reason = (language, id) => reasons.find((one) => one.id === id)[language === 'vi' ? 'textVi' : 'text'];

let browser;
let page;
let problems = [];
const accessible = (name) => check(page, name);
const press = async (...keys) => {
  for (const key of keys) await page.keyboard.press(key);
};
const rows = () => page.locator('tr[data-id]');
const panel = () => page.getByRole('complementary');
const dialog = () => page.getByRole('dialog');
const button = (name, within = page) => within.getByRole('button', { name, exact: typeof name === 'string' });

/** Root shells of accounts: one rule, an alert for each account. */
const sudo = (...accounts) => send(accounts.map((account) => ({ app: 'sudo', text: `${account} : TTY=pts/0 ; PWD=/home/${account} ; USER=root ; COMMAND=/bin/bash` })));

const ask = (path) =>
  page.evaluate(async (at) => {
    const answer = await fetch(`/api/v1${at}`);
    return answer.ok ? answer.json() : Promise.reject(new Error(`${at}: ${answer.status}`));
  }, path);

/** Until the server has as many open alerts about the text. */
async function alertsOf(text, count) {
  const until = Date.now() + 60_000;
  for (;;) {
    const { total, items } = await ask(`/alerts?status=new,in_progress&q=${encodeURIComponent(text)}`);
    if (total === count) return items;
    assert.ok(Date.now() < until, `${total} alerts about ${text} instead of ${count}`);
    await new Promise((next) => setTimeout(next, 300));
  }
}

async function undone(language) {
  await button(say(language, 'action.undo')).last().click();
  await page.getByText(say(language, 'kit:undo.done')).last().waitFor();
}

async function speak(language) {
  await page.evaluate((value) => localStorage.setItem('lachan.language', value), language);
}

before(async () => {
  if (skip) return;
  ({ browser, page, problems } = await open());
  page.setDefaultTimeout(30_000);
  await signIn(page, '/alerts');
  reasons = (await ask('/alert-reasons')).items;
});

after(async () => {
  await browser?.close();
});

for (const language of languages) {
  const w = (key, values) => say(language, key, values);
  const account = named(language, 'mot');

  test(`queue: take, acknowledge with a note, close with a reason, undo (${language})`, { skip }, async () => {
    await speak(language);
    await sudo(account);
    await alertsOf(account, 1);
    await page.goto(`${url}/alerts?q=${account}`);
    await rows().filter({ hasText: account }).click();
    await page.waitForURL((at) => at.searchParams.has('alert'));
    const view = panel();
    await button(w('alerts.assignMe'), view).click();
    await page.getByText(w('triage:did.take', { count: 1 })).waitFor();
    await view.getByText(w('status.in_progress')).first().waitFor();

    await button(w('triage:note.action'), view).click();
    await button(w('triage:note.save'), dialog()).click();
    await dialog().getByText(w('triage:note.needed')).waitFor();
    await dialog().getByRole('textbox').fill('Đã gọi cho quản trị viên, chờ trả lời.');
    await accessible(`a note (${language})`);
    await button(w('triage:note.save'), dialog()).click();
    await dialog().waitFor({ state: 'detached' });
    await view.getByText('Đã gọi cho quản trị viên, chờ trả lời.').waitFor();

    await button(w('alerts.close'), view).click();
    await dialog().getByText(account).waitFor();
    await button(w('alerts.close'), dialog()).click();
    await dialog().getByText(w('alerts.chooseReason')).waitFor();
    await dialog().getByRole('radio', { name: reason(language, 'true_positive') }).check();
    await dialog().getByRole('textbox', { name: w('alerts.note') }).fill('Đã khóa tài khoản.');
    await accessible(`closing (${language})`);
    await button(w('alerts.close'), dialog()).click();
    await dialog().waitFor({ state: 'detached' });
    await page.getByText(w('triage:did.close', { count: 1 })).waitFor();
    await view.getByText(reason(language, 'true_positive')).first().waitFor();
    await alertsOf(account, 0);
    // What was open stays in view; the way back is at hand.
    await undone(language);
    const [back] = await alertsOf(account, 1);
    assert.equal(back.status, 'in_progress');
    assert.equal(back.note, 'Đã gọi cho quản trị viên, chờ trả lời.');
    await accessible(`the queue with an alert open (${language})`);
  });

  test(`the page of an alert: plain words, three checks, the machine, the timeline (${language})`, { skip }, async () => {
    const [alert] = await alertsOf(account, 1);
    await page.goto(`${url}/alerts/${alert.id}`);
    await page.getByRole('heading', { level: 1 }).waitFor();
    const checks = page.locator('section').filter({ has: page.getByRole('heading', { name: w('triage:help.checks') }) });
    await checks.getByRole('listitem').nth(2).waitFor();
    const timeline = page.locator('section').filter({ has: page.getByRole('heading', { name: w('alerts.history.title') }) });
    await timeline.getByText('Đã gọi cho quản trị viên, chờ trả lời.').first().waitFor();
    await page.getByRole('heading', { name: w('triage:similar.title') }).waitFor();
    await accessible(`an alert (${language})`);
    // What it is about has a page of its own, which leads back.
    await page.locator('dl').getByRole('link', { name: account }).click();
    await page.getByRole('heading', { level: 1, name: account }).waitFor();
    await accessible(`an account (${language})`);
    await page.goBack();
    await page.getByRole('link', { name: w('alerts.openRule') }).click();
    await page.getByRole('heading', { name: w('ruledetail:what') }).waitFor();
    await accessible(`the rule (${language})`);
    const technique = page.getByRole('link', { name: /^T\d{4}/ }).first();
    await technique.click();
    await page.waitForURL((at) => at.pathname === '/attack' && at.searchParams.has('id'));
    await panel().waitFor();
    await accessible(`a technique (${language})`);
  });

  test(`by campaign: the whole group is closed and comes back (${language})`, { skip }, async () => {
    const mark = named(language, 'nhom');
    await sudo(`${mark}a`, `${mark}b`, `${mark}c`);
    await alertsOf(mark, 3);
    await page.goto(`${url}/alerts?view=campaign&q=${mark}`);
    await rows().first().waitFor();
    assert.equal(await rows().count(), 1, 'three alerts of one rule are one campaign');
    // The keys work on groups.
    await press('j', 'Enter');
    await page.waitForURL((at) => at.searchParams.has('group'));
    await panel().getByRole('list', { name: w('triage:group.members') }).getByRole('listitem').nth(2).waitFor();
    await accessible(`a group (${language})`);
    await press('c');
    await dialog().getByText(w('triage:about.many', { count: 3 })).waitFor();
    await dialog().getByRole('radio', { name: reason(language, 'benign') }).check();
    await button(w('alerts.closeTitle', { count: 3 }), dialog()).click();
    await dialog().waitFor({ state: 'detached' });
    await page.getByText(w('triage:did.close', { count: 3 })).waitFor();
    await alertsOf(mark, 0);
    await undone(language);
    const back = await alertsOf(mark, 3);
    assert.ok(back.every((alert) => alert.status === 'new'), 'the alerts are as they were');
    // Closed for good, and found where the closed ones are.
    await page.reload();
    await rows().first().waitFor();
    await press('j', 'c');
    await dialog().getByRole('radio', { name: reason(language, 'benign') }).check();
    await press('Control+Enter');
    await dialog().waitFor({ state: 'detached' });
    await alertsOf(mark, 0);
    await page.getByRole('link', { name: w('triage:view.closed'), exact: true }).click();
    await rows().nth(2).waitFor();
    await rows().first().getByText(reason(language, 'benign')).waitFor();
  });

  test(`a false positive becomes an exclusion, and the rule is quiet (${language})`, { skip }, async () => {
    const known = named(language, 'sao');
    const other = named(language, 'khac');
    await sudo(known);
    const [alert] = await alertsOf(known, 1);
    await page.goto(`${url}/alerts/${alert.id}`);
    await page.getByRole('heading', { level: 1 }).waitFor();
    await button(w('alerts.close')).click();
    await dialog().getByRole('radio', { name: reason(language, 'false_positive') }).check();
    await dialog().getByRole('checkbox', { name: w('triage:close.exclude') }).check();
    await dialog().getByText(/30/).first().waitFor();
    await dialog().getByRole('textbox', { name: w('triage:exclude.file') }).waitFor();
    assert.match(await dialog().getByRole('textbox', { name: w('triage:exclude.file') }).inputValue(), new RegExp(known));
    assert.equal(await dialog().getByLabel(w('triage:exclude.days')).inputValue(), '30');
    await dialog().getByText(like(language, 'triage:exclude.would')).waitFor();
    await button(w('triage:close.withExclusion'), dialog()).click();
    await dialog().getByText(w('triage:close.whyHarmless')).waitFor();
    await dialog().getByRole('textbox', { name: w('triage:close.noteExclude') }).fill('Tài khoản sao lưu chạy hằng đêm.');
    await accessible(`closing with an exclusion (${language})`);
    await button(w('triage:close.withExclusion'), dialog()).click();
    await dialog().waitFor({ state: 'detached' });
    await alertsOf(known, 0);

    await page.goto(`${url}/exclusions?state=proposed&q=${known}`);
    await rows().first().click();
    await accessible(`an exclusion (${language})`);
    await button(w('triage:exclusions.approve'), panel()).click();
    await button(w('triage:exclusions.approve'), dialog()).click();
    await dialog().waitFor({ state: 'detached' });
    await page.goto(`${url}/exclusions?state=active&q=${known}`);
    await rows().first().waitFor();

    // The next time the rule is quiet about it, and only about it.
    await sudo(known, other);
    await alertsOf(other, 1);
    await alertsOf(known, 0);
    const [exclusion] = (await ask(`/exclusions?state=active&q=${known}`)).items;
    assert.equal(exclusion.hits, 1, 'what was left out is counted');
  });

  test(`today: why each thing is there, and what is done in place (${language})`, { skip }, async () => {
    await page.goto(`${url}/today`);
    await rows().first().waitFor();
    assert.ok((await rows().count()) <= 10);
    const first = rows().first();
    await first.getByRole('list', { name: w('triage:today.why', { rank: 1 }) }).getByRole('listitem').first().waitFor();
    await accessible(`today (${language})`);
    const count = (await ask('/alerts/today')).postponed;
    await press('j', 'p');
    await dialog().getByRole('radio').first().waitFor();
    await dialog().getByRole('textbox').fill('Chờ đơn vị trả lời');
    await accessible(`postponing (${language})`);
    await press('Control+Enter');
    await dialog().waitFor({ state: 'detached' });
    await page.getByText(like(language, 'triage:did.postpone')).or(page.getByText(w('triage:did.postpone', { count: 1 }))).first().waitFor();
    assert.ok((await ask('/alerts/today')).postponed > count);
    // The button of a message is not needed: z takes back the last change.
    await press('z');
    await page.getByText(w('kit:undo.done')).last().waitFor();
    assert.equal((await ask('/alerts/today')).postponed, count);
  });

  test(`nothing left to do today: what to look at next (${language})`, { skip }, async () => {
    await page.route('**/api/v1/alerts/today', (route) => route.fulfill({ json: { items: [], left: 0, postponed: 2, others: 1, done: 7, asOf: '' } }));
    await page.goto(`${url}/today`);
    await page.getByRole('heading', { name: w('triage:today.allDone') }).waitFor();
    await page.getByRole('link', { name: w('triage:next.exclusions') }).waitFor();
    await accessible(`nothing left today (${language})`);
    await page.unroute('**/api/v1/alerts/today');
  });
}

test('without a mouse: find, open, take, note, close, undo, group', { skip }, async () => {
  const language = 'vi';
  await speak(language);
  const mark = named(language, 'phim');
  await sudo(`${mark}a`, `${mark}b`);
  await alertsOf(mark, 2);
  await page.goto(`${url}/alerts`);
  await rows().first().waitFor();
  await press('/');
  await page.keyboard.type(mark);
  await page.waitForURL((at) => at.searchParams.get('q') === mark);
  await page.waitForFunction(() => document.querySelectorAll('tr[data-id]').length === 2);
  await press('Escape', 'j');
  await page.locator('tr[data-active]').waitFor();
  await press('Enter');
  await page.waitForURL((at) => at.searchParams.has('alert'));
  await panel().getByRole('heading', { level: 2 }).waitFor();
  await press('a');
  await panel().getByText(say(language, 'status.in_progress')).first().waitFor();
  await press('n');
  await dialog().getByRole('textbox').waitFor();
  await page.keyboard.type('Dang hoi quan tri vien');
  await press('Control+Enter');
  await dialog().waitFor({ state: 'detached' });
  await press('c');
  await dialog().getByRole('radio').first().waitFor();
  await press('Space', 'ArrowDown', 'ArrowDown');
  await press('Control+Enter');
  await dialog().waitFor({ state: 'detached' });
  await alertsOf(mark, 1);
  await press('z');
  await page.getByText(say(language, 'kit:undo.done')).last().waitFor();
  await alertsOf(mark, 2);
  // Two at once, then as a group.
  await press('Escape', 'g', 'g');
  await press('x', 'j', 'x');
  await page.getByText(say(language, 'kit:list.selected', { count: 2 }), { exact: true }).waitFor();
  await press('Escape', '2');
  await page.waitForURL((at) => at.searchParams.get('view') === 'campaign' && at.searchParams.get('q') === mark);
  await rows().first().waitFor();
  await press('j', 'a');
  await dialog().getByText(say(language, 'triage:about.many', { count: 2 })).waitFor();
  await press('Control+Enter');
  await dialog().waitFor({ state: 'detached' });
  const taken = await alertsOf(mark, 2);
  assert.ok(taken.every((alert) => alert.assignee?.id), 'the group is taken');
  await press('?');
  const help = page.getByRole('dialog', { name: say(language, 'help.title') });
  for (const line of ['triage:group.take', 'triage:group.close', 'triage:note.action', 'triage:today.postpone']) {
    await help.getByText(say(language, line), { exact: true }).waitFor();
  }
  await press('Escape');
});

for (const [scheme, width] of [
  ['light', 1440],
  ['dark', 1440],
  ['light', 360],
  ['dark', 360],
]) {
  test(`every page of triage with something on it, ${scheme}, ${width} px`, { skip, timeout: 300_000 }, async () => {
    await page.evaluate((value) => localStorage.setItem('lachan.scheme', value), scheme);
    await page.setViewportSize({ width, height: width > 400 ? 900 : 740 });
    const { items } = await ask('/alerts?limit=1');
    const { items: groups } = await ask('/alerts/groups?by=campaign');
    const found = [];
    for (const path of [
      '/alerts',
      '/alerts?view=mine',
      '/alerts?view=closed',
      '/alerts?view=unit',
      `/alerts?view=campaign&group=${groups[0].id}`,
      `/alerts?alert=${items[0].id}`,
      `/alerts/${items[0].id}`,
      '/today',
      '/exclusions',
    ]) {
      await page.goto(url + path);
      await page.getByRole('heading', { level: 1 }).first().waitFor({ state: 'attached' });
      await page.waitForFunction(() => !document.querySelector('.mantine-Skeleton-root'));
      const over = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
      if (over > 0) found.push(`${path} is ${over} px too wide`);
      await accessible(path).catch((error) => found.push(error.message));
    }
    assert.deepEqual(found, []);
  });
}

test('nothing foreign was asked for, nothing broke', { skip }, () => {
  assert.deepEqual(problems, []);
});
