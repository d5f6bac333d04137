//! 読み方: which volumes bind this institution, and what stands between it and the shorter path.

use std::collections::HashMap;
use std::sync::Arc;

use access::Action;
use askama::Template;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::Response;
use guideline::{Audience, Catalogue, Circumstances, Machine, Updater, route};

use super::guideline::{Choice, choices, in_language};
use super::permission::{at_fault, ours, own};
use crate::App;
use crate::console::frame::Frame;
use crate::console::reader::Reader;
use crate::console::refusal::Refusal;

#[derive(Template)]
#[template(path = "safety/path.html")]
struct PathPage {
    frame: Frame,
    kinds: Vec<Choice>,
    operators: Vec<Choice>,
    servers: Vec<(String, String)>,
    machines: Vec<MachineForm>,
    route: Option<RouteShown>,
}

/// One PC in the form.
struct MachineForm {
    number: usize,
    name: String,
    updaters: Vec<Choice>,
}

/// What was found.
struct RouteShown {
    volumes: Vec<String>,
    system_type: Option<(&'static str, String)>,
    binding: Vec<(String, String)>,
    is_mixed: bool,
    is_small: bool,
    blocking: Vec<(String, String)>,
    open: Vec<String>,
}

/// Kinds of institutions that the guideline binds.
const KINDS: [Audience; 5] = [
    Audience::Hospital,
    Audience::Clinic,
    Audience::DentalClinic,
    Audience::MaternityHome,
    Audience::Pharmacy,
];
/// Rows for PCs; one may leave some empty.
const ROWS: usize = 3;

/// `GET /safety/path`, by `kind`, `operator`, and of each PC `name-N`, `updater-N`. Servers are those of the
/// registers; what is entered is not kept: the address holds it all.
pub(crate) async fn path(
    State(app): State<Arc<App>>,
    reader: Reader,
    Query(asked): Query<HashMap<String, String>>,
) -> Result<Response, Refusal> {
    reader.may(&app, Action::SeeSafety, &ours(&reader))?;
    let mut rows = Vec::new();
    for register in ["devices", "vendors"] {
        let found = app.exchange.store.all_register_rows(own(&reader), Some(register)).await;
        rows.extend(found.map_err(at_fault(&app, &reader))?);
    }
    let servers = safety::machines(&rows, reader.visitor.act.today());
    let page = path_page(reader.frame(&app), &asked, servers);
    Ok(page.frame.answer(StatusCode::OK, &page))
}

fn path_page(frame: Frame, asked: &HashMap<String, String>, servers: Vec<Machine>) -> PathPage {
    let frame = frame.clone().titled(frame.word("path.title"));
    let of = |name: &str| asked.get(name).map(|text| text.trim()).unwrap_or_default();
    let updater = |code: &str| frame.word(&format!("updater.{code}")).to_owned();
    let updaters = |chosen| choices(&frame, "updater", Updater::ALL.map(Updater::code), chosen);
    let machine = |number: usize| MachineForm {
        number,
        name: of(&format!("name-{number}")).to_owned(),
        updaters: updaters(of(&format!("updater-{number}"))),
    };
    PathPage {
        kinds: choices(&frame, "audience", KINDS.map(Audience::code), of("kind")),
        operators: choices(&frame, "yes-no", ["yes", "no"], of("operator")),
        servers: servers.iter().map(|one| (one.name.clone(), updater(one.updater.code()))).collect(),
        machines: (1..=ROWS).map(machine).collect(),
        route: (!asked.is_empty()).then(|| route_shown(&circumstances(asked, servers), &frame)),
        frame,
    }
}

fn circumstances(asked: &HashMap<String, String>, servers: Vec<Machine>) -> Circumstances {
    let of = |name: &str| asked.get(name).map(|text| text.trim()).unwrap_or_default();
    let pc = |number: usize| {
        let name = of(&format!("name-{number}"));
        let updater = Updater::from_code(of(&format!("updater-{number}"))).unwrap_or(Updater::Unknown);
        (!name.is_empty()).then(|| Machine { name: name.to_owned(), is_cloud: false, updater })
    };
    Circumstances {
        kind: Audience::from_code(of("kind")).filter(|kind| KINDS.contains(kind)),
        has_operator: match of("operator") {
            "yes" => Some(true),
            "no" => Some(false),
            _ => None,
        },
        machines: servers.into_iter().chain((1..=ROWS).filter_map(pc)).collect(),
    }
}

fn route_shown(of: &Circumstances, frame: &Frame) -> RouteShown {
    let found = route(of);
    let mut types = Catalogue::shipped().editions().iter().flat_map(|edition| &edition.system_types);
    let kind = types.find(|one| Some(one.mark.as_str()) == found.system_type);
    let is_full = found.volumes.len() > 2;
    RouteShown {
        volumes: found
            .volumes
            .iter()
            .map(|volume| frame.word(&format!("volume.{}", volume.code())).to_owned())
            .collect(),
        system_type: found
            .system_type
            .zip(kind)
            .map(|(mark, kind)| (mark, in_language(frame, &kind.ja, &kind.en))),
        binding: kind
            .filter(|_| is_full)
            .map(|kind| {
                vec![
                    (frame.word("volume.planning").to_owned(), kind.pm.clone()),
                    (frame.word("volume.operations").to_owned(), kind.op.clone()),
                ]
            })
            .unwrap_or_default(),
        is_mixed: found.is_mixed,
        is_small: found.is_small,
        blocking: found
            .blocking
            .into_iter()
            .map(|(name, updater)| (name, frame.word(&format!("updater.{}", updater.code())).to_owned()))
            .collect(),
        open: found
            .open
            .iter()
            .map(|question| frame.word(&format!("open-question.{}", question.code())).to_owned())
            .collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::console::frame::sample::{frames, rendered};

    #[test]
    fn the_page_names_the_one_server_that_blocks_the_shorter_path() {
        let servers = || {
            vec![
                Machine {
                    name: "電子カルテ".to_owned(), is_cloud: true, updater: Updater::VendorByContract
                },
                Machine {
                    name: "院内画像サーバ".to_owned(), is_cloud: false, updater: Updater::Institution
                },
            ]
        };
        let asked = [("kind", "clinic"), ("operator", "no")];
        let asked: HashMap<String, String> =
            asked.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
        for frame in frames() {
            let page = path_page(frame.clone(), &asked, servers());
            let route = page.route.as_ref().unwrap();
            assert_eq!((route.blocking.len(), route.volumes.len()), (1, 4));
            let html = rendered(&page);
            assert!(html.contains(&frame.fill("path.blocked-by-one", "name", "院内画像サーバ")));
            let empty = path_page(frame.clone(), &HashMap::new(), servers());
            assert!(empty.route.is_none() && !rendered(&empty).contains("id=\"found\""));
        }
    }
}
