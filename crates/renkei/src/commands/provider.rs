//! Identity providers, as the operator keeps them.

use std::fs;
use std::path::{Path, PathBuf};

use identity::{ClientProof, Demands, NewProvider, NotTaken, NotVouched, PersonClaim, Terms};
use serde_json::json;
use store::ProviderKind;

use crate::cli::{AddProvider, Provider, Vouching};
use crate::commands::account::{RULE, found, identity};
use crate::commands::operator::Operator;
use crate::commands::{Manner, block_on, say, talk};
use crate::fault::Fault;

pub(crate) fn run(command: Provider, manner: Manner) -> Result<bool, Fault> {
    match command {
        Provider::Add(add) => register(add, manner),
        Provider::List { config } => list(&config.config, manner),
        Provider::End { id, config } => {
            let operator = Operator::open(&config.config)?;
            let (identity, _) = identity(&operator, &config.config)?;
            let ended = block_on(identity.end_provider(&operator.viewer, RULE, &id, &operator.act))??;
            talk(&manner.words(if ended { "provider.ended" } else { "provider.unknown" }, &[("id", &id)]));
            Ok(ended)
        }
        Provider::Link { login, provider, subject, config } => {
            let operator = Operator::open(&config.config)?;
            let account = found(&operator, &login)?;
            let (identity, _) = identity(&operator, &config.config)?;
            let (viewer, act) = (&operator.viewer, &operator.act);
            let linked = identity.expect_subject(viewer, RULE, &account, &provider, &subject, act);
            let key = match block_on(linked)? {
                Ok(()) => "provider.linked",
                Err(NotVouched::Store(fault)) => return Err(fault.into()),
                Err(NotVouched::Taken) => "provider.taken",
                Err(NotVouched::NotYours) => "provider.not-theirs",
                Err(_) => "provider.unknown",
            };
            talk(&manner.words(key, &[("id", &provider), ("login", &login)]));
            Ok(key == "provider.linked")
        }
    }
}

fn register(add: AddProvider, manner: Manner) -> Result<bool, Fault> {
    let operator = Operator::open(&add.config.config)?;
    if let Some(number) = &add.institution
        && block_on(operator.exchange.store.institution(number.clone()))??.is_none()
    {
        return Err(Fault::Usage(manner.words("app.institution-unknown", &[("number", number)])));
    }
    let read = |path: PathBuf| match fs::read_to_string(&path) {
        Ok(text) => Ok(text.trim().to_owned()),
        Err(error) => Err(Fault::File(path, error)),
    };
    let proof = match (add.secret_file, add.key) {
        (_, Some(key)) => ClientProof::Key(read(key)?),
        (secret, None) => ClientProof::Secret(secret.map(read).transpose()?.unwrap_or_default()),
    };
    let (level, checked) = (add.level, add.checked.unwrap_or_default());
    let new = NewProvider {
        kind: match add.kind {
            Vouching::Staff => ProviderKind::Staff,
            Vouching::Patient => ProviderKind::Patient,
        },
        institution: add.institution,
        name: add.name,
        issuer: add.issuer,
        client_id: add.client_id,
        proof,
        terms: Terms {
            demands: Demands { acr: add.acr, one_suffices: add.one_factor },
            person: add.claim.map(|claim| PersonClaim { claim, checked, level }),
        },
    };
    let (identity, base_url) = identity(&operator, &add.config.config)?;
    let registered = block_on(identity.register_provider(&operator.viewer, RULE, new, &operator.act))?;
    let provider = registered.map_err(|why| refused(why, manner))?;
    let back = format!("{base_url}/sign-in/provider/{}/back", provider.id);
    talk(&manner.words("provider.registered", &[("name", &provider.name), ("back", &back)]));
    say(&provider.id)?;
    Ok(true)
}

fn list(config: &Path, manner: Manner) -> Result<bool, Fault> {
    let operator = Operator::open(config)?;
    let (identity, _) = identity(&operator, config)?;
    for (one, terms) in block_on(identity.providers())?? {
        let (kind, institution) = (one.kind.code(), one.institution.as_deref());
        say(&if manner.json {
            json!({"id": one.id, "kind": kind, "institution": institution, "name": one.name,
                "issuer": one.issuer, "client_id": one.client_id, "terms": terms})
            .to_string()
        } else {
            let institution = institution.unwrap_or("-");
            format!("{}  {kind:<8} {institution}  {}  {}", one.id, one.issuer, one.name)
        })?;
    }
    Ok(true)
}

fn refused(why: NotTaken, manner: Manner) -> Fault {
    let key = match why {
        NotTaken::Store(fault) => return Fault::Store(fault),
        NotTaken::Name => "provider.not-name",
        NotTaken::Issuer => "provider.not-issuer",
        NotTaken::ClientId => "provider.not-client-id",
        NotTaken::Proof => "provider.not-proof",
        NotTaken::Person => "provider.not-person",
    };
    Fault::Usage(manner.words(key, &[]))
}
