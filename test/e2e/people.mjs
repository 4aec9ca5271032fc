// What the journeys of accounts share: people made for one journey, each in a
// browser that remembers nothing.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';

import { accessible, url } from './browser.mjs';

/** Asks the server as the page's person does; gives the answer's body. */
export async function api(page, method, path, body) {
  const [status, answer] = await page.evaluate(
    async ([verb, where, sent]) => {
      const response = await fetch(`/api/v1${where}`, {
        method: verb,
        ...(sent && { headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(sent) }),
      });
      return [response.status, await response.text()];
    },
    [method, path, body],
  );
  assert.ok(status < 300, `${method} ${path}: ${status} ${answer}`);
  return answer === '' ? undefined : JSON.parse(answer);
}

/** A page that remembers nothing. */
export async function stranger(browser, problems) {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, locale: 'vi-VN' });
  const page = await context.newPage();
  page.setDefaultTimeout(30_000);
  page.on('pageerror', (error) => problems.push(`page error: ${error.message}`));
  return page;
}

/** Signs a new person in with the one-time password and gives him his own. */
export async function firstSignIn(page, username, oneTime, password) {
  await page.goto(url);
  await page.getByLabel('Tên đăng nhập').fill(username);
  await page.locator('input[name=password]').fill(oneTime);
  await page.getByRole('button', { name: 'Đăng nhập', exact: true }).click();
  await page.locator('input[name=current-password]').fill(oneTime);
  await page.locator('input[name=new-password]').fill(password);
  await page.locator('input[name=new-password-again]').fill(password);
  await page.getByRole('button', { name: 'Lưu mật khẩu mới' }).click();
  await page.getByRole('heading', { level: 1 }).waitFor();
  await page.locator('input[name=new-password]').waitFor({ state: 'detached' });
}

/** Opens a page in a language. */
export async function inLanguage(page, language, path) {
  await page.evaluate((value) => localStorage.setItem('lachan.language', value), language);
  await page.goto(url + path);
  await page.getByRole('heading', { level: 1 }).first().waitFor();
}

/** The page as it is, in both themes, wide and on a phone: accessible, and no wider than the screen. */
export async function everywhere(page, name) {
  for (const [scheme, width] of [
    ['dark', 1440],
    ['dark', 360],
    ['light', 360],
    ['light', 1440],
  ]) {
    await page.evaluate((value) => localStorage.setItem('lachan.scheme', value), scheme);
    await page.setViewportSize({ width, height: width > 400 ? 900 : 740 });
    await page.reload();
    await page.getByRole('heading', { level: 1 }).first().waitFor();
    await page.waitForFunction(() => document.querySelector('.mantine-Skeleton-root') === null);
    const over = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
    assert.equal(over, 0, `${name} is too wide at ${width} px`);
    await accessible(page, `${name}, ${scheme}, ${width} px`);
  }
}

const catalogue = (file) => JSON.parse(readFileSync(new URL(`../../web/src/i18n/${file}.json`, import.meta.url), 'utf8'));

/**
 * The console's words in a language: say('accounts:user.new'), without a catalogue's
 * name those of every page. A value that is missing fails the journey.
 */
export function wordsOf(language) {
  const opened = new Map();
  return (name, values = {}) => {
    const [, space, key] = /^(?:(\w+):)?(.*)$/.exec(name);
    const file = space === undefined ? language : `${space}/${language}`;
    if (!opened.has(file)) opened.set(file, catalogue(file));
    let text = key.split('.').reduce((tree, part) => tree?.[part], opened.get(file));
    text ??= key.split('.').reduce((tree, part, at, parts) => tree?.[at === parts.length - 1 ? `${part}_${values.count === 1 ? 'one' : 'other'}` : part], opened.get(file));
    assert.equal(typeof text, 'string', `no words for ${name} in ${language}`);
    return text.replace(/\{\{(\w+)\}\}/g, (_, value) => String(values[value]));
  };
}
