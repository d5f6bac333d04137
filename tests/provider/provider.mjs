// A real OpenID provider (oidc-provider from npm) between a browser and a running hub: `node provider.mjs stage.json`.

import { createServer } from 'node:http';
import { readFile } from 'node:fs/promises';
import { generateKeyPairSync } from 'node:crypto';
import Provider from 'oidc-provider';

const MEMBER = 'urn:renkei:member';
const stage = JSON.parse(await readFile(process.argv[2], 'utf8'));
const issuer = `http://127.0.0.1:${stage.port}`;

function check(what, holds, why = '') {
  console.log(`${holds ? 'ok   ' : 'FAIL '}${what}`);
  if (!holds) {
    console.log(why);
    process.exit(1);
  }
}

// ---- the provider: whoever comes is whom `next` says, by the methods it says.

const next = { subject: 'staff-1', amr: ['pwd', 'otp'], acr: undefined };
const people = { 'p-1': { [MEMBER]: stage.member, name: '架空 花子' } };
const jwk = (kid, alg, type, options) => {
  const { privateKey } = generateKeyPairSync(type, options);
  return { ...privateKey.export({ format: 'jwk' }), kid, alg, use: 'sig' };
};
const back = (name) => [`${stage.url}/sign-in/provider/${stage.providers[name]}/back`];
const client = (client_id, name, more) => ({
  client_id,
  redirect_uris: back(name),
  grant_types: ['authorization_code'],
  response_types: ['code'],
  ...more,
});
const provider = new Provider(issuer, {
  clients: [
    client('hospital', 'hospital', { client_secret: stage.secret }),
    client('keyed', 'keyed', {
      token_endpoint_auth_method: 'private_key_jwt',
      token_endpoint_auth_signing_alg: 'ES384',
      jwks: stage.jwks,
      id_token_signed_response_alg: 'ES256',
    }),
    client('agreed', 'agreed', { client_secret: stage.secret }),
    client('patients', 'patients', { client_secret: stage.secret }),
  ],
  jwks: {
    keys: [jwk('r', 'RS256', 'rsa', { modulusLength: 2048 }), jwk('e', 'ES256', 'ec', { namedCurve: 'P-256' })],
  },
  cookies: { keys: ['fictional'] },
  claims: { openid: ['sub', 'acr', 'amr', 'auth_time', 'name', MEMBER] },
  conformIdTokenClaims: false,
  enabledJWA: { clientAuthSigningAlgValues: ['ES384'] },
  acrValues: ['urn:example:one', 'urn:example:two'],
  features: { devInteractions: { enabled: false } },
  interactions: { url: (_, interaction) => `/interaction/${interaction.uid}` },
  pkce: { required: () => true },
  findAccount: (_, id) => ({ accountId: id, claims: () => ({ sub: id, ...people[id] }) }),
  loadExistingGrant: async (ctx) => {
    const grant = new ctx.oidc.provider.Grant({
      clientId: ctx.oidc.client.clientId,
      accountId: ctx.oidc.session.accountId,
    });
    grant.addOIDCScope('openid');
    await grant.save();
    return grant;
  },
});
const asked = [];
provider.on('authorization.accepted', (ctx) => asked.push(ctx.oidc.params));
provider.on('server_error', (_, error) => console.log(error));
const callback = provider.callback();
const server = createServer(async (request, response) => {
  if (!request.url.startsWith('/interaction/')) return callback(request, response);
  const { subject: accountId, amr, acr } = next;
  return provider.interactionFinished(request, response, { login: { accountId, amr, acr } });
}).listen(stage.port, '127.0.0.1');

// ---- the browser: keeps each site's cookies, and the strict ones from whoever was sent by another site.

class Browser {
  cookies = { [stage.url]: new Map(), [issuer]: new Map() };

  async get(url, { isFromElsewhere = false } = {}) {
    const jar = this.cookies[new URL(url).origin];
    const sent = [...jar].filter(([, { isStrict }]) => !(isStrict && isFromElsewhere));
    const cookie = sent.map(([name, { value }]) => `${name}=${value}`).join('; ');
    const answer = await fetch(url, { redirect: 'manual', headers: { cookie, accept: 'text/html' } });
    for (const line of answer.headers.getSetCookie()) {
      const [, name, value] = /^([^=]+)=([^;]*)/.exec(line);
      if (value === '' || /expires=thu, 01 jan 1970/i.test(line)) jar.delete(name);
      else jar.set(name, { value, isStrict: /samesite=strict/i.test(line) });
    }
    const location = answer.headers.get('location');
    return { status: answer.status, location: location && new URL(location, url).href, html: await answer.text() };
  }

  // From a page of the hub to the provider and through it; answers the address it sends the browser back to.
  async through(path) {
    let at = await this.get(stage.url + path);
    for (let steps = 0; at.location && !at.location.startsWith(stage.url) && steps < 9; steps += 1) {
      at = await this.get(at.location);
    }
    check(`${path.replace(/[0-9a-f]{32,}/g, '…')}: the provider sends the browser back`, Boolean(at.location), at.html);
    return at.location;
  }

  async comeBack(url) {
    return this.get(url, { isFromElsewhere: true });
  }

  async signIn(name, as = {}) {
    Object.assign(next, { subject: 'staff-1', amr: ['pwd', 'otp'], acr: undefined }, as);
    return this.comeBack(await this.through(`/sign-in/provider/${stage.providers[name]}`));
  }

  async open(path) {
    return this.get(stage.url + path);
  }
}

const refused = (page, words) => page.status >= 400 && page.html.includes(words);

// ---- what must come of it.

const invited = new Browser();
next.subject = 'staff-1';
const accepted = await invited.comeBack(await invited.through(`${stage.invitation}/provider/${stage.providers.hospital}`));
check('an invitation is accepted by the institution’s ID', accepted.status === 200, accepted.html);
check('a session with two factors', (await invited.open('/audit')).status === 200);

const again = new Browser();
check('signed in with amr pwd and otp, RS256, client_secret_basic', (await again.signIn('hospital')).status === 200);
check('PKCE, nonce, state and max_age were asked for', ['code_challenge', 'nonce', 'state', 'max_age'].every((one) => asked.at(-1)[one]));
check('/audit opens', (await again.open('/audit')).status === 200);
const proved = await again.through(`/sign-in/provider/${stage.providers.hospital}?for=proof`);
check('proved again by the provider', (await again.comeBack(proved)).status === 200);
check('and the session goes on', (await again.open('/account')).status === 200);

const keyed = new Browser();
check('signed in with ES256 and private_key_jwt', (await keyed.signIn('keyed')).status === 200);
check('/audit opens', (await keyed.open('/audit')).status === 200);

const weak = new Browser();
check('a weak amr is told of', refused(await weak.signIn('hospital', { amr: ['pwd'] }), '二つの要素が示されません'));
check('and nobody is in', (await weak.open('/audit')).status === 303);

const agreed = new Browser();
const two = 'urn:example:two';
check('the agreed acr lets in', (await agreed.signIn('agreed', { acr: two, amr: [] })).status === 200);
check('and was asked for', asked.at(-1).acr_values === two);
const other = await new Browser().signIn('agreed', { acr: 'urn:example:one', amr: ['mfa'] });
check('another acr does not, whatever amr says', other.status >= 400, other.html);

const stranger = await new Browser().signIn('hospital', { subject: 'staff-9' });
check('an unlinked subject is told whom to ask', refused(stranger, '施設の管理者'), stranger.html);

const first = new Browser();
Object.assign(next, { subject: 'staff-1', amr: ['pwd', 'otp'], acr: undefined });
const path = `/sign-in/provider/${stage.providers.hospital}`;
const url = await first.through(path);
check('another browser cannot come back', (await new Browser().comeBack(url)).status === 401);
check('the browser that left can', (await first.comeBack(url)).status === 200);
check('but once', (await first.comeBack(url)).status === 401);
const second = new URL(await first.through(path));
second.searchParams.set('code', new URL(url).searchParams.get('code'));
check('a code that was used is not taken again', refused(await first.comeBack(second.href), '確かめられませんでした'));
const third = new Browser();
const stolen = new URL(await third.through(path)).searchParams.get('code');
const fourth = new URL(await first.through(path));
fourth.searchParams.set('code', stolen);
check('another browser’s code is not taken (PKCE)', refused(await first.comeBack(fourth.href), '確かめられませんでした'));
const fifth = new URL(await first.through(path));
check('the provider names itself (RFC 9207)', fifth.searchParams.get('iss') === issuer);
fifth.searchParams.set('iss', 'https://other.example');
check('another issuer is not taken', (await first.comeBack(fifth.href)).status === 401);
const sixth = new URL(await first.through(path));
sixth.searchParams.set('state', 'x');
check('another state is not taken', (await first.comeBack(sixth.href)).status === 401);

const patient = new Browser();
const home = await patient.signIn('patients', { subject: 'p-1' });
const own = /href="(\/patients\/[^"]+)"/.exec(home.html)?.[1];
check('a patient comes in by their adapter', home.status === 200 && Boolean(own), home.html);
check('and sees their own record', (await patient.open(own)).status === 200);

server.close();
process.exit(0);
