//! By the clock: the record is sealed, backups are made, checks run when their evidence is about to end.

use std::fs;
use std::path::Path;

use access::{Act, Viewer};
use jiff::{SignedDuration, Timestamp};
use store::{Fault, Institution};

use crate::backup::{BackupFault, back_up, manifests};
use crate::{HUB, Safety};

/// Checks run anew when the newest evidence of theirs is so old.
const CHECKED_EVERY: SignedDuration = SignedDuration::from_hours(24);
/// A backup is made when the newest is so old.
const BACKED_UP_EVERY: SignedDuration = SignedDuration::from_hours(24);
/// So many backups are kept.
const KEPT: usize = 7;
/// The rule by which checks run by the clock.
const BY_THE_CLOCK: &str = "by-the-clock";

/// What a round did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Round {
    /// Events that were sealed.
    pub sealed: usize,
    /// Backups that were made.
    pub backups: usize,
    /// Scopes whose checks ran.
    pub checked: usize,
}

impl Safety {
    /// Seals what is on record, makes a backup if it is time, runs the checks of the hub and of each institution whose
    /// evidence is a day old. Each step stands alone: where one fails, the next round tries again.
    ///
    /// # Errors
    /// The first [`Fault`], after the other steps were tried.
    pub async fn round(&self, act: &Act) -> Result<Round, Fault> {
        let sealed = self.seal(act.now).await;
        let backups = self.back_up_in_time(act.now).await;
        let checked = self.check_in_time(act).await;
        Ok(Round { sealed: sealed?, backups: backups?, checked: checked? })
    }

    async fn seal(&self, now: Timestamp) -> Result<usize, Fault> {
        let mut sealed = 0;
        loop {
            match self.store.seal_events(now).await? {
                0 => return Ok(sealed),
                count => sealed += count,
            }
        }
    }

    async fn back_up_in_time(&self, now: Timestamp) -> Result<usize, Fault> {
        let (Some(database), Some(folder)) = (self.place.database.clone(), self.place.backups.clone()) else {
            return Ok(0);
        };
        let made = tokio::task::spawn_blocking(move || {
            let newest = manifests(&folder)?.first().map(|manifest| manifest.made_at);
            if newest.is_some_and(|made| now.duration_since(made) < BACKED_UP_EVERY) {
                return Ok(0);
            }
            back_up(&database, &folder, now)?;
            thin_out(&folder)?;
            Ok::<_, BackupFault>(1)
        });
        match made.await.map_err(|_| Fault::Stopped)? {
            Ok(count) => Ok(count),
            Err(BackupFault::Store(fault)) => Err(fault),
            Err(_) => Err(Fault::Damaged("the folder of backups")),
        }
    }

    /// Seals, makes a backup if it is time, and runs every check at once, whatever is known already.
    ///
    /// # Errors
    /// The first [`Fault`].
    pub async fn look_everywhere(&self, act: &Act) -> Result<(), Fault> {
        self.seal(act.now).await?;
        self.back_up_in_time(act.now).await?;
        self.run_checks(None, &Viewer::hub(), BY_THE_CLOCK, act).await?;
        for one in self.users(act).await? {
            self.run_checks(Some(&one.number), &Viewer::hub(), BY_THE_CLOCK, act).await?;
        }
        Ok(())
    }

    async fn check_in_time(&self, act: &Act) -> Result<usize, Fault> {
        let mut checked = 0;
        if self.is_time(HUB, act.now).await? {
            self.run_checks(None, &Viewer::hub(), BY_THE_CLOCK, act).await?;
            checked += 1;
        }
        for one in self.users(act).await? {
            if self.is_time(&one.number, act.now).await? {
                self.run_checks(Some(&one.number), &Viewer::hub(), BY_THE_CLOCK, act).await?;
                checked += 1;
            }
        }
        Ok(checked)
    }

    /// The institutions that use the service today.
    async fn users(&self, act: &Act) -> Result<Vec<Institution>, Fault> {
        let today = act.today();
        let mut institutions = self.store.institutions().await?;
        institutions.retain(|one| uses(one, today));
        Ok(institutions)
    }

    async fn is_time(&self, scope: &str, now: Timestamp) -> Result<bool, Fault> {
        let evidence = self.store.newest_evidence(scope.to_owned()).await?;
        let newest =
            evidence.iter().filter(|one| one.source == super::checks::SOURCE).map(|one| one.true_at).max();
        Ok(newest.is_none_or(|newest| now.duration_since(newest) >= CHECKED_EVERY))
    }
}

/// Whether an institution uses the service on a day.
fn uses(institution: &Institution, today: jiff::civil::Date) -> bool {
    institution.ended_on.is_none_or(|day| day > today)
        && institution.uses_until.is_none_or(|day| day >= today)
}

/// The oldest beyond those that are kept go, the copy before its manifest.
fn thin_out(folder: &Path) -> Result<(), BackupFault> {
    for manifest in manifests(folder)?.iter().skip(KEPT) {
        let copy = folder.join(&manifest.file);
        fs::remove_file(&copy)?;
        fs::remove_file(copy.with_extension("backup.json"))?;
    }
    Ok(())
}
