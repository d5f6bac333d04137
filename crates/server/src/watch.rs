//! By the clock: the record is watched for what looks odd, and rights that nobody answered lapse.

use std::sync::Arc;
use std::time::Duration;

use exchange::Act;
use identity::{Identity, Watch};
use store::Store;
use tracing::{info, warn};

use crate::Clock;

/// Short enough for an alert, and long enough that little is read twice.
const PAUSE: Duration = Duration::from_secs(60);

/// Watches for ever.
pub async fn keep_watch(store: Arc<Store>, identity: Arc<Identity>, clock: Clock) {
    let mut watch = Watch::default();
    loop {
        let act = Act { now: clock(), request: "watch".to_owned() };
        match watch.pass(&store, &act).await {
            Ok(0) => {}
            Ok(raised) => info!(raised, "alerts were raised"),
            Err(fault) => warn!(%fault, "watching waits"),
        }
        match identity.end_access_reviews(&act).await {
            Ok(round) if round.lapsed + round.overdue == 0 => {}
            Ok(round) => info!(lapsed = round.lapsed, overdue = round.overdue, "unanswered rights lapsed"),
            Err(fault) => warn!(%fault, "access reviews wait"),
        }
        tokio::time::sleep(PAUSE).await;
    }
}
