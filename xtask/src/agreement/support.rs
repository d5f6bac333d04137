//! What the official cases want known beforehand: their profiles, value sets and packages, in as few sets as possible.

use std::collections::BTreeMap;
use std::path::Path;

use fhir::validate::Validator;
use profile::{Package, Profiles};
use serde_json::{Value, json};

use super::official::Case;
use super::packages::{profiles, validator};
use super::{parallel, read};

/// Judges for all cases. Cases share one as long as no two of their files define the same canonical.
pub(crate) struct Judges {
    sets: Vec<Profiles>,
    by_support: BTreeMap<Vec<String>, usize>,
}

/// Some files and packages that do not contradict each other.
#[derive(Default)]
struct Batch {
    /// Who defines which canonical, and which package is there in which version.
    names: BTreeMap<String, String>,
    files: Vec<(String, Vec<u8>)>,
    packages: Vec<String>,
}

impl Judges {
    pub(crate) fn of(data: &Path, folder: &Path, cases: &[&Case]) -> Result<Self, String> {
        let mut batches = vec![Batch::default()];
        let mut by_support = BTreeMap::new();
        for case in cases {
            if !by_support.contains_key(&case.support) {
                by_support.insert(case.support.clone(), place(&mut batches, folder, &case.support)?);
            }
        }
        let sets = parallel(&batches, |batch| batch.profiles(data, folder));
        Ok(Self { sets: sets.into_iter().collect::<Result<_, _>>()?, by_support })
    }

    /// The judge of one case, who demands the case's profile.
    pub(crate) fn of_case(&self, case: &Case) -> Result<Validator, String> {
        let set = self.by_support.get(&case.support).map_or(&self.sets[0], |place| &self.sets[*place]);
        match &case.demanded {
            None => Ok(validator(set)),
            Some(canonical) => {
                let demanding = set.demanding(std::slice::from_ref(canonical));
                demanding.map(|set| validator(&set)).map_err(|error| format!("{}: {error}", case.name))
            }
        }
    }
}

/// Puts the files into the first batch that says nothing else about them.
fn place(batches: &mut Vec<Batch>, folder: &Path, support: &[String]) -> Result<usize, String> {
    let mut addition = Batch::default();
    for name in support {
        if let Some((package, version)) = package(name) {
            addition.names.insert(package, version);
            addition.packages.push(name.clone());
        } else {
            let bytes = read(&folder.join(name))?;
            let root: Value = serde_json::from_slice(&bytes).map_err(|error| format!("{name}: {error}"))?;
            if let Some(url) = root["url"].as_str() {
                addition.names.insert(url.to_owned(), name.clone());
            }
            addition.files.push((name.replace('/', "-"), bytes));
        }
    }
    let agrees = |batch: &Batch| {
        addition.names.iter().all(|(name, file)| batch.names.get(name).is_none_or(|known| known == file))
    };
    let place = batches.iter().position(agrees).unwrap_or(batches.len());
    if place == batches.len() {
        batches.push(Batch::default());
    }
    batches[place].join(addition);
    Ok(place)
}

/// Name and version in `a/b#1.0.0.tgz`.
fn package(file: &str) -> Option<(String, String)> {
    let name = file.rsplit('/').next()?.strip_suffix(".tgz")?;
    name.split_once('#').map(|(name, version)| (name.to_owned(), version.to_owned()))
}

impl Batch {
    fn join(&mut self, other: Self) {
        self.names.extend(other.names);
        self.files.extend(other.files);
        self.packages.extend(other.packages);
        self.files.sort();
        self.files.dedup();
        self.packages.sort();
        self.packages.dedup();
    }

    fn profiles(&self, data: &Path, folder: &Path) -> Result<Profiles, String> {
        let read =
            |name: &String| Package::read(&folder.join(name)).map_err(|error| format!("{name}: {error}"));
        let mut packages = self.packages.iter().map(read).collect::<Result<Vec<_>, _>>()?;
        let manifest = json!({ "name": "of.the.cases", "version": "1.0.0" }).to_string().into_bytes();
        let files =
            std::iter::once(("package.json".to_owned(), manifest)).chain(self.files.clone()).collect();
        packages.push(Package::from_files(files).map_err(|error| error.to_string())?);
        profiles(data, &[], packages)
    }
}
