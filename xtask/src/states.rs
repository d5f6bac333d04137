//! The chart of a referral's states, drawn from the table of steps that the code obeys.

use std::fmt::Write;
use std::fs;
use std::path::PathBuf;

use exchange::referral::{STEPS, Step};
use fhir::finding::Language;
use server::in_words;
use store::ReferralState::{self, Cancelled, Deleted, Expired, Fetched, Open, Registered};

use crate::shell::root;

/// Writes `docs/referral-states.svg` and `.md`.
pub(crate) fn make() -> Result<(), String> {
    for (name, text) in documents()? {
        fs::write(path(name), text).map_err(|error| format!("{name}: {error}"))?;
    }
    Ok(())
}

/// Whether the committed chart is the one the table gives.
pub(crate) fn compare() -> Result<(), String> {
    for (name, text) in documents()? {
        if fs::read_to_string(path(name)).unwrap_or_default() != text {
            return Err(format!("docs/{name} is not what the code gives: run `cargo xtask regen states`"));
        }
    }
    Ok(())
}

fn documents() -> Result<[(&'static str, String); 2], String> {
    Ok([("referral-states.svg", chart()?), ("referral-states.md", table())])
}

fn path(name: &str) -> PathBuf {
    root().join("docs").join(name)
}

fn word(key: &str) -> String {
    in_words(Language::Japanese, key).to_owned()
}

fn state(state: ReferralState) -> String {
    word(&format!("referral.{}", state.code()))
}

fn step(step: &Step) -> String {
    word(&format!("step.{}", step.code))
}

fn movers(step: &Step) -> String {
    step.by.iter().map(|mover| word(&format!("mover.{mover}"))).collect::<Vec<_>>().join("・")
}

fn table() -> String {
    let mut text = "# 診療情報提供書の状態\n\n\
        `exchange::referral::STEPS` から `cargo xtask regen states` で作られます。手で直さないでください。\n\n\
        ![状態遷移図](referral-states.svg)\n\n\
        | 操作 | だれが | どの状態から | どの状態へ |\n|---|---|---|---|\n"
        .to_owned();
    for one in &STEPS {
        let from: Vec<String> = one.from.iter().map(|from| state(*from)).collect();
        let from = if from.is_empty() { "（なし）".to_owned() } else { from.join("・") };
        let _ = writeln!(text, "| {} | {} | {from} | {} |", step(one), movers(one), state(one.to));
    }
    text + "\nこの表にない操作は断られ、何も変わりません。終わった文書には410、まだ終わっていない文書には409が返ります。\n"
}

const WIDTH: i32 = 184;
const HEIGHT: i32 = 104;
const INK: &str = "#1f2933";
const STYLE: &str = "\
    text{font-family:'Noto Sans CJK JP','Noto Sans JP','Hiragino Sans',sans-serif;fill:#1f2933;text-anchor:middle}\
    .state{font-size:17px;font-weight:bold}.stay{font-size:12px;fill:#52606d}\
    .step{font-size:14px;paint-order:stroke;stroke:#fff;stroke-width:5px}.mover{font-size:12px;fill:#52606d;\
    paint-order:stroke;stroke:#fff;stroke-width:5px}.way{fill:none;stroke:#1f2933;stroke-width:1.6}";

fn chart() -> Result<String, String> {
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 1240 470\" role=\"img\" \
         aria-label=\"診療情報提供書の状態遷移図\">\n<style>{STYLE}</style>\n\
         <defs><marker id=\"head\" viewBox=\"0 0 10 10\" refX=\"9\" refY=\"5\" markerWidth=\"8\" markerHeight=\"8\" \
         orient=\"auto\"><path d=\"M0 0 10 5 0 10z\" fill=\"{INK}\"/></marker></defs>\n\
         <rect width=\"1240\" height=\"470\" fill=\"#fff\"/>\n<circle cx=\"50\" cy=\"170\" r=\"9\" fill=\"{INK}\"/>\n"
    );
    let mut labels = Vec::new();
    for (from, to) in ways() {
        let (line, label) = drawn(from, to).ok_or_else(|| {
            format!("{from:?} to {to:?} has no place in the chart: give it one in states.rs")
        })?;
        let _ = writeln!(svg, "<path class=\"way\" marker-end=\"url(#head)\" d=\"{line}\"/>");
        labels.push((from, to, label));
    }
    for one in ReferralState::ALL {
        svg += &boxed(one);
    }
    for (from, to, (x, y)) in labels {
        svg += &label(from, to, x, y);
    }
    Ok(svg + "</svg>\n")
}

/// Every pair of states that some step leads between; from nothing for the first steps.
fn ways() -> Vec<(Option<ReferralState>, ReferralState)> {
    let mut ways = Vec::new();
    for step in &STEPS {
        let from = step.from.iter().copied().map(Some);
        let from: Vec<_> = if step.from.is_empty() { vec![None] } else { from.collect() };
        for from in from.into_iter().filter(|from| *from != Some(step.to)) {
            if !ways.contains(&(from, step.to)) {
                ways.push((from, step.to));
            }
        }
    }
    ways
}

/// The steps between two states.
fn steps(from: Option<ReferralState>, to: ReferralState) -> impl Iterator<Item = &'static Step> {
    STEPS.iter().filter(move |step| {
        step.to == to && from.map_or(step.from.is_empty(), |from| step.from.contains(&from))
    })
}

/// The middle of a state's box.
fn place(state: ReferralState) -> (i32, i32) {
    match state {
        Registered => (250, 170),
        Open => (610, 170),
        Fetched => (860, 170),
        Deleted => (1110, 170),
        Cancelled => (250, 390),
        Expired => (610, 390),
    }
}

/// A line, and where what it means is written; `None` for a way nobody thought of.
fn drawn(from: Option<ReferralState>, to: ReferralState) -> Option<(&'static str, (i32, i32))> {
    Some(match (from, to) {
        (None, Registered) => ("M59 170H156", (106, 156)),
        (None, Open) => ("M50 161C50 10 606 0 610 116", (320, 28)),
        (Some(Registered), Open) => ("M342 152H516", (410, 84)),
        (Some(Open), Registered) => ("M518 190H344", (429, 212)),
        (Some(Open), Fetched) => ("M702 170H766", (734, 104)),
        (Some(Fetched), Deleted) => ("M952 170H1016", (984, 104)),
        (Some(Registered), Cancelled) => ("M250 222V336", (204, 300)),
        (Some(Open), Cancelled) => ("M540 222 338 344", (540, 262)),
        (Some(Registered), Expired) => ("M320 222 522 344", (304, 262)),
        (Some(Open), Expired) => ("M610 222V336", (664, 300)),
        _ => return None,
    })
}

fn boxed(one: ReferralState) -> String {
    let (x, y) = place(one);
    let fill = if one.is_ended() { "#e4e7eb" } else { "#e0f2f1" };
    let stays: Vec<String> = steps(Some(one), one).map(step).collect();
    let lift = if stays.is_empty() { 6 } else { -20 };
    let mut text = format!(
        "<rect x=\"{}\" y=\"{}\" width=\"{WIDTH}\" height=\"{HEIGHT}\" rx=\"12\" fill=\"{fill}\" stroke=\"{INK}\" \
         stroke-width=\"1.6\"/>\n<text class=\"state\" x=\"{x}\" y=\"{}\">{}</text>\n",
        x - WIDTH / 2,
        y - HEIGHT / 2,
        y + lift,
        state(one)
    );
    for (stay, line) in stays.iter().zip(0..) {
        let y = y + 4 + 17 * line;
        let _ = writeln!(text, "<text class=\"stay\" x=\"{x}\" y=\"{y}\">↻ {stay}</text>");
    }
    text
}

/// What leads from one state to another, and who may.
fn label(from: Option<ReferralState>, to: ReferralState, x: i32, y: i32) -> String {
    let mut text = String::new();
    for (step_taken, line) in steps(from, to).zip(0..) {
        let (name, who) = (step(step_taken), movers(step_taken));
        let y = y + 18 * line;
        let _ = writeln!(
            text,
            "<text class=\"step\" x=\"{x}\" y=\"{y}\">{name}<tspan class=\"mover\">：{who}</tspan></text>"
        );
    }
    text
}
