//! What every page carries around its content.

use access::{Role, Viewer};
use askama::Template;
use axum::http::header::{CONTENT_TYPE, SET_COOKIE};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use fhir::finding::Language;
use store::{Proxy, Relation};

use crate::App;
use crate::console::banner::Banner;
use crate::console::menu::{MenuItem, menu, menu_item, safety_menu};
use crate::console::reader::Place;
use crate::door::LANGUAGE_COOKIE;
use crate::words::{word, words_with};

/// The frame of a page: language, site, who is signed in, where one can go.
#[derive(Clone, Debug)]
pub(crate) struct Frame {
    /// In which language.
    pub(crate) language: Language,
    /// The page's own title.
    pub(crate) title: String,
    /// Whether the page reports a form that could not be taken.
    pub(crate) has_error: bool,
    /// The hub's name.
    pub(crate) site: String,
    /// Whether all people here are fictional.
    pub(crate) is_demo: bool,
    /// Who is signed in.
    pub(crate) who: Option<Who>,
    /// Where they can go.
    pub(crate) menu: Vec<MenuItem>,
    /// Where they can go within safety management, on its pages.
    pub(crate) safety_menu: Vec<MenuItem>,
    /// This page in Japanese and in English.
    pub(crate) japanese_href: String,
    /// This page in English.
    pub(crate) english_href: String,
    /// What stands above the page while it holds.
    pub(crate) banners: Vec<Banner>,
    /// After how many seconds without a touch the page is left, for whoever has a session.
    pub(crate) idle_seconds: Option<i64>,
    /// For whom a proxy looks.
    pub(crate) for_whom: Option<Box<ForWhom>>,
    chose_language: bool,
}

/// For whom a proxy looks (代理).
#[derive(Clone, Debug)]
pub(crate) struct ForWhom {
    /// That person's id.
    pub(crate) person: String,
    /// Their name.
    pub(crate) name: String,
    /// By what relation, in words.
    pub(crate) relation: String,
}

/// Who is signed in.
#[derive(Clone, Debug)]
pub(crate) struct Who {
    /// Their name; empty where the credential has none.
    pub(crate) name: String,
    /// Their role in words.
    pub(crate) role: String,
    /// Their institution's name.
    pub(crate) institution: Option<String>,
}

/// How long a language is remembered, in seconds: a year.
const LANGUAGE_AGE: u32 = 365 * 24 * 3600;

impl Frame {
    /// A frame at a place, for whoever is signed in.
    pub(crate) fn new(app: &App, place: &Place, who: Option<(&Viewer, Option<String>)>) -> Self {
        let language = place.language;
        let menu = who.as_ref().map(|(viewer, _)| menu(viewer, place)).unwrap_or_default();
        let safety_menu = safety_menu(&menu, place);
        let who = who.map(|(viewer, institution)| Who {
            name: viewer.name.clone(),
            role: word(language, role_key(viewer.role)).to_owned(),
            institution,
        });
        Self {
            language,
            title: String::new(),
            has_error: false,
            site: app.site.clone(),
            is_demo: app.is_demo(),
            who,
            menu,
            safety_menu,
            japanese_href: place.in_language("ja"),
            english_href: place.in_language("en"),
            banners: Vec::new(),
            idle_seconds: None,
            for_whom: None,
            chose_language: place.chose_language(),
        }
    }

    /// For whoever has a session: it is locked when they are away.
    pub(crate) fn locked_when_idle(self) -> Self {
        Self { idle_seconds: Some(identity::idle_seconds()), ..self }
    }

    /// With banners.
    pub(crate) fn under(self, banners: &[Banner]) -> Self {
        Self { banners: banners.to_vec(), ..self }
    }

    /// For a patient who may look for others: the way to choose for whom, and for whom this page is.
    pub(crate) fn for_proxy(mut self, viewer: &Viewer, represented: &[Proxy], place: &Place) -> Self {
        if represented.is_empty() {
            return self;
        }
        let choice = menu_item(place, "/for-whom".to_owned(), "menu.for-whom");
        self.menu.insert(0, choice);
        let person = viewer.stands_for.map(|one| one.person);
        let proxy = represented.iter().find(|proxy| Some(proxy.person) == person);
        self.for_whom = proxy.map(|proxy| {
            Box::new(ForWhom {
                person: proxy.person.to_string(),
                name: proxy.represented.clone(),
                relation: self.word(relation_key(proxy.relation)).to_owned(),
            })
        });
        self
    }

    /// What an address that names nobody needs so that it is read for the same person.
    pub(crate) fn same_person(&self) -> String {
        self.for_whom.as_ref().map(|one| format!("?for={}", one.person)).unwrap_or_default()
    }

    /// With a title.
    pub(crate) fn titled(self, title: impl Into<String>) -> Self {
        Self { title: title.into(), ..self }
    }

    /// Saying in the title that a form could not be taken.
    pub(crate) fn with_error(self) -> Self {
        Self { has_error: true, ..self }
    }

    /// The words under a key.
    pub(crate) fn word<'k>(&self, key: &'k str) -> &'k str {
        word(self.language, key)
    }

    /// The words under a key with one place filled.
    pub(crate) fn fill(&self, key: &str, name: &str, value: impl ToString) -> String {
        words_with(self.language, key, &[(name, &value.to_string())])
    }

    /// Several things in one line.
    pub(crate) fn list(&self, several: &[String]) -> String {
        several.join(if self.is_english() { ", " } else { "、" })
    }

    /// The language tag of the page.
    pub(crate) fn lang(&self) -> &'static str {
        if self.is_english() { "en" } else { "ja" }
    }

    /// Whether the page is in English.
    pub(crate) fn is_english(&self) -> bool {
        self.language == Language::English
    }

    /// The page as an answer; a language that was chosen is remembered.
    pub(crate) fn answer(&self, status: StatusCode, page: &impl Template) -> Response {
        let Ok(body) = page.render() else {
            tracing::error!(title = %self.title, "a page could not be rendered");
            return StatusCode::INTERNAL_SERVER_ERROR.into_response();
        };
        let mut response = (status, [(CONTENT_TYPE, "text/html; charset=utf-8")], body).into_response();
        if self.chose_language {
            let cookie =
                format!("{LANGUAGE_COOKIE}={}; SameSite=Strict; Path=/; Max-Age={LANGUAGE_AGE}", self.lang());
            if let Ok(cookie) = HeaderValue::from_str(&cookie) {
                response.headers_mut().append(SET_COOKIE, cookie);
            }
        }
        response
    }
}

/// The key of a role's name.
pub(crate) fn role_key(role: Role) -> &'static str {
    match role {
        Role::Institution => "role.institution",
        Role::Clinician => "role.clinician",
        Role::EmergencyClinician => "role.emergency-clinician",
        Role::Insurer => "role.insurer",
        Role::Patient => "role.patient",
        Role::SafetyManager => "role.safety-manager",
        Role::Developer => "role.developer",
        Role::Operator => "role.operator",
        Role::Nurse => "role.nurse",
        Role::Pharmacist => "role.pharmacist",
        Role::Clerk => "role.clerk",
        Role::Executive => "role.executive",
        Role::PlanningManager => "role.planning-manager",
        Role::SystemOperator => "role.system-operator",
        Role::Maintainer => "role.maintainer",
        Role::Auditor => "role.auditor",
    }
}

/// The key of a relation's name.
pub(crate) fn relation_key(relation: Relation) -> &'static str {
    match relation {
        Relation::Parent => "relation.parent",
        Relation::Guardian => "relation.guardian",
    }
}

#[cfg(test)]
pub(crate) mod sample {
    //! Frames for the tests of pages, and what every page must show.

    use super::*;

    /// A clinician's frame in both languages.
    pub(crate) fn frames() -> [Frame; 2] {
        [Language::Japanese, Language::English].map(|language| Frame {
            language,
            title: "表題".to_owned(),
            has_error: false,
            site: "架空県地域医療連携".to_owned(),
            is_demo: true,
            who: Some(Who {
                name: "架空 当直".to_owned(),
                role: word(language, role_key(Role::Clinician)).to_owned(),
                institution: Some("架空中央病院".to_owned()),
            }),
            menu: vec![MenuItem {
                href: "/patients".to_owned(), label: "患者".to_owned(), is_current: true
            }],
            safety_menu: Vec::new(),
            japanese_href: "/?lang=ja".to_owned(),
            english_href: "/?lang=en".to_owned(),
            banners: Vec::new(),
            idle_seconds: Some(600),
            for_whom: None,
            chose_language: false,
        })
    }

    /// The page as HTML, with what every page must say, and words instead of keys everywhere.
    pub(crate) fn rendered(page: &impl Template) -> String {
        let html = page.render().unwrap();
        assert!(
            html.contains("国の電子カルテ情報共有サービスではありません")
                || html.contains("not the national")
        );
        for section in [
            "frame",
            "summary",
            "own",
            "bar",
            "document",
            "documents",
            "validator",
            "shared",
            "rules",
            "audit",
            "notices",
            "figures",
            "basis",
            "banner",
            "consents",
            "opening",
            "reviews",
            "disasters",
            "simulator",
            "stance",
            "wrong",
            "hindrance",
            "look-finding",
            "purpose-of-use",
            "interest",
            "topic",
            "delivery",
            "subscription-state",
            "act",
            "rule",
            "referral",
            "seen-by",
            "asking",
            "inquiries",
            "for-whom",
            "proxies",
            "device",
            "devices",
            "incident",
            "contacts",
            "continuity",
        ] {
            for before in [">", "\""] {
                assert!(
                    !html.contains(&format!("{before}{section}.")),
                    "a key of {section} stands for words"
                );
            }
        }
        html
    }
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeSet, HashMap};
    use std::fs;
    use std::path::Path;

    /// Sections whose keys are put together from codes.
    const OF_CODES: &[&str] = &[
        "answer",
        "rule",
        "wrong",
        "stance",
        "basis",
        "prefecture",
        "hindrance",
        "information",
        "kind",
        "kind-letter",
        "act",
        "severity",
        "door",
        "refusal",
        "hidden",
        "terminal",
        "institution-kind",
        "referral",
        "ips",
        "interest",
        "topic",
        "delivery",
        "subscription-state",
        "look-finding",
        "purpose-of-use",
        "interface",
        "mover",
        "step",
        "simulated",
        "account-state",
        "device-kind",
        "device-state",
        "device-finding",
        "unregistered",
        "network",
        "factor",
        "authorize",
        "action",
        "smart",
        "right-state",
        "alert-severity",
        "sign-in-kind",
        "fact",
        "fact-value",
        "roster-fault",
        "roster-cell",
        "change",
        "stale",
        "scim",
        "provider-kind",
        "relation",
        "register-name",
        "register-about",
        "register-field",
        "register-choice",
        "register-unit",
        "register-state",
        "register-move",
        "register-wrong",
        "register-finding",
        "register-next",
        "item-standing",
        "item-proof",
        "audience",
        "exhibit",
        "phase",
        "level",
        "edition-status",
        "volume",
        "updater",
        "open-question",
        "yes-no",
        "register-unread",
        "pack-state",
        "pack-paper",
        "today-source",
        "incident-kind",
        "incident-question",
        "incident-question-hint",
        "incident-duty",
        "incident-limit",
        "incident-basis",
        "incident-step",
        "incident-how",
        "incident-paper",
        "incident-form",
        "bcp-paper",
        "bcp-chapter",
        "bcp-hint",
        "bcp-example",
        "measured",
        "report-fault",
        "reporter-state",
    ];

    fn quoted(folder: &Path, found: &mut BTreeSet<String>) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                quoted(&path, found);
            } else {
                found.extend(fs::read_to_string(&path).unwrap().split('"').map(str::to_owned));
            }
        }
    }

    #[test]
    fn every_word_that_pages_ask_for_is_there_and_none_is_left_over() {
        let here = Path::new(env!("CARGO_MANIFEST_DIR"));
        let mut asked = BTreeSet::new();
        quoted(&here.join("templates"), &mut asked);
        quoted(&here.join("src/console"), &mut asked);
        let mut words = HashMap::new();
        for file in ["console", "safety", "registers"] {
            let text = fs::read_to_string(here.join(format!("../../locale/ja/{file}.toml"))).unwrap();
            words.extend(toml::from_str::<HashMap<String, HashMap<String, String>>>(&text).unwrap());
        }
        let mut known = BTreeSet::new();
        for (section, keys) in words.iter().filter(|(section, _)| !OF_CODES.contains(&section.as_str())) {
            known.extend(keys.keys().map(|key| format!("{section}.{key}")));
        }
        let is_key = |text: &&String| {
            let section = text.split_once('.').map(|(section, _)| section);
            section.is_some_and(|section| words.contains_key(section) && !OF_CODES.contains(&section))
                && !text.ends_with(".html")
        };
        let asked: BTreeSet<String> = asked.iter().filter(is_key).cloned().collect();
        let missing: Vec<_> = asked.difference(&known).collect();
        let left_over: Vec<_> = known.difference(&asked).collect();
        assert!(missing.is_empty() && left_over.is_empty(), "missing {missing:?}, left over {left_over:?}");
    }
}
