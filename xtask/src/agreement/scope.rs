//! What the comparison counts, class by class; never case by case.

use serde_json::Value;

use super::official::Case;
use super::outcome::{Outcome, Told};

/// A class of cases that is not counted, and why.
pub(crate) struct CaseClass {
    pub(crate) name: &'static str,
    pub(crate) why: &'static str,
    pub(crate) holds: fn(&Case) -> bool,
}

/// A class of official errors that are not counted in a case that is, and why.
pub(crate) struct ErrorClass {
    pub(crate) name: &'static str,
    pub(crate) why: &'static str,
    pub(crate) holds: fn(&Told) -> bool,
}

/// The first class that holds is given.
pub(crate) const CASES: &[CaseClass] = &[
    CaseClass {
        name: "no official word",
        why: "the outcome named in the manifest is not in the data, or the file itself is not",
        holds: |case| matches!(case.official, Outcome::Absent) || case.document.is_empty(),
    },
    CaseClass {
        name: "switched off",
        why: "`use-test` is false: the suite itself does not run it",
        holds: |case| case.options["use-test"] == false,
    },
    CaseClass {
        name: "terminology server",
        why: "module tx or tx-advanced: asks a server for SNOMED CT, LOINC and others, or judges ValueSets by one",
        holds: |case| case.module.starts_with("tx"),
    },
    CaseClass {
        name: "absent package",
        why: "names a package of another registry that is not in the data",
        holds: |case| {
            let packages = case.options["packages"].as_array().into_iter().flatten();
            packages.filter_map(Value::as_str).any(|name| !name.contains(".tgz"))
        },
    },
    CaseClass {
        name: "XML",
        why: "a profile or package that it needs is XML; Renkei reads JSON only, as the service does",
        holds: |case| case.support.iter().any(|file| file.ends_with(".xml")),
    },
    CaseClass {
        name: "questionnaire answers",
        why: "judges a QuestionnaireResponse by its Questionnaire; the service exchanges neither",
        holds: |case| case.module == "questionnaire" && case.root["resourceType"] == "QuestionnaireResponse",
    },
    CaseClass {
        name: "another task",
        why: "modules matchetype, dsig, measure, scoring: comparing patterns, signatures, quality measures, scores",
        holds: |case| ["matchetype", "dsig", "measure", "scoring"].contains(&case.module.as_str()),
    },
    CaseClass {
        name: "checks of definitions",
        why: "judges a StructureDefinition, OperationDefinition, SearchParameter or CodeSystem beyond R4's own rules \
              for it (generating snapshots, comparing definitions); Renkei judges documents",
        holds: |case| {
            const DEFINITIONS: [&str; 4] =
                ["StructureDefinition", "OperationDefinition", "SearchParameter", "CodeSystem"];
            let kind = case.root["resourceType"].as_str().unwrap_or_default();
            DEFINITIONS.contains(&kind) || case.module == "sd"
        },
    },
    CaseClass {
        name: "options of the other program",
        why: "an option of the Java program decides the verdict (advisor, examples, ips, validateReference, \
              validateContains, no-experimental-content, its message limit)",
        holds: |case| {
            const OPTIONS: [&str; 7] = [
                "advisor",
                "examples",
                "ips",
                "validateReference",
                "validateContains",
                "no-experimental-content",
                "fhir-validator-cli-options",
            ];
            OPTIONS.iter().any(|option| case.options.get(option).is_some())
        },
    },
];

pub(crate) const ERRORS: &[ErrorClass] = &[
    ErrorClass {
        name: "code of an absent system",
        why: "a code or display of a code system that no package at hand defines (LOINC, SNOMED CT, UCUM, CVX, ICD); \
              unknown is not wrong",
        holds: |told| {
            const SYSTEMS: [&str; 7] = [
                "http://loinc.org",
                "http://snomed.info/sct",
                "http://unitsofmeasure.org",
                "http://hl7.org/fhir/sid/",
                "http://ncicb.nci.nih.gov/",
                "http://varnomen.hgvs.org",
                "urn:ietf:bcp:47",
            ];
            let about_codes = ["Wrong Display", "Unknown code", "The code provided", "None of the codings"];
            about_codes.iter().any(|start| told.text.starts_with(start))
                && SYSTEMS.iter().any(|system| told.text.contains(system))
        },
    },
    ErrorClass {
        name: "extension or profile not at hand",
        why: "the official validator refuses what it cannot look up; R4 (extensibility.html) lets anyone extend, so \
              ours warns",
        holds: |told| {
            told.text.contains("could not be found so is not allowed here")
                || told.text.starts_with("Unknown profile ")
                || told.text.starts_with("Specified profile ")
        },
    },
    ErrorClass {
        name: "link in a narrative",
        why: "a link that leads to nothing in its own resource harms nobody, and documents that the guides publish have \
              such links between entries; ours warns",
        holds: |told| told.text.starts_with("Hyperlink "),
    },
];

/// The class of a case that is out of scope.
pub(crate) fn case_class(case: &Case) -> Option<&'static CaseClass> {
    CASES.iter().find(|class| (class.holds)(case))
}

/// The class of an official error that is out of scope.
pub(crate) fn error_class(told: &Told) -> Option<&'static ErrorClass> {
    ERRORS.iter().find(|class| (class.holds)(told))
}
