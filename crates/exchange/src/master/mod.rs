//! Masters: tables of codes, of lab items and of institutions, version beside version.
//!
//! `reading.rs` turns a file into rows or names every line that is none; `places.rs` reads institutions; `compare.rs`
//! tells two versions apart; `codes.rs` holds documents against what is in force; `revalidate.rs` does so with all that
//! is stored.

mod codes;
mod compare;
mod places;
mod reading;
mod revalidate;

use std::sync::LazyLock;

use access::Viewer;
use audit::Outcome;
use jiff::civil::Date;
use profile::Unusable;
use ring::digest::{SHA256, digest};
use serde::Deserialize;
use store::{Fault, Kept, MasterRow, MasterVersion, Store};

use crate::{Act, record};

pub use codes::MasterCodes;
pub use compare::{Change, Difference};
pub use reading::{BadRow, BadRowKind};
pub use revalidate::{Age, Progress, Revalidation, Tally};

/// A kind of master: a row of `rules/masters.toml`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MasterKind {
    /// Its code, in addresses and at the command line.
    pub kind: String,
    /// Name in Japanese.
    pub name_ja: String,
    /// Name in English.
    pub name_en: String,
    /// The code systems it rules.
    pub systems: Vec<String>,
    code: Vec<String>,
    display: Vec<String>,
    from: Vec<String>,
    to: Vec<String>,
    /// Who makes it.
    pub source: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    master: Vec<MasterKind>,
}

static TABLE: LazyLock<Table> = LazyLock::new(|| {
    toml::from_str(include_str!("../../../../rules/masters.toml"))
        .expect("rules/masters.toml is compiled in and a test reads it")
});

/// The kind whose rows are institutions.
pub const INSTITUTIONS: &str = "institutions";

/// Every kind of master there is.
pub fn master_kinds() -> &'static [MasterKind] {
    &TABLE.master
}

/// The kind with this code.
pub fn master_kind(code: &str) -> Option<&'static MasterKind> {
    TABLE.master.iter().find(|kind| kind.kind == code)
}

/// A file that is to become a version.
#[derive(Clone, Debug)]
pub struct MasterFile {
    /// Which master.
    pub kind: String,
    /// Its maker's name for the version.
    pub version: String,
    /// The day it comes into force. Institutions that do not say use the service from then on.
    pub valid_from: Date,
    /// CSV or TSV, in UTF-8 or Shift_JIS, with a line of names.
    pub bytes: Vec<u8>,
    /// Headings other than the known ones.
    pub headings: Headings,
    /// Institutions that are not in the file use the service no more: the file is the whole list.
    pub is_complete: bool,
}

/// Headings of the columns that count, where they are not the known ones; by name or by number from 1.
#[derive(Clone, Debug, Default)]
pub struct Headings {
    /// The code, or an institution's number.
    pub code: Option<String>,
    /// What it is called.
    pub display: Option<String>,
    /// The first day.
    pub from: Option<String>,
    /// The last day.
    pub to: Option<String>,
}

/// A version that stands.
#[derive(Debug)]
pub struct Imported {
    /// The version.
    pub version: MasterVersion,
    /// Whether it stood before.
    pub was_there: bool,
    /// Institutions that the hub knows and the file does not.
    pub absent: usize,
}

/// Why a file did not become a version. Nothing of it was kept.
#[derive(Debug)]
pub enum NotImported {
    /// There is no such kind of master.
    UnknownKind,
    /// The version's name is not plain: letters, digits, `.`, `_` and `-`, 64 at most.
    BadVersion,
    /// It cannot be read.
    Unusable(Unusable),
    /// It has no column under any of these names.
    NoColumn(Vec<String>),
    /// These lines cannot be right.
    Rows(Vec<BadRow>),
    /// Another file stands under this version's name.
    OtherFile,
    /// The store could not keep it.
    Store(Fault),
}

/// The masters of a store.
#[derive(Clone, Copy)]
pub struct Masters<'s>(pub &'s Store);

impl Masters<'_> {
    /// Keeps a file as a version, whole or not at all.
    ///
    /// # Errors
    /// See [`NotImported`].
    pub async fn import(&self, file: MasterFile, by: &Viewer, act: &Act) -> Result<Imported, NotImported> {
        let kind = master_kind(&file.kind).ok_or(NotImported::UnknownKind)?;
        if !is_plain(&file.version) {
            return Err(NotImported::BadVersion);
        }
        let read = reading::read(kind, &file)?;
        let (mut institutions, mut absent) = (Vec::new(), 0);
        if kind.kind == INSTITUTIONS {
            let known = self.0.institutions().await?;
            let named = places::institutions(&read, file.valid_from).map_err(NotImported::Rows)?;
            let missing = places::missing(&known, &named);
            absent = missing.len();
            let ended = missing.into_iter().filter(|_| file.is_complete);
            let ended = ended.map(|one| places::ended(one, file.valid_from));
            // What is said already need not be said again.
            institutions = named.into_iter().chain(ended).filter(|one| !known.contains(one)).collect();
        }
        let version = MasterVersion {
            kind: file.kind,
            version: file.version,
            valid_from: file.valid_from,
            imported_at: act.now,
            imported_by: by.name.clone(),
            digest: digest_of(&file.bytes),
            columns: read.columns,
            rows: read.rows.len(),
        };
        let mut event = record::event(act, audit::Act::Master, Outcome::Done, by, "operator")?;
        event.objects = vec![format!("{} {}", version.kind, version.version)];
        match self.0.keep_master(version.clone(), read.rows, institutions, event).await? {
            Kept::OtherFile => Err(NotImported::OtherFile),
            kept => Ok(Imported { version, was_there: kept == Kept::Already, absent }),
        }
    }

    /// The version of a kind that is in force on a day: the last one that came into force by then.
    ///
    /// # Errors
    /// On any [`Fault`].
    pub async fn in_force(&self, kind: &str, day: Date) -> Result<Option<MasterVersion>, Fault> {
        let versions = self.0.masters().await?;
        Ok(in_force(&versions, kind, day).cloned())
    }

    /// A version by its name.
    ///
    /// # Errors
    /// On any [`Fault`].
    pub async fn version(&self, kind: &str, name: &str) -> Result<Option<MasterVersion>, Fault> {
        let versions = self.0.masters().await?;
        Ok(versions.into_iter().find(|one| one.kind == kind && one.version == name))
    }

    /// The rows of a version.
    ///
    /// # Errors
    /// On any [`Fault`].
    pub async fn rows(&self, version: &MasterVersion) -> Result<Vec<MasterRow>, Fault> {
        self.0.master_rows(version.kind.clone(), version.version.clone()).await
    }

    /// What changed from one version to another.
    ///
    /// # Errors
    /// On any [`Fault`].
    pub async fn difference(&self, from: &MasterVersion, to: &MasterVersion) -> Result<Difference, Fault> {
        let (old, new) = (self.rows(from).await?, self.rows(to).await?);
        Ok(compare::difference((&from.columns, old), (&to.columns, new)))
    }
}

/// Of a list in the order of coming into force, the last of a kind that is in force on a day.
fn in_force<'v>(versions: &'v [MasterVersion], kind: &str, day: Date) -> Option<&'v MasterVersion> {
    versions.iter().rev().find(|one| one.kind == kind && one.valid_from <= day)
}

fn is_plain(name: &str) -> bool {
    let is_plain = |one: u8| one.is_ascii_alphanumeric() || b"._-".contains(&one);
    (1..=64).contains(&name.len()) && name.bytes().all(is_plain)
}

fn digest_of(bytes: &[u8]) -> [u8; 32] {
    let mut sum = [0; 32];
    sum.copy_from_slice(digest(&SHA256, bytes).as_ref());
    sum
}

impl From<Fault> for NotImported {
    fn from(fault: Fault) -> Self {
        Self::Store(fault)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_of_master_has_headings_and_no_system_has_two_masters() {
        let mut systems: Vec<&String> = master_kinds().iter().flat_map(|kind| &kind.systems).collect();
        let count = systems.len();
        systems.sort();
        systems.dedup();
        assert_eq!(systems.len(), count);
        for kind in master_kinds() {
            assert!(!kind.code.is_empty() && !kind.display.is_empty() && !kind.source.is_empty());
        }
        assert!(master_kind(INSTITUTIONS).is_some());
    }
}
