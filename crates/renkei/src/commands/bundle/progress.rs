//! How far it is, on a terminal: rate, what is left, and how many are bad.

use std::io::{self, IsTerminal};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressState, ProgressStyle};

use crate::commands::Manner;

/// The bar, and the counts it shows.
pub(super) struct Progress {
    bar: ProgressBar,
    counts: Arc<Counts>,
    /// Whether the bar and the report share the terminal.
    shares_terminal: bool,
}

#[derive(Default)]
struct Counts {
    documents: AtomicU64,
    bad: AtomicU64,
}

impl Progress {
    /// A bar over `bytes` in all, or a moving sign where they are not known; drawn only if `is_wanted` on a terminal.
    pub(super) fn new(bytes: Option<u64>, is_wanted: bool, manner: Manner) -> Self {
        let counts = Arc::new(Counts::default());
        let is_shown = is_wanted && io::stderr().is_terminal();
        let target =
            if is_shown { ProgressDrawTarget::stderr_with_hz(10) } else { ProgressDrawTarget::hidden() };
        let bar = ProgressBar::with_draw_target(bytes, target).with_style(style(bytes, &counts, manner));
        if is_shown {
            bar.enable_steady_tick(Duration::from_millis(100));
        }
        Self { bar, counts, shares_terminal: is_shown && io::stdout().is_terminal() }
    }

    /// One more document is judged.
    pub(super) fn add(&self, bytes: u64, is_bad: bool) {
        self.counts.documents.fetch_add(1, Ordering::Relaxed);
        self.counts.bad.fetch_add(u64::from(is_bad), Ordering::Relaxed);
        self.bar.inc(bytes);
    }

    /// Writes with the bar out of the way.
    pub(super) fn beside<R>(&self, write: impl FnOnce() -> R) -> R {
        if self.shares_terminal { self.bar.suspend(write) } else { write() }
    }

    /// Takes the bar away.
    pub(super) fn end(&self) -> Totals {
        self.bar.finish_and_clear();
        Totals {
            documents: self.counts.documents.load(Ordering::Relaxed),
            bad: self.counts.bad.load(Ordering::Relaxed),
            bytes: self.bar.position(),
            time: self.bar.elapsed(),
        }
    }
}

/// What was done in all.
pub(super) struct Totals {
    pub(super) documents: u64,
    pub(super) bad: u64,
    pub(super) bytes: u64,
    pub(super) time: Duration,
}

impl Totals {
    /// Documents and megabytes in a second.
    pub(super) fn rates(&self) -> (u64, f64) {
        let seconds = self.time.as_secs_f64().max(1e-3);
        ((self.documents as f64 / seconds) as u64, self.bytes as f64 / 1e6 / seconds)
    }
}

fn style(bytes: Option<u64>, counts: &Arc<Counts>, manner: Manner) -> ProgressStyle {
    let counts = Arc::clone(counts);
    let said = move |state: &ProgressState, out: &mut dyn std::fmt::Write| {
        let documents = counts.documents.load(Ordering::Relaxed);
        let rate = documents as f64 / state.elapsed().as_secs_f64().max(0.1);
        let values: [(&str, &dyn std::fmt::Display); 3] = [
            ("documents", &grouped(documents)),
            ("bad", &grouped(counts.bad.load(Ordering::Relaxed))),
            ("rate", &grouped(rate as u64)),
        ];
        let mut text = manner.words("validate.progress", &values);
        if state.len().is_some() {
            text += &manner.words("validate.left", &[("seconds", &state.eta().as_secs())]);
        }
        // A bar that cannot be drawn is not worth ending for.
        let _ = out.write_str(&text);
    };
    let template = if bytes.is_some() { "{bar:24} {percent:>3}%  {said}" } else { "{spinner} {said}" };
    let style = ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar());
    style.with_key("said", said).progress_chars("█▉▊▋▌▍▎▏ ")
}

/// `12345` as `12,345`.
pub(super) fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_stand_in_groups_of_three() {
        assert_eq!([0, 999, 1000, 1_234_567].map(grouped), ["0", "999", "1,000", "1,234,567"]);
    }
}
