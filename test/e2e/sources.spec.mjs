// The page of sources: the worst first, one source in detail, muting it and the
// way back. Runs after console.spec.mjs, which has set the password and sent
// events from web-e2e.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { accessible as check, moment, open, send, signIn, skip, url } from './browser.mjs';

const host = `may-${Date.now() % 100_000}`;

let browser;
let page;
let problems = [];
const accessible = (name) => check(page, name);
const row = () => page.getByRole('row', { name: new RegExp(host) });
const detail = () => page.getByRole('complementary', { name: `Chi tiết ${host}` });

before(async () => {
  if (skip) return;
  await send([{ app: 'sshd', text: 'Server listening on 0.0.0.0 port 22.', host }]);
  ({ browser, page, problems } = await open());
  await signIn(page, '/sources');
});

after(async () => {
  await browser?.close();
});

test('a new source shows by itself, with its last hours', { skip }, async () => {
  await page.getByLabel('Lọc theo máy, đơn vị, loại').fill(host);
  await row().waitFor();
  await row().getByRole('img', { name: /1 sự kiện trong 24 giờ qua/ }).waitFor();
  await page.waitForURL((at) => at.searchParams.get('q') === host);
  await accessible('the list of sources');
});

test('one source in detail', { skip }, async () => {
  await row().getByRole('button', { name: host }).click();
  await detail().getByText('48 giờ qua').waitFor();
  await detail().getByText('Chưa đủ dữ liệu').waitFor();
  await detail().getByText('Xem dạng bảng').click();
  assert.equal(await detail().getByRole('row').count(), 49);
  await accessible('a source');
});

test('muted with a reason, and undone', { skip }, async () => {
  const tomorrow = moment(Date.now() + 86_400_000);
  await detail().getByLabel('Cho đến').fill(tomorrow);
  await detail().getByLabel('Lý do').fill('bảo trì');
  await detail().getByRole('button', { name: 'Tạm ngừng theo dõi' }).click();
  await detail().getByText(/bảo trì/).waitFor();
  await page.getByRole('button', { name: 'Hoàn tác' }).click();
  await detail().getByLabel('Lý do').waitFor();
});

test('what counts as silence is set by hand', { skip }, async () => {
  await detail().getByLabel('Số phút').fill('90');
  await detail().getByRole('button', { name: 'Lưu' }).click();
  await page.getByText('Đã lưu', { exact: true }).first().waitFor();
  await page.reload();
  await detail().getByText('48 giờ qua').waitFor();
  assert.equal(await detail().getByLabel('Số phút').inputValue(), '90');
  await page.keyboard.press('Escape');
});

test('states filter the list, the address keeps them', { skip }, async () => {
  await page.goto(`${url}/sources?status=muted`);
  await page.getByText('Không có dòng nào khớp bộ lọc').waitFor();
  await page.goto(`${url}/sources?tab=relays`);
  await page.getByText('Chưa có máy chuyển tiếp nào liên lạc').waitFor();
  await accessible('relays, none yet');
});

test('the page fits a phone', { skip }, async () => {
  await page.setViewportSize({ width: 360, height: 740 });
  await page.goto(`${url}/sources?q=${host}`);
  await row().waitFor();
  const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  assert.equal(wide, 0, `${wide} pixels too wide`);
});

test('nothing foreign was asked for, nothing broke', { skip }, () => {
  assert.deepEqual(problems, []);
});
