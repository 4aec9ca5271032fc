// Live updates in several tabs: one stream at the server for all of them, another
// tab takes over when the one that has it is closed, and what is lost says so.
// Runs after console.spec.mjs, which has set the password.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { accessible, open, send, signIn, skip, url } from './browser.mjs';

let browser;
let context;
let problems = [];
const tabs = [];
const run = Date.now() % 60_000;

async function until(what, done) {
  for (const end = Date.now() + 60_000; Date.now() < end; ) {
    const found = await done();
    if (found) return found;
    await new Promise((next) => setTimeout(next, 100));
  }
  throw new Error(`${what}: not within a minute`);
}

/** How many consoles listen, as the server counts them. */
async function streams() {
  const text = await (await fetch(`${url}/metrics`)).text();
  return Number(/^lachan_live_streams (\d+)/m.exec(text)?.[1]);
}

const address = (n) => `198.19.${run >> 8}.${(run + n) & 255}`;

/** Attempts to sign in from an address of this run's own make an alert. */
const attack = (n) =>
  send(
    Array.from({ length: 12 }, (_, i) => ({
      app: 'sshd',
      text: `Failed password for root from ${address(n)} port ${41_000 + i} ssh2`,
      host: `live-${run}-${n}`,
    })),
  );

/** The notice of new alerts, which the live channel alone brings. */
const notice = (tab) => tab.getByRole('button', { name: /cảnh báo mới – bấm để hiện|new alerts? – click to show/ });

before(async () => {
  if (skip) return;
  let page;
  ({ browser, context, page, problems } = await open());
  page.setDefaultTimeout(30_000);
  await signIn(page, '/alerts');
  tabs.push(page);
});

after(async () => {
  await browser?.close();
});

test('three tabs share one stream and all of them hear of an alert', { skip }, async () => {
  for (const _ of [2, 3]) {
    const tab = await context.newPage();
    tab.setDefaultTimeout(30_000);
    await tab.goto(`${url}/alerts`);
    tabs.push(tab);
  }
  for (const tab of tabs) await tab.getByText(/sự kiện\/giây/).waitFor();
  assert.equal(await streams(), 1, 'streams at the server');
  await attack(1);
  for (const tab of tabs) await notice(tab).waitFor();
  assert.equal(await streams(), 1, 'streams at the server');
});

test('when the tab with the stream is closed another goes on', { skip }, async () => {
  await tabs.shift().close();
  await until('another stream', async () => (await streams()) === 1);
  for (const tab of tabs) {
    await notice(tab).click();
    await notice(tab).waitFor({ state: 'detached' });
  }
  await attack(2);
  for (const tab of tabs) await notice(tab).waitFor();
  assert.equal(await streams(), 1, 'streams at the server');
});

test('what is lost says so, comes back and catches up', { skip }, async () => {
  const lost = (tab) => tab.getByRole('status').filter({ hasText: 'Mất kết nối trực tiếp' });
  await context.route('**/api/v1/live*', (route) => route.abort());
  for (const tab of tabs) await tab.reload(); // whichever has the stream gives it up
  for (const tab of tabs) await lost(tab).waitFor();
  await accessible(tabs[0], 'the page without its live channel');
  await attack(3);
  await until('the third alert', async () => (await context.request.get(`${url}/api/v1/alerts?limit=20`)).text().then((text) => text.includes(address(3))));
  await context.unroute('**/api/v1/live*');
  for (const tab of tabs) {
    await lost(tab).waitFor({ state: 'detached', timeout: 60_000 });
    await tab.getByRole('cell', { name: address(3) }).first().waitFor();
  }
  await until('one stream', async () => (await streams()) === 1);
});

test('the page says it in English, too', { skip }, async () => {
  const [tab] = tabs;
  await tab.getByRole('button', { name: 'English' }).click();
  await tab.getByText(/events\/s/).waitFor();
  await context.route('**/api/v1/live*', (route) => route.abort());
  await tabs.at(-1).close();
  await tab.reload();
  await tab.getByRole('status').filter({ hasText: 'Live connection lost' }).waitFor();
  await context.unroute('**/api/v1/live*');
  await tab.getByText(/events\/s/).waitFor({ timeout: 60_000 });
  assert.deepEqual(problems, []);
});
