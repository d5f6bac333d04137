//! How it is reached: the FHIR interface for systems, the console for people.
//!
//! Every request comes in by the door (`door.rs`), which knows who asks, when, and in which language. `routes.rs` is
//! the one table of addresses; the CapabilityStatement is made from it. `listen.rs` keeps slow and greedy clients
//! from holding anything.

mod answer;
mod api;
mod catalogue;
mod console;
mod door;
mod fhir_api;
mod listen;
mod notices;
mod retention;
mod rounds;
mod routes;
mod scim;
mod smart;
mod terminal;
mod tls;
mod watch;
mod words;

use std::sync::Arc;

use exchange::Exchange;
use identity::{Identity, Networks, SimulatedCard};
use jiff::Timestamp;
use safety::Safety;

pub use catalogue::{CATALOGUE, Call, Interface};
pub use listen::{Listening, serve};
pub use notices::{NoticeSettings, deliver_notices};
pub use retention::keep_retention;
pub use rounds::make_rounds;
pub use routes::router;
pub use terminal::{Terminal, attend};
pub use tls::{Tls, TlsFault, TlsFiles, certificate_fingerprint};
pub use watch::keep_watch;
pub use words::in_words;

/// Everything a request may need.
pub struct App {
    /// The exchange behind the doors.
    pub exchange: Arc<Exchange>,
    /// Who comes in by them.
    pub identity: Arc<Identity>,
    /// What proves that it is safe.
    pub safety: Arc<Safety>,
    /// How this hub calls itself in the record and on every page.
    pub site: String,
    /// Where it is reached, as in `http://127.0.0.1:8080`.
    pub base_url: String,
    /// The demo's open doors; none outside the demo.
    pub doors: Vec<DemoDoor>,
    /// The demo's simulated cards for patients; none outside the demo.
    pub cards: Vec<SimulatedCard>,
    /// How notices are sent, and where to.
    pub notices: NoticeSettings,
    /// Which kind of network each address belongs to.
    pub networks: Networks,
    /// Tells the time.
    pub clock: Clock,
}

/// Tells the time: the system's, or, while the demo replays two years, the time of the story.
pub type Clock = Arc<dyn Fn() -> Timestamp + Send + Sync>;

/// A door that opens without a proof, in the demo only.
#[derive(Clone, Debug)]
pub struct DemoDoor {
    /// Which door: `clinician`, `safety-manager`, `patient`, `developer`.
    pub code: &'static str,
    /// Id of the account it lets in.
    pub account: String,
    /// Who comes in by it.
    pub name: String,
    /// Where it leads.
    pub leads_to: String,
}

impl App {
    /// Whether this is the demo: loopback only, open doors, and a banner on every page.
    pub fn is_demo(&self) -> bool {
        !self.doors.is_empty()
    }

    /// Whether browsers reach it by TLS.
    pub(crate) fn is_secure(&self) -> bool {
        self.base_url.starts_with("https:")
    }
}
