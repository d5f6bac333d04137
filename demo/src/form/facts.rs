//! What an institution knows about a patient when it writes a letter: the informations a document carries as entries.

use jiff::civil::DateTime;

use super::allergy::{self, Allergy};
use super::condition::{self, Diagnosis};
use super::document::Entries;
use super::lab::{self, Report};
use super::medication::{self, Prescription};
use crate::person::Gender;
use crate::seed::Seed;

/// Diseases, allergies, drugs, and the results worth telling of the latest report.
pub(crate) struct Facts {
    pub(crate) diagnoses: Vec<Diagnosis>,
    pub(crate) allergies: Vec<Allergy>,
    pub(crate) prescriptions: Vec<Prescription>,
    pub(crate) report: Option<Report>,
}

/// References to the entries that facts became.
pub(crate) struct Written {
    pub(crate) conditions: Vec<String>,
    pub(crate) allergies: Vec<String>,
    pub(crate) requests: Vec<String>,
    pub(crate) labs: Vec<String>,
}

impl Facts {
    pub(crate) fn write(
        &self,
        entries: &mut Entries,
        gender: Gender,
        patient: &str,
        seed: &mut Seed,
        at: DateTime,
    ) -> Written {
        let conditions = self.diagnoses.iter().map(|one| condition::condition(one, patient, at));
        let allergies = self.allergies.iter().map(|one| allergy::allergy(one, patient, at));
        let requests = (1..)
            .zip(&self.prescriptions)
            .map(|(group, one)| medication::medication_request(one, group, patient, at));
        let labs = self.report.iter().flat_map(|one| lab::observations(one, gender, patient, at));
        Written {
            conditions: entries.add_all(seed, conditions),
            allergies: entries.add_all(seed, allergies),
            requests: entries.add_all(seed, requests),
            labs: entries.add_all(seed, labs),
        }
    }
}
