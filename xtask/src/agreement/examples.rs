//! The guides' own examples: what their authors or the official validator call valid must be.

use std::collections::BTreeMap;
use std::path::Path;

use fhir::validate::Validator;
use serde::Deserialize;

use super::judge::{errors, examine, told};
use super::packages::{EDITIONS, profiles, validator};
use super::parallel;
use super::table::{cut, share, table};
use super::{read, read_json, read_toml};

const HEAD: &str = include_str!("../../agreement/examples.head.md");

/// A row of `expected.json`.
#[derive(Deserialize)]
struct Row {
    file: String,
    #[serde(rename = "r4Core")]
    r4_core: String,
    profile: Option<String>,
}

/// One example with our errors: by the base, and by the packages of its edition where those are at hand.
struct Judged<'r> {
    row: &'r Row,
    base: Vec<String>,
    edition: Option<Vec<String>>,
}

/// The document `docs/agreement/examples.md`.
pub(crate) fn document(data: &Path) -> Result<String, String> {
    let rows: Vec<Row> = read_json(&data.join("examples/expected.json"))?;
    let reasons: BTreeMap<String, String> = read_toml("examples.toml")?;
    let mut folders: Vec<&str> = rows.iter().map(|row| row.folder()).collect();
    folders.sort_unstable();
    folders.dedup();
    let judged = parallel(&folders, |folder| judge(data, folder, &rows));
    let judged: Vec<Judged<'_>> =
        judged.into_iter().collect::<Result<Vec<_>, _>>()?.into_iter().flatten().collect();
    let mut out = HEAD.to_owned();
    out.push_str("\n## By edition\n\n");
    out.push_str(&by_edition(&folders, &judged));
    out.push_str("\n## Errors by the packages, or where the R4 check found none\n\n");
    let wrong =
        judged.iter().filter(|one| !one.errors().is_empty() && (one.edition.is_some() || !one.agrees()));
    out.push_str(&table(
        ["file", "on record", "our errors", "reason"],
        wrong.map(|one| {
            let errors = one.errors();
            let mut shown = errors.iter().take(4).map(|text| cut(text, 130)).collect::<Vec<_>>().join("; ");
            if errors.len() > 4 {
                shown.push_str(&format!("; and {} more", errors.len() - 4));
            }
            let reason = reasons.iter().find(|(start, _)| one.row.file.starts_with(start.as_str()));
            [
                one.row.file.clone(),
                one.row.profile.clone().unwrap_or_else(|| "–".to_owned()),
                shown,
                reason.map(|(_, why)| why.clone()).unwrap_or_default(),
            ]
        }),
    ));
    Ok(out)
}

impl Judged<'_> {
    /// By the packages of its edition, or else by the base.
    fn errors(&self) -> &[String] {
        self.edition.as_ref().unwrap_or(&self.base)
    }

    /// Whether the base gives the verdict of the independent R4 check.
    fn agrees(&self) -> bool {
        self.base.is_empty() == (self.row.r4_core == "valid")
    }
}

impl Row {
    /// Guide and edition, with the slash.
    fn folder(&self) -> &str {
        self.file.rfind('/').map_or("", |end| &self.file[..=end])
    }

    fn is_valid_on_record(&self) -> bool {
        self.profile.as_deref() == Some("valid")
    }
}

fn judge<'r>(data: &Path, folder: &str, rows: &'r [Row]) -> Result<Vec<Judged<'r>>, String> {
    let base = Validator::base();
    let names = EDITIONS.iter().find(|row| row.0 == folder).map(|row| row.1);
    let of_edition = match names {
        Some(names) => Some(validator(&profiles(data, names, Vec::new())?)),
        None => None,
    };
    let texts = |validator: &Validator, bytes: &[u8]| errors(&examine(validator, bytes)).map(told).collect();
    let here = rows.iter().filter(|row| row.folder() == folder);
    here.map(|row| {
        let bytes = read(&data.join("examples").join(&row.file))?;
        let edition = of_edition.as_ref().map(|validator| texts(validator, &bytes));
        Ok(Judged { row, base: texts(&base, &bytes), edition })
    })
    .collect()
}

fn by_edition(folders: &[&str], judged: &[Judged<'_>]) -> String {
    let row = |name: &str, holds: &dyn Fn(&Judged<'_>) -> bool| {
        let here: Vec<&Judged<'_>> = judged.iter().filter(|one| holds(one)).collect();
        let count = |holds: fn(&Judged<'_>) -> bool| here.iter().filter(|one| holds(one)).count();
        let recorded = count(|one| one.row.is_valid_on_record() && one.edition.is_some());
        let kept =
            count(|one| one.row.is_valid_on_record() && one.edition.as_ref().is_some_and(Vec::is_empty));
        let judged = count(|one| one.edition.is_some());
        [
            name.trim_end_matches('/').to_owned(),
            here.len().to_string(),
            share(count(|one| one.agrees()), here.len()),
            share(kept, recorded),
            share(count(|one| one.edition.as_ref().is_some_and(Vec::is_empty)), judged),
        ]
    };
    let mut rows: Vec<_> =
        folders.iter().map(|folder| row(folder, &|one| one.row.folder() == *folder)).collect();
    rows.push(row("**all**", &|_| true));
    table(
        [
            "edition",
            "examples",
            "R4: verdict agrees",
            "valid on record: no error",
            "no error by its packages",
        ],
        rows,
    )
}
