//! By the clock: safety management's rounds, once a minute.

use std::sync::Arc;
use std::time::Duration;

use exchange::Act;
use safety::{Round, Safety};
use tracing::{info, warn};

use crate::Clock;

const PAUSE: Duration = Duration::from_secs(60);

/// Makes rounds for ever.
pub async fn make_rounds(safety: Arc<Safety>, clock: Clock) {
    loop {
        let act = Act { now: clock(), request: "rounds".to_owned() };
        match safety.round(&act).await {
            Ok(round) if round == Round::default() => {}
            Ok(Round { sealed, backups, checked }) => info!(sealed, backups, checked, "a round was made"),
            Err(fault) => warn!(%fault, "a round waits"),
        }
        tokio::time::sleep(PAUSE).await;
    }
}
