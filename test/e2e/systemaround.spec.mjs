// Everything that is known of a system on its page: what it is connected with, alerts and
// sources of its machines, incidents, duties, dossier; and the lists one saved. Runs after
// console.spec.mjs, whose logs raised the alerts.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { accessible, open, signIn, skip, url } from './browser.mjs';
import { api, everywhere } from './people.mjs';

let browser;
let page;
let problems = [];
let id;
let alert;
let source;
const mark = `xq${process.pid}`;
const button = (at, name) => at.getByRole('button', { name, exact: true });
const dialog = () => page.getByRole('dialog');
const tab = (name) => page.goto(`${url}/systems/${id}?tab=${name}`);
const none = { name: '', mandate: '', head: '', title: '', address: '', phone: '', mail: '' };

const facts = (name, unit) => ({
  name, purpose: '', serves: '', type: 'public', unit, operatorUnit: '', operator: none, extent: '', scale: '', zones: [], domains: [`${mark}.example.vn`], services: [],
  data: { basic: 0, sensitive: 0, important: false, core: false, secret: false }, dataCentre: '', staff: [], regulation: { number: '', date: '', issuer: '' },
  deployment: 'none', plannedApproval: '', plannedDeployment: '', critical: false, transition: 'none',
});
const isAddress = (text) => /^[0-9.]+$|:/.test(text);
const host = (system, name) => ({
  system, kind: 'host', name, vendor: '', product: '', release: '', cpe: '', hostname: isAddress(name) ? '' : name, address: isAddress(name) ? name : '', origin: '', foreign: false, donated: false, vietnamese: false, licenceEnds: '', place: '', note: '', unit: '',
});

before(async () => {
  if (skip) return;
  ({ browser, page, problems } = await open());
  page.setDefaultTimeout(30_000);
  await signIn(page, '/systems');
  alert = (await api(page, 'GET', '/alerts?limit=200')).items.find((a) => a.entityValue !== '');
  assert.ok(alert, 'no alert names what it is about');
  source = (await api(page, 'GET', '/sources?limit=50')).items.find((x) => x.host !== '' && x.unit === alert.unit);
  assert.ok(source, 'no source of the unit names its host');
  id = (await api(page, 'POST', '/systems', facts(`Một cửa ${mark}`, alert.unit))).id;
  await api(page, 'POST', '/systems', facts(`Trục liên thông ${mark}`, alert.unit));
  await api(page, 'POST', '/assets', host(id, alert.entityValue));
  await api(page, 'POST', '/assets', host(id, source.host));
});

after(async () => {
  await browser?.close();
});

test('alerts and sources of its machines', { skip }, async () => {
  await tab('alerts');
  await button(page, 'Tất cả').click(); // it may be closed by now
  await page.getByRole('row', { name: new RegExp(alert.entityValue.replaceAll('.', '\\.')) }).first().waitFor();
  await everywhere(page, 'alerts of a system');
  await tab('sources');
  await page.getByRole('row', { name: new RegExp(source.host.replaceAll('.', '\\.')) }).first().waitFor();
  await everywhere(page, 'sources of a system');
});

test('incidents that affect it, and their duties', { skip }, async () => {
  await tab('incidents');
  await page.getByText('Chưa có sự cố nào ảnh hưởng hệ thống này').waitFor();
  await api(page, 'POST', '/incidents', {
    origin: 'manual',
    facts: { title: `Xâm nhập ${mark}`, unit: alert.unit, severity: 'critical', category: 'vn-a-other', detectedAt: new Date().toISOString(), grave: true, systems: [{ id, name: '', level: 0 }] },
  });
  await page.reload();
  await page.getByRole('row', { name: new RegExp(`Xâm nhập ${mark}`) }).waitFor();
  await everywhere(page, 'incidents of a system');
  await tab('duties');
  await page.getByRole('row', { name: new RegExp(`Xâm nhập ${mark}`) }).first().waitFor();
  await everywhere(page, 'duties of a system');
});

test('weaknesses and the dossier say how they begin', { skip }, async () => {
  await tab('vulnerabilities');
  await page.getByText('Không có lỗ hổng đang mở').waitFor();
  await everywhere(page, 'no weaknesses');
  await tab('dossier');
  await page.getByText('Chưa có hồ sơ đề xuất cấp độ').waitFor();
  await everywhere(page, 'no dossier');
});

test('a connection with another system, and one that is checked', { skip }, async () => {
  await tab('connections');
  await page.getByText('Chưa khai báo kết nối nào').waitFor();
  await button(page, 'Thêm kết nối').first().click();
  await accessible(page, 'a new connection');
  await dialog().getByRole('combobox', { name: 'Kết nối với' }).or(dialog().getByRole('textbox', { name: 'Kết nối với' })).first().click();
  await page.getByRole('option', { name: new RegExp(`Trục liên thông ${mark}`) }).click();
  await dialog().getByLabel('Mục đích').fill('Liên thông hồ sơ');
  await button(dialog(), 'Lưu').click();
  await dialog().waitFor({ state: 'hidden' });
  await page.getByRole('row', { name: new RegExp(`Trục liên thông ${mark}.*Chưa kiểm tra`) }).waitFor();

  await button(page, 'Thêm kết nối').click();
  await dialog().getByText('Bên ngoài danh mục').click();
  await dialog().getByLabel('Tên hệ thống hoặc cơ quan bên kia').fill(`CSDL dân cư ${mark}`);
  await dialog().getByRole('combobox', { name: 'Kiểm tra hoạt động' }).or(dialog().getByRole('textbox', { name: 'Kiểm tra hoạt động' })).first().click();
  await page.getByRole('option', { name: 'Mở cổng TCP' }).click();
  await dialog().getByLabel('Địa chỉ kiểm tra').fill('127.0.0.1');
  await button(dialog(), 'Lưu').click();
  await dialog().getByText(/Địa chỉ kiểm tra không đúng/).first().waitFor();
  // Nobody named this network in the configuration: the check says so and opens nothing.
  await dialog().getByLabel('Địa chỉ kiểm tra').fill('127.0.0.1:9');
  await button(dialog(), 'Lưu').click();
  await dialog().waitFor({ state: 'hidden' });
  await page.getByRole('row', { name: new RegExp(`CSDL dân cư ${mark}`) }).click();
  await button(page, 'Kiểm tra ngay').or(page.getByText('connections.allowedNetworks')).first().waitFor();
  const now = button(page, 'Kiểm tra ngay');
  if (await now.isVisible()) await now.click();
  await page.getByText(/connections\.allowedNetworks/).waitFor();
  await everywhere(page, 'connections of a system');
});

test('how the register is narrowed is saved, opened and removed', { skip }, async () => {
  await page.goto(`${url}/systems?q=${mark}&state=planned`);
  await page.getByRole('row', { name: new RegExp(`Một cửa ${mark}`) }).waitFor();
  await button(page, 'Bộ lọc đã lưu').click();
  await accessible(page, 'saved views');
  await dialog().getByLabel('Lưu bộ lọc đang chọn với tên').fill(`Của ${mark}`);
  await button(dialog(), 'Lưu').click();
  await button(dialog(), `Của ${mark}`).waitFor();
  await page.goto(`${url}/systems`);
  await button(page, 'Bộ lọc đã lưu').click();
  await button(dialog(), `Của ${mark}`).click();
  await page.waitForURL((at) => at.searchParams.get('q') === mark && at.searchParams.get('state') === 'planned');
  await page.getByRole('row', { name: new RegExp(`Một cửa ${mark}`) }).waitFor();
  await button(page, 'Bộ lọc đã lưu').click();
  await button(dialog(), `Xóa bộ lọc Của ${mark}`).click();
  await dialog().getByText('Chưa có bộ lọc nào được lưu').waitFor();
  assert.deepEqual(problems, []);
});
