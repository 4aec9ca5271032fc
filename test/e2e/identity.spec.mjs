// Signing in with more than a password, in a real browser: a person of the centre
// sets up an authenticator app, loses it and uses a recovery code, makes a passkey
// and signs in with that alone, and ends a session elsewhere.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { accessible as check, enrolApp, open, signIn, skip, url } from './browser.mjs';

const name = `lan${process.pid}`;
const password = `song-nui-bien-troi-${process.pid}`;
// Browsers make passkeys for names, not for addresses.
const byName = url?.replace('127.0.0.1', 'localhost');

let admin;
let browser;
let page;
let problems = [];
let app;
let codes = [];
const accessible = (what) => check(page, what);

/** A page that remembers nothing, at the console's host name. */
async function fresh() {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, locale: 'vi-VN' });
  const next = await context.newPage();
  next.setDefaultTimeout(30_000);
  next.on('pageerror', (error) => problems.push(`page error: ${error.message}`));
  return next;
}

async function withPassword(on) {
  await on.goto(byName);
  await on.getByLabel('Tên đăng nhập').fill(name);
  await on.locator('input[name=password]').fill(password);
  await on.getByRole('button', { name: 'Đăng nhập', exact: true }).click();
}

const overview = (on) => on.getByRole('heading', { level: 1, name: 'Tổng quan' });

before(async () => {
  if (skip) return;
  admin = await open();
  browser = admin.browser;
  await signIn(admin.page, '/');
  const oneTime = await admin.page.evaluate(async (username) => {
    const response = await fetch('/api/v1/users', {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ username, displayName: 'Nguyễn Thị Lan', role: 'analyst', unit: 'trung-tam' }),
    });
    return (await response.json()).oneTimePassword;
  }, name);
  page = await fresh();
  await page.goto(byName);
  await page.getByLabel('Tên đăng nhập').fill(name);
  await page.locator('input[name=password]').fill(oneTime);
  await page.getByRole('button', { name: 'Đăng nhập', exact: true }).click();
  await page.locator('input[name=current-password]').fill(oneTime);
  await page.locator('input[name=new-password]').fill(password);
  await page.locator('input[name=new-password-again]').fill(password);
  await page.getByRole('button', { name: 'Lưu mật khẩu mới' }).click();
  await overview(page).waitFor();
});

after(async () => {
  await browser?.close();
});

test('an authenticator app is set up in the own account', { skip }, async () => {
  await page.getByRole('button', { name: /^Tài khoản Nguyễn Thị Lan/ }).click();
  await page.getByRole('menuitem', { name: 'Tài khoản của tôi' }).click();
  await page.getByRole('heading', { level: 1, name: 'Tài khoản của tôi' }).waitFor();
  await page.getByText('Phiên này').waitFor();
  await accessible('the own account');
  await page.getByRole('button', { name: 'Thiết lập', exact: true }).click();
  ({ app, codes } = await enrolApp(page));
  await page.getByText('Còn 10 mã chưa dùng').waitFor();
});

test('the next sign-in asks for its code, and a code counts once', { skip }, async () => {
  const other = await fresh();
  await withPassword(other);
  await other.getByRole('heading', { level: 1, name: 'Xác thực bước hai' }).waitFor();
  await check(other, 'the second step');
  const code = await app.next();
  await other.locator('input[name=code]').fill(code);
  await other.getByRole('button', { name: 'Xác nhận' }).click();
  await overview(other).waitFor();
  const again = await fresh();
  await withPassword(again);
  await again.locator('input[name=code]').fill(code);
  await again.getByRole('button', { name: 'Xác nhận' }).click();
  await again.getByRole('alert').getByText('Mã chưa đúng').waitFor();
  await again.getByRole('button', { name: /Dùng mã khôi phục/ }).click();
  await again.locator('input[name=recovery-code]').fill(codes[0]);
  await again.getByRole('button', { name: 'Xác nhận' }).click();
  await overview(again).waitFor();
  await again.context().close();
  await page.reload();
  await page.getByText('Còn 9 mã chưa dùng').waitFor();
  // The other browser is signed in still; here it is shown the door.
  await page.getByRole('button', { name: 'Kết thúc mọi phiên khác' }).click();
  await page.getByRole('button', { name: 'Kết thúc', exact: true }).first().waitFor({ state: 'detached' });
  await other.reload();
  await other.getByLabel('Tên đăng nhập').waitFor();
  await other.context().close();
});

test('a passkey is made, and signs in alone', { skip }, async () => {
  const cdp = await page.context().newCDPSession(page);
  await cdp.send('WebAuthn.enable');
  const { authenticatorId } = await cdp.send('WebAuthn.addVirtualAuthenticator', {
    options: { protocol: 'ctap2', transport: 'internal', hasResidentKey: true, hasUserVerification: true, isUserVerified: true, automaticPresenceSimulation: true },
  });
  await page.getByRole('button', { name: 'Thêm khóa truy cập' }).click();
  await page.locator('input[name=passkey-name]').fill('Máy tính cơ quan');
  await page.getByRole('button', { name: 'Tạo khóa truy cập' }).click();
  await page.locator('input[name=passkey-name]').waitFor({ state: 'detached' });
  await page.getByText('Máy tính cơ quan', { exact: true }).waitFor();
  const { credentials } = await cdp.send('WebAuthn.getCredentials', { authenticatorId });
  assert.equal(credentials.length, 1);
  await page.getByRole('button', { name: /^Tài khoản Nguyễn Thị Lan/ }).click();
  await page.getByRole('menuitem', { name: 'Đăng xuất' }).click();
  await page.getByRole('button', { name: 'Đăng nhập bằng khóa truy cập' }).click();
  await page.getByRole('heading', { level: 1, name: 'Tài khoản của tôi' }).waitFor();
  await page.getByText('khóa truy cập', { exact: false }).first().waitFor();
});

test('the page fits a phone', { skip }, async () => {
  await page.setViewportSize({ width: 360, height: 780 });
  const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  assert.equal(wide, 0);
  await accessible('the own account on a phone');
});

test('nothing broke on the way', { skip }, () => {
  assert.deepEqual(problems, []);
});
