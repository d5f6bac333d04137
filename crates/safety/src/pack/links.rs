//! Letting an inspector read a pack, without an account and until a day.

use access::{Act, Viewer, on_record};
use audit::{Actor, Event, Measures, Outcome};
use jiff::ToSpan;
use jiff::civil::Date;
use jiff::tz::{TimeZone, offset};
use ring::digest::{SHA256, digest};
use store::{Bucket, Fault, Holder, InspectionPack, InspectorLink, PackState, new_event_id, random};

use super::archive::hex;
use crate::Safety;

/// Fewest and most characters of whom a link is for.
const READER: std::ops::RangeInclusive<usize> = 2..=60;
/// A link is open for at most so many days more.
const FARTHEST_END_DAYS: i32 = 31;

/// Why no link was made.
#[derive(Debug, Clone, thiserror::Error)]
pub enum NoLink {
    /// Whom it is for has 2 to 60 characters.
    #[error("a link needs a name of 2 to 60 characters")]
    Reader,
    /// Its last day is today or later, and at most 31 days ahead.
    #[error("a link ends within 31 days")]
    End,
    /// The pack is not ready.
    #[error("the pack is not ready")]
    NotReady,
    /// The store could not do it.
    #[error(transparent)]
    Store(#[from] Fault),
}

/// Who looks, by a link and in a request.
pub struct Look<'l> {
    /// The secret in the address.
    pub secret: &'l str,
    /// What is looked at: the page, or a file.
    pub what: &'l str,
}

impl Safety {
    /// Lets somebody read a pack without an account, until the end of a day. Answers the link's secret, which is not kept.
    ///
    /// # Errors
    /// See [`NoLink`].
    pub async fn link_inspector(
        &self,
        by: &Viewer,
        rule: &str,
        (institution, pack): (&str, &str),
        (reader, last_day): (&str, Date),
        act: &Act,
    ) -> Result<String, NoLink> {
        let reader = reader.trim();
        if !READER.contains(&reader.chars().count()) || reader.chars().any(char::is_control) {
            return Err(NoLink::Reader);
        }
        if last_day < act.today() || last_day > act.today().saturating_add(FARTHEST_END_DAYS.days()) {
            return Err(NoLink::End);
        }
        let ends_at =
            last_day.tomorrow().ok().and_then(|next| next.to_zoned(TimeZone::fixed(offset(9))).ok());
        let ends_at = ends_at.ok_or(NoLink::End)?.timestamp();
        let found = self.store.pack(institution.to_owned(), pack.to_owned()).await?;
        found.filter(|pack| pack.state == PackState::Ready).ok_or(NoLink::NotReady)?;
        let secret = hex(&random::<32>().map_err(Fault::from)?);
        let link = InspectorLink {
            scope: institution.to_owned(),
            id: hex(&random::<16>().map_err(Fault::from)?),
            pack: pack.to_owned(),
            reader: reader.to_owned(),
            by: Holder { credential: by.credential.clone(), name: by.name.clone() },
            made_at: act.now,
            ends_at,
            ended_at: None,
            looks: 0,
            looked_at: None,
        };
        let mut event = on_record(act, audit::Act::Safety, Outcome::Done, by, rule)?;
        event.objects = vec![
            format!("inspector-link/{}", link.id),
            format!("inspection-pack/{pack}"),
            "given".to_owned(),
        ];
        self.store.keep_inspector_link(link, hash(&secret), event).await?;
        Ok(secret)
    }

    /// Ends a link before its day. False if there is none that is open.
    ///
    /// # Errors
    /// On any [`Fault`] nothing is changed.
    pub async fn end_inspector_link(
        &self,
        by: &Viewer,
        rule: &str,
        institution: &str,
        link: &str,
        act: &Act,
    ) -> Result<bool, Fault> {
        let mut event = on_record(act, audit::Act::Safety, Outcome::Done, by, rule)?;
        event.objects = vec![format!("inspector-link/{link}"), "ended".to_owned()];
        self.store.end_inspector_link(institution.to_owned(), link.to_owned(), act.now, event).await
    }

    /// What an inspector's link opens: the link, its pack and the archive. The look is on record first. None if there is no
    /// such link, or it is over.
    ///
    /// # Errors
    /// On any [`Fault`] nothing is shown.
    pub async fn inspect(
        &self,
        look: &Look<'_>,
        act: &Act,
    ) -> Result<Option<(InspectorLink, InspectionPack, Vec<u8>)>, Fault> {
        let found = self.store.inspector_link(hash(look.secret)).await?;
        let Some(link) = found.filter(|link| link.is_open(act.now)) else { return Ok(None) };
        let event = look_on_record(&link, look.what, act)?;
        if !self.store.look_by_link(link.scope.clone(), link.id.clone(), act.now, event).await? {
            return Ok(None);
        }
        let pack = self.store.pack(link.scope.clone(), link.pack.clone()).await?;
        let bytes = self.store.pack_archive(link.scope.clone(), link.pack.clone()).await?;
        Ok(pack.zip(bytes).map(|(pack, bytes)| (link, pack, bytes)))
    }
}

fn look_on_record(link: &InspectorLink, what: &str, act: &Act) -> Result<Event, Fault> {
    Ok(Event {
        id: new_event_id(Bucket::of_text(&act.request), act.now)?,
        at: act.now,
        act: audit::Act::Safety,
        outcome: Outcome::Done,
        actor: Actor {
            id: format!("inspector-link/{}", link.id),
            name: link.reader.clone(),
            role: "auditor".to_owned(),
            institution: Some(link.scope.clone()),
            is_system: false,
            on_behalf_of: None,
        },
        patient: None,
        objects: vec![format!("inspection-pack/{}", link.pack), what.to_owned()],
        purpose: None,
        rule: "inspector-link".to_owned(),
        shown: None,
        measures: Measures::default(),
        request: act.request.clone(),
    })
}

/// What is kept of a secret; it is chance enough that a plain hash suffices.
fn hash(secret: &str) -> [u8; 32] {
    let mut hash = [0; 32];
    hash.copy_from_slice(digest(&SHA256, secret.as_bytes()).as_ref());
    hash
}
