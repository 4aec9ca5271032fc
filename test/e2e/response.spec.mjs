// People brought together about an incident: the team and who is on call, a call-up
// that somebody of another unit acknowledges, an ask that is answered, the leadership
// handed over, and a guest without an account who looks by a link that works once.
// Runs after console.spec.mjs, which has set the password.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { accessible, open, signIn, skip, url } from './browser.mjs';
import { api, everywhere, firstSignIn, stranger, wordsOf } from './people.mjs';

const mark = `${process.pid % 10_000}${Date.now() % 1_000}`;
const unit = `so-ph-${mark}`;
const say = wordsOf('vi');
const title = `Cổng dữ liệu bị thay nội dung ${mark}`;

let browser;
let page;
let officer;
let visitor;
let incident;
let subject;
let problems = [];
const hours = (n) => new Date(Date.now() + n * 3_600_000).toISOString();
const button = (within, name) => within.getByRole('button', { name, exact: true });

before(async () => {
  if (skip) return;
  ({ browser, page, problems } = await open());
  page.setDefaultTimeout(30_000);
  await signIn(page, '/response');
  await api(page, 'POST', '/units', { id: unit, name: `Sở Phối hợp ${mark}` });
  const made = await api(page, 'POST', '/users', { username: `minh-${mark}`, displayName: `Minh ${mark}`, role: 'security-officer', unit });
  officer = await stranger(browser, problems);
  await firstSignIn(officer, `minh-${mark}`, made.oneTimePassword, `bien-xanh-nui-cao-${mark}`);
  const facts = { title, unit: 'trung-tam', severity: 'high', category: 'vn-a-ransomware', tlp: 'GREEN', summary: 'Trang chủ bị thay nội dung.', detectedAt: hours(-1) };
  incident = await api(page, 'POST', '/incidents', { origin: 'manual', facts });
  subject = { kind: 'incident', id: incident.id };
  const person = await api(page, 'POST', '/response-team', { unit, name: `Minh ${mark}`, phone: '0912345678', user: made.user?.id ?? made.id });
  await api(page, 'POST', '/on-call', { unit: 'trung-tam', from: hours(-1), until: hours(8), primary: person.id }).catch(() => undefined);
  await api(page, 'POST', '/call-ups', { subject, people: [person.id], message: `Có mặt tại Trung tâm ${mark}`, by: hours(2), needed: 1, minutes: 30 });
  await api(page, 'POST', '/asks', { subject, to: { kind: 'unit', id: unit }, question: `Đề nghị cung cấp nhật ký ${mark}`, by: hours(24) });
});

after(async () => {
  await browser?.close();
});

test('the team has its people', { skip }, async () => {
  await page.goto(`${url}/response?tab=team`);
  await page.getByText(`Minh ${mark}`).first().waitFor();
  await accessible(page, 'the response team');
});

test('who is called from another unit sees the call alone, and acknowledges it', { skip }, async () => {
  await officer.goto(`${url}/response?tab=calls`);
  const call = officer.getByRole('listitem').filter({ hasText: `Có mặt tại Trung tâm ${mark}` }).first();
  await call.getByText(incident.code).first().waitFor();
  assert.equal(await officer.getByText(title).count(), 0, 'the call does not tell the title');
  await button(call, say('response:comes')).click();
  await call.getByText(say('response:line.comes')).waitFor();
  await accessible(officer, 'a call from elsewhere');
  await officer.goto(`${url}/incidents/${incident.id}`);
  await officer.getByRole('alert').first().waitFor();
  await page.goto(`${url}/incidents/${incident.id}?tab=sharing`);
  await page.getByText(say('response:line.comes')).first().waitFor();
});

test('an ask is answered by the unit that was asked', { skip }, async () => {
  await officer.goto(`${url}/response?tab=asks`);
  const ask = officer.getByRole('listitem').filter({ hasText: `Đề nghị cung cấp nhật ký ${mark}` }).first();
  await button(ask, say('response:do.answered')).click();
  const dialog = officer.getByRole('dialog');
  await dialog.getByRole('textbox').fill(`Đã gửi nhật ký ${mark}`);
  await dialog.locator('button[type=submit]').click();
  await dialog.waitFor({ state: 'detached' });
  await ask.getByText(`Đã gửi nhật ký ${mark}`).waitFor();
});

test('an accepted hand-over changes who leads', { skip }, async () => {
  await api(page, 'POST', '/handovers', { subject, to: { kind: 'unit', id: unit }, reason: `Hệ thống của Sở ${mark}` });
  await officer.goto(`${url}/response?tab=asks`);
  const offer = officer.getByRole('listitem').filter({ hasText: `Hệ thống của Sở ${mark}` }).first();
  await button(offer, say('response:do.accepted')).click();
  const dialog = officer.getByRole('dialog');
  await dialog.locator('button[type=submit]').click();
  await dialog.waitFor({ state: 'detached' });
  await offer.getByText(say('response:state.accepted')).waitFor();
  const until = Date.now() + 60_000;
  for (;;) {
    const now = await api(page, 'GET', `/incidents/${incident.id}`);
    if (now.leading?.id === unit) break;
    assert.ok(Date.now() < until, 'the incident did not hear of the hand-over');
    await new Promise((next) => setTimeout(next, 300));
  }
  await page.goto(`${url}/incidents/${incident.id}`);
  await page.getByText(`Sở Phối hợp ${mark}`).first().waitFor();
  await officer.goto(`${url}/incidents/${incident.id}`);
  await officer.getByRole('heading', { level: 1, name: title }).waitFor();
});

let link;

test('a link for a guest is made and shown once', { skip }, async () => {
  await api(page, 'POST', `/incidents/${incident.id}/timeline`, { kind: 'note', text: `Đã cô lập máy chủ ${mark}`, tlp: 'GREEN' });
  await api(page, 'POST', `/incidents/${incident.id}/timeline`, { kind: 'note', text: `Nguồn tin riêng ${mark}`, tlp: 'RED' });
  await page.goto(`${url}/incidents/${incident.id}?tab=sharing`);
  await button(page, say('incidents:guest.add')).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel(say('incidents:guest.name')).fill(`Khách ${mark}`);
  await dialog.getByLabel(say('incidents:guest.organisation')).fill('Công ty vận hành');
  await dialog.getByLabel(say('incidents:guest.part.timeline')).check();
  await accessible(page, 'inviting a guest');
  await button(dialog, say('incidents:guest.submit')).click();
  link = (await dialog.getByLabel(say('incidents:guest.link')).innerText()).trim();
  assert.match(link, /\/guest#[0-9a-f]+\.[0-9a-f]{64}$/);
  await button(dialog, say('incidents:guest.copy')).waitFor();
  await accessible(page, 'the link of a guest');
  await button(dialog, say('incidents:guest.done')).click();
  await page.getByText(say('incidents:guest.state.waiting')).waitFor();
});

test('a stranger opens the link and sees what was chosen for him', { skip }, async () => {
  visitor = await stranger(browser, problems);
  const asked = [];
  visitor.on('request', (request) => asked.push(request.url()));
  await visitor.goto(link);
  await visitor.getByRole('heading', { level: 1, name: say('guest:title') }).waitFor();
  await everywhere(visitor, 'a link that was not opened yet');
  await button(visitor, say('guest:ready.open')).click();
  await visitor.getByText(`Đã cô lập máy chủ ${mark}`).waitFor();
  assert.equal(new URL(visitor.url()).hash, '', 'the secret is out of the address');
  assert.ok(!asked.some((address) => address.includes(link.split('#')[1])), 'the secret is in no address that was asked for');
  assert.equal(await visitor.getByText(`Nguồn tin riêng ${mark}`).count(), 0, 'what is marked above him is not shown');
  await everywhere(visitor, 'what a guest sees');
  await visitor.getByLabel(say('guest:comment')).fill(`Chúng tôi đã thay mật khẩu ${mark}`);
  await button(visitor, say('guest:send')).click();
  await visitor.getByRole('region', { name: say('guest:comments') }).getByRole('listitem').filter({ hasText: mark }).waitFor();
  const status = await visitor.evaluate(async (path) => (await fetch(path)).status, `/api/v1/incidents/${incident.id}`);
  assert.equal(status, 401, 'the incident itself is closed to him');
});

test('the used link opens nothing, and who invited him sees all of it', { skip }, async () => {
  const second = await stranger(browser, problems);
  await second.goto(link);
  await button(second, say('guest:ready.open')).click();
  await second.getByText(say('guest:code.guest_link-used.title')).waitFor();
  await accessible(second, 'a used link');
  await second.goto('about:blank');
  await second.goto(`${url}/guest`);
  await second.getByRole('heading', { level: 1, name: say('guest:empty.title') }).waitFor();
  await page.goto(`${url}/incidents/${incident.id}?tab=timeline`);
  await page.getByText(`Chúng tôi đã thay mật khẩu ${mark}`).waitFor();
  await page.getByText(say('incidents:guest.mark'), { exact: true }).first().waitFor();
  await page.goto(`${url}/incidents/${incident.id}?tab=sharing`);
  const line = page.getByRole('region', { name: say('incidents:guest.title') }).getByRole('listitem').filter({ hasText: `Khách ${mark}` });
  await line.getByText(say('incidents:guest.state.open')).waitFor();
  await accessible(page, 'the guests of an incident');
  await button(line, say('incidents:guest.revoke')).click();
  await button(page.getByRole('dialog'), say('incidents:guest.revoke')).click();
  await line.getByText(say('incidents:guest.state.revoked')).first().waitFor();
  await visitor.reload();
  await visitor.getByText(say('guest:code.guest_revoked.title')).waitFor();
  assert.deepEqual(problems, []);
});
