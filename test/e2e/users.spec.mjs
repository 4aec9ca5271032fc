// Keeping accounts, in a real browser and both languages: a person is added by the
// keyboard, found without accents, given another role (which ends what he does),
// locked out and let in again, disabled and taken back; the table of roles and the
// sign-in policy say who is concerned before anything is saved.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { accessible, adminApp, open, signIn, skip, url } from './browser.mjs';
import { api, everywhere, firstSignIn, inLanguage, stranger, wordsOf } from './people.mjs';

const mark = String(process.pid);
const department = `so-${mark}`;
const hospital = `bv-${mark}`;
const hospitalName = `Bệnh viện Đa khoa ${mark}`;

let browser;
let page;
let problems = [];

const panel = () => page.getByRole('complementary');
const rows = () => page.locator('tr[data-id]');
const row = (name) => rows().filter({ hasText: name });
const field = (name) => page.locator(`input[name="${name}"]`);
const dialog = () => page.getByRole('dialog');
const param = (name, value) => page.waitForURL((at) => at.searchParams.get(name) === value);

before(async () => {
  if (skip) return;
  ({ browser, page, problems } = await open());
  page.setDefaultTimeout(30_000);
  await signIn(page, '/');
  await api(page, 'POST', '/units', { id: department, name: `Sở Thử nghiệm ${mark}`, kind: 'department', parent: 'trung-tam' });
  await api(page, 'POST', '/units', { id: hospital, name: hospitalName, parent: department, kind: 'subordinate' });
});

after(async () => {
  await browser?.close();
});

for (const language of ['vi', 'en']) {
  const say = wordsOf(language);
  const w = (key, values) => say(`accounts:${key}`, values);
  // A word of its own for each language, which is no part of a name.
  const tag = `${mark}${language === 'vi' ? 7 : 8}`;
  const username = `lan-${tag}`;
  const name = `Nguyễn Thị Lân ${tag}`;
  const password = `song-nui-bien-${language}-${mark}`;

  test(`${language}: an account is made by the keyboard and found without accents`, { skip }, async () => {
    await inLanguage(page, language, '/admin/users');
    await page.getByRole('heading', { level: 1, name: say('nav.users') }).waitFor();
    await rows().first().waitFor();
    await page.keyboard.press('n');
    await param('do', 'new');
    await field('username').waitFor();
    await page.waitForFunction(() => document.activeElement?.name === 'username');
    await page.keyboard.type(`Sai tên ${mark}`);
    await page.keyboard.press('Tab');
    await page.keyboard.type(name);
    await page.keyboard.press('Tab');
    await page.keyboard.type(`${username}@so.tinh.example`);
    // The hospital is found by the department above it, typed without accents.
    const unit = dialog().getByRole('combobox', { name: w('user.unit'), exact: true }).or(dialog().getByRole('textbox', { name: w('user.unit'), exact: true }));
    await unit.click();
    await unit.fill(`thu nghiem ${mark} da khoa`);
    await page.getByRole('option', { name: hospitalName }).waitFor();
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    await dialog().getByRole('button', { name: w('user.roleMay') }).click();
    await dialog().getByText(w('action.alert.triage')).waitFor();
    // What the server refuses stands at its field.
    await dialog().getByRole('button', { name: w('user.create') }).click();
    await dialog().getByText(say('accounts:code.user_bad-username.title'), { exact: false }).first().waitFor();
    await field('username').fill(username);
    await dialog().getByRole('button', { name: w('user.create') }).click();
    const secret = page.getByTestId('one-time').locator('pre');
    await secret.waitFor();
    const oneTime = (await secret.innerText()).trim();
    await page.getByRole('button', { name: w('user.copied') }).click();
    await secret.waitFor({ state: 'detached' });
    const person = await stranger(browser, problems);
    await firstSignIn(person, username, oneTime, password);
    await person.context().close();

    await page.keyboard.press('/');
    await page.keyboard.type(`nguyen thi lan ${tag}`);
    await param('q', `nguyen thi lan ${tag}`);
    await page.waitForFunction(() => document.querySelectorAll('tr[data-id]').length === 1);
    await row(name).getByText(username).waitFor();
    await page.reload();
    await row(name).waitFor();
    assert.equal(await rows().count(), 1, 'the address keeps the words');
  });

  test(`${language}: beside the list and on its own page`, { skip }, async () => {
    await page.keyboard.press('j');
    await page.keyboard.press('Enter');
    await panel().getByText(`${username}@so.tinh.example`).waitFor();
    await panel().getByRole('heading', { name: w('user.openSessions') }).waitFor();
    await page.waitForURL((at) => at.searchParams.has('id'));
    await everywhere(page, 'an account beside the list');
    await page.keyboard.press('Escape');
    await panel().waitFor({ state: 'detached' });
    await page.keyboard.press('o');
    await page.getByRole('heading', { level: 1, name: name }).waitFor();
    await page.getByText(`${username}@so.tinh.example`).waitFor();
    await everywhere(page, 'an account on its own page');
    await page.getByRole('link', { name: w('user.back') }).click();
    await row(name).waitFor();
  });

  test(`${language}: another role ends what the person does, and can be taken back`, { skip }, async () => {
    const person = await stranger(browser, problems);
    await person.goto(url);
    await person.getByLabel('Tên đăng nhập').fill(username);
    await person.locator('input[name=password]').fill(password);
    await person.getByRole('button', { name: 'Đăng nhập', exact: true }).click();
    await person.getByRole('heading', { level: 1 }).waitFor();
    await person.locator('input[name=password]').waitFor({ state: 'detached' });
    // A stream that runs for as long as it is allowed to.
    const ended = person.evaluate(async () => {
      const response = await fetch('/api/v1/live');
      const reader = response.body.getReader();
      try {
        while (!(await reader.read()).done);
      } catch {
        // Cut off: that is an end too.
      }
      return (await fetch('/api/v1/session')).status;
    });
    await inLanguage(page, language, `/admin/users?q=${encodeURIComponent(username)}`);
    await row(name).getByRole('link').click();
    await panel().getByRole('button', { name: w('user.edit') }).click();
    await dialog().getByRole('combobox', { name: w('user.role'), exact: true }).or(dialog().getByRole('textbox', { name: w('user.role'), exact: true })).click();
    await page.getByRole('option', { name: say('role.auditor'), exact: true }).click();
    await dialog().getByRole('button', { name: w('user.save') }).click();
    await dialog().waitFor({ state: 'detached' });
    assert.equal(await ended, 401, 'the stream ended, and with it the session');
    await person.context().close();
    await panel().locator('dd').filter({ hasText: say('role.auditor') }).first().waitFor();
    await page.keyboard.press('z');
    await panel().locator('dd').filter({ hasText: say('role.analyst') }).first().waitFor();
  });

  test(`${language}: who guessed wrong is locked, shown and let in again`, { skip }, async () => {
    const person = await stranger(browser, problems);
    await person.goto(url);
    for (let i = 0; i < 8; i++) {
      await person.evaluate((who) => fetch('/api/v1/session', {
        method: 'POST',
        headers: { 'Content-Type': 'application/json' },
        body: JSON.stringify({ username: who, password: 'sai' }),
      }), username);
    }
    await person.context().close();
    await inLanguage(page, language, `/admin/users?q=${encodeURIComponent(username)}`);
    await row(name).getByRole('link').click();
    await panel().getByText(w('user.failed', { count: 5 }).replace(/^5/, ''), { exact: false }).waitFor();
    await panel().getByRole('button', { name: w('user.unlock') }).click();
    await panel().getByRole('button', { name: w('user.unlock') }).waitFor({ state: 'detached' });
  });

  test(`${language}: disabled together with others, and all taken back at once`, { skip }, async () => {
    const more = `Trần Văn Minh ${tag}`;
    await api(page, 'POST', '/users', { username: `minh-${tag}`, displayName: more, role: 'auditor', unit: department });
    await inLanguage(page, language, `/admin/users?q=${tag}`);
    await page.waitForFunction(() => document.querySelectorAll('tr[data-id]').length === 2);
    await page.keyboard.press('j');
    await page.keyboard.press('x');
    await page.keyboard.press('j');
    await page.keyboard.press('X');
    await page.getByRole('button', { name: w('user.disable'), exact: true }).click();
    await dialog().getByText(more, { exact: false }).waitFor();
    await dialog().getByRole('button', { name: w('user.disable'), exact: true }).click();
    await dialog().waitFor({ state: 'detached' });
    await rows().filter({ hasText: w('user.states.disabled') }).nth(1).waitFor();
    const chip = page.getByRole('button', { name: new RegExp(`^${w('user.states.disabled')}`) });
    await chip.click();
    await param('state', 'disabled');
    assert.equal(await rows().count(), 2);
    await page.keyboard.press('z');
    await page.waitForFunction(() => document.querySelectorAll('tr[data-id]').length === 0);
    await chip.click();
    await page.waitForFunction(() => document.querySelectorAll('tr[data-id]').length === 2);
  });

  test(`${language}: a new password and no factors, for who lost them`, { skip }, async () => {
    await inLanguage(page, language, `/admin/users?q=${encodeURIComponent(username)}`);
    await row(name).getByRole('link').click();
    await panel().getByRole('button', { name: w('user.reset'), exact: true }).click();
    await dialog().getByRole('button', { name: w('user.resetDo') }).click();
    const secret = page.getByTestId('one-time').locator('pre');
    await secret.waitFor();
    assert.match(await secret.innerText(), /^[a-z0-9]{5}(-[a-z0-9]{5}){3}\s*$/);
    await page.keyboard.press('Escape');
    assert.equal(await secret.count(), 1, 'a secret is not lost by a key pressed in passing');
    await page.getByRole('button', { name: w('user.copied') }).click();
    await secret.waitFor({ state: 'detached' });
  });

  test(`${language}: the table of roles says what each may do`, { skip }, async () => {
    await inLanguage(page, language, '/admin/roles');
    const table = page.getByRole('table');
    const line = table.getByRole('row').filter({ hasText: 'signin.policy' });
    await line.waitFor();
    assert.equal(await line.getByRole('img', { name: w('role.may') }).count(), 1, 'administrators alone set the policy');
    await page.getByPlaceholder(w('role.find')).fill(language === 'vi' ? 'ngoai le' : 'exclusions');
    await line.waitFor({ state: 'detached' });
    await table.getByText('exclusion.approve').waitFor();
    await page.goto(`${url}/admin/roles?role=appraiser`);
    await table.getByText('unit.read').waitFor();
    assert.equal(await table.getByText('event.read').count(), 0);
    await everywhere(page, 'the table of roles');
  });

  test(`${language}: the policy says who is concerned before it is saved`, { skip }, async () => {
    await inLanguage(page, language, '/admin/policy');
    await page.getByRole('heading', { level: 1, name: w('policy.title') }).waitFor();
    const box = (role) => page.getByRole('checkbox', { name: say(`role.${role}`), exact: true });
    assert.ok(await box('administrator').isDisabled());
    assert.ok(await box('administrator').isChecked());
    await page.getByText(w('policy.bg.none'), { exact: true }).waitFor();
    await page.getByText(w('policy.ssoNone')).waitFor();
    await box('auditor').focus();
    await page.keyboard.press('Space');
    await page.getByRole('status').filter({ hasText: w('policy.changed') }).waitFor();
    await page.getByRole('button', { name: w('policy.save') }).click();
    await dialog().getByText(`Trần Văn Minh ${tag}`, { exact: false }).waitFor();
    await dialog().getByRole('button', { name: w('policy.save') }).click();
    await dialog().waitFor({ state: 'detached' });
    assert.deepEqual((await api(page, 'GET', '/sign-in-policy')).factorRoles, ['auditor']);
    await page.keyboard.press('z');
    await page.waitForFunction(async () => (await (await fetch('/api/v1/sign-in-policy')).json()).factorRoles.length === 0);
    await page.waitForFunction(() => [...document.querySelectorAll('input[type=checkbox]')].filter((one) => one.checked).length === 1);
    await everywhere(page, 'the sign-in policy');
  });
}

test('who showed the factor long ago is asked again, and what was begun goes on', { skip }, async () => {
  const say = wordsOf('vi');
  await inLanguage(page, 'vi', '/admin/policy');
  // As the server answers a quarter of an hour later.
  await page.route('**/api/v1/sign-in-policy', (route) =>
    route.request().method() === 'PUT'
      ? route.fulfill({ status: 403, contentType: 'application/problem+json', json: { status: 403, code: 'session.confirm-first' } })
      : route.continue(),
  );
  await page.getByRole('checkbox', { name: say('role.leader'), exact: true }).check();
  await page.getByRole('button', { name: say('accounts:policy.save') }).click();
  await dialog().getByRole('button', { name: say('accounts:policy.save') }).click();
  const code = page.locator('input[name=code]');
  await code.waitFor();
  await accessible(page, 'being asked again who it is');
  await page.unroute('**/api/v1/sign-in-policy');
  await code.fill(await adminApp.next());
  await page.getByRole('button', { name: say('identity:factor.submit') }).click();
  await dialog().first().waitFor({ state: 'detached' });
  await page.waitForFunction(async () => (await (await fetch('/api/v1/sign-in-policy')).json()).factorRoles.includes('leader'));
  await api(page, 'PUT', '/sign-in-policy', { factorRoles: [] });
});

test('the server that does not answer is told of, and asked again', { skip }, async () => {
  await inLanguage(page, 'vi', '/');
  await page.route('**/api/v1/users', (route) => route.abort());
  await page.goto(`${url}/admin/users`);
  await page.getByRole('alert').waitFor();
  await page.unroute('**/api/v1/users');
  await page.getByRole('alert').getByRole('button', { name: 'Thử lại' }).click();
  await rows().first().waitFor();
});

test('nothing broke on the way', { skip }, () => {
  assert.deepEqual(problems, []);
});
