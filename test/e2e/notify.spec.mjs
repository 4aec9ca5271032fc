// Being told: a mail server, a webhook and a chat are set up and tried, an alert
// reaches all three, the inbox and the bell; what fails is seen and sent again;
// quiet hours and digests hold; an alert that nobody takes goes on to the next
// step and one that somebody takes does not. The mail server is a real one, Exim.
// Runs after console.spec.mjs, which has set the password.
import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { createServer } from 'node:http';
import { after, before, test } from 'node:test';

import { accessible as check, open, send, signIn, skip as noServer, url } from './browser.mjs';
import { body, header, mailPassword, mailServer, mailUser, noMailServer } from './mailserver.mjs';

const skip = noServer || noMailServer;
const run = Date.now() % 50_000;
const address = (n) => `198.17.${run >> 8}.${(run + n) & 255}`;
const botToken = '123456:ABC-DEF-thu';

let browser;
let page;
let problems = [];
let smtp;
let hooks;
let secret;
const accessible = (name) => check(page, name);

async function until(what, done, seconds = 90) {
  for (const end = Date.now() + seconds * 1000; Date.now() < end; ) {
    const found = await done();
    if (found) return found;
    await new Promise((next) => setTimeout(next, 200));
  }
  throw new Error(`${what}: not within ${seconds} s`);
}

/** What was posted to a path, and how it is answered. */
function receiver() {
  const got = [];
  const status = {};
  const server = createServer((req, res) => {
    let text = '';
    req.on('data', (chunk) => (text += chunk));
    req.on('end', () => {
      got.push({ path: req.url, headers: req.headers, text });
      res.writeHead(status[req.url] ?? 200, { 'Content-Type': 'application/json' });
      res.end('{"ok":true}');
    });
  });
  return new Promise((done) =>
    server.listen(0, '127.0.0.1', () => done({ got, status, at: `http://127.0.0.1:${server.address().port}`, close: () => server.close() })),
  );
}

const posts = (path, text = '') => hooks.got.filter((one) => one.path === path && one.text.includes(text));
const mailsAbout = (text) => smtp.mails().filter((mail) => header(mail, 'Subject').includes(text) || body(mail).includes(text));

/** The signature as docs/operate/notifications.md says a receiver computes it. */
function verify({ headers, text }) {
  const key = Buffer.from(secret.replace(/^whsec_/, ''), 'base64');
  const want = createHmac('sha256', key).update(`${headers['webhook-id']}.${headers['webhook-timestamp']}.${text}`).digest('base64');
  assert.ok(headers['webhook-signature'].split(' ').includes(`v1,${want}`), 'the signature');
  assert.ok(Math.abs(Date.now() / 1000 - Number(headers['webhook-timestamp'])) < 300, 'the time of the attempt');
}

const tab = (name) => page.getByRole('tab', { name, exact: true }).click();
const dialog = () => page.getByRole('dialog');
const row = (text) => page.getByRole('row').filter({ hasText: text });

async function choose(label, option) {
  await dialog().getByRole('combobox', { name: label, exact: true }).click();
  await page.getByRole('option', { name: option, exact: true }).click();
}

/** Picks several of a list that stays open, and closes it. */
async function pick(scope, label, options) {
  const field = scope.getByRole('combobox', { name: label, exact: true });
  for (const option of options) {
    await field.focus();
    await field.press('ArrowDown');
    await page.getByRole('option', { name: option, exact: true }).first().click();
  }
  await field.press('Tab');
}

async function save() {
  await dialog().getByRole('button', { name: 'Lưu' }).click();
  await dialog().waitFor({ state: 'hidden' });
}

/** Attempts to sign in from an address of their own make an alert; returns its id. */
async function attack(n) {
  await send(
    Array.from({ length: 12 }, (_, i) => ({ app: 'sshd', text: `Failed password for root from ${address(n)} port ${42_000 + i} ssh2`, host: `bao-${run}-${n}` })),
  );
  return until(`the alert about ${address(n)}`, async () => {
    const { items } = await (await page.request.get(`${url}/api/v1/alerts?limit=50`)).json();
    return items.find((one) => one.entity?.value === address(n) || JSON.stringify(one).includes(address(n)))?.id;
  });
}

async function prefer(change) {
  await tab('Tùy chọn của tôi');
  await page.getByLabel('Địa chỉ thư điện tử của tôi').waitFor();
  await change();
  const saved = page.waitForResponse((answer) => answer.url().endsWith('/notifications/preferences') && answer.request().method() === 'PUT');
  await page.getByRole('button', { name: 'Lưu' }).click();
  assert.equal((await saved).status(), 200);
}

/** The clock in Vietnam so many hours from now. */
const clock = (hours) =>
  new Intl.DateTimeFormat('en-GB', { timeZone: 'Asia/Ho_Chi_Minh', hour: '2-digit', minute: '2-digit' }).format(Date.now() + hours * 3_600_000);

before(async () => {
  if (skip) return;
  [smtp, hooks] = await Promise.all([mailServer(), receiver()]);
  ({ browser, page, problems } = await open());
  page.setDefaultTimeout(30_000);
  await signIn(page, '/notifications');
});

after(async () => {
  await browser?.close();
  hooks?.close();
  await smtp?.stop();
});

test('a person says where mail reaches him', { skip }, async () => {
  await page.getByRole('heading', { name: 'Thông báo', exact: true }).waitFor();
  await accessible('the inbox');
  await prefer(() => page.getByLabel('Địa chỉ thư điện tử của tôi').fill('truc@tinh.example'));
  await accessible('preferences');
});

test('a mail channel with encryption and a sign-in is added and tried', { skip }, async () => {
  await tab('Kênh gửi');
  await page.getByRole('button', { name: 'Thêm' }).click();
  const form = dialog();
  await form.getByLabel('Tên', { exact: true }).fill('Thư của trung tâm');
  await form.getByLabel('Máy chủ thư').fill('127.0.0.1');
  await form.getByLabel('Cổng').fill(String(smtp.port));
  await form.getByLabel('Địa chỉ gửi').fill('canhbao@tinh.example');
  await form.getByLabel('Tên người gửi').fill('Trung tâm An ninh mạng tỉnh');
  await form.getByLabel('Tên đăng nhập').fill(mailUser);
  await form.getByLabel('Mật khẩu hoặc khóa bí mật').fill('sai-mat-khau');
  await form.getByLabel('Chứng thư gốc riêng (PEM)').fill(smtp.ca);
  await choose('Mức chi tiết', 'Thêm đối tượng (máy, tài khoản, địa chỉ)');
  await accessible('the form of a channel');
  await save();
  await row('Thư của trung tâm').getByRole('button', { name: 'Gửi thử' }).click();
  await dialog().getByRole('button', { name: 'Gửi thử' }).click();
  await dialog().getByRole('alert').getByText('Nơi nhận từ chối đăng nhập').waitFor();
  await page.keyboard.press('Escape');
  await dialog().waitFor({ state: 'hidden' });
  await row('Thư của trung tâm').getByRole('button', { name: 'Sửa' }).click();
  await dialog().getByLabel('Mật khẩu hoặc khóa bí mật').fill(mailPassword);
  await save();
  await row('Thư của trung tâm').getByRole('button', { name: 'Gửi thử' }).click();
  await dialog().getByRole('button', { name: 'Gửi thử' }).click();
  await dialog().waitFor({ state: 'hidden' });
  const [mail] = await until('the test mail', () => mailsAbout('Thông báo thử từ Lá Chắn'));
  assert.match(header(mail, 'From'), /^Trung tâm An ninh mạng tỉnh <canhbao@tinh\.example>$/);
  assert.match(mail, /with esmtpsa /, 'encrypted, and signed in');
});

test('a signed webhook and a chat are added and tried', { skip }, async () => {
  await page.getByRole('button', { name: 'Thêm' }).click();
  await choose('Loại kênh', 'Webhook có chữ ký');
  const form = dialog();
  await form.getByLabel('Tên', { exact: true }).fill('Máy của trung tâm');
  await form.getByLabel('Địa chỉ', { exact: true }).fill(`${hooks.at}/bao`);
  await form.getByRole('button', { name: 'Tạo khóa' }).click();
  secret = await form.getByLabel('Mật khẩu hoặc khóa bí mật').inputValue();
  assert.match(secret, /^whsec_/);
  await choose('Mức chi tiết', 'Thêm đối tượng (máy, tài khoản, địa chỉ)');
  await save();
  await row('Máy của trung tâm').getByRole('button', { name: 'Gửi thử' }).click();
  await dialog().getByRole('button', { name: 'Gửi thử' }).click();
  await dialog().waitFor({ state: 'hidden' });
  verify(posts('/bao')[0]);

  await page.getByRole('button', { name: 'Thêm' }).click();
  await choose('Loại kênh', 'Nhóm trò chuyện');
  await form.getByLabel('Tên', { exact: true }).fill('Nhóm trực');
  await form.getByLabel('Địa chỉ dịch vụ bot').fill(hooks.at);
  await form.getByLabel('Mã nhóm trò chuyện').fill('-1001');
  await form.getByLabel('Mật khẩu hoặc khóa bí mật').fill(botToken);
  await save();
  await row('Nhóm trực').getByRole('button', { name: 'Gửi thử' }).click();
  await dialog().getByRole('button', { name: 'Gửi thử' }).click();
  await dialog().waitFor({ state: 'hidden' });
  assert.match(posts(`/bot${botToken}/sendMessage`)[0].text, /Thông báo thử từ Lá Chắn/);
});

test('an alert becomes a mail, a signed post, a word in the chat, an item of the inbox and a number at the bell', { skip }, async () => {
  await tab('Quy tắc');
  await page.getByRole('button', { name: 'Thêm' }).click();
  await dialog().getByLabel('Tên', { exact: true }).fill('Cảnh báo của trung tâm');
  await choose('Từ mức', 'Thông tin');
  await pick(dialog(), 'Báo cho', ['Trung tâm: Quản trị viên', 'Nhóm hoặc máy mà kênh trỏ tới']);
  await pick(dialog(), 'Bằng kênh', ['Thư của trung tâm', 'Máy của trung tâm', 'Nhóm trực']);
  await accessible('the form of a rule');
  await save();
  await accessible('rules');
  const id = await attack(1);
  const [mail] = await until('the mail', () => (mailsAbout(address(1)).length > 0 ? mailsAbout(address(1)) : false));
  assert.match(header(mail, 'Subject'), /^\[(Nghiêm trọng|Cao|Trung bình|Thấp|Thông tin)\] /);
  assert.equal(header(mail, 'Auto-Submitted'), 'auto-generated');
  assert.match(header(mail, 'To'), /truc@tinh\.example/);
  assert.ok(body(mail).includes(`Mở trong Lá Chắn: ${url}/alerts/${id}`) || body(mail).includes(`${url}/alerts/${id}`), body(mail));
  const [post] = await until('the post', () => (posts('/bao', id).length > 0 ? posts('/bao', id) : false));
  verify(post);
  assert.ok(JSON.parse(post.text).items.some((item) => item.link === `${url}/alerts/${id}` && item.about === address(1)), post.text);
  await until('the chat', () => posts(`/bot${botToken}/sendMessage`, id).length > 0);
  await page.getByRole('link', { name: /Thông báo, [1-9]\d* chưa đọc/ }).waitFor();
  await tab('Của tôi');
  await page.getByRole('cell').first().waitFor();
  await accessible('an inbox with something in it');
  await page.getByRole('button', { name: 'Đánh dấu đã đọc hết' }).click();
  await page.getByRole('link', { name: 'Thông báo, 0 chưa đọc' }).waitFor();
});

test('what was posted is posted again from the log, under the same id', { skip }, async () => {
  const [first] = posts('/bao').slice(-1);
  await tab('Nhật ký gửi');
  const sent = row('Máy của trung tâm').filter({ hasText: 'Đã gửi' }).first();
  await accessible('the log');
  await sent.getByRole('button', { name: 'Gửi lại' }).click();
  const again = await until('the same post', () => {
    const same = posts('/bao').filter((one) => one.headers['webhook-id'] === first.headers['webhook-id']);
    return same.length > 1 && same.at(-1);
  });
  verify(again);
  assert.equal(again.text, first.text);
});

test('what fails says why, and is sent again when it is mended', { skip }, async () => {
  smtp.hold(true);
  hooks.status['/bao'] = 410;
  await attack(2);
  await until('a refused post', () => posts('/bao', address(2)).length > 0);
  await tab('Của tôi');
  await tab('Nhật ký gửi');
  await until('both failures in the log', async () => {
    await page.reload();
    await page.getByRole('row').nth(1).waitFor();
    const text = await page.getByRole('table').innerText();
    return text.includes('Nơi nhận đang bận') && text.includes('Nơi nhận từ chối thông báo');
  });
  await row('Nơi nhận đang bận').filter({ hasText: '451' }).first().waitFor();
  await accessible('a log with failures');
  smtp.hold(false);
  delete hooks.status['/bao'];
  await row('Nơi nhận đang bận').first().getByRole('button', { name: 'Gửi lại' }).click();
  await row('Nơi nhận từ chối thông báo').first().getByRole('button', { name: 'Gửi lại' }).click();
  await until('the mail', () => mailsAbout(address(2)).length > 0);
  await until('the post', () => posts('/bao', address(2)).length > 1);
  assert.equal(new Set(posts('/bao', address(2)).map((one) => one.headers['webhook-id'])).size, 1, 'the id of all attempts');
});

test('quiet hours and a digest hold mail back, not the inbox', { skip }, async () => {
  const held = async (n) => {
    await attack(n);
    await until('the post', () => posts('/bao', address(n)).length > 0);
    await page.getByRole('link', { name: /Thông báo, [1-9]\d* chưa đọc/ }).waitFor();
    assert.equal(mailsAbout(address(n)).length, 0, 'a mail came all the same');
  };
  await prefer(async () => {
    await page.getByLabel('Từ', { exact: true }).fill(clock(-2));
    await page.getByLabel('Đến', { exact: true }).fill(clock(2));
  });
  await held(3);
  await prefer(async () => {
    await page.getByLabel('Từ', { exact: true }).fill('');
    await page.getByLabel('Đến', { exact: true }).fill('');
    await page.getByRole('combobox', { name: 'Gộp thông báo' }).click();
    await page.getByRole('option', { name: 'Mỗi ngày một lần' }).click();
    await page.getByLabel('Lúc', { exact: true }).fill(clock(12));
  });
  await held(4);
  assert.equal(mailsAbout(address(3)).length, 0, 'what quiet hours held goes into the digest');
  await prefer(async () => {
    await page.getByRole('combobox', { name: 'Gộp thông báo' }).click();
    await page.getByRole('option', { name: 'Gửi ngay' }).click();
  });
  const [mail] = await until('one mail with both', () => (mailsAbout(address(4)).length > 0 ? mailsAbout(address(4)) : false));
  assert.ok(body(mail).includes(address(3)), 'it tells of both');
});

test('an alert that nobody takes goes on to the next step, one that is taken does not', { skip }, async () => {
  await tab('Chuyển cấp');
  await page.getByRole('button', { name: 'Thêm' }).click();
  await dialog().getByLabel('Tên', { exact: true }).fill('Ca trực');
  await dialog().getByLabel('Sau (phút)').fill('1');
  await pick(dialog(), 'Báo cho', ['Trung tâm: Quản trị viên', 'Nhóm hoặc máy mà kênh trỏ tới']);
  await pick(dialog(), 'Bằng kênh', ['Thư của trung tâm', 'Máy của trung tâm']);
  await accessible('the form of a plan');
  await save();
  await tab('Quy tắc');
  await row('Cảnh báo của trung tâm').getByRole('button', { name: 'Sửa' }).click();
  await choose('Kế hoạch chuyển cấp', 'Ca trực');
  await save();
  const taken = await attack(5);
  await page.goto(`${url}/alerts/${taken}`);
  await page.getByRole('button', { name: 'Nhận xử lý', exact: true }).first().click();
  await page.getByText('Đã nhận xử lý 1 cảnh báo.').waitFor();
  const left = await attack(6);
  const escalated = await until('the step', () => posts('/bao', left).find((one) => one.text.includes('alert.escalated')), 180);
  verify(escalated);
  assert.ok(!posts('/bao', taken).some((one) => one.text.includes('alert.escalated')), 'what somebody took went on all the same');
  await until('the mail of the step', () => mailsAbout(address(6)).some((mail) => `${header(mail, 'Subject')}${body(mail)}`.includes('chưa ai tiếp nhận')));
});

test('the page and the mail speak English', { skip }, async () => {
  await page.goto(`${url}/notifications`);
  await prefer(async () => {
    await page.getByRole('combobox', { name: 'Ngôn ngữ của thông báo' }).click();
    await page.getByRole('option', { name: 'English' }).click();
  });
  await page.getByRole('button', { name: 'English' }).first().click();
  for (const [name, text] of [
    ['Mine', 'Mark all as read'],
    ['Sent', 'Send again'],
    ['Channels', 'Send a test'],
    ['Rules', 'Edit'],
    ['Escalation', 'Edit'],
  ]) {
    await tab(name);
    await page.getByRole('button', { name: text }).first().waitFor();
    await accessible(`${name} in English`);
  }
  const id = await attack(7);
  const [mail] = await until('the mail in English', () => (mailsAbout(address(7)).length > 0 ? mailsAbout(address(7)) : false));
  assert.match(header(mail, 'Subject'), /^\[(Critical|High|Medium|Low|Informational)\] /);
  assert.ok(body(mail).includes(`${url}/alerts/${id}`));
  await page.getByRole('link', { name: /Notifications, [1-9]\d* unread/ }).waitFor();
  // The journeys that follow find nobody told of anything.
  await tab('Rules');
  await row('Cảnh báo của trung tâm').getByRole('button', { name: 'Remove' }).click();
  await dialog().getByRole('button', { name: 'Remove' }).click();
  await page.getByText('No rules yet').waitFor();
  assert.deepEqual(problems, []);
});
