// A drill: it is planned and started, events of the scenario are put in, what they
// raise bears the mark on every page, an analyst marks an alert by hand, and the
// report writes itself. Runs after console.spec.mjs, which has set
// the password.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { accessible, open, signIn, skip, url } from './browser.mjs';
import { api, everywhere } from './people.mjs';

let browser;
let page;
let problems = [];
let id;
let incident;
const mark = `d${process.pid}`;
const unit = `dt-${mark}`;

before(async () => {
  if (skip) return;
  ({ browser, page, problems } = await open());
  page.setDefaultTimeout(30_000);
  await signIn(page, '/drills');
  await api(page, 'POST', '/units', { id: unit, name: `Sở ${unit}` });
});

after(async () => {
  await browser?.close();
});

const button = (at, name) => at.getByRole('button', { name, exact: true });
const dialog = () => page.getByRole('dialog');
const band = () => page.getByRole('note').filter({ hasText: 'DIỄN TẬP' });

// guessed are the lines of a host whose password was guessed.
function guessed(host) {
  const line = (text) => `<86>1 ${new Date().toISOString()} ${host} sshd 812 - - ${text} from 203.0.113.90 port 40022 ssh2`;
  return [...Array.from({ length: 12 }, () => line('Failed password for root')), line('Accepted password for root')].join('\n');
}

async function until(what, look) {
  for (const end = Date.now() + 60_000; Date.now() < end; ) {
    const found = await look();
    if (found) return found;
    await new Promise((go) => setTimeout(go, 300));
  }
  return assert.fail(`${what} did not come about`);
}

test('a drill is planned and started', { skip }, async () => {
  await page.goto(`${url}/drills`);
  await button(page, 'Lập cuộc diễn tập').click();
  await dialog().getByLabel('Tên cuộc diễn tập').fill(`Diễn tập ${mark}`);
  await dialog().getByRole('combobox', { name: 'Đơn vị tham gia' }).fill(unit);
  await page.getByRole('option', { name: `Sở ${unit}` }).click();
  await dialog().getByLabel('Nội dung tình huống').first().fill('Dò mật khẩu máy chủ web');
  await button(dialog(), 'Lưu kế hoạch').click();
  await page.waitForURL(/\/drills\/[0-9a-f]{26}/);
  id = new URL(page.url()).pathname.split('/').pop();
  await button(page, 'Bắt đầu diễn tập').click();
  await button(dialog(), 'Bắt đầu diễn tập').click();
  await button(page, 'Kết thúc diễn tập').waitFor();
  await band().waitFor();
  await page.getByLabel('Đánh dấu tình huống 1 đã đưa ra').click();
  await page.getByText(/Đưa ra lúc/).waitFor();
});

test('events are put in, and their alerts bear the mark', { skip }, async () => {
  await button(page, 'Phát sự kiện diễn tập').click();
  await dialog().getByLabel('Hoặc dán các dòng log').fill(guessed(`web-${mark}`));
  await accessible(page, 'the dialog of events');
  await button(dialog(), 'Phát sự kiện').click();
  await dialog().waitFor({ state: 'hidden' });
  const found = await until('alerts of the drill', async () => {
    const list = await api(page, 'GET', `/alerts?drill=${id}`);
    return list.total > 0 && list.items;
  });
  assert.ok(found.every((alert) => alert.drill === id));
  await page.getByRole('link', { name: 'Cảnh báo của cuộc diễn tập' }).click();
  await page.waitForURL(/\/alerts\?/);
  await page.getByRole('row').filter({ hasText: 'DIỄN TẬP' }).first().waitFor();
  await page.goto(`${url}/alerts/${found[0].id}`);
  await band().waitFor();
  await everywhere(page, 'an alert of a drill');
  incident = await api(page, 'POST', '/incidents', {
    origin: 'alert',
    alerts: found.map((alert) => alert.id),
    facts: { title: `Chiếm quyền máy chủ ${mark}`, unit, category: 'vn-a-intrusion', severity: 'high', grave: true, detectedAt: new Date().toISOString() },
  });
  assert.match(incident.code, /^DT-/);
  await page.goto(`${url}/incidents/${incident.id}`);
  await band().first().waitFor();
});

test('an alert is marked by hand, with a reason', { skip }, async () => {
  const real = await api(page, 'GET', '/alerts?drill=none&limit=500&status=new,in_progress,closed');
  assert.ok(real.items.every((alert) => alert.drill === ''), 'the filter leaves drills out');
  const token = await api(page, 'POST', '/tokens', { name: `thiet bi ${mark}`, unit, scope: 'ingest' });
  const sent = await fetch(`${url}/ingest/lines`, { method: 'POST', headers: { Authorization: `Bearer ${token.token}` }, body: `${guessed(`db-${mark}`)}\n` });
  assert.equal(sent.status, 200);
  const [alert] = await until('a real alert', async () => {
    const list = await api(page, 'GET', `/alerts?drill=none&unit=${unit}`);
    return list.total > 0 && list.items;
  });
  await page.goto(`${url}/alerts/${alert.id}`);
  await button(page, 'Thao tác khác').click();
  await page.getByRole('menuitem', { name: 'Đánh dấu thuộc diễn tập…' }).click();
  await dialog().getByLabel('Lý do').fill('Đội đỏ báo trước');
  await button(dialog(), 'Ghi dấu').click();
  await dialog().waitFor({ state: 'hidden' });
  await band().waitFor();
  await page.getByText('đã đánh dấu thuộc diễn tập').waitFor();
});

test('the report writes itself', { skip }, async () => {
  await page.goto(`${url}/drills/${id}`);
  await page.getByRole('link', { name: incident.code }).first().waitFor();
  await button(page, 'Kết thúc diễn tập').click();
  await button(dialog(), 'Kết thúc diễn tập').click();
  await page.getByRole('heading', { name: 'Báo cáo sau diễn tập' }).waitFor();
  await button(page, 'Soạn báo cáo chính thức').waitFor();
});
