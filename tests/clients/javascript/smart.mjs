// Two OAuth clients from npm against a running hub: `node smart.mjs stage.json`. `openid-client` plays a hospital's
// system (SMART Backend Services), `fhirclient` a vendor's app that a clinician opens (SMART App Launch).

import { createPrivateKey } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import FHIR from 'fhirclient';
import * as oauth from 'openid-client';

const stage = JSON.parse(await readFile(process.argv[2], 'utf8'));
const { backend, opened, pem, kid, back } = stage.smart;

function check(what, holds) {
  console.log(`${holds ? 'ok   ' : 'FAIL '}${what}`);
  if (!holds) process.exit(1);
}

async function refusal(promise) {
  try {
    await promise;
  } catch (error) {
    return error;
  }
  return {};
}

async function fhir(token, path, method = 'GET', body = undefined) {
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/fhir+json' };
  return fetch(`${stage.url}/fhir/${path}`, { method, headers, body });
}

async function asBackend() {
  const der = createPrivateKey(pem).export({ type: 'pkcs8', format: 'der' });
  const key = await crypto.subtle.importKey('pkcs8', der, { name: 'ECDSA', namedCurve: 'P-384' }, false, ['sign']);
  const proof = oauth.PrivateKeyJwt({ key, kid });
  const options = { algorithm: 'oauth2', execute: [oauth.allowInsecureRequests] };
  const config = await oauth.discovery(new URL(stage.url), backend, undefined, proof, options);
  check('discovery: RFC 8414', config.serverMetadata().token_endpoint === `${stage.url}/oauth/token`);

  const lent = await oauth.clientCredentialsGrant(config, { scope: 'system/Bundle.cr system/Consent.c' });
  check('backend: a token of at most five minutes', lent.expires_in <= 300 && lent.token_type === 'bearer');
  check('backend: the registered scopes only', lent.scope === 'system/Bundle.cr');
  const sent = await fhir(lent.access_token, 'Bundle', 'POST', JSON.stringify(stage.patient.bundles.condition));
  check('backend: registers', sent.ok);
  const inbox = await fhir(lent.access_token, `Task?owner=${stage.numbers.hospital}`);
  const [issue] = (await inbox.json()).issue;
  check('backend: a scope that is missing is named', inbox.status === 403 && issue.details.text.includes('system/Task.s'));

  const told = await oauth.tokenIntrospection(config, lent.access_token);
  check('introspection: active', told.active === true && told.client_id === backend);
  await oauth.tokenRevocation(config, lent.access_token);
  check('revocation: over', (await oauth.tokenIntrospection(config, lent.access_token)).active === false);
  check('revocation: refused at the door', (await fhir(lent.access_token, 'Bundle', 'POST', '{}')).status === 401);
  const none = await refusal(oauth.clientCredentialsGrant(config, { scope: 'user/*.rs' }));
  check('backend: no scope of its own, no token', none.error === 'invalid_scope');
  const stranger = new oauth.Configuration(config.serverMetadata(), 'app-000000000000000000000000', undefined, proof);
  oauth.allowInsecureRequests(stranger);
  check('an unknown app', (await refusal(oauth.clientCredentialsGrant(stranger, {}))).error === 'invalid_client');
  const receipt = await sent.json();
  return receipt.parameter.find((one) => one.name === 'patient').valueReference.reference.split('/')[1];
}

// A browser in which the clinician is signed in, as far as the app can tell: where does this address lead?
async function clinicianAllows(address) {
  const headers = { authorization: `Bearer ${stage.tokens.doctor}` };
  const page = await fetch(address, { headers, redirect: 'manual' });
  check('the clinician is asked', page.status === 200);
  const form = new URLSearchParams(new URL(address).searchParams);
  form.set('decision', 'allow');
  form.set('number', stage.patient.member);
  const answer = await fetch(`${stage.url}/oauth/authorize`, { method: 'POST', headers, body: form, redirect: 'manual' });
  check('and leads back to the app', answer.status === 303);
  return new URL(answer.headers.get('location'));
}

async function asOpened(person) {
  const kept = new Map();
  const storage = {
    get: async (name) => kept.get(name),
    set: async (name, value) => (kept.set(name, value), value),
    unset: async (name) => kept.delete(name),
  };
  const step = (url) => {
    const request = { url, headers: { host: new URL(back).host }, socket: {} };
    const response = { headers: {}, writeHead: (_, headers) => Object.assign(response.headers, headers), end: () => {} };
    return { response, smart: FHIR(request, response, storage) };
  };
  const { response, smart } = step('/launch');
  const scope = 'launch/patient patient/*.rs openid fhirUser';
  await smart.authorize({ clientId: opened, scope, iss: `${stage.url}/fhir`, redirectUri: back, pkceMode: 'required' });
  const returned = await clinicianAllows(response.headers.location ?? response.headers.Location);
  const client = await step(returned.pathname + returned.search).smart.ready();
  check('launch: opened with the patient', client.patient.id === person);
  const conditions = await client.request(`Condition?patient=${person}`);
  check('launch: reads the patient', conditions.entry.length > 0);
  const patient = await client.patient.read();
  check('launch: who it is', patient.resourceType === 'Patient');
  const tasks = await refusal(client.request(`Task?owner=${stage.numbers.hospital}`));
  check('launch: nothing beyond its scopes', tasks.status === 403 || tasks.statusCode === 403);
}

// The patient consents at the hospital's card reader, so that the clinician may see anything at all.
async function consent() {
  const headers = { authorization: `Bearer ${stage.tokens.hospital}`, 'content-type': 'application/json' };
  const body = JSON.stringify({ member: stage.patient.member, groups: ['diagnosis', 'treatment'] });
  check('consent', (await fetch(`${stage.url}/api/v1/consents`, { method: 'POST', headers, body })).ok);
}

const person = await asBackend();
await consent();
await asOpened(person);
