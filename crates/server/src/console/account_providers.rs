//! The identity providers by which accounts come in, as the list of accounts shows them.

use identity::Terms;
use store::Provider;

use crate::App;
use crate::console::accounts::own;
use crate::console::frame::Frame;
use crate::console::reader::Reader;
use crate::console::refusal::Refusal;

/// An identity provider by which accounts come in.
pub(super) struct ProviderRow {
    pub(super) name: String,
    pub(super) institution: Option<String>,
    pub(super) kind: String,
    pub(super) issuer: String,
    pub(super) demands: String,
}

/// Those of the reader's institution, or all.
pub(super) async fn provider_rows(app: &App, reader: &Reader) -> Result<Vec<ProviderRow>, Refusal> {
    let providers = app.identity.providers().await;
    let providers = providers.map_err(|fault| Refusal::fault(reader.frame(app), &fault))?;
    let is_shown = |one: &Provider| own(reader).is_none() || one.institution.as_deref() == own(reader);
    let frame = reader.frame(app);
    let shown = providers.iter().filter(|(one, _)| is_shown(one));
    Ok(shown.map(|(one, terms)| provider_row(one, terms, reader, &frame)).collect())
}

fn provider_row(provider: &Provider, terms: &Terms, reader: &Reader, frame: &Frame) -> ProviderRow {
    let demands = &terms.demands;
    ProviderRow {
        name: provider.name.clone(),
        institution: match own(reader) {
            Some(_) => None,
            None => provider.institution.as_deref().map(|number| reader.institutions.name(number)),
        },
        kind: frame.word(&format!("provider-kind.{}", provider.kind.code())).to_owned(),
        issuer: provider.issuer.clone(),
        demands: match (demands.acr.is_empty(), demands.one_suffices) {
            (false, _) => frame.fill("provider.demands-acr", "acr", demands.acr.join(" ")),
            (true, false) => frame.word("provider.demands-two").to_owned(),
            (true, true) => frame.word("provider.demands-one").to_owned(),
        },
    }
}
