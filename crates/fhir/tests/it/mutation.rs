//! Seeded random damage to whole documents: nothing may panic, whatever comes.

use fhir::json::Limits;
use fhir::validate::{Parsed, Validator};

use crate::{examples, fixtures};

/// Small and good enough to wander; the seed makes every run the same.
struct Wander(u64);

impl Wander {
    fn next(&mut self, below: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % below.max(1) as u64) as usize
    }
}

fn damage(bytes: &[u8], wander: &mut Wander) -> Vec<u8> {
    let mut damaged = bytes.to_vec();
    for _ in 0..=wander.next(4) {
        let at = wander.next(damaged.len());
        match wander.next(6) {
            0 => _ = damaged.remove(at),
            1 => damaged[at] = wander.next(256) as u8,
            2 => damaged.insert(at, b"{}[]\",:\\ue01-nt"[wander.next(15)]),
            3 => damaged.truncate(at.max(1)),
            4 => {
                let end = (at + wander.next(60)).min(damaged.len());
                let piece = damaged[at..end].to_vec();
                let to = wander.next(damaged.len());
                damaged.splice(to..to, piece);
            }
            _ => {
                let end = (at + wander.next(60)).min(damaged.len());
                damaged.drain(at..end);
            }
        }
        if damaged.is_empty() {
            damaged.push(b' ');
        }
    }
    damaged
}

fn survive(validator: &Validator, bytes: &[u8], rounds: usize, wander: &mut Wander) {
    for _ in 0..rounds {
        let damaged = damage(bytes, wander);
        if let Ok(document) = Parsed::parse(&damaged, &Limits::default()) {
            let findings = validator.examine(&document);
            assert!(findings.to_operation_outcome(Default::default()).starts_with('{'));
        }
    }
}

#[test]
fn damaged_fixtures_are_judged_without_panic() {
    let validator = Validator::new();
    let mut wander = Wander(0x5EED_0001);
    let fixtures = [
        fixtures::condition_bundle(),
        fixtures::allergy_bundle(),
        fixtures::observation_bundle(),
        fixtures::referral(Vec::new()),
    ];
    for fixture in fixtures {
        survive(&validator, &fixture.to_string().into_bytes(), 400, &mut wander);
    }
}

#[test]
fn damaged_examples_are_judged_without_panic() {
    let Some(folder) = examples::data("damaged_examples_are_judged_without_panic") else { return };
    let validator = Validator::new();
    let mut wander = Wander(0x5EED_0002);
    for bytes in examples::files(&folder).into_values() {
        survive(&validator, &bytes, 6, &mut wander);
    }
}
