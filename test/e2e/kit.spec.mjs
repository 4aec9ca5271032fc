// What is alike on every page of the console: the side bar, a list by keyboard,
// many at once, undo, the palette, the tip of a time, the wall. Runs after
// console.spec.mjs, which has set the password.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { accessible, moment, open, send, settled as ready, signIn, skip, url } from './browser.mjs';

const mark = `kit-${Date.now() % 100_000}`;
const hosts = ['a', 'b', 'c', 'd'].map((letter) => `${mark}-${letter}`);
const press = async (...keys) => {
  for (const key of keys) await page.keyboard.press(key);
};

let browser;
let page;
let problems = [];

before(async () => {
  if (skip) return;
  await send(hosts.map((host) => ({ app: 'sshd', text: 'Server listening on 0.0.0.0 port 22.', host })));
  ({ browser, page, problems } = await open());
  await signIn(page, '/');
});

after(async () => {
  await browser?.close();
});

const settled = () => ready(page);

test('the side bar has its pages by the job, each leading to one', { skip }, async () => {
  const menu = page.getByRole('navigation', { name: 'Trình đơn chính' });
  for (const group of ['Giám sát', 'Ứng cứu', 'Hệ thống', 'Quản trị']) {
    const links = menu.getByRole('group', { name: group }).getByRole('link');
    assert.ok((await links.count()) > 0, `${group} has no page`);
  }
  assert.equal(await menu.getByRole('group', { name: 'Người dân' }).count(), 0, 'a group without pages is shown');
  assert.equal(await menu.locator('[aria-current=page]').count(), 1);
});

test('the menu of a phone: opened, walked, closed by Escape', { skip }, async () => {
  await page.setViewportSize({ width: 360, height: 740 });
  await page.goto(url);
  await settled();
  const button = page.getByRole('button', { name: 'Trình đơn chính' });
  await button.click();
  const menu = page.getByRole('navigation', { name: 'Trình đơn chính' });
  await menu.getByRole('link', { name: 'Nguồn log' }).waitFor();
  await accessible(page, 'the open menu of a phone');
  await press('Escape');
  await menu.waitFor({ state: 'hidden' });
  assert.ok(await button.evaluate((element) => element === document.activeElement), 'the focus is lost');
  await page.setViewportSize({ width: 1440, height: 900 });
  await page.evaluate(() => localStorage.setItem('lachan.scheme', 'light'));
});

test('a list by keyboard: filter, walk, open, select a range, leave', { skip }, async () => {
  await page.goto(`${url}/sources`);
  await settled();
  await press('/');
  await page.keyboard.type(mark);
  await page.waitForURL((at) => at.searchParams.get('q') === mark);
  const rows = page.locator('tr[data-id]');
  await page.waitForFunction((n) => document.querySelectorAll('tr[data-id]').length === n, hosts.length);
  await press('Escape', 'j', 'j');
  const active = () => page.locator('tr[data-active]').innerText();
  const second = await rows.nth(1).innerText();
  assert.equal(await active(), second, 'j does not walk');
  assert.ok(await rows.nth(1).evaluate((row) => row === document.activeElement), 'the row in hand has not the focus');

  await press('Enter');
  const panel = page.getByRole('complementary', { name: /^Chi tiết kit-/ });
  await panel.getByText('48 giờ qua').waitFor();
  const opened = new URL(page.url()).searchParams.get('id');
  assert.ok(opened, 'the address does not keep what is open');
  await accessible(page, 'a list with its panel');
  await press('j');
  await page.waitForURL((at) => at.searchParams.get('id') !== opened);
  await press('Escape');
  await panel.waitFor({ state: 'detached' });

  await press('k', 'x', 'j', 'j', 'Shift+X');
  await page.getByText('Đã chọn 3', { exact: true }).waitFor();
  await accessible(page, 'a list with rows selected');
  await press('Escape');
  await page.getByText('Đã chọn 3', { exact: true }).waitFor({ state: 'detached' });

  await press('?');
  const help = page.getByRole('dialog', { name: 'Phím tắt' });
  for (const line of ['Xuống một dòng', 'Đánh dấu đến dòng này', 'Tạm ngừng theo dõi', 'Đi tới trang, thao tác, đối tượng']) {
    await help.getByText(line, { exact: true }).waitFor();
  }
  await accessible(page, 'the keys of a page');
  await press('Escape');
});

test('a press on a column orders the list, the address keeps it', { skip }, async () => {
  await page.goto(`${url}/sources?q=${mark}`);
  await page.locator('tr[data-id]').nth(3).waitFor();
  const head = page.getByRole('columnheader', { name: 'Máy hoặc thiết bị' });
  await head.getByRole('button').click();
  await page.waitForURL((at) => at.searchParams.get('sort') === 'host');
  await head.getByRole('button').click();
  await page.waitForURL((at) => at.searchParams.get('sort') === '-host');
  assert.equal(await head.getAttribute('aria-sort'), 'descending');
  await page.reload();
  await page.locator('tr[data-id]').nth(3).waitFor();
  assert.match(await page.locator('tr[data-id]').first().innerText(), new RegExp(hosts[3]));
});

test('many at once, and all of it undone by z', { skip }, async () => {
  await page.goto(`${url}/sources?q=${mark}`);
  await page.locator('tr[data-id]').nth(3).waitFor();
  await page.getByRole('checkbox', { name: 'Chọn tất cả' }).check();
  await press('m');
  const dialog = page.getByRole('dialog', { name: 'Tạm ngừng theo dõi 4 nguồn' });
  await dialog.getByLabel('Cho đến').fill(moment(Date.now() + 86_400_000));
  await dialog.getByLabel('Lý do').fill('diễn tập');
  await dialog.getByRole('button', { name: 'Tạm ngừng theo dõi' }).click();
  await dialog.waitFor({ state: 'detached' });
  await page.waitForFunction((n) => document.querySelectorAll('tr[data-id]').length === n, hosts.length);
  const muted = () => page.locator('tr[data-id]').getByText('Tạm ngừng theo dõi').count();
  await page.locator('tr[data-id]').getByText('Tạm ngừng theo dõi').nth(3).waitFor();
  assert.equal(await muted(), 4);
  await press('z');
  await page.getByText('Đã hoàn tác.').waitFor();
  await page.locator('tr[data-id]').getByText('Tạm ngừng theo dõi').first().waitFor({ state: 'detached' });
});

test('the palette: by keyboard, without accents, into the data', { skip }, async () => {
  await page.goto(url);
  await settled();
  await press('Control+k');
  const palette = page.getByRole('dialog', { name: 'Đi tới và thực hiện' });
  const field = palette.getByRole('combobox');
  await field.waitFor();
  await page.keyboard.type('nguon log');
  const chosen = palette.getByRole('option', { selected: true });
  await chosen.getByText('Nguồn log', { exact: true }).waitFor();
  assert.equal(await field.getAttribute('aria-activedescendant'), await chosen.getAttribute('id'));
  await accessible(page, 'the palette');
  await press('Enter');
  await page.getByRole('heading', { level: 1, name: 'Nguồn log' }).waitFor();
  await palette.waitFor({ state: 'detached' });

  await press('Control+k');
  await field.fill(hosts[2]);
  await palette.getByRole('group', { name: 'Nguồn log' }).getByRole('option', { name: new RegExp(hosts[2]) }).waitFor();
  await press('ArrowUp', 'Enter');
  await page.waitForURL((at) => at.pathname === '/sources' && at.searchParams.has('id'));
  await page.getByRole('complementary', { name: `Chi tiết ${hosts[2]}` }).waitFor();

  // What was opened comes first the next time.
  await press('Control+k');
  await palette.getByRole('group', { name: 'Vừa dùng' }).getByRole('option').first().getByText(hosts[2]).waitFor();
  await field.fill('khong co gi nhu the nay');
  await palette.getByRole('option', { name: /trong nhật ký/ }).waitFor();
  await press('Escape');
  await palette.waitFor({ state: 'detached' });
});

test('the unit that the pages are narrowed to stays from page to page, in the address', { skip }, async () => {
  const units = /\/api\/v1\/units$/;
  await page.route(units, async (route) => {
    const answer = await route.fetch();
    const body = await answer.json();
    const more = [{ ...body.items[0], id: 'kit-dong-da', name: 'Phường Đống Đa' }, { ...body.items[0], id: 'kit-y-te', name: 'Sở Y tế' }];
    await route.fulfill({ response: answer, json: { ...body, items: [...body.items, ...more] } });
  });
  await page.goto(`${url}/sources`);
  await settled();
  const box = page.getByRole('combobox', { name: 'Chỉ xem đơn vị' });
  await box.click();
  await page.keyboard.type('dong da');
  await page.getByRole('option', { name: 'Phường Đống Đa' }).click();
  await page.waitForURL((at) => at.searchParams.get('unit') === 'kit-dong-da');
  await page.getByText('Không có dòng nào khớp bộ lọc').waitFor();
  const menu = page.getByRole('navigation', { name: 'Trình đơn chính' });
  for (const [name, path] of [['Luật phát hiện', '/rules'], ['Ma trận ATT&CK', '/attack']]) {
    await menu.getByRole('link', { name }).click();
    await page.waitForURL((at) => at.pathname === path && at.searchParams.get('unit') === 'kit-dong-da');
  }
  await page.reload();
  await settled();
  await page.waitForFunction((field) => field.value !== '', await box.elementHandle()); // the units come after the page
  assert.equal(await box.inputValue(), 'Phường Đống Đa');
  await accessible(page, 'a page narrowed to one unit');
  await page.unroute(units);
});

const sample = '22/11/2026 10:20:58';
const inUtc = '22/11/2026 03:20:58.123 UTC';

test('a time says UTC when pointed at and when focused; a page that moves keeps it, Escape takes it away', { skip }, async () => {
  await page.goto(`${url}/style`);
  await settled();
  const time = page.locator('time').filter({ hasText: sample }).first();
  await time.hover();
  const tip = page.getByRole('tooltip');
  await tip.filter({ hasText: inUtc }).waitFor();
  // A list elsewhere on the page moves as events come.
  await page.evaluate(async () => {
    document.dispatchEvent(new Event('scroll'));
    await new Promise((next) => requestAnimationFrame(() => requestAnimationFrame(next)));
  });
  assert.equal(await tip.count(), 1, 'a page that scrolls took the tip from the pointer');
  assert.ok(await time.getAttribute('aria-describedby'), 'the time is not described by its tip');
  await press('Escape');
  await tip.waitFor({ state: 'detached' });

  await page.mouse.move(0, 0);
  await time.focus();
  await press('Shift+Tab', 'Tab');
  await tip.filter({ hasText: inUtc }).waitFor();
  await press('Tab');
  await tip.filter({ hasText: sample }).waitFor();
});

test('a time says UTC when tapped', { skip }, async () => {
  const context = await browser.newContext({
    hasTouch: true,
    locale: 'vi-VN',
    viewport: { width: 360, height: 740 },
    storageState: await page.context().storageState(),
  });
  const phone = await context.newPage();
  await phone.goto(`${url}/style`);
  const time = phone.locator('time').filter({ hasText: sample }).first();
  await time.waitFor();
  await time.tap();
  const tip = phone.getByRole('tooltip');
  await tip.filter({ hasText: inUtc }).waitFor();
  await phone.getByRole('heading', { level: 1 }).tap();
  await tip.waitFor({ state: 'detached' });
  await context.close();
});

test('the wall screen has no frame and is left by Escape', { skip }, async () => {
  await page.goto(`${url}/?wall=1`);
  await settled();
  await page.getByRole('navigation', { name: 'Trình đơn chính' }).waitFor({ state: 'hidden' });
  await accessible(page, 'the wall screen');
  await press('Escape');
  await page.getByRole('navigation', { name: 'Trình đơn chính' }).waitFor();
});

test('the skip link leads past the frame', { skip }, async () => {
  await page.goto(`${url}/rules`);
  await settled();
  await page.evaluate(() => document.activeElement?.blur());
  await press('Tab');
  assert.equal(await page.evaluate(() => document.activeElement?.textContent), 'Chuyển đến nội dung chính');
  await press('Enter');
  assert.equal(await page.evaluate(() => document.activeElement?.id), 'main');
});

test('nothing foreign was asked for, nothing broke', { skip }, () => {
  assert.deepEqual(problems, []);
});
