//! Retention by the clock: whatever is due is ended, round by round; after a stop it catches up.

use std::sync::Arc;
use std::time::Duration;

use exchange::{Act, Exchange};
use tracing::{info, warn};

use crate::Clock;

const PAUSE: Duration = Duration::from_secs(60);

/// Ends for ever what is due.
pub async fn keep_retention(exchange: Arc<Exchange>, clock: Clock) {
    loop {
        let act = Act { now: clock(), request: "retention".to_owned() };
        match exchange.end_outlived(&act).await {
            Ok(round) if round.reviewed > 0 => {
                info!(reviewed = round.reviewed, ended = round.ended, "units whose time is over were ended");
            }
            Ok(_) => tokio::time::sleep(PAUSE).await,
            Err(fault) => {
                warn!(%fault, "retention waits");
                tokio::time::sleep(PAUSE).await;
            }
        }
    }
}
