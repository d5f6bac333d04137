//! What an answer says, in a line or a few.

use jiff::Timestamp;
use jiff::tz::{TimeZone, offset};
use serde_json::Value;

/// What a person would say of an answer's body.
pub(super) fn brief(json: &Value) -> String {
    match json["resourceType"].as_str() {
        None if json.is_null() => String::new(),
        None => format!("  {}", plain(json)),
        Some("Parameters") => format!("  {}", receipt(json)),
        Some("OperationOutcome") => issues(json),
        Some("Bundle") if json["type"] == "searchset" => searchset(json),
        Some(_) => format!("  {}", resource(json)),
    }
}

/// Names instead of ids, days instead of instants.
pub(super) fn masked(text: &str, names: &[(String, String)]) -> String {
    names.iter().fold(text.to_owned(), |text, (id, name)| text.replace(id, &format!("«{name}»")))
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

fn receipt(json: &Value) -> String {
    let of = |name: &str| {
        json["parameter"].as_array().into_iter().flatten().find(|one| one["name"] == name).cloned()
    };
    let reference =
        |name| of(name).map(|one| text(&one["valueReference"]["reference"]).to_owned()).unwrap_or_default();
    format!("受領 {} {}", reference("bundle"), reference("patient"))
}

fn issues(json: &Value) -> String {
    let issues = json["issue"].as_array().into_iter().flatten();
    let lines = issues.map(|issue| {
        let code = text(&issue["details"]["coding"][0]["code"]);
        format!("  {code} {}", text(&issue["details"]["text"]).replace('\n', " "))
    });
    lines.collect::<Vec<_>>().join("\n       ")
}

fn searchset(json: &Value) -> String {
    let entries: Vec<&Value> = json["entry"].as_array().into_iter().flatten().collect();
    let total = json["total"].as_u64().map(|total| format!("  {total}件")).unwrap_or_default();
    let lines = entries.iter().map(|entry| match text(&entry["search"]["mode"]) {
        "outcome" => issues(&entry["resource"]).trim_start().to_owned(),
        _ => resource(&entry["resource"]),
    });
    lines.fold(total, |told, line| told + "\n         " + &line)
}

fn resource(one: &Value) -> String {
    match text(&one["resourceType"]) {
        "Task" => task(one),
        "Bundle" => bundle(one),
        "DocumentReference" => {
            let attachment = &one["content"][0]["attachment"];
            format!("DocumentReference {} {}", text(&one["type"]["text"]), text(&attachment["title"]))
        }
        "AuditEvent" => audit_event(one),
        "Patient" => format!("Patient {}", text(&one["name"][0]["text"])),
        "Organization" => format!("Organization {} {}", text(&one["id"]), text(&one["name"])),
        kind => format!("{kind} {}{}", code(one), flags(one)),
    }
}

fn task(one: &Value) -> String {
    let consent = text(&one["statusReason"]["text"]);
    let consent = if consent.is_empty() { String::new() } else { format!("（{consent}）") };
    let parts = one["input"].as_array().map_or(0, Vec::len);
    let parts = if parts == 0 { String::new() } else { format!(" 添付{parts}件") };
    format!(
        "Task {} {}{consent}{parts} {}まで",
        text(&one["id"]),
        text(&one["businessStatus"]["text"]),
        moment(&one["restriction"]["period"]["end"])
    )
}

fn bundle(one: &Value) -> String {
    let first = &one["entry"][0]["resource"];
    let entries = one["entry"].as_array().map_or(0, Vec::len);
    let title = if first["resourceType"] == "Composition" { text(&first["title"]) } else { "報告単位" };
    format!("{title}（{entries}エントリ） {}", text(&one["identifier"]["value"]))
}

fn audit_event(one: &Value) -> String {
    let outcome = if one["outcome"] == "0" { "" } else { " 拒否" };
    let who = text(&one["agent"][0]["who"]["display"]);
    format!("AuditEvent {who} {} {}{outcome}", text(&one["action"]), text(&one["outcomeDesc"]))
}

fn code(one: &Value) -> String {
    let concept = if one["resourceType"] == "MedicationRequest" {
        &one["medicationCodeableConcept"]
    } else {
        &one["code"]
    };
    let name = text(&concept["text"]);
    if name.is_empty() { text(&concept["coding"][0]["display"]).to_owned() } else { name.to_owned() }
}

fn flags(one: &Value) -> String {
    let tags = one["meta"]["tag"].as_array().into_iter().flatten();
    tags.filter_map(|tag| tag["code"].as_str()).map(|code| format!(" {code}")).collect()
}

/// Our own JSON: a grant says its groups and its end, a table of masters its kinds.
fn plain(json: &Value) -> String {
    if json["groups"].is_array() {
        return format!("同意 {} {}まで", json["groups"], moment(&json["ends_at"]));
    }
    if let Some(kinds) = json["masters"].as_array() {
        let with = kinds.iter().map(|kind| {
            let versions: Vec<&str> =
                kind["versions"].as_array().into_iter().flatten().map(|one| text(&one["version"])).collect();
            format!("\n         {} {}", text(&kind["kind"]), versions.join(","))
        });
        return format!("マスタ{}", with.collect::<String>());
    }
    if let Some(rows) = json["rows"].as_array() {
        return format!("{} 版{} {}行", text(&json["kind"]), text(&json["version"]), rows.len());
    }
    if let Some(added) = json["added"].as_array() {
        let count = |name: &str| json[name].as_array().map_or(0, Vec::len);
        let (removed, changed) = (count("removed"), count("changed"));
        return format!("追加{} 削除{removed} 変更{changed}", added.len());
    }
    json.to_string()
}

/// An instant by the clock of Japan, to the minute.
fn moment(value: &Value) -> String {
    let instant: Timestamp = text(value).parse().unwrap_or_default();
    instant.to_zoned(TimeZone::fixed(offset(9))).strftime("%Y-%m-%d %H:%M").to_string()
}
