//! Where items stand.

use guideline::{Answer, Answered, Catalogue, Item, Proof, Proved, Standing, Verdict, Why, standing};
use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;

fn now() -> Timestamp {
    "2026-11-21T00:00:00Z".parse().unwrap()
}

fn hours(from_now: i64) -> Timestamp {
    now() + SignedDuration::from_hours(from_now)
}

fn item(id: &str) -> &'static Item {
    Catalogue::shipped().item(id).unwrap()
}

fn found(control: &str, verdict: Verdict, true_at: i64, holds_until: i64) -> Proved {
    Proved {
        control: control.to_owned(),
        scope: "hub".to_owned(),
        kind: Proof::Auto,
        verdict,
        true_at: hours(true_at),
        received_at: hours(true_at),
        holds_until: hours(holds_until),
    }
}

fn said(answer: Answer, holds_until: i64) -> Answered {
    Answered { answer, kind: Proof::Attest, at: hours(-48), holds_until: hours(holds_until) }
}

#[test]
fn an_item_is_proved_by_all_its_controls_until_the_first_of_them_ends() {
    let item = item("chk.r7.h.2.4"); // access_review, rbac_min, admin_inventory
    let mut evidence: Vec<Proved> =
        item.controls.iter().map(|id| found(id, Verdict::Holds, -2, 20)).collect();
    evidence[0].holds_until = hours(3);
    evidence[1].kind = Proof::Assisted;
    evidence[1].true_at = hours(-1);
    let expected = Standing::Yes { by: Proof::Assisted, since: hours(-1), until: hours(3) };
    assert_eq!(standing(item, &evidence, None, now()), expected);
    assert_eq!(
        standing(item, &evidence, None, hours(3)),
        Standing::Unconfirmed { why: Why::Stale(hours(3)) }
    );
    assert_eq!(standing(item, &evidence[1..], None, now()), Standing::Unconfirmed { why: Why::Partial });
    assert_eq!(standing(item, &[], None, now()), Standing::Unconfirmed { why: Why::Never });
}

#[test]
fn where_several_speak_for_a_control_one_that_fails_is_enough() {
    let item = item("mhlw6.op.17.3"); // time_sync
    let hub = found("time_sync", Verdict::Holds, -1, 20);
    let theirs = Proved { scope: "1310000001".to_owned(), ..found("time_sync", Verdict::Fails, -2, 20) };
    let no = Standing::No { target: None, failing: vec!["time_sync".to_owned()] };
    assert_eq!(standing(item, &[theirs, hub], None, now()), no);
}

#[test]
fn a_word_never_proves_what_the_system_can_see_for_itself() {
    let item = item("mhlw6.op.17.3");
    let yes = said(Answer::Yes, 1000);
    assert_eq!(standing(item, &[], Some(&yes), now()), Standing::Unconfirmed { why: Why::Never });
}

#[test]
fn a_paper_proves_its_item_until_its_next_review() {
    let item = item("chk.r7.h.1.1");
    assert_eq!(item.proof, Proof::Document);
    let yes = Answered { kind: Proof::Document, ..said(Answer::Yes, 10) };
    let expected = Standing::Yes { by: Proof::Document, since: hours(-48), until: hours(10) };
    assert_eq!(standing(item, &[], Some(&yes), now()), expected);
    let stale = Standing::Unconfirmed { why: Why::Stale(hours(10)) };
    assert_eq!(standing(item, &[], Some(&yes), hours(10)), stale);
    let contradicted = found("doc_control", Verdict::Fails, -1, 20);
    assert_eq!(standing(item, &[contradicted], Some(&yes), now()).code(), "no");
}

#[test]
fn a_person_says_no_with_a_target_or_not_applicable_with_a_reason() {
    let item = item("mhlw6.op.13.13"); // wifi_config
    let target = jiff::civil::date(2027, 3, 31);
    let no = said(Answer::No { target }, -1);
    let holding = [found("wifi_config", Verdict::Holds, -1, 20)];
    let expected = Standing::No { target: Some(target), failing: Vec::new() };
    assert_eq!(standing(item, &holding, Some(&no), now()), expected);
    let none = said(Answer::NotApplicable { reason: "無線LANを置いていない".to_owned() }, 10);
    assert_eq!(standing(item, &[], Some(&none), now()).code(), "not-applicable");
    assert_eq!(standing(item, &[], Some(&none), hours(11)).code(), "unconfirmed");
    let failing = [found("wifi_config", Verdict::Fails, -1, 20)];
    assert_eq!(standing(item, &failing, Some(&none), now()).code(), "no");
}

#[test]
fn what_is_dated_later_than_now_proves_nothing() {
    let item = item("mhlw6.op.17.3");
    let ahead = [found("time_sync", Verdict::Holds, 1, 20)];
    assert_eq!(standing(item, &ahead, None, now()).code(), "unconfirmed");
}

fn any_item() -> impl Strategy<Value = &'static Item> {
    proptest::sample::select(Catalogue::shipped().items().iter().collect::<Vec<_>>())
}

fn any_evidence(item: &'static Item) -> impl Strategy<Value = Vec<Proved>> {
    let controls = if item.controls.is_empty() { vec!["none".to_owned()] } else { item.controls.clone() };
    let verdict = prop_oneof![Just(Verdict::Holds), Just(Verdict::Fails)];
    let one = (proptest::sample::select(controls), verdict, -50_i64..5, 1_i64..60, 0_usize..2);
    let one = one.prop_map(|(control, verdict, true_at, holds, scope)| Proved {
        scope: ["hub", "1310000001"][scope].to_owned(),
        ..found(&control, verdict, true_at, true_at + holds)
    });
    proptest::collection::vec(one, 0..8)
}

fn any_answer() -> impl Strategy<Value = Option<Answered>> {
    let target = jiff::civil::date(2027, 3, 31);
    let answer = prop_oneof![
        Just(Answer::Yes),
        Just(Answer::No { target }),
        Just(Answer::NotApplicable { reason: "該当なし".to_owned() }),
    ];
    proptest::option::of((answer, -40_i64..40).prop_map(|(answer, until)| said(answer, until)))
}

fn any_case() -> impl Strategy<Value = (&'static Item, Vec<Proved>, Option<Answered>)> {
    any_item().prop_flat_map(|item| (Just(item), any_evidence(item), any_answer()))
}

/// How good a standing is.
fn rank(standing: &Standing) -> u8 {
    match standing {
        Standing::No { .. } => 0,
        Standing::Unconfirmed { .. } => 1,
        Standing::NotApplicable { .. } | Standing::Yes { .. } => 2,
    }
}

proptest! {
    #[test]
    fn what_is_stale_is_never_a_yes((item, evidence, answered) in any_case()) {
        let evidence: Vec<Proved> = evidence.into_iter().filter(|one| one.true_at <= now()).collect();
        if let Standing::Yes { since, until, .. } = standing(item, &evidence, answered.as_ref(), now()) {
            prop_assert!(since <= now() && now() < until);
            prop_assert_ne!(standing(item, &evidence, answered.as_ref(), until).code(), "yes");
        }
    }

    #[test]
    fn what_fails_is_never_a_yes((item, evidence, answered) in any_case(), at in 0_usize..4) {
        prop_assume!(!item.controls.is_empty());
        let control = &item.controls[at % item.controls.len()];
        let mut evidence = evidence;
        evidence.retain(|one| one.true_at < now());
        evidence.push(found(control, Verdict::Fails, 0, 1));
        let found = standing(item, &evidence, answered.as_ref(), now());
        prop_assert_eq!(found.code(), "no");
    }

    #[test]
    fn newer_evidence_that_holds_never_makes_worse((item, evidence, answered) in any_case(), at in 0_usize..4) {
        prop_assume!(!item.controls.is_empty());
        let before = standing(item, &evidence, answered.as_ref(), now());
        let control = &item.controls[at % item.controls.len()];
        let mut evidence = evidence;
        evidence.push(found(control, Verdict::Holds, 0, 100));
        let after = standing(item, &evidence, answered.as_ref(), now());
        prop_assert!(rank(&after) >= rank(&before), "{before:?} became {after:?}");
    }

    #[test]
    fn the_order_in_which_evidence_is_given_does_not_matter((item, evidence, answered) in any_case()) {
        let mut backwards = evidence.clone();
        backwards.reverse();
        let one = standing(item, &evidence, answered.as_ref(), now());
        prop_assert_eq!(one.code(), standing(item, &backwards, answered.as_ref(), now()).code());
    }
}
