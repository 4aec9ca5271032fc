// The page of units: the template of a province, a unit and its contacts, a
// merger and its undoing, an import that names the wrong cell, the export, and
// the same in English. Runs after console.spec.mjs, which has set the password.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';

import { accessible as check, open, signIn, skip, url } from './browser.mjs';

let browser;
let page;
let problems = [];
const accessible = (name) => check(page, name);
const row = (name) => page.getByRole('row', { name });
const dialog = (name) => page.getByRole('dialog', { name });
const panel = (name) => page.getByRole('complementary', { name: new RegExp(name) });
const settled = () => page.locator('.mantine-Modal-overlay').waitFor({ state: 'detached' });

before(async () => {
  if (skip) return;
  ({ browser, page, problems } = await open());
  await signIn(page, '/units');
});

after(async () => {
  await browser?.close();
});

/** Chooses from a list that is searched by typing, without accents. */
async function choose(field, typed, option) {
  await field.click();
  await field.fill(typed);
  await page.getByRole('option', { name: option }).click();
}

test('the tree of a province is made in one step', { skip }, async () => {
  await page.getByRole('button', { name: 'Tạo sơ đồ mẫu' }).first().click();
  const making = dialog('Tạo sơ đồ mẫu của tỉnh');
  await choose(making.getByRole('combobox', { name: 'Tỉnh, thành phố' }).or(making.getByRole('textbox', { name: 'Tỉnh, thành phố' })).first(), 'lam dong', 'Tỉnh Lâm Đồng');
  await making.getByText('Hình thành từ: Lâm Đồng, Đắk Nông, Bình Thuận').waitFor();
  await making.getByLabel('Tên của Sở Y tế').waitFor();
  await accessible('the template of a province');
  await making.getByRole('button', { name: /^Tạo \d+ đơn vị$/ }).click();
  await page.getByText(/Đã tạo \d+ đơn vị/).waitFor();
  await row(/Sở Công Thương/).waitFor();
  await panel('Tỉnh Lâm Đồng').getByText(/Phụ trách \d+ đơn vị bên dưới/).waitFor();
  await settled();
  await accessible('the tree of units');
});

test('a unit is found without accents and its contacts are kept', { skip }, async () => {
  await page.getByPlaceholder('Tìm theo tên, mã, không cần dấu').fill('so y te');
  await page.waitForURL((at) => at.searchParams.get('q') === 'so y te');
  await page.getByRole('button', { name: 'Sở Y tế', exact: true }).first().click();
  await page.getByRole('tab', { name: 'Liên hệ' }).click();
  await page.getByText('Chưa có thông tin liên hệ').waitFor();
  await page.getByRole('button', { name: 'Sửa liên hệ' }).click();
  await page.getByLabel('Điện thoại trực 24/7').fill('gọi tôi');
  await page.getByRole('button', { name: 'Lưu' }).click();
  await page.getByText(/Số điện thoại chưa đúng/).first().waitFor();
  await page.getByLabel('Điện thoại trực 24/7').fill('0263 3822 777');
  await page.getByRole('button', { name: 'Thêm đầu mối' }).click();
  const focal = page.getByRole('group', { name: /Đầu mối 1/ });
  await focal.getByLabel('Họ và tên').fill('Nguyễn Văn Trực');
  await focal.getByLabel('Điện thoại', { exact: true }).fill('0912 345 678');
  await accessible('the contacts of a unit');
  await page.getByRole('button', { name: 'Lưu' }).click();
  await page.getByRole('link', { name: '0263 3822 777' }).waitFor();
  await page.getByText('Nguyễn Văn Trực').waitFor();
  await page.reload();
  await page.getByRole('link', { name: '0263 3822 777' }).waitFor();
});

test('a merger is looked at, carried out and undone', { skip }, async () => {
  await page.goto(`${url}/units?do=reorganise`);
  const deciding = dialog('Sáp nhập, chia tách, đổi tên, giải thể');
  await deciding.getByText('Các đơn vị kết thúc').waitFor();
  await deciding.getByLabel('Các đơn vị kết thúc').first().click();
  await page.keyboard.type('so xay dung');
  await page.getByRole('option', { name: /Sở Xây dựng/ }).click();
  await page.keyboard.press('Tab');
  const into = deciding.getByRole('combobox', { name: 'Đơn vị đã có' }).or(deciding.getByRole('textbox', { name: 'Đơn vị đã có' })).first();
  await choose(into, 'cong thuong', /Sở Công Thương/);
  await deciding.getByLabel('Quyết định (số, trích yếu)').fill('Quyết định số 12/QĐ-UBND');
  await accessible('a merger');
  await deciding.getByRole('button', { name: 'Xem trước' }).click();
  await deciding.getByText(/Sở Xây dựng kết thúc hết ngày/).waitFor();
  await deciding.getByText(/Sở Công Thương tiếp nhận trách nhiệm/).waitFor();
  await deciding.getByRole('button', { name: 'Thực hiện' }).click();
  await page.getByText('Đã sắp xếp lại đơn vị').waitFor();
  await panel('Sở Công Thương').getByText('Kế thừa từ').waitFor();

  await page.goto(`${url}/units?status=ended&id=so-xay-dung&tab=history`);
  await page.getByText(/Theo Quyết định số 12\/QĐ-UBND/).waitFor();
  await accessible('the history of a unit');
  await page.getByRole('button', { name: 'Hoàn tác quyết định này' }).first().click();
  await dialog('Hoàn tác quyết định này').getByRole('button', { name: 'Hoàn tác quyết định này' }).click();
  await page.getByText('Hoàn tác sắp xếp').waitFor();
  await page.goto(`${url}/units?q=xay%20dung`);
  await row(/Sở Xây dựng/).waitFor();
});

/** The exported workbook. */
async function exported() {
  const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('link', { name: 'Xuất XLSX' }).click()]);
  assert.match(download.suggestedFilename(), /^don-vi-\d{4}-\d{2}-\d{2}\.xlsx$/);
  return readFileSync(await download.path());
}

test('what was exported comes back without a change', { skip }, async () => {
  const workbook = await exported();
  assert.equal(workbook.subarray(0, 2).toString(), 'PK');
  await page.goto(`${url}/units?do=import`);
  const importing = dialog('Nhập đơn vị từ XLSX');
  await importing.locator('input[type=file]').setInputFiles({ name: 'don-vi.xlsx', mimeType: 'application/octet-stream', buffer: workbook });
  await importing.getByText('Tệp giống hệt dữ liệu đang có').waitFor();
  await importing.locator('input[type=file]').setInputFiles({ name: 'x.xlsx', mimeType: 'application/octet-stream', buffer: Buffer.from('không phải bảng tính') });
  await importing.getByText('Không đọc được tệp').waitFor();
  await accessible('an import');
});

test('a unit is added below another, by keyboard', { skip }, async () => {
  await page.goto(`${url}/units`);
  await row(/Sở Công Thương/).waitFor();
  await page.keyboard.press('n');
  const adding = dialog('Thêm đơn vị');
  await adding.getByLabel('Tên đơn vị').or(adding.getByLabel('Đơn vị', { exact: true })).first().fill('Phường Xuân Hương');
  await adding.getByRole('button', { name: 'Tạo đơn vị' }).click();
  await page.getByText('Đã tạo Phường Xuân Hương').waitFor();
  await panel('Phường Xuân Hương').getByText('phuong-xuan-huong').waitFor();
  await panel('Phường Xuân Hương').getByText('Phường', { exact: true }).waitFor();
});

test('the same in English', { skip }, async () => {
  await page.evaluate(() => {
    localStorage.setItem('lachan.language', 'en');
  });
  await page.goto(`${url}/units?id=so-y-te&tab=contacts`);
  await page.getByRole('heading', { level: 1, name: 'Units' }).waitFor();
  await page.getByText('They are called from the top down.').waitFor();
  await page.getByRole('tab', { name: 'History' }).click();
  await page.getByText('Contacts changed').waitFor();
  await page.goto(`${url}/units?do=reorganise`);
  await dialog('Merge, split, rename or end units').getByText('Units that end').waitFor();
  await page.goto(`${url}/units?do=import`);
  const importing = dialog('Import units from XLSX');
  await importing.locator('input[type=file]').setInputFiles({ name: 'x.xlsx', mimeType: 'application/octet-stream', buffer: Buffer.from('no workbook') });
  await importing.getByText('The file cannot be read').waitFor();
  await page.evaluate(() => {
    localStorage.setItem('lachan.language', 'vi');
  });
});

test('the page fits a phone', { skip }, async () => {
  await page.setViewportSize({ width: 360, height: 740 });
  await page.goto(`${url}/units`);
  await row(/Sở Công Thương/).waitFor();
  const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  assert.equal(wide, 0, `${wide} pixels too wide`);
  await page.getByRole('button', { name: 'Sở Công Thương', exact: true }).click();
  await page.getByRole('dialog').getByText('so-cong-thuong').waitFor();
  await accessible('a unit on a phone');
});

test('nothing failed on the way', { skip }, () => {
  assert.deepEqual(problems, []);
});
