//! A hint within this process that something changed for an institution. Nothing depends on it: who waits looks
//! again after a second in any case, because another server may have done the act.

use std::sync::Arc;

use tokio::sync::broadcast::{Receiver, Sender, channel, error::RecvError};

use crate::Store;

/// How many hints a slow listener may fall behind before it is simply told to look.
const BEHIND: usize = 256;

/// Wakes who waits for an institution.
#[derive(Clone)]
pub(crate) struct Bell(Sender<Arc<str>>);

/// Hears of one institution from the moment it was made. Make it before the first look, so that nothing is missed.
pub struct Listener {
    institution: String,
    rings: Receiver<Arc<str>>,
}

impl Bell {
    pub(crate) fn new() -> Self {
        Self(channel(BEHIND).0)
    }
}

impl Store {
    /// Listens for changes that concern an institution.
    pub fn listen(&self, institution: &str) -> Listener {
        Listener { institution: institution.to_owned(), rings: self.bell.0.subscribe() }
    }

    /// Wakes those who listen for an institution.
    pub fn ring(&self, institution: &str) {
        // An error means that nobody listens.
        drop(self.bell.0.send(institution.into()));
    }
}

impl Listener {
    /// Resolves when something may have changed. Put a limit of a second around it.
    pub async fn heard(&mut self) {
        loop {
            match self.rings.recv().await {
                Ok(institution) if *institution == *self.institution => return,
                Ok(_) => {}
                Err(RecvError::Lagged(_)) => return,
                Err(RecvError::Closed) => std::future::pending().await,
            }
        }
    }
}
