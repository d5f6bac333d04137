use serde_json::Value;

use crate::cli::FiguresOptions;
use crate::client::Client;
use crate::commands::{Manner, say, talk};
use crate::fault::Fault;

/// Prints figures: a line each, or as the hub writes them in CSV or JSON.
pub(crate) fn run(options: &FiguresOptions, manner: Manner) -> Result<bool, Fault> {
    let mut path = format!("/api/v1/figures?format={}", if options.csv { "csv" } else { "json" });
    for (name, day) in [("from", options.from), ("to", options.to)] {
        path.extend(day.map(|day| format!("&{name}={day}")));
    }
    let answer = Client::new(&options.hub, manner.lang).get(&path)?;
    if !answer.is_ok() {
        talk(&manner.words("figures.refused", &[("status", &answer.status), ("why", &answer.complaints())]));
        return Ok(false);
    }
    if options.csv || manner.json {
        say(String::from_utf8_lossy(&answer.body).trim_end())?;
        return Ok(true);
    }
    for figure in answer.json()["figures"].as_array().into_iter().flatten() {
        say(&line(figure))?;
    }
    Ok(true)
}

fn line(figure: &Value) -> String {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let by = figure["by"].as_object().into_iter().flatten();
    let by: Vec<String> = by.map(|(label, value)| format!("{label}={}", text(value))).collect();
    format!(
        "{:<20} {:>8} {:<8} {}",
        text(&figure["figure"]),
        text(&figure["text"]),
        text(&figure["unit"]),
        by.join(" ")
    )
}
