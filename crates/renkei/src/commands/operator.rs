//! Whoever sits at this machine and acts upon the hub's own database, as its operator.

use std::path::Path;
use std::sync::Arc;

use access::{Assurance, Role, Viewer};
use exchange::{Act, Exchange, Judges, NotGranted};
use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::{Offset, TimeZone};

use crate::commands::{Manner, serve, talk};
use crate::config::Config;
use crate::fault::Fault;
use crate::hub::{exchange, system_clock};

/// The operator, and the exchange they act upon.
pub(crate) struct Operator {
    pub(crate) viewer: Viewer,
    pub(crate) exchange: Arc<Exchange>,
    pub(crate) act: Act,
}

impl Operator {
    /// Opens the database that a configuration names.
    pub(crate) fn open(config: &Path) -> Result<Self, Fault> {
        let config = Config::read(config)?;
        let store = Arc::new(serve::open_store(&config)?);
        let centre = Box::new(serve::centre(&config)?);
        let viewer = Viewer {
            credential: "-".to_owned(),
            // The operating system knows them better than we do.
            name: std::env::var("USER").unwrap_or_else(|_| "-".to_owned()),
            role: Role::Operator,
            institution: None,
            person: None,
            assurance: Assurance::FULL,
            scopes: None,
            stands_for: None,
        };
        let act = Act { now: system_clock()(), request: "cli".to_owned() };
        Ok(Self {
            viewer,
            exchange: exchange(store, centre, Judges::new(None).with_codes(config.master_codes)),
            act,
        })
    }

    /// Says how an act ended: `done` names the words for success.
    pub(crate) fn told<T>(
        &self,
        outcome: Result<T, NotGranted>,
        manner: Manner,
        done: &str,
    ) -> Result<bool, Fault> {
        let language = manner.lang.language();
        let key = match outcome {
            Ok(_) => {
                talk(&manner.words(done, &[]));
                return Ok(true);
            }
            Err(NotGranted::Store(fault)) => return Err(fault.into()),
            Err(NotGranted::NotFound) => "answer.not-found".to_owned(),
            Err(NotGranted::Wrong(code)) => format!("wrong.{code}"),
            Err(NotGranted::Refused(refusal)) => format!("rule.{}", refusal.rule),
        };
        talk(server::in_words(language, &key));
        Ok(false)
    }
}

/// An instant as people write it: with an offset, or by the clock of Japan.
pub(crate) fn instant(option: &str, text: &str) -> Result<Timestamp, Fault> {
    if let Ok(instant) = text.parse::<Timestamp>() {
        return Ok(instant);
    }
    let japan = TimeZone::fixed(Offset::constant(9));
    let civil = text.parse::<DateTime>().ok().and_then(|civil| civil.to_zoned(japan).ok());
    Ok(civil.ok_or_else(|| Fault::Usage(format!("{option}: {text}")))?.timestamp())
}
