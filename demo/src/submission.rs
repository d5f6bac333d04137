//! What an institution's system hands to the service.

use jiff::Timestamp;

/// One bundle, as sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Submission {
    /// When the system sends it, a little after the clinical date.
    pub at: Timestamp,
    /// The sender's ten digits.
    pub institution: String,
    /// `Condition`, `AllergyIntolerance` or `Observation` for a report unit of the five informations,
    /// else `Referral`, `PatientSummary` or `CheckupReport`.
    pub kind: &'static str,
    /// The FHIR JSON.
    pub body: Vec<u8>,
}
