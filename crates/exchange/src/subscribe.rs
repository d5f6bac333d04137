//! Asking to be told (通知の申込み): subscriptions, their deliveries, and sending one again.

use access::{Interest, Refusal, Viewer, may_see_notices, may_subscribe};
use audit::{Event, Outcome};
use jiff::Timestamp;
use store::{Delivery, DeliveryKey, Fault, Page, SigningSecret, Subscription, SubscriptionId, Terms};

use crate::{Act, Endpoint, Exchange, record};

/// What somebody asks to be told of.
#[derive(Clone, Debug)]
pub struct Request {
    /// A criteria of `rules/topics.toml`.
    pub criteria: String,
    /// Where notices are sent.
    pub endpoint: Endpoint,
    /// Whether notices carry ids, or nothing at all.
    pub has_payload: bool,
    /// Why, in words.
    pub reason: String,
    /// When it ends, if it does.
    pub ends_at: Option<Timestamp>,
    /// Whether it is wanted, or only kept.
    pub is_off: bool,
}

/// Why nothing was done.
#[derive(Debug)]
pub enum NotSubscribed {
    /// A rule refused; the refusal is on record.
    Refused(Refusal),
    /// No row of the table has this criteria.
    UnknownCriteria,
    /// It would have ended before it began.
    EndsInThePast,
    /// There are more subscriptions of this institution than one may have.
    TooMany,
    /// There is none of this id that the viewer may know of.
    NotFound,
    /// The store could not do it.
    Store(Fault),
}

/// How many subscriptions an institution may have.
const MOST: usize = 20;

impl Exchange {
    /// Makes a subscription. Its endpoint is asked next; the secret is told here and never again.
    ///
    /// # Errors
    /// See [`NotSubscribed`]; nothing is kept.
    pub async fn subscribe(
        &self,
        viewer: &Viewer,
        request: Request,
        act: &Act,
    ) -> Result<(Subscription, SigningSecret), NotSubscribed> {
        let id = SubscriptionId::new().map_err(Fault::from)?;
        let (terms, event) = self.admit_terms(viewer, request, id, act).await?;
        let standing = self.store.subscriptions().await?;
        if standing.iter().filter(|one| one.institution == terms.institution).count() >= MOST {
            return Err(NotSubscribed::TooMany);
        }
        Ok(self.store.subscribe(id, terms, viewer.credential.clone(), event).await?)
    }

    /// Changes a subscription; its endpoint is asked again.
    ///
    /// # Errors
    /// See [`NotSubscribed`]; nothing is changed.
    pub async fn change_subscription(
        &self,
        viewer: &Viewer,
        id: SubscriptionId,
        request: Request,
        act: &Act,
    ) -> Result<Subscription, NotSubscribed> {
        self.subscription(viewer, id).await?;
        let (terms, event) = self.admit_terms(viewer, request, id, act).await?;
        self.store.change_subscription(id, terms, event).await?.ok_or(NotSubscribed::NotFound)
    }

    /// Ends a subscription: it and its deliveries are gone.
    ///
    /// # Errors
    /// See [`NotSubscribed`].
    pub async fn unsubscribe(
        &self,
        viewer: &Viewer,
        id: SubscriptionId,
        act: &Act,
    ) -> Result<(), NotSubscribed> {
        let (_, rule) = self.seen_subscription(viewer, id).await?;
        let event = subscription_event(viewer, rule, Outcome::Done, format!("Subscription/{id}"), act)?;
        let ended = self.store.unsubscribe(id, event).await?;
        if ended { Ok(()) } else { Err(NotSubscribed::NotFound) }
    }

    /// One subscription that the viewer may know of.
    ///
    /// # Errors
    /// [`NotSubscribed::NotFound`] for others' too.
    pub async fn subscription(
        &self,
        viewer: &Viewer,
        id: SubscriptionId,
    ) -> Result<Subscription, NotSubscribed> {
        Ok(self.seen_subscription(viewer, id).await?.0)
    }

    /// Every subscription that the viewer may know of, oldest first.
    ///
    /// # Errors
    /// [`NotSubscribed::Refused`] for whoever may know of none.
    pub async fn subscriptions(&self, viewer: &Viewer) -> Result<Vec<Subscription>, NotSubscribed> {
        may_see_notices(viewer, viewer.institution.as_deref()).map_err(NotSubscribed::Refused)?;
        let mut all = self.store.subscriptions().await?;
        all.retain(|one| may_see_notices(viewer, one.institution.as_deref()).is_ok());
        Ok(all)
    }

    /// Deliveries of a subscription, newest first.
    ///
    /// # Errors
    /// As [`Self::subscription`].
    pub async fn deliveries(
        &self,
        viewer: &Viewer,
        id: SubscriptionId,
        page: Page,
    ) -> Result<Vec<Delivery>, NotSubscribed> {
        self.subscription(viewer, id).await?;
        Ok(self.store.deliveries(id, page).await?)
    }

    /// Sends a delivery again, under the same id.
    ///
    /// # Errors
    /// As [`Self::subscription`].
    pub async fn resend(&self, viewer: &Viewer, key: DeliveryKey, act: &Act) -> Result<(), NotSubscribed> {
        let (_, rule) = self.seen_subscription(viewer, key.subscription).await?;
        let event = subscription_event(viewer, rule, Outcome::Done, key.to_string(), act)?;
        if self.store.resend(key, event).await? { Ok(()) } else { Err(NotSubscribed::NotFound) }
    }

    async fn seen_subscription(
        &self,
        viewer: &Viewer,
        id: SubscriptionId,
    ) -> Result<(Subscription, &'static str), NotSubscribed> {
        let found = self.store.subscription(id).await?.ok_or(NotSubscribed::NotFound)?;
        let rule =
            may_see_notices(viewer, found.institution.as_deref()).map_err(|_| NotSubscribed::NotFound)?;
        Ok((found, rule))
    }

    /// What a request asks for, once it is permitted, and its event.
    async fn admit_terms(
        &self,
        viewer: &Viewer,
        request: Request,
        id: SubscriptionId,
        act: &Act,
    ) -> Result<(Terms, Event), NotSubscribed> {
        let (interest, institution) =
            Interest::of_criteria(&request.criteria).ok_or(NotSubscribed::UnknownCriteria)?;
        let permitted = may_subscribe(viewer, interest, institution.as_deref());
        let object = format!("Subscription/{id}");
        let rule = match permitted {
            Ok(rule) => rule,
            Err(refusal) => {
                let event = subscription_event(viewer, refusal.rule, Outcome::Refused, object, act)?;
                self.store.append(None, event).await?;
                return Err(NotSubscribed::Refused(refusal));
            }
        };
        if request.ends_at.is_some_and(|end| end <= act.now) {
            return Err(NotSubscribed::EndsInThePast);
        }
        let terms = Terms {
            institution,
            interest: interest.code.clone(),
            endpoint: request.endpoint.as_str().to_owned(),
            has_payload: request.has_payload,
            reason: request.reason,
            ends_at: request.ends_at,
            is_off: request.is_off,
        };
        Ok((terms, subscription_event(viewer, rule, Outcome::Done, object, act)?))
    }
}

fn subscription_event(
    viewer: &Viewer,
    rule: &str,
    outcome: Outcome,
    object: String,
    act: &Act,
) -> Result<Event, Fault> {
    let event = record::event(act, audit::Act::Subscribe, outcome, viewer, rule)?;
    Ok(Event { objects: vec![object], ..event })
}

impl From<Fault> for NotSubscribed {
    fn from(fault: Fault) -> Self {
        Self::Store(fault)
    }
}
