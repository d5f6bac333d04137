//! Writes `crates/fhir/tables/r4.txt`: the facts of FHIR R4 4.0.1 (CC0) that the base judge needs.
//!
//! Facts only: types with their elements (name, least, most, types, targets, required value set) and invariants, and
//! the codes of those value sets as far as R4 lists them. The form is told in the table's own head.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use serde_json::Value;

const HEAD: &str = "\
# FHIR R4 4.0.1, facts for the base judge. Made by `cargo xtask regen r4`; do not edit. R4 is CC0.
# R/A/D/P/B name base: resource, abstract, datatype, primitive, part of another type; then its own elements:
#  name least most types [=value set]; >X refers to part X; Reference(A|B) names targets; name[x] is a choice.
#  !key[@element] severity, expression and words of an invariant, separated by tabs; advice is for best practice only.
# V value set: lines of system and codes, separated by tabs; `?` if R4 does not list the codes.
";

/// `--package P [--check]`: writes the table, or compares it with the one that stands.
pub(crate) fn run(args: &[&str]) -> Result<(), String> {
    let (package, check) = match args {
        ["--package", package] => (*package, false),
        ["--package", package, "--check"] | ["--check", "--package", package] => (*package, true),
        _ => return Err("regen r4 needs --package TGZ-OR-FOLDER, and may take --check".to_owned()),
    };
    let table = table(&read(Path::new(package))?);
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../crates/fhir/tables/r4.txt");
    if !check {
        return std::fs::write(&path, table).map_err(|e| format!("{}: {e}", path.display()));
    }
    let standing = std::fs::read_to_string(&path).map_err(|e| format!("{}: {e}", path.display()))?;
    if standing == table {
        Ok(())
    } else {
        Err("crates/fhir/tables/r4.txt differs from the package".to_owned())
    }
}

/// Says why it failed, on standard error.
pub(crate) fn complain(reason: &str) -> ExitCode {
    let _ = writeln!(std::io::stderr(), "{reason}");
    ExitCode::FAILURE
}

/// The resources of the package by kind.
#[derive(Default)]
struct Package {
    structures: BTreeMap<String, Value>,
    value_sets: BTreeMap<String, Value>,
    code_systems: BTreeMap<String, Value>,
}

fn read(source: &Path) -> Result<Package, String> {
    let unpacked;
    let folder = if source.is_dir() {
        source
    } else {
        unpacked = unpack(source)?;
        unpacked.as_path()
    };
    let inner = folder.join("package");
    let folder = if inner.is_dir() { inner } else { folder.to_owned() };
    let mut package = Package::default();
    for file in std::fs::read_dir(&folder).map_err(|e| format!("{}: {e}", folder.display()))? {
        let path = file.map_err(|e| e.to_string())?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        if ["StructureDefinition-", "ValueSet-", "CodeSystem-"].iter().any(|start| name.starts_with(start)) {
            let bytes = std::fs::read(&path).map_err(|e| format!("{}: {e}", path.display()))?;
            let value: Value =
                serde_json::from_slice(&bytes).map_err(|e| format!("{}: {e}", path.display()))?;
            package.add(value);
        }
    }
    Ok(package)
}

fn unpack(archive: &Path) -> Result<PathBuf, String> {
    let folder = std::env::temp_dir().join(format!("renkei-r4-{}", std::process::id()));
    std::fs::create_dir_all(&folder).map_err(|e| e.to_string())?;
    let status = Command::new("tar").arg("-xzf").arg(archive).arg("-C").arg(&folder).status();
    match status {
        Ok(status) if status.success() => Ok(folder),
        other => Err(format!("tar could not unpack {}: {other:?}", archive.display())),
    }
}

impl Package {
    fn add(&mut self, value: Value) {
        match text(&value, "resourceType") {
            "StructureDefinition" => {
                let kind = text(&value, "kind");
                let is_type = text(&value, "derivation") != "constraint" && kind != "logical";
                let foreign = text(&value, "id") == "SubscriptionStatus";
                if is_type && !foreign {
                    self.structures.insert(text(&value, "id").to_owned(), value);
                }
            }
            "ValueSet" => _ = self.value_sets.insert(text(&value, "url").to_owned(), value),
            "CodeSystem" => _ = self.code_systems.insert(text(&value, "url").to_owned(), value),
            _ => {}
        }
    }
}

fn table(package: &Package) -> String {
    let mut out = HEAD.to_owned();
    let mut bound = BTreeSet::new();
    for (name, structure) in &package.structures {
        write_type(&mut out, name, structure, &mut bound);
    }
    for url in &bound {
        let _ = writeln!(out, "V {url}");
        match expand(package, url) {
            None => out.push_str(" ?\n"),
            Some(systems) => {
                for (system, codes) in systems {
                    let codes: Vec<&str> = codes.iter().map(String::as_str).collect();
                    let _ = writeln!(out, " {system}\t{}", codes.join("\t"));
                }
            }
        }
    }
    out
}

/// A type, then its parts, each with the elements that it brings itself.
fn write_type(out: &mut String, name: &str, structure: &Value, bound: &mut BTreeSet<String>) {
    let kind = match (text(structure, "kind"), structure["abstract"] == true) {
        ("primitive-type", _) => 'P',
        ("resource", false) => 'R',
        (_, true) => 'A',
        (_, false) if name == "xhtml" => 'P',
        (_, false) => 'D',
    };
    let base = text(structure, "baseDefinition").rsplit('/').next().unwrap_or_default();
    let elements = structure["snapshot"]["element"].as_array().map(Vec::as_slice).unwrap_or_default();
    let mut parts: BTreeMap<String, (String, Vec<String>)> = BTreeMap::new();
    parts.insert(
        name.to_owned(),
        (format!("{kind} {name} {}", if base.is_empty() { "-" } else { base }), Vec::new()),
    );
    for element in elements.iter().skip(1) {
        let path = text(element, "path");
        let own = element["base"]["path"].as_str().is_none_or(|base| base == path);
        if !own || kind == 'P' {
            continue;
        }
        let has_parts = elements.iter().any(|other| text(other, "path").starts_with(&format!("{path}.")));
        if has_parts {
            let base = element["type"][0]["code"].as_str().unwrap_or("BackboneElement");
            parts.insert(path.to_owned(), (format!("B {path} {base}"), Vec::new()));
        }
        let (parent, last) = path.rsplit_once('.').unwrap_or((name, path));
        let line = element_line(element, path, last, has_parts, bound);
        if let Some(part) = parts.get_mut(parent) {
            part.1.push(line);
        }
    }
    for constrained in structure["differential"]["element"].as_array().into_iter().flatten() {
        write_invariants(constrained, name, &mut parts);
    }
    for (head, lines) in parts.values() {
        let _ = writeln!(out, "{head}");
        for line in lines {
            let _ = writeln!(out, " {line}");
        }
    }
}

/// The invariants of an element: of its type where that is a part, otherwise with its name.
fn write_invariants(element: &Value, name: &str, parts: &mut BTreeMap<String, (String, Vec<String>)>) {
    let path = text(element, "path");
    let (part, place) = if parts.contains_key(path) {
        (path, String::new())
    } else {
        let (parent, last) = path.rsplit_once('.').unwrap_or((name, path));
        (parent, format!("@{last}"))
    };
    for invariant in element["constraint"].as_array().into_iter().flatten() {
        let advice = invariant["extension"].as_array().into_iter().flatten().any(|extension| {
            text(extension, "url").ends_with("elementdefinition-bestpractice")
                && extension["valueBoolean"] == true
        });
        let severity = if advice { "advice" } else { text(invariant, "severity") };
        let plain = |name| text(invariant, name).split_whitespace().collect::<Vec<_>>().join(" ");
        let (key, expression, human) =
            (text(invariant, "key"), text(invariant, "expression"), plain("human"));
        if let Some(part) = parts.get_mut(part) {
            part.1.push(format!("!{key}{place} {severity}\t{expression}\t{human}"));
        }
    }
}

fn element_line(
    element: &Value,
    path: &str,
    last: &str,
    has_parts: bool,
    bound: &mut BTreeSet<String>,
) -> String {
    let types = match element["contentReference"].as_str() {
        Some(reference) => format!(">{}", reference.trim_start_matches('#')),
        None if has_parts => format!(">{path}"),
        None => types(element, path),
    };
    let mut line = format!("{last} {} {} {types}", element["min"], text(element, "max"));
    let binding = &element["binding"];
    if binding["strength"] == "required"
        && let Some(url) = binding["valueSet"].as_str()
    {
        let url = url.split('|').next().unwrap_or(url);
        let _ = write!(line, " ={url}");
        bound.insert(url.to_owned());
    }
    line
}

fn types(element: &Value, path: &str) -> String {
    let list = element["type"].as_array().map(Vec::as_slice).unwrap_or_default();
    let written = list.iter().map(|kind| {
        let code = text(kind, "code");
        match (code.rsplit('.').next(), path) {
            (Some("String"), "Resource.id") => return "id".to_owned(),
            (Some("String"), "Extension.url") => return "uri".to_owned(),
            (Some("String"), _) if code.contains('/') => return "string".to_owned(),
            _ => {}
        }
        let targets = kind["targetProfile"].as_array().map(Vec::as_slice).unwrap_or_default();
        let names: Vec<&str> =
            targets.iter().filter_map(Value::as_str).filter_map(|url| url.rsplit('/').next()).collect();
        if code != "Reference" || names.is_empty() || names.contains(&"Resource") {
            return code.to_owned();
        }
        format!("Reference({})", names.join("|"))
    });
    written.collect::<Vec<_>>().join(",")
}

/// The codes of a value set by system; none if R4 does not list them all.
fn expand(package: &Package, url: &str) -> Option<BTreeMap<String, BTreeSet<String>>> {
    let mut systems: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let compose = &package.value_sets.get(url)?["compose"];
    if compose.get("exclude").is_some() {
        return None;
    }
    for include in compose["include"].as_array()? {
        if include.get("filter").is_some() || include.get("valueSet").is_some() {
            return None;
        }
        let system = text(include, "system");
        let into = systems.entry(system.to_owned()).or_default();
        if let Some(concepts) = include["concept"].as_array() {
            into.extend(concepts.iter().map(|concept| text(concept, "code").to_owned()));
            continue;
        }
        let code_system = package.code_systems.get(system).filter(|found| found["content"] == "complete")?;
        gather(&code_system["concept"], into);
    }
    Some(systems)
}

fn gather(concepts: &Value, into: &mut BTreeSet<String>) {
    for concept in concepts.as_array().map(Vec::as_slice).unwrap_or_default() {
        into.insert(text(concept, "code").to_owned());
        gather(&concept["concept"], into);
    }
}

fn text<'v>(value: &'v Value, name: &str) -> &'v str {
    value[name].as_str().unwrap_or_default()
}
