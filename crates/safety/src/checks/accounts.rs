//! An institution's accounts and what their holders do, held against the guideline's rules.

use std::collections::HashMap;

use access::{Act, Role};
use identity::{ADMINISTRATORS, idle_days, idle_seconds, lock_rule, try_password_rule};
use jiff::{SignedDuration, Timestamp};
use serde_json::json;
use store::{Account, AccountState, AppKind, FactorKind, Fault, Grant};

use super::Reading;
use crate::Safety;

/// A look without consent is reviewed within so long.
const REVIEWED_WITHIN: SignedDuration = SignedDuration::from_hours(24 * 7);
/// An alert is answered within so long.
const ANSWERED_WITHIN: SignedDuration = SignedDuration::from_hours(24 * 7);
/// Somebody who answers for safety looks into the record at least so often.
const RECORD_READ_WITHIN: SignedDuration = SignedDuration::from_hours(24 * 30);
/// Rights are reviewed at least so often.
const RIGHTS_REVIEWED_WITHIN: SignedDuration = SignedDuration::from_hours(24 * 180);
/// Idle longer than this, a terminal must be locked (ours: the guideline names no number).
const LOCKED_WITHIN_SECONDS: i64 = 15 * 60;
/// No more alerts are looked at.
const ALERTS: u16 = 1000;

/// The rules by which this hub takes passwords, locks accounts and screens: tried out, not read from a table.
pub(super) fn sign_in_rules() -> Vec<Reading> {
    let (trial, lock) = (try_password_rule(), lock_rule());
    let is_long = trial.shortest_beside_another >= 8 && trial.shortest_alone >= 13;
    let password = json!({
        "shortest_beside_another": trial.shortest_beside_another, "shortest_alone": trial.shortest_alone,
        "refuses_one_kind": trial.refuses_one_kind, "refuses_common": trial.refuses_common,
    });
    let locks = json!({
        "free_attempts": lock.free_attempts, "first_seconds": lock.first_seconds,
        "address_attempts_a_minute": lock.address_attempts,
    });
    let is_locking = (1..=10).contains(&lock.free_attempts) && lock.first_seconds > 0;
    let idle = idle_seconds();
    vec![
        Reading::new("password_policy", is_long && trial.refuses_one_kind && trial.refuses_common, password),
        Reading::new("password_reuse", trial.remembered > 0, json!({ "remembered": trial.remembered })),
        Reading::new("account_lockout", is_locking, locks),
        Reading::new("session_lock", idle <= LOCKED_WITHIN_SECONDS, json!({ "idle_seconds": idle })),
    ]
}

impl Safety {
    /// What an institution's accounts show.
    pub(super) async fn read_accounts(&self, institution: &str, act: &Act) -> Result<Vec<Reading>, Fault> {
        let all = self.store.accounts(Some(institution.to_owned())).await?;
        let living: Vec<&Account> = all.iter().filter(|one| is_living(one, act.now)).collect();
        Ok(vec![
            self.second_factors(&living, act).await?,
            self.stale_accounts(institution, act).await?,
            self.rights_reviewed(institution, act).await?,
            roles(&living),
            administrators(&living),
            self.looks_without_consent(institution, act).await?,
            self.record_read(institution, act).await?,
            maintainers(&living),
            self.maintenance_sessions(&living, act).await?,
            self.systems(institution, act).await?,
        ])
    }

    async fn second_factors(&self, living: &[&Account], act: &Act) -> Result<Reading, Fault> {
        let (mut lacking, mut excepted) = (0, 0);
        for account in living {
            let factors = self.store.factors_of(account.id.clone()).await?;
            let has = |kind| factors.iter().any(|one| one.ended_at.is_none() && one.kind == kind);
            let is_vouched =
                has(FactorKind::Passkey) || has(FactorKind::Oidc) || has(FactorKind::Certificate);
            let has_two = is_vouched || (has(FactorKind::Password) && has(FactorKind::Totp));
            // Whoever is excepted may come in with one, whatever else they have.
            match account.excepted_until.is_some_and(|until| until > act.now) {
                true => excepted += 1,
                false => lacking += usize::from(!has_two),
            }
        }
        // An exception is a dated risk that somebody took; the guideline's yes is two factors for all.
        let measured = json!({ "accounts": living.len(), "lacking": lacking, "excepted": excepted });
        Ok(Reading::new("mfa_enforced", lacking + excepted == 0, measured))
    }

    async fn stale_accounts(&self, institution: &str, act: &Act) -> Result<Reading, Fault> {
        let stale = self.identity.stale(Some(institution), act).await?;
        let mut by_why: HashMap<&str, usize> = HashMap::new();
        for why in stale.iter().flat_map(|(_, why)| why) {
            *by_why.entry(why.code()).or_default() += 1;
        }
        let measured = json!({ "stale": stale.len(), "why": by_why, "idle_days": idle_days() });
        Ok(Reading::new("account_orphans", stale.is_empty(), measured))
    }

    async fn rights_reviewed(&self, institution: &str, act: &Act) -> Result<Reading, Fault> {
        let reviews = self.store.access_reviews().await?;
        let ours = reviews.iter().filter(|(review, ..)| review.institution.as_deref() == Some(institution));
        let newest =
            ours.filter(|(review, ..)| review.closed_at.is_some()).max_by_key(|(one, ..)| one.closed_at);
        let closed = newest.and_then(|(review, ..)| review.closed_at);
        let is_fresh = closed.is_some_and(|at| act.now.duration_since(at) <= RIGHTS_REVIEWED_WITHIN);
        let measured = json!({
            "closed": closed.map(|at| at.to_string()),
            "rights": newest.map(|(_, rights, _)| rights), "unanswered": newest.map(|(.., open)| open),
        });
        Ok(Reading::new("access_review", is_fresh, measured))
    }

    async fn looks_without_consent(&self, institution: &str, act: &Act) -> Result<Reading, Fault> {
        let looks = self.store.grants_without_consent(Some(institution.to_owned())).await?;
        let is_late = |one: &&Grant| one.review.is_none() && one.given_at + REVIEWED_WITHIN < act.now;
        let late = looks.iter().filter(is_late).count();
        let without_reason = looks.iter().filter(|one| one.reason.is_none()).count();
        let measured = json!({ "looks": looks.len(), "unreviewed": late, "without_reason": without_reason });
        Ok(Reading::new("break_glass", late == 0 && without_reason == 0, measured))
    }

    async fn record_read(&self, institution: &str, act: &Act) -> Result<Reading, Fault> {
        let alerts = self.store.alerts(Some(institution.to_owned()), ALERTS).await?;
        let unanswered = alerts
            .iter()
            .filter(|one| one.answer.is_none() && one.raised_at + ANSWERED_WITHIN < act.now)
            .count();
        let since = act.now - RECORD_READ_WITHIN;
        let read = self.store.record_read_since(institution.to_owned(), since).await?;
        let measured = json!({ "read": read, "unanswered_alerts": unanswered });
        Ok(Reading::new("audit_log_review", read > 0 && unanswered == 0, measured))
    }

    async fn maintenance_sessions(&self, living: &[&Account], act: &Act) -> Result<Reading, Fault> {
        let mut past_end = 0;
        for account in living.iter().filter(|one| one.role == Role::Maintainer.code()) {
            let sessions = self.identity.sessions(&account.id, act.now).await?;
            let is_over = account.ends_at.is_none_or(|end| end <= act.now);
            past_end += if is_over { sessions.len() } else { 0 };
        }
        Ok(Reading::new("remote_maint_session", past_end == 0, json!({ "open_past_their_end": past_end })))
    }

    /// Systems prove themselves by a key of their own; none without one, none past its end.
    async fn systems(&self, institution: &str, act: &Act) -> Result<Reading, Fault> {
        let apps = self.store.apps().await?;
        let ours = apps.iter().filter(|one| {
            one.institution.as_deref() == Some(institution)
                && one.ended_at.is_none()
                && one.kind == AppKind::Backend
        });
        let (mut systems, mut without_key, mut past_end) = (0, 0, 0);
        for app in ours {
            systems += 1;
            without_key += usize::from(app.jwks.is_none());
            past_end += usize::from(app.ends_at <= act.now);
        }
        let measured = json!({ "systems": systems, "without_key": without_key, "past_end": past_end });
        Ok(Reading::new("mtls_peers", without_key + past_end == 0, measured))
    }
}

fn is_living(account: &Account, now: Timestamp) -> bool {
    let is_over = account.ends_at.is_some_and(|end| end <= now) && account.role != Role::Maintainer.code();
    account.state == AccountState::Active && account.person.is_none() && !is_over
}

/// Each account has one role that its institution may give.
fn roles(living: &[&Account]) -> Reading {
    let mut by_role: HashMap<&str, usize> = HashMap::new();
    for account in living {
        *by_role.entry(account.role.as_str()).or_default() += 1;
    }
    let unknown = living.iter().filter(|one| Role::from_code(&one.role).is_none()).count();
    Reading::new(
        "rbac_min",
        unknown == 0,
        json!({ "accounts": living.len(), "roles": by_role, "unknown": unknown }),
    )
}

/// Whoever keeps accounts is a person whose identity somebody saw to.
fn administrators(living: &[&Account]) -> Reading {
    let keeps = |one: &&&Account| ADMINISTRATORS.contains(&one.role.as_str());
    let administrators: Vec<&&Account> = living.iter().filter(keeps).collect();
    let without_proofing = administrators.iter().filter(|one| one.proofing.is_none()).count();
    let measured = json!({ "administrators": administrators.len(), "without_proofing": without_proofing });
    Reading::new("admin_inventory", !administrators.is_empty() && without_proofing == 0, measured)
}

/// A vendor's maintainer is one person, until a day.
fn maintainers(living: &[&Account]) -> Reading {
    let maintainers: Vec<_> = living.iter().filter(|one| one.role == Role::Maintainer.code()).collect();
    let without_end = maintainers.iter().filter(|one| one.ends_at.is_none()).count();
    let measured = json!({ "maintainers": maintainers.len(), "without_end": without_end });
    Reading::new("maint_account", without_end == 0, measured)
}
