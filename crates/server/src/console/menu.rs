//! Where a viewer can go, by their role.

use access::{Role, Viewer};

use crate::console::reader::Place;
use crate::words::word;

/// One place to go.
#[derive(Clone, Debug)]
pub(crate) struct MenuItem {
    /// Where.
    pub(crate) href: String,
    /// Its name.
    pub(crate) label: String,
    /// Whether it is this page.
    pub(crate) is_current: bool,
}

const SAFETY: &str = "/safety";

/// The pages of safety management, and their names.
const SAFETY_PAGES: &[(&str, &str)] = &[
    (SAFETY, "menu.today"),
    ("/safety/guideline", "menu.guideline"),
    ("/safety/registers", "menu.registers"),
    ("/safety/findings", "menu.findings"),
    ("/safety/reporters", "menu.reporters"),
    ("/safety/diagram", "menu.diagram"),
    ("/safety/incidents", "menu.incidents"),
    ("/safety/contacts", "menu.contacts"),
    ("/safety/bcp", "menu.continuity"),
    ("/safety/packs", "menu.packs"),
    ("/safety/executive", "menu.executive"),
    ("/safety/support", "menu.support"),
];

/// A place to go, current if it is this page.
pub(crate) fn menu_item(place: &Place, href: String, key: &str) -> MenuItem {
    let is_current = place.path == href || (href == SAFETY && is_safety(place));
    MenuItem { is_current, label: word(place.language, key).to_owned(), href }
}

/// Where a viewer can go.
pub(crate) fn menu(viewer: &Viewer, place: &Place) -> Vec<MenuItem> {
    let item = |href: String, key: &str| menu_item(place, href, key);
    let inquiries = || item("/inquiries".to_owned(), "menu.inquiries");
    let proxies = || item("/proxies".to_owned(), "menu.proxies");
    let is_proxy = viewer.stands_for.is_some();
    let person = viewer.stands_for.map(|one| one.person).or(viewer.person);
    let validator = || item("/validator".to_owned(), "menu.validator");
    let notices = || item("/notices".to_owned(), "menu.notices");
    let devices = || item("/devices".to_owned(), "menu.devices");
    let figures = || item("/figures".to_owned(), "menu.figures");
    let safety = || item(SAFETY.to_owned(), "menu.safety");
    let take_outs = || item("/safety/registers/take-outs".to_owned(), "menu.take-outs");
    match (viewer.role, person) {
        (Role::Clinician | Role::Nurse | Role::Pharmacist, _) => vec![
            item("/patients".to_owned(), "menu.patients"),
            item("/directory".to_owned(), "menu.directory"),
            take_outs(),
            validator(),
        ],
        (Role::EmergencyClinician, _) => vec![
            item("/patients".to_owned(), "menu.patients"),
            item("/emergency".to_owned(), "menu.emergency"),
            item("/directory".to_owned(), "menu.directory"),
            take_outs(),
            validator(),
        ],
        (Role::Institution, _) => vec![
            item("/patients".to_owned(), "menu.patients"),
            item("/directory".to_owned(), "menu.directory"),
            notices(),
            validator(),
        ],
        (Role::SafetyManager, _) => {
            vec![
                item("/audit".to_owned(), "menu.audit"),
                item("/reviews".to_owned(), "menu.reviews"),
                inquiries(),
                item("/accounts".to_owned(), "menu.accounts"),
                item("/access-reviews".to_owned(), "menu.access-reviews"),
                item("/alerts".to_owned(), "menu.alerts"),
                item("/apps".to_owned(), "menu.apps"),
                devices(),
                safety(),
                item("/consent/simulator".to_owned(), "menu.simulator"),
                notices(),
                figures(),
                validator(),
            ]
        }
        (Role::Developer, _) => {
            vec![validator(), item("/fhir/metadata".to_owned(), "menu.metadata")]
        }
        (Role::Patient, Some(person)) => vec![
            item(format!("/patients/{person}"), if is_proxy { "menu.theirs" } else { "menu.own" }),
            item(
                format!("/patients/{person}/documents"),
                if is_proxy { "menu.documents" } else { "menu.own-documents" },
            ),
            item(format!("/patients/{person}/seen-by"), "menu.seen-by"),
            item(format!("/patients/{person}/consents"), "menu.consents"),
        ],
        (Role::Operator, _) => {
            vec![
                item("/disasters".to_owned(), "menu.disasters"),
                item("/reviews".to_owned(), "menu.reviews"),
                inquiries(),
                proxies(),
                item("/accounts".to_owned(), "menu.accounts"),
                item("/access-reviews".to_owned(), "menu.access-reviews"),
                item("/alerts".to_owned(), "menu.alerts"),
                item("/apps".to_owned(), "menu.apps"),
                item("/consent/simulator".to_owned(), "menu.simulator"),
                item("/directory".to_owned(), "menu.directory"),
                notices(),
                figures(),
                validator(),
            ]
        }
        (Role::Insurer, _) => vec![item("/patients".to_owned(), "menu.members")],
        (Role::Clerk, _) => {
            vec![item("/directory".to_owned(), "menu.directory"), proxies(), take_outs(), validator()]
        }
        (Role::Executive, _) => vec![figures(), safety()],
        (Role::Auditor, _) => vec![
            item("/audit".to_owned(), "menu.audit"),
            item("/access-reviews".to_owned(), "menu.access-reviews"),
            item("/alerts".to_owned(), "menu.alerts"),
            safety(),
            inquiries(),
        ],
        (Role::PlanningManager, _) => vec![
            item("/accounts".to_owned(), "menu.accounts"),
            item("/apps".to_owned(), "menu.apps"),
            item("/access-reviews".to_owned(), "menu.access-reviews"),
            item("/alerts".to_owned(), "menu.alerts"),
            devices(),
            safety(),
            inquiries(),
            proxies(),
            validator(),
        ],
        (Role::SystemOperator, _) => {
            vec![item("/apps".to_owned(), "menu.apps"), devices(), safety(), validator()]
        }
        (Role::Maintainer, _) => vec![take_outs(), validator()],
        (Role::Patient, None) => Vec::new(),
    }
}

fn is_safety(place: &Place) -> bool {
    place.path == SAFETY || place.path.starts_with("/safety/")
}

/// Where whoever sees safety management can go within it; nothing on other pages.
pub(crate) fn safety_menu(menu: &[MenuItem], place: &Place) -> Vec<MenuItem> {
    if !is_safety(place) || !menu.iter().any(|item| item.href == SAFETY) {
        return Vec::new();
    }
    let within = |(page, key): &(&str, &str)| MenuItem {
        is_current: place.path == *page || (*page != SAFETY && place.path.starts_with(&format!("{page}/"))),
        label: word(place.language, key).to_owned(),
        href: (*page).to_owned(),
    };
    SAFETY_PAGES.iter().map(within).collect()
}
