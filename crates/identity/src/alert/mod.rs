//! Alerts (警告): what in the record of acts somebody else should look at. The record is read some seconds after the acts
//! are in it, so that nobody who views waits for it.

mod acts;
mod rules;
mod trail;
mod watch;

pub use acts::{BadThreshold, NoNote, is_about, threshold_of};
pub use rules::{AlertRule, alert_rules};
pub use watch::Watch;
