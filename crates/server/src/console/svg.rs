//! Pictures drawn here. [`Svg`] is the one type a template may show unescaped.

mod zones;

use std::fmt::{self, Write};

pub(crate) use zones::{ZoneBox, zones};

/// A finished picture. Only this file makes one, and it escapes every text it puts in.
#[derive(Clone, Debug)]
pub(crate) struct Svg(String);

impl fmt::Display for Svg {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What the style sheet says of a diagram, for where there is none: on paper.
const PAPER_STYLE: &str =
    "text { font-family: 'Noto Sans CJK JP', 'Noto Sans JP', sans-serif; font-size: 13px; fill: #1a1a1c; }
.zone-name, .head-name { font-weight: 700; } .kind { fill: #464650; font-size: 12px; }
.zone { fill: #e8f1fe; stroke: #767676; } .device, .peer { fill: #ffffff; stroke: #767676; }
.link { stroke: #0017c1; stroke-width: 2; } .open { stroke: #b30000; stroke-width: 3; stroke-dasharray: 3 3; }
.boundary { stroke: #464650; stroke-width: 2; stroke-dasharray: 8 6; }";

impl Svg {
    /// The picture as a file of its own, as it is printed.
    pub(crate) fn on_paper(&self) -> String {
        let named = self.0.replacen("<svg ", "<svg xmlns=\"http://www.w3.org/2000/svg\" ", 1);
        named.replacen('>', &format!("><style>{PAPER_STYLE}</style>"), 1)
    }
}

const WIDTH: f64 = 132.0;
const HEIGHT: f64 = 36.0;
const MARGIN: f64 = 4.0;

/// A course of numbers, oldest first, over its reference band. The band gives the scale, so that what stays inside
/// looks calm and what leaves it shows.
pub(crate) fn sparkline(numbers: &[f64], low: Option<f64>, high: Option<f64>, label: &str) -> Svg {
    let scale = Scale::of(numbers, low, high);
    let mut svg = opening("spark", WIDTH, HEIGHT, label);
    if low.is_some() || high.is_some() {
        let top = high.map_or(0.0, |high| scale.y(high));
        let bottom = low.map_or(HEIGHT, |low| scale.y(low));
        let height = bottom - top;
        let _ =
            write!(svg, r#"<rect class="band" x="0" y="{top:.1}" width="{WIDTH}" height="{height:.1}"/>"#);
    }
    let last = numbers.len().saturating_sub(1).max(1);
    #[expect(clippy::cast_precision_loss, reason = "a handful of points")]
    let x = |index: usize| MARGIN + (WIDTH - 2.0 * MARGIN) * index as f64 / last as f64;
    let points: Vec<String> =
        numbers.iter().enumerate().map(|(i, n)| format!("{:.1},{:.1}", x(i), scale.y(*n))).collect();
    let _ = write!(svg, r#"<polyline class="course" points="{}"/>"#, points.join(" "));
    for (index, number) in numbers.iter().enumerate() {
        let is_out = low.is_some_and(|low| *number < low) || high.is_some_and(|high| *number > high);
        let class = if is_out { "point out" } else { "point" };
        let radius = if index == numbers.len() - 1 { 3.5 } else { 1.8 };
        let (x, y) = (x(index), scale.y(*number));
        let _ = write!(svg, r#"<circle class="{class}" cx="{x:.1}" cy="{y:.1}" r="{radius}"/>"#);
    }
    svg.push_str("</svg>");
    Svg(svg)
}

/// One lane of a timeline: its name and its marks.
pub(crate) struct Lane {
    /// Whose lane.
    pub(crate) name: String,
    /// Where marks stand, from 0 to 1, each with its letter.
    pub(crate) marks: Vec<(f64, String)>,
}

const LANE: f64 = 44.0;
const NAMES: f64 = 190.0;
const LINES: f64 = 640.0;
const HEAD: f64 = 28.0;

/// Lanes under a row of years. `ticks` stand from 0 to 1.
pub(crate) fn lanes(lanes: &[Lane], ticks: &[(f64, String)], label: &str) -> Svg {
    #[expect(clippy::cast_precision_loss, reason = "a handful of lanes")]
    let height = HEAD + LANE * lanes.len() as f64;
    let x = |at: f64| NAMES + 16.0 + (LINES - 32.0) * at;
    let mut svg = opening("lanes", NAMES + LINES, height, label);
    for (at, text) in ticks {
        let (x, text) = (x(*at), escaped(text));
        let _ = write!(svg, r#"<line class="tick" x1="{x:.1}" y1="{HEAD}" x2="{x:.1}" y2="{height}"/>"#);
        let _ = write!(svg, r#"<text class="year" x="{x:.1}" y="18" text-anchor="middle">{text}</text>"#);
    }
    for (index, lane) in lanes.iter().enumerate() {
        #[expect(clippy::cast_precision_loss, reason = "a handful of lanes")]
        let y = HEAD + LANE * (index as f64 + 0.5);
        let end = NAMES + LINES;
        let _ =
            write!(svg, r#"<text class="lane-name" x="0" y="{:.1}">{}</text>"#, y + 5.0, escaped(&lane.name));
        let _ = write!(svg, r#"<line class="lane" x1="{NAMES}" y1="{y:.1}" x2="{end}" y2="{y:.1}"/>"#);
        for (at, letter) in &lane.marks {
            let (x, letter) = (x(*at), escaped(letter));
            let _ = write!(svg, r#"<circle class="mark" cx="{x:.1}" cy="{y:.1}" r="13"/>"#);
            let _ = write!(
                svg,
                r#"<text class="letter" x="{x:.1}" y="{:.1}" text-anchor="middle">{letter}</text>"#,
                y + 4.5
            );
        }
    }
    svg.push_str("</svg>");
    Svg(svg)
}

/// One bar of a chart: its name, its length, and what is written at its end.
pub(crate) struct Bar {
    /// Its name.
    pub(crate) name: String,
    /// How long.
    pub(crate) value: u64,
    /// What is written at its end.
    pub(crate) text: String,
}

const BAR: f64 = 26.0;
const BAR_NAMES: f64 = 300.0;
const BAR_LINES: f64 = 460.0;
const BAR_TEXTS: f64 = 60.0;

/// Bars that lie under each other, the longest as long as there is room.
pub(crate) fn bars(bars: &[Bar], label: &str) -> Svg {
    let most = bars.iter().map(|bar| bar.value).max().unwrap_or(0).max(1);
    #[expect(clippy::cast_precision_loss, reason = "a handful of bars")]
    let height = BAR * bars.len() as f64 + 8.0;
    let mut svg = opening("bars", BAR_NAMES + BAR_LINES + BAR_TEXTS, height, label);
    for (index, bar) in bars.iter().enumerate() {
        #[expect(clippy::cast_precision_loss, reason = "a picture")]
        let (y, width) = (BAR * index as f64 + 4.0, BAR_LINES * bar.value as f64 / most as f64);
        let _ = write!(svg, r#"<text x="0" y="{:.1}">{}</text>"#, y + 16.0, escaped(&bar.name));
        let _ = write!(
            svg,
            r#"<rect class="bar" x="{BAR_NAMES}" y="{y:.1}" width="{:.1}" height="{:.1}"/>"#,
            width.max(1.0),
            BAR - 6.0
        );
        let (x, text) = (BAR_NAMES + width + 6.0, escaped(&bar.text));
        let _ = write!(svg, r#"<text class="value" x="{x:.1}" y="{:.1}">{text}</text>"#, y + 16.0);
    }
    svg.push_str("</svg>");
    Svg(svg)
}

const COLUMNS_WIDTH: f64 = 820.0;
const COLUMNS_HEIGHT: f64 = 170.0;
const COLUMNS_HEAD: f64 = 22.0;
const COLUMNS_FOOT: f64 = 24.0;
/// So many names fit under the columns.
const COLUMN_NAMES: usize = 14;
/// Half the width of such a name.
const COLUMN_NAME: f64 = 18.0;

/// Columns that stand side by side, the highest as high as there is room; the largest bears its number.
pub(crate) fn columns(columns: &[Bar], label: &str) -> Svg {
    let most = columns.iter().map(|column| column.value).max().unwrap_or(0).max(1);
    let mut svg = opening("bars", COLUMNS_WIDTH, COLUMNS_HEIGHT, label);
    let room = COLUMNS_HEIGHT - COLUMNS_HEAD - COLUMNS_FOOT;
    let floor = COLUMNS_HEIGHT - COLUMNS_FOOT;
    #[expect(clippy::cast_precision_loss, reason = "at most a year of days")]
    let step = COLUMNS_WIDTH / columns.len().max(1) as f64;
    let every = columns.len().div_ceil(COLUMN_NAMES).max(1);
    let highest = columns.iter().position(|column| column.value == most);
    for (index, column) in columns.iter().enumerate() {
        #[expect(clippy::cast_precision_loss, reason = "a picture")]
        let (x, height) = (step * index as f64, room * column.value as f64 / most as f64);
        let (y, middle) = (floor - height, x + step / 2.0);
        let width = (step * 0.8).max(1.0);
        let left = middle - width / 2.0;
        let _ = write!(
            svg,
            r#"<rect class="bar" x="{left:.1}" y="{y:.1}" width="{width:.1}" height="{height:.1}"/>"#
        );
        if Some(index) == highest {
            let text = escaped(&column.text);
            let y = y - 6.0;
            let _ = write!(
                svg,
                r#"<text class="value" x="{middle:.1}" y="{y:.1}" text-anchor="middle">{text}</text>"#
            );
        }
        if index % every == 0 {
            let (name, y) = (escaped(&column.name), COLUMNS_HEIGHT - 6.0);
            let x = middle.clamp(COLUMN_NAME, COLUMNS_WIDTH - COLUMN_NAME);
            let _ = write!(svg, r#"<text x="{x:.1}" y="{y:.1}" text-anchor="middle">{name}</text>"#);
        }
    }
    let _ = write!(svg, r#"<line class="floor" x1="0" y1="{floor}" x2="{COLUMNS_WIDTH}" y2="{floor}"/>"#);
    svg.push_str("</svg>");
    Svg(svg)
}

fn opening(class: &str, width: f64, height: f64, label: &str) -> String {
    let label = escaped(label);
    format!(
        r#"<svg class="{class}" role="img" aria-label="{label}" viewBox="0 0 {width} {height}" width="{width}" height="{height}">"#
    )
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

/// From numbers to heights. Inside the band and near it the scale is even; further out it closes up, so that the band
/// stays visible under a value many times its width.
struct Scale {
    middle: f64,
    half: f64,
    bottom: f64,
    top: f64,
}

impl Scale {
    fn of(numbers: &[f64], low: Option<f64>, high: Option<f64>) -> Self {
        let least = numbers.iter().copied().fold(f64::INFINITY, f64::min);
        let most = numbers.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let (low, high) = match (low, high) {
            (Some(low), Some(high)) => (low, high),
            (Some(low), None) => (low, low.abs().mul_add(0.8, low)),
            (None, Some(high)) => (high.abs().mul_add(-0.8, high), high),
            (None, None) => (least, most),
        };
        let half = ((high - low).abs() / 2.0).max(f64::EPSILON);
        let scale = Self { middle: f64::midpoint(low, high), half, bottom: 0.0, top: 0.0 };
        let room = 2.0_f64.asinh();
        Self { bottom: scale.place(least).min(-room), top: scale.place(most).max(room), ..scale }
    }

    fn y(&self, number: f64) -> f64 {
        let inside = HEIGHT - 2.0 * MARGIN;
        MARGIN + inside * (self.top - self.place(number)) / (self.top - self.bottom)
    }

    fn place(&self, number: f64) -> f64 {
        ((number - self.middle) / self.half).asinh()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_stays_inside_the_band_looks_calm() {
        let scale = Scale::of(&[62.0, 60.0, 61.0], Some(60.0), Some(120.0));
        assert!((scale.y(62.0) - scale.y(60.0)).abs() < 1.0);
    }

    #[test]
    fn a_value_far_outside_is_on_the_picture_and_leaves_the_band_visible() {
        let scale = Scale::of(&[18.0, 0.1], Some(0.0), Some(0.14));
        assert!(scale.y(18.0) >= 0.0 && scale.y(0.1) <= HEIGHT);
        assert!(scale.y(0.0) - scale.y(0.14) > 3.0);
    }

    #[test]
    fn texts_cannot_break_out_of_the_picture() {
        let svg = sparkline(&[1.0, 2.0], None, None, "\"><script>").to_string();
        assert!(!svg.contains("<script>"));
    }
}
