//! What institutions do.
//!
//! [`Exchange::register`] takes a bundle in; [`Exchange::view`] and its kin let a permitted person see. Both put the
//! act on record: with the data in one transaction, or before the answer leaves. Read `register.rs` and `view.rs`
//! top to bottom: they are the two main paths.

mod attach;
mod cancel;
mod candidates;
mod consent;
mod directory;
mod disaster;
mod document;
mod eligibility;
mod emergency;
mod endpoint;
mod explain;
mod extract;
mod fact;
mod figures;
mod filter;
mod inquiry;
mod judges;
mod master;
mod measure;
mod persons;
mod plan;
mod projection;
mod record;
mod reduce;
pub mod referral;
mod register;
mod retention;
mod review;
mod seen;
mod subscribe;
mod view;
mod window;

use std::sync::Arc;

use fhir::json::Limits;
use store::Store;

pub use access::Act;
pub use cancel::NotMoved;
pub use candidates::{Candidate, Described};
pub use consent::{CardReader, Consents, NotGranted, ReaderConsent, SimulatedReader};
pub use directory::{Destination, Destinations};
pub use disaster::Declaration;
pub use document::DocumentHeading;
pub use eligibility::{
    Eligibility, Identity, Ineligible, Insured, InsuredNumber, SimulatedCentre, SimulatedMember,
};
pub use emergency::{EmergencyRequest, Sought};
pub use endpoint::{BadEndpoint, Endpoint, Endpoints};
pub use explain::{Explanation, Line, What};
pub use figures::{Days, Figure, Figures, Measure};
pub use inquiry::{Inquired, answer_days, is_askable, longest_answer, longest_question, may_ask_again};
pub use judges::{Asked, Judges};
pub use master::{
    Age, BadRow, BadRowKind, Change, Difference, Headings, INSTITUTIONS, Imported, MasterCodes, MasterFile,
    MasterKind, Masters, NotImported, Progress, Revalidation, Tally, master_kind, master_kinds,
};
pub use persons::{KinCard, NotJoined, PersonCard};
pub use profile::UnknownProfile;
pub use projection::{ProjectedItem, Projections};
pub use register::{NotRegistered, Registered, Sending};
pub use retention::{Ended, Planned};
pub use review::Look;
pub use seen::NotShown;
pub use subscribe::{NotSubscribed, Request};
pub use view::{Found, Hidden, HiddenBecause, ShownItem, Source, Unit, View};

/// The exchange: everything the two main paths need.
pub struct Exchange {
    /// Where it is kept.
    pub store: Arc<Store>,
    /// What judges documents.
    pub judges: Judges,
    /// Who knows which insured numbers are valid, and whose.
    pub eligibility: Box<dyn Eligibility>,
    /// How large and deep a bundle may be.
    pub limits: Limits,
}
