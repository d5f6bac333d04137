// A FHIR client from npm against a running hub: `node client.mjs stage.json`.

import { readFile } from 'node:fs/promises';
import { Client } from 'fhir-kit-client';

const MEMBER = 'http://jpfhir.jp/fhir/clins/Idsystem/JP_Insurance_memberID';
const stage = JSON.parse(await readFile(process.argv[2], 'utf8'));
const { bundles, member } = stage.patient;
const client = (who) => new Client({ baseUrl: `${stage.url}/fhir`, bearerToken: stage.tokens[who] });
const [clinic, hospital, doctor, safety] = ['clinic', 'hospital', 'doctor', 'safety'].map(client);

function check(what, holds) {
  console.log(`${holds ? 'ok   ' : 'FAIL '}${what}`);
  if (!holds) process.exit(1);
}

const reference = (receipt, name) =>
  receipt.parameter.find((one) => one.name === name).valueReference.reference.split('/')[1];
const matches = (bundle) => (bundle.entry ?? []).filter((one) => one.search.mode === 'match').map((one) => one.resource);
const codes = (outcome) => outcome.issue.map((issue) => issue.details.coding[0].code);

// Status and OperationOutcome with which something is refused.
async function refusal(promise) {
  try {
    await promise;
  } catch (error) {
    return { status: error.response?.status, outcome: error.response?.data };
  }
  return {};
}

async function all(asked, page) {
  const found = [];
  for (let pages = 0; page && pages < 100; pages += 1) {
    found.push(...matches(page));
    page = await asked.nextPage({ bundle: page });
  }
  return found;
}

const statement = await new Client({ baseUrl: `${stage.url}/fhir` }).capabilityStatement();
check('metadata: R4, without a token', statement.fhirVersion === '4.0.1');

const receipt = await hospital.create({ resourceType: 'Bundle', body: bundles.condition });
const [person, unit] = [reference(receipt, 'patient'), reference(receipt, 'bundle')];
check('register: a receipt', receipt.resourceType === 'Parameters');
const { response } = Client.httpFor(receipt);
check('register: 201 with Location', response.status === 201 && response.headers.get('location').endsWith(`/fhir/Bundle/${unit}`));
check('register: FHIR JSON', response.headers.get('content-type').startsWith('application/fhir+json'));
for (const body of bundles.observations) await hospital.create({ resourceType: 'Bundle', body });
const sent = await clinic.create({ resourceType: 'Bundle', body: bundles.referral });
const letter = reference(sent, 'bundle');
const echo = await clinic.create({
  resourceType: 'Bundle',
  body: bundles.referral,
  options: { headers: { Prefer: 'return=representation' } },
});
check('Prefer: return=representation gives the Bundle back', echo.resourceType === 'Bundle' && echo.type === 'document');

const refused = await refusal(doctor.search({ resourceType: 'Condition', searchParams: { patient: person } }));
check('no consent: 403 with its rule', refused.status === 403 && codes(refused.outcome)[0] === 'no-grant');

const given = await fetch(`${stage.url}/api/v1/consents`, {
  method: 'POST',
  headers: { authorization: `Bearer ${stage.tokens.hospital}`, 'content-type': 'application/json' },
  body: JSON.stringify({ member, groups: ['diagnosis', 'treatment'] }),
});
check('consent at the reader', given.status === 201);

const search = { identifier: `${MEMBER}|${member}` };
const people = matches(await doctor.search({ resourceType: 'Patient', searchParams: search }));
check('search Patient?identifier', people.length === 1 && people[0].id === person);
const posted = await doctor.search({ resourceType: 'Patient', searchParams: search, options: { postSearch: true } });
check('search by POST, so that the number stands in no address', matches(posted)[0]?.id === person);
check('read Patient', (await doctor.read({ resourceType: 'Patient', id: person })).id === person);

const conditions = await doctor.search({ resourceType: 'Condition', searchParams: { patient: person } });
check('search Condition?patient', matches(conditions).length > 0 && conditions.total === matches(conditions).length);

const whole = matches(await doctor.search({ resourceType: 'Observation', searchParams: { patient: person } }));
const first = await doctor.search({ resourceType: 'Observation', searchParams: { patient: person, _count: 2 } });
check('a page holds two and the total of all', matches(first).length === 2 && first.total === whole.length);
check('paging gives the whole, in order', JSON.stringify(await all(doctor, first)) === JSON.stringify(whole));
const everything = await doctor.operation({ name: '$everything', resourceType: 'Patient', id: person, method: 'GET' });
check('Patient/$everything', matches(everything).length >= whole.length);

const owner = `Organization/${stage.numbers.hospital}`;
const inbox = matches(await hospital.search({ resourceType: 'Task', searchParams: { owner } }));
check('search Task?owner', inbox.some((task) => task.id === letter && task.focus.reference === `Bundle/${letter}`));
const document = await doctor.resolve({ reference: inbox.find((task) => task.id === letter).focus.reference });
check('resolve Task.focus', document.resourceType === 'Bundle' && document.type === 'document');
const task = await clinic.read({ resourceType: 'Task', id: letter });
check('read Task: fetched', task.businessStatus.coding[0].code === 'fetched');

const documents = await clinic.search({ resourceType: 'DocumentReference', searchParams: { patient: person } });
check('search DocumentReference?patient', matches(documents).some((one) => one.id === letter));
const url = matches(documents).find((one) => one.id === letter).content[0].attachment.url;
check('the address in a DocumentReference leads to the document', (await clinic.request(url)).type === 'document');

const events = await safety.search({ resourceType: 'AuditEvent', searchParams: { patient: person, _count: 3 } });
const everyone = await all(safety, events);
check('search and page AuditEvent', everyone.length > 3 && new Set(everyone.map((one) => one.id)).size === everyone.length);

const places = await clinic.search({ resourceType: 'Organization', searchParams: { identifier: stage.numbers.hospital } });
check('search Organization?identifier', matches(places)[0].id === stage.numbers.hospital);

const broken = structuredClone(bundles.condition);
delete broken.timestamp;
broken.identifier.value += '-B';
const unacceptable = await refusal(hospital.create({ resourceType: 'Bundle', body: broken }));
check('a broken bundle: 422 with an OperationOutcome', unacceptable.status === 422 && codes(unacceptable.outcome).length > 0);
const unknown = await refusal(doctor.read({ resourceType: 'Patient', id: 'no-such-id' }));
check('an unknown id: 404 with an OperationOutcome', unknown.status === 404 && unknown.outcome.resourceType === 'OperationOutcome');
const unsupported = await refusal(doctor.request('Bundle', { method: 'GET' }));
check('what is not supported: 405 with an OperationOutcome', unsupported.status === 405 && unsupported.outcome?.resourceType === 'OperationOutcome');
const stranger = new Client({ baseUrl: `${stage.url}/fhir`, bearerToken: 'wrong' });
check('a wrong token: 401', (await refusal(stranger.read({ resourceType: 'Patient', id: person }))).status === 401);
const newer = structuredClone(bundles.referral);
newer.meta.versionId = '2';
const late = await refusal(clinic.update({ resourceType: 'Bundle', id: letter, body: newer }));
check('a change after the receipt: 409', late.status === 409 && codes(late.outcome)[0] === 'referral-fetched');
await hospital.delete({ resourceType: 'Bundle', id: unit });
const deleted = await refusal(hospital.read({ resourceType: 'Bundle', id: unit }));
check('delete: the unit is gone', deleted.status === 404 || deleted.status === 410);
