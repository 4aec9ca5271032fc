// What the browser journeys share: the browser, signing in, sending events and
// the accessibility check.
//
// LACHAN_URL              address of the console
// LACHAN_ADMIN_PASSWORD   the one-time password of admin
// LACHAN_NEW_PASSWORD     what the first journey changes it to
// LACHAN_SYSLOG           host:port of the syslog TCP input (default 127.0.0.1:5514)
// LACHAN_FACTOR           file that keeps the secret of admin's authenticator app between the journeys
// LACHAN_CHROMIUM         path of the browser (default /usr/bin/chromium)
import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import net from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';

const require = createRequire(new URL('../../web/package.json', import.meta.url));
const { chromium } = require('playwright-core');
const axe = readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8');

export const url = process.env.LACHAN_URL;
export const firstPassword = process.env.LACHAN_ADMIN_PASSWORD;
export const newPassword = process.env.LACHAN_NEW_PASSWORD ?? `rung-bien-nui-song-${process.pid}`;
export const skip = url && firstPassword ? false : 'set LACHAN_URL and LACHAN_ADMIN_PASSWORD';

const [syslogHost, syslogPort] = (process.env.LACHAN_SYSLOG ?? '127.0.0.1:5514').split(':');

/** Sends lines to the syslog input; a line may say how many minutes ago it happened. */
export function send(lines) {
  return new Promise((resolve, reject) => {
    const socket = net.connect(Number(syslogPort), syslogHost, () => {
      for (const { app, text, minutesAgo = 0, host = 'web-e2e' } of lines) {
        const at = new Date(Date.now() - minutesAgo * 60_000).toISOString();
        const message = `<38>1 ${at} ${host} ${app} 812 - - ${text}`;
        socket.write(`${Buffer.byteLength(message)} ${message}`);
      }
      socket.end();
    });
    socket.on('close', resolve);
    socket.on('error', reject);
  });
}

/** A browser with one page; problems collects what no test looks for itself. */
export async function open() {
  const browser = await chromium.launch({
    executablePath: process.env.LACHAN_CHROMIUM ?? '/usr/bin/chromium',
    args: [
      '--headless',
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  });
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, locale: 'vi-VN' });
  const page = await context.newPage();
  page.setDefaultTimeout(Number(process.env.LACHAN_BROWSER_TIMEOUT ?? 15_000));
  const problems = [];
  page.on('pageerror', (error) => problems.push(`page error: ${error.message}`));
  page.on('console', (message) => {
    if (message.type() === 'error' && /Content Security Policy|Refused/.test(message.text())) problems.push(message.text());
  });
  const own = new URL(url).host;
  const asked = (address) => {
    const { protocol, host } = new URL(address);
    if (protocol !== 'data:' && protocol !== 'blob:' && host !== own) problems.push(`foreign request: ${address}`);
  };
  page.on('request', (request) => asked(request.url()));
  page.on('websocket', (socket) => asked(socket.url()));
  return { browser, context, page, problems };
}

/** Nothing moves or fades any more: colours on their way have a contrast of their own. */
export async function still(page) {
  await page.evaluate(async () => {
    const moves = (animation) => animation.playState === 'running' && animation.effect?.getComputedTiming().endTime !== Infinity;
    for (let calm = 0, frames = 0; calm < 5 && frames < 300; frames++) {
      await new Promise((next) => requestAnimationFrame(next));
      calm = document.getAnimations().some(moves) ? 0 : calm + 1;
    }
  });
}

/** A moment as people type it: dd/mm/yyyy HH:mm in Vietnam. */
export function moment(ms) {
  const [day, time] = new Date(ms + 7 * 3_600_000).toISOString().split('T');
  return `${day.split('-').reverse().join('/')} ${time.slice(0, 5)}`;
}

/** Waits until a page has its heading and no skeleton but those the page of parts shows. */
export async function settled(page) {
  await page.getByRole('heading', { level: 1 }).first().waitFor({ timeout: 30_000 });
  await page.waitForFunction(
    () => ![...document.querySelectorAll('.mantine-Skeleton-root')].some((one) => !one.closest('.la-sheet')),
    undefined,
    { timeout: 30_000 },
  );
}

/** No serious finding of WCAG 2.2 A and AA. */
export async function accessible(page, name) {
  await still(page);
  await page.evaluate(axe);
  const serious = await page.evaluate(async () => {
    const result = await globalThis.axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21aa', 'wcag22aa'] });
    return result.violations
      .filter((v) => v.impact === 'serious' || v.impact === 'critical')
      .map((v) => `${v.id}: ${v.nodes.map((n) => `${n.target.join(' ')} (${n.any[0]?.message ?? ''})`).join(', ')}`);
  });
  assert.deepEqual(serious, [], `accessibility of ${name}`);
}

/** The code of an authenticator app (RFC 6238) for a step of 30 seconds. */
export function totp(secret, step) {
  const bits = [...secret].map((c) => 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.indexOf(c).toString(2).padStart(5, '0')).join('');
  const key = Buffer.from(bits.match(/.{8}/g).map((byte) => Number.parseInt(byte, 2)));
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(step));
  const hash = createHmac('sha1', key).update(counter).digest();
  const number = hash.readUInt32BE(hash[19] & 15) & 0x7fffffff;
  return String(number % 1_000_000).padStart(6, '0');
}

const stepNow = () => Math.floor(Date.now() / 30_000);

/** An authenticator app: each code counts once, so it may have to wait for the next. */
export function authenticator(secret, last = 0) {
  return {
    secret,
    last,
    async next() {
      // Never the step before: it would end while the page is filled in.
      this.last = Math.max(this.last + 1, stepNow());
      while (this.last > stepNow() + 1) await new Promise((resolve) => setTimeout(resolve, 500));
      return totp(this.secret, this.last);
    },
  };
}

const factorFile = process.env.LACHAN_FACTOR ?? path.join(tmpdir(), `lachan-factor-${String(url).replace(/\W+/g, '-')}.json`);

/** The app of admin, whose secret the first journey keeps for those that follow. */
export const adminApp = {
  keep(app) {
    writeFileSync(factorFile, JSON.stringify({ secret: app.secret, last: app.last }), { mode: 0o600 });
  },
  async next() {
    const { secret, last } = JSON.parse(readFileSync(factorFile, 'utf8'));
    const app = authenticator(secret, last);
    const code = await app.next();
    this.keep(app);
    return code;
  },
};

/** Sets up an authenticator app on the page that asks for it; gives the app and the recovery codes. */
export async function enrolApp(page) {
  const shown = page.getByTestId('totp-secret').locator('pre');
  await shown.filter({ hasText: /^[A-Z2-7]{32}$/ }).waitFor();
  const app = authenticator(await shown.innerText());
  await page.locator('input[name=code]').fill(await app.next());
  await page.getByRole('button', { name: 'Hoàn tất thiết lập' }).click();
  const list = page.getByTestId('recovery-codes').locator('li');
  await list.first().waitFor();
  const codes = await list.allInnerTexts();
  await page.getByRole('button', { name: 'Tôi đã lưu, tiếp tục' }).click();
  return { app, codes };
}

/** Signs in with the password and the app that the first journey has set, at the page of a path. */
export async function signIn(page, at) {
  await page.goto(`${url}${at}`);
  await page.getByLabel('Tên đăng nhập').fill('admin');
  await page.locator('input[name=password]').fill(newPassword);
  await page.getByRole('button', { name: 'Đăng nhập' }).click();
  const code = page.locator('input[name=code]');
  await code.waitFor();
  await code.fill(await adminApp.next());
  await page.getByRole('button', { name: 'Xác nhận' }).click();
  await code.waitFor({ state: 'detached' });
  await page.getByRole('heading', { level: 1 }).waitFor();
}

/** The addresses of the router, as its source has them. */
export function routes() {
  const folder = new URL('../../web/src/app/routes/', import.meta.url);
  const sources = readdirSync(folder).filter((name) => name.endsWith('.ts')).map((name) => readFileSync(new URL(name, folder), 'utf8'));
  const paths = sources.flatMap((source) => [...source.matchAll(/^ {2}path: '([^']+)'/gm)].map(([, found]) => found));
  assert.ok(paths.length >= 50, `only ${paths.length} routes found: the router is written another way now`);
  return paths;
}
