//! Access reviews at the hub's own machine.

use std::path::Path;

use access::{Action, Concern, Role, may_administer};
use identity::{Answer, NewAccessReview, NotAnswered, NotOpened, evidence};
use serde_json::json;
use store::{Holder, ReviewedRight};

use crate::cli::AccessReview;
use crate::commands::account::identity;
use crate::commands::operator::Operator;
use crate::commands::{Manner, block_on, say, talk};
use crate::fault::Fault;

/// By this rule whoever sits at the hub's own machine opens campaigns: that gives nobody anything.
const RULE: &str = "operator";

pub(crate) fn run(command: AccessReview, manner: Manner) -> Result<bool, Fault> {
    match command {
        AccessReview::Open { name, due, institution, config } => {
            open(NewAccessReview { name, institution, due }, &config.config, manner)
        }
        AccessReview::List { config } => list(&Operator::open(&config.config)?, manner),
        AccessReview::Show { id, csv, config } => show(id, csv, &Operator::open(&config.config)?, manner),
        AccessReview::Answer { id, login, withdraw, config } => {
            answer(id, &login, withdraw, &config.config, manner)
        }
        AccessReview::Run { config } => lapse(&config.config, manner),
    }
}

fn open(new: NewAccessReview, config: &Path, manner: Manner) -> Result<bool, Fault> {
    let operator = Operator::open(config)?;
    let (identity, _) = identity(&operator, config)?;
    match block_on(identity.open_access_review(&operator.viewer, RULE, new, &operator.act))? {
        Ok(id) => say(&id).map(|()| true),
        Err(NotOpened::Store(fault)) => Err(fault.into()),
        Err(why) => {
            let key = match why {
                NotOpened::Name => "access-review.wrong-name",
                NotOpened::AlreadyOpen => "access-review.already-open",
                NotOpened::Nobody => "access-review.nobody",
                NotOpened::Due | NotOpened::Store(_) => "access-review.wrong-due",
            };
            told(key, manner)
        }
    }
}

fn list(operator: &Operator, manner: Manner) -> Result<bool, Fault> {
    for (review, rights, open) in block_on(operator.exchange.store.access_reviews())?? {
        let answered = rights - open;
        let institution = review.institution.as_deref().unwrap_or("-");
        say(&if manner.json {
            json!({"id": review.id, "name": review.name, "institution": review.institution,
                "due": review.due.to_string(), "rights": rights, "answered": answered,
                "closed_at": review.closed_at.map(|at| at.to_string())})
            .to_string()
        } else {
            format!("{}  {institution:<10}  {}  {answered}/{rights}  {}", review.id, review.due, review.name)
        })?;
    }
    Ok(true)
}

fn show(id: String, is_csv: bool, operator: &Operator, manner: Manner) -> Result<bool, Fault> {
    let Some((review, rights)) = block_on(operator.exchange.store.access_review(id))?? else {
        return told("access-review.not-there", manner);
    };
    if is_csv {
        return say(evidence(&review, &rights).trim_end()).map(|()| true);
    }
    rights.iter().try_for_each(|right| say(&line(right, manner)))?;
    Ok(true)
}

fn line(right: &ReviewedRight, manner: Manner) -> String {
    let answer = right.answer.as_ref();
    let reason = answer.and_then(|one| one.reason.as_deref());
    if manner.json {
        return json!({"account": right.account, "login": right.login, "role": right.role,
            "factors": right.factors, "used_at": right.used_at.map(|at| at.to_string()),
            "state": right.state.code(), "answered_by": answer.map(|one| one.by.name.as_str()),
            "answered_at": answer.map(|one| one.at.to_string()), "reason": reason})
        .to_string();
    }
    let by = answer.map_or("-", |one| one.by.name.as_str());
    let (state, login) = (right.state.code(), right.login.as_str());
    format!("{state:<10} {login:<24} {:<20} {by}  {}", right.role, reason.unwrap_or_default())
}

fn answer(
    id: String,
    login: &str,
    withdraw: Option<String>,
    config: &Path,
    manner: Manner,
) -> Result<bool, Fault> {
    let operator = Operator::open(config)?;
    let found = block_on(operator.exchange.store.access_review(id))??;
    let found = found
        .and_then(|(review, rights)| Some((review, rights.into_iter().find(|right| right.login == login)?)));
    let Some((review, right)) = found else { return told("access-review.not-there", manner) };
    let holder = Holder { credential: right.account.clone(), name: right.name.clone() };
    let concern = Concern {
        institution: review.institution.as_deref(),
        subject: Role::from_code(&right.role),
        holder: Some(&holder),
        ..Concern::default()
    };
    let (viewer, act) = (&operator.viewer, &operator.act);
    let rule = match may_administer(viewer, Action::AnswerAccessReview, &concern, act.now) {
        Ok(rule) => rule,
        Err(refusal) => {
            talk(server::in_words(manner.lang.language(), &format!("rule.{}", refusal.rule)));
            return Ok(false);
        }
    };
    let answer = withdraw.map_or(Answer::Confirm, Answer::Withdraw);
    let (identity, _) = identity(&operator, config)?;
    match block_on(identity.answer_right(viewer, rule, &review, &right.account, answer, act))? {
        Ok(()) => Ok(true),
        Err(NotAnswered::Store(fault)) => Err(fault.into()),
        Err(NotAnswered::Reason) => told("access-review.wrong-reason", manner),
        Err(NotAnswered::NotThere) => told("access-review.not-there", manner),
        Err(NotAnswered::LastAdministrator) => told("accounts.last-administrator", manner),
    }
}

fn lapse(config: &Path, manner: Manner) -> Result<bool, Fault> {
    let operator = Operator::open(config)?;
    let (identity, _) = identity(&operator, config)?;
    let round = block_on(identity.end_access_reviews(&operator.act))??;
    talk(&manner.words("reviewing.ended", &[("lapsed", &round.lapsed), ("overdue", &round.overdue)]));
    Ok(true)
}

/// Says why not, in the console's words.
fn told(key: &str, manner: Manner) -> Result<bool, Fault> {
    talk(server::in_words(manner.lang.language(), key));
    Ok(false)
}
