use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::time::Instant;

use store::Store;

use crate::commands::{Manner, block_on, say};
use crate::config::Config;
use crate::fault::Fault;
use crate::library;

/// Looks at everything `serve` needs, and says what is wrong and how to mend it. True if nothing is.
pub(crate) fn run(path: &Path, manner: Manner) -> Result<bool, Fault> {
    let mut is_well = true;
    let mut report = |name: &str, outcome: Result<String, String>| {
        is_well &= outcome.is_ok();
        match outcome {
            Ok(what) => say(&format!("よい    {name}: {what}")),
            Err(why) => say(&format!("だめ    {name}: {why}")),
        }
    };
    let config = match Config::read(path) {
        Ok(config) => {
            report("設定", Ok(path.display().to_string()))?;
            config
        }
        Err(fault) => {
            report("設定", Err(fault.to_string()))?;
            return Ok(false);
        }
    };
    report("待ち受け", listening(&config))?;
    report("鍵束", keyring(&config))?;
    report(
        "資格確認の表",
        super::serve::centre(&config)
            .map_err(|fault| fault.to_string())
            .map(|_| "読めます（simulated）".to_owned()),
    )?;
    let database = super::serve::open_store(&config).map_err(|fault| fault.to_string());
    report("データベース", database.and_then(|store| waiting(&store)))?;
    report(&manner.words("doctor.packages", &[]), packages(&config, manner))?;
    Ok(is_well)
}

/// What is judged by, and how soon it is ready: the second start finds it compiled.
fn packages(config: &Config, manner: Manner) -> Result<String, String> {
    let told = |fault: Fault| fault.message(manner.lang.language());
    let folder = library::folder(config.packages()).map_err(told)?;
    let started = Instant::now();
    let Some(profiles) = library::profiles(&folder, manner).map_err(told)? else {
        return Ok(manner.words("doctor.no-packages", &[("folder", &folder.display())]));
    };
    let values: [(&str, &dyn std::fmt::Display); 4] = [
        ("packages", &profiles.packages().len()),
        ("profiles", &profiles.canonicals().count()),
        ("milliseconds", &started.elapsed().as_millis()),
        ("folder", &folder.display()),
    ];
    let odd = profiles.oddities().count();
    let more = if odd > 0 { manner.words("doctor.odd", &[("count", &odd)]) } else { String::new() };
    Ok(manner.words("doctor.ready", &values) + &more)
}

fn listening(config: &Config) -> Result<String, String> {
    match std::net::TcpListener::bind(config.listen) {
        Ok(_) => Ok(config.listen.to_string()),
        Err(error) => Err(format!("{} を開けません（{error}）。すでに動いていませんか", config.listen)),
    }
}

fn keyring(config: &Config) -> Result<String, String> {
    let path = config.keyring();
    match fs::metadata(&path) {
        Ok(found) if found.mode() & 0o077 == 0 => Ok(format!("{}（所有者だけが読めます）", path.display())),
        Ok(found) => Err(format!(
            "{} を他の利用者が読めます（{:o}）。chmod 600 し、鍵は知られたものと考えてください",
            path.display(),
            found.mode() & 0o777
        )),
        Err(_) => Ok(format!("{} はまだありません。最初の起動で作られます", path.display())),
    }
}

fn waiting(store: &Store) -> Result<String, String> {
    let waiting = block_on(store.waiting_notices()).map_err(|fault| fault.to_string())?;
    waiting.map(|count| format!("応答します。送信待ちの通知 {count}件")).map_err(|fault| fault.to_string())
}
