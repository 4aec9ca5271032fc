// The dashboards: what leaders, the wall and a unit look at, laying one out by mouse
// and keyboard, the table and the list behind every figure, PDF and PNG, in both
// languages and on a phone. Run after console.spec.mjs.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';

import { accessible as check, open, send, signIn, skip, url } from './browser.mjs';

let browser;
let context;
let page;
let problems = [];
const accessible = (name) => check(page, name);
const patience = { timeout: 60_000 };

before(async () => {
  if (skip) return;
  ({ browser, context, page, problems } = await open());
  page.setDefaultTimeout(Number(process.env.LACHAN_BROWSER_TIMEOUT ?? 30_000));
  await send(Array.from({ length: 12 }, (_, i) => ({ app: 'sshd', host: 'boards-e2e', text: `Failed password for root from 198.18.90.9 port ${41_000 + i} ssh2` })));
});

after(async () => {
  await browser?.close();
});

const card = (name) => page.getByRole('region', { name, exact: true }).and(page.locator('[data-widget]'));

test('leaders see the period in words, figures and charts', { skip }, async () => {
  await signIn(page, '/dashboards');
  await page.getByRole('heading', { level: 1, name: 'Bảng điều khiển' }).waitFor();
  await accessible('the list of dashboards');
  await page.getByRole('link', { name: /Lãnh đạo/ }).click();
  await page.waitForURL(/\/dashboards\/leadership/);
  await card('Tóm tắt bằng lời').getByText(/hệ thống tiếp nhận .* sự kiện/).waitFor(patience);
  await card('Cảnh báo theo chiến thuật ATT&CK').locator('canvas').waitFor(patience);
  await page.getByText(/so với kỳ trước bắt đầu/).waitFor();
  await accessible('the dashboard of leaders');
});

test('every chart has its table, as a file too, and opens the list it counts', { skip }, async () => {
  const tactics = card('Cảnh báo theo chiến thuật ATT&CK');
  await tactics.getByRole('button', { name: /Xem bảng số liệu/ }).click();
  await tactics.getByRole('columnheader', { name: 'Cảnh báo' }).waitFor();
  await tactics.getByRole('button', { name: 'Sắp xếp theo Cảnh báo' }).click();
  assert.equal(await tactics.getByRole('columnheader', { name: 'Cảnh báo' }).getAttribute('aria-sort'), 'descending');
  await tactics.getByRole('button', { name: /^Tùy chọn/ }).click();
  const file = page.waitForEvent('download');
  await page.getByRole('menuitem', { name: 'Tải bảng số liệu (CSV)' }).click();
  const text = readFileSync(await (await file).path(), 'utf8');
  assert.match(text, /^\ufeffChiến thuật ATT&CK,Cảnh báo,Kỳ trước\r\n/);
  await accessible('a data table');
  await card('Cảnh báo đang mở').getByRole('link', { name: /Cao/ }).click();
  await page.waitForURL(/\/alerts\?.*level=high/);
  await page.goBack();
  await card('Tóm tắt bằng lời').waitFor();
});

test('the time is kept in the address', { skip }, async () => {
  await page.getByRole('combobox', { name: 'Khoảng thời gian' }).click();
  await page.getByRole('option', { name: '7 ngày' }).click();
  await page.waitForURL(/range=7d/);
  await page.reload();
  await card('Tóm tắt bằng lời').getByText(/Trong 7 ngày/).waitFor(patience);
});

const order = () => page.locator('[data-widget]').evaluateAll((list) => list.map((x) => x.getAttribute('aria-label')));

test('a copy is laid out by keyboard and mouse, taken back, and saved', { skip }, async () => {
  await page.goto(`${url}/dashboards/wall`);
  await card('Cảnh báo đang mở').waitFor(patience);
  await page.getByRole('button', { name: 'Sao chép và sửa' }).click();
  const grip = page.getByRole('button', { name: /^Di chuyển Cảnh báo đang mở, vị trí 1/ });
  await grip.focus();
  await page.keyboard.press('ArrowRight');
  const moved = page.getByRole('button', { name: /^Di chuyển Cảnh báo đang mở, vị trí 2/ });
  await moved.waitFor();
  await moved.focus();
  await page.keyboard.press('Shift+ArrowRight');
  await page.getByRole('button', { name: /^Di chuyển Cảnh báo đang mở, vị trí 2 .* rộng 4 cột/ }).waitFor();
  await accessible('the dashboard while it is changed');
  await page.getByRole('button', { name: 'Hoàn tác', exact: true }).click();
  await page.keyboard.press('Control+z');
  await grip.waitFor();
  // By mouse: the first figure to the place of the third.
  const from = await grip.boundingBox();
  const to = await page.locator('[data-widget]').nth(2).boundingBox();
  await page.mouse.move(from.x + 8, from.y + 8);
  await page.mouse.down();
  await page.mouse.move(to.x + to.width / 2, to.y + to.height / 2, { steps: 8 });
  await page.mouse.up();
  await page.getByRole('button', { name: /^Di chuyển Cảnh báo đang mở, vị trí 3/ }).waitFor();

  await page.getByRole('button', { name: 'Thêm mục' }).click();
  await page.getByRole('textbox', { name: 'Tìm số liệu…' }).fill('dinh dang');
  await page.getByRole('button', { name: /Lượng sự kiện theo định dạng/ }).click();
  await card('Lượng sự kiện theo định dạng').waitFor();
  await page.getByRole('button', { name: 'Thiết lập Lượng sự kiện theo định dạng' }).click();
  await page.getByRole('textbox', { name: 'Tiêu đề' }).fill('Định dạng của ca');
  await page.getByRole('button', { name: 'Xong' }).click();
  await page.getByRole('button', { name: 'Bỏ Đơn vị có nhiều cảnh báo mở khỏi bảng' }).click();
  await page.getByRole('button', { name: 'Lưu thành bảng mới' }).click();
  const name = `Ca trực ${process.pid}`;
  await page.getByRole('textbox', { name: 'Tên bảng' }).fill(name);
  await page.getByRole('dialog').getByRole('button', { name: 'Lưu' }).click();
  await page.waitForURL(/\/dashboards\/[0-9a-f]{26}/);
  await page.reload();
  await card('Định dạng của ca').waitFor(patience);
  const names = await order();
  assert.equal(names.indexOf('Cảnh báo đang mở'), 2, names.join(', '));
  assert.ok(!names.includes('Đơn vị có nhiều cảnh báo mở'));
});

test('leaving unsaved changes asks first; a removed board comes back', { skip }, async () => {
  await page.getByRole('button', { name: 'Sửa bố cục' }).click();
  await page.getByRole('button', { name: /^Bỏ Định dạng của ca/ }).click();
  await page.getByRole('link', { name: 'Tổng quan' }).first().click();
  await page.getByRole('dialog').getByText('Bỏ các thay đổi chưa lưu?').waitFor();
  await page.getByRole('button', { name: 'Sửa tiếp' }).click();
  await page.getByRole('button', { name: 'Thôi sửa' }).click();
  await card('Định dạng của ca').waitFor();
  await page.getByRole('button', { name: 'Xóa bảng' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Xóa bảng' }).click();
  await page.waitForURL(/\/dashboards$/);
  await page.getByRole('button', { name: 'Hoàn tác' }).click();
  await page.getByRole('link', { name: new RegExp(`Ca trực ${process.pid}`) }).waitFor();
});

test('a board goes out as PDF and as a picture', { skip }, async () => {
  await page.goto(`${url}/dashboards/leadership`);
  await card('Tóm tắt bằng lời').getByText(/sự kiện/).waitFor(patience);
  for (const [item, head] of [
    ['Báo cáo PDF', '%PDF-'],
    ['Ảnh cả bảng (PNG)', '\x89PNG'],
  ]) {
    await page.getByRole('button', { name: 'Xuất' }).click();
    const file = page.waitForEvent('download', patience);
    await page.getByRole('menuitem', { name: item }).click();
    const bytes = readFileSync(await (await file).path());
    assert.equal(bytes.subarray(0, head.length).toString('latin1'), head);
    assert.ok(bytes.length > 10_000, `${item}: ${bytes.length} bytes`);
  }
});

test('a wall takes boards in turn, and shows when it hears nothing', { skip }, async () => {
  await page.goto(`${url}/dashboards/wall`);
  await card('Cảnh báo đang mở').waitFor(patience);
  await page.getByRole('button', { name: 'Màn hình lớn' }).click();
  await page.getByRole('combobox', { name: 'Đổi bảng sau' }).click();
  await page.getByRole('option', { name: '300 giây' }).click();
  await page.getByRole('checkbox', { name: 'Lãnh đạo' }).check();
  await page.getByRole('button', { name: 'Bắt đầu' }).click();
  await page.waitForURL(/wall=1/);
  await page.getByText(/^Cập nhật \d\d:\d\d:\d\d$/).waitFor();
  await accessible('the wall');
  await page.getByRole('button', { name: 'Bảng tiếp theo' }).click();
  await page.getByRole('heading', { level: 1, name: 'Lãnh đạo' }).waitFor();
  await card('Tóm tắt bằng lời').getByText(/sự kiện/).waitFor(patience);
  await page.getByText(/^Cập nhật \d\d:\d\d:\d\d$/).waitFor(patience);
  await context.setOffline(true);
  await page.getByRole('alert').filter({ hasText: 'Mất kết nối. Số liệu cũ' }).waitFor({ timeout: 150_000 });
  await card('Tóm tắt bằng lời').getByText(/sự kiện/).waitFor();
  await context.setOffline(false);
  await page.getByText(/^Cập nhật \d\d:\d\d:\d\d$/).waitFor({ timeout: 150_000 });
  await page.keyboard.press('Escape');
  await page.waitForURL((at) => !at.searchParams.has('wall'));
});

test('in English, and on a phone', { skip }, async () => {
  await page.getByRole('button', { name: 'English' }).click();
  await card('Summary in words').getByText(/events came from/).waitFor(patience);
  await accessible('the dashboard in English');
  await page.setViewportSize({ width: 360, height: 760 });
  await card('Alerts by ATT&CK tactic').waitFor();
  const wide = await page.evaluate(() => document.documentElement.scrollWidth);
  assert.ok(wide <= 360, `the page is ${wide} px wide on a phone`);
  await accessible('the dashboard on a phone');
});

test('no script failed and nothing foreign was asked', { skip }, () => {
  assert.deepEqual(problems, []);
});
