use std::sync::Arc;

use access::{Action, Concern, Refusal, Role, Scopes, Viewer, may_administer};
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use exchange::Act;
use fhir::finding::Language;

use crate::App;
use crate::door::Visitor;
use crate::scim::fault::ScimFault;

/// A system that its institution lets keep its accounts.
pub(crate) struct Asker {
    /// Who.
    pub(super) viewer: Viewer,
    /// For which institution: it sees no other's accounts.
    pub(super) institution: String,
    /// When, and in which request.
    pub(super) act: Act,
    /// In which language it is told what is wrong.
    pub(super) language: Language,
}

impl Asker {
    /// The rule that lets it do something to an account of a role.
    pub(super) fn may(&self, action: Action, subject: Option<Role>) -> Result<&'static str, ScimFault> {
        let concern =
            Concern { institution: Some(&self.institution), subject, holder: None, is_first: false };
        self.decide(action, &concern).map_err(|refusal| ScimFault::refused(refusal.rule, self.language))
    }

    /// What the policy says.
    pub(super) fn decide(&self, action: Action, concern: &Concern<'_>) -> Result<&'static str, Refusal> {
        may_administer(&self.viewer, action, concern, self.act.now)
    }
}

impl FromRequestParts<Arc<App>> for Asker {
    type Rejection = ScimFault;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, ScimFault> {
        let language = crate::door::language(&parts.headers, parts.uri.query());
        let visitor = <Visitor as FromRequestParts<Arc<App>>>::from_request_parts(parts, app).await;
        let visitor = visitor.map_err(|refused| ScimFault::of_status(refused.status(), language))?;
        let Visitor { viewer, act, language, .. } = visitor;
        let is_let = viewer.scopes.as_ref().is_some_and(Scopes::keep_accounts);
        let institution = viewer.institution.clone().filter(|_| is_let);
        let institution = institution.ok_or_else(|| ScimFault::refused("not-account-manager", language))?;
        Ok(Self { viewer, institution, act, language })
    }
}
