//! What is said of documents, in the form asked for. To add a form: a file here, an option in `cli.rs`, a row below.

mod github;
mod json;
mod outcome;
mod sarif;
mod text;

use std::io::{self, Write};

use fhir::finding::Findings;

use super::source::Origin;
use super::validate::shows_colour;
use crate::cli::Validate;
use crate::commands::Manner;
use crate::fault::Fault;

/// One form of saying what was found.
pub(super) trait Report {
    /// Before the first document.
    fn begin(&mut self, _out: &mut dyn Write) -> io::Result<()> {
        Ok(())
    }

    /// The findings of a document.
    fn document(&mut self, origin: &Origin, findings: &Findings, out: &mut dyn Write) -> io::Result<()>;

    /// After the last document.
    fn end(&mut self, _out: &mut dyn Write) -> io::Result<()> {
        Ok(())
    }
}

/// The form that the options name.
pub(super) fn chosen(what: &Validate, manner: Manner) -> Result<Box<dyn Report>, Fault> {
    let is_other = what.sarif || what.outcome || what.github || what.quiet;
    if manner.json && is_other {
        return Err(Fault::Usage(manner.words("validate.one-form", &[])));
    }
    let language = manner.lang.language();
    Ok(if manner.json {
        Box::new(json::JsonLines(language))
    } else if what.sarif {
        Box::new(sarif::Sarif::new(language))
    } else if what.outcome {
        Box::new(outcome::Outcomes(language))
    } else if what.github {
        Box::new(github::Annotations(language))
    } else if what.quiet {
        Box::new(Silence)
    } else {
        Box::new(text::Text { manner, has_colour: shows_colour(manner), tells_all: what.must_support })
    })
}

/// Says nothing.
struct Silence;

impl Report for Silence {
    fn document(&mut self, _: &Origin, _: &Findings, _: &mut dyn Write) -> io::Result<()> {
        Ok(())
    }
}
