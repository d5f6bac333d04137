//! JSON beside FHIR, for what FHIR has no resource for.

mod consents;
mod deliveries;
mod disasters;
mod figures;
mod incoming;
mod masters;
mod reports;
mod reviews;

pub(crate) use consents::{consents, hand_in_consent, revoke_consent, wish};
pub(crate) use deliveries::{deliveries, resend};
pub(crate) use disasters::{declare_disaster, disasters, end_disaster};
pub(crate) use figures::{days, figures};
pub(crate) use masters::{difference, master, masters};
pub(crate) use reports::take_report;
pub(crate) use reviews::{review, reviews};
