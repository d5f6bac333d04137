//! 添付情報: what may be sent along with a referral without being a Bundle.

use std::fmt;

use crate::bundle::resource_type;
use crate::finding::{Finding, Findings};
use crate::json::{Json, Node};
use crate::validate::{Parsed, Validator};

/// A PDF begins with `%PDF-`; so does its base64.
const PDF: &str = "JVBERi0";

/// A DocumentReference without errors that holds a PDF. Only [`Validator::check_attachment`] makes one.
pub struct CheckedAttachment<'a> {
    json: Json<'a>,
    warnings: Findings,
}

impl Validator {
    /// Takes a DocumentReference that holds a PDF and bears an identifier.
    ///
    /// # Errors
    /// All findings, if any is an error.
    pub fn check_attachment<'a>(&self, document: Parsed<'a>) -> Result<CheckedAttachment<'a>, Findings> {
        let mut findings = self.examine(&document);
        findings.0.extend(missing(document.root()));
        if findings.has_errors() {
            return Err(findings);
        }
        Ok(CheckedAttachment { json: document.into_json(), warnings: findings })
    }
}

impl<'a> CheckedAttachment<'a> {
    /// System and value of its first identifier; the system may be empty.
    #[must_use]
    pub fn identifier(&self) -> (&str, &str) {
        identifier(self.json.root()).unwrap_or_default()
    }

    /// What it calls itself: the title of the PDF, or its own description.
    #[must_use]
    pub fn title(&self) -> &str {
        let root = self.json.root();
        let titles = root.all(&["content", "attachment", "title"]);
        let title = titles.first().and_then(|title| title.str());
        title.or_else(|| root.text_at(&["description"])).unwrap_or_default()
    }

    /// When it was written, a dateTime as it stands; empty if it says nothing.
    #[must_use]
    pub fn date(&self) -> &str {
        self.json.root().text_at(&["date"]).unwrap_or_default()
    }

    /// What was found that does not stand in the way.
    #[must_use]
    pub fn warnings(&self) -> &Findings {
        &self.warnings
    }

    /// The bytes as received.
    #[must_use]
    pub fn bytes(&self) -> &'a [u8] {
        self.json.bytes()
    }
}

impl fmt::Debug for CheckedAttachment<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "CheckedAttachment({:?})", self.json)
    }
}

fn missing(root: Node<'_>) -> Vec<Finding> {
    let found = resource_type(root);
    if found != "DocumentReference" {
        return vec![Finding::new("type-mismatch").at(found).found(found).expected("DocumentReference")];
    }
    let mut missing = Vec::new();
    let attachments = root.all(&["content", "attachment"]);
    let is_pdf = |node: &Node<'_>| {
        node.text_at(&["contentType"]) == Some("application/pdf")
            && node.text_at(&["data"]).is_some_and(|data| data.trim_start().starts_with(PDF))
    };
    if attachments.is_empty() || !attachments.iter().all(is_pdf) {
        missing.push(Finding::new("attachment-not-pdf").at("DocumentReference.content.attachment"));
    }
    if identifier(root).is_none() {
        missing.push(Finding::new("attachment-without-identifier").at("DocumentReference.identifier"));
    }
    missing
}

fn identifier(root: Node<'_>) -> Option<(&str, &str)> {
    let identifiers = [root.all(&["masterIdentifier"]), root.all(&["identifier"])].concat();
    let first = identifiers.first()?;
    let value = first.text_at(&["value"]).filter(|value| !value.is_empty())?;
    Some((first.text_at(&["system"]).unwrap_or_default(), value))
}
