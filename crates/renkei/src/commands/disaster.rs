use exchange::Declaration;
use serde_json::json;

use crate::cli::Disaster;
use crate::commands::operator::{Operator, instant};
use crate::commands::{Manner, block_on, say};
use crate::fault::Fault;

pub(crate) fn run(command: Disaster, manner: Manner) -> Result<bool, Fault> {
    match command {
        Disaster::Declare { prefecture, from, until, name, authority, config } => {
            let operator = Operator::open(&config.config)?;
            let (starts_at, ends_at) = (instant("--from", &from)?, instant("--until", &until)?);
            let declaration = Declaration { name, authority, prefectures: prefecture, starts_at, ends_at };
            let declared = operator.exchange.declare_disaster(&operator.viewer, declaration, &operator.act);
            let declared = block_on(declared)?;
            if let Ok(disaster) = &declared {
                say(&disaster.id)?;
            }
            operator.told(declared, manner, "disaster.declared")
        }
        Disaster::End { id, config } => {
            let operator = Operator::open(&config.config)?;
            let ended = block_on(operator.exchange.end_disaster(&operator.viewer, &id, &operator.act))?;
            operator.told(ended, manner, "disaster.ended")
        }
        Disaster::List { config } => list(&Operator::open(&config.config)?, manner),
    }
}

fn list(operator: &Operator, manner: Manner) -> Result<bool, Fault> {
    for one in block_on(operator.exchange.store.disasters())?? {
        let holds = one.holds(operator.act.now);
        say(&if manner.json {
            json!({"id": one.id, "name": one.name, "authority": one.authority, "prefectures": one.prefectures,
                "starts_at": one.starts_at.to_string(), "ends_at": one.ends_at.to_string(),
                "ended_at": one.ended_at.map(|at| at.to_string()), "holds": holds})
            .to_string()
        } else {
            let state = manner.words(if holds { "disaster.holds" } else { "disaster.holds-not" }, &[]);
            let (starts, ends) = (one.starts_at, one.ended_at.unwrap_or(one.ends_at));
            format!(
                "{}  {state}  {}  {starts} – {ends}  {}（{}）",
                one.id,
                one.prefectures.join(","),
                one.name,
                one.authority
            )
        })?;
    }
    Ok(true)
}
