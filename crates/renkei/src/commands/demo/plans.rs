//! In the demo, the hospital's plans: a drill that was carried through, with one thing left to do, and a continuity plan whose
//! approved version is to be looked at soon.

use access::Act;
use fhir::finding::Language;
use jiff::{SignedDuration, Timestamp};
use safety::Safety;
use safety::incident::{Deed, Fact, Happened, NotWritten, Opening, Phase, duties, questions, steps};
use safety::plan::{NotApproved, NotWrittenDown, chapters};
use server::in_words;
use store::Fault;

use super::registers::viewer;

/// Days since the drill.
const DRILL_DAYS_AGO: i64 = 24;
/// Days until what is left of it is due.
const LEFT_DUE_IN: i64 = 5;
/// Days until the plan is to be looked at again.
const REVIEW_IN: i64 = 14;
const RULE: &str = "operator";

/// Carries the drill through, and writes and approves the plan.
pub(crate) async fn fill(safety: &Safety, hospital: &str, now: Timestamp) -> Result<(), Fault> {
    let act = Act { now, request: "demo".to_owned() };
    carry_through(safety, hospital, &act).await.map_err(|why| match why {
        NotWritten::Store(fault) => fault,
        why => unreachable!("the drill of the demo can be written: {why}"),
    })?;
    write_plan(safety, hospital, &act).await
}

async fn carry_through(safety: &Safety, hospital: &str, act: &Act) -> Result<(), NotWritten> {
    let [operator, manager] = ["架空 情報", "架空 企画"].map(|name| viewer(name, hospital));
    let began = act.now - SignedDuration::from_hours(24 * DRILL_DAYS_AGO);
    let opening = Opening {
        title: "訓練：病棟の端末に英語の画面".to_owned(),
        seen: "3階病棟の端末に、お金を求める英語の画面が出た（訓練の想定）。".to_owned(),
        seen_by: "架空 看護".to_owned(),
        seen_at: began,
        is_drill: true,
    };
    let id = safety.open_incident(&operator, RULE, hospital, &opening, act).await?;
    let mut deeds: Vec<(Deed, &str)> = Vec::new();
    let of = |phase: Phase| steps().iter().filter(move |step| step.phase == phase);
    for phase in [Phase::Detection, Phase::Response, Phase::Recovery, Phase::Aftermath] {
        if phase != Phase::Detection {
            deeds.push((Deed::MoveOn(phase), ""));
        }
        deeds.extend(of(phase).map(|step| (Deed::Do(step.code.clone()), "")));
        if phase == Phase::Detection {
            deeds.extend(
                questions().iter().map(|one| (Deed::Answer(one.code.clone(), Fact::Maybe), "訓練の想定")),
            );
        }
    }
    deeds.extend(
        duties().iter().map(|one| (Deed::Report(one.code.clone()), "訓練：電話番号を確かめるまで行った")),
    );
    let due = act.today().saturating_add(SignedDuration::from_hours(24 * LEFT_DUE_IN));
    deeds.push((
        Deed::Plan("架空 情報".to_owned(), Some(due)),
        "夜間につながらなかった保守窓口の番号を直し、もう一度かける",
    ));
    deeds.push((Deed::Close, "紙の運用まで95分。保守窓口に夜間つながらないことが分かった。"));
    for (minute, (deed, said)) in (1..).zip(deeds) {
        let at = began + SignedDuration::from_mins(3 * minute);
        let happened = Happened { said: said.to_owned(), at };
        safety.write_incident(&manager, RULE, (hospital, &id), &deed, &happened, act).await?;
    }
    Ok(())
}

async fn write_plan(safety: &Safety, hospital: &str, act: &Act) -> Result<(), Fault> {
    let [writer, approver] = ["架空 情報", "架空 企画"].map(|name| viewer(name, hospital));
    for chapter in chapters() {
        let words = in_words(Language::Japanese, &format!("bcp-example.{}", chapter.code)).to_owned();
        let kept = safety.keep_chapter(&writer, RULE, hospital, (&chapter.code, 0), &words, act).await;
        kept.map_err(|why| match why {
            NotWrittenDown::Store(fault) => fault,
            why => unreachable!("the plan of the demo can be written: {why}"),
        })?;
    }
    let seen = safety.plan(hospital).await?.standing();
    let review_on = act.today().saturating_add(SignedDuration::from_hours(24 * REVIEW_IN));
    safety.approve_plan(&approver, RULE, hospital, &seen, review_on, act).await.map_err(|why| match why {
        NotApproved::Store(fault) => fault,
        why => unreachable!("the plan of the demo can be approved: {why}"),
    })
}
