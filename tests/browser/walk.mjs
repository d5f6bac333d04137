// What the browser tests share: a window and how a page in it is judged, what passed and what did not, the way in.
//
// Each page must have no axe violation, no console error, no sideways scroll, and be usable by keyboard.

import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { chromium } from 'playwright-core';
import { AxeBuilder } from '@axe-core/playwright';

const RULES = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];
export const LANGUAGES = ['ja', 'en'];
export const { base, shots, more } = readArguments(process.argv.slice(2));
let passed = 0;
const failures = [];

function readArguments(given) {
  const at = given.indexOf('--shots');
  const shots = at < 0 ? undefined : given.splice(at, 2)[1];
  const [base, ...more] = given;
  if (!base || (at >= 0 && !shots)) {
    console.error('usage: node FILE.mjs BASE_URL [MORE] [--shots DIR]');
    process.exit(2);
  }
  return { base: base.replace(/\/$/, ''), shots, more };
}

export function expect(isSo, what, detail = '') {
  if (isSo) { passed += 1; return; }
  failures.push(what);
  console.log(`FAIL ${what}${detail ? `\n     ${detail}` : ''}`);
}

/** A browser window of one language, width and script setting. */
export class Walk {
  constructor(browser, language, width, script) {
    Object.assign(this, { browser, language, width, script, errors: [], mayFail: false });
    this.name = `${language} ${width} ${script ? 'script' : 'no-script'}`;
  }

  async start() {
    this.context = await this.browser.newContext({
      locale: this.language === 'ja' ? 'ja-JP' : 'en-GB',
      timezoneId: 'Asia/Tokyo',
      viewport: { width: this.width, height: 800 },
      javaScriptEnabled: this.script,
    });
    this.page = await this.context.newPage();
    this.page.setDefaultTimeout(10_000);
    this.page.on('pageerror', (error) => this.errors.push(String(error)));
    this.page.on('console', (message) => {
      const isStatus = /status of (400|401|403|404|410|422)/.test(message.text());
      if (message.type() === 'error' && !(this.mayFail && isStatus)) this.errors.push(message.text());
    });
  }

  /** In by a door of the front page, by its button. */
  async enter(door) {
    await this.page.goto(`${base}/?lang=${this.language}`);
    await this.submit(`[data-door=${door}]`);
  }

  /** Presses a button and waits for the page it leads to. */
  async submit(button) {
    await Promise.all([this.page.waitForNavigation(), this.page.click(button)]);
  }

  async open(path, what, { status = 200, shot = true } = {}) {
    this.mayFail = status >= 400;
    const answer = await this.page.goto(`${base}${path}`);
    expect(answer.status() === status, `${this.name} ${what}: status ${status}`, `got ${answer.status()}`);
    await this.look(what, shot);
    this.mayFail = false;
  }

  /** Judges the page as it stands. */
  async look(what, shot = true) {
    const here = `${this.name} ${what}`;
    const page = this.page;
    expect(this.errors.length === 0, `${here}: no console error`, this.errors.splice(0).join('; '));
    const heading = await page.locator('h1').count();
    expect(heading === 1, `${here}: one main heading`, `found ${heading}`);
    expect(await page.locator('html').getAttribute('lang') === this.language, `${here}: in its language`);
    const width = await page.evaluate(() => document.documentElement.scrollWidth);
    expect(width <= this.width, `${here}: no sideways scroll`, `${width} px`);
    const text = await page.locator('body').innerText();
    const key = text.match(/(?<![\w./-])(authorize|frame|asking|inquiries|for-whom|proxies|summary|projections|own|bar|documents|document|validator|shared|rules|seen-by|audit|rule|act|refusal|front|door)\.[a-z-]+(?![\w./])/);
    expect(!key, `${here}: no key instead of words`, key?.[0]);
    expect(/国の電子カルテ情報共有サービスではありません|not the national record sharing service/.test(text),
      `${here}: says that it is not the national service`);
    if (this.script) await this.judge(here);
    if (shots && shot && this.script) await this.shoot(what);
  }

  async judge(here) {
    const { violations } = await new AxeBuilder({ page: this.page }).withTags(RULES).analyze();
    const said = violations.map((v) => `${v.id}: ${v.help} at ${v.nodes.map((n) => n.target.join(' ')).slice(0, 3).join(' | ')}`);
    expect(violations.length === 0, `${here}: no axe violation`, said.join('\n     '));
  }

  async shoot(what) {
    const name = `${what.replace(/[^\w-]+/g, '-')}.${this.language}.${this.width}.png`;
    await this.page.screenshot({ path: join(shots, name), fullPage: true });
  }

  /** Every place Tab reaches shows that it has the focus, and nothing covers it. */
  async keyboard(what, steps = 25) {
    const seen = [];
    for (let step = 0; step < steps; step += 1) {
      await this.page.keyboard.press('Tab');
      const place = await this.page.evaluate(focused);
      if (!place) break;
      seen.push(place);
    }
    const bad = seen.filter((place) => !place.isMarked || place.isCovered);
    expect(seen.length > 2, `${this.name} ${what}: Tab reaches places`, `only ${seen.length}`);
    expect(bad.length === 0, `${this.name} ${what}: focus is visible`,
      bad.map((place) => `${place.name}${place.isCovered ? ' covered' : ' unmarked'}`).join('; '));
    return seen;
  }

  async hrefs(selector) {
    return this.page.$$eval(selector, (links) => links.map((link) => link.getAttribute('href')));
  }
}

/** What has the focus, and whether one can see it. Runs in the page. */
export function focused() {
  const element = document.activeElement;
  if (!element || element === document.body) return null;
  const style = getComputedStyle(element);
  const box = element.getBoundingClientRect();
  const inside = (at, end) => Math.min(Math.max(at, 1), end - 1);
  const x = inside(box.left + Math.min(box.width, 40) / 2, innerWidth);
  const isShownAt = (y) => {
    const top = document.elementFromPoint(x, inside(y, innerHeight));
    return Boolean(top) && (element.contains(top) || top.contains(element));
  };
  const isInside = box.top < innerHeight && box.bottom > 0;
  const isShown = [box.top + 2, (box.top + box.bottom) / 2, box.bottom - 2].some(isShownAt);
  return {
    name: `${element.tagName.toLowerCase()} ${(element.getAttribute('aria-label') ?? element.textContent).trim().slice(0, 30)}`,
    href: element.getAttribute('href'),
    door: element.dataset.door,
    isMarked: style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2,
    isCovered: !isInside || !isShown,
  };
}

/** Does the walks, in a browser of their own; then the program ends, and says by its exit code how it went. */
export async function inBrowser(walks) {
  if (shots) mkdirSync(shots, { recursive: true });
  try {
    const browser = await chromium.launch({
      executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
      args: process.getuid?.() === 0 ? ['--no-sandbox'] : [],
    });
    await walks(browser);
    await browser.close();
  } catch (error) {
    console.error(String(error));
    process.exit(2);
  }
  console.log(`${passed} passed, ${failures.length} failed`);
  process.exit(failures.length === 0 ? 0 : 1);
}
