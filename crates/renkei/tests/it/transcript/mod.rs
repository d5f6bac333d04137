//! The flows F1–F7 of the service as transcripts: who asked what over HTTP, and what the answer said.
//!
//! Each is compared with `snapshots/`, which is meant to be read: it is the specification by example. Ids are
//! replaced by names and the clock is the test's own, so that a transcript says the same on every day.

mod body;
mod change_and_cancel;
mod five_informations;
mod masters;
mod referral_received;
mod referral_sent;
pub(crate) mod stage;
mod telling;
mod together;
mod viewing;
mod without_card;

/// Compares what was told with the committed transcript of this name.
fn compare(name: &str, told: &str) {
    insta::with_settings!({ snapshot_path => "snapshots", prepend_module_to_snapshot => false, omit_expression => true }, {
        insta::assert_snapshot!(name, told);
    });
}
