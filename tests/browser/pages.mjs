// Walks a running demo as a person would: every door, every page, in both languages, wide and narrow, with and
// without script. Each page must have no axe violation, no console error, no sideways scroll, and be usable by keyboard.
//
//   node pages.mjs http://127.0.0.1:8080 [--shots DIR]
//
// CHROMIUM names the browser (default /usr/bin/chromium). Exit code 0 if all passed, 1 if not, 2 if it could not run.

import { base, expect, inBrowser, LANGUAGES, Walk } from './walk.mjs';

const WIDTHS = [1280, 320];
/** So far back in the record, in pages. */
const FARTHEST_PAGES = 20;

/** Where an app of the demo sends whoever opens it. */
function asking(app, scope) {
  const parameters = {
    response_type: 'code', client_id: app, redirect_uri: 'http://127.0.0.1:8099/back', scope, state: 'a-state',
    aud: `${base}/fhir`, code_challenge: 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM', code_challenge_method: 'S256',
  };
  return `/oauth/authorize?${new URLSearchParams(parameters)}`;
}

async function guest(walk) {
  const query = `?lang=${walk.language}`;
  await walk.open(`/${query}`, 'front');
  const places = await walk.keyboard('front');
  expect(places[0]?.href === '#main', `${walk.name} front: Tab reaches the skip link first`, places[0]?.name);
  expect(places.some((place) => place.door === 'clinician'), `${walk.name} front: Tab reaches a door`);
  await walk.open('/sign-in', 'sign-in');
  walk.mayFail = true;
  await walk.page.fill('#login', 'nobody.here');
  await walk.page.fill('#password', 'wrong');
  await Promise.all([walk.page.waitForNavigation(), walk.page.keyboard.press('Enter')]);
  await walk.look('sign-in-refused');
  expect(await walk.page.locator('.error-summary a[href="#password"]').count() === 1, `${walk.name} sign-in: says what is wrong`);
  expect(/^(エラー：|Error: )/.test(await walk.page.title()), `${walk.name} sign-in: the title says so too`);
  walk.mayFail = false;
  await walk.open('/sign-in/card', 'card');
  walk.mayFail = true;
  await walk.page.fill('#pin', '0000');
  await Promise.all([walk.page.waitForNavigation(), walk.page.keyboard.press('Enter')]);
  await walk.look('card-refused');
  expect(await walk.page.locator('.error-summary a[href="#pin"]').count() === 1, `${walk.name} card: says what is wrong`);
  walk.mayFail = false;
  await walk.page.fill('#pin', '1234');
  await Promise.all([walk.page.waitForNavigation(), walk.page.keyboard.press('Enter')]);
  expect(/\/patients\/[0-9a-f]+/.test(walk.page.url()), `${walk.name} card: a patient comes in by the simulated card`, walk.page.url());
  await walk.page.context().clearCookies({ name: 'renkei_session' });
  await walk.open('/no-such-page', 'not-found', { status: 404 });
  await walk.open('/patients', 'patients-signed-out');
  await walk.open(asking('app-demo-staff', 'user/Organization.rs'), 'authorize-signed-out');
  await walk.open(asking('app-unknown', 'user/Organization.rs'), 'authorize-unknown', { status: 400, shot: false });
}

async function clinician(walk) {
  await walk.enter('clinician');
  await walk.look('patients');
  await walk.keyboard('patients');
  const patients = await walk.hrefs('tbody a[href^="/patients/"]');
  expect(patients.length >= 10, `${walk.name} patients: the consenting are listed`, `${patients.length}`);
  await walk.open('/patients?identifier=nobody', 'patients-nobody');
  await walk.open('/patients?identifier=', 'patients-empty', { shot: false });
  for (const [index, patient] of patients.entries()) {
    const isFull = index < 4 || walk.width === 1280;
    if (isFull) await walk.open(patient, `summary-${index + 1}`);
  }
  await walk.keyboard('summary', 40);
  await anaphylaxis(walk, patients);
  const kinds = new Map();
  for (const [index, patient] of patients.entries()) {
    await walk.open(`${patient}/documents`, `documents-${index + 1}`, { shot: index < 2 });
    const rows = await walk.page.$$eval('.document-list li', (items) =>
      items.map((item) => [item.querySelector('.letter-mark').textContent, item.querySelector('a').getAttribute('href')]));
    rows.forEach(([kind, href]) => kinds.has(kind) || kinds.set(kind, href));
  }
  expect(kinds.size >= 1, `${walk.name} documents: somebody has some`, [...kinds.keys()].join(' '));
  let number = 0;
  for (const href of kinds.values()) await walk.open(href, `document-${number += 1}`);
  await walk.open('/documents/00000000-0000-0000-0000-000000000000', 'document-not-found', { status: 404, shot: false });
  await walk.open('/patients/00000000-0000-0000-0000-000000000000', 'summary-refused', { status: 403 });
  await walk.open('/directory', 'directory');
  await walk.open(`/directory?name=${encodeURIComponent('架空')}`, 'directory-found');
  await walk.keyboard('directory-found');
  expect(await walk.page.locator('.places li').count() === 3, `${walk.name} directory: three institutions`);
  await walk.open('/directory?name=zzz', 'directory-none', { shot: false });
  await walk.open(asking('app-demo-staff', 'launch/patient patient/*.rs user/Organization.rs'), 'authorize');
  await walk.keyboard('authorize');
  await walk.submit('button[value=allow]');
  await walk.look('authorize-number-missing');
  await walk.open(asking('app-demo-patients', 'patient/*.rs'), 'authorize-refused', { status: 403, shot: false });
  await walk.open('/audit', 'audit-refused', { status: 403, shot: false });
}

/** The clinician of the night sees the danger without scrolling. */
async function anaphylaxis(walk, patients) {
  if (walk.width !== 1280) return;
  let seen = false;
  for (const patient of patients) {
    await walk.page.goto(`${base}${patient}`);
    const danger = walk.page.locator('.card-high').first();
    if (await danger.count() === 0) continue;
    const box = await danger.boundingBox();
    expect(box.y + box.height <= 800, `${walk.name} summary: danger stands on the first screen`, `${box.y}`);
    seen = true;
  }
  expect(seen, `${walk.name} summary: somebody has an allergy that can kill`);
}

/** The acts of safety management are the newest: goes back to the first that tells of a patient. */
async function seenByOnRecord(walk) {
  for (let pages = 0; pages < FARTHEST_PAGES; pages += 1) {
    const [seenBy] = await walk.hrefs('td a[href$="/seen-by"]');
    if (seenBy && pages > 0) return seenBy;
    const [older] = await walk.hrefs('.pages a[href*="before="]');
    expect(Boolean(older), `${walk.name} audit: has older pages`);
    if (pages === 0) await walk.open(older, 'audit-older', { shot: false });
    else await walk.page.goto(`${base}${older}`);
  }
  throw new Error(`no act on a patient's record within ${FARTHEST_PAGES} pages`);
}

async function safetyManager(walk) {
  await walk.enter('safety-manager');
  await walk.open('/audit', 'audit');
  await walk.keyboard('audit');
  const seenBy = await seenByOnRecord(walk);
  await walk.open(seenBy, 'seen-by-for-manager');
  await walk.open('/patients', 'patients-refused', { status: 403, shot: false });
  await walk.open('/reviews', 'reviews');
  await walk.open('/inquiries', 'inquiries');
  await walk.open('/devices', 'devices');
  await walk.keyboard('devices');
  await walk.open('/device', 'device');
  await walk.open(`/consent/simulator?patient=${seenBy.split('/')[2]}&role=clinician`, 'simulator-answer');
  expect(await walk.page.locator('tbody tr').count() >= 8, `${walk.name} simulator: tells of each information and document`);
  await walk.open('/policy/simulator?role=nurse&act=account-invite', 'acts-simulator');
  await walk.keyboard('acts-simulator', 40);
  await walk.open('/access-reviews', 'access-reviews');
  await walk.keyboard('access-reviews');
  await walk.open('/alerts', 'alerts');
  await walk.keyboard('alerts');
  await walk.open('/notices', 'notices');
  await walk.open('/figures', 'figures');
  await walk.keyboard('figures');
  await walk.open('/figures?from=2026-04-02&to=2026-04-01', 'figures-out-of-order', { status: 400, shot: false });
}

async function patient(walk) {
  await walk.enter('patient');
  await walk.look('own');
  await walk.keyboard('own');
  const menu = await walk.hrefs('.menu a');
  const documents = menu.find((href) => href.endsWith('/documents'));
  await walk.open(documents, 'own-documents');
  const [first] = await walk.hrefs('.document-list a');
  if (first) await walk.open(first, 'own-document');
  await walk.open(menu.find((href) => href.endsWith('/seen-by')), 'own-seen-by');
  expect(await walk.page.locator('.looks li').count() > 0, `${walk.name} own-seen-by: somebody looked`);
  const [ask] = await walk.hrefs('.look-ask a');
  expect(Boolean(ask), `${walk.name} own-seen-by: a look can be asked about`);
  if (ask) {
    await walk.open(ask, 'own-asking');
    await walk.keyboard('own-asking');
  }
  await walk.open('/for-whom', 'for-whom');
  const others = (await walk.hrefs('main a.button')).filter((href) => !menu.includes(href));
  await walk.open(others[0], 'as-proxy');
  expect(await walk.page.locator('.for-whom').count() === 1, `${walk.name} as-proxy: the page says for whom it is`);
  await walk.open(menu.find((href) => href.endsWith('/consents')), 'own-consents');
  await walk.open(asking('app-demo-patients', 'launch/patient patient/MedicationRequest.rs'), 'authorize-own');
  await walk.keyboard('own-consents');
}

/** Opens the record of whoever consented to nothing, by what they say of themselves; a wrong form says what is wrong. */
async function emergency(walk) {
  await walk.enter('emergency-clinician');
  await walk.look('emergency');
  await walk.keyboard('emergency');
  walk.mayFail = true;
  await walk.submit('form[action="/emergency"] button');
  await walk.look('emergency-refused');
  expect(await walk.page.locator('.error-summary').count() === 1, `${walk.name} emergency: says what is wrong`);
  walk.mayFail = false;
}

async function operator(walk) {
  await walk.enter('operator');
  await walk.look('disasters');
  await walk.keyboard('disasters', 70);
  await walk.open('/reviews', 'reviews-for-operator');
  await walk.open('/inquiries', 'inquiries-for-operator');
  await walk.open('/proxies', 'proxies');
  await walk.keyboard('proxies');
  await walk.open('/consent/simulator', 'simulator');
}

/** Staff of the institution that registered what nobody else is given. */
async function institution(walk) {
  await walk.enter('institution');
  await walk.look('projections');
  await walk.keyboard('projections');
  expect(await walk.page.locator('.chip-warn').count() > 0, `${walk.name} projections: what is withheld is marked`);
  const [documents] = await walk.hrefs('a[href^="/patients/"][href$="/documents"]');
  await walk.open(documents.replace('/documents', ''), 'own-registrations');
  await walk.open(documents, 'own-registered-documents');
}

async function developer(walk) {
  await walk.enter('developer');
  await walk.look('validator');
  await walk.submit('form[action="/validator"] button');
  await walk.look('validator-empty', false);
  expect(await walk.page.locator('.error-summary').count() === 1, `${walk.name} validator: asks for a bundle`);
  await walk.open('/validator?sample=1', 'validator-sample', { shot: false });
  await walk.submit('form[action="/validator"] button');
  await walk.look('validator-bad');
  await walk.keyboard('validator-bad', 40);
  const shared = await findingsAndSource(walk);
  await byProfile(walk);
  await mendOne(walk);
  await oneLine(walk);
  await walk.page.setInputFiles('#file', { name: 'x.json', mimeType: 'application/json', buffer: Buffer.from('{"resourceType":') });
  await walk.submit('form[action="/validator"] button');
  await walk.look('validator-broken-file', false);
  await walk.submit('form[action="/sign-out"] button');
  await walk.look('signed-out', false);
  await walk.open(shared, 'validator-shared');
  expect(await walk.page.locator('.shared li').count() >= 3, `${walk.name} shared: anybody with the link sees the findings`);
  await walk.open('/validator/rules', 'validator-rules', { shot: walk.width === 320 });
  await walk.open('/validator/rules/RK-2104', 'validator-rule');
  await walk.open('/validator/rules/RK-0000', 'validator-rule-not-found', { status: 404, shot: false });
}

/** Each finding leads to its mark in the source and back; gives the link for sharing. */
async function findingsAndSource(walk) {
  const marks = await walk.page.$$eval('.pin', (pins) => pins.map((pin) => [pin.id, pin.getAttribute('href')]));
  const places = await walk.page.$$eval('details[open] .where', (all) =>
    all.map((where) => [where.closest('li').id, where.querySelector('a')?.getAttribute('href')]));
  expect(places.length >= 3, `${walk.name} validator: failures are open`, `${places.length}`);
  for (const [finding, mark] of places) {
    const isBoth = marks.some(([id, href]) => `#${id}` === mark && href === `#${finding}`);
    expect(isBoth, `${walk.name} validator: ${finding} and its mark lead to each other`, mark);
  }
  await walk.page.click('details[open] .where a');
  const target = walk.page.locator('.row:has(:target)');
  expect(await target.count() === 1 && await target.isVisible(), `${walk.name} validator: the line of a finding comes into sight`);
  const [shared] = await walk.hrefs('.keep a');
  expect(/^[\x21-\x7e]{1,4200}$/.test(shared), `${walk.name} validator: the link is short and plain`, shared);
  return shared;
}

/** Where packages are installed, one may ask for a profile; one that is not there is told by name. */
async function byProfile(walk) {
  if (await walk.page.locator('#profile').count() === 0) return;
  const [known] = await walk.page.$$eval('#profiles option', (all) => all.map((one) => one.value));
  const before = await walk.page.locator('.where').count();
  await walk.page.fill('#profile', 'http://example.jp/absent');
  await walk.submit('form[action="/validator"] button');
  await walk.look('validator-unknown-profile', false);
  expect(await walk.page.locator('.error-summary a[href="#profile"]').count() === 1, `${walk.name} validator: names a profile that is not there`);
  await walk.page.fill('#profile', known);
  await walk.submit('form[action="/validator"] button');
  await walk.look('validator-profile');
  const after = await walk.page.locator('.where').count();
  expect(after > before, `${walk.name} validator: judges by a profile that was asked for`, `${before} ${after}`);
  await walk.page.fill('#profile', '');
  await walk.submit('form[action="/validator"] button');
}

/** After mending, the page tells what is gone. */
async function mendOne(walk) {
  const source = await walk.page.inputValue('#bundle');
  await walk.page.fill('#bundle', source.replace('"resourceType"', '"invented": 1, "resourceType"'));
  await walk.submit('form[action="/validator"] button');
  await walk.look('validator-compared');
  expect(await walk.page.locator('.compared').count() === 1, `${walk.name} validator: compares with the last run`);
  expect(await walk.page.locator('.new').count() === 1, `${walk.name} validator: one finding is new`);
}

/** A document without line breaks can be read all the same. */
async function oneLine(walk) {
  const source = await walk.page.inputValue('#bundle');
  await walk.page.fill('#bundle', JSON.stringify(JSON.parse(source)));
  await walk.submit('form[action="/validator"] button');
  await walk.look('validator-one-line', walk.width === 320);
  expect(await walk.page.locator('.row').count() > 20, `${walk.name} validator: one long line is broken up`);
}

await inBrowser(async (browser) => {
  for (const language of LANGUAGES) {
    for (const width of WIDTHS) {
      for (const script of [true, false]) {
        for (const visit of [guest, clinician, safetyManager, patient, emergency, operator, institution, developer]) {
          const walk = new Walk(browser, language, width, script);
          await walk.start();
          try {
            await visit(walk);
          } catch (error) {
            expect(false, `${walk.name} ${visit.name}: went to its end`, String(error).split('\n')[0]);
          }
          await walk.context.close();
        }
      }
    }
  }
});
