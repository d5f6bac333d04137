//! A real OpenID provider from npm, against a running hub.

use std::fs;
use std::net::TcpListener;
use std::path::Path;

use serde_json::{Value, json};

use crate::clients::{HOSPITAL, fresh_folder, prepare, said, start_hub, today};
use crate::shell::{answers, root, run_program, skip};

/// What the provider and the hub both know; fictional.
const SECRET: &str = "0123456789abcdef-fictional";

/// Runs `tests/provider` against a hub of its own.
pub(crate) fn check() -> Result<(), String> {
    if !(answers("node", "--version") && answers("npm", "--version")) {
        return skip("the real OpenID provider", "there is no Node.js here");
    }
    let home = root().join("tests/provider");
    if let Err(why) = run_program("npm", &["ci", "--no-audit", "--no-fund"], &home) {
        return skip("the real OpenID provider", &why);
    }
    let folder = fresh_folder("provider")?;
    let region = demo::region(today());
    prepare(&folder, &region)?;
    let (mut hub, url) = start_hub(&folder)?;
    let outcome = stage(&folder, &region, &url).and_then(|stage| {
        let path = folder.join("stage.json");
        fs::write(&path, stage.to_string()).map_err(|error| error.to_string())?;
        run_program("node", &["provider.mjs", &path.display().to_string()], &home)
    });
    drop(hub.kill());
    drop(hub.wait());
    outcome
}

/// The provider under four names, and an invitation, at a hub that has begun and knows its institutions.
fn stage(folder: &Path, region: &demo::Region, url: &str) -> Result<Value, String> {
    // Nobody else takes it in between: the provider is started at once.
    let port = TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr());
    let port = port.map_err(|error| error.to_string())?.port();
    let issuer = format!("http://127.0.0.1:{port}");
    fs::write(folder.join("secret"), SECRET).map_err(|error| error.to_string())?;
    let jwks = said(folder, &["app", "key", "--out", "hub.pem"])?;
    let jwks: Value = serde_json::from_str(&jwks).map_err(|error| error.to_string())?;
    let add = |client: &str, more: &[&str]| {
        let common = ["provider", "add", "--name", "架空のID", "--issuer", &issuer, "--client-id", client];
        said(folder, &[&common[..], more].concat()).map(|id| id.trim().to_owned())
    };
    let (staff, secret) = (["--kind", "staff", "--institution", HOSPITAL], ["--secret-file", "secret"]);
    let patients = ["--kind", "patient", "--claim", "urn:renkei:member", "--checked", "カードと暗証番号"];
    let agreed = [&staff[..], &secret, &["--acr", "urn:example:two"]].concat();
    let providers = json!({
        "hospital": add("hospital", &[&staff[..], &secret].concat())?,
        "keyed": add("keyed", &[&staff[..], &["--key", "hub.pem"]].concat())?,
        "agreed": add("agreed", &agreed)?,
        "patients": add("patients", &[&patients[..], &secret].concat())?,
    });
    let invite = ["account", "invite", "kakuu.provider", "--name", "架空 連携", "--role", "safety-manager"];
    let link = said(folder, &[&invite[..], &["--institution", HOSPITAL, "--checked", "職員証"]].concat())?;
    let at = link.find("/invitation/").ok_or("there is no link in what was said")?;
    let member = &region.patients[0].members[0].member_id;
    Ok(json!({
        "url": url, "port": port, "secret": SECRET, "jwks": jwks, "providers": providers,
        "invitation": link[at..].trim(), "member": member,
    }))
}
