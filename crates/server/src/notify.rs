//! Notices leave after their act is durable: to whoever asked for them, ids only, again until they arrive.

use std::sync::Arc;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use store::{Fault, Notice, Store};
use tracing::{debug, warn};

use crate::Clock;

/// Takes a notice; false means: try again later. Called from a thread that may block.
pub type Receiver = Arc<dyn Fn(&Notice) -> bool + Send + Sync>;

const LEASE: SignedDuration = SignedDuration::from_secs(60);
const PAUSE: Duration = Duration::from_millis(500);
const TOGETHER: u16 = 64;

/// Delivers notices for ever. Without a receiver nobody asked, and a notice ends here.
pub async fn deliver_notices(store: Arc<Store>, receiver: Option<Receiver>, clock: Clock) {
    loop {
        match deliver_due(&store, receiver.as_ref(), clock()).await {
            Ok(0) => tokio::time::sleep(PAUSE).await,
            Ok(count) => debug!(count, "notices delivered"),
            Err(fault) => {
                warn!(%fault, "notices wait");
                tokio::time::sleep(PAUSE * 10).await;
            }
        }
    }
}

async fn deliver_due(store: &Store, receiver: Option<&Receiver>, now: Timestamp) -> Result<usize, Fault> {
    let mut delivered = 0;
    for notice in store.due_notices(now, LEASE, TOGETHER).await? {
        let arrived = match receiver {
            None => true,
            Some(receiver) => {
                let (receiver, notice) = (Arc::clone(receiver), notice.clone());
                tokio::task::spawn_blocking(move || receiver(&notice)).await.unwrap_or(false)
            }
        };
        // One that did not arrive falls due again when its lease ends.
        if arrived {
            store.delivered(&notice).await?;
            delivered += 1;
        }
    }
    Ok(delivered)
}
