//! What this program is made of, held against a list of known vulnerabilities that its keeper puts beside it.

use std::fs;
use std::sync::LazyLock;

use semver::Version;
use serde::Deserialize;
use serde_json::json;

use super::Reading;
use crate::place::Place;

/// Every crate that is compiled in, and its version: the lockfile this was built from.
static PARTS: LazyLock<Vec<Part>> = LazyLock::new(|| {
    #[derive(Deserialize)]
    struct Lock {
        package: Vec<Part>,
    }
    let lock: Lock = toml::from_str(include_str!("../../../../Cargo.lock"))
        .expect("cargo wrote this lockfile and built this program from it");
    lock.package
});

#[derive(Deserialize)]
struct Part {
    name: String,
    version: String,
}

/// A vulnerability, as OSV (ossf.github.io/osv-schema) tells it; of it only what is needed here.
#[derive(Deserialize)]
struct Vulnerability {
    id: String,
    #[serde(default)]
    withdrawn: Option<String>,
    #[serde(default)]
    affected: Vec<Affected>,
}

#[derive(Deserialize)]
struct Affected {
    package: Package,
    #[serde(default)]
    ranges: Vec<Range>,
    #[serde(default)]
    versions: Vec<String>,
}

#[derive(Deserialize)]
struct Package {
    name: String,
    ecosystem: String,
}

#[derive(Deserialize)]
struct Range {
    #[serde(default)]
    events: Vec<Moment>,
}

#[derive(Deserialize)]
struct Moment {
    introduced: Option<String>,
    fixed: Option<String>,
    last_affected: Option<String>,
}

pub(super) fn read(place: &Place) -> Vec<Reading> {
    let Some(list) = &place.vulnerabilities else { return Vec::new() };
    let parsed = fs::read(list).map_err(|error| error.to_string()).and_then(|bytes| {
        serde_json::from_slice::<Vec<Vulnerability>>(&bytes).map_err(|error| error.to_string())
    });
    let known = match parsed {
        Ok(known) => known,
        Err(why) => return vec![Reading::failed("sbom_vuln", &why), Reading::failed("patch_state", &why)],
    };
    let living = known.iter().filter(|one| one.withdrawn.is_none());
    let found: Vec<String> = living.flat_map(|one| PARTS.iter().filter_map(|part| hit(one, part))).collect();
    let measured = json!({ "parts": PARTS.len(), "known": known.len(), "found": found });
    vec![
        Reading::new("sbom_vuln", found.is_empty(), measured.clone()),
        Reading::new("patch_state", found.is_empty(), measured),
    ]
}

fn hit(one: &Vulnerability, part: &Part) -> Option<String> {
    let version = Version::parse(&part.version).ok()?;
    let is_hit = one.affected.iter().any(|affected| {
        affected.package.ecosystem == "crates.io"
            && affected.package.name == part.name
            && (affected.versions.contains(&part.version)
                || affected.ranges.iter().any(|range| is_within(range, &version)))
    });
    is_hit.then(|| format!("{} {} {}", one.id, part.name, part.version))
}

/// A range's moments stand in order: in from `introduced`, out from `fixed` or after `last_affected`.
fn is_within(range: &Range, version: &Version) -> bool {
    let at = |text: &Option<String>| {
        text.as_deref().and_then(|text| {
            if text == "0" { Some(Version::new(0, 0, 0)) } else { Version::parse(text).ok() }
        })
    };
    let mut is_in = false;
    for moment in &range.events {
        is_in |= at(&moment.introduced).is_some_and(|from| *version >= from);
        is_in &= at(&moment.fixed).is_none_or(|fixed| *version < fixed);
        is_in &= at(&moment.last_affected).is_none_or(|last| *version <= last);
    }
    is_in
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(events: &str) -> tempfile::NamedTempFile {
        let file = tempfile::NamedTempFile::new().unwrap();
        let text = format!(
            r#"[{{"id":"OSV-0","affected":[{{"package":{{"name":"serde","ecosystem":"crates.io"}},
                "ranges":[{{"events":{events}}}]}}]}}]"#
        );
        fs::write(file.path(), text).unwrap();
        file
    }

    fn holds(events: &str) -> bool {
        let file = list(events);
        read(&Place { vulnerabilities: Some(file.path().to_owned()), ..Place::default() })[0].holds
    }

    #[test]
    fn a_known_vulnerability_of_what_is_compiled_in_fails_until_its_fix_is_in() {
        assert!(!holds(r#"[{"introduced":"0"}]"#));
        assert!(!holds(r#"[{"introduced":"0"},{"fixed":"99.0.0"}]"#));
        assert!(holds(r#"[{"introduced":"0"},{"fixed":"1.0.0"}]"#));
        assert!(holds(r#"[{"introduced":"99.0.0"}]"#));
        assert!(holds(r#"[{"introduced":"0"},{"last_affected":"0.9.0"}]"#));
    }

    #[test]
    fn a_list_that_cannot_be_read_proves_nothing_good() {
        let place = Place { vulnerabilities: Some("/nowhere.json".into()), ..Place::default() };
        assert!(!read(&place)[0].holds);
    }
}
