// The journeys whose own specs go in Vietnamese, in English from door to door:
// signing in, the frame, searching, a source, connecting a device. What a control
// is called is looked up by its Vietnamese words, so that a spec in one language
// reads like the other. Runs after console.spec.mjs, which has set the password.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';

import { accessible as check, adminApp, newPassword, open, send, skip, url } from './browser.mjs';

const host = `english-${Date.now().toString(36)}`;

let browser;
let page;
let problems = [];
const accessible = (name) => check(page, name);

/** The English of what the console, or its catalogue "name:", says in Vietnamese, gaps filled from the values. */
const english = (() => {
  const folder = new URL('../../web/src/i18n/', import.meta.url);
  const pairs = new Map();
  const walk = (vi, en, space) => {
    for (const [name, value] of Object.entries(vi)) {
      if (typeof value !== 'string') walk(value, en?.[name] ?? {}, space);
      else if (typeof en?.[name] === 'string') {
        for (const key of [value, `${space}:${value}`]) if (!pairs.has(key)) pairs.set(key, en[name]);
      }
    }
  };
  const read = (path) => JSON.parse(readFileSync(new URL(path, folder), 'utf8'));
  walk(read('vi.json'), read('en.json'), '');
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    if (entry.isDirectory()) walk(read(`${entry.name}/vi.json`), read(`${entry.name}/en.json`), entry.name);
  }
  return (vietnamese, values = {}) => {
    const text = pairs.get(vietnamese);
    assert.ok(text, `the console nowhere says “${vietnamese}”, or has no English for it`);
    return text.replace(/\{\{(\w+)\}\}/g, (_, name) => String(values[name]));
  };
})();

before(async () => {
  if (skip) return;
  ({ browser, page, problems } = await open());
  page.setDefaultTimeout(30_000);
  await page.goto(url);
  await page.evaluate(() => localStorage.setItem('lachan.language', 'en'));
  await send(Array.from({ length: 12 }, (_, i) => ({ app: 'sshd', host, text: `Failed password for root from 198.51.100.77 port ${42_000 + i} ssh2`, minutesAgo: i })));
});

after(async () => {
  await browser?.close();
});

test('signing in: a wrong password, the right one, the second factor', { skip }, async () => {
  await page.goto(`${url}/search`);
  await page.getByLabel(english('Tên đăng nhập')).fill('admin');
  await page.locator('input[name=password]').fill('not-the-password-of-admin');
  await page.getByRole('button', { name: english('Đăng nhập'), exact: true }).click();
  await page.getByRole('alert').getByText(english('Sai tên đăng nhập hoặc mật khẩu')).waitFor();
  await accessible('the door');
  await page.locator('input[name=password]').fill(newPassword);
  await page.getByRole('button', { name: english('Đăng nhập'), exact: true }).click();
  await page.locator('input[name=code]').fill(await adminApp.next());
  await page.getByRole('button', { name: english('identity:Xác nhận'), exact: true }).click();
  await page.getByRole('heading', { level: 1, name: english('Tìm kiếm') }).waitFor();
});

test('searching: a query, its events, one of them, a table', { skip }, async () => {
  const results = page.getByRole('grid', { name: english('Kết quả tìm kiếm') });
  await page.goto(`${url}/search?${new URLSearchParams({ q: `host:${host}`, from: 'now-24h' })}`);
  await results.getByRole('row').nth(3).waitFor();
  await accessible('results');
  await results.getByRole('row').nth(1).click();
  await page.getByText('198.51.100.77').first().waitFor();
  await page.keyboard.press('Escape');
  await page.goto(`${url}/search?${new URLSearchParams({ q: `host:${host} | stats count by src_ip`, from: 'now-24h' })}`);
  await page.getByRole('grid', { name: english('Bảng kết quả') }).getByText('198.51.100.77').first().waitFor();
  await accessible('a table of results');
});

test('a source: found, opened, its silence set by hand', { skip }, async () => {
  await page.goto(`${url}/sources`);
  await page.getByLabel(english('Lọc theo máy, đơn vị, loại')).fill(host);
  await page.getByRole('row', { name: new RegExp(host) }).getByRole('button', { name: host }).click();
  const detail = page.getByRole('complementary', { name: english('Chi tiết {{name}}', { name: host }) });
  await detail.getByLabel(english('Số phút')).fill('90');
  const saved = page.waitForResponse((response) => response.request().method() !== 'GET' && response.url().includes('/sources/'));
  await detail.getByRole('button', { name: english('Lưu'), exact: true }).click();
  assert.ok((await saved).ok());
  await page.reload();
  const minutes = detail.getByLabel(english('Số phút'));
  await minutes.waitFor();
  for (const patience = Date.now() + 30_000; (await minutes.inputValue()) !== '90'; ) assert.ok(Date.now() < patience, 'the silence set by hand was not kept');
  await accessible('a source');
});

test('a device: chosen, configured, on the list of connections', { skip }, async () => {
  await page.goto(`${url}/sources/connect`);
  await page.getByLabel(english('Tìm thiết bị')).fill('curl');
  await page.getByRole('button', { name: /curl/i }).first().click();
  const unit = english('Đơn vị sở hữu nhật ký');
  await page.getByRole('textbox', { name: unit }).or(page.getByRole('combobox', { name: unit })).first().click();
  await page.getByRole('option').first().click();
  await page.getByLabel(english('Tên gợi nhớ')).fill(host);
  await page.getByLabel(english('connect:Mã truy cập')).check();
  await page.getByRole('button', { name: english('Tạo cấu hình') }).click();
  await page.getByText(/curl /).first().waitFor();
  await accessible('a configuration');
  await page.getByRole('link', { name: english('Thiết bị đã kết nối') }).click();
  await page.getByRole('button', { name: english('Đã lưu, rời trang') }).click();
  await page.getByRole('heading', { level: 1, name: english('Thiết bị đã kết nối') }).waitFor();
  await page.getByRole('row', { name: new RegExp(host) }).waitFor();
});

test('the frame: palette, keys, own account, leaving', { skip }, async () => {
  await page.keyboard.press('Control+k');
  const palette = page.getByRole('dialog');
  await palette.getByRole('combobox').or(palette.getByRole('textbox')).first().fill('alerts');
  await palette.getByRole('option', { name: new RegExp(english('Cảnh báo'), 'i') }).first().waitFor();
  await page.keyboard.press('Escape');
  await palette.waitFor({ state: 'detached' });
  await page.keyboard.press('?');
  await page.getByRole('dialog', { name: english('Phím tắt') }).waitFor();
  await accessible('the keys');
  await page.keyboard.press('Escape');
  await page.goto(`${url}/profile`);
  await page.getByRole('heading', { level: 1, name: english('Tài khoản của tôi') }).waitFor();
  await page.getByText(english('Các phiên đăng nhập'), { exact: true }).first().waitFor();
  await accessible('the own account');
});

test('nothing foreign was asked for, nothing broke', { skip }, () => {
  assert.deepEqual(problems, []);
});
