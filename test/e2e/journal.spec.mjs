// The audit trail: a sign-in, a refused attempt, a change and an export show up;
// filters narrow it and stay in the address; the chain is proved; what is exported
// is what was shown. Runs after console.spec.mjs, which has set the password.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { accessible as check, open, signIn, skip, url } from './browser.mjs';

const refused = 'Đăng nhập bị từ chối';

let browser;
let page;
let problems = [];
const accessible = (name) => check(page, name);
const row = (text) => page.getByRole('row').filter({ hasText: text });

before(async () => {
  if (skip) return;
  ({ browser, page, problems } = await open());
  page.setDefaultTimeout(30_000);
  // Somebody tries the door of another. A name that is nobody's is not written down:
  // it may be a password typed into the wrong field.
  await page.goto(url);
  await page.getByLabel('Tên đăng nhập').fill('admin');
  await page.locator('input[name=password]').fill('khong-phai-mat-khau');
  await page.getByRole('button', { name: 'Đăng nhập' }).click();
  await page.getByRole('alert').waitFor();
  await signIn(page, '/admin/audit');
});

after(async () => {
  await browser?.close();
});

test('sign-ins and refused attempts are at the top', { skip }, async () => {
  await page.getByRole('heading', { level: 1, name: 'Nhật ký thao tác' }).waitFor();
  await row(refused).first().waitFor();
  await row('admin').first().waitFor();
  await accessible('the trail');
});

test('filters narrow it and stay in the address', { skip }, async () => {
  await page.getByRole('checkbox', { name: 'Bị từ chối' }).or(page.getByText('Bị từ chối', { exact: true })).first().click();
  await page.waitForURL(/refused=/);
  await row(refused).first().waitFor();
  await page.getByPlaceholder('Tìm trong bản ghi').fill('username:admin');
  await page.waitForURL(/username/);
  await row(refused).first().waitFor();
  await page.reload();
  await row(refused).first().waitFor();
  const shown = await page.getByRole('row').filter({ has: page.getByRole('cell') }).allInnerTexts();
  assert.ok(shown.length > 0 && shown.every((one) => one.includes(refused)), shown.join(' | '));
  await row(refused).first().click();
  const panel = page.getByRole('complementary');
  await panel.getByText('Mã băm').waitFor();
  await accessible('a record');
  await page.keyboard.press('Escape');
});

test('the chain is proved, and the export has what was shown', { skip }, async () => {
  await page.getByRole('button', { name: 'Kiểm tra chuỗi', exact: true }).click();
  await page.getByText('Chuỗi nguyên vẹn').waitFor({ timeout: 60_000 });
  await accessible('the proof');
  await page.getByRole('button', { name: 'Xuất', exact: true }).click();
  const item = page.getByRole('menuitem', { name: 'CSV (bảng tính)' });
  await item.waitFor();
  const answer = await page.request.get(new URL(await item.getAttribute('href'), url).href);
  assert.equal(answer.status(), 200);
  const text = await answer.text();
  const lines = text.trim().split('\n').slice(1);
  assert.ok(lines.length > 0 && lines.every((one) => one.includes('session.refused') && one.includes('username:admin')), text);
  await page.keyboard.press('Escape');
  // The export is a reading of what is sensitive: it is on record itself.
  await page.goto(`${url}/admin/audit`);
  await row('Xuất nhật ký kiểm toán').first().waitFor();
});

test('a change is on record', { skip }, async () => {
  await page.goto(`${url}/notifications?tab=mine`);
  await page.getByRole('button', { name: 'Lưu' }).click();
  await page.getByText('Đã lưu').first().waitFor();
  await page.goto(`${url}/admin/audit`);
  await row(/Thông báo|tùy chọn/i).first().waitFor();
});

test('the page speaks English and fits a phone', { skip }, async () => {
  await page.getByRole('button', { name: 'English' }).first().click();
  await page.getByRole('button', { name: 'Verify the chain', exact: true }).click();
  await page.getByText('The chain is intact').waitFor({ timeout: 60_000 });
  await accessible('the trail in English');
  await page.setViewportSize({ width: 360, height: 780 });
  await page.getByRole('button', { name: 'Verify the chain', exact: true }).waitFor();
  assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= window.innerWidth), 'wider than a phone');
  await accessible('the trail on a phone');
  assert.deepEqual(problems, []);
});
