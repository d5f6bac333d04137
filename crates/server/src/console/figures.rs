//! 指標: the model project's figures as charts and tables, for the operator and for safety managers.

use std::collections::BTreeMap;
use std::sync::Arc;

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use exchange::{Figure, Figures, Measure};

use crate::App;
use crate::api::days;
use crate::console::frame::Frame;
use crate::console::reader::Reader;
use crate::console::refusal::Refusal;
use crate::console::svg::{Bar, Svg, bars, columns};

#[derive(Template)]
#[template(path = "figures.html")]
pub(crate) struct FiguresPage {
    frame: Frame,
    from: String,
    to: String,
    whose: String,
    daily: Option<Svg>,
    kinds: Option<Svg>,
    institutions: Table,
    refused: Option<Svg>,
    broken: Option<Svg>,
    vendors: Table,
    times: Table,
    sent: Table,
    referrals: Table,
    views: Table,
    looks: Table,
    wished: Option<String>,
}

/// A table: what its columns are called, and its lines.
struct Table {
    heads: Vec<String>,
    lines: Vec<Line>,
}

/// A line of a table: what it is of, and its values.
struct Line {
    name: String,
    cells: Vec<String>,
}

/// How many rules a chart shows.
const RULES: usize = 12;

const TIMES: [&str; 5] =
    ["figures.kind", "figures.made-median", "figures.made-p90", "figures.seen-median", "figures.seen-p90"];
const SENT: [&str; 7] = [
    "figures.kind",
    "figures.sent-registered",
    "figures.sent-seen",
    "figures.within-1",
    "figures.within-3",
    "figures.within-7",
    "figures.within-14",
];
const REFERRALS: [&str; 2] = ["figures.state", "figures.count"];
const VIEWS: [&str; 3] = ["figures.purpose", "figures.rule", "figures.count"];
const LOOKS: [&str; 3] = ["figures.basis", "figures.finding", "figures.count"];

impl Table {
    fn of(frame: &Frame, heads: &[&str], lines: Vec<Line>) -> Self {
        Self { heads: heads.iter().map(|key| frame.word(key).to_owned()).collect(), lines }
    }
}

/// `GET /figures?from=&to=`.
pub(crate) async fn figures(State(app): State<Arc<App>>, reader: Reader) -> Result<Response, Refusal> {
    let visitor = &reader.visitor;
    let asked = |name: &str| {
        let found = reader.place.query.split('&').find_map(|pair| pair.strip_prefix(name)?.strip_prefix('='));
        found.map(str::to_owned)
    };
    let days = days(asked("from").as_deref(), asked("to").as_deref(), visitor.act.now);
    let days = days.ok_or_else(|| Refusal::of_status(reader.frame(&app), StatusCode::BAD_REQUEST))?;
    let figures = app.exchange.figures(&visitor.viewer, days, &visitor.act).await;
    let figures = figures.map_err(|why| reader.not_shown(&app, &why))?;
    let frame = reader.frame(&app);
    let title = frame.word("figures.title").to_owned();
    let page = page(frame.titled(title), &figures, &reader);
    Ok(page.frame.answer(StatusCode::OK, &page))
}

fn page(frame: Frame, figures: &Figures, reader: &Reader) -> FiguresPage {
    let whose = figures.institution.as_deref().map(|number| reader.institutions.name(number));
    let whose = whose.unwrap_or_else(|| frame.word("figures.all").to_owned());
    let of = |name: &str| figures.list.iter().filter(|figure| figure.name == name).collect::<Vec<_>>();
    let registered = of("registered");
    let broken = of("broken");
    let kind = |code: &str| named(&frame, "kind", code);
    let institution = |number: &str| reader.institutions.name(number);
    let vendor = |name: &str| {
        if name.is_empty() { frame.word("figures.no-vendor").to_owned() } else { name.to_owned() }
    };
    FiguresPage {
        from: figures.days.from.to_string(),
        to: figures.days.to.to_string(),
        whose,
        daily: by_day(&registered, figures, frame.word("figures.daily")),
        kinds: chart(&summed(&registered, "kind"), usize::MAX, frame.word("figures.kinds"), kind),
        institutions: Table::of(
            &frame,
            &["figures.institution", "figures.count"],
            lines(&summed(&registered, "institution"), institution),
        ),
        refused: by_day(&of("refused"), figures, frame.word("figures.refused")),
        broken: chart(&summed(&broken, "rule"), RULES, frame.word("figures.broken"), str::to_owned),
        vendors: Table::of(
            &frame,
            &["figures.vendor", "figures.count"],
            lines(&summed(&broken, "vendor"), vendor),
        ),
        times: Table::of(&frame, &TIMES, times(figures, &frame)),
        sent: Table::of(&frame, &SENT, sent(figures, &frame)),
        referrals: Table::of(&frame, &REFERRALS, labelled(&of("referral"), &frame, ["referral"])),
        views: Table::of(&frame, &VIEWS, labelled(&of("viewed"), &frame, ["purpose-of-use", "rule"])),
        looks: Table::of(&frame, &LOOKS, labelled(&of("looked"), &frame, ["basis", "look-finding"])),
        wished: of("wished").first().map(|figure| measure(figure.value, &frame)),
        frame,
    }
}

/// Sums of counts by one label, the largest first.
fn summed(figures: &[&Figure], label: &str) -> Vec<(String, u64)> {
    let mut sums: BTreeMap<&str, u64> = BTreeMap::new();
    for figure in figures {
        if let (Some(value), Measure::Count(count)) = (labelled_with(figure, label), figure.value) {
            *sums.entry(value).or_default() += count;
        }
    }
    let mut sums: Vec<(String, u64)> = sums.into_iter().map(|(name, sum)| (name.to_owned(), sum)).collect();
    sums.sort_by_key(|(_, sum)| std::cmp::Reverse(*sum));
    sums
}

fn labelled_with<'f>(figure: &'f Figure, label: &str) -> Option<&'f str> {
    figure.by.iter().find(|(name, _)| *name == label).map(|(_, value)| value.as_str())
}

fn by_day(figures: &[&Figure], all: &Figures, label: &str) -> Option<Svg> {
    let sums: BTreeMap<String, u64> = summed(figures, "day").into_iter().collect();
    if sums.is_empty() {
        return None;
    }
    let each: Vec<Bar> = all
        .days
        .each()
        .map(|day| {
            let count = sums.get(&day.to_string()).copied().unwrap_or(0);
            Bar { name: format!("{}/{}", day.month(), day.day()), value: count, text: count.to_string() }
        })
        .collect();
    Some(columns(&each, label))
}

fn chart(sums: &[(String, u64)], most: usize, label: &str, name: impl Fn(&str) -> String) -> Option<Svg> {
    let shown: Vec<Bar> = sums
        .iter()
        .take(most)
        .map(|(code, count)| Bar { name: name(code), value: *count, text: count.to_string() })
        .collect();
    if shown.is_empty() { None } else { Some(bars(&shown, label)) }
}

fn lines(sums: &[(String, u64)], name: impl Fn(&str) -> String) -> Vec<Line> {
    sums.iter().map(|(code, count)| Line { name: name(code), cells: vec![count.to_string()] }).collect()
}

/// Median and ninth tenth of both times, by kind.
fn times(figures: &Figures, frame: &Frame) -> Vec<Line> {
    let mut kinds: BTreeMap<String, [String; 4]> = BTreeMap::new();
    for figure in &figures.list {
        let place = match (figure.name, labelled_with(figure, "statistic")) {
            ("made-to-registered", Some("median")) => 0,
            ("made-to-registered", _) => 1,
            ("registered-to-seen", Some("median")) => 2,
            ("registered-to-seen", _) => 3,
            _ => continue,
        };
        let kind = named(frame, "kind", labelled_with(figure, "kind").unwrap_or_default());
        kinds.entry(kind).or_insert_with(|| std::array::from_fn(|_| "–".to_owned()))[place] =
            measure(figure.value, frame);
    }
    kinds.into_iter().map(|(name, cells)| Line { name, cells: cells.to_vec() }).collect()
}

/// How many documents were sent, how many others saw, and which share within some days, by kind.
fn sent(figures: &Figures, frame: &Frame) -> Vec<Line> {
    let mut kinds: BTreeMap<String, [String; 6]> = BTreeMap::new();
    for figure in &figures.list {
        let label = |name| labelled_with(figure, name);
        let place = match (figure.name, label("state"), label("days")) {
            ("sent", Some("registered"), _) => 0,
            ("sent", Some("seen"), _) => 1,
            ("seen-within", _, Some("1")) => 2,
            ("seen-within", _, Some("3")) => 3,
            ("seen-within", _, Some("7")) => 4,
            ("seen-within", _, Some("14")) => 5,
            _ => continue,
        };
        let kind = named(frame, "kind", label("kind").unwrap_or_default());
        kinds.entry(kind).or_insert_with(|| std::array::from_fn(|_| "–".to_owned()))[place] =
            measure(figure.value, frame);
    }
    kinds.into_iter().map(|(name, cells)| Line { name, cells: cells.to_vec() }).collect()
}

/// Lines by labels, each with words in a section of its own.
fn labelled<const N: usize>(figures: &[&Figure], frame: &Frame, sections: [&str; N]) -> Vec<Line> {
    let line = |figure: &&Figure| {
        let words = figure.by.iter().zip(sections).map(|((_, code), section)| named(frame, section, code));
        let mut words: Vec<String> = words.collect();
        words.push(measure(figure.value, frame));
        Line { name: words.remove(0), cells: words }
    };
    figures.iter().map(line).collect()
}

/// The words of codes (several with a space between), or the codes where there are none.
fn named(frame: &Frame, section: &str, codes: &str) -> String {
    let word = |code: &str| {
        let key = format!("{section}.{code}");
        let words = frame.word(&key);
        if words == key { code.to_owned() } else { words.to_owned() }
    };
    codes.split(' ').map(word).collect::<Vec<_>>().join(" / ")
}

fn measure(value: Measure, frame: &Frame) -> String {
    match value {
        Measure::Count(count) => count.to_string(),
        Measure::Few => frame.word("figures.few").to_owned(),
        Measure::Percent(share) => format!("{share}%"),
        Measure::Seconds(seconds) if seconds < 60 => frame.fill("figures.seconds", "count", seconds),
        Measure::Seconds(seconds) if seconds < 2 * 3600 => {
            frame.fill("figures.minutes", "count", seconds / 60)
        }
        Measure::Seconds(seconds) if seconds < 48 * 3600 => {
            frame.fill("figures.hours", "count", seconds / 3600)
        }
        Measure::Seconds(seconds) => frame.fill("figures.days", "count", seconds / 86400),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::console::frame::sample::{frames, rendered};

    fn figure(name: &'static str, by: &[(&'static str, &str)], value: Measure) -> Figure {
        let by = by.iter().map(|(label, text)| (*label, (*text).to_owned())).collect();
        Figure { name, by, value }
    }

    #[test]
    fn sums_leave_out_what_is_not_told_and_begin_with_the_largest() {
        let told = [
            figure("registered", &[("kind", "referral")], Measure::Count(1)),
            figure("registered", &[("kind", "observation")], Measure::Count(5)),
            figure("registered", &[("kind", "referral")], Measure::Count(2)),
            figure("registered", &[("kind", "condition")], Measure::Few),
        ];
        let sums = summed(&told.iter().collect::<Vec<_>>(), "kind");
        assert_eq!(sums, [("observation".to_owned(), 5), ("referral".to_owned(), 3)]);
    }

    #[test]
    fn the_page_stands_without_any_figure_and_says_few_of_few() {
        for frame in frames() {
            let few = labelled(
                &[&figure("looked", &[("basis", "emergency"), ("finding", "justified")], Measure::Few)],
                &frame,
                ["basis", "look-finding"],
            );
            let none = || Table { heads: Vec::new(), lines: Vec::new() };
            let page = FiguresPage {
                from: "2026-03-01".to_owned(),
                to: "2026-03-31".to_owned(),
                whose: "架空中央病院".to_owned(),
                daily: None,
                kinds: None,
                institutions: none(),
                refused: None,
                broken: None,
                vendors: none(),
                times: none(),
                sent: none(),
                referrals: none(),
                views: none(),
                looks: Table::of(&frame, &LOOKS, few),
                wished: None,
                frame,
            };
            let html = rendered(&page);
            assert!(html.contains("2026-03-31") && (html.contains("10未満") || html.contains("under 10")));
        }
    }
}
