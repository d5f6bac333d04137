// The way in, as people go it, by the keys alone: invited, set up on a phone, signed in, away, back, the phone lost.
//
//   node sign_in.mjs http://localhost:8080 PROCESS [--shots DIR]
//
// PROCESS is the demo's number: SIGUSR1 lets six minutes pass there. Exit code 0 if all passed, 1 if not, 2 if it could
// not run.

import { setTimeout as wait } from 'node:timers/promises';
import { Hands, totp } from './hands.mjs';
import { base, expect, inBrowser, LANGUAGES, more } from './walk.mjs';

const PHONE = 320;
const DESK = 1280;
const PASSWORD = 'kawa7mado2tori';
/** A nurse has this long, reading included. */
const PATIENCE = 120;
/** What a person needs for each thing they do on a page they see for the first time, in seconds. */
const READING = 12;
const LEAP = 6 * 60_000;
const demo = Number(more[0]);
let ahead = 0;

/** Lets time pass at the hub: after one leap a proof is not fresh any more, after two the screen is locked. */
async function pass(leaps) {
  for (let leap = 0; leap < leaps; leap += 1) {
    process.kill(demo, 'SIGUSR1');
    ahead += LEAP;
    await wait(200);
  }
}

const hubTime = () => Date.now() + ahead;

async function at(browser, language, width, who, scene) {
  const hands = new Hands(browser, language, width, who);
  await hands.start();
  try {
    return await scene(hands);
  } finally {
    await hands.context.close();
  }
}

/** The safety manager invites somebody; gives the path of the link. */
async function invite(browser, language, { name, login, role }) {
  return at(browser, language, DESK, 'manager invites', async (manager) => {
    await manager.comeIn('safety-manager');
    await manager.press('.menu a[href="/accounts"]');
    await manager.look('accounts');
    await manager.press('a[href="/accounts/new"]');
    await manager.look('account-new');
    await manager.type('#name', name);
    await manager.type('#login', login);
    await manager.choose('#role', role);
    await manager.type('#checked', '職員証と対面（架空）');
    await manager.press('form[action="/accounts/new"] button[type=submit]');
    await manager.look('account-invited', false);
    return linkOn(manager);
  });
}

async function linkOn(hands) {
  return new URL(await hands.page.locator('code.wide').innerText()).pathname;
}

/** How long it took, and how long it takes somebody who reads. */
function measured(hands, what, began) {
  const seconds = (Date.now() - began) / 1000;
  const human = hands.steps * READING;
  console.log(`${hands.name}: ${what} in ${hands.steps} steps, ${seconds.toFixed(1)} s; with reading about ${human} s`);
  expect(seconds + human < PATIENCE, `${hands.name}: ${what} in under two minutes`, `${seconds} s, ${hands.steps} steps`);
}

/** Sets a passkey up by an invitation. */
async function enrol(phone, link, what) {
  await phone.holdAuthenticator();
  const began = Date.now();
  phone.steps = 1;
  await phone.open(link, what);
  await phone.press('form[data-new] [data-ask]');
  measured(phone, what, began);
  phone.isAt('/patients', 'a session has begun');
}

/** The whole day of a nurse with a phone. */
async function nurse(browser, language) {
  const who = { name: `架空 看護 ${language}`, login: `kango.${language}`, role: 'nurse' };
  const link = await invite(browser, language, who);
  await at(browser, language, PHONE, 'nurse', async (phone) => {
    await enrol(phone, link, 'enrols a passkey');
    expect((await phone.passkeys()).length === 1, `${phone.name}: the phone keeps one passkey`);
    await phone.look('patients-of-nurse', false);
    const record = await view(phone);
    await seenByThePatient(browser, language, who, record);
    await signInAgain(phone, who);
    await stepUp(phone);
    await lock(phone, record);
    await loseThePhone(browser, language, phone, who);
  });
}

/** Looks at the record of the first patient; gives its path. */
async function view(phone) {
  await phone.press('tbody a[href^="/patients/"]');
  await phone.look('summary-of-nurse', false);
  expect(/^\/patients\/[\w-]+$/.test(phone.at()), `${phone.name}: a record is shown`, phone.at());
  return phone.at();
}

/** The patient finds the look under 見た人. */
async function seenByThePatient(browser, language, who, record) {
  await at(browser, language, PHONE, 'patient', async (patient) => {
    await patient.comeIn('patient');
    patient.isAt(record, 'it is the record that the nurse saw');
    await patient.press('.menu a[href$="/seen-by"]');
    await patient.look('seen-by-after-a-look');
    const looks = await patient.page.locator('.looks').first().innerText();
    expect(looks.includes(who.name), `${patient.name}: 見た人 names the nurse`, looks.slice(0, 200));
  });
}

/** By login and passkey, then by the passkey alone; and nobody gets in whom the phone does not know. */
async function signInAgain(phone, who) {
  await phone.signOut();
  await phone.open('/patients', 'sign-in-of-nurse');
  await phone.turnAway(true);
  await phone.type('#login', who.login);
  await phone.reach('[data-ask]');
  await phone.page.keyboard.press('Enter');
  await phone.page.waitForFunction(() => !document.querySelector('[data-ask]').disabled);
  expect(phone.at().startsWith('/sign-in'), `${phone.name}: without its holder the passkey opens nothing`, phone.at());
  await phone.turnAway(false);
  await phone.press('[data-ask]');
  phone.isAt('/patients', 'signing in leads to where one wanted to go');
  await phone.signOut();
  await phone.page.goto(`${base}/sign-in`);
  await phone.press('[data-ask]');
  phone.isAt('/patients', 'the passkey alone says who it is');
}

/** What changes factors wants a fresh proof. */
async function stepUp(phone) {
  await pass(1);
  await phone.press('a[href="/account"]');
  await phone.look('account-not-fresh');
  expect(await phone.page.locator('#password').count() === 0, `${phone.name}: nothing can be added before the proof`);
  await phone.press('a[href="/proof?next=/account"]');
  await phone.look('proof');
  const before = await phone.context.cookies();
  await phone.press('[data-ask]');
  phone.isAt('/account', 'the proof leads back');
  await phone.look('account-fresh');
  const [old, now] = [before, await phone.context.cookies()].map((all) => all.find((one) => one.name.endsWith('renkei_session')).value);
  expect(old !== now, `${phone.name}: the proof changes the cookie`);
  expect(await phone.page.locator('#password').count() === 1, `${phone.name}: now something can be added`);
}

/** Away for longer than the hub allows: page and session are locked, the passkey opens both. */
async function lock(phone, record) {
  await phone.page.clock.install();
  await phone.page.goto(`${base}${record}`);
  await pass(2);
  await Promise.all([phone.page.waitForURL(/\/proof\?/, { waitUntil: 'commit' }), phone.page.clock.fastForward('10:01')]);
  await phone.page.waitForSelector('[data-ask]');
  await phone.look('locked');
  expect(await phone.page.locator('.menu').count() === 0, `${phone.name}: a locked page leads nowhere`);
  await phone.page.goto(`${base}/patients`);
  expect(phone.at().startsWith('/proof'), `${phone.name}: the hub locked the session too`, phone.at());
  await phone.page.goto(`${base}/proof?next=${record}`);
  await phone.press('[data-ask]');
  phone.isAt(record, 'the passkey leads back to the record');
  await phone.look('back', false);
}

/** The manager invites the nurse anew; what the lost phone holds opens nothing any more. */
async function loseThePhone(browser, language, lost, who) {
  const link = await at(browser, language, DESK, 'manager invites anew', async (manager) => {
    await manager.comeIn('safety-manager');
    await manager.press('.menu a[href="/accounts"]');
    await manager.press(`button[value="invite-anew"][aria-label^="${who.name}:"]`);
    await manager.look('account-invited-anew', false);
    return linkOn(manager);
  });
  await at(browser, language, PHONE, 'nurse with a new phone', async (phone) => {
    await enrol(phone, link, 'enrols a new phone');
    await phone.open(link, 'invitation-used', { status: 410 });
  });
  await lost.page.goto(`${base}/patients`);
  expect(lost.at().startsWith('/sign-in'), `${lost.name}: the lost phone is signed out`, lost.at());
}

/** A manager with a password and an app: in, in again, by a code on paper, and through the step before a dangerous act. */
async function planningManager(browser, language) {
  const who = { name: `架空 企画 ${language}`, login: `kikaku.${language}`, role: 'planning-manager' };
  const leaver = { name: `架空 退職 ${language}`, login: `taishoku.${language}`, role: 'clerk' };
  const link = await invite(browser, language, who);
  await invite(browser, language, leaver);
  await at(browser, language, PHONE, 'planning manager', async (manager) => {
    const { secret, papers } = await enrolPassword(manager, link);
    await manager.signOut();
    await signInWithCode(manager, who, totp(secret, hubTime() + 30_000));
    await manager.signOut();
    await signInWithCode(manager, who, papers[0]);
    await endAccount(manager, leaver, papers[1]);
  });
}

/** Sets a password and an app up by an invitation; gives the app's secret and the codes on paper. */
async function enrolPassword(manager, link) {
  await manager.open(link, 'invitation');
  await manager.type('#password', 'password1');
  manager.mayFail = true;
  await manager.press(`form[action="${link}"] button`);
  await manager.look('invitation-weak');
  manager.mayFail = false;
  const began = Date.now();
  manager.steps = 1;
  await manager.type('#password', PASSWORD);
  await manager.press(`form[action="${link}"] button`);
  await manager.look('authenticator', false);
  const secret = await manager.page.locator('main p code').innerText();
  await manager.type('#code', totp(secret, hubTime()));
  await manager.press('form button[type=submit]:not(.quiet)');
  await manager.look('codes', false);
  const papers = await manager.page.locator('.paper-codes code').allInnerTexts();
  expect(papers.length === 10, `${manager.name}: ten codes on paper`, `${papers.length}`);
  await manager.press('main a.button');
  measured(manager, 'sets a password and an app up', began);
  return { secret, papers };
}

async function signInWithCode(manager, who, code) {
  await manager.open('/sign-in', 'sign-in-with-password', { shot: false });
  await manager.type('#login', who.login);
  await manager.type('#password', PASSWORD);
  await manager.press('form[action="/sign-in"] button[type=submit]');
  await manager.look('code');
  await manager.type('#code', '000000');
  manager.mayFail = true;
  await manager.press('form[action="/sign-in/code"] button');
  await manager.look('code-wrong');
  manager.mayFail = false;
  await manager.type('#code', code);
  await manager.press('form[action="/sign-in/code"] button');
  manager.isAt('/accounts', 'the code opens the accounts of the institution');
}

/** To end an account is dangerous: the hub asks once more who it is. */
async function endAccount(manager, leaver, paper) {
  await pass(1);
  const end = `button[value="end"][aria-label^="${leaver.name}:"]`;
  await manager.press(end);
  manager.isAt('/proof?next=/accounts', 'a dangerous act asks for a proof');
  await manager.look('proof-before-ending');
  await manager.type('#password', PASSWORD);
  await manager.type('#code', paper);
  await manager.press('form[data-passkey=proof] button[type=submit]');
  manager.isAt('/accounts', 'the proof leads back to the accounts');
  await manager.press(end);
  await manager.look('accounts-after-ending', false);
  expect(await manager.page.locator(end).count() === 0, `${manager.name}: the account is ended`);
}

await inBrowser(async (browser) => {
  for (const language of LANGUAGES) {
    for (const person of [nurse, planningManager]) {
      try {
        await person(browser, language);
      } catch (error) {
        expect(false, `${language} ${person.name}: went to its end`, String(error.stack).split('\n').slice(0, 8).join('\n     '));
      }
    }
  }
});
