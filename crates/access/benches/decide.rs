//! What one decision costs, policy and consent, warm: `cargo bench -p access`.
//!
//! One core. 1,000 institutions, each with a narrowing of its own, and 100,000 viewers, asked about in no order; every
//! decision is timed alone, so that the slow ones are seen.

use std::hint::black_box;
use std::io::{self, Write};
use std::time::{Duration, Instant};

use access::policy::{Action, Facts, Narrowing, narrow, rule};
use access::{
    Asked, Assurance, Concern, Decision, Purpose, Question, Role, Viewer, consent_groups, decide,
    may_administer,
};
use fhir::bundle::UnitKind;
use jiff::{SignedDuration, Timestamp};
use store::{Circumstances, Grant, Information, PersonId, Stance, Wish, new_event_id};

const INSTITUTIONS: usize = 1_000;
const VIEWERS: usize = 100_000;
const ROUNDS: usize = 200_000;
const NARROWED: &str = "forbid (principal == Role::\"nurse\", action in Action::\"view\", resource)
when { context has hour && context.hour >= 22 };";

type Outcome<T> = Result<T, Box<dyn std::error::Error>>;

fn main() -> Outcome<()> {
    let now: Timestamp = "2026-04-01T09:00:00+09:00".parse()?;
    for one in 0..INSTITUTIONS {
        narrow(&number(one), Some(Narrowing::parse(NARROWED)?));
    }
    let viewers: Vec<Viewer> = (0..VIEWERS).map(viewer).collect();
    let person = PersonId::new()?;
    let circumstances = circumstances(person, now)?;
    let question =
        |n: usize, asked| Question { viewer: &viewers[n], person, asked, purpose: Purpose::Treatment };
    measure("view, policy and consent", |n| {
        let question = question(n, Asked::Informations(&Information::ALL));
        matches!(decide(&question, &circumstances, now), Decision::Permit(_))
    })?;
    measure("one document, policy and consent", |n| {
        let question = question(n, Asked::Unit(UnitKind::CheckupReport, "4919999999"));
        matches!(decide(&question, &circumstances, now), Decision::Permit(_))
    })?;
    measure("invite to an account", |n| {
        let concern =
            Concern { institution: Some("4919999999"), subject: Some(Role::Nurse), ..Concern::default() };
        may_administer(&viewers[n], Action::AccountInvite, &concern, now).is_ok()
    })?;
    let facts = Facts { at: Some(now), ..Facts::default() };
    measure("policy alone", |n| rule(&viewers[n], Action::ViewInformations, &facts).is_ok())
}

/// Asks in no order, each time alone, and tells the middle, the 99th of a hundred and the slowest.
fn measure(what: &str, ask: impl Fn(usize) -> bool) -> Outcome<()> {
    let mut taken: Vec<Duration> = Vec::with_capacity(ROUNDS);
    let mut permitted = 0usize;
    for round in 0..2 * ROUNDS {
        let n = round.wrapping_mul(7_919_993) % VIEWERS;
        let started = Instant::now();
        let is_permitted = black_box(ask(black_box(n)));
        let elapsed = started.elapsed();
        if round >= ROUNDS {
            taken.push(elapsed);
            permitted += usize::from(is_permitted);
        }
    }
    taken.sort();
    let at = |per_mille: usize| taken[(taken.len() - 1) * per_mille / 1000];
    writeln!(
        io::stdout(),
        "{what:<34} p50 {:>8.2?}  p99 {:>8.2?}  p99.9 {:>8.2?}  slowest {:>8.2?}  ({permitted} of {ROUNDS} permitted)",
        at(500),
        at(990),
        at(999),
        at(1000),
    )?;
    Ok(())
}

fn number(one: usize) -> String {
    format!("{:010}", 4_910_000_000_u64 + one as u64)
}

fn viewer(n: usize) -> Viewer {
    let roles =
        [Role::Clinician, Role::Nurse, Role::EmergencyClinician, Role::Pharmacist, Role::PlanningManager];
    Viewer {
        credential: format!("a-{n}"),
        name: format!("架空 {n}"),
        role: roles[n % roles.len()],
        institution: Some(number(n % INSTITUTIONS)),
        person: None,
        assurance: Assurance::FULL,
        scopes: None,
        stands_for: None,
    }
}

/// Grants of twenty institutions and some wishes: a patient who is well known.
fn circumstances(person: PersonId, now: Timestamp) -> Outcome<Circumstances> {
    let mut circumstances = Circumstances::default();
    for one in 0..20 {
        let groups = consent_groups().iter().map(|group| group.code.clone()).collect();
        let given = now - SignedDuration::from_hours(one);
        let id = new_event_id(person.bucket(), given)?;
        let place = number(usize::try_from(one)? * 7);
        let end = given + access::LONGEST_GRANT;
        circumstances.grants.push(Grant::at_card_reader(person, id, &place, groups, given, end));
        circumstances.wishes.push(Wish {
            person,
            id: new_event_id(person.bucket(), given)?,
            institution: Some(place),
            groups: vec!["checkup".to_owned()],
            stance: Stance::RefuseAlways,
            source: "patient".to_owned(),
            expressed_at: given,
        });
    }
    Ok(circumstances)
}
