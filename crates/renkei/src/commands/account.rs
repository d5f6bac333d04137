mod roster;

use std::sync::Arc;

use access::Role;
use identity::{Identity, Invited, Login, NewAccount, NotExcepted, Proofing, Stale};
use serde_json::json;
use store::PersonId;

use crate::cli::Account;
use crate::commands::operator::Operator;
use crate::commands::{Manner, block_on, say, talk};
use crate::config::Config;
use crate::fault::Fault;

/// By this rule whoever sits at the hub's own machine keeps its accounts.
pub(crate) const RULE: &str = "operator";

pub(crate) fn run(command: Account, manner: Manner) -> Result<bool, Fault> {
    match command {
        Account::Invite { login, name, role, institution, patient, proofing, until, config } => {
            let operator = Operator::open(&config.config)?;
            let person = patient.as_deref().map(str::parse::<PersonId>).transpose();
            let new = NewAccount {
                login: login.parse().map_err(|bad: identity::BadLogin| Fault::Usage(bad.to_string()))?,
                name,
                role: Role::from_code(&role).ok_or_else(|| Fault::Usage(format!("--role: {role}")))?,
                institution,
                person: person.map_err(|not| Fault::Usage(format!("--patient: {not}")))?,
                proofing: Some(Proofing {
                    checked: proofing.checked,
                    by: operator.viewer.name.clone(),
                    level: proofing.level,
                    reference: None,
                }),
                ends_at: until.as_deref().map(end_of_day).transpose()?,
            };
            let (identity, base_url) = identity(&operator, &config.config)?;
            let invited = block_on(identity.invite(&operator.viewer, RULE, new, &operator.act))?;
            told(&invited.map_err(|why| Fault::Usage(why.to_string()))?, &base_url)
        }
        Account::InviteAnew { login, config } => {
            let operator = Operator::open(&config.config)?;
            let id = found(&operator, &login)?;
            let (identity, base_url) = identity(&operator, &config.config)?;
            let invited = block_on(identity.invite_anew(&operator.viewer, RULE, &id, &operator.act))?;
            told(&invited.map_err(|why| Fault::Usage(why.to_string()))?, &base_url)
        }
        Account::List { institution, idle, orphan, config } => {
            let operator = Operator::open(&config.config)?;
            let (identity, _) = identity(&operator, &config.config)?;
            list(&operator, &identity, institution, (idle, orphan), manner)
        }
        Account::Export { institution, config } => {
            let operator = Operator::open(&config.config)?;
            let (identity, _) = identity(&operator, &config.config)?;
            roster::export(&operator, &identity, institution.as_deref())
        }
        Account::Import { file, dry_run, end_missing, config } => {
            let operator = Operator::open(&config.config)?;
            let (identity, base_url) = identity(&operator, &config.config)?;
            roster::import(&operator, &identity, &base_url, &file, (dry_run, end_missing), manner)
        }
        Account::Except { login, reason, until, config } => {
            let operator = Operator::open(&config.config)?;
            let (id, until) = (found(&operator, &login)?, end_of_day(&until)?);
            let (identity, _) = identity(&operator, &config.config)?;
            let (viewer, act) = (&operator.viewer, &operator.act);
            let excepted = block_on(identity.except(viewer, RULE, &id, &reason, until, act))?;
            excepted.map_err(|why| not_excepted(why, manner)).map(|()| true)
        }
        Account::EndException { login, config } => {
            let operator = Operator::open(&config.config)?;
            let id = found(&operator, &login)?;
            let (identity, _) = identity(&operator, &config.config)?;
            let ended = block_on(identity.end_exception(&operator.viewer, RULE, &id, &operator.act))??;
            talk(&manner.words(if ended { "account.exception-ended" } else { "account.no-exception" }, &[]));
            Ok(ended)
        }
        Account::History { login, config } => history(&login, &config.config, manner),
        Account::Suspend { login, config } => moved(&config.config, &login, Move::Suspend),
        Account::Reinstate { login, config } => moved(&config.config, &login, Move::Reinstate),
        Account::End { login, config } => moved(&config.config, &login, Move::End),
    }
}

enum Move {
    Suspend,
    Reinstate,
    End,
}

fn moved(config: &std::path::Path, login: &str, to: Move) -> Result<bool, Fault> {
    let operator = Operator::open(config)?;
    let id = found(&operator, login)?;
    let (identity, _) = identity(&operator, config)?;
    let (viewer, act) = (&operator.viewer, &operator.act);
    let outcome = block_on(async {
        match to {
            Move::Suspend => identity.suspend(viewer, RULE, &id, act).await,
            Move::Reinstate => identity.reinstate(viewer, RULE, &id, act).await,
            Move::End => identity.end(viewer, RULE, &id, act).await,
        }
    })?;
    match outcome {
        Ok(()) => Ok(true),
        Err(why) => {
            talk(&why.to_string());
            Ok(false)
        }
    }
}

/// The accounts of an institution or all; with `(idle, orphan)` only those that should be looked at.
fn list(
    operator: &Operator,
    identity: &Identity,
    institution: Option<String>,
    (idle, orphan): (bool, bool),
    manner: Manner,
) -> Result<bool, Fault> {
    let stale = block_on(identity.stale(institution.as_deref(), &operator.act))??;
    for one in block_on(operator.exchange.store.accounts(institution))?? {
        let reasons = stale.iter().find(|(account, _)| account.id == one.id);
        let reasons = reasons.map(|(_, reasons)| reasons.as_slice()).unwrap_or_default();
        let is_wanted = |reason: &Stale| if reason.is_orphan() { orphan } else { idle };
        if (idle || orphan) && !reasons.iter().any(is_wanted) {
            continue;
        }
        let institution = one.institution.clone().unwrap_or_else(|| "-".to_owned());
        let used = one.used_at.map_or_else(|| "-".to_owned(), |at| at.to_string());
        let codes: Vec<&str> = reasons.iter().map(|reason| reason.code()).collect();
        say(&if manner.json {
            json!({"id": one.id, "login": one.login, "name": one.name, "role": one.role,
                "institution": one.institution, "state": one.state.code(),
                "used_at": one.used_at.map(|at| at.to_string()),
                "ends_at": one.ends_at.map(|at| at.to_string()),
                "excepted_until": one.excepted_until.map(|at| at.to_string()), "stale": codes})
            .to_string()
        } else {
            let language = manner.lang.language();
            let word = |code: &&str| server::in_words(language, &format!("stale.{code}")).to_owned();
            let said: Vec<String> = codes.iter().map(word).collect();
            let (login, state, role, name) = (&one.login, one.state.code(), &one.role, &one.name);
            format!("{login:<24} {state:<10} {role:<20} {institution}  {used}  {name}  {}", said.join(" "))
        })?;
    }
    Ok(true)
}

fn not_excepted(why: NotExcepted, manner: Manner) -> Fault {
    match why {
        NotExcepted::Store(fault) => Fault::Store(fault),
        NotExcepted::NotThere => Fault::Usage(manner.words("account.not-there", &[])),
        NotExcepted::Reason => Fault::Usage(manner.words("account.wrong-reason", &[])),
        NotExcepted::End(days) => Fault::Usage(manner.words("account.wrong-end", &[("days", &days)])),
    }
}

fn history(login: &str, config: &std::path::Path, manner: Manner) -> Result<bool, Fault> {
    let operator = Operator::open(config)?;
    let id = found(&operator, login)?;
    let (identity, _) = identity(&operator, config)?;
    for one in block_on(identity.sign_ins(&id, operator.act.now))?? {
        let device = one.device.as_deref().or(one.agent.as_deref());
        say(&if manner.json {
            json!({"at": one.at.to_string(), "what": one.kind.code(), "factors": one.factors,
                "address": one.address, "device": device})
            .to_string()
        } else {
            let (address, factors) = (one.address.as_deref().unwrap_or("-"), one.factors.join("+"));
            let (what, device) = (one.kind.code(), device.unwrap_or("-"));
            format!("{}  {what:<12} {address:<16} {factors:<14} {device}", one.at)
        })?;
    }
    Ok(true)
}

fn told(invited: &Invited, base_url: &str) -> Result<bool, Fault> {
    talk(&format!(
        "{} を招待しました。次のアドレスを本人だけに渡してください（{} まで、一度だけ使えます）。",
        invited.account.login, invited.ends_at
    ));
    say(&format!("{base_url}/invitation/{}", invited.link))?;
    Ok(true)
}

/// Accounts over the operator's store, and how browsers reach the hub.
pub(crate) fn identity(operator: &Operator, config: &std::path::Path) -> Result<(Identity, String), Fault> {
    let config = Config::read(config)?;
    let base_url = config.base_url(config.listen);
    let store = Arc::clone(&operator.exchange.store);
    Ok((Identity::new(store, &base_url, &config.site), base_url))
}

/// The id of the account with a login.
pub(crate) fn found(operator: &Operator, login: &str) -> Result<String, Fault> {
    let login: Login = login.parse().map_err(|bad: identity::BadLogin| Fault::Usage(bad.to_string()))?;
    let account = block_on(operator.exchange.store.account_of_login(login.to_string()))??;
    account.map(|one| one.id).ok_or_else(|| Fault::Usage(format!("{login} というアカウントはありません")))
}

/// When a day is over in Japan.
fn end_of_day(day: &str) -> Result<jiff::Timestamp, Fault> {
    crate::commands::operator::instant("--until", &format!("{day}T23:59:59"))
}
