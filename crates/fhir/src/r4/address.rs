//! What an address may be where it stands: systems, canonicals, the url of an extension.

use crate::json::Node;

use super::format::{Primitive, has_scheme};
use super::tables::Field;
use super::walk::Walk;

impl<'t> Walk<'_, 't> {
    /// Judges an address that has the form of one.
    pub(super) fn address(&mut self, field: &Field, primitive: Primitive, value: Node<'t>, text: &'t str) {
        if let Some(id) = text.strip_prefix('#') {
            self.frames.mark(id);
            return;
        }
        match &*field.name {
            "system" if !has_scheme(text) => _ = self.raise("r4-system-relative", value).found(text),
            "system" if text.starts_with("http://hl7.org/fhir/ValueSet/") => {
                self.raise("r4-system-value-set", value).found(text);
            }
            "url" if text.contains('|') => _ = self.raise("r4-url-version", value).found(text),
            _ if primitive == Primitive::Canonical && !has_scheme(text) => {
                self.raise("r4-canonical-relative", value).found(text);
            }
            _ if is_of_example(text) => _ = self.raise("r4-example-url", value).found(text),
            _ => {}
        }
    }
}

/// Whether the host is one that people write in examples.
fn is_of_example(url: &str) -> bool {
    let Some((_, rest)) = url.split_once("://") else { return false };
    let host = rest.split(['/', ':', '?', '#']).next().unwrap_or_default();
    host.ends_with("example.org") || host.ends_with("acme.com")
}
