// Safety management in a browser: the way from 「立入検査が来月」 to a pack that an inspector holds, and every page, judged as
// pages.mjs judges pages.
//
//   node safety.mjs http://127.0.0.1:8080 [--shots DIR]
//
// It changes the demo's registers: a demo serves for one run.

import { readFile } from 'node:fs/promises';
import { base, expect, inBrowser, LANGUAGES, Walk } from './walk.mjs';

const WIDTHS = [1280, 320];
const CONTACTS = '/safety/registers/contacts';
/** What the contact tree proves on the checklist of inspections. */
const CONTACT_ITEM = '/safety/guideline/chk.r7.h.3.1';
const APPOINTMENT = '/safety/guideline/chk.r7.h.1.1';

async function pages(walk) {
  await walk.enter('safety-manager');
  await walk.look('safety-today');
  await walk.keyboard('safety-today', 40);
  expect(await walk.page.locator('.card-warn').count() === 3, `${walk.name} today: three next things`);
  await walk.open('/safety/guideline', 'guideline');
  await walk.keyboard('guideline', 40);
  await walk.open('/safety/guideline/mhlw6.op.14.5', 'guideline-item');
  await walk.open(APPOINTMENT, 'guideline-document');
  await walk.keyboard('guideline-document', 40);
  await walk.open('/safety/guideline/chk.r99', 'guideline-unknown', { status: 404, shot: false });
  await walk.open('/safety/changes', 'guideline-changes');
  await walk.open('/safety/support', 'guideline-support');
  await walk.open('/safety/path?kind=clinic&operator=no', 'guideline-path');
  await walk.open('/safety/packs', 'packs');
  const [pack] = await walk.hrefs('th a[href^="/safety/packs/"]');
  await walk.open(pack, 'pack');
  await walk.keyboard('pack', 40);
  await registers(walk);
  await walk.open('/safety/findings', 'safety-findings');
  expect(await walk.page.locator('.card-warn').count() >= 20, `${walk.name} findings: the demo's faults are found`);
  await walk.open('/safety/diagram', 'safety-diagram');
  await walk.open('/safety/reporters', 'reporters');
  await walk.keyboard('reporters', 60);
  const [reporter] = await walk.hrefs('th a[href^="/safety/reporters/"]');
  expect(Boolean(reporter), `${walk.name} reporters: the demo's machines report`);
  if (reporter) await walk.open(reporter, 'reporter');
  await walk.open('/safety/reporters/sheet', 'report-sheet');
  await walk.open('/safety/executive', 'executive');
  await walk.keyboard('executive', 40);
  await plans(walk);
}

/** Every register, one row of it, and its form filled wrongly. */
async function registers(walk) {
  await walk.open('/safety/registers', 'registers');
  await walk.keyboard('registers');
  const all = await walk.hrefs('th a[href^="/safety/registers/"]');
  expect(all.length === 13, `${walk.name} registers: thirteen are listed`, `${all.length}`);
  const isThorough = (walk.language === 'ja') === (walk.width === 320);
  for (const register of isThorough ? all : all.slice(2, 3)) {
    const code = register.split('/').pop();
    await walk.open(register, `register-${code}`, { shot: ['devices', 'take-outs'].includes(code) });
    const [row] = await walk.hrefs(`th a[href^="${register}/"]`);
    expect(Boolean(row), `${walk.name} register ${code}: has rows`);
    if (row) await walk.open(row, `register-row-${code}`, { shot: code === 'take-outs' });
  }
  await walk.open('/safety/registers/devices/new', 'register-new');
  await walk.keyboard('register-new', 60);
  walk.mayFail = true;
  await walk.submit('form[action="/safety/registers/devices"] button[type=submit]');
  await walk.look('register-new-refused');
  expect(await walk.page.locator('.error-summary a[href="#f-label"]').count() === 1, `${walk.name} register: says what is missing`);
  walk.mayFail = false;
}

/** The drill that was carried through, an incident that begins and is written on wrongly, contacts, and the plan. */
async function plans(walk) {
  await walk.open('/safety/incidents', 'incidents');
  await walk.keyboard('incidents', 40);
  const [drill] = await walk.hrefs('.card-name a[href^="/safety/incidents/"]');
  expect(Boolean(drill), `${walk.name} incidents: the drill is listed`);
  await walk.open(drill, 'incident-drill');
  await walk.open('/safety/incidents', 'incidents-again', { shot: false });
  walk.mayFail = true;
  await walk.page.fill('#title', '');
  await walk.submit('form[action="/safety/incidents"] button[type=submit]');
  await walk.look('incident-refused');
  expect(await walk.page.locator('.error-summary a[href="#title"]').count() === 1, `${walk.name} incident: says what is missing`);
  walk.mayFail = false;
  await walk.open('/safety/contacts', 'contacts');
  await walk.keyboard('contacts', 40);
  await walk.open('/safety/bcp', 'bcp');
  await walk.keyboard('bcp', 30);
  await walk.open('/safety/bcp/chapters/response', 'bcp-chapter');
  await walk.keyboard('bcp-chapter', 30);
}

/** 立入検査が来月: what is red is mended in its register, what is on paper is answered, and a pack is handed over. */
async function inspection(walk) {
  const { page } = walk;
  await walk.enter('safety-manager');
  await walk.look('inspection-1-today');
  await walk.open('/safety/guideline?edition=chk', 'inspection-2-checklist');
  await stands(walk, CONTACT_ITEM, 'mark-high', 'the contact tree is not as it should be');
  await walk.look('inspection-3-item');
  await mendContacts(walk);
  await walk.open('/safety', 'inspection-5-today', { shot: false });
  await walk.submit('form[action="/safety"] button');
  await stands(walk, CONTACT_ITEM, 'chip-on', 'mended, and checked again');
  await walk.look('inspection-5-item');
  await page.goto(`${base}${APPOINTMENT}`);
  await page.check('input[name=answer][value=no]');
  await page.fill('#target', dayFromNow(60));
  await page.fill('#reason', '副責任者の任命書を4月の人事に合わせて作る');
  await walk.submit('form[action^="/safety/guideline/"] button[type=submit]');
  await walk.look('inspection-6-answered');
  const address = await handOver(walk);
  await inspect(walk, address);
}

/** The standing of an item is the first chip of its page. */
async function stands(walk, item, mark, what) {
  await walk.page.goto(`${base}${item}`);
  const marks = await walk.page.locator('.chip').first().getAttribute('class');
  expect(marks.includes(mark), `${walk.name} inspection: ${what}`, marks);
}

/** Each contact that nobody tried for long is tried today, and the one that is missing altogether is added. */
async function mendContacts(walk) {
  const { page } = walk;
  await walk.open(CONTACTS, 'inspection-4-contacts');
  for (const row of await walk.hrefs(`th a[href^="${CONTACTS}/"]`)) {
    await page.goto(`${base}${row}`);
    await page.fill('#f-tested-on', dayFromNow(0));
    await walk.submit('form:has(#f-tested-on) button[type=submit]');
  }
  await page.goto(`${base}${CONTACTS}/new`);
  await page.fill('#f-contact-role', '個人情報保護委員会 漏えい等の報告窓口');
  await page.selectOption('#f-contact-kind', 'ppc');
  await page.fill('#f-phone', '000-2222-0004');
  await page.fill('#f-tested-on', dayFromNow(0));
  await walk.submit('form:has(#f-tested-on) button[type=submit]');
  expect(page.url().includes(CONTACTS), `${walk.name} inspection: the contact is kept`, page.url());
}

/** Makes a pack, takes it, and gives an inspector a link to it. */
async function handOver(walk) {
  const { page } = walk;
  await walk.open('/safety/packs', 'inspection-7-packs', { shot: false });
  await walk.submit('form[action="/safety/packs"] button');
  await page.waitForSelector('#files', { timeout: 60_000 });
  const [archive] = await walk.hrefs('a[href$="/archive"]');
  const [download] = await Promise.all([page.waitForEvent('download'), page.click(`a[href="${archive}"]`)]);
  const bytes = await readFile(await download.path());
  expect(bytes.subarray(0, 2).toString() === 'PK', `${walk.name} inspection: the pack is a ZIP`, `${bytes.length} B`);
  await page.fill('#reader', '架空保健所 医事係 保健 太郎');
  await page.fill('#until', dayFromNow(14));
  await walk.submit('form:has(#reader) button[type=submit]');
  await walk.look('inspection-7-pack');
  const address = await page.locator('section.card .id').textContent();
  expect(/^https?:/.test(address), `${walk.name} inspection: the link is shown once`, address);
  return address;
}

/** The inspector has the link and nothing else. */
async function inspect(walk, address) {
  const inspector = new Walk(walk.browser, walk.language, walk.width, walk.script);
  await inspector.start();
  await inspector.open(new URL(address).pathname, 'inspection-8-inspector');
  const form = inspector.page.locator('a[href*="checklist.pdf"]');
  const [download] = await Promise.all([inspector.page.waitForEvent('download'), form.click()]);
  const bytes = await readFile(await download.path());
  expect(bytes.subarray(0, 5).toString() === '%PDF-', `${walk.name} inspection: the inspector reads the form`);
  await inspector.page.goto(`${base}/safety`);
  expect(inspector.page.url().includes('/sign-in'), `${walk.name} inspection: the inspector sees nothing else`, inspector.page.url());
  await walk.page.goto(walk.page.url());
  await walk.submit('form button[name=end]');
  await inspector.open(new URL(address).pathname, 'inspection-9-over', { status: 410 });
  await inspector.context.close();
}

/** A day of Japan's calendar, so many days ahead. */
function dayFromNow(days) {
  return new Date(Date.now() + (9 + 24 * days) * 3_600_000).toISOString().slice(0, 10);
}

await inBrowser(async (browser) => {
  const looks = LANGUAGES.flatMap((language) => WIDTHS.map((width) => [pages, language, width, true]));
  for (const [visit, language, width, script] of [[inspection, 'ja', 1280, true], ...looks, [pages, 'ja', 320, false]]) {
    const walk = new Walk(browser, language, width, script);
    await walk.start();
    try {
      await visit(walk);
    } catch (error) {
      expect(false, `${walk.name} ${visit.name}: went to its end`, String(error).split('\n')[0]);
    }
    await walk.context.close();
  }
});
