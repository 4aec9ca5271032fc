// Single sign-on, in a real browser: a node of its own and an OpenID Connect
// provider that is another site. Whom nobody linked is refused and told what to tell;
// an administrator makes the link; the person signs in without a password of this
// house; untying it ends the session. Needs the node's binary (LACHAN_BIN) and Go,
// which builds the provider.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';

import { accessible, enrolApp, open, skip as noBrowser } from './browser.mjs';
import { wordsOf } from './people.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));
const binary = path.resolve(root, process.env.LACHAN_BIN ?? 'bin/lachan');
const skip = noBrowser || (existsSync(binary) ? false : `there is no ${binary}`);
const mark = String(process.pid);
const password = `mua-xuan-hoa-no-${mark}`;
const say = wordsOf('vi');
const w = (key, values) => say(`accounts:${key}`, values);

let folder;
let running = [];
let issuer = '';
let console_ = '';
let browser;
let admin;
let person;
let subject = '';

const freePort = () =>
  new Promise((resolve, reject) => {
    const server = net.createServer().once('error', reject).listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });

/** Starts a program and waits for a line of its output. */
function start(command, args, line) {
  const child = spawn(command, args, { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] });
  running.push(child);
  return new Promise((resolve, reject) => {
    let out = '';
    let errors = '';
    child.stderr.on('data', (text) => (errors = (errors + text).slice(-4_000)));
    child.stdout.on('data', (text) => {
      out += text;
      const found = line.exec(out);
      if (found) resolve(found[1]);
    });
    child.on('error', reject);
    child.on('exit', (code) => {
      reject(new Error(`${command} ended with ${code}: ${errors}`));
    });
  });
}

/** Ends what was started, and waits for it. */
const end = (child) =>
  new Promise((resolve) => {
    if (child.exitCode !== null || child.signalCode !== null) return resolve();
    child.removeAllListeners('exit');
    child.once('exit', resolve);
    child.kill('SIGTERM');
  });

before(
  async () => {
    if (skip) return;
    folder = mkdtempSync(path.join(tmpdir(), 'lachan-sso-'));
    const port = await freePort();
    console_ = `http://127.0.0.1:${port}`;
    const provider = path.join(folder, 'provider');
    const build = spawn('go', ['build', '-tags', 'e2e', '-o', provider, './test/e2e/provider'], { cwd: root, stdio: 'inherit' });
    assert.equal(await new Promise((resolve, reject) => build.once('exit', resolve).once('error', reject)), 0, 'the provider could not be built');
    issuer = await start(provider, ['-redirect', `${console_}/sso/callback`], /^(http:\S+)$/m);
    writeFileSync(path.join(folder, 'secret'), 'secret\n');
    writeFileSync(
      path.join(folder, 'lachan.yml'),
      `http: {listen: '127.0.0.1:${port}'}\nidentity:\n  oidc:\n    issuer: ${issuer}\n    clientId: lachan\n    clientSecretFile: ${folder}/secret\n    name: SSO thử nghiệm\n    redirectUrl: ${console_}/sso/callback\n`,
    );
    const oneTime = await start(binary, ['serve', '--data', path.join(folder, 'data'), '--config', path.join(folder, 'lachan.yml')], /one-time password: +(\S+)/);
    ({ browser, page: admin } = await open());
    admin.setDefaultTimeout(30_000);
    await admin.goto(console_);
    await admin.getByLabel('Tên đăng nhập').fill('admin');
    await admin.locator('input[name=password]').fill(oneTime);
    await admin.getByRole('button', { name: 'Đăng nhập', exact: true }).click();
    await admin.locator('input[name=current-password]').fill(oneTime);
    await admin.locator('input[name=new-password]').fill(password);
    await admin.locator('input[name=new-password-again]').fill(password);
    await admin.getByRole('button', { name: 'Lưu mật khẩu mới' }).click();
    await enrolApp(admin);
    await admin.getByRole('heading', { level: 1, name: 'Tổng quan' }).waitFor();
    const status = await admin.evaluate(async (username) => {
      const response = await fetch('/api/v1/users', {
        method: 'POST',
        headers: { 'Content-Type': 'application/json' },
        body: JSON.stringify({ username, displayName: 'Đỗ Minh Châu', role: 'analyst', unit: 'trung-tam' }),
      });
      return response.status;
    }, `chau-${mark}`);
    assert.equal(status, 200);
    const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, locale: 'vi-VN' });
    person = await context.newPage();
    person.setDefaultTimeout(30_000);
  },
  { timeout: 300_000 },
);

after(async () => {
  await browser?.close();
  for (const child of running.reverse()) await end(child);
  if (folder) rmSync(folder, { recursive: true, force: true });
});

/** Signs in at the provider's own page, which opens where the console's button leads. */
async function atTheProvider() {
  await person.getByRole('link', { name: 'Đăng nhập một lần (SSO) qua SSO thử nghiệm' }).click();
  await person.waitForURL((at) => at.origin === issuer || at.searchParams.has('sso'));
  await person.locator('input[name=username]').fill('test-user2');
  await person.locator('input[name=password]').fill('verysecure');
  await person.locator('button[type=submit], input[type=submit]').first().click();
  await person.waitForURL((at) => at.origin === console_);
}

test('whom nobody linked is refused, and told what to tell an administrator', { skip, timeout: 120_000 }, async () => {
  await person.goto(`${console_}/alerts`);
  await atTheProvider();
  await person.getByRole('alert').getByText('Tài khoản SSO chưa được liên kết').waitFor();
  subject = (await person.locator('.la-mono').first().innerText()).trim();
  assert.equal(subject, 'id2');
  await accessible(person, 'the refusal at the door');
});

test('an administrator makes the link in the console', { skip, timeout: 120_000 }, async () => {
  await admin.goto(`${console_}/admin/policy`);
  await admin.getByText(issuer, { exact: true }).waitFor();
  await admin.getByText(`${console_}/sso/callback`, { exact: true }).first().waitFor();
  await admin.goto(`${console_}/admin/users?q=do%20minh%20chau`);
  await admin.locator('tr[data-id]').getByRole('link').click();
  const panel = admin.getByRole('complementary');
  await panel.getByRole('button', { name: w('user.link'), exact: true }).click();
  await admin.locator('input[name=subject]').fill(subject);
  await admin.getByRole('dialog').getByRole('button', { name: w('user.link'), exact: true }).click();
  await panel.getByText(subject, { exact: true }).waitFor();
  await accessible(admin, 'a linked account');
});

test('the person signs in by the provider, to the page that was asked for', { skip, timeout: 120_000 }, async () => {
  await person.goto(`${console_}/alerts`);
  await atTheProvider();
  await person.getByRole('heading', { level: 1, name: 'Cảnh báo' }).waitFor();
  await person.getByRole('button', { name: /^Tài khoản Đỗ Minh Châu/ }).waitFor();
  assert.equal(new URL(person.url()).pathname, '/alerts');
});

test('untying it ends the session, and the door is closed again', { skip, timeout: 120_000 }, async () => {
  const panel = admin.getByRole('complementary');
  await admin.reload();
  await panel.getByText('đăng nhập một lần', { exact: false }).first().waitFor();
  await panel.getByRole('button', { name: w('user.unlink'), exact: true }).click();
  await admin.getByRole('dialog').getByRole('button', { name: w('user.unlink'), exact: true }).click();
  await panel.getByText(w('user.ssoNone')).waitFor();
  assert.equal(await person.evaluate(async () => (await fetch('/api/v1/session')).status), 401);
});
