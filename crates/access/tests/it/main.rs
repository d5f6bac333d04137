//! Who may: every role against every question, and what no grant can widen.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod leave;
mod policy;

use access::{
    Asked, Assurance, Decision, Purpose, Question, RULES, Refusal, Role, StandsFor, Viewer, consent_groups,
    decide, may_read_record,
};
use fhir::bundle::UnitKind;
use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;
use store::{Circumstances, Grant, Information, PersonId, Projection, Reach, Relation, new_event_id};

const HOSPITAL: &str = "4919999901";
const ELSEWHERE: &str = "4919999902";

fn now() -> Timestamp {
    "2026-04-01T09:00:00+09:00".parse().unwrap()
}

fn viewer(role: Role, person: Option<PersonId>) -> Viewer {
    let institution = role.acts_for_an_institution() || role == Role::SafetyManager;
    Viewer {
        credential: "t-1".to_owned(),
        name: "試験 太郎".to_owned(),
        role,
        institution: institution.then(|| HOSPITAL.to_owned()),
        person,
        assurance: Assurance::TOKEN,
        scopes: None,
        stands_for: None,
    }
}

fn grant(person: PersonId, institution: &str, groups: &[&str]) -> Grant {
    let id = new_event_id(person.bucket(), now()).unwrap();
    let groups = groups.iter().map(|group| (*group).to_owned()).collect();
    let starts_at = now() - SignedDuration::from_hours(1);
    Grant::at_card_reader(
        person,
        id,
        institution,
        groups,
        starts_at,
        starts_at + SignedDuration::from_hours(24),
    )
}

fn with(grants: &[Grant]) -> Circumstances {
    Circumstances { grants: grants.to_vec(), ..Circumstances::default() }
}

fn ask<'a>(viewer: &'a Viewer, person: PersonId, asked: Asked<'a>) -> Question<'a> {
    Question { viewer, person, asked, purpose: Purpose::Treatment }
}

fn rule(decision: &Decision) -> &'static str {
    match decision {
        Decision::Permit(permit) => permit.rule(),
        Decision::Refuse(refusal) => refusal.rule,
    }
}

#[test]
fn without_a_grant_only_the_patient_and_the_registering_institution_see_anything() {
    let person = PersonId::new().unwrap();
    let questions = || {
        [
            Asked::Informations(&Information::ALL),
            Asked::Documents,
            Asked::Unit(UnitKind::CheckupReport, HOSPITAL),
            Asked::Unit(UnitKind::Referral, ELSEWHERE),
        ]
    };
    let expected = [
        (
            Role::Institution,
            ["own-registration", "own-registration", "own-registration", "not-own-registration"],
        ),
        (Role::Clinician, ["no-grant", "no-grant", "own-registration", "no-grant"]),
        (Role::EmergencyClinician, ["no-grant", "no-grant", "own-registration", "no-grant"]),
        (Role::Insurer, ["role-sees-no-record", "own-member", "own-member", "own-member"]),
        (Role::Patient, ["patient-self", "patient-self", "patient-self", "not-own-record"]),
        (Role::SafetyManager, ["role-sees-no-record"; 4]),
        (Role::Developer, ["role-sees-no-record"; 4]),
        (Role::Operator, ["role-sees-no-record"; 4]),
    ];
    for (role, rules) in expected {
        let viewer = viewer(role, (role == Role::Patient).then_some(person));
        let answers = questions().map(|asked| rule(&decide(&ask(&viewer, person, asked), &with(&[]), now())));
        assert_eq!(answers, rules, "{role:?}");
        assert!(answers.iter().all(|rule| RULES.contains(rule)));
    }
}

#[test]
fn a_patient_is_refused_everything_of_anybody_else() {
    let (own, other) = (PersonId::new().unwrap(), PersonId::new().unwrap());
    let patient = viewer(Role::Patient, Some(own));
    let grants = [grant(other, HOSPITAL, &["diagnosis", "treatment", "checkup"])];
    for asked in [Asked::Informations(&Information::ALL), Asked::Documents] {
        assert_eq!(rule(&decide(&ask(&patient, other, asked), &with(&grants), now())), "not-own-record");
    }
    assert_eq!(may_read_record(&patient, Some(other)), Err(Refusal { rule: "not-own-record" }));
    assert!(may_read_record(&patient, None).is_err());
    assert!(may_read_record(&viewer(Role::Clinician, None), Some(own)).is_err());
}

#[test]
fn a_proxy_of_one_is_no_proxy_of_another_and_reads_no_referral() {
    let [own, child, other] = [(); 3].map(|()| PersonId::new().unwrap());
    let stands_for = Some(StandsFor { person: child, relation: Relation::Parent });
    let proxy = Viewer { stands_for, ..viewer(Role::Patient, Some(own)) };
    let asked = |person, asked| rule(&decide(&ask(&proxy, person, asked), &with(&[]), now()));
    for informations in [Asked::Informations(&Information::ALL), Asked::Documents] {
        assert_eq!(asked(child, informations), "patient-proxy");
    }
    assert_eq!(asked(child, Asked::Unit(UnitKind::Referral, HOSPITAL)), "not-own-record");
    assert_eq!(asked(own, Asked::Documents), "patient-self");
    assert_eq!(asked(other, Asked::Documents), "not-own-record");
    assert_eq!(may_read_record(&proxy, Some(child)), Ok("patient-proxy"));
    assert_eq!(may_read_record(&proxy, Some(other)), Err(Refusal { rule: "not-own-record" }));
    let behalf = proxy.actor().on_behalf_of.unwrap();
    assert_eq!((behalf.person, behalf.relation.as_str()), (child.to_string(), "parent"));
}

#[test]
fn a_patient_summary_is_for_the_patient_alone_and_not_even_read_back_by_its_author() {
    let person = PersonId::new().unwrap();
    let asked = || Asked::Unit(UnitKind::PatientSummary, HOSPITAL);
    let grants = [grant(person, HOSPITAL, &["diagnosis", "treatment", "checkup"])];
    for role in Role::ALL.into_iter().filter(|role| *role != Role::Patient) {
        let viewer = viewer(role, None);
        match decide(&ask(&viewer, person, asked()), &with(&grants), now()) {
            Decision::Refuse(_) => {}
            Decision::Permit(permit) => {
                assert!(matches!(permit.reach(), Reach::CheckupsUnder(_)), "{role:?}");
            }
        }
    }
    let patient = viewer(Role::Patient, Some(person));
    assert_eq!(rule(&decide(&ask(&patient, person, asked()), &with(&[]), now())), "patient-self");
}

#[test]
fn a_grant_serves_treatment_only() {
    let person = PersonId::new().unwrap();
    let clinician = viewer(Role::Clinician, None);
    let grants = [grant(person, HOSPITAL, &["treatment"])];
    let asked = Asked::Informations(&[Information::LabResult]);
    let question = Question { viewer: &clinician, person, asked, purpose: Purpose::Operations };
    assert_eq!(rule(&decide(&question, &with(&grants), now())), "no-grant");
}

fn some_grant() -> impl Strategy<Value = (bool, bool, Vec<bool>, i64, i64, Option<i64>)> {
    let minutes = -3000i64..3000;
    let revoked = prop::option::of(-3000i64..3000);
    (any::<bool>(), any::<bool>(), prop::collection::vec(any::<bool>(), 3), minutes.clone(), minutes, revoked)
}

proptest! {
    #[test]
    fn a_clinicians_permit_never_reaches_past_the_groups_granted_to_their_institution_now(
        drawn in prop::collection::vec(some_grant(), 0..6),
    ) {
        let (person, other) = (PersonId::new().unwrap(), PersonId::new().unwrap());
        let codes: Vec<&str> = consent_groups().iter().map(|group| group.code.as_str()).collect();
        let grants: Vec<Grant> = drawn
            .iter()
            .map(|(is_ours, is_theirs, chosen, starts, ends, revoked)| {
                let groups: Vec<&str> = codes.iter().zip(chosen).filter(|(_, on)| **on).map(|(code, _)| *code).collect();
                let one = grant(if *is_theirs { person } else { other }, if *is_ours { HOSPITAL } else { ELSEWHERE }, &groups);
                let at = |minutes: i64| now() + SignedDuration::from_mins(minutes);
                Grant { starts_at: at(*starts), ends_at: at(*ends), revoked_at: revoked.map(at), ..one }
            })
            .collect();
        let opened: Vec<Information> = grants
            .iter()
            .filter(|one| one.person == person && one.institution == HOSPITAL)
            .filter(|one| one.starts_at <= now() && now() < one.ends_at.min(one.starts_at + SignedDuration::from_hours(24)) && one.revoked_at.is_none_or(|at| now() < at))
            .flat_map(|one| consent_groups().iter().filter(|group| one.groups.contains(&group.code)))
            .flat_map(|group| group.informations.clone())
            .collect();
        let clinician = viewer(Role::Clinician, None);
        match decide(&ask(&clinician, person, Asked::Informations(&Information::ALL)), &with(&grants), now()) {
            Decision::Refuse(refusal) => {
                prop_assert_eq!(refusal.rule, "no-grant");
                prop_assert!(opened.is_empty());
            }
            Decision::Permit(permit) => {
                prop_assert_eq!(permit.person(), &person);
                prop_assert_eq!(permit.projection(), Projection::Clinician);
                prop_assert!(permit.until().is_some_and(|until| until > now()));
                let Reach::Informations(reached) = permit.reach() else { panic!("a reach of another kind") };
                prop_assert!(!reached.is_empty());
                for information in Information::ALL {
                    prop_assert_eq!(reached.contains(&information), opened.contains(&information));
                }
            }
        }
    }
}
