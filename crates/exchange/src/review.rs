//! 事後の点検: every look without consent waits until somebody else has said whether there was reason to look.

use access::{Viewer, may_list_reviews, may_review};
use audit::{Event, EventId, Outcome};
use jiff::SignedDuration;
use store::{Finding, Grant, Holder, Page, Review};

use crate::emergency::checked_reason;
use crate::{Act, Exchange, NotGranted, record};

/// A look without consent, with what was done by it.
#[derive(Debug)]
pub struct Look {
    /// By what right.
    pub grant: Grant,
    /// What its holder asked for while it held, newest first.
    pub events: Vec<Event>,
}

/// More events of one look are not listed.
const EVENTS: u16 = 500;

impl Exchange {
    /// The looks without consent that the viewer may know of, oldest first.
    ///
    /// # Errors
    /// See [`NotGranted`].
    pub async fn looks(&self, viewer: &Viewer, act: &Act) -> Result<Vec<Look>, NotGranted> {
        let institution =
            self.permitted(may_list_reviews(viewer), viewer, None, audit::Act::Review, act).await?;
        let mut event = record::event(act, audit::Act::ReadRecord, Outcome::Done, viewer, "safety-manager")?;
        event.objects = vec!["reviews".to_owned()];
        self.store.append(None, event).await?;
        let mut looks = Vec::new();
        for grant in self.store.grants_without_consent(institution).await? {
            let events = self.done_by(&grant).await?;
            looks.push(Look { grant, events });
        }
        Ok(looks)
    }

    /// Says what the review of a look found. What was found stays; it is said once.
    ///
    /// # Errors
    /// See [`NotGranted`].
    pub async fn review(
        &self,
        viewer: &Viewer,
        id: EventId,
        finding: Finding,
        note: &str,
        act: &Act,
    ) -> Result<(), NotGranted> {
        let grant = self.store.grant(id).await?.ok_or(NotGranted::NotFound)?;
        let rule = self
            .permitted(may_review(viewer, &grant), viewer, Some(grant.person), audit::Act::Review, act)
            .await?;
        let note = if finding == Finding::Flagged { checked_reason(note)? } else { note.trim().to_owned() };
        let mut event = record::event(act, audit::Act::Review, Outcome::Done, viewer, rule)?;
        event.patient = Some(grant.person.to_string());
        event.objects = vec![finding.code().to_owned(), format!("Consent/{id}")];
        let by = Holder { credential: viewer.credential.clone(), name: viewer.name.clone() };
        let review = Review { at: act.now, by, finding, note };
        if self.store.keep_review(grant.person, id, review, event).await? {
            Ok(())
        } else {
            Err(NotGranted::Wrong("reviewed-already"))
        }
    }

    /// What the holder of a grant asked for while it held.
    async fn done_by(&self, grant: &Grant) -> Result<Vec<Event>, NotGranted> {
        let end = access::end_of(grant).min(grant.revoked_at.unwrap_or(grant.ends_at));
        let page = Page { before: end + SignedDuration::from_secs(1), limit: EVENTS };
        let events = self.store.events_of(grant.person, page).await?;
        let holder = grant.holder.as_ref().map(|holder| holder.credential.as_str());
        let is_theirs = |event: &Event| {
            Some(event.actor.id.as_str()) == holder
                && grant.given_at <= event.at
                && matches!(event.act, audit::Act::View | audit::Act::Find)
        };
        Ok(events.into_iter().filter(is_theirs).collect())
    }
}
