//! Validators that know packages.

use std::path::Path;

use fhir::validate::Validator;
use profile::{Library, Package, Profiles};

/// The packages of an edition of a guide, by the start of its examples' names.
pub(crate) const EDITIONS: &[(&str, &[&str])] = &[
    ("jp-clins/1.10.0/", &["jp-eCSCLINS.r4-1.10.0", "jp-core.r4-1.1.2-url", TERMINOLOGY]),
    ("jp-clins/1.5.2/", &["older/jp-eCSCLINS.r4-1.5.2", "jp-core.r4-1.1.2-url", TERMINOLOGY]),
    ("jp-clins/1.3.0-rc3/", &["older/jp-clins.r4-1.3.0-rc3", "jp-core.r4-1.1.2-url", TERMINOLOGY]),
    ("jp-core/1.1.2-url/", &["jp-core.r4-1.1.2-url", TERMINOLOGY]),
    ("jp-core/1.1.2/", &["jp-core.r4-1.1.2", TERMINOLOGY]),
    ("jp-core/1.2.0-dev/", &["jp-core.r4-1.2.0-dev", TERMINOLOGY]),
    ("jp-echeckup/1.5.0/", &["jp-eCheckupReport.r4-1.5.0", "jp-core.r4-1.1.2-clins", TERMINOLOGY]),
    ("jp-eprescription/0.1.0/", &["older/jp-ePrescriptionData-0.1.0", "jp-core.r4-1.1.2", TERMINOLOGY]),
    ("jp-ereferral/1.1.6/", &["older/jp-eReferral.r4-1.1.6", "jp-core.r4-1.1.2-clins", TERMINOLOGY]),
];

/// The packages with which the cases of fhir-jp-validator are judged.
pub(crate) const JP_VALIDATOR: &[&str] = &["jp-eCSCLINS.r4-1.10.0", "jp-core.r4-1.2.0-dev", TERMINOLOGY];

const TERMINOLOGY: &str = "jp-terminology-collected-0.1.0";
const R4: &str = "hl7.fhir.r4.core-4.0.1";

/// The profiles of R4 itself and of these packages, by their files' names without the ending.
pub(crate) fn profiles(data: &Path, names: &[&str], others: Vec<Package>) -> Result<Profiles, String> {
    let folder = data.join("packages");
    let read = |name: &&str| {
        Package::read(&folder.join(format!("{name}.tgz"))).map_err(|error| format!("{name}: {error}"))
    };
    let mut packages = std::iter::once(&R4).chain(names).map(read).collect::<Result<Vec<_>, _>>()?;
    packages.extend(others);
    Ok(Profiles::of(&Library::of(packages)))
}

/// R4's base and these profiles.
pub(crate) fn validator(profiles: &Profiles) -> Validator {
    Validator::base().with(profiles.clone())
}
