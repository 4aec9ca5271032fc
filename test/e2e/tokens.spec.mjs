// Tokens in a real browser and both languages: one is made with a role, few actions
// and networks, tried with the example the page gives, changed, taken back, and
// revoked, which counts at once.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { open, signIn, skip, url } from './browser.mjs';
import { api, everywhere, inLanguage, wordsOf } from './people.mjs';

const mark = String(process.pid);

let browser;
let page;
let problems = [];

const panel = () => page.getByRole('complementary');
const rows = () => page.locator('tr[data-id]');
const row = (name) => rows().filter({ hasText: name });
const dialog = () => page.getByRole('dialog');
const choice = (name) => dialog().getByRole('combobox', { name, exact: true }).or(dialog().getByRole('textbox', { name, exact: true }));

/** What the API answers who holds a token. */
const asks = (token, path) => fetch(`${url}/api/v1${path}`, { headers: { Authorization: `Bearer ${token}` } }).then((answer) => answer.status);

before(async () => {
  if (skip) return;
  ({ browser, page, problems } = await open());
  page.setDefaultTimeout(30_000);
  await signIn(page, '/');
});

after(async () => {
  await browser?.close();
});

for (const language of ['vi', 'en']) {
  const say = wordsOf(language);
  const w = (key, values) => say(`accounts:token.${key}`, values);
  const name = `Báo cáo tuần ${language} ${mark}`;
  let secret = '';

  test(`${language}: a token for the API is made, each wrong address named`, { skip }, async () => {
    await inLanguage(page, language, '/admin/tokens');
    await page.getByRole('heading', { level: 1, name: say('nav.tokens') }).waitFor();
    await page.getByRole('button', { name: w('new'), exact: true }).first().waitFor();
    await page.keyboard.press('n');
    await dialog().getByRole('radio', { name: w('scopes.api') }).check();
    await page.locator('input[name=token-name]').fill(name);
    await choice(w('unit')).click();
    await choice(w('unit')).fill('trung tam');
    await page.getByRole('option').first().waitFor();
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    await choice(w('role')).click();
    await page.getByRole('option', { name: say('role.auditor'), exact: true }).click();
    await choice(w('actions')).click();
    await choice(w('actions')).fill('alert.read');
    await page.getByRole('option', { name: say('accounts:action.alert.read') }).click();
    await page.keyboard.press('Escape');
    const networks = page.locator('textarea[name=networks]');
    await networks.fill('127.0.0.0/8\nso-y-te');
    await dialog().getByText(w('networkWrong', { line: 2, text: 'so-y-te' })).waitFor();
    assert.ok(await dialog().getByRole('button', { name: w('create') }).isDisabled());
    await networks.fill('127.0.0.0/8\n2001:db8::/32');
    await page.locator('input[name=days]').fill('5');
    await dialog().getByRole('button', { name: w('create') }).click();
    const shown = page.getByTestId('token-secret').locator('pre');
    await shown.waitFor();
    secret = (await shown.innerText()).trim();
    assert.match(secret, /^lc_[a-z0-9]+$/);
    await dialog().getByText(`Bearer ${secret}`, { exact: false }).waitFor();
    await page.keyboard.press('Escape');
    assert.equal(await shown.count(), 1, 'a secret is not lost by a key pressed in passing');
    await page.getByRole('button', { name: w('stored') }).click();
    await shown.waitFor({ state: 'detached' });
    assert.equal(await asks(secret, '/alerts?limit=1'), 200);
    assert.equal(await asks(secret, '/rules?limit=1'), 403, 'only what it was given');
  });

  test(`${language}: it is near its end, and where it was used is shown`, { skip }, async () => {
    await inLanguage(page, language, `/admin/tokens?state=expiring&q=${encodeURIComponent(`bao cao ${language} ${mark}`)}`);
    await row(name).getByText(w('states.expiring'), { exact: false }).waitFor();
    await row(name).getByRole('link').click();
    await panel().getByText(w('from', { address: '127.0.0.1' })).waitFor();
    await panel().getByText('2001:db8::/32').waitFor();
    await panel().getByText(say('accounts:action.alert.read')).waitFor();
    await everywhere(page, 'a token beside the list');
  });

  test(`${language}: changed, which counts at once, and taken back`, { skip }, async () => {
    await panel().getByRole('button', { name: w('edit'), exact: true }).click();
    await page.locator('textarea[name=networks]').fill('198.51.100.0/24');
    await page.locator('input[name=days]').fill('60');
    await dialog().getByRole('button', { name: w('save') }).click();
    await dialog().waitFor({ state: 'detached' });
    assert.equal(await asks(secret, '/alerts?limit=1'), 401, 'from an address it is not for any more');
    await page.keyboard.press('z');
    await page.waitForFunction(
      async (which) => (await (await fetch('/api/v1/tokens')).json()).items.find((one) => one.name === which).networks.length === 2,
      name,
    );
    // It is stored a moment before it is in force.
    const patience = Date.now() + 30_000;
    while ((await asks(secret, '/alerts?limit=1')) !== 200) assert.ok(Date.now() < patience, 'taken back, the token is still refused');
  });

  test(`${language}: revoked with the list's keys, which counts at once`, { skip }, async () => {
    await api(page, 'POST', '/tokens', { name: `Thiết bị ${language} ${mark}`, unit: 'trung-tam', scope: 'ingest' });
    await inLanguage(page, language, `/admin/tokens?q=${language}%20${mark}`);
    await page.waitForFunction(() => document.querySelectorAll('tr[data-id]').length === 2);
    for (const key of ['j', 'x', 'j', 'X']) await page.keyboard.press(key);
    await page.getByRole('button', { name: w('revoke'), exact: true }).click();
    await dialog().getByText(name, { exact: false }).waitFor();
    await dialog().getByRole('button', { name: w('revoke'), exact: true }).click();
    await dialog().waitFor({ state: 'detached' });
    await rows().filter({ hasText: w('states.revoked') }).nth(1).waitFor();
    assert.equal(await asks(secret, '/alerts?limit=1'), 401);
    await page.keyboard.press('o');
    await page.getByText(w('over')).waitFor();
    await everywhere(page, 'a revoked token on its own page');
  });
}

test('without a token the page says how to begin', { skip }, async () => {
  await inLanguage(page, 'vi', '/');
  await page.route('**/api/v1/tokens', (route) => route.fulfill({ json: { items: [] } }));
  await page.goto(`${url}/admin/tokens`);
  await page.getByRole('heading', { name: 'Chưa có mã nào' }).waitFor();
  await everywhere(page, 'no tokens');
  await page.unroute('**/api/v1/tokens');
});

test('nothing broke on the way', { skip }, () => {
  assert.deepEqual(problems, []);
});
