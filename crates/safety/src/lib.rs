//! What proves it is safe.
//!
//! Checks run and registers are kept; each leaves evidence with a clock; evidence answers the items of the guideline's
//! editions, and what is stale answers nothing.

mod answers;
mod backup;
mod checks;
mod contacts;
pub mod diagram;
mod executive;
pub mod incident;
mod machines;
pub mod pack;
mod place;
pub mod plan;
pub mod register;
pub mod report;
mod rounds;
mod today;

use std::sync::Arc;

use identity::Identity;
use store::Store;

pub use answers::{NotAnswered, Overview, Said};
pub use backup::{BackupFault, Drill, Manifest, back_up, drill, manifests};
pub use checks::{CHECKED, HUB};
pub use contacts::{Contact, contacts};
pub use executive::{ForExecutives, Restore, Risk, for_executives};
pub use machines::machines;
pub use place::Place;
pub use rounds::Round;
pub use today::{Next, next_things};

/// Safety management over an open store.
pub struct Safety {
    store: Arc<Store>,
    identity: Arc<Identity>,
    place: Place,
}

impl Safety {
    /// Over a store and who comes in, for a hub that stands somewhere.
    pub fn new(store: Arc<Store>, identity: Arc<Identity>, place: Place) -> Self {
        Self { store, identity, place }
    }
}
