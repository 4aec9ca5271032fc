// The duties to report: a grave incident starts the clocks, a step is recorded
// with proof, the wall shows who is late, a duty and the public holidays are
// changed. Runs after console.spec.mjs, which has set the password.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { accessible as check, open, signIn, skip, url } from './browser.mjs';

const deadline = { timeout: 60_000 };
let browser;
let page;
let problems = [];
const accessible = (name) => check(page, name);
const dialog = (name) => page.getByRole('dialog', { name });

before(async () => {
  if (skip) return;
  ({ browser, page, problems } = await open());
  page.setDefaultTimeout(30_000);
  await signIn(page, '/obligations');
});

after(async () => {
  await browser?.close();
});

/** Calls the server as the page does. */
const ask = (path, body) =>
  page.evaluate(
    async ([to, sent]) => {
      const answer = await fetch(`/api/v1${to}`, sent ? { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(sent) } : {});
      return { status: answer.status, body: await answer.json() };
    },
    [path, body],
  );

test('a grave incident starts the clocks, and open pages show them', { skip }, async () => {
  await page.getByRole('heading', { name: 'Nghĩa vụ báo cáo' }).waitFor();
  const detectedAt = new Date(Date.now() - 20 * 3_600_000).toISOString();
  const { status } = await ask('/incidents', {
    origin: 'manual',
    facts: { title: 'Mã độc tống tiền tại trung tâm', unit: 'trung-tam', severity: 'critical', category: 'vn-a-ransomware', grave: true, detectedAt },
  });
  assert.equal(status, 200);
  const row = page.getByRole('row', { name: /Thông báo ban đầu trong 24 giờ/ }).first();
  await row.waitFor(deadline);
  await row.getByText(/còn 3 giờ|còn 4 giờ/).waitFor();
  await page.getByRole('link', { name: /Nghĩa vụ báo cáo/ }).getByLabel(/nghĩa vụ trễ hạn, [1-9]\d* đến hạn trong 24 giờ/).waitFor();
  await accessible('the list of duties');
});

test('what was sent is recorded with its proof, and taken back', { skip }, async () => {
  await page.getByRole('button', { name: /Thông báo ban đầu trong 24 giờ/ }).first().click();
  const panel = page.getByRole('complementary', { name: /Thông báo ban đầu/ });
  await panel.getByText('Chưa có bước nào được ghi.').waitFor();
  await panel.getByRole('button', { name: 'Ghi đã gửi' }).click();
  const sending = dialog('Ghi đã gửi');
  await sending.getByRole('button', { name: 'Ghi đã gửi' }).click();
  await sending.getByText(/Thiếu bằng chứng gửi/).first().waitFor();
  await sending.getByRole('combobox', { name: 'Cách gửi' }).or(sending.getByRole('textbox', { name: 'Cách gửi' })).first().click();
  await page.getByRole('option', { name: 'Trục liên thông văn bản' }).click();
  await sending.getByLabel('Người nhận hoặc địa chỉ nhận').fill('Văn thư Cục A05');
  await sending.getByLabel('Số, ký hiệu văn bản').fill('05/BC-TTANM');
  await page.locator('input[type="file"]').setInputFiles({ name: 'bao-cao.txt', mimeType: 'text/plain', buffer: Buffer.from('abc') });
  await sending.getByText(/ba7816bf8f01cfea/).waitFor();
  await accessible('the dialog of a step');
  await sending.getByRole('button', { name: 'Ghi đã gửi' }).click();
  await panel.getByText(/Văn thư Cục A05 · 05\/BC-TTANM · bao-cao.txt/).waitFor();
  await panel.getByText('gửi đúng hạn').waitFor();
  await panel.getByRole('button', { name: 'Lùi lại một bước' }).click();
  await dialog('Lùi lại một bước').getByLabel('Lý do').fill('Gửi nhầm văn bản, sẽ gửi lại');
  await dialog('Lùi lại một bước').getByRole('button', { name: 'Lùi lại một bước' }).click();
  await panel.getByRole('button', { name: 'Ghi đã gửi' }).waitFor();
  await accessible('an obligation beside its list');
});

test('the wall shows who owes what', { skip }, async () => {
  await page.goto(`${url}/obligations?tab=wall`);
  await page.getByRole('row', { name: /Trung tâm/ }).first().waitFor();
  await accessible('the wall of duties');
  await page.goto(`${url}/today`);
  await page.getByText(/nghĩa vụ trễ hạn, \d+ đến hạn trong 24 giờ/).first().waitFor();
});

test('a duty is switched off and restored, and a year of holidays is entered', { skip }, async () => {
  await page.goto(`${url}/obligations?tab=duties&id=nd331-d31-report`);
  const panel = page.getByRole('complementary');
  await panel.getByLabel('Bắt đầu tính hạn khi phát sinh').click({ force: true });
  await panel.getByRole('button', { name: 'Khôi phục bản gốc' }).waitFor();
  await accessible('the catalogue of duties');
  await panel.getByRole('button', { name: 'Sửa nghĩa vụ' }).click();
  await dialog('Sửa nghĩa vụ').getByLabel('Thời hạn').first().waitFor();
  await accessible('a duty being changed');
  await dialog('Sửa nghĩa vụ').getByRole('button', { name: 'Hủy' }).click();
  await panel.getByRole('button', { name: 'Khôi phục bản gốc' }).click();
  await dialog('Khôi phục bản gốc').getByRole('button', { name: 'Khôi phục bản gốc' }).click();
  await panel.getByRole('button', { name: 'Khôi phục bản gốc' }).waitFor({ state: 'detached' });

  await page.goto(`${url}/obligations?tab=holidays`);
  await page.getByRole('button', { name: 'Sửa lịch năm 2027' }).click();
  const year = dialog('Năm 2027');
  await year.getByLabel('Ngày nghỉ', { exact: true }).fill('1/1, tết');
  await year.getByText(/«tết» không phải ngày\/tháng/).waitFor();
  await year.getByLabel('Ngày nghỉ', { exact: true }).fill('1/1, 5/2, 8/2, 9/2, 10/2, 11/2, 16/4, 30/4, 3/5, 2/9, 3/9, 24/11');
  await accessible('a year of holidays');
  await year.getByRole('button', { name: 'Lưu' }).click();
  await page.getByText('Đã lưu lịch nghỉ năm 2027.').waitFor();
});

test('the year and the same in English', { skip }, async () => {
  await page.goto(`${url}/obligations?tab=year`);
  await page.getByRole('row', { name: /Thông báo ban đầu/ }).first().waitFor();
  await accessible('what falls due in the year');
  await page.getByRole('button', { name: 'English' }).click();
  await page.getByRole('heading', { name: 'Reporting duties' }).waitFor();
  await page.getByRole('row', { name: /Initial notice within 24 hours/ }).first().waitFor();
  await page.getByRole('button', { name: 'Tiếng Việt' }).click();
  await page.getByRole('heading', { name: 'Nghĩa vụ báo cáo' }).waitFor();
  assert.deepEqual(problems, []);
});
