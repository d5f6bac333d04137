//! What is asked, and what this system has to do with it.

use serde_json::{Value, json};

use super::{OURS, id, line, metadata, prop};
use crate::pack::{Gathered, Line};

/// Every item of the edition, also what was not held against the original: it says so.
pub(super) fn catalog(gathered: &Gathered) -> Value {
    let chapters = &gathered.edition.chapters;
    let of = |chapter: Option<&str>| -> Vec<Value> {
        gathered.lines.iter().filter(|line| line.item.chapter.as_deref() == chapter).map(control).collect()
    };
    let mut catalog = json!({
        "uuid": id(&["catalog", &gathered.edition.id]),
        "metadata": metadata(gathered, "catalog"),
    });
    let groups = chapters.iter().map(|chapter| (chapter, of(Some(&chapter.id))));
    let groups = groups.filter(|(_, controls)| !controls.is_empty());
    let groups: Vec<Value> = groups
        .map(
            |(chapter, controls)| json!({"id": chapter.id, "title": line(&chapter.ja), "controls": controls}),
        )
        .collect();
    if groups.is_empty() {
        catalog["controls"] = gathered.lines.iter().map(control).collect();
    } else {
        catalog["groups"] = json!(groups);
        let rest = of(None);
        if !rest.is_empty() {
            catalog["controls"] = json!(rest);
        }
    }
    catalog
}

fn control(one: &Line) -> Value {
    let item = one.item;
    let verified = if item.is_printable() { "yes" } else { "no" };
    let mut props = vec![prop("verified", verified), prop("proof", item.proof.code())];
    props.extend(item.controls.iter().map(|control| prop("check", control)));
    json!({
        "id": item.id,
        "title": line(&item.ja),
        "props": props,
        "parts": [{
            "id": format!("{}_smt", item.id),
            "name": "statement",
            "prose": line(&item.ja),
        }, {
            "id": format!("{}_en", item.id),
            "name": "overview",
            "ns": OURS,
            "prose": line(&item.en),
        }],
    })
}

/// What of it is asked of this institution: the rows that were held against the original.
pub(super) fn profile(gathered: &Gathered) -> Value {
    json!({
        "uuid": id(&["profile", &gathered.edition.id, &gathered.institution]),
        "metadata": metadata(gathered, "profile"),
        "imports": [{"href": "catalog.json", "include-controls": [{"with-ids": ids(gathered)}]}],
    })
}

/// How this system takes part in each.
pub(super) fn components(gathered: &Gathered) -> Value {
    let catalog = &gathered.edition.id;
    let requirement = |line: &Line| {
        let props: Vec<Value> = line.item.controls.iter().map(|control| prop("check", control)).collect();
        let mut requirement = json!({
            "uuid": id(&["requirement", &line.item.id]),
            "control-id": line.item.id,
            "description": format!("{}: {}", line.item.proof.code(), line.item.controls.join(", ")),
        });
        if !props.is_empty() {
            requirement["props"] = json!(props);
        }
        requirement
    };
    json!({
        "uuid": id(&["components", catalog]),
        "metadata": metadata(gathered, "components"),
        "components": [{
            "uuid": id(&["component", "renkei"]),
            "type": "software",
            "title": gathered.word("renkei"),
            "description": gathered.word("renkei-about"),
            "control-implementations": [{
                "uuid": id(&["implementation", catalog]),
                "source": "catalog.json",
                "description": gathered.word("implementation"),
                "implemented-requirements": gathered.printed().map(requirement).collect::<Vec<_>>(),
            }],
        }],
    })
}

fn ids(gathered: &Gathered) -> Vec<&str> {
    gathered.printed().map(|line| line.item.id.as_str()).collect()
}
