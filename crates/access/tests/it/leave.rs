//! Grants, wishes and disasters: nobody sees anything without a reason, and to the second only as long as there is one.

use access::{
    Asked, Assurance, Decision, LONGEST_GRANT, Purpose, Question, Role, Viewer, consent_groups, decide,
    emergency_scopes, end_of, may_open_in_disaster, may_review,
};
use fhir::bundle::UnitKind;
use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;
use store::{
    Basis, Circumstances, Disaster, Grant, Holder, Information, PersonId, Reach, Stance, Wish, new_event_id,
};

use crate::{ELSEWHERE, HOSPITAL, now};

const OWN: &str = "t-own";
const OTHER: &str = "t-other";

fn viewer(role: Role, credential: &str, institution: &str) -> Viewer {
    Viewer {
        credential: credential.to_owned(),
        name: "試験 太郎".to_owned(),
        role,
        institution: Some(institution.to_owned()),
        person: None,
        assurance: Assurance::TOKEN,
        scopes: None,
        stands_for: None,
    }
}

fn ask<'a>(viewer: &'a Viewer, person: PersonId, purpose: Purpose) -> Question<'a> {
    Question { viewer, person, asked: Asked::Informations(&Information::ALL), purpose }
}

fn at_reader(person: PersonId, groups: &[&str], given_at: Timestamp) -> Grant {
    let id = new_event_id(person.bucket(), now()).unwrap();
    let groups = groups.iter().map(|group| (*group).to_owned()).collect();
    Grant::at_card_reader(person, id, HOSPITAL, groups, given_at, given_at + LONGEST_GRANT)
}

fn without_consent(person: PersonId, basis: Basis, holder: &str, starts_at: Timestamp) -> Grant {
    let purpose = if basis == Basis::Emergency { Purpose::Emergency } else { Purpose::Disaster };
    Grant {
        basis,
        purpose,
        holder: Some(Holder { credential: holder.to_owned(), name: "架空 救急".to_owned() }),
        disaster: (basis == Basis::Disaster).then(|| "d-1".to_owned()),
        ..at_reader(person, &["emergency-full"], starts_at)
    }
}

fn wish(person: PersonId, institution: Option<&str>, group: &str, stance: Stance, at: Timestamp) -> Wish {
    Wish {
        person,
        id: new_event_id(person.bucket(), at).unwrap(),
        institution: institution.map(str::to_owned),
        groups: vec![group.to_owned()],
        stance,
        source: "patient".to_owned(),
        expressed_at: at,
    }
}

fn disaster(starts_at: Timestamp, ends_at: Timestamp) -> Disaster {
    Disaster {
        id: "d-1".to_owned(),
        name: "架空地震".to_owned(),
        authority: "架空県".to_owned(),
        prefectures: vec!["49".to_owned()],
        starts_at,
        ends_at,
        declared_at: starts_at,
        ended_at: None,
    }
}

fn rule(decision: &Decision) -> &'static str {
    match decision {
        Decision::Permit(permit) => permit.rule(),
        Decision::Refuse(refusal) => refusal.rule,
    }
}

#[test]
fn a_grant_opens_from_its_first_second_until_just_before_its_last_across_midnight() {
    let person = PersonId::new().unwrap();
    let clinician = viewer(Role::Clinician, OWN, HOSPITAL);
    let given: Timestamp = "2026-12-31T23:59:59+09:00".parse().unwrap();
    let grants = vec![at_reader(person, &["treatment"], given)];
    let circumstances = Circumstances { grants, ..Circumstances::default() };
    let question = ask(&clinician, person, Purpose::Treatment);
    let at = |text: &str| rule(&decide(&question, &circumstances, text.parse().unwrap()));
    assert_eq!(at("2026-12-31T23:59:58.999999+09:00"), "no-grant");
    assert_eq!(at("2026-12-31T23:59:59+09:00"), "grant");
    assert_eq!(at("2027-01-01T23:59:58.999999+09:00"), "grant");
    assert_eq!(at("2027-01-01T23:59:59+09:00"), "no-grant");
}

#[test]
fn a_disaster_opens_to_the_second_of_its_period_its_end_and_its_area() {
    let person = PersonId::new().unwrap();
    let (starts_at, ends_at) = (now(), now() + SignedDuration::from_hours(5));
    let grants = vec![without_consent(person, Basis::Disaster, OWN, starts_at)];
    let declared = disaster(starts_at, ends_at);
    let ended = Disaster { ended_at: Some(starts_at + SignedDuration::from_hours(2)), ..declared.clone() };
    let clinician = viewer(Role::Clinician, OWN, HOSPITAL);
    let second = SignedDuration::from_secs(1);
    let decided = |disaster: &Disaster, at: Timestamp| {
        let disasters = vec![disaster.clone()];
        let circumstances = Circumstances { grants: grants.clone(), disasters, ..Circumstances::default() };
        rule(&decide(&ask(&clinician, person, Purpose::Treatment), &circumstances, at))
    };
    assert_eq!(decided(&declared, starts_at - second), "no-grant");
    assert_eq!(decided(&declared, starts_at), "disaster");
    assert_eq!(decided(&declared, ends_at - second), "disaster");
    assert_eq!(decided(&declared, ends_at), "no-grant");
    assert_eq!(decided(&ended, ended.ended_at.unwrap() - second), "disaster");
    assert_eq!(decided(&ended, ended.ended_at.unwrap()), "no-grant");
    let elsewhere = Disaster { prefectures: vec!["31".to_owned()], ..declared.clone() };
    assert_eq!(decided(&elsewhere, starts_at), "no-grant");
    let found = |at: Timestamp| may_open_in_disaster(&clinician, std::slice::from_ref(&declared), at).is_ok();
    assert_eq!(
        [starts_at - second, starts_at, ends_at - second, ends_at].map(found),
        [false, true, true, false]
    );
}

#[test]
fn an_emergency_is_named_only_where_it_opens_more_than_consent_does() {
    let person = PersonId::new().unwrap();
    let staff = viewer(Role::EmergencyClinician, OWN, HOSPITAL);
    let consent = at_reader(person, &["diagnosis", "treatment"], now());
    let emergency = without_consent(person, Basis::Emergency, OWN, now());
    let decided = |grants: Vec<Grant>, asked: Asked<'_>, purpose| {
        let circumstances = Circumstances { grants, ..Circumstances::default() };
        rule(&decide(&Question { viewer: &staff, person, asked, purpose }, &circumstances, now()))
    };
    let all = || Asked::Informations(&Information::ALL);
    let checkup = || Asked::Unit(UnitKind::CheckupReport, ELSEWHERE);
    let both = || vec![consent.clone(), emergency.clone()];
    assert_eq!(decided(both(), all(), Purpose::Treatment), "grant");
    assert_eq!(decided(both(), checkup(), Purpose::Treatment), "emergency");
    assert_eq!(decided(both(), all(), Purpose::Emergency), "emergency");
    assert_eq!(decided(vec![consent], all(), Purpose::Emergency), "no-grant");
    assert_eq!(
        decided(vec![emergency], Asked::Unit(UnitKind::Referral, ELSEWHERE), Purpose::Treatment),
        "no-grant"
    );
}

#[test]
fn nobody_reviews_their_own_look() {
    let grant = without_consent(PersonId::new().unwrap(), Basis::Emergency, OWN, now());
    let manager = |credential: &str, name: &str| Viewer {
        name: name.to_owned(),
        ..viewer(Role::SafetyManager, credential, HOSPITAL)
    };
    assert!(may_review(&manager(OTHER, "見本 安全"), &grant).is_ok());
    assert!(may_review(&manager(OWN, "見本 安全"), &grant).is_err());
    assert!(may_review(&manager(OTHER, "架空 救急"), &grant).is_err());
    assert!(may_review(&viewer(Role::SafetyManager, OTHER, ELSEWHERE), &grant).is_err());
    assert!(may_review(&viewer(Role::Operator, OTHER, HOSPITAL), &grant).is_err());
}

/// Everything that can stand about a person, drawn at random around now.
fn some_circumstances() -> impl Strategy<Value = (PersonId, Circumstances)> {
    let minutes = || -3000i64..3000;
    let some_grant = (
        0..3usize,
        any::<bool>(),
        any::<bool>(),
        any::<bool>(),
        0..3usize,
        minutes(),
        minutes(),
        prop::option::of(minutes()),
    );
    let some_wish = (prop::option::of(any::<bool>()), 0..3usize, 0..3usize, minutes());
    let some_disaster = (any::<bool>(), minutes(), minutes(), prop::option::of(minutes()));
    let drawn = (
        prop::collection::vec(some_grant, 0..6),
        prop::collection::vec(some_wish, 0..6),
        prop::option::of(some_disaster),
    );
    drawn.prop_map(|(grants, wishes, declared)| {
        let (person, other) = (PersonId::new().unwrap(), PersonId::new().unwrap());
        let at = |minutes: i64| now() + SignedDuration::from_mins(minutes);
        let grants = grants.into_iter().map(|(basis, theirs, ours, own, group, starts, ends, revoked)| {
            let whose = if theirs { person } else { other };
            let holder = if own { OWN } else { OTHER };
            let one = match basis {
                0 => at_reader(whose, &[consent_groups()[group].code.as_str()], at(starts)),
                1 => without_consent(whose, Basis::Emergency, holder, at(starts)),
                _ => without_consent(whose, Basis::Disaster, holder, at(starts)),
            };
            let institution = if ours { HOSPITAL } else { ELSEWHERE };
            Grant {
                institution: institution.to_owned(),
                ends_at: at(ends),
                revoked_at: revoked.map(at),
                ..one
            }
        });
        let wishes = wishes.into_iter().map(|(about, group, stance, minutes)| {
            let institution = about.map(|ours| if ours { HOSPITAL } else { ELSEWHERE });
            wish(person, institution, &consent_groups()[group].code, Stance::ALL[stance], at(minutes))
        });
        let disasters = declared.into_iter().map(|(here, starts, ends, ended)| Disaster {
            prefectures: vec![if here { "49" } else { "31" }.to_owned()],
            ended_at: ended.map(at),
            ..disaster(at(starts), at(ends))
        });
        let disasters = disasters.collect();
        (person, Circumstances { grants: grants.collect(), wishes: wishes.collect(), disasters })
    })
}

/// Whether a grant is a reason for this viewer now: said again, plainly.
fn is_a_reason(grant: &Grant, viewer: &Viewer, person: PersonId, circumstances: &Circumstances) -> bool {
    let holds = grant.starts_at <= now()
        && now() < grant.ends_at
        && now() < grant.starts_at + SignedDuration::from_hours(24)
        && grant.revoked_at.is_none_or(|at| now() < at);
    let is_theirs = grant.person == person && Some(&grant.institution) == viewer.institution.as_ref();
    let is_holder = grant.holder.as_ref().is_none_or(|holder| holder.credential == viewer.credential);
    let by_basis = match grant.basis {
        Basis::CardReader => true,
        Basis::Emergency => viewer.role == Role::EmergencyClinician,
        Basis::Disaster => circumstances.disasters.iter().any(|one| {
            one.prefectures.iter().any(|code| grant.institution.starts_with(code.as_str()))
                && one.starts_at <= now()
                && now() < one.ends_at
                && one.ended_at.is_none_or(|at| now() < at)
        }),
    };
    holds && is_theirs && is_holder && by_basis
}

proptest! {
    #[test]
    fn nobody_without_a_reason_ever_gets_a_permit(
        (person, circumstances) in some_circumstances(),
        role in prop::sample::select(&Role::ALL[..]),
    ) {
        let viewer = viewer(role, OWN, HOSPITAL);
        let decision = decide(&ask(&viewer, person, Purpose::Treatment), &circumstances, now());
        let reasons: Vec<&Grant> =
            circumstances.grants.iter().filter(|one| is_a_reason(one, &viewer, person, &circumstances)).collect();
        if let Decision::Permit(permit) = decision {
            prop_assert_eq!(permit.person(), &person);
            let is_own = matches!(permit.reach(), Reach::RegisteredBy(own) if own == HOSPITAL);
            prop_assert!(is_own || (role.is_clinical() && !reasons.is_empty()), "{role:?} {permit:?}");
            if !is_own {
                let last = reasons.iter().map(|one| end_of(one)).max();
                prop_assert!(permit.until().is_some() && permit.until() <= last);
                let bases: Vec<&str> = reasons.iter().map(|one| one.basis.code()).collect();
                let basis = if permit.rule() == "grant" { "card-reader" } else { permit.rule() };
                prop_assert!(bases.contains(&basis), "{} is no reason here", permit.rule());
            }
        }
    }

    #[test]
    fn what_a_patient_last_refused_is_opened_by_nothing_older(
        (person, circumstances) in some_circumstances(),
        group in 0..2usize,
        is_for_all: bool,
    ) {
        let group = &consent_groups()[group];
        let institution = (!is_for_all).then_some(HOSPITAL);
        let mut circumstances = circumstances;
        circumstances.grants.iter_mut().for_each(|grant| grant.given_at = grant.given_at.min(now()));
        circumstances.wishes.retain(|wish| wish.expressed_at < now());
        circumstances.wishes.push(wish(person, institution, &group.code, Stance::RefuseAlways, now()));
        for role in [Role::Clinician, Role::EmergencyClinician] {
            let viewer = viewer(role, OWN, HOSPITAL);
            let decision = decide(&ask(&viewer, person, Purpose::Treatment), &circumstances, now());
            if let Decision::Permit(permit) = decision
                && let Reach::Informations(reached) = permit.reach()
            {
                prop_assert!(!reached.iter().any(|one| group.informations.contains(one)), "{reached:?}");
            }
        }
    }

    #[test]
    fn no_row_opens_anything_for_longer_than_24_hours(starts in 0i64..4_000_000_000, length in 0i64..400_000) {
        let starts_at = Timestamp::from_second(starts).unwrap();
        let ends_at = starts_at + SignedDuration::from_secs(length);
        let grant = Grant { ends_at, ..at_reader(PersonId::new().unwrap(), &["treatment"], starts_at) };
        prop_assert!(end_of(&grant).duration_since(starts_at) <= SignedDuration::from_hours(24));
        prop_assert!(end_of(&grant) <= ends_at);
    }
}

#[test]
fn the_summary_opens_less_than_everything_and_harms_least_to_miss() {
    let [summary, full] = emergency_scopes() else { panic!("two scopes") };
    assert!(summary.informations.iter().all(|one| full.informations.contains(one)));
    assert!(summary.informations.contains(&Information::DrugAllergy));
    assert!(!summary.informations.contains(&Information::LabResult));
    assert_eq!(summary.kinds().count(), 0);
}
