//! Who reads a page: anybody, or somebody signed in. Without a token one is led to the sign-in page.

use std::collections::HashMap;
use std::sync::Arc;

use access::{Action, Concern, may_administer};
use axum::extract::{FromRequestParts, OptionalFromRequestParts};
use axum::http::request::Parts;
use exchange::{Act, NotGranted, NotShown};
use fhir::finding::Language;
use store::Fault;

use crate::App;
use crate::console::banner::{Banner, banners};
use crate::console::contents::Surroundings;
use crate::console::frame::Frame;
use crate::console::refusal::Refusal;
use crate::door::{Caller, Visitor};

/// Where a page is.
#[derive(Clone, Debug)]
pub(crate) struct Place {
    /// Its path.
    pub(crate) path: String,
    /// The query it was asked with.
    pub(crate) query: String,
    /// The language it is read in.
    pub(crate) language: Language,
}

/// Anybody at a page.
pub(crate) struct Guest {
    /// When, and in which request.
    pub(crate) act: Act,
    /// Who, if they are signed in.
    pub(crate) visitor: Option<Visitor>,
    /// Where.
    pub(crate) place: Place,
    institutions: Institutions,
    banners: Vec<Banner>,
}

/// Somebody signed in at a page.
pub(crate) struct Reader {
    /// Who, when, and in which language.
    pub(crate) visitor: Visitor,
    /// Where.
    pub(crate) place: Place,
    /// Names of institutions.
    pub(crate) institutions: Institutions,
    banners: Vec<Banner>,
}

/// Names of institutions by number.
#[derive(Clone, Debug, Default)]
pub(crate) struct Institutions(Arc<HashMap<String, String>>);

impl Place {
    /// The same page in a language.
    pub(crate) fn in_language(&self, tag: &str) -> String {
        let kept = self.query.split('&').filter(|pair| !pair.is_empty() && !pair.starts_with("lang="));
        let kept: Vec<&str> = kept.collect();
        let joint = if kept.is_empty() { "" } else { "&" };
        format!("{}?{}{joint}lang={tag}", self.path, kept.join("&"))
    }

    /// Whether the address names a language.
    pub(crate) fn chose_language(&self) -> bool {
        self.query.split('&').any(|pair| pair.starts_with("lang="))
    }

    fn of(parts: &Parts, language: Language) -> Self {
        let query = parts.uri.query().unwrap_or_default().to_owned();
        Self { path: parts.uri.path().to_owned(), query, language }
    }
}

impl Institutions {
    /// All that are known.
    pub(crate) async fn load(app: &App) -> Result<Self, Fault> {
        Ok(Self(app.exchange.store.institution_names().await?))
    }

    /// Numbers and names, by number.
    pub(crate) fn all(&self) -> Vec<(String, String)> {
        let mut all: Vec<(String, String)> =
            self.0.iter().map(|(number, name)| (number.clone(), name.clone())).collect();
        all.sort();
        all
    }

    /// The name of an institution; its number where it has none.
    pub(crate) fn name(&self, number: &str) -> String {
        self.0.get(number).cloned().unwrap_or_else(|| number.to_owned())
    }
}

#[cfg(test)]
impl FromIterator<(String, String)> for Institutions {
    fn from_iter<T: IntoIterator<Item = (String, String)>>(names: T) -> Self {
        Self(Arc::new(names.into_iter().collect()))
    }
}

impl Guest {
    /// The frame of a page for this guest.
    pub(crate) fn frame(&self, app: &App) -> Frame {
        let who = self.visitor.as_ref().map(|visitor| with_institution(visitor, &self.institutions));
        let has_session = self.visitor.as_ref().is_some_and(|visitor| visitor.session.is_some());
        let frame = Frame::new(app, &self.place, who).under(&self.banners);
        let frame = match &self.visitor {
            Some(visitor) => frame.for_proxy(&visitor.viewer, &visitor.represented, &self.place),
            None => frame,
        };
        if has_session { frame.locked_when_idle() } else { frame }
    }

    /// The name of an institution.
    pub(crate) fn institution(&self, number: &str) -> String {
        self.institutions.name(number)
    }
}

impl Reader {
    /// The frame of a page for this reader.
    pub(crate) fn frame(&self, app: &App) -> Frame {
        let who = with_institution(&self.visitor, &self.institutions);
        let frame = Frame::new(app, &self.place, Some(who)).under(&self.banners);
        let frame = frame.for_proxy(&self.visitor.viewer, &self.visitor.represented, &self.place);
        if self.visitor.session.is_some() { frame.locked_when_idle() } else { frame }
    }

    /// What rows of a record need to know of their reader.
    pub(crate) fn surroundings(&self) -> Surroundings<'_> {
        Surroundings {
            institutions: &self.institutions,
            own: self.visitor.viewer.institution.as_deref(),
            language: self.language(),
        }
    }

    /// In which language they read.
    pub(crate) fn language(&self) -> Language {
        self.visitor.language
    }

    /// The page that says why nothing was shown.
    pub(crate) fn not_shown(&self, app: &App, why: &NotShown) -> Refusal {
        match why {
            NotShown::Refused(refusal) => Refusal::by_rule(self.frame(app), refusal.rule),
            NotShown::Store(fault) => Refusal::fault(self.frame(app), fault),
        }
    }

    /// The page that says why an act upon grants was not done; `Ok` is what the form is told.
    pub(crate) fn not_granted(&self, app: &App, why: NotGranted) -> Result<&'static str, Refusal> {
        match why {
            NotGranted::Wrong(code) => Ok(code),
            NotGranted::NotFound => Err(self.not_found(app)),
            NotGranted::Refused(refusal) => Err(Refusal::by_rule(self.frame(app), refusal.rule)),
            NotGranted::Store(fault) => Err(Refusal::fault(self.frame(app), &fault)),
        }
    }

    /// The rule that permits something of administration, else the page that says why not, or that asks for a fresh
    /// proof first.
    pub(crate) fn may(
        &self,
        app: &App,
        action: Action,
        concern: &Concern<'_>,
    ) -> Result<&'static str, Refusal> {
        let (viewer, now) = (&self.visitor.viewer, self.visitor.act.now);
        may_administer(viewer, action, concern, now).map_err(|refusal| match refusal.rule {
            "step-up-needed" if self.visitor.session.is_some() => Refusal::to_proof(&self.place.path),
            rule => Refusal::by_rule(self.frame(app), rule),
        })
    }

    /// The page that says that nothing is here.
    pub(crate) fn not_found(&self, app: &App) -> Refusal {
        Refusal::not_found(self.frame(app))
    }
}

impl FromRequestParts<Arc<App>> for Guest {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, Refusal> {
        let Ok(caller) = <Caller as FromRequestParts<Arc<App>>>::from_request_parts(parts, app).await;
        let place = Place::of(parts, caller.language);
        let trouble = |status| Refusal::of_status(Frame::new(app, &place, None), status);
        let visitor = <Visitor as OptionalFromRequestParts<Arc<App>>>::from_request_parts(parts, app).await;
        let visitor = visitor.map_err(|refused| match refused.is_locked() {
            true => Refusal::to_proof(&place.path),
            false => trouble(refused.status()),
        })?;
        let institutions = Institutions::load(app).await;
        let institutions =
            institutions.map_err(|fault| Refusal::fault(Frame::new(app, &place, None), &fault))?;
        let banners = match &visitor {
            Some(visitor) => banners(app, visitor, &place, &institutions).await,
            None => Ok(Vec::new()),
        };
        let banners = banners.map_err(|fault| Refusal::fault(Frame::new(app, &place, None), &fault))?;
        Ok(Self { act: caller.act, visitor, place, institutions, banners })
    }
}

impl FromRequestParts<Arc<App>> for Reader {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, Refusal> {
        let guest = Guest::from_request_parts(parts, app).await?;
        match guest.visitor {
            Some(visitor) => {
                let (place, institutions, banners) = (guest.place, guest.institutions, guest.banners);
                Ok(Self { visitor, place, institutions, banners })
            }
            None => Err(Refusal::to_sign_in(&guest.place.path)),
        }
    }
}

fn with_institution<'v>(
    visitor: &'v Visitor,
    institutions: &Institutions,
) -> (&'v access::Viewer, Option<String>) {
    let institution = visitor.viewer.institution.as_deref().map(|number| institutions.name(number));
    (&visitor.viewer, institution)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_other_language_keeps_the_rest_of_the_address() {
        let place = |query: &str| Place {
            path: "/audit".to_owned(),
            query: query.to_owned(),
            language: Language::Japanese,
        };
        assert_eq!(place("").in_language("en"), "/audit?lang=en");
        assert_eq!(place("before=x&lang=ja").in_language("en"), "/audit?before=x&lang=en");
    }
}
