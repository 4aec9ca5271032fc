// A system's way to its level: the officer of its owner answers the criteria and sees
// which clause makes the level, somebody else appraises, a third decides; the register
// and Form 08 say so. Runs after console.spec.mjs, which has set the password.
import assert from 'node:assert/strict';
import { readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';

import { accessible, open, signIn, skip, url } from './browser.mjs';
import { api, everywhere, firstSignIn, stranger } from './people.mjs';
import { signedPapers, signer } from './signedpdf.mjs';
import { wordFile, wordText } from './wordfile.mjs';

let browser;
let page;
let officer;
let appraiser;
let leader;
let system;
let dossier;
let problems = [];
const mark = `cd${process.pid}`;
const unit = `a-${mark}`;
const name = `Một cửa ${mark}`;
const button = (at, text) => at.getByRole('button', { name: text, exact: true });
const dialog = (at) => at.getByRole('dialog');

before(async () => {
  if (skip) return;
  ({ browser, page, problems } = await open());
  page.setDefaultTimeout(30_000);
  await signIn(page, '/dossiers');
  await api(page, 'POST', '/units', { id: unit, name: `Sở ${unit}` });
  const person = async (username, role, of) => {
    const made = await api(page, 'POST', '/users', { username: `${username}-${mark}`, displayName: `${username} ${mark}`, role, unit: of });
    const at = await stranger(browser, problems);
    await firstSignIn(at, `${username}-${mark}`, made.oneTimePassword, `bien-xanh-nui-cao-${role.length}`);
    return at;
  };
  officer = await person('can-bo', 'security-officer', unit);
  appraiser = await person('tham-dinh', 'appraiser', 'trung-tam');
  leader = await person('lanh-dao', 'leader', 'trung-tam');
  ({ id: system } = await api(page, 'POST', '/systems', {
    name, purpose: 'Giải quyết thủ tục hành chính', serves: 'Người dân', type: 'public', unit, operatorUnit: unit, extent: '', scale: '', zones: [], domains: [], services: [],
    dataCentre: '', staff: [], operator: { name: '', mandate: '', head: '', title: '', address: '', phone: '', mail: '' },
    data: { basic: 0, sensitive: 0, important: false, core: false, secret: false }, regulation: { number: '12/QĐ-SYT', date: '2026-09-01', issuer: 'Sở Y tế' }, deployment: 'none',
    plannedApproval: '', plannedDeployment: '', critical: false, transition: 'none',
  }));
});

after(async () => {
  await browser?.close();
});

/** Takes a step in its dialog, with a paper where it asks for one. */
async function step(at, verb, paper) {
  await at.goto(`${url}/dossiers/${dossier}`);
  await button(at, verb).click();
  if (paper) {
    await dialog(at).getByLabel('Số văn bản').fill(paper);
    await dialog(at).getByLabel('Ngày ban hành').fill('2026-11-20');
    await dialog(at).getByLabel('Cơ quan ban hành').fill('UBND tỉnh');
  }
  await button(dialog(at), verb).click();
  await dialog(at).waitFor({ state: 'detached' });
}

test('the answers make the level, and the page says by which clause', { skip }, async () => {
  await officer.goto(`${url}/dossiers?begin=${system}`);
  await button(dialog(officer), 'Lập hồ sơ').click();
  await officer.waitForURL(/\/dossiers\/\w+$/);
  dossier = new URL(officer.url()).pathname.split('/').pop();
  await officer.getByLabel('Phục vụ người dân, doanh nghiệp').check();
  await officer.getByLabel('Giải quyết thủ tục hành chính').check();
  for (const count of await officer.getByLabel(/Số chủ thể có dữ liệu cá nhân/).all()) await count.fill('0');
  await officer.getByLabel('Không', { exact: true }).check();
  await officer.getByText('Cấp độ đề xuất: 3').waitFor();
  await officer.getByText(/Điều 13/).first().waitFor();
  await button(officer, 'Lưu câu trả lời').click();
  await officer.getByText('Có câu trả lời chưa lưu').waitFor({ state: 'detached' });
  const kept = await api(officer, 'GET', `/dossiers/${dossier}`);
  assert.equal(kept.level, 3);
  await everywhere(officer, 'a dossier');
});

test('what is missing is named before it is sent', { skip }, async () => {
  await officer.goto(`${url}/dossiers/${dossier}`);
  await button(officer, 'Gửi thẩm định').click();
  await button(dialog(officer), 'Gửi thẩm định').click();
  await dialog(officer).getByRole('alert').waitFor();
  await accessible(officer, 'a dossier that is not complete');
  await button(dialog(officer), 'Hủy').click();
});

test('a file says who signed it and when; one byte later, that it is not whole', { skip }, async () => {
  const papers = signedPapers();
  const files = officer.getByRole('list', { name: 'Tệp', exact: true });
  for (const [part, name, stands] of [
    ['Tài liệu thiết kế hệ thống', 'signed.pdf', 'Đã ký số, nguyên vẹn'],
    ['Thuyết minh phương án bảo đảm an ninh mạng', 'changed.pdf', 'Tệp bị thay đổi sau khi ký'],
  ]) {
    await button(officer, 'Thêm tệp').click();
    await dialog(officer).getByRole('combobox', { name: 'Thành phần' }).click();
    await officer.getByRole('option', { name: part }).click();
    await dialog(officer).locator('input[type=file]').setInputFiles(path.join(papers, name));
    await button(dialog(officer), 'Thêm tệp').click();
    await dialog(officer).waitFor({ state: 'detached' });
    const row = files.getByRole('listitem').filter({ hasText: name });
    await row.getByText(stands, { exact: true }).waitFor();
    assert.match(await row.innerText(), signer);
    const signed = Date.parse(await row.locator('time').getAttribute('datetime'));
    assert.ok(Math.abs(Date.now() - signed) < 600_000, `${name}: signed ${signed}`);
  }
  await everywhere(officer, 'a dossier with signed files');
  rmSync(papers, { recursive: true });
});

test('the overview is complete once the register says what the law asks for', { skip }, async () => {
  await officer.goto(`${url}/dossiers/${dossier}`);
  const overview = officer.getByRole('listitem').filter({ hasText: 'Tài liệu mô tả tổng quan' }).first();
  await overview.getByText(/Còn thiếu: người đại diện đơn vị vận hành, .*phân vùng mạng và địa chỉ IP\./).waitFor();
  await button(officer, 'Gửi thẩm định').click();
  await button(dialog(officer), 'Gửi thẩm định').click();
  await dialog(officer).getByRole('alert').getByText('Hồ sơ chưa đủ thành phần').waitFor();
  await button(dialog(officer), 'Hủy').click();
  const { version, facts } = await api(page, 'GET', `/systems/${system}`);
  await api(page, 'PUT', `/systems/${system}`, {
    ...facts, version, extent: 'Toàn tỉnh', scale: '3 máy chủ', zones: [{ name: 'DMZ', private: ['10.1.2.0/24'], public: [] }],
    services: [{ name: 'Cổng một cửa', server: 'web1', os: 'Debian 12', purpose: 'Tiếp nhận hồ sơ' }],
    operator: { name: '', mandate: '', head: 'Trần Văn B', title: 'Giám đốc', address: '1 Trần Phú', phone: '02563000000', mail: 'b@example.vn' },
  });
  await api(page, 'POST', '/assets', {
    unit: '', system, kind: 'host', name: 'web1', vendor: '', product: '', release: '', cpe: '', hostname: 'web1', address: '10.1.2.3', origin: '', foreign: false, donated: false, vietnamese: false,
    licenceEnds: '', place: '', note: '',
  });
  await officer.reload();
  await overview.getByText('Có', { exact: true }).waitFor();
  await everywhere(officer, 'a dossier that is complete');
});

test('complete, it is sent', { skip }, async () => {
  await step(officer, 'Gửi thẩm định');
  await officer.getByText('Đã gửi thẩm định').first().waitFor();
});

test('the papers of the step come first, name what is missing, and are handed out', { skip }, async () => {
  await appraiser.goto(`${url}/dossiers/${dossier}`);
  const papers = appraiser.getByRole('list', { name: 'Văn bản theo mẫu' });
  await papers.getByRole('listitem').first().getByText('Bước này').waitFor();
  const request = papers.getByRole('listitem').filter({ hasText: 'Mẫu 02' }).first();
  await request.getByText(/Còn thiếu \d+ thông tin/).click();
  await request.getByText('Văn bản giao nhiệm vụ vận hành').waitFor();
  assert.equal(await request.getByRole('link', { name: 'Bổ sung trong sổ đăng ký' }).first().getAttribute('href'), `/systems/${system}`);
  const whole = papers.getByRole('listitem').filter({ hasText: 'Phương án: quản lý rủi ro' }).first();
  await whole.getByText(/Còn thiếu \d+ thông tin/).click();
  assert.equal(await whole.getByRole('link', { name: 'Khai yêu cầu của hệ thống' }).first().getAttribute('href'), `/systems/${system}?tab=requirements&level=3`);
  await everywhere(appraiser, 'the papers of a dossier');
  if (process.env.SHOTS) {
    await appraiser.screenshot({ path: `${process.env.SHOTS}/papers-light.png`, fullPage: true });
    await appraiser.setViewportSize({ width: 360, height: 800 });
    await appraiser.emulateMedia({ colorScheme: 'dark' });
    await appraiser.screenshot({ path: `${process.env.SHOTS}/papers-dark.png`, fullPage: true });
    await appraiser.emulateMedia({ colorScheme: 'light' });
    await appraiser.setViewportSize({ width: 1440, height: 900 });
  }
  for (const [link, ends] of [[request.getByRole('link', { name: /^DOCX/ }), /-level-form-02\.docx$/], [request.getByRole('link', { name: /^PDF/ }), /\.pdf$/],
    [appraiser.getByRole('link', { name: 'Tải trọn bộ hồ sơ (ZIP)' }), /\.zip$/]]) {
    const [download] = await Promise.all([appraiser.waitForEvent('download'), link.click()]);
    assert.match(download.suggestedFilename(), ends);
  }
  await officer.goto(`${url}/dossiers/${dossier}`);
  await officer.getByRole('button', { name: /^Soạn văn bản: Mẫu 03/ }).click();
  await officer.waitForURL(/\/documents\/\w+$/);
  await officer.getByText(name).first().waitFor();
});

test('the province puts its own Word file in place of a form, and takes it away', { skip }, async () => {
  const own = `Mẫu của tỉnh ${mark}`;
  await page.goto(`${url}/documents?tab=templates`);
  const form = page.getByRole('region', { name: 'Tải mẫu lên' });
  const upload = async (id, text) => {
    await form.getByLabel('Mã của mẫu').fill(id);
    await form.getByLabel('Tên mẫu').fill(own);
    await form.locator('input[type=file]').setInputFiles({ name: 'mau-02.docx', mimeType: 'application/octet-stream', buffer: wordFile(text) });
    await button(form, 'Tải mẫu lên').click();
  };
  await form.getByRole('combobox', { name: 'Dùng thay cho mẫu có sẵn' }).or(form.getByRole('textbox', { name: 'Dùng thay cho mẫu có sẵn' })).first().click();
  await page.getByRole('option', { name: /^Mẫu 02/ }).click();
  await upload(`de-nghi-${mark}`, 'Theo {{dossier.because}}');
  await form.getByRole('alert').getByText(/dossier\.because.*danh sách, không dùng được trong tệp Word/).waitFor();
  await upload(`de-nghi-${mark}`, 'Đề nghị thẩm định {{dossier.name}}; văn bản giao nhiệm vụ: {{dossier.operatorMandate}}');
  await page.getByText(/^Dùng thay cho: Mẫu 02/).waitFor();
  await page.getByText(`Đang dùng thay: mẫu riêng “${own}”`).waitFor();
  await everywhere(page, 'a template in place of another');
  if (process.env.SHOTS) await page.screenshot({ path: `${process.env.SHOTS}/templates-replaced.png`, fullPage: true });

  await appraiser.goto(`${url}/dossiers/${dossier}`);
  const request = appraiser.getByRole('list', { name: 'Văn bản theo mẫu' }).getByRole('listitem').filter({ hasText: 'Mẫu 02' }).first();
  await request.getByText(`Mẫu riêng: ${own}`).waitFor();
  await request.getByText('Còn thiếu 1 thông tin').waitFor();
  assert.equal(await request.getByRole('link', { name: /^PDF/ }).count(), 0);
  if (process.env.SHOTS) await appraiser.screenshot({ path: `${process.env.SHOTS}/papers-replaced.png`, fullPage: true });
  const [stored] = await Promise.all([appraiser.waitForEvent('download'), request.getByRole('link', { name: /^DOCX/ }).click()]);
  assert.equal(wordText(readFileSync(await stored.path())).trim(), `Đề nghị thẩm định ${name}; văn bản giao nhiệm vụ: …`);

  await page.getByRole('listitem').filter({ hasText: own }).filter({ hasText: 'Dùng thay cho' }).getByRole('button', { name: 'Ngừng dùng' }).click();
  await page.getByText(/^Dùng thay cho: Mẫu 02/).waitFor({ state: 'detached' });
  await appraiser.reload();
  await request.getByRole('link', { name: /^PDF/ }).waitFor();
});

test('three people: sent, appraised, decided', { skip }, async () => {
  await step(appraiser, 'Hồ sơ đủ, bắt đầu thẩm định');
  await step(appraiser, 'Ghi kết quả thẩm định', '15/TĐ-CAT');
  await step(leader, 'Phê duyệt', '99/QĐ-UBND');
  await leader.getByText('99/QĐ-UBND').first().waitFor();
  const kept = await api(page, 'GET', `/systems/${system}`);
  assert.equal(kept.level, 3);
});

test('Form 08 counts it and leads to it', { skip }, async () => {
  await officer.goto(`${url}/form-08?counter=approved`);
  const row = officer.getByRole('row').filter({ hasText: name });
  await row.getByText('Đã được phê duyệt').waitFor();
  await everywhere(officer, 'Form 08');
  await page.goto(`${url}/province?unit=${unit}`);
  await page.getByRole('link', { name: `Sở ${unit}, Hệ thống thông tin: 1` }).click();
  await page.getByRole('checkbox', { name: 'Không gồm đơn vị trực thuộc', checked: true }).waitFor();
  await page.getByRole('row').filter({ hasText: name }).first().waitFor();
  await page.goto(`${url}/form-08?year=2024`);
  await page.getByText(/Số liệu tại ngày chốt dựng lại/).waitFor();
  if (process.env.SHOTS) {
    for (const [path, shot] of [[`/form-08?unit=${unit}`, 'form-08'], ['/province', 'province'], [`/province?unit=${unit}`, 'province-unit'], ['/form-08?year=2024', 'form-08-past']]) {
      await page.goto(`${url}${path}`);
      await page.waitForTimeout(1500);
      await page.screenshot({ path: `${process.env.SHOTS}/${shot}.png`, fullPage: true });
    }
  }
  const [download] = await Promise.all([officer.waitForEvent('download'), officer.getByRole('link', { name: 'Tải XLSX' }).click()]);
  assert.match(download.suggestedFilename(), /\.xlsx$/);
  await row.getByRole('link', { name: /HS-\d{4}-\d+/ }).click();
  await officer.getByRole('heading', { level: 1, name: new RegExp(mark) }).waitFor();
});

test('an inspection that is concluded is noted in Form 08 by itself', { skip }, async () => {
  let visit = await api(page, 'POST', '/inspections', {
    unit, kind: 'inspection', box: '', title: `Kiểm tra ${mark}`, systems: [{ id: system, name: '', operator: '', level: 0 }], scheduled: true, afterIncident: false, emergency: 'kiểm tra ngay',
    startsAt: new Date().toISOString(), endsAt: new Date(Date.now() + 3_600_000).toISOString(), team: [{ name: 'Trần Lan', duty: 'Trưởng đoàn', organisation: '' }], assessor: '', monitor: '', devices: [], minutes: '05/BB-KT',
  });
  for (const verb of ['notify', 'start', 'conclude']) visit = await api(page, 'POST', `/inspections/${visit.id}/step`, { verb, text: 'Đạt yêu cầu', version: visit.version });
  const rests = officer.getByRole('row').filter({ hasText: name }).getByRole('link', { name: `Theo đợt kiểm tra ${visit.code}` });
  for (let i = 0; i < 20 && (await rests.count()) === 0; i++) {
    await officer.goto(`${url}/form-08`);
    await officer.getByRole('heading', { name: 'Danh sách hệ thống' }).waitFor();
    await officer.waitForTimeout(500);
  }
  await button(officer.getByRole('row').filter({ hasText: name }), 'Ghi kiểm tra').click();
  await dialog(officer).getByText(`Theo đợt kiểm tra ${visit.code}`).waitFor();
  await accessible(officer, 'an inspection that Form 08 rests on');
  await officer.keyboard.press('Escape');
  await rests.click();
  await officer.getByRole('heading', { level: 1, name: new RegExp(visit.code) }).waitFor();
});

test('an order calls for the level to be looked at anew, until somebody decides', { skip }, async () => {
  const { system } = await api(officer, 'GET', `/dossiers/${dossier}`);
  await api(officer, 'POST', '/level-calls', { system, reason: 'Công văn 12/CAT-ANM của Công an tỉnh' });
  await appraiser.goto(`${url}/dossiers/${dossier}`);
  const calls = appraiser.getByRole('region', { name: /^Xem xét xác định lại cấp độ/ });
  await calls.getByText('Công văn 12/CAT-ANM của Công an tỉnh').waitFor();
  await everywhere(appraiser, 'a dossier whose level is to be looked at anew');
  await button(calls, 'Không cần xác định lại').click();
  await dialog(appraiser).getByRole('textbox').fill('Phạm vi và dữ liệu không đổi');
  await button(dialog(appraiser), 'Không cần xác định lại').click();
  await calls.waitFor({ state: 'detached' });
});

test('a level that was approved before is noted with its decision', { skip }, async () => {
  const none = { name: '', mandate: '', head: '', title: '', address: '', phone: '', mail: '' };
  await api(page, 'POST', '/systems', {
    name: `Thư viện số ${mark}`, purpose: '', serves: '', type: 'public', unit, operatorUnit: unit, extent: '', scale: '', zones: [], domains: [], services: [], dataCentre: '', staff: [], operator: none,
    data: { basic: 0, sensitive: 0, important: false, core: false, secret: false }, regulation: { number: '', date: '', issuer: '' }, deployment: 'none', plannedApproval: '', plannedDeployment: '', critical: false, transition: 'kept',
  });
  await appraiser.goto(`${url}/dossiers`);
  await button(appraiser, 'Cấp độ đã phê duyệt trước 01/07/2026').click();
  await accessible(appraiser, 'a level approved before');
  const pick = async (label, option) => {
    await dialog(appraiser).getByRole('combobox', { name: label }).or(dialog(appraiser).getByRole('textbox', { name: label })).first().click();
    await appraiser.getByRole('option', { name: option }).first().click();
  };
  await pick('Hệ thống', new RegExp(`Thư viện số ${mark}`));
  await pick('Cấp độ', '2');
  await dialog(appraiser).getByLabel('Số quyết định phê duyệt').fill('45/QĐ-UBND');
  await dialog(appraiser).getByLabel('Ngày quyết định').fill('01/08/2026');
  await dialog(appraiser).getByLabel('Cơ quan ban hành').fill('UBND tỉnh');
  await button(dialog(appraiser), 'Ghi nhận').click();
  await dialog(appraiser).getByText(/Quyết định từ 01\/07\/2026 trở đi/).first().waitFor();
  await dialog(appraiser).getByLabel('Ngày quyết định').fill('20/05/2024');
  await button(dialog(appraiser), 'Ghi nhận').click();
  await appraiser.waitForURL(/\/dossiers\/[0-9a-f]{26}/);
  await appraiser.getByText('45/QĐ-UBND').first().waitFor();
  await everywhere(appraiser, 'a level approved before');
});

test('nothing went wrong on the way', { skip }, () => {
  assert.deepEqual(problems, []);
});
