//! Validators that know packages.

use std::io::Read;
use std::path::{Path, PathBuf};

use fhir::validate::Validator;
use profile::{Library, Package, Profiles};

use super::read;

/// The packages of an edition of a guide, by the start of its examples' names.
pub(crate) const EDITIONS: &[(&str, &[&str])] = &[
    ("jp-clins/1.10.0/", &["jp-eCSCLINS.r4-1.10.0", "jp-core.r4-1.1.2-url", BY_URL]),
    ("jp-clins/1.5.2/", &["older/jp-eCSCLINS.r4-1.5.2", "jp-core.r4-1.1.2-url", BY_URL]),
    ("jp-clins/1.3.0-rc3/", &["older/jp-clins.r4-1.3.0-rc3", "jp-core.r4-1.1.2", BY_OID]),
    ("jp-core/1.1.2-url/", &["jp-core.r4-1.1.2-url", BY_URL]),
    ("jp-core/1.1.2/", &["jp-core.r4-1.1.2", BY_OID]),
    ("jp-core/1.2.0-dev/", &["jp-core.r4-1.2.0-dev", BY_URL]),
    ("jp-echeckup/1.5.0/", &["jp-eCheckupReport.r4-1.5.0", "jp-core.r4-1.1.2-clins", BY_URL]),
    ("jp-eprescription/0.1.0/", &["older/jp-ePrescriptionData-0.1.0", "jp-core.r4-1.1.2", BY_OID]),
    ("jp-ereferral/1.1.6/", &["older/jp-eReferral.r4-1.1.6", "jp-core.r4-1.1.2", BY_OID]),
];

/// The packages with which the cases of fhir-jp-validator are judged.
pub(crate) const JP_VALIDATOR: &[&str] = &["jp-eCSCLINS.r4-1.10.0", "jp-core.r4-1.2.0-dev", BY_URL];

/// The stand-in for the terminology package of the Japanese guides, as it is: many of its sets name systems by OID.
const BY_OID: &str = "jp-terminology-collected-0.1.0";
/// The same with the addresses that the guides use since JP-CLINS 1.5, by `terminology/oid-to-url.tsv`.
const BY_URL: &str = "jp-terminology-collected-0.1.0 by url";
/// Sets in the stand-in older than those of the official package, which allow more systems.
const OUTDATED: &[&str] = &["http://jpfhir.jp/fhir/core/ValueSet/JP_AllergyIntolerance_VS"];
const R4: &str = "hl7.fhir.r4.core-4.0.1";

/// The profiles of R4 itself and of these packages, by their files' names without the ending.
pub(crate) fn profiles(data: &Path, names: &[&str], others: Vec<Package>) -> Result<Profiles, String> {
    let read = |name: &&str| match *name {
        BY_URL => terminology_by_url(data),
        name => Package::read(&archive(data, name)).map_err(|error| format!("{name}: {error}")),
    };
    let mut packages = std::iter::once(&R4).chain(names).map(read).collect::<Result<Vec<_>, _>>()?;
    packages.extend(others);
    Ok(Profiles::of(&Library::of(packages)))
}

/// R4's base and these profiles.
pub(crate) fn validator(profiles: &Profiles) -> Validator {
    Validator::base().with(profiles.clone())
}

fn archive(data: &Path, name: &str) -> PathBuf {
    data.join("packages").join(format!("{name}.tgz"))
}

fn terminology_by_url(data: &Path) -> Result<Package, String> {
    let table =
        String::from_utf8(read(&data.join("terminology/oid-to-url.tsv"))?).map_err(|e| e.to_string())?;
    let columns = table.lines().skip(1).map(|line| line.split('\t').skip(2).take(2).collect::<Vec<_>>());
    let pairs: Vec<_> = columns.filter(|pair| pair.len() == 2 && pair[1].starts_with("http")).collect();
    let mut files = Vec::new();
    for (name, bytes) in
        unpack(&read(&archive(data, BY_OID))?).map_err(|error| format!("{BY_OID}: {error}"))?
    {
        let mut text = String::from_utf8(bytes).map_err(|error| format!("{name}: {error}"))?;
        if OUTDATED.iter().any(|url| text.contains(&format!("\"url\":\"{url}\""))) {
            continue;
        }
        for pair in &pairs {
            text = text.replace(&format!("\"{}\"", pair[0]), &format!("\"{}\"", pair[1]));
        }
        files.push((name, text.into_bytes()));
    }
    Package::from_files(files).map_err(|error| error.to_string())
}

/// The files of an archive by their names without the folder.
fn unpack(bytes: &[u8]) -> std::io::Result<Vec<(String, Vec<u8>)>> {
    let mut files = Vec::new();
    for entry in tar::Archive::new(flate2::read::GzDecoder::new(bytes)).entries()? {
        let mut entry = entry?;
        let path = entry.path()?.into_owned();
        let Some(name) = path.file_name().filter(|_| entry.header().entry_type().is_file()) else { continue };
        let mut content = Vec::new();
        entry.read_to_end(&mut content)?;
        files.push((name.to_string_lossy().into_owned(), content));
    }
    Ok(files)
}
