//! Masters, for download (CIS-IF-301): what there is, a version whole, what changed between two.

use std::collections::HashMap;
use std::sync::Arc;

use axum::extract::{Path, Query, State};
use axum::http::header::{ACCEPT, CONTENT_TYPE, ETAG, HeaderName, IF_NONE_MATCH};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use exchange::{Masters, NotShown, master_kinds};
use serde_json::{Value, json};
use store::{Fault, MasterRow, MasterVersion};

use crate::App;
use crate::answer::Refused;
use crate::door::Visitor;

const VERSION: HeaderName = HeaderName::from_static("master-version");
const JSON: &str = "application/json; charset=utf-8";
const CSV: &str = "text/csv; charset=utf-8; header=present";

type Parameters = Query<HashMap<String, String>>;

/// `GET /api/v1/masters`: every kind, its versions, and which one is in force today.
pub(crate) async fn masters(
    State(app): State<Arc<App>>,
    visitor: Visitor,
    headers: HeaderMap,
) -> Result<Response, Refused> {
    admit(&visitor)?;
    let masters = Masters(&app.exchange.store);
    let versions = app.exchange.store.masters().await.map_err(fault(&visitor))?;
    let today = visitor.act.today();
    let mut kinds = Vec::new();
    let mut tag = today.to_string();
    for kind in master_kinds() {
        let in_force = masters.in_force(&kind.kind, today).await.map_err(fault(&visitor))?;
        let own: Vec<&MasterVersion> = versions.iter().filter(|one| one.kind == kind.kind).collect();
        own.iter().for_each(|one| tag.push_str(&hexadecimal(&one.digest)));
        let own: Vec<Value> =
            own.into_iter().map(|one| described(&app, one, in_force.as_ref() == Some(one))).collect();
        kinds.push(json!({"kind": kind.kind, "name": kind.name_ja, "name_en": kind.name_en,
            "systems": kind.systems, "source": kind.source, "versions": own}));
    }
    let body = json!({"masters": kinds}).to_string();
    Ok(with_tag(&headers, &hexadecimal(&digest(tag.as_bytes())), JSON, "", || body))
}

/// `GET /api/v1/masters/{kind}?version=&format=`: a version, as CSV or (`format=json`, or asked for by `Accept`) JSON;
/// without a version, the one that is in force today.
pub(crate) async fn master(
    State(app): State<Arc<App>>,
    visitor: Visitor,
    headers: HeaderMap,
    Path(kind): Path<String>,
    Query(parameters): Parameters,
) -> Result<Response, Refused> {
    admit(&visitor)?;
    let version = chosen(&app, &visitor, &kind, parameters.get("version")).await?;
    let accepts = headers.get(ACCEPT).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let is_json = match parameters.get("format") {
        Some(format) => format == "json",
        None => accepts.starts_with("application/json"),
    };
    let rows = Masters(&app.exchange.store).rows(&version).await.map_err(fault(&visitor))?;
    let (media, form) = if is_json { (JSON, "json") } else { (CSV, "csv") };
    let tag = format!("{}-{form}", hexadecimal(&version.digest));
    Ok(with_tag(&headers, &tag, media, &version.version, || {
        if is_json { as_json(&version, &rows) } else { as_csv(&version, &rows) }
    }))
}

/// `GET /api/v1/masters/{kind}/difference?from=&to=`: what changed between two versions.
pub(crate) async fn difference(
    State(app): State<Arc<App>>,
    visitor: Visitor,
    Path(kind): Path<String>,
    Query(parameters): Parameters,
) -> Result<Response, Refused> {
    admit(&visitor)?;
    let (from, to) = (parameters.get("from"), parameters.get("to"));
    if from.is_none() || to.is_none() {
        return Err(Refused::bad_request("answer.versions-needed", visitor.language));
    }
    let from = chosen(&app, &visitor, &kind, from).await?;
    let to = chosen(&app, &visitor, &kind, to).await?;
    let found = Masters(&app.exchange.store).difference(&from, &to).await.map_err(fault(&visitor))?;
    let row = |row: &MasterRow| json!({"code": row.code, "display": row.display, "cells": row.cells});
    let changed = found.changed.iter().map(|change| {
        let cells =
            change.cells.iter().map(|(column, old, new)| json!({"column": column, "old": old, "new": new}));
        json!({"code": change.new.code, "display": change.new.display, "cells": cells.collect::<Vec<_>>()})
    });
    let body = json!({
        "from": from.version,
        "to": to.version,
        "added": found.added.iter().map(row).collect::<Vec<_>>(),
        "removed": found.removed.iter().map(row).collect::<Vec<_>>(),
        "changed": changed.collect::<Vec<_>>(),
    });
    Ok(([(CONTENT_TYPE, JSON)], body.to_string()).into_response())
}

/// A version as CSV, under the headings of the file it came in.
pub(crate) fn as_csv(version: &MasterVersion, rows: &[MasterRow]) -> String {
    let mut text = String::new();
    let mut line = |cells: &[String]| {
        let cells: Vec<String> = cells.iter().map(|cell| quoted(cell)).collect();
        text.push_str(&cells.join(","));
        text.push_str("\r\n");
    };
    line(&version.columns);
    rows.iter().for_each(|row| line(&row.cells));
    text
}

fn as_json(version: &MasterVersion, rows: &[MasterRow]) -> String {
    let day = |day: Option<jiff::civil::Date>| day.map(|day| day.to_string());
    let rows: Vec<Value> = rows
        .iter()
        .map(|row| {
            json!({"code": row.code, "display": row.display, "validFrom": day(row.valid_from),
                "validTo": day(row.valid_to), "cells": row.cells})
        })
        .collect();
    json!({"kind": version.kind, "version": version.version, "validFrom": version.valid_from.to_string(),
        "columns": version.columns, "rows": rows})
    .to_string()
}

/// RFC 4180. A cell that a spreadsheet would take for a formula stays as it is: these are codes, taken by machines.
fn quoted(cell: &str) -> String {
    if cell.contains([',', '"', '\n', '\r']) {
        format!("\"{}\"", cell.replace('"', "\"\""))
    } else {
        cell.to_owned()
    }
}

async fn chosen(
    app: &App,
    visitor: &Visitor,
    kind: &str,
    version: Option<&String>,
) -> Result<MasterVersion, Refused> {
    let masters = Masters(&app.exchange.store);
    let found = match version {
        Some(version) => masters.version(kind, version).await,
        None => masters.in_force(kind, visitor.act.today()).await,
    };
    found.map_err(fault(visitor))?.ok_or_else(|| Refused::not_found(visitor.language))
}

fn described(app: &App, one: &MasterVersion, is_in_force: bool) -> Value {
    json!({
        "version": one.version,
        "validFrom": one.valid_from.to_string(),
        "importedAt": one.imported_at.to_string(),
        "rows": one.rows,
        "sha256": hexadecimal(&one.digest),
        "inForce": is_in_force,
        "url": format!("{}/api/v1/masters/{}?version={}", app.base_url, one.kind, one.version),
    })
}

fn admit(visitor: &Visitor) -> Result<(), Refused> {
    access::may_read_masters(&visitor.viewer)
        .map_err(|refusal| Refused::not_shown(&NotShown::Refused(refusal), visitor.language))
}

fn fault(visitor: &Visitor) -> impl Fn(Fault) -> Refused {
    let language = visitor.language;
    move |fault| Refused::fault(&fault, language)
}

/// The body under its tag, or only word that the caller has it already.
fn with_tag(
    headers: &HeaderMap,
    tag: &str,
    media: &'static str,
    version: &str,
    body: impl FnOnce() -> String,
) -> Response {
    let tag = format!("\"{tag}\"");
    let known = headers.get(IF_NONE_MATCH).and_then(|value| value.to_str().ok()).unwrap_or_default();
    if known.split(',').any(|one| one.trim().trim_start_matches("W/") == tag) {
        return (StatusCode::NOT_MODIFIED, [(ETAG, tag)]).into_response();
    }
    let headers = [(CONTENT_TYPE, media.to_owned()), (ETAG, tag), (VERSION, version.to_owned())];
    (headers, body()).into_response()
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn digest(bytes: &[u8]) -> Vec<u8> {
    ring::digest::digest(&ring::digest::SHA256, bytes).as_ref().to_vec()
}
