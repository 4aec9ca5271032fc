// A unit's device is connected, its first event turns the light green, its token
// is revoked; a log file is imported. Runs after console.spec.mjs, which has set
// the password.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { accessible as check, open, signIn, skip, url } from './browser.mjs';

const device = `web-${Date.now() % 100_000}`;

let browser;
let page;
let problems = [];
let token = '';
const accessible = (name) => check(page, name);

const ingest = (body) =>
  fetch(`${url}/ingest/json`, { method: 'POST', headers: { Authorization: `Bearer ${token}`, 'Content-Type': 'application/x-ndjson' }, body });

before(async () => {
  if (skip) return;
  ({ browser, page, problems } = await open());
  await signIn(page, '/sources');
});

after(async () => {
  await browser?.close();
});

test('a device is chosen by name, without accents', { skip }, async () => {
  await page.getByRole('link', { name: 'Kết nối thiết bị' }).click();
  await page.getByText('Bước 1 trên 3').waitFor();
  await accessible('the catalogue of devices');
  await page.getByLabel('Tìm thiết bị').fill('khong co thiet bi nay');
  await page.getByText('Không có thiết bị nào khớp').waitFor();
  await page.getByLabel('Tìm thiết bị').fill('curl');
  await page.getByRole('button', { name: /curl/i }).first().click();
  await page.getByText('Bước 2 trên 3').waitFor();
});

test('the configuration holds the token, shown once', { skip }, async () => {
  await page.getByRole('textbox', { name: 'Đơn vị sở hữu nhật ký' }).or(page.getByRole('combobox', { name: 'Đơn vị sở hữu nhật ký' })).first().click();
  await page.getByRole('option').first().click();
  await page.getByLabel('Tên gợi nhớ').fill(device);
  await page.getByLabel('Mã truy cập').check();
  await accessible('the second step');
  await page.getByRole('button', { name: 'Tạo cấu hình' }).click();
  await page.getByText('Bước 3 trên 3').waitFor();
  await page.getByText('Chỉ hiện một lần').waitFor();
  token = (await page.locator('pre[aria-label="Mã truy cập"]').innerText()).trim();
  assert.match(token, /^lc_/);
  await page.getByText('Đang chờ sự kiện đầu tiên').waitFor();
  await accessible('the configuration');
});

test('the first event turns the light green', { skip }, async () => {
  const answer = await ingest(`{"message":"xin chào từ ${device}"}\n`);
  assert.equal(answer.status, 200);
  await page.getByText(/Đã nhận sự kiện đầu tiên, \d+ giây trước/).waitFor();
  await page.getByText(/^1 sự kiện từ/).waitFor();
});

test('leaving with a secret on the screen is asked about', { skip }, async () => {
  await page.getByRole('link', { name: 'Thiết bị đã kết nối' }).click();
  await page.getByRole('dialog', { name: 'Rời trang này?' }).waitFor();
  await page.getByRole('button', { name: 'Ở lại' }).click();
  assert.ok((await page.locator('pre[aria-label="Mã truy cập"]').innerText()).includes(token));
  await page.getByRole('link', { name: 'Thiết bị đã kết nối' }).click();
  await page.getByRole('button', { name: 'Đã lưu, rời trang' }).click();
  await page.getByRole('heading', { level: 1, name: 'Thiết bị đã kết nối' }).waitFor();
});

test('a revoked token is refused at once', { skip }, async () => {
  await page.getByRole('row', { name: new RegExp(device) }).getByRole('button', { name: device }).click();
  const detail = page.getByRole('complementary', { name: `Chi tiết ${device}` });
  await detail.getByText(/Đã nhận sự kiện đầu tiên/).waitFor();
  assert.ok(!(await detail.innerText()).includes(token), 'the secret is shown again');
  await accessible('a connection');
  await detail.getByRole('button', { name: 'Thu hồi' }).click();
  const ask = page.getByRole('dialog', { name: 'Thu hồi' });
  await ask.getByLabel('Lý do thu hồi').fill('thử nghiệm');
  await ask.getByRole('button', { name: 'Thu hồi' }).click();
  await detail.getByText('thử nghiệm').waitFor();
  assert.equal((await ingest('{"message":"x"}\n')).status, 401);
  await page.keyboard.press('Escape');
  await page.getByText('Đã thu hồi').first().waitFor();
  await accessible('connected devices');
});

test('a log file is imported, bad rows told by line', { skip }, async () => {
  await page.goto(`${url}/sources/uploads`);
  await page.getByText('Chưa có tệp nào được nạp').waitFor();
  await accessible('imports, none yet');
  await page.getByRole('textbox', { name: 'Đơn vị sở hữu nhật ký' }).or(page.getByRole('combobox', { name: 'Đơn vị sở hữu nhật ký' })).first().click();
  await page.getByRole('option').first().click();
  const csv = 'time,user,action\n2026-11-20T08:00:00Z,an,login\n2026-11-20T08:01:00Z,binh\n2026-11-20T08:02:00Z,chi,logout\n';
  const file = { name: `${device}.csv`, mimeType: 'text/csv', buffer: Buffer.from(csv) };
  await page.locator('input[type=file]').setInputFiles(file);
  const row = page.getByRole('row', { name: new RegExp(device) });
  await row.getByText('Xong').waitFor();
  await row.getByRole('button', { name: `${device}.csv` }).click();
  const detail = page.getByRole('complementary', { name: `Chi tiết ${device}.csv` });
  await detail.getByText('lưu 3 trên 3 đã đọc').waitFor();
  await detail.getByText(/csv:3/).waitFor();
  await detail.getByText('Số cột khác với dòng tiêu đề').waitFor();
  await accessible('an import');
  await page.keyboard.press('Escape');
  await page.locator('input[type=file]').setInputFiles(file);
  await page.getByText('Tệp này đã được nạp').waitFor();
  await page.getByRole('button', { name: 'Vẫn nạp lại' }).click();
  await page.getByRole('row', { name: new RegExp(device) }).nth(1).waitFor();
  await accessible('imports');
});

test('the pages fit a phone', { skip }, async () => {
  await page.setViewportSize({ width: 360, height: 740 });
  for (const path of ['/sources/connect', '/sources/connect?device=rsyslog-tls', '/sources/enrolments', '/sources/uploads']) {
    await page.goto(`${url}${path}`);
    await page.getByRole('heading', { level: 1 }).waitFor();
    const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
    assert.equal(wide, 0, `${path} is ${wide} pixels too wide`);
  }
});

test('nothing foreign was asked for, nothing broke', { skip }, () => {
  assert.deepEqual(problems, []);
});
