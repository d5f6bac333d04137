//! Pages of a search: `_count` entries at a time, from `_offset`; each page names the next.
//!
//! What is searched here is the record of one person or the mailbox of one institution, newest first, so a page is cut
//! from the whole. What is registered between two pages moves the rest back: a client may see an entry twice, and
//! misses none that stood when it began.

use std::collections::HashMap;

use fhir::finding::Language;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Value, json};

use crate::App;
use crate::answer::Refused;

/// Parameters as a search was asked with.
pub(crate) type Parameters = HashMap<String, String>;

/// Which part of what was found goes into one answer.
pub(crate) struct Paging {
    count: Option<usize>,
    offset: usize,
}

impl Paging {
    /// The page that is asked for; everything where none is.
    ///
    /// # Errors
    /// If `_count` or `_offset` is no number.
    pub(crate) fn of(parameters: &Parameters, language: Language) -> Result<Self, Refused> {
        let number = |name| parameters.get(name).map(|text: &String| text.parse::<usize>()).transpose();
        let wrong = |_| Refused::bad_request("answer.count-needed", language);
        Ok(Self {
            count: number("_count").map_err(wrong)?,
            offset: number("_offset").map_err(wrong)?.unwrap_or(0),
        })
    }

    /// The entries of this page.
    pub(crate) fn cut<'a, T>(&self, all: &'a [T]) -> &'a [T] {
        let rest = all.get(self.offset..).unwrap_or_default();
        &rest[..self.count.map_or(rest.len(), |count| count.min(rest.len()))]
    }

    /// The way to this page and, where there is more, to the next. `path` is as in `Condition`.
    pub(crate) fn links(&self, app: &App, path: &str, parameters: &Parameters, total: usize) -> Value {
        let mut links = vec![json!({"relation": "self", "url": url(app, path, parameters, self.offset)})];
        // `_count=0` asks for the number alone.
        let next = self.count.filter(|count| *count > 0).map(|count| self.offset.saturating_add(count));
        if let Some(next) = next.filter(|next| *next < total) {
            links.push(json!({"relation": "next", "url": url(app, path, parameters, next)}));
        }
        Value::Array(links)
    }
}

/// A whole search as a page: the entries that belong into it, the number of all, and the links.
pub(crate) fn page(
    app: &App,
    path: &str,
    parameters: &Parameters,
    entries: &[Value],
    language: Language,
) -> Result<String, Refused> {
    let paging = Paging::of(parameters, language)?;
    let body = json!({
        "resourceType": "Bundle",
        "type": "searchset",
        "total": entries.len(),
        "link": paging.links(app, path, parameters, entries.len()),
        "entry": paging.cut(entries),
    });
    Ok(body.to_string())
}

/// The address of a page.
fn url(app: &App, path: &str, parameters: &Parameters, offset: usize) -> String {
    let encoded = |text: &str| utf8_percent_encode(text, NON_ALPHANUMERIC).to_string();
    let mut named: Vec<_> = parameters.iter().filter(|(name, _)| *name != "_offset").collect();
    named.sort();
    let mut parts: Vec<String> = named
        .into_iter()
        .map(|(name, value)| format!("{}={}", encoded(name).replace("%5F", "_"), encoded(value)))
        .collect();
    if offset > 0 {
        parts.push(format!("_offset={offset}"));
    }
    let query = if parts.is_empty() { String::new() } else { format!("?{}", parts.join("&")) };
    format!("{}/fhir/{path}{query}", app.base_url)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn paging(count: Option<usize>, offset: usize) -> Paging {
        Paging { count, offset }
    }

    #[test]
    fn a_page_holds_as_many_as_were_asked_for_and_none_beyond_the_end() {
        let all = [1, 2, 3, 4, 5];
        assert_eq!(paging(None, 0).cut(&all), all);
        assert_eq!(paging(Some(2), 2).cut(&all), [3, 4]);
        assert_eq!(paging(Some(2), 4).cut(&all), [5]);
        assert!(paging(Some(2), 9).cut(&all).is_empty());
        assert!(paging(Some(0), 0).cut(&all).is_empty());
        assert_eq!(paging(Some(usize::MAX), 1).cut(&all).len(), 4);
    }
}
