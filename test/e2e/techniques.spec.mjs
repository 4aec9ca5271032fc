// ATT&CK, a rule and what an event speaks of: an attack is sent, its technique lights
// up in the matrix, the rule's page tells what it does and is switched off and on
// again, the machine's page gathers what is known of it. Runs after console.spec.mjs,
// which has set the password.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { accessible as check, open, send, signIn, skip, url } from './browser.mjs';

const host = `máy chủ/${process.pid}\\a`.replace(/\s/g, '-');
const attacker = `198.51.100.${1 + (process.pid % 250)}`;
const account = `an${process.pid}`;

let browser;
let page;
let problems = [];
const accessible = (name) => check(page, name);
const patient = { timeout: 60_000 };

before(async () => {
  if (skip) return;
  ({ browser, page, problems } = await open());
  await signIn(page, '/attack');
});

after(async () => {
  await browser?.close();
});

test('the matrix shows what is covered', { skip }, async () => {
  await page.getByRole('heading', { level: 1, name: 'Ma trận ATT&CK' }).waitFor();
  await page.getByText(/trên \d+ kỹ thuật được theo dõi/).waitFor(patient);
  await page.getByRole('columnheader', { name: /Xâm nhập ban đầu/ }).waitFor();
  await accessible('the ATT&CK matrix');
});

test('the arrow keys walk the matrix, Enter opens a technique, Escape closes it', { skip }, async () => {
  await page.getByLabel('Tìm kỹ thuật').fill('do mat khau');
  const cell = page.getByRole('button', { name: /^T1110 Dò mật khẩu/ }).first();
  await cell.waitFor();
  await cell.focus();
  await page.keyboard.press('Enter');
  const panel = page.getByRole('complementary', { name: /T1110/ });
  await panel.getByRole('link', { name: 'Mọi luật của kỹ thuật' }).waitFor(patient);
  await accessible('a technique');
  await page.keyboard.press('Escape');
  await panel.waitFor({ state: 'detached' });
  await page.getByLabel('Tìm kỹ thuật').fill('');
  const first = page.locator('[data-at="0-0"]');
  await first.focus();
  await page.keyboard.press('ArrowRight');
  assert.equal(await page.evaluate(() => document.activeElement?.getAttribute('data-at')), '1-0');
});

test('the matrix is exported for the Navigator', { skip }, async () => {
  await page.getByRole('button', { name: 'Xuất', exact: true }).click();
  const file = page.waitForEvent('download');
  await page.getByRole('menuitem', { name: /Navigator/ }).click();
  assert.equal((await file).suggestedFilename(), 'attack-layer.json');
});

test('on a phone the matrix is a list by tactic', { skip }, async () => {
  await page.setViewportSize({ width: 360, height: 740 });
  await page.locator('summary', { hasText: 'Xâm nhập ban đầu' }).click();
  await page.getByRole('button', { name: /^T1190 / }).first().waitFor();
  assert.equal(await page.evaluate(() => document.documentElement.scrollWidth <= window.innerWidth), true);
  await accessible('the matrix on a phone');
  await page.setViewportSize({ width: 1440, height: 900 });
});

test('a machine of any name has a page of its own', { skip }, async () => {
  const lines = Array.from({ length: 12 }, (_, i) => ({
    app: 'sshd',
    host: 'ten-may-la',
    text: `Failed password for invalid user ${account} from ${attacker} port ${41_000 + i} ssh2`,
  }));
  await send(lines);
  await page.goto(`${url}/entities/address/${encodeURIComponent(attacker)}`);
  const events = page.getByText(new RegExp(`invalid user ${account}`)).first();
  await assert.doesNotReject(async () => {
    for (let i = 0; i < 20 && !(await events.isVisible()); i++) {
      await page.waitForTimeout(1_000);
      await page.reload();
      await page.getByRole('heading', { level: 1, name: attacker }).waitFor();
      await events.waitFor({ timeout: 2_000 }).catch(() => undefined);
    }
    await events.waitFor();
  });
  await page.getByRole('heading', { name: 'Dòng thời gian' }).waitFor();
  await accessible('the page of an address');
  // Slashes, backslashes and marks survive the address.
  await page.goto(`${url}/entities/host/${encodeURIComponent(host)}`);
  await page.getByRole('heading', { level: 1, name: host }).waitFor();
  await page.getByText('Không có sự kiện nào trong khoảng thời gian này').waitFor();
});

test('a look at an account says that it is recorded', { skip }, async () => {
  await page.goto(`${url}/entities/user/${encodeURIComponent(`SYT\\${account}`)}`);
  await page.getByText('Mỗi lần xem đều được ghi vào nhật ký kiểm toán').waitFor();
  await page.goto(`${url}/admin/audit`);
  await page.getByText('Xem tài khoản').first().waitFor();
});

test('a rule says what it does, and is switched off with a reason and on again', { skip }, async () => {
  await page.goto(`${url}/rules`);
  await page.getByLabel(/Tìm|Lọc/).first().waitFor();
  await accessible('the list of rules');
  await page.goto(`${url}/rules?tag=attack.t1110`);
  await page.getByRole('row').nth(1).getByRole('link').first().waitFor();
  const name = await page.getByRole('row').nth(1).getByRole('link').first().getAttribute('href');
  await page.goto(`${url}${name.startsWith('/rules/') ? name : '/rules/a6e745ed-d833-4b4a-9197-7f1784410320'}`);
  await page.getByRole('heading', { name: 'Điều kiện' }).or(page.getByText(/^Trong mỗi/)).first().waitFor();
  await page.getByText('Thay đổi gần nhất').waitFor();
  await page.getByText(/^Nạp lần đầu/).waitFor();
  await accessible('a rule');
  await page.getByRole('button', { name: 'Tắt luật' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByRole('textbox').last().fill('Ồn trong đợt diễn tập');
  await accessible('switching a rule off');
  await dialog.getByRole('button', { name: 'Tắt luật' }).click();
  await page.getByText(/Ồn trong đợt diễn tập/).waitFor();
  await page.getByRole('button', { name: 'Bật lại luật' }).click();
  await dialog.getByRole('textbox').last().fill('Diễn tập đã xong');
  await dialog.getByRole('button', { name: 'Bật lại luật' }).click();
  await page.getByRole('button', { name: 'Tắt luật' }).waitFor();
});

test('the same in English', { skip }, async () => {
  await page.evaluate(() => localStorage.setItem('lachan.language', 'en'));
  await page.goto(`${url}/attack?id=T1110`);
  await page.getByRole('heading', { level: 1, name: 'ATT&CK matrix' }).waitFor();
  await page.getByRole('columnheader', { name: /Initial Access/ }).waitFor();
  await page.getByRole('complementary', { name: /T1110 Brute Force/ }).waitFor();
  await accessible('the matrix in English');
  await page.goto(`${url}/entities/address/${encodeURIComponent(attacker)}`);
  await page.getByRole('heading', { name: 'Timeline' }).waitFor();
  await accessible('an address in English');
  await page.evaluate(() => localStorage.setItem('lachan.language', 'vi'));
});

test('nothing went wrong unseen', { skip }, () => {
  assert.deepEqual(problems, []);
});
