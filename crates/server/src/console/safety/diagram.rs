//! 構成図: the system diagram, drawn from the registers of devices and connections.

use std::sync::Arc;

use access::Action;
use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use safety::diagram::{Diagram, diagram};

use super::permission::{at_fault, ours, own};
use crate::App;
use crate::console::frame::Frame;
use crate::console::reader::Reader;
use crate::console::refusal::Refusal;
use crate::console::svg::{Svg, ZoneBox, zones};

#[derive(Template)]
#[template(path = "safety/diagram.html")]
struct DiagramPage {
    frame: Frame,
    picture: Svg,
    zones: Vec<ZoneView>,
    links: Vec<LinkView>,
}

struct ZoneView {
    name: String,
    devices: Vec<DeviceView>,
}

struct DeviceView {
    id: String,
    label: String,
    kind: String,
    place: String,
}

struct LinkView {
    id: String,
    peer: String,
    line: String,
    zone: String,
    boundary: String,
    is_open: bool,
}

/// `GET /safety/diagram`.
pub(crate) async fn diagram_page(State(app): State<Arc<App>>, reader: Reader) -> Result<Response, Refusal> {
    reader.may(&app, Action::SeeSafety, &ours(&reader))?;
    let rows = app.exchange.store.all_register_rows(own(&reader), None).await;
    let drawn = diagram(&rows.map_err(at_fault(&app, &reader))?);
    let frame = reader.frame(&app);
    let page = DiagramPage {
        picture: picture(&frame, &drawn),
        zones: drawn.zones.iter().map(|zone| zone_view(&frame, &zone.code, zone)).collect(),
        links: drawn.links.iter().map(|link| link_view(&frame, link)).collect(),
        frame: frame.clone().titled(frame.word("diagram.title").to_owned()),
    };
    Ok(page.frame.answer(StatusCode::OK, &page))
}

/// The picture, with its words.
pub(super) fn picture(frame: &Frame, drawn: &Diagram) -> Svg {
    let boxes: Vec<ZoneBox> = drawn
        .zones
        .iter()
        .map(|zone| {
            let of_zone = drawn.links.iter().filter(|link| link.zone == zone.code);
            ZoneBox {
                name: zone_name(frame, &zone.code),
                devices: zone
                    .devices
                    .iter()
                    .map(|one| (one.label.clone(), choice(frame, &one.kind)))
                    .collect(),
                links: of_zone
                    .map(|link| (link.peer.clone(), choice(frame, &link.line), link.is_open))
                    .collect(),
            }
        })
        .collect();
    let labels =
        [frame.word("diagram.inside"), frame.word("diagram.outside"), frame.word("diagram.boundary")];
    zones(&boxes, labels, frame.word("diagram.label"))
}

fn choice(frame: &Frame, code: &str) -> String {
    if code.is_empty() { String::new() } else { frame.word(&format!("register-choice.{code}")).to_owned() }
}

fn zone_name(frame: &Frame, code: &str) -> String {
    if code.is_empty() { frame.word("diagram.no-zone").to_owned() } else { choice(frame, code) }
}

fn zone_view(frame: &Frame, code: &str, zone: &safety::diagram::Zone) -> ZoneView {
    let view = |one: &safety::diagram::Node| DeviceView {
        id: one.id.clone(),
        label: one.label.clone(),
        kind: choice(frame, &one.kind),
        place: one.place.clone(),
    };
    ZoneView { name: zone_name(frame, code), devices: zone.devices.iter().map(view).collect() }
}

fn link_view(frame: &Frame, link: &safety::diagram::Link) -> LinkView {
    LinkView {
        id: link.id.clone(),
        peer: link.peer.clone(),
        line: choice(frame, &link.line),
        zone: zone_name(frame, &link.zone),
        boundary: link.boundary.clone(),
        is_open: link.is_open,
    }
}
