// The notice of 24 hours: drafted from the incident and its obligation, approved by
// somebody else, downloaded, not sent while nobody knows where to, then sent; the
// obligation follows. Runs after console.spec.mjs, which has set the password.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';

import { open, signIn, skip, url } from './browser.mjs';
import { api, everywhere, firstSignIn, stranger } from './people.mjs';

let browser;
let page;
let leader;
let problems = [];
let incident;
let at;
const mark = `vb${process.pid}`;
const button = (where, name) => where.getByRole('button', { name, exact: true });

before(async () => {
  if (skip) return;
  ({ browser, page, problems } = await open());
  page.setDefaultTimeout(30_000);
  await signIn(page, '/documents');
  const made = await api(page, 'POST', '/users', { username: `duyet-${mark}`, displayName: `Duyệt ${mark}`, role: 'leader', unit: 'trung-tam' });
  leader = await stranger(browser, problems);
  await firstSignIn(leader, `duyet-${mark}`, made.oneTimePassword, `bien-xanh-nui-cao-${mark}`);
  const facts = {
    title: `Mã hóa dữ liệu ${mark}`, unit: 'trung-tam', severity: 'high', category: 'vn-a-ransomware', grave: true,
    detectedAt: new Date(Date.now() - 3_600_000).toISOString(), systems: [{ name: `Một cửa ${mark}`, level: 3 }],
  };
  incident = await api(page, 'POST', '/incidents', { origin: 'manual', facts });
});

after(async () => {
  await browser?.close();
});

/** Takes a step with what the dialog asks for. */
async function step(who, name, fill = async () => {}) {
  await button(who, name).first().click();
  const dialog = who.getByRole('dialog', { name });
  await fill(dialog);
  await button(dialog, name).click();
  await dialog.waitFor({ state: 'detached' });
}

test('a notice is drafted from the incident, with what is known filled in', { skip }, async () => {
  const duties = Date.now() + 30_000;
  while ((await api(page, 'GET', `/obligations?subjectKind=incident&subject=${incident.id}`)).items.length === 0) {
    assert.ok(Date.now() < duties, 'no obligation arose');
    await new Promise((next) => setTimeout(next, 200));
  }
  await page.goto(`${url}/incidents/${incident.id}?tab=documents`);
  await page.getByText('Chưa có văn bản nào về việc này').waitFor();
  await everywhere(page, 'no documents of an incident');
  await button(page, 'Soạn văn bản').click();
  const dialog = page.getByRole('dialog', { name: 'Soạn văn bản' });
  const choose = async (label, option) => {
    await dialog.getByRole('combobox', { name: label }).or(dialog.getByRole('textbox', { name: label })).first().click();
    await page.getByRole('option', { name: option }).first().click();
  };
  await choose('Nghĩa vụ được thực hiện', /24 giờ/);
  await button(dialog, 'Tạo dự thảo').click();
  await page.waitForURL(/\/documents\/[0-9a-f]{26}/);
  at = new URL(page.url()).pathname;
  const paper = page.getByRole('region', { name: 'Xem trước' });
  await paper.getByText('CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM').waitFor();
  await paper.getByText(new RegExp(`Một cửa ${mark}`)).first().waitFor();
  await paper.getByText(new RegExp(incident.code)).first().waitFor();
  await everywhere(page, 'a draft beside how it looks');
  await step(page, 'Trình duyệt');
});

test('who wrote it does not approve it; who does, says the gaps are known', { skip }, async () => {
  await page.reload();
  await page.getByText('Chờ duyệt').first().waitFor();
  assert.equal(await button(page, 'Duyệt và vào sổ').count(), 0);
  await leader.goto(url + at);
  await step(leader, 'Duyệt và vào sổ', async (dialog) => {
    const gaps = dialog.getByLabel('Duyệt dù còn mục chưa có dữ liệu');
    if (await gaps.count()) {
      assert.ok(await button(dialog, 'Duyệt và vào sổ').isDisabled(), 'approved without a word about what is missing');
      await gaps.check();
    }
  });
  await leader.getByRole('heading', { level: 1, name: /^\d+\// }).waitFor();
  const [stored] = await Promise.all([leader.waitForEvent('download'), leader.getByRole('link', { name: 'Tải DOCX' }).click()]);
  assert.equal(readFileSync(await stored.path()).subarray(0, 2).toString('latin1'), 'PK');
  await leader.goto(`${url}/documents?tab=book`);
  await leader.getByText(new RegExp(`${mark}|01/`)).first().waitFor();
  await everywhere(leader, 'the number book');
});

test('nothing goes to a recipient without an address; then it goes, and the obligation knows', { skip }, async () => {
  await page.goto(url + at);
  await button(page, 'Ghi nhận đã gửi').first().click();
  const dialog = page.getByRole('dialog', { name: 'Ghi nhận đã gửi' });
  await dialog.getByRole('alert').getByText(/chưa có địa chỉ/).waitFor();
  assert.ok(await button(dialog, 'Ghi nhận đã gửi').isDisabled());
  await page.keyboard.press('Escape');
  const { items } = await api(page, 'GET', '/recipients');
  for (const r of items.filter((one) => one.address === '')) {
    await api(page, 'PUT', `/recipients/${r.id}`, { address: 'tiep-nhan@vi-du.example', channel: 'portal', contact: '', note: '', version: r.version });
  }
  await page.reload();
  await step(page, 'Ghi nhận đã gửi', async (sending) => {
    await sending.getByRole('combobox', { name: 'Cách gửi' }).or(sending.getByRole('textbox', { name: 'Cách gửi' })).first().click();
    await page.getByRole('option', { name: 'Cổng thông tin' }).click();
  });
  await step(page, 'Ghi nhận xác nhận', (dialog2) => dialog2.getByLabel('Xác nhận của nơi nhận').fill('Số đến 12'));
  await page.goto(`${url}/incidents/${incident.id}?tab=obligations`);
  await page.getByText(/Đã được xác nhận|đã xác nhận/i).first().waitFor();
  const { items: owed } = await api(page, 'GET', `/obligations?state=acknowledged&subjectKind=incident&subject=${incident.id}`);
  assert.equal(owed.length, 1);
  assert.deepEqual(problems, []);
});
