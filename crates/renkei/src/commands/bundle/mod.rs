//! Report units: judged here, or sent to a hub and shown from it.
//!
//! `validate` reads `source` through `pool` and tells `report`, with `progress` beside it; `hub` asks a hub.

mod hub;
mod pool;
mod progress;
mod report;
mod source;
mod validate;

use crate::cli::Bundle;
use crate::client::Client;
use crate::commands::Manner;
use crate::fault::Fault;

pub(crate) fn run(command: Bundle, manner: Manner) -> Result<bool, Fault> {
    match command {
        Bundle::Validate(what) => validate::run(&what, manner),
        Bundle::Register { files, hub } => hub::register(&files, &Client::new(&hub, manner.lang), manner),
        Bundle::Show { id, hub } => hub::show(&id, &Client::new(&hub, manner.lang), manner),
    }
}
