// A person without a mouse, at a machine of their own: keys only, an authenticator that is in the machine, an app for
// codes on their phone.

import { createHmac } from 'node:crypto';
import { base, expect, focused, Walk } from './walk.mjs';

/** So far from one Tab stop to another on the longest page. */
const FARTHEST = 200;

export class Hands extends Walk {
  constructor(browser, language, width, who) {
    super(browser, language, width, true);
    Object.assign(this, { name: `${language} ${width} ${who}`, steps: 0 });
  }

  /** The machine verifies its holder and keeps passkeys, as phones do. */
  async holdAuthenticator() {
    const session = await this.context.newCDPSession(this.page);
    await session.send('WebAuthn.enable');
    const { authenticatorId } = await session.send('WebAuthn.addVirtualAuthenticator', {
      options: {
        protocol: 'ctap2', transport: 'internal', hasResidentKey: true, hasUserVerification: true, isUserVerified: true,
        automaticPresenceSimulation: true,
      },
    });
    this.turnAway = (away) => session.send('WebAuthn.setUserVerified', { authenticatorId, isUserVerified: !away });
    this.passkeys = async () => (await session.send('WebAuthn.getCredentials', { authenticatorId })).credentials;
  }

  /** Tabs to a place; it must show that it has the focus. */
  async reach(selector) {
    for (let stop = 0; stop < FARTHEST; stop += 1) {
      if (await this.page.evaluate((wanted) => document.activeElement.matches(wanted), selector)) {
        const place = await this.page.evaluate(focused);
        expect(place.isMarked && !place.isCovered, `${this.name}: the focus is seen at ${selector}`, JSON.stringify(place));
        return;
      }
      await this.page.keyboard.press('Tab');
    }
    throw new Error(`Tab does not reach ${selector} at ${this.page.url()}`);
  }

  /** Presses what leads to another page. */
  async press(selector) {
    this.steps += 1;
    await this.reach(selector);
    await Promise.all([this.page.waitForNavigation(), this.page.keyboard.press('Enter')]);
  }

  /** Types into a field, over what stands there. */
  async type(selector, text) {
    this.steps += 1;
    await this.reach(selector);
    await this.page.keyboard.press('Control+A');
    await this.page.keyboard.type(text);
  }

  /** Chooses one of a list. */
  async choose(selector, value) {
    this.steps += 1;
    await this.reach(selector);
    for (let step = 0; step < 40 && await this.page.inputValue(selector) !== value; step += 1) {
      await this.page.keyboard.press('ArrowDown');
    }
    expect(await this.page.inputValue(selector) === value, `${this.name}: the keys choose ${value}`);
  }

  /** In by a door of the demo. */
  async comeIn(door) {
    await this.page.goto(base);
    await this.press(`[data-door=${door}]`);
  }

  async signOut() {
    await this.press('form[action="/sign-out"] button');
  }

  /** Where the page is, without the hub's address. */
  at() {
    return this.page.url().slice(base.length);
  }

  isAt(path, what) {
    expect(this.at() === path, `${this.name}: ${what}`, this.at());
  }
}

/** The code that an app shows at a time in milliseconds (RFC 6238: SHA-1, six digits, thirty seconds). */
export function totp(secret, at) {
  const bits = [...secret.replace(/[\s=]/g, '')].map((one) => 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.indexOf(one).toString(2).padStart(5, '0'));
  const key = Buffer.from(bits.join('').match(/.{8}/g).map((byte) => parseInt(byte, 2)));
  const step = Buffer.alloc(8);
  step.writeBigUInt64BE(BigInt(Math.floor(at / 30_000)));
  const hash = createHmac('sha1', key).update(step).digest();
  const number = hash.readUInt32BE(hash[19] & 15) & 0x7fffffff;
  return String(number % 1_000_000).padStart(6, '0');
}
