// The search page in a real browser, against a running server: find, narrow by
// histogram and by field, make a table and go back to its events, save, share,
// watch, export, all of it by keyboard, too. Runs after console.spec.mjs,
// which sets the password; the settings are in browser.mjs.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';

import { accessible as check, open, send, signIn, skip, url } from './browser.mjs';

// Words of this run alone.
const word = `tim${Date.now().toString(36)}`;
const users = ['an', 'binh', 'chi'].map((name) => `${name}${word}`);

let browser;
let context;
let page;
let problems = [];
const accessible = (name) => check(page, name);

const query = () => page.getByRole('combobox', { name: 'Câu truy vấn' });
const results = () => page.getByRole('grid', { name: 'Kết quả tìm kiếm' });
const histogram = () => page.getByRole('slider', { name: /^Biểu đồ số sự kiện/ });
const found = (n) => page.getByText(`${n} sự kiện`, { exact: true }).first();
const params = () => new URL(page.url()).searchParams;
const press = (key) => page.keyboard.press(key);

/** Asks by address; the query of the page is what the address says. */
async function search(q, more = {}) {
  await page.goto(`${url}/search?${new URLSearchParams({ q, from: 'now-24h', ...more })}`);
  await results().or(page.getByRole('grid', { name: 'Bảng kết quả' })).or(page.getByText('Không có sự kiện nào khớp')).first().waitFor();
}

/** Leaves whatever is focused, so that single keys are commands. */
async function leave() {
  await page.evaluate(() => document.activeElement?.blur());
}

before(async () => {
  if (skip) return;
  ({ browser, context, page, problems } = await open());
  await signIn(page, '/search');
  await query().waitFor();
  // 60 events in the three hours before now: 30 of the first account, 20 and 10 of the others.
  const count = [30, 20, 10];
  await send(
    users.flatMap((user, i) =>
      Array.from({ length: count[i] }, (_, k) => ({
        app: 'sshd',
        text: `Failed password for ${user} from 198.51.100.${k + 1} port ${41_000 + k} ssh2`,
        minutesAgo: 5 + k * 5,
      })),
    ),
  );
  for (let tries = 0; tries < 40; tries++) {
    await search(word);
    if (await found(60).isVisible()) break;
    await page.waitForTimeout(500);
  }
});

after(async () => {
  await browser?.close();
});

test('a part of the histogram is chosen by mouse, and left again', { skip }, async () => {
  await search(word);
  await found(60).waitFor();
  const box = await histogram().boundingBox();
  await page.mouse.move(box.x + box.width * 0.9, box.y + 40);
  await page.mouse.down();
  await page.mouse.move(box.x + box.width * 0.97, box.y + 40, { steps: 4 });
  await page.mouse.up();
  await page.waitForFunction(() => new URL(location.href).searchParams.get('from')?.startsWith('20'));
  const chosen = Date.parse(params().get('to')) - Date.parse(params().get('from'));
  assert.ok(chosen > 3_600_000 && chosen < 4 * 3_600_000, `chose ${chosen} ms of 24 h`);
  await page.getByRole('button', { name: 'Về khoảng trước đó' }).click();
  await found(60).waitFor();
  assert.equal(params().get('from'), null, 'the range before was the usual one');
});

test('a part of the histogram is chosen by keyboard', { skip }, async () => {
  await histogram().focus();
  await press('End');
  for (let i = 0; i < 5; i++) await press('Shift+ArrowLeft');
  const told = await histogram().getAttribute('aria-valuetext');
  assert.match(told, /^\d{2}\/\d{2}\/\d{4} .* đến .* sự kiện$/);
  await press('Enter');
  await page.waitForFunction(() => new URL(location.href).searchParams.get('from')?.startsWith('20'));
  await page.goBack();
  await found(60).waitFor();
  await accessible('the histogram');
});

test('values of a field narrow the search, and widen it again', { skip }, async () => {
  await page.getByLabel('Tìm trường').fill('user');
  const field = page.getByRole('button', { name: /^user \d/ });
  await field.click();
  await page.getByRole('button', { name: `Chỉ lấy user = ${users[1]}`, exact: true }).click();
  await found(20).waitFor();
  assert.equal(params().get('q'), `${word} AND user:${users[1]}`);
  await page.getByRole('button', { name: `Loại trừ user = ${users[1]}`, exact: true }).click();
  await found(40).waitFor();
  assert.equal(params().get('q'), `${word} AND NOT user:${users[1]}`);
  await accessible('an open field');
  await page.goBack();
  await found(20).waitFor();
  assert.equal(await query().inputValue(), `${word} AND user:${users[1]}`);
});

test('columns are pinned, moved, kept in the address and remembered', { skip }, async () => {
  await search(word);
  await page.getByLabel('Tìm trường').fill('src_ip');
  await page.getByRole('button', { name: 'Ghim trường src_ip thành cột' }).click();
  const head = results().getByRole('columnheader').filter({ hasText: 'src_ip' });
  await head.waitFor();
  assert.equal(params().get('cols'), '_host,_kind,src_ip,_raw');
  await head.getByRole('button').click();
  await page.getByRole('menuitem', { name: 'Chuyển sang trái' }).click();
  await page.waitForFunction(() => new URL(location.href).searchParams.get('cols') === '_host,src_ip,_kind,_raw');
  await head.getByRole('button').click();
  await page.getByRole('menuitem', { name: 'Rộng hơn' }).click();
  await press('Escape');
  assert.equal(params().get('cols'), '_host,src_ip~200,_kind,_raw');
  await page.goto(`${url}/search`);
  await head.waitFor();
  assert.equal(params().get('cols'), '_host,src_ip~200,_kind,_raw', 'the last choice is remembered');
});

test('rows are read, filtered and left by keyboard', { skip }, async () => {
  await search(word);
  await found(60).waitFor();
  await leave();
  await press('j');
  await press('j');
  await press('k');
  await press('Enter');
  const detail = page.getByRole('complementary', { name: 'Chi tiết sự kiện' });
  await detail.getByRole('rowheader', { name: 'src_ip' }).waitFor();
  const opened = params().get('event');
  assert.match(opened, /^[0-9a-f]{32}$/);
  await press('j');
  await page.waitForFunction((old) => new URL(location.href).searchParams.get('event') !== old, opened);
  await accessible('an event beside the list');
  await press('x');
  await detail.waitFor({ state: 'detached' });
  await press('l'); // host -> src_ip
  await press('f');
  await page.waitForFunction(() => /src_ip:/.test(new URL(location.href).searchParams.get('q')));
  assert.match(params().get('q'), new RegExp(`^${word} AND src_ip:198\\.51\\.100\\.\\d+$`));
  await page.goBack();
  await found(60).waitFor();
});

test('the events around one are seen in place', { skip }, async () => {
  await results().getByRole('row').nth(3).getByRole('gridcell').first().click();
  const detail = page.getByRole('complementary', { name: 'Chi tiết sự kiện' });
  await detail.getByRole('tab', { name: 'Trước và sau' }).click();
  await detail.getByText(/^Mọi sự kiện của web-e2e trong 5 phút/).waitFor();
  await detail.getByText('± 60 phút').click();
  await detail.getByText(/^Mọi sự kiện của web-e2e trong 60 phút/).waitFor();
  await detail.getByText('Failed password').first().waitFor();
  await accessible('the events around one');
});

test('what is typed is completed from the stored events', { skip }, async () => {
  await search('');
  await query().fill('');
  await query().pressSequentially('src_');
  await page.getByRole('option', { name: /^src_ip/ }).waitFor();
  await press('ArrowDown');
  await press('Tab');
  assert.equal(await query().inputValue(), 'src_ip:');
  await query().fill(`${word} AND user:`);
  await press('End');
  await query().pressSequentially('binh');
  await page.getByRole('option', { name: new RegExp(`^${users[1]}`) }).click();
  assert.equal((await query().inputValue()).trim(), `${word} AND user:${users[1]}`);
  await press('Escape');
  await query().press('Enter');
  await found(20).waitFor();
});

test('a field that no event has is corrected by one click', { skip }, async () => {
  await query().fill(`${word} AND usr:${users[2]}`);
  await query().press('Enter');
  await page.getByText('Ý bạn là:').waitFor();
  await page.getByRole('button', { name: 'user', exact: true }).click();
  await found(10).waitFor();
  assert.equal(params().get('q'), `${word} AND user:${users[2]}`);
});

test('a table has a picture, is sorted, and leads back to events', { skip }, async () => {
  await search(`${word} | top 10 user`);
  const table = page.getByRole('grid', { name: 'Bảng kết quả' });
  const names = () => table.getByRole('row').evaluateAll((rows) => rows.slice(1).map((row) => row.firstChild.textContent));
  await table.getByText(users[2]).waitFor();
  assert.deepEqual(await names(), users);
  await page.getByRole('img', { name: /^Biểu đồ cột của 3 nhóm/ }).waitFor();
  await accessible('a table');
  const count = table.getByRole('columnheader', { name: 'count' });
  await count.getByRole('button').click();
  assert.equal(params().get('sort'), '-count');
  await count.getByRole('button').click();
  await page.waitForFunction(() => new URL(location.href).searchParams.get('sort') === 'count');
  assert.deepEqual(await names(), [...users].reverse());
  await leave();
  await press('j');
  await press('Enter');
  await found(10).waitFor();
  assert.equal(params().get('q'), `${word} AND user:${users[2]}`);
  await page.goBack();
  await table.getByText(users[2]).waitFor();
  assert.equal(params().get('sort'), 'count', 'going back shows the table as it was left');
});

test('a timechart is drawn as lines, and a row is a stretch of time', { skip }, async () => {
  await search(`${word} | timechart 1h by user`);
  await page.getByRole('img', { name: /^Biểu đồ đường của 3 nhóm/ }).waitFor();
  const table = page.getByRole('grid', { name: 'Bảng kết quả' });
  const row = table.getByRole('row').filter({ hasText: users[0] }).first();
  const n = await row.getByRole('gridcell').last().textContent();
  await row.click();
  await found(n).waitFor();
  assert.equal(Date.parse(params().get('to')) - Date.parse(params().get('from')), 3_600_000);
});

test('a search is saved, opened by its link alone, changed, removed and brought back', { skip }, async () => {
  const name = `Đăng nhập sai ${word}`;
  await search(`${word} AND user:${users[0]}`, { from: 'now-7d', order: 'asc' });
  await found(30).waitFor();
  await leave();
  await press('s');
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Tên').fill(name);
  await dialog.getByLabel('Mọi người trong đơn vị tôi').check();
  await accessible('saving a search');
  await dialog.getByRole('button', { name: 'Lưu', exact: true }).click();
  await dialog.waitFor({ state: 'detached' });
  await page.waitForFunction(() => new URL(location.href).searchParams.get('saved'));
  const id = params().get('saved');

  await page.goto(`${url}/search?saved=${id}`);
  await found(30).waitFor();
  assert.equal(params().get('q'), `${word} AND user:${users[0]}`);
  assert.equal(params().get('from'), 'now-7d');
  assert.equal(params().get('order'), 'asc');
  await page.getByText(name, { exact: true }).waitFor();
  await query().fill(`${word} AND user:${users[1]}`);
  await query().press('Enter');
  await found(20).waitFor();
  await page.getByText('đã sửa', { exact: true }).waitFor();

  await leave();
  await press('b');
  await dialog.getByText(name, { exact: true }).waitFor();
  await accessible('the saved searches');
  await dialog.getByRole('button', { name: `Xóa ${name}` }).click();
  await dialog.getByText(name, { exact: true }).waitFor({ state: 'detached' });
  await page.getByRole('button', { name: 'Hoàn tác' }).click();
  await dialog.getByText(name, { exact: true }).waitFor();
  await press('Escape');
  await dialog.waitFor({ state: 'detached' });
});

test('what was asked is remembered for the asker', { skip }, async () => {
  await leave();
  await press('Shift+H');
  const dialog = page.getByRole('dialog');
  await dialog.getByText(`${word} AND user:${users[1]}`).first().waitFor();
  await dialog.getByLabel('Tìm trong lịch sử').fill('top 10');
  await dialog.getByRole('button', { name: new RegExp(`^${word} \\| top 10 user`) }).click();
  await page.getByRole('grid', { name: 'Bảng kết quả' }).waitFor();
});

test('new events are counted without moving the list', { skip }, async () => {
  await search(word);
  await found(60).waitFor();
  await leave();
  await press('t');
  await page.getByText('Đang theo dõi sự kiện mới').waitFor();
  await results().getByRole('row').nth(1).waitFor();
  const first = await results().getByRole('row').nth(1).textContent();
  await send(Array.from({ length: 7 }, (_, k) => ({ app: 'sshd', text: `Failed password for moi${word} from 203.0.113.${k} port 5 ssh2` })));
  const fresh = page.getByRole('button', { name: '7 sự kiện mới' });
  await fresh.waitFor();
  assert.equal(await results().getByRole('row').nth(1).textContent(), first, 'the list moved');
  await accessible('a live tail');
  await fresh.click();
  await results().getByText(`moi${word}`).first().waitFor();
  await page.getByRole('button', { name: 'Dừng', exact: true }).click();
  await page.getByText('Đang theo dõi sự kiện mới').waitFor({ state: 'detached' });
  assert.equal(params().get('tail'), null);
});

test('an export goes on after a reload and is downloaded whole', { skip }, async () => {
  await search(`${word} AND user:${users[0]}`);
  await found(30).waitFor();
  await page.getByRole('button', { name: 'Xuất', exact: true }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel(/^NDJSON/).check();
  await dialog.getByRole('button', { name: 'Bắt đầu xuất' }).click();
  await dialog.getByRole('list', { name: 'Các lần xuất của tôi' }).waitFor();
  await page.reload();
  await page.getByRole('button', { name: /^(Xuất|Đang xuất)/ }).click();
  const link = dialog.getByRole('link', { name: 'Tải về' }).first();
  await link.waitFor();
  await accessible('the exports');
  const download = page.waitForEvent('download');
  await link.click();
  const lines = readFileSync(await (await download).path(), 'utf8').trim().split('\n');
  assert.equal(lines.length, 30, 'the file holds every event');
  for (const line of lines) assert.ok(JSON.parse(line).raw.includes(users[0]));
  await dialog.getByRole('button', { name: /^Xóa tệp/ }).first().click();
  await link.waitFor({ state: 'detached' });
  await press('Escape');
});

test('where nothing is found, the way to the nearest event is offered', { skip }, async () => {
  const hour = 3_600_000;
  const [from, to] = [-72, -71].map((h) => new Date(Date.now() + h * hour).toISOString());
  await search(word, { from, to });
  await page.getByRole('button', { name: /^Xem sự kiện khớp gần nhất/ }).click();
  await results().getByText(word).first().waitFor();
  await search('user:(', {}).catch(() => undefined);
  await page.getByRole('alert').getByText(/Lỗi ở ký tự/).waitFor();
});

test('without a network the search waits, and starts by itself', { skip }, async () => {
  await search(word);
  await context.setOffline(true);
  await query().fill(`${word} AND user:${users[2]}`);
  await query().press('Enter');
  await page.getByText('Trình duyệt đang mất mạng').waitFor();
  await context.setOffline(false);
  await found(10).waitFor();
});

test('every key of the page is told by ?', { skip }, async () => {
  await search(word);
  await leave();
  await press('?');
  const dialog = page.getByRole('dialog', { name: 'Phím tắt' });
  for (const text of ['Theo dõi sự kiện mới, hoặc dừng', 'Chỉ lấy giá trị của ô đang chọn', 'Lưu tìm kiếm này']) {
    await dialog.getByText(text).waitFor();
  }
  await accessible('the list of keys');
  await press('Escape');
});

test('a link opens the same for somebody else', { skip }, async () => {
  await search(word, { order: 'asc', cols: '_host,user~300,_raw' });
  await results().getByRole('row').nth(2).getByRole('gridcell').first().click();
  await page.getByRole('complementary', { name: 'Chi tiết sự kiện' }).getByRole('rowheader', { name: 'src_ip' }).waitFor();
  const other = await context.newPage();
  await other.addInitScript(() => localStorage.removeItem('lachan.search.columns'));
  await other.goto(page.url());
  await other.getByRole('complementary', { name: 'Chi tiết sự kiện' }).getByRole('rowheader', { name: 'src_ip' }).waitFor();
  const list = (p) => p.getByRole('grid', { name: 'Kết quả tìm kiếm' });
  const heads = (p) => list(p).getByRole('columnheader').allTextContents();
  await list(other).waitFor();
  assert.deepEqual(await heads(other), await heads(page));
  assert.equal(other.url(), page.url());
  await other.close();
});

test('dark, and 360 px wide', { skip }, async () => {
  await page.emulateMedia({ colorScheme: 'dark' });
  await page.setViewportSize({ width: 360, height: 740 });
  for (const q of [word, `${word} | top 10 user`, `${word} | timechart 1h by user`]) {
    await search(q);
    await page.waitForTimeout(500); // colours fade over
    const over = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
    assert.ok(over <= 0, `${q} is ${over} px too wide at 360 px`);
    await accessible(`${q}, dark, 360 px`);
  }
  await search(word);
  await page.getByRole('button', { name: 'Trường dữ liệu' }).click();
  await page.getByRole('dialog').getByLabel('Tìm trường').waitFor();
  await accessible('the fields at 360 px');
});

test('nothing broke on the way', { skip }, () => {
  assert.deepEqual(problems, []);
});
