// Early warnings: the centre writes, somebody else publishes, an officer sees his own
// copy only and answers with evidence, the answer is verified and the warning closes.
// Runs after console.spec.mjs, which has set the password.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { open, signIn, skip, url } from './browser.mjs';
import { api, everywhere, firstSignIn, stranger } from './people.mjs';

let browser;
let page;
let officer;
let leader;
let problems = [];
let id;
const password = `bien-xanh-nui-cao-${process.pid}`;
const mark = `w${process.pid}`;

before(async () => {
  if (skip) return;
  ({ browser, page, problems } = await open());
  page.setDefaultTimeout(30_000);
  await signIn(page, '/warnings');
  for (const unit of [`a-${mark}`, `b-${mark}`]) await api(page, 'POST', '/units', { id: unit, name: `Sở ${unit}` });
  const person = async (username, role, unit) => {
    const made = await api(page, 'POST', '/users', { username, displayName: username, role, unit });
    const own = await stranger(browser, problems);
    await firstSignIn(own, username, made.oneTimePassword, password);
    return own;
  };
  officer = await person(`can-bo-${mark}`, 'security-officer', `a-${mark}`);
  leader = await person(`lanh-dao-${mark}`, 'leader', 'trung-tam');
});

after(async () => {
  await browser?.close();
});

const button = (at, name) => at.getByRole('button', { name, exact: true });

test('the centre writes a warning and sees whom it is for', { skip }, async () => {
  // The officer of a new unit has none; the centre may have some of other journeys.
  await officer.goto(`${url}/warnings`);
  await officer.getByText('Đơn vị không có cảnh báo nào cần xử lý').waitFor();
  await everywhere(officer, 'no warnings');
  await page.goto(`${url}/warnings/new`);
  await page.getByLabel('Tiêu đề').fill(`Lỗ hổng trong máy chủ thư ${mark}`);
  await page.getByLabel('Nguồn tin').fill('Trung tâm An ninh mạng quốc gia');
  await page.getByLabel('Dấu hiệu nhận biết').fill('203[.]0.113.9\nevil.example');
  await button(page, 'Lưu dự thảo').click();
  await page.waitForURL(/\/warnings\/[0-9a-f]{26}/);
  id = new URL(page.url()).pathname.split('/').pop();
  await button(page, 'Trình phát hành').click();
  await page.getByText('Còn chỗ trống của mẫu').first().waitFor();
  for (const part of ['Nội dung', 'Ảnh hưởng', 'Cách kiểm tra', 'Biện pháp', 'Thời hạn']) await page.getByRole('textbox', { name: part, exact: true }).fill(`${part} của cảnh báo ${mark}`);
  await button(page, 'Lưu').click();
  await page.getByText('Đã lưu', { exact: true }).waitFor();
  await everywhere(page, 'the editor of a warning');
  await page.getByRole('tab', { name: 'Đối tượng nhận' }).click();
  await button(page, 'Tính đối tượng nhận').click();
  await page.getByText('0 đơn vị sẽ nhận cảnh báo').waitFor();
  await button(page, 'Thêm đơn vị').click();
  const adding = page.getByRole('dialog', { name: 'Thêm đơn vị' });
  await adding.getByRole('combobox', { name: 'Đơn vị' }).or(adding.getByRole('textbox', { name: 'Đơn vị' })).first().fill(`a-${mark}`);
  await page.getByRole('option', { name: new RegExp(`Sở a-${mark}`) }).click();
  await adding.getByLabel('Lý do').fill('Đơn vị dùng máy chủ thư này');
  await adding.getByRole('button', { name: 'Thêm đơn vị' }).click();
  await page.getByText('1 đơn vị sẽ nhận cảnh báo').waitFor();
  await page.getByText('Thêm: Đơn vị dùng máy chủ thư này').waitFor();
  await button(page, 'Trình phát hành').click();
  await page.getByText('Bạn đã soạn cảnh báo này: người khác của Trung tâm phát hành.').waitFor();
  assert.equal(await button(page, 'Phát hành').count(), 0, 'who wrote is offered to publish');
});

test('somebody else publishes it', { skip }, async () => {
  await leader.goto(`${url}/warnings/${id}`);
  await button(leader, 'Phát hành').click();
  const asking = leader.getByRole('dialog', { name: 'Phát hành' });
  await asking.getByText(/gửi ngay đến 1 đơn vị/).waitFor();
  await asking.getByRole('button', { name: 'Phát hành' }).click();
  await leader.getByRole('heading', { level: 1, name: /CB-\d{4}-\d{4}/ }).waitFor();
});

test('the officer sees his own copy only and answers with evidence', { skip }, async () => {
  await officer.goto(`${url}/warnings`);
  await officer.getByRole('button', { name: new RegExp(`CB-.*${mark}`) }).or(officer.getByRole('link', { name: new RegExp(`CB-.*${mark}`) })).first().click();
  await officer.waitForURL(/\/warnings\/[0-9a-f]{26}\/a-/);
  for (const hidden of [`/warnings/${id}`, `/warnings/${id}/audience`, `/warnings/${id}/copies`, `/warnings/${id}/copies/b-${mark}`]) {
    const status = await officer.evaluate(async (path) => (await fetch(`/api/v1${path}`)).status, hidden);
    assert.ok(status === 403 || status === 404, `${hidden}: ${status}`);
  }
  await button(officer, 'Xác nhận đã nhận').click();
  await button(officer, 'Xác nhận đã nhận').waitFor({ state: 'detached' });
  await officer.locator('input[type=file]').setInputFiles({ name: 'bang-chung.txt', mimeType: 'text/plain', buffer: Buffer.from('da va') });
  await officer.getByRole('link', { name: 'bang-chung.txt' }).waitFor();
  await officer.getByRole('textbox', { name: 'Bằng chứng' }).fill('Đã cập nhật bản vá trên cả hai máy chủ');
  await button(officer, 'Gửi trả lời').click();
  await officer.getByText('Chờ kiểm tra lại').first().waitFor();
  await everywhere(officer, "a unit's copy");
});

test('it is checked again, settled, and the warning closes', { skip }, async () => {
  await page.goto(`${url}/warnings/${id}`);
  await page.getByText('1/1 đã xác nhận · 1 đã trả lời · 0 đã kết thúc').waitFor();
  await everywhere(page, 'the tracking board');
  await page.goto(`${url}/warnings/${id}/a-${mark}`);
  await button(page, 'Kiểm tra ngay').click();
  await page.getByText(/Kiểm tra lại trong nhật ký/).first().waitFor();
  await button(page, 'Kết thúc').click();
  const settling = page.getByRole('dialog', { name: 'Kết thúc' });
  await settling.getByLabel('Lý do').fill('Đã kiểm tra tại chỗ cùng cán bộ đơn vị');
  await settling.getByRole('button', { name: 'Kết thúc' }).click();
  await page.getByText('Kết thúc sau khi xác minh').waitFor();
  await page.goto(`${url}/warnings`);
  await page.getByText('Đã kết thúc', { exact: true }).first().waitFor();
  await page.goto(`${url}/warnings?tab=figures`);
  await page.getByText('Bản đã gửi').first().waitFor();
  await everywhere(page, 'figures of warnings');
  assert.deepEqual(problems, []);
});
