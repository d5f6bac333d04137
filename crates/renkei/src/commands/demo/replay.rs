//! Two years in a second: each bundle is sent over HTTP, by its own institution, at the hour its story tells.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use demo::{Region, Submission};
use jiff::{SignedDuration, Timestamp};
use server::Clock;

use crate::cli::{Hub, Lang};
use crate::client::Client;
use crate::fault::Fault;

/// The system's clock, or, while set, the story's; once released it runs, ahead of the system's where the story is.
pub(crate) struct StoryClock {
    system: Clock,
    story: AtomicI64,
    ahead: AtomicI64,
}

const RELEASED: i64 = i64::MIN;

impl StoryClock {
    pub(crate) fn new(system: Clock) -> Self {
        Self { system, story: AtomicI64::new(RELEASED), ahead: AtomicI64::new(0) }
    }

    pub(crate) fn set(&self, now: Timestamp) {
        self.story.store(now.as_microsecond(), Ordering::Relaxed);
    }

    /// From here on the system's time runs.
    pub(crate) fn release(&self) {
        self.story.store(RELEASED, Ordering::Relaxed);
    }

    /// From here on time runs, from where the story is.
    pub(crate) fn run_on(&self) {
        let ahead = self.now().as_microsecond() - (self.system)().as_microsecond();
        self.ahead.store(ahead, Ordering::Relaxed);
        self.release();
    }

    /// Time goes on at once by this much.
    pub(crate) fn leap(&self, by: SignedDuration) {
        self.ahead.fetch_add(i64::try_from(by.as_micros()).unwrap_or_default(), Ordering::Relaxed);
    }

    pub(crate) fn now(&self) -> Timestamp {
        match self.story.load(Ordering::Relaxed) {
            RELEASED => (self.system)() + SignedDuration::from_micros(self.ahead.load(Ordering::Relaxed)),
            story => Timestamp::from_microsecond(story).unwrap_or(Timestamp::UNIX_EPOCH),
        }
    }

    pub(crate) fn as_clock(self: &Arc<Self>) -> Clock {
        let clock = Arc::clone(self);
        Arc::new(move || clock.now())
    }
}

/// A day before the first bundle was sent.
pub(crate) fn beginning(region: &Region) -> Timestamp {
    let first = submissions(region).first().map_or(Timestamp::UNIX_EPOCH, |submission| submission.at);
    first - SignedDuration::from_hours(24)
}

/// Sends everything in the order of time; answers how much that was.
pub(crate) async fn send_all(
    region: Region,
    base_url: String,
    systems: Vec<(String, String)>,
    clock: Arc<StoryClock>,
) -> Result<(Region, usize), Fault> {
    let sending = tokio::task::spawn_blocking(move || {
        let clients: Vec<(String, Client)> = systems
            .into_iter()
            .map(|(number, token)| (number, Client::new(&Hub { hub: base_url.clone(), token }, Lang::Ja)))
            .collect();
        let submissions = submissions(&region);
        for submission in &submissions {
            clock.set(submission.at);
            send(&clients, submission)?;
        }
        let count = submissions.len();
        Ok((region, count))
    });
    sending.await.map_err(|error| Fault::Usage(error.to_string()))?
}

fn send(clients: &[(String, Client)], submission: &Submission) -> Result<(), Fault> {
    let client = clients.iter().find(|(number, _)| *number == submission.institution);
    let (_, client) =
        client.ok_or_else(|| Fault::Usage(format!("{} という施設はありません", submission.institution)))?;
    // The patients of the stories have told their doctors that the destination may read.
    let answer = client.post("/fhir/Bundle?referral-consent=given", &submission.body)?;
    if answer.is_ok() {
        Ok(())
    } else {
        let (kind, at) = (submission.kind, submission.at);
        Err(Fault::Usage(format!("デモの報告単位（{kind}, {at}）が登録できません\n{}", answer.complaints())))
    }
}

fn submissions(region: &Region) -> Vec<&Submission> {
    let mut all: Vec<&Submission> = region.patients.iter().flat_map(|patient| &patient.submissions).collect();
    all.sort_by_key(|submission| submission.at);
    all
}
