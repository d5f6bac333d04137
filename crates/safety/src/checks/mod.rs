//! Checks that run: each measures something of this hub or of an institution's accounts, and says whether a control of
//! the guideline holds. What cannot be measured here gives no reading, and so proves nothing.

mod accounts;
mod listening;
mod machine;
mod record;
mod software;
mod tls;

use access::{Act, Viewer, on_record};
use audit::Outcome;
use guideline::{Catalogue, Proof};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use store::{Bucket, Evidence, Fault, Holder, new_event_id};

use crate::Safety;
use crate::register::{Examined, Standing, evidence_of};

/// The scope of what the hub proves of itself, for everybody.
pub const HUB: &str = "hub";

/// Where evidence of a check comes from.
pub(crate) const SOURCE: &str = "check";

/// Every control that a check of this hub reads.
pub const CHECKED: &[&str] = &[
    "access_review",
    "account_lockout",
    "account_orphans",
    "admin_inventory",
    "amend_history",
    "audit_log_integrity",
    "audit_log_on",
    "audit_log_review",
    "backup_generations",
    "break_glass",
    "capacity_table",
    "data_location",
    "export_readable",
    "incident_clock",
    "maint_account",
    "mfa_enforced",
    "mtls_peers",
    "patch_state",
    "password_policy",
    "password_reuse",
    "rbac_min",
    "remote_maint_session",
    "restore_drill",
    "sbom_vuln",
    "session_lock",
    "time_sync",
    "tls_profile",
    "unneeded_services",
];

/// Where evidence of what people keep in registers comes from.
const REGISTERS: &str = "registers";

/// What a check read.
pub(crate) struct Reading {
    control: &'static str,
    holds: bool,
    measured: Value,
}

impl Reading {
    fn new(control: &'static str, holds: bool, measured: Value) -> Self {
        Self { control, holds, measured }
    }

    /// What could be measured, but went wrong: that is a failure of the control, not of the run.
    fn failed(control: &'static str, why: &str) -> Self {
        Self::new(control, false, json!({ "error": why }))
    }
}

impl Safety {
    /// Runs the checks of the hub (`None`) or of an institution, and keeps what they read as evidence; answers how many
    /// hold, and how many do not. `by` is who asked, or the hub by the clock.
    ///
    /// # Errors
    /// On any [`Fault`] nothing is kept.
    pub async fn run_checks(
        &self,
        institution: Option<&str>,
        by: &Viewer,
        rule: &str,
        act: &Act,
    ) -> Result<(usize, usize), Fault> {
        let readings = match institution {
            None => self.read_hub(act).await?,
            Some(number) => self.read_accounts(number, act).await?,
        };
        let scope = institution.unwrap_or(HUB);
        let kept = readings.iter().map(|reading| {
            let (control, measured) = (reading.control, reading.measured.to_string());
            evidence(scope, SOURCE, Proof::Auto, (control, reading.holds, measured), by, act.now, act)
        });
        let mut kept = kept.collect::<Result<Vec<_>, _>>()?;
        if let Some(number) = institution {
            kept.extend(self.read_registers(number, by, act).await?);
            kept.extend(self.read_incidents(number, by, act).await?);
            kept.extend(self.read_plan(number, by, act).await?);
        }
        let holding = kept.iter().filter(|one| one.holds).count();
        let failing = kept.len() - holding;
        let mut event = on_record(act, audit::Act::Safety, Outcome::Done, by, rule)?;
        event.objects = vec!["checks".to_owned(), scope.to_owned()];
        self.store.keep_evidence(kept, event).await?;
        Ok((holding, failing))
    }

    /// What the registers of an institution prove. An empty one proves nothing, and so is no evidence.
    async fn read_registers(&self, number: &str, by: &Viewer, act: &Act) -> Result<Vec<Evidence>, Fault> {
        let examined = Examined::look(&self.store, number, act.today(), act.now).await?;
        let standings = evidence_of(&examined.rows, &examined.findings).into_iter();
        let has_rows =
            |one: &Standing| one.measured.iter().any(|(name, n)| name.starts_with("rows.") && *n > 0);
        let told = standings.filter(has_rows).map(|one| {
            let measured = json!(one.measured).to_string();
            evidence(
                number,
                REGISTERS,
                Proof::Assisted,
                (&one.control, one.holds, measured),
                by,
                act.now,
                act,
            )
        });
        told.collect()
    }

    async fn read_hub(&self, act: &Act) -> Result<Vec<Reading>, Fault> {
        let mut readings = record::read(&self.store, act).await?;
        readings.extend(machine::read(&self.place, act).await);
        readings.extend(listening::read(&self.place));
        readings.extend(software::read(&self.place));
        readings.extend(tls::read(&self.place).await);
        readings.extend(accounts::sign_in_rules());
        Ok(readings)
    }
}

/// Evidence for a control that was so at `true_at`; the hub itself and what reports to it are nobody who says so.
pub(crate) fn evidence(
    scope: &str,
    source: &str,
    kind: Proof,
    (control, holds, measured): (&str, bool, String),
    by: &Viewer,
    true_at: Timestamp,
    act: &Act,
) -> Result<Evidence, Fault> {
    let days = Catalogue::shipped().control(control).map_or(1, |control| i64::from(control.fresh_days));
    // A day's evidence holds until the next day's run has had its time.
    let holds_until = true_at + SignedDuration::from_hours(24 * days + 2);
    let is_person = by.credential != Viewer::hub().credential;
    Ok(Evidence {
        id: new_event_id(Bucket::of_text(scope), act.now)?,
        scope: scope.to_owned(),
        control: control.to_owned(),
        source: source.to_owned(),
        kind: kind.code().to_owned(),
        holds,
        measured,
        true_at,
        received_at: act.now,
        holds_until,
        by: is_person.then(|| Holder { credential: by.credential.clone(), name: by.name.clone() }),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_control_that_is_checked_is_one_of_the_guidelines() {
        for control in CHECKED {
            assert!(Catalogue::shipped().control(control).is_some(), "{control}");
        }
    }
}
