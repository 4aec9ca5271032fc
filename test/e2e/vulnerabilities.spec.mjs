// Weaknesses: a report is tried and imported, the list is narrowed, a risk is accepted
// and taken back, a finding is noted on its page, the next scan closes what is gone, and
// the report card counts it. Runs after console.spec.mjs, which has set the password.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { open, signIn, skip, url } from './browser.mjs';
import { api, everywhere } from './people.mjs';

let browser;
let page;
const mark = `lh${process.pid}`;
const button = (at, name) => at.getByRole('button', { name, exact: true });
const seconds = Math.floor(Date.now() / 1000) - 7_200;

/** A report of Nessus about one host of the unit, with the weaknesses that are left. */
const report = (at, items) => ({
  name: `${mark}.nessus`,
  mimeType: 'text/xml',
  buffer: Buffer.from(
    `<NessusClientData_v2><Report name="x"><ReportHost name="web-${mark}.example.vn"><HostProperties><tag name="host-ip">192.0.2.10</tag><tag name="HOST_END_TIMESTAMP">${at}</tag></HostProperties>${items
      .map(
        (x) =>
          `<ReportItem port="443" svc_name="https" protocol="tcp" severity="${x.severity}" pluginID="${x.plugin}" pluginName="${x.name}"><cve>${x.cve}</cve><cvss3_base_score>9.8</cvss3_base_score><plugin_output>seen</plugin_output><solution>Update to 2.4.51.</solution></ReportItem>`,
      )
      .join('')}</ReportHost></Report></NessusClientData_v2>`,
  ),
});
const traversal = { severity: 4, plugin: 1, name: `Path traversal ${mark}`, cve: 'CVE-2021-41773' };
const weak = { severity: 2, plugin: 2, name: `Weak encryption ${mark}`, cve: 'CVE-2016-2183' };

before(async () => {
  if (skip) return;
  ({ browser, page } = await open());
  page.setDefaultTimeout(30_000);
  await signIn(page, '/vulnerabilities');
  await api(page, 'POST', '/units', { id: `a-${mark}`, name: `Sở ${mark}` });
  await api(page, 'POST', '/systems', {
    name: `Cổng ${mark}`, purpose: '', serves: '', type: 'public', unit: `a-${mark}`, operatorUnit: '', extent: '', scale: '', zones: [], domains: [], services: [], dataCentre: '', staff: [],
    operator: { name: '', mandate: '', head: '', title: '', address: '', phone: '', mail: '' }, data: { basic: 0, sensitive: 0, important: false, core: false, secret: false },
    regulation: { number: '', date: '', issuer: '' }, deployment: 'none', plannedApproval: '', plannedDeployment: '', critical: false, transition: 'none',
  });
});

after(async () => {
  await browser?.close();
});

test('a report is tried, then imported', { skip }, async () => {
  await page.goto(`${url}/vulnerabilities?unit=a-${mark}`);
  await page.getByRole('heading', { level: 1, name: 'Lỗ hổng đã phát hiện' }).waitFor();
  await everywhere(page, 'the list of weaknesses without any');
  await button(page, 'Nhập báo cáo quét').first().click();
  const dialog = page.getByRole('dialog');
  await dialog.locator('input[type=file]').setInputFiles(report(seconds, [traversal, weak]));
  await button(dialog, 'Thử').click();
  await dialog.getByText('Kết quả thử, chưa ghi gì').waitFor();
  await dialog.getByText('CVE-2021-41773').waitFor();
  assert.equal((await api(page, 'GET', `/vulnerability-findings?unit=a-${mark}`)).items.length, 0);
  await button(dialog, 'Nhập').click();
  await dialog.getByText('Đã nhập', { exact: true }).waitFor();
  await page.keyboard.press('Escape');
  await dialog.waitFor({ state: 'detached' });
  await page.getByText(`Path traversal ${mark}`).first().waitFor();
  await everywhere(page, 'the list of weaknesses');
});

test('the list is narrowed by severity', { skip }, async () => {
  await button(page, 'Trung bình').click();
  await page.getByText(`Path traversal ${mark}`).waitFor({ state: 'detached' });
  await page.getByText(`Weak encryption ${mark}`).first().waitFor();
  await button(page, 'Trung bình').click();
  await page.getByText(`Path traversal ${mark}`).first().waitFor();
});

test('only what is late, and a reload keeps it so', { skip }, async () => {
  await button(page, 'Quá hạn').click();
  await page.getByText(`Path traversal ${mark}`).waitFor({ state: 'detached' });
  await page.reload();
  await button(page, 'Quá hạn').waitFor();
  assert.equal(await page.getByText(`Path traversal ${mark}`).count(), 0);
  await button(page, 'Quá hạn').click();
  await page.getByText(`Path traversal ${mark}`).first().waitFor();
});

test('a risk is accepted with a reason, and taken back', { skip }, async () => {
  await page.getByRole('row').filter({ hasText: `Weak encryption ${mark}` }).getByRole('checkbox').check();
  await button(page, 'Chấp nhận rủi ro').first().click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Lý do').fill('Chờ thay thiết bị trong quý sau');
  await button(dialog, 'Chấp nhận rủi ro').click();
  await dialog.waitFor({ state: 'detached' });
  await page.getByText('Đã chấp nhận rủi ro 1 phát hiện').waitFor();
  await page.getByRole('row').filter({ hasText: `Weak encryption ${mark}` }).waitFor({ state: 'detached' });
  assert.equal((await api(page, 'GET', `/vulnerability-findings?unit=a-${mark}&state=accepted`)).items.length, 1);
  await page.keyboard.press('z');
  await page.getByRole('row').filter({ hasText: `Weak encryption ${mark}` }).waitFor();
});

test('a finding has a page with all that is kept of it', { skip }, async () => {
  const [found] = (await api(page, 'GET', `/vulnerability-findings?unit=a-${mark}&severity=critical`)).items;
  await page.goto(`${url}/vulnerabilities/${found.id}`);
  await page.getByRole('heading', { level: 1, name: /CVE-2021-41773/ }).waitFor();
  await page.getByText('Update to 2.4.51.').waitFor();
  await button(page, 'Ghi chú').click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Lý do').fill('Đã liên hệ nhà thầu');
  await button(dialog, 'Ghi chú').click();
  await page.getByText('Đã liên hệ nhà thầu').waitFor();
  await everywhere(page, 'the page of a weakness');
});

test('a warning begins from a finding, with the units that have it', { skip }, async () => {
  const [found] = (await api(page, 'GET', `/vulnerability-findings?unit=a-${mark}&severity=critical`)).items;
  await page.goto(`${url}/vulnerabilities/${found.id}`);
  await page.getByRole('link', { name: 'Soạn cảnh báo cho các đơn vị có lỗ hổng này' }).click();
  await page.getByText(/Soạn từ lỗ hổng CVE-2021-41773/).waitFor();
  assert.match(await page.getByLabel('Tiêu đề').first().inputValue(), /CVE-2021-41773/);
  await page.getByText(`Sở ${mark}`).first().waitFor();
  await everywhere(page, 'a warning written from a finding');
});

test('a letter tells a unit what is open, what to do and until when', { skip }, async () => {
  await page.goto(`${url}/vulnerabilities?unit=a-${mark}`);
  await button(page, 'Soạn công văn gửi đơn vị').click();
  await page.waitForURL(/\/documents\/./);
  const preview = page.getByRole('region', { name: 'Xem trước' });
  await preview.getByText(`CVE-2021-41773: Path traversal ${mark}`).waitFor();
  const text = await preview.innerText();
  for (const words of [`Sở ${mark}`, 'Update to 2.4.51.', `web-${mark}.example.vn (443/tcp)`, 'trước ', 'Sao lưu trước khi cập nhật']) assert.ok(text.includes(words), `${words} in ${text}`);
  await everywhere(page, 'the letter about what is open');
});

test('letters for chosen units are drafted from the report card', { skip }, async () => {
  await page.goto(`${url}/vulnerabilities/report?unit=a-${mark}`);
  const drafted = async () => (await api(page, 'GET', '/documents?form=vulnerability-letter&limit=200')).items.length;
  const before = await drafted();
  await page.getByRole('row').filter({ hasText: `Sở ${mark}` }).getByRole('checkbox').check();
  await button(page, 'Soạn công văn cho từng đơn vị').first().click();
  for (let left = 50; (await drafted()) === before && left > 0; left--) await page.waitForTimeout(200);
  assert.equal(await drafted(), before + 1);
});

test('an import names the system it is about', { skip }, async () => {
  await page.goto(`${url}/vulnerabilities?unit=a-${mark}`);
  await button(page, 'Nhập báo cáo quét').first().click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Hệ thống được quét (nếu cả báo cáo là của một hệ thống)').fill(mark);
  await page.getByRole('option', { name: new RegExp(`Cổng ${mark}`) }).click();
  await dialog.locator('input[type=file]').setInputFiles(report(seconds + 60, [traversal, weak]));
  await button(dialog, 'Nhập').click();
  await dialog.getByText('Đã nhập', { exact: true }).waitFor();
  await everywhere(page, 'a report that was imported for a system');
  await page.keyboard.press('Escape');
  await dialog.waitFor({ state: 'detached' });
  const [found] = (await api(page, 'GET', `/vulnerability-findings?unit=a-${mark}&severity=critical`)).items;
  assert.equal(found.system.name, `Cổng ${mark}`);
});

test('the next scan closes what is gone, and the report card counts it', { skip }, async () => {
  const body = report(seconds + 3_600, [weak]).buffer.toString();
  const out = await page.evaluate(
    async ([unit, text]) =>
      (await fetch(`/api/v1/vulnerability-imports?unit=${unit}&name=lan-2.nessus`, { method: 'POST', headers: { 'Content-Type': 'application/octet-stream' }, body: text })).json(),
    [`a-${mark}`, body],
  );
  assert.equal(out.gone, 1);
  await page.goto(`${url}/vulnerabilities/imports?unit=a-${mark}`);
  await page.getByText('lan-2.nessus').first().click();
  await page.getByText('SHA-256').waitFor();
  await everywhere(page, 'imported reports');
  await page.goto(`${url}/vulnerabilities/report?unit=a-${mark}`);
  await page.getByRole('heading', { level: 1, name: 'Phiếu đánh giá khắc phục lỗ hổng' }).waitFor();
  await page.getByRole('row').filter({ hasText: `Sở ${mark}` }).waitFor();
  await page.getByRole('heading', { level: 2, name: 'Thời hạn khắc phục' }).waitFor();
  await everywhere(page, 'the report card');
  const { all, from, to } = await api(page, 'GET', `/vulnerability-report?unit=a-${mark}&from=now-90d`);
  for (const [name, happened, n] of [['Mới phát hiện', 'found', all.new], ['Đã khắc phục', 'fixed', all.fixed]]) {
    await page.goto(`${url}/vulnerabilities/report?unit=a-${mark}`);
    await page.getByRole('link', { name: new RegExp(`^${name}`) }).click();
    const chip = page.getByRole('button', { name: new RegExp('^Bỏ lọc: ') });
    await chip.waitFor();
    const { items } = await api(page, 'GET', `/vulnerability-findings?unit=a-${mark}&happened=${happened}&from=${from}&to=${to}`);
    assert.equal(items.length, n);
    assert.ok(n > 0);
    for (const f of items) await page.getByText(f.title).first().waitFor();
    assert.equal(await page.getByRole('row').filter({ hasText: `web-${mark}` }).count(), n);
    await everywhere(page, `the list behind the figure ${happened}`);
    await chip.click();
    await chip.waitFor({ state: 'detached' });
  }
});
