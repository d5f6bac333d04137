//! A running hub, in the demo and in earnest.

use std::sync::Arc;
use std::time::Duration;

use exchange::{Eligibility, Exchange, Judges};
use fhir::json::Limits;
use identity::{Identity, Networks};
use jiff::Unit;
use safety::{Place, Safety};
use server::{
    App, Clock, DemoDoor, Listening, NoticeSettings, Terminal, attend, deliver_notices, keep_retention,
    keep_watch, make_rounds,
};
use store::Store;

/// What the system clock says.
pub(crate) fn system_clock() -> Clock {
    #[expect(clippy::disallowed_methods, reason = "this is the one door by which time comes in")]
    let now = jiff::Timestamp::now;
    // Rows keep microseconds; a receipt must read the same now and when it is read back.
    Arc::new(move || now().round(Unit::Microsecond).unwrap_or_else(|_| now()))
}

/// The exchange over an open store.
pub(crate) fn exchange(
    store: Arc<Store>,
    eligibility: Box<dyn Eligibility>,
    judges: Judges,
) -> Arc<Exchange> {
    Arc::new(Exchange { store, judges, eligibility, limits: Limits::default() })
}

/// Serves until interrupted, or until the store can keep nothing more. True if it ended as wished.
pub(crate) async fn run(app: App, listening: Listening, terminals: Vec<Terminal>) -> bool {
    let store = Arc::clone(&app.exchange.store);
    let notices =
        tokio::spawn(deliver_notices(Arc::clone(&store), app.notices.clone(), Arc::clone(&app.clock)));
    let retention = tokio::spawn(keep_retention(Arc::clone(&app.exchange), Arc::clone(&app.clock)));
    let watch =
        tokio::spawn(keep_watch(Arc::clone(&store), Arc::clone(&app.identity), Arc::clone(&app.clock)));
    let rounds = tokio::spawn(make_rounds(Arc::clone(&app.safety), Arc::clone(&app.clock)));
    let app = Arc::new(app);
    let router = server::router(Arc::clone(&app));
    for terminal in terminals {
        let institution = terminal.institution.clone();
        let attending = attend(Arc::clone(&app), router.clone(), terminal);
        tokio::spawn(async move {
            if let Err(error) = attending.await {
                tracing::error!(%institution, %error, "the terminal's folders cannot be opened");
            }
        });
    }
    let lost = Arc::new(tokio::sync::Notify::new());
    let stop = {
        let (store, lost) = (Arc::clone(&store), Arc::clone(&lost));
        async move {
            tokio::select! {
                () = interrupted() => {}
                () = store.stopped() => lost.notify_one(),
            }
        }
    };
    server::serve(listening, router, stop).await;
    notices.abort();
    retention.abort();
    watch.abort();
    rounds.abort();
    tokio::time::timeout(Duration::ZERO, lost.notified()).await.is_err()
}

/// An app without doors.
pub(crate) fn app(
    exchange: Arc<Exchange>,
    site: &str,
    base_url: String,
    doors: Vec<DemoDoor>,
    notices: NoticeSettings,
    clock: Clock,
    place: Place,
) -> App {
    let store = Arc::clone(&exchange.store);
    let identity = Arc::new(Identity::new(Arc::clone(&store), &base_url, site));
    let safety =
        Arc::new(Safety::new(store, Arc::clone(&identity), Place { base_url: base_url.clone(), ..place }));
    let (site, networks, cards) = (site.to_owned(), Networks::default(), Vec::new());
    App { exchange, identity, safety, site, base_url, doors, cards, notices, networks, clock }
}

async fn interrupted() {
    use tokio::signal::unix::{SignalKind, signal};
    match signal(SignalKind::terminate()) {
        Ok(mut terminate) => {
            tokio::select! {
                _ = terminate.recv() => {}
                _ = tokio::signal::ctrl_c() => {}
            }
        }
        Err(_) => drop(tokio::signal::ctrl_c().await),
    }
}
