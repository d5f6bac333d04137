//! JSON beside FHIR, for what FHIR has no resource for.

mod deliveries;

pub(crate) use deliveries::{deliveries, resend};
