//! The system diagram: zones of a network as lanes, what stands in them, and links across the boundary of responsibility.

use std::fmt::Write;

use super::{Svg, escaped, opening};

/// A zone: its name, its devices with their kinds, and its links with their lines and whether anybody may come by them.
pub(crate) struct ZoneBox {
    /// Its name.
    pub(crate) name: String,
    /// What stands in it, each with its kind.
    pub(crate) devices: Vec<(String, String)>,
    /// Who is joined to it, each with the line and whether it is open to anybody.
    pub(crate) links: Vec<(String, String, bool)>,
}

const WIDTH: usize = 1060;
const HEAD: usize = 34;
/// A zone ends here; then comes the boundary, then what is outside.
const ZONE_END: usize = 680;
const BOUNDARY: usize = 730;
const PEERS: usize = 790;
const PEER: usize = 262;
const IN_A_ROW: usize = 4;
const BOX: usize = 155;
const STEP: usize = 54;
const BOX_HEIGHT: usize = 42;
const TITLE: usize = 30;
const GAP: usize = 14;
/// Full-width letters that fit a device's box and a peer's.
const FITS: (usize, usize) = (10, 17);

/// Draws zones under each other; `names` are those of the inside, the outside and the boundary.
pub(crate) fn zones(zones: &[ZoneBox], names: [&str; 3], label: &str) -> Svg {
    let heights: Vec<usize> = zones.iter().map(height).collect();
    let whole = HEAD + heights.iter().map(|height| height + GAP).sum::<usize>();
    #[expect(clippy::cast_precision_loss, reason = "a picture of some thousand points at most")]
    let mut svg = opening("zones", WIDTH as f64, whole as f64, label);
    for (name, x, anchor) in
        [(names[0], 8, "start"), (names[2], BOUNDARY, "middle"), (names[1], PEERS, "start")]
    {
        let name = escaped(name);
        let _ = write!(svg, r#"<text class="head-name" x="{x}" y="20" text-anchor="{anchor}">{name}</text>"#);
    }
    let _ =
        write!(svg, r#"<line class="boundary" x1="{BOUNDARY}" y1="{HEAD}" x2="{BOUNDARY}" y2="{whole}"/>"#);
    let mut top = HEAD;
    for (zone, height) in zones.iter().zip(heights) {
        lane(&mut svg, zone, top, height);
        top += height + GAP;
    }
    svg.push_str("</svg>");
    Svg(svg)
}

fn height(zone: &ZoneBox) -> usize {
    let rows = zone.devices.len().div_ceil(IN_A_ROW).max(zone.links.len()).max(1);
    TITLE + rows * STEP
}

fn lane(svg: &mut String, zone: &ZoneBox, top: usize, height: usize) {
    let name = escaped(&zone.name);
    let _ =
        write!(svg, r#"<rect class="zone" x="2" y="{top}" width="{ZONE_END}" height="{height}" rx="8"/>"#);
    let _ = write!(svg, r#"<text class="zone-name" x="14" y="{}">{name}</text>"#, top + 20);
    for (index, (label, kind)) in zone.devices.iter().enumerate() {
        let (x, y) = (12 + index % IN_A_ROW * (BOX + 12), top + TITLE + index / IN_A_ROW * STEP);
        boxed(svg, ("device", BOX), (x, y), (label, kind), FITS.0);
    }
    for (index, (peer, line, is_open)) in zone.links.iter().enumerate() {
        let y = top + TITLE + index * STEP;
        let middle = y + BOX_HEIGHT / 2;
        let class = if *is_open { "link open" } else { "link" };
        let _ = write!(
            svg,
            r#"<line class="{class}" x1="{ZONE_END}" y1="{middle}" x2="{PEERS}" y2="{middle}"/>"#
        );
        boxed(svg, ("peer", PEER), (PEERS, y), (peer, line), FITS.1);
    }
}

fn boxed(
    svg: &mut String,
    (class, width): (&str, usize),
    (x, y): (usize, usize),
    (name, kind): (&str, &str),
    fits: usize,
) {
    let (name, kind) = (escaped(&cut(name, fits)), escaped(&cut(kind, fits + 3)));
    let text = x + 8;
    let _ = write!(
        svg,
        r#"<rect class="{class}" x="{x}" y="{y}" width="{width}" height="{BOX_HEIGHT}" rx="4"/>"#
    );
    let _ = write!(svg, r#"<text x="{text}" y="{}">{name}</text>"#, y + 17);
    let _ = write!(svg, r#"<text class="kind" x="{text}" y="{}">{kind}</text>"#, y + 34);
}

/// No more than so many full-width letters; narrow ones count as half.
fn cut(text: &str, fits: usize) -> String {
    let mut room = fits * 2;
    let mut shown = String::new();
    for letter in text.chars() {
        let width = if letter.is_ascii() { 1 } else { 2 };
        if width > room {
            return shown + "…";
        }
        room -= width;
        shown.push(letter);
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_open_link_crosses_the_boundary_marked_and_no_name_breaks_out_of_the_picture() {
        let zone = ZoneBox {
            name: "診療系<".to_owned(),
            devices: vec![("とても長い名前の検査部門システムサーバ".to_owned(), "サーバ".to_owned())],
            links: vec![("\"><script>".to_owned(), "TLS".to_owned(), true)],
        };
        let svg = zones(&[zone], ["a", "b", "c"], "図").to_string();
        assert!(svg.contains("link open") && svg.contains("boundary") && svg.contains('…'));
        assert!(!svg.contains("<script>") && !svg.contains("診療系<"));
    }
}
