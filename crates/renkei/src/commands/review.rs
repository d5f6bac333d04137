use serde_json::json;
use store::Finding;

use crate::cli::Review;
use crate::commands::operator::Operator;
use crate::commands::{Manner, block_on, say};
use crate::fault::Fault;

pub(crate) fn run(command: Review, manner: Manner) -> Result<bool, Fault> {
    let Review::List { all, config } = command;
    let operator = Operator::open(&config.config)?;
    let looks = match block_on(operator.exchange.looks(&operator.viewer, &operator.act))? {
        Ok(looks) => looks,
        Err(why) => return operator.told(Err::<(), _>(why), manner, "review.waits"),
    };
    for look in looks.iter().filter(|look| all || look.grant.review.is_none()) {
        let grant = &look.grant;
        let holder = grant.holder.as_ref().map(|holder| holder.name.as_str()).unwrap_or_default();
        let finding = grant.review.as_ref().map(|review| review.finding);
        say(&if manner.json {
            json!({"id": grant.id.to_string(), "basis": grant.basis.code(), "institution": grant.institution,
                "patient": grant.person.to_string(), "holder": holder, "given_at": grant.given_at.to_string(),
                "finding": finding.map(Finding::code), "events": look.events.len()})
            .to_string()
        } else {
            let state = manner.words(
                match finding {
                    None => "review.waits",
                    Some(Finding::Justified) => "review.justified",
                    Some(Finding::Flagged) => "review.flagged",
                },
                &[],
            );
            let (basis, count) = (grant.basis.code(), look.events.len());
            format!(
                "{}  {state}  {basis:<9} {}  {holder}  {}  {count}",
                grant.id, grant.institution, grant.given_at
            )
        })?;
    }
    Ok(true)
}
