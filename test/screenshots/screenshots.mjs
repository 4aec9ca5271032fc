// Takes the pictures of the Vietnamese guide and the README from a centre into
// which the recorded day was replayed: node screenshots.mjs FOLDER, by
// screenshots.sh. The settings are those of test/e2e/browser.mjs.
import { writeFileSync } from 'node:fs';
import path from 'node:path';

import { adminApp, enrolApp, firstPassword, newPassword, open, still, url } from '../e2e/browser.mjs';

const folder = process.argv[2];
const desk = { width: 1440, height: 900 };
const phone = { width: 390, height: 844 };

// at: path of the page, or what finds it. ready: what must be seen before the
// picture is taken. then: what a user does first.
const pictures = [
  { name: 'tong-quan', at: '/' },
  { name: 'hom-nay', at: '/today' },
  { name: 'canh-bao', at: '/alerts' },
  { name: 'canh-bao-theo-chien-dich', at: '/alerts?view=campaign' },
  { name: 'mot-canh-bao', at: async (page) => `/alerts/${(await topAlert(page)).id}` },
  { name: 'mot-canh-bao-toi', at: async (page) => `/alerts/${(await topAlert(page)).id}`, theme: 'dark' },
  { name: 'ngoai-le', at: '/exclusions' },
  { name: 'tim-kiem', at: '/search?q=outcome%3Afailure&range=24h', ready: (page) => page.getByRole('row').nth(3) },
  { name: 'nguon-log', at: '/sources' },
  { name: 'ket-noi-thiet-bi', at: '/sources/connect' },
  { name: 'ky-thuat-attack', at: '/attack' },
  { name: 'doi-tuong', at: '/entities/host/web01' },
  { name: 'luat', at: async (page) => `/rules/${encodeURIComponent((await topAlert(page)).ruleId)}` },
  { name: 'bang-lanh-dao', at: '/dashboards/leadership', ready: (page) => page.locator('canvas').first() },
  { name: 'man-hinh-lon', at: '/dashboards/wall', theme: 'dark', ready: (page) => page.locator('canvas').first() },
  { name: 'thong-bao', at: '/notifications' },
  { name: 'don-vi', at: '/units' },
  { name: 'nguoi-dung', at: '/admin/users' },
  { name: 'ma-truy-cap', at: '/admin/tokens' },
  { name: 'nhat-ky-thao-tac', at: '/admin/audit' },
  { name: 'tai-khoan', at: '/profile' },
  { name: 'bang-lenh', at: '/', then: palette },
  { name: 'dien-thoai-hom-nay', at: '/today', size: phone },
  { name: 'dien-thoai-canh-bao', at: '/alerts', size: phone, theme: 'dark' },
  { name: 'english-alerts', at: '/alerts', language: 'en' },
];

async function palette(page) {
  await page.keyboard.press('Control+k');
  await page.getByRole('dialog').getByRole('textbox').or(page.getByRole('combobox')).first().fill('canh bao');
  await page.getByRole('dialog').getByRole('option').or(page.getByRole('dialog').getByRole('button')).first().waitFor();
}

/** Calls the API as the one who is signed in. */
function call(page, method, at, body) {
  return page.evaluate(
    async ([method, at, body]) => {
      const init = { method, headers: { Accept: 'application/json' } };
      if (body) Object.assign(init, { headers: { ...init.headers, 'Content-Type': 'application/json' }, body: JSON.stringify(body) });
      const response = await fetch(`/api/v1${at}`, init);
      const text = await response.text();
      if (!response.ok) throw new Error(`${method} ${at}: ${response.status} ${text}`);
      return text ? JSON.parse(text) : undefined;
    },
    [method, at, body],
  );
}

let top;
async function topAlert(page) {
  top ??= (await call(page, 'GET', '/alerts?limit=50')).items.find((a) => a.count > 1 && a.level === 'critical') ?? (await call(page, 'GET', '/alerts?limit=1')).items[0];
  return top;
}

async function signIn(page) {
  await page.goto(url);
  await page.getByLabel('Tên đăng nhập').fill('admin');
  await page.locator('input[name=password]').fill(firstPassword);
  await page.getByRole('button', { name: 'Đăng nhập' }).click();
  await page.locator('input[name=current-password]').fill(firstPassword);
  await page.locator('input[name=new-password]').fill(newPassword);
  await page.locator('input[name=new-password-again]').fill(newPassword);
  await page.getByRole('button', { name: 'Lưu mật khẩu mới' }).click();
  const { app } = await enrolApp(page);
  adminApp.keep(app);
  await page.getByRole('heading', { level: 1, name: 'Tổng quan' }).waitFor();
}

/** What a centre would have done by the end of that day: accounts by duty, a rule of notification, work begun and ended. */
async function work(page) {
  for (const [username, displayName, role, unit] of [
    ['truc-ban-1', 'Trực ban ca 1', 'analyst', 'trung-tam'],
    ['dieu-phoi', 'Điều phối ứng cứu', 'coordinator', 'trung-tam'],
    ['lanh-dao', 'Lãnh đạo Trung tâm', 'leader', 'trung-tam'],
    ['attt-stc', 'Cán bộ an toàn thông tin Sở Tài chính', 'security-officer', 'so-tai-chinh'],
    ['giam-sat', 'Giám sát độc lập', 'auditor', 'trung-tam'],
  ]) {
    await call(page, 'POST', '/users', { username, displayName, role, unit });
  }
  const alerts = (await call(page, 'GET', '/alerts?limit=50')).items;
  const low = alerts.filter((a) => a.level === 'low' || a.level === 'medium');
  if (low[0]) await call(page, 'PATCH', `/alerts/${low[0].id}`, { version: low[0].version, status: 'closed', reason: 'benign', note: 'Đã gọi quản trị máy: thao tác theo kế hoạch bảo trì.' });
  if (low[1]) await call(page, 'PATCH', `/alerts/${low[1].id}`, { version: low[1].version, status: 'in_progress', note: 'Đang kiểm tra với đơn vị.' });
}

/** The page is as it stays: its heading is there, nothing is loading or moving. */
async function settled(page) {
  await page.getByRole('heading', { level: 1 }).first().waitFor();
  await page.waitForFunction(() => !document.querySelector('[aria-busy=true], .mantine-Skeleton-root[data-visible]'), undefined, { timeout: 30_000 });
  await page.evaluate(() => document.fonts.ready);
  await still(page);
}

async function take(page, picture) {
  await page.setViewportSize(picture.size ?? desk);
  await page.emulateMedia({ colorScheme: picture.theme ?? 'light' });
  const at = typeof picture.at === 'string' ? picture.at : await picture.at(page);
  await page.evaluate((language) => localStorage.setItem('lachan.language', language), picture.language ?? 'vi');
  await page.goto(`${url}${at}`);
  await settled(page);
  await picture.ready?.(page).waitFor({ timeout: 30_000 });
  await picture.then?.(page);
  await settled(page);
  const file = `${picture.name}.webp`;
  writeFileSync(path.join(folder, file), await webp(await page.screenshot()));
  console.log(file);
}

/** The picture as WebP, a third of the size, by the browser's own encoder. */
async function webp(png) {
  const data = await encoder.evaluate(async (source) => {
    const image = await createImageBitmap(await (await fetch(source)).blob());
    const canvas = Object.assign(document.createElement('canvas'), { width: image.width, height: image.height });
    canvas.getContext('2d').drawImage(image, 0, 0);
    return canvas.toDataURL('image/webp', 0.9);
  }, `data:image/png;base64,${png.toString('base64')}`);
  return Buffer.from(data.split(',')[1], 'base64');
}

const { browser, context, page, problems } = await open();
const encoder = await context.newPage();
await page.bringToFront();
page.setDefaultTimeout(30_000);
try {
  await signIn(page);
  await work(page);
  for (const picture of pictures) await take(page, picture);
  if (problems.length > 0) throw new Error(problems.join('\n'));
} finally {
  await browser.close();
}
