//! One OperationOutcome a document, a line each, in the order of the documents.

use std::io::{self, Write};

use fhir::finding::{Findings, Language};

use super::Report;
use crate::commands::bundle::source::Origin;

pub(super) struct Outcomes(pub(super) Language);

impl Report for Outcomes {
    fn document(&mut self, _: &Origin, findings: &Findings, out: &mut dyn Write) -> io::Result<()> {
        writeln!(out, "{}", findings.to_operation_outcome(self.0))
    }
}
