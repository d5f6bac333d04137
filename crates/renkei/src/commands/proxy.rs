use std::sync::Arc;

use audit::EventId;
use identity::{Identity, NewProxy, NotProxy};
use serde_json::json;
use store::{PersonId, Relation};

use crate::cli::Proxy;
use crate::commands::operator::Operator;
use crate::commands::{Manner, block_on, say, talk};
use crate::config::Config;
use crate::fault::Fault;

pub(crate) fn run(command: Proxy, manner: Manner) -> Result<bool, Fault> {
    match command {
        Proxy::Add { login, patient, birth, relation, checked, until, config } => {
            let operator = Operator::open(&config.config)?;
            let person = patient.parse::<PersonId>();
            let new = NewProxy {
                login: login.parse().map_err(|bad: identity::BadLogin| Fault::Usage(bad.to_string()))?,
                person: Some(person.map_err(|not| Fault::Usage(format!("--patient: {not}")))?),
                birth,
                relation: Relation::from_code(&relation)
                    .ok_or_else(|| Fault::Usage(format!("--relation: {relation}")))?,
                evidence: checked,
                until,
            };
            let identity = identity(&operator, &config.config)?;
            let added = block_on(identity.register_proxy(&operator.viewer, new, &operator.act))?;
            match added {
                Ok(proxy) => {
                    say(&line(&proxy, manner))?;
                    Ok(true)
                }
                Err(why) => not(&why, manner),
            }
        }
        Proxy::List { institution, config } => {
            let operator = Operator::open(&config.config)?;
            for one in block_on(operator.exchange.store.proxies(institution))?? {
                say(&line(&one, manner))?;
            }
            Ok(true)
        }
        Proxy::End { id, config } => {
            let operator = Operator::open(&config.config)?;
            let id = EventId::try_from(id).map_err(|why| Fault::Usage(why.to_owned()))?;
            let identity = identity(&operator, &config.config)?;
            match block_on(identity.end_proxy(&operator.viewer, id, &operator.act))? {
                Ok(()) => Ok(true),
                Err(why) => not(&why, manner),
            }
        }
    }
}

/// One proxy. Names are left out: what is typed here lands in histories and logs.
fn line(proxy: &store::Proxy, manner: Manner) -> String {
    let ended = proxy.ended.as_ref().map(|(at, _)| at.to_string());
    if manner.json {
        return json!({"id": proxy.id.to_string(), "patient": proxy.person.to_string(), "account": proxy.account,
            "relation": proxy.relation.code(), "institution": proxy.institution,
            "starts_at": proxy.starts_at.to_string(), "ends_at": proxy.ends_at.to_string(), "ended_at": ended})
        .to_string();
    }
    format!(
        "{}  {}  {:<8} {} – {}",
        proxy.id,
        proxy.person,
        proxy.relation.code(),
        proxy.starts_at,
        ended.unwrap_or_else(|| proxy.ends_at.to_string())
    )
}

/// Says why not, in the words of the console.
fn not(why: &NotProxy, manner: Manner) -> Result<bool, Fault> {
    let key = match why {
        NotProxy::Store(fault) => return Err(fault.clone().into()),
        NotProxy::Refused(refusal) => format!("rule.{}", refusal.rule),
        NotProxy::NoAccount => "proxies.no-account".to_owned(),
        NotProxy::Nobody => "proxies.nobody".to_owned(),
        NotProxy::Themselves => "proxies.themselves".to_owned(),
        NotProxy::WrongAge => "proxies.wrong-age".to_owned(),
        NotProxy::WrongEnd => "proxies.wrong-end".to_owned(),
        NotProxy::NoEvidence => "proxies.no-evidence".to_owned(),
        NotProxy::Already => "proxies.already".to_owned(),
        NotProxy::NotThere => "answer.not-found".to_owned(),
    };
    talk(server::in_words(manner.lang.language(), &key));
    Ok(false)
}

fn identity(operator: &Operator, config: &std::path::Path) -> Result<Identity, Fault> {
    let config = Config::read(config)?;
    let store = Arc::clone(&operator.exchange.store);
    Ok(Identity::new(store, &config.base_url(config.listen), &config.site))
}
