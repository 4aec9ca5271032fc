// What is asked of a system: a unit declares, the product measures, the four layers and
// the go-live gate say what is missing, and a decision lets the system operate all the
// same. Runs after console.spec.mjs, which has set the password.
import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';

import { accessible, open, signIn, skip, url } from './browser.mjs';
import { api, everywhere } from './people.mjs';
import { signedPapers, signer } from './signedpdf.mjs';

let browser;
let page;
let problems = [];
let id;
const mark = `y${process.pid}`;
const unit = `yc-${mark}`;

before(async () => {
  if (skip) return;
  ({ browser, page, problems } = await open());
  page.setDefaultTimeout(30_000);
  await signIn(page, '/requirements');
  await api(page, 'POST', '/units', { id: unit, name: `Sở ${unit}` });
  const party = { name: '', mandate: '', head: '', title: '', address: '', phone: '', mail: '' };
  const made = await api(page, 'POST', '/systems', {
    name: `Một cửa ${mark}`, purpose: '', serves: '', type: 'public', unit, operatorUnit: '', operator: party, extent: '', scale: '', zones: [], domains: [],
    services: [], data: { basic: 0, sensitive: 0, important: false, core: false, secret: false }, dataCentre: '', staff: [],
    regulation: { number: '', date: '', issuer: '' }, deployment: 'none', plannedApproval: '', plannedDeployment: '', critical: false, transition: 'none',
  });
  id = made.id;
});

after(async () => {
  await browser?.close();
});

const button = (at, name) => at.getByRole('button', { name, exact: true });
const dialog = () => page.getByRole('dialog');

test('a unit declares how its system stands, and the product measures', { skip }, async () => {
  await page.goto(`${url}/systems/${id}?tab=requirements`);
  const row = page.locator('[data-item="logs-clock"]');
  await button(row, 'Khai báo').click();
  await dialog().getByLabel('Người phụ trách').fill('Nguyễn Văn An');
  await button(dialog(), 'Lưu khai báo').click();
  await row.getByText('Đạt đầy đủ').waitFor();
  await button(page, 'Đo lại ngay').click();
  await page.locator('[data-item="malware-realtime"]').getByText(/^Tìm trong nhật ký 7 ngày/).waitFor();
  await button(row, 'Minh chứng').click();
  await dialog().getByLabel('Hoặc số văn bản, nơi tìm thấy').fill('QĐ 12/QĐ-SYT');
  await button(dialog(), 'Thêm minh chứng').click();
  await dialog().getByText('QĐ 12/QĐ-SYT').waitFor();
  assert.equal(await dialog().getByLabel('Hết hiệu lực ngày').getAttribute('placeholder'), 'dd/mm/yyyy');
  const papers = signedPapers();
  for (const [name, stands] of [['signed.pdf', 'Đã ký số, nguyên vẹn'], ['changed.pdf', 'Tệp bị thay đổi sau khi ký']]) {
    await dialog().locator('input[type=file]').setInputFiles(path.join(papers, name));
    await button(dialog(), 'Thêm minh chứng').click();
    const given = dialog().getByRole('listitem').filter({ hasText: name });
    await given.getByText(stands, { exact: true }).waitFor();
    assert.match(await given.innerText(), signer);
  }
  rmSync(papers, { recursive: true });
  await accessible(page, 'evidence that is signed');
  if (process.env.SHOTS) await page.screenshot({ path: `${process.env.SHOTS}/evidence.png` });
  await page.keyboard.press('Escape');
  await accessible(page);
});

test('who prepares a dossier looks ahead to the level it proposes, and declares there', { skip }, async () => {
  await page.goto(`${url}/systems/${id}?tab=requirements`);
  const row = page.locator('[data-item^="monitoring-"]').first();
  await page.locator('[data-item="logs-clock"]').waitFor();
  assert.equal(await row.count(), 0); // nothing of monitoring is asked at level 1
  await page.goto(`${url}/systems/${id}?tab=requirements&level=3`);
  await page.getByText('Đang xem yêu cầu của cấp độ 3').waitFor();
  await button(row, 'Khai báo').click();
  await dialog().getByLabel('Người phụ trách').fill('Trần Thị Bình');
  await button(dialog(), 'Lưu khai báo').click();
  await row.getByText('Đạt đầy đủ').waitFor();
  await everywhere(page, 'requirements of a level ahead');
});

test('the layers and the gate say what is missing, until somebody decides', { skip }, async () => {
  await page.goto(`${url}/systems/${id}?tab=layers`);
  await page.getByText('Chưa đủ điều kiện vận hành').waitFor();
  await button(page, 'Cập nhật lớp 1').click();
  await dialog().getByLabel('Số quyết định').fill('12/QĐ-SYT');
  await dialog().getByLabel('Ngày ký').fill('05/01/2026');
  await button(dialog(), 'Thêm đầu mối').click();
  await dialog().getByLabel('Họ và tên').fill('Nguyễn Văn An');
  await dialog().getByLabel('Điện thoại').fill('0912345678');
  await button(dialog(), 'Lưu').click();
  await page.getByRole('region', { name: /^Lớp 1/ }).getByText('Đạt', { exact: true }).waitFor();

  await page.goto(`${url}/systems/${id}`);
  await button(page, 'Đưa vào vận hành').click();
  await dialog().getByText('Chưa đủ điều kiện vận hành').waitFor();
  await dialog().getByRole('link', { name: 'Hồ sơ cấp độ' }).waitFor();
  await accessible(page, 'what keeps a system from operation');
  await button(dialog(), 'Cho vận hành khi chưa đủ điều kiện').click();
  await dialog().getByLabel('Người quyết định (họ tên, chức vụ)').fill('Giám đốc Lê Thị Lan');
  await dialog().getByLabel('Lý do').fill('Phục vụ kỳ tuyển sinh của tỉnh');
  const until = new Date(Date.now() + 20 * 86_400_000).toISOString().slice(0, 10).split('-').reverse().join('/');
  await dialog().getByLabel('Có hiệu lực đến hết ngày').fill(until);
  await button(dialog(), 'Ghi quyết định').click();
  await page.goto(`${url}/systems/${id}?tab=layers`);
  await page.getByText(/^Được vận hành theo quyết định/).waitFor();
  await accessible(page);

  await page.goto(`${url}/requirements?tab=overrides`);
  await page.getByText('Phục vụ kỳ tuyển sinh của tỉnh').first().waitFor();
});

test('leaders see on their pages which systems operate by decision', { skip }, async () => {
  for (const path of ['/dashboards/leadership', '/province']) {
    await page.goto(`${url}${path}`);
    const one = page.getByRole('region', { name: /Hệ thống vận hành theo quyết định/ });
    await one.getByText('Giám đốc Lê Thị Lan').waitFor();
    await one.getByText('Phục vụ kỳ tuyển sinh của tỉnh').waitFor();
    await one.getByRole('link', { name: new RegExp(mark) }).waitFor();
    await accessible(page, `decisions on ${path}`);
  }
});

test('a system that operates after its decision ended is listed apart', { skip }, async () => {
  const { version } = await api(page, 'GET', `/systems/${id}`);
  await api(page, 'POST', `/systems/${id}/state`, { state: 'operating', note: 'Theo quyết định', version });
  const gate = await api(page, 'GET', `/systems/${id}/gate`);
  await api(page, 'POST', `/systems/${id}/overrides/${gate.overrides.find((o) => o.holds).id}/end`, { reason: 'Hết kỳ tuyển sinh' });
  for (const path of ['/dashboards/leadership', '/province', '/requirements?tab=overrides']) {
    await page.goto(`${url}${path}`);
    const apart = page.getByRole('region', { name: /không có quyết định còn hiệu lực \(1\)/ });
    await apart.getByText('Quyết định đã chấm dứt sớm').waitFor();
    await apart.getByRole('link', { name: new RegExp(mark) }).waitFor();
    await accessible(page, `without a decision on ${path}`);
  }
  await page.goto(`${url}/systems/${id}?tab=layers`);
  await page.getByText('Hệ thống đang vận hành khi chưa đủ điều kiện, không có quyết định còn hiệu lực.').waitFor();
  await accessible(page, 'a system without a decision');
});

test('the four layers of a unit have a page, and hold for its systems', { skip }, async () => {
  await page.goto(`${url}/requirements?tab=unit&unit=${unit}`);
  await page.getByText('Chưa có nội dung').first().or(page.getByRole('region', { name: /^Lớp 2/ })).first().waitFor();
  await button(page, 'Cập nhật lớp 2').click();
  await dialog().getByRole('textbox').first().fill('Công ty Giám sát An Bình');
  await button(dialog(), 'Lưu').click();
  await page.getByText('Công ty Giám sát An Bình').waitFor();
  await everywhere(page, 'the layers of a unit');
  await page.goto(`${url}/systems/${id}?tab=layers`);
  await page.getByRole('region', { name: /^Lớp 2/ }).getByText('Công ty Giám sát An Bình').waitFor();
});

test('a system on the list of critical ones is marked in the register', { skip }, async () => {
  for (const [state, version] of [['nominated', 0], ['listed', 1]]) await api(page, 'POST', `/systems/${id}/critical`, { state, document: '45/TTr', day: '2026-01-05', note: '', version });
  assert.equal((await api(page, 'GET', `/systems/${id}`)).critical, true);
  await page.goto(`${url}/systems/${id}?tab=history`);
  await page.getByText('45/TTr').first().or(page.getByText(/quan trọng/i).first()).waitFor();
  await button(page, 'Sửa thông tin').click();
  await page.getByText(/^Quan trọng về an ninh quốc gia: Có/).waitFor();
  await accessible(page, 'the form of a system on the list');
  await page.getByRole('link', { name: 'Đề nghị hoặc đưa ra khỏi danh mục' }).click();
  await button(page, 'Đưa ra khỏi danh mục').waitFor();
});

test('the overview shows units by groups, and leads to the system', { skip }, async () => {
  await page.goto(`${url}/requirements`);
  await page.getByRole('rowheader', { name: `Sở ${unit}` }).waitFor();
  await accessible(page);
  await page.getByRole('button', { name: new RegExp(`^Sở ${unit}, Tất cả`) }).click();
  await page.getByRole('link', { name: new RegExp(mark) }).click();
  await page.waitForURL(new RegExp(`/systems/${id}`));
  await page.goto(`${url}/requirements?tab=layers`);
  await page.getByRole('rowheader', { name: `Sở ${unit}` }).waitFor();
  assert.deepEqual(problems, []);
});
