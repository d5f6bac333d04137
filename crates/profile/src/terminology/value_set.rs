use serde_json::Value;

/// A value set as written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ValueSet {
    /// Its canonical.
    pub url: String,
    /// Its version.
    pub version: Option<String>,
    /// Its name for people.
    pub title: Option<String>,
    /// What it takes in.
    pub includes: Vec<Clause>,
    /// What it leaves out again.
    pub excludes: Vec<Clause>,
    /// System, code and display as somebody expanded it before, if all of it is told.
    pub given: Option<Vec<(String, String, Option<String>)>>,
}

/// One `include` or `exclude`: what all its parts have in common.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Clause {
    /// The code system.
    pub system: Option<String>,
    /// The version of the code system.
    pub version: Option<String>,
    /// Codes and displays, if they are listed.
    pub concepts: Vec<(String, Option<String>)>,
    /// What the codes must meet.
    pub filters: Vec<Filter>,
    /// Canonicals of value sets that the codes must be in.
    pub value_sets: Vec<String>,
}

/// One condition on codes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Filter {
    /// `concept`, `code`, `display`, or a property of the code system.
    pub property: String,
    /// `=`, `is-a`, `descendent-of`, `is-not-a`, `regex`, `in`, `not-in`, `generalizes`, `exists`.
    pub op: String,
    /// The value that is compared.
    pub value: String,
}

/// Its makers could not tell all codes.
const UNCLOSED: &str = "http://hl7.org/fhir/StructureDefinition/valueset-unclosed";
const TOO_COSTLY: &str = "http://hl7.org/fhir/StructureDefinition/valueset-toocostly";

impl ValueSet {
    /// None without a canonical.
    pub(crate) fn read(value: Value) -> Option<Self> {
        let text = |name: &str| value[name].as_str().filter(|text| !text.is_empty()).map(str::to_owned);
        let clauses = |name: &str| -> Vec<Clause> {
            value["compose"][name].as_array().into_iter().flatten().map(Clause::read).collect()
        };
        Some(Self {
            url: text("url")?,
            version: text("version"),
            title: text("title").or_else(|| text("name")),
            includes: clauses("include"),
            excludes: clauses("exclude"),
            given: given(&value["expansion"]),
        })
    }
}

impl Clause {
    fn read(value: &Value) -> Self {
        let text = |value: &Value| value.as_str().filter(|text| !text.is_empty()).map(str::to_owned);
        let list = |name: &str| value[name].as_array().into_iter().flatten();
        let concepts = list("concept").filter_map(|one| Some((text(&one["code"])?, text(&one["display"]))));
        let filters = list("filter").filter_map(|one| {
            let value = match &one["value"] {
                Value::String(text) => text.clone(),
                other => other.to_string(),
            };
            Some(Filter { property: text(&one["property"])?, op: text(&one["op"])?, value })
        });
        Self {
            system: text(&value["system"]),
            version: text(&value["version"]),
            concepts: concepts.collect(),
            filters: filters.collect(),
            value_sets: list("valueSet").filter_map(text).collect(),
        }
    }
}

fn given(expansion: &Value) -> Option<Vec<(String, String, Option<String>)>> {
    let marks = expansion["extension"].as_array().into_iter().flatten();
    if marks.into_iter().any(|mark| mark["url"] == UNCLOSED || mark["url"] == TOO_COSTLY) {
        return None;
    }
    let mut codes = Vec::new();
    gather(expansion["contains"].as_array()?, &mut codes);
    let total = expansion["total"].as_u64().unwrap_or(codes.len() as u64);
    (total <= codes.len() as u64).then_some(codes)
}

fn gather(list: &[Value], codes: &mut Vec<(String, String, Option<String>)>) {
    for one in list {
        if let (Some(system), Some(code)) = (one["system"].as_str(), one["code"].as_str())
            && one["abstract"] != true
        {
            codes.push((system.to_owned(), code.to_owned(), one["display"].as_str().map(str::to_owned)));
        }
        gather(one["contains"].as_array().map(Vec::as_slice).unwrap_or_default(), codes);
    }
}
