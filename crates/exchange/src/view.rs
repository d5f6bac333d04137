//! Viewing (閲覧): decide, read what the decision permits, hide what the rules hide, put it on record, answer.

use std::collections::BTreeMap;

use access::{Asked, Decision, Purpose, Question, Role, Viewer, decide};
use audit::{EventId, Outcome, Shown};
use bytes::Bytes;
use fhir::bundle::UnitKind;
use jiff::Timestamp;
use jiff::civil::Date;
use store::{Heading, Information, Permit, PersonId, UnitId};

use crate::document::{DocumentHeading, mark_superseded};
use crate::fact::Fact;
use crate::filter::{Eyes, Filtered, day, filter, newest, newest_patient, shown};
use crate::{Act, Exchange, NotShown, record};

/// What a viewer sees of a person's six informations.
#[derive(Debug)]
pub struct View {
    /// Whose.
    pub person: PersonId,
    /// The Patient resource of the newest unit, as registered.
    pub patient: Option<Bytes>,
    /// What is shown, newest first.
    pub items: Vec<ShownItem>,
    /// What was held back, and why. A patient is not told of what is hidden from patients.
    pub hidden: Vec<Hidden>,
    /// The rule that permitted.
    pub rule: &'static str,
    /// When the permission ends.
    pub until: Option<Timestamp>,
    /// The event on record for this view.
    pub event: EventId,
}

/// One resource that is shown.
#[derive(Clone, Debug)]
pub struct ShownItem {
    /// Which of the six it is.
    pub information: Information,
    /// The unit it stands in.
    pub unit: UnitId,
    /// The institution that registered it.
    pub institution: String,
    /// When it was registered.
    pub received_at: Timestamp,
    /// The day it is about.
    pub date: Option<Date>,
    /// What it is counted under.
    pub code: String,
    /// 未告知: the patient has not been told.
    pub is_not_told: bool,
    /// 未提供: its doctor gives it to nobody; only their own institution is shown it.
    pub is_withheld: bool,
    /// Where the resource begins in its unit's bytes; with the unit's id it names the resource.
    pub offset: u32,
    /// The resource, exactly as registered.
    pub resource: Bytes,
    /// Every unit that tells it, newest first; the first is the one shown.
    pub sources: Vec<Source>,
}

/// A unit that tells something shown.
#[derive(Clone, Debug)]
pub struct Source {
    /// The unit.
    pub unit: UnitId,
    /// Its kind.
    pub kind: UnitKind,
    /// The institution that registered it.
    pub institution: String,
    /// When it was registered.
    pub received_at: Timestamp,
}

/// Something that was held back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hidden {
    /// Of which information.
    pub information: Information,
    /// Why.
    pub because: HiddenBecause,
    /// How many resources.
    pub count: u32,
}

/// Why something is not shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum HiddenBecause {
    /// 未告知: the patient has not been told.
    NotTold,
    /// 未提供: its doctor gives it to nobody.
    Withheld,
    /// The patient's consent does not reach it.
    NotConsented,
    /// It is older than its window.
    OutsideWindow,
}

/// A unit, whole.
#[derive(Debug)]
pub struct Unit {
    /// Its id.
    pub id: UnitId,
    /// Whose.
    pub person: PersonId,
    /// Its kind.
    pub kind: UnitKind,
    /// The institution that registered it.
    pub institution: String,
    /// Exactly as registered.
    pub body: Bytes,
    /// The event on record for this view.
    pub event: EventId,
}

/// A person found.
#[derive(Debug)]
pub struct Found {
    /// In this hub's own id.
    pub person: PersonId,
    /// The Patient resource of the newest unit, as registered.
    pub patient: Bytes,
}

impl Exchange {
    /// Shows informations of a person, as far as the rules permit.
    ///
    /// # Errors
    /// [`NotShown::Refused`] with the rule, on record like a view; [`NotShown::Store`].
    pub async fn view(
        &self,
        viewer: &Viewer,
        person: PersonId,
        asked: &[Information],
        purpose: Purpose,
        act: &Act,
    ) -> Result<View, NotShown> {
        let permit = self.permit(viewer, person, Asked::Informations(asked), purpose, act).await?;
        let headings = self.store.headings(&permit).await?;
        let filtered = filter(&headings, &Eyes::of(&permit), asked, day(act.now));
        let bodies = self.bodies(&permit, &headings, &filtered.shown).await?;
        let event = self.put_on_record(viewer, &permit, asked, &filtered, act).await?;
        let items = filtered.shown.iter().filter_map(|fact| shown(fact, &bodies)).collect();
        Ok(View {
            person: *permit.person(),
            patient: newest_patient(&headings, &bodies),
            items,
            hidden: filtered.hidden,
            rule: permit.rule(),
            until: permit.until(),
            event,
        })
    }

    /// Shows one unit, exactly as registered. `None` if there is none of this id.
    ///
    /// # Errors
    /// As [`Self::view`].
    pub async fn unit(
        &self,
        viewer: &Viewer,
        id: UnitId,
        purpose: Purpose,
        act: &Act,
    ) -> Result<Option<Unit>, NotShown> {
        let Some(owner) = self.store.owner(id).await? else { return Ok(None) };
        if owner.is_over_at(act.now) {
            return Ok(None);
        }
        if owner.kind == UnitKind::Referral || owner.part_of.is_some() {
            return self.fetch(viewer, id, owner, purpose, act).await;
        }
        let asked = Asked::Unit(owner.kind, &owner.institution);
        let permit = self.permit(viewer, owner.person, asked, purpose, act).await?;
        if matches!(owner.kind, UnitKind::CheckupReport | UnitKind::PatientSummary) {
            let headings = self.store.headings(&permit).await?;
            let is_it = |heading: &&Heading| heading.id == id;
            if !headings.iter().find(is_it).is_some_and(|one| self.is_open(&permit, one, act.now)) {
                return Ok(None);
            }
        }
        let Some((_, body)) = self.store.bodies(&permit, vec![id]).await?.pop() else { return Ok(None) };
        let event = record::shown_unit(viewer, &permit, id, act)?;
        let event_id = event.id;
        self.store.append(Some(owner.person), event).await?;
        Ok(Some(Unit {
            id,
            person: owner.person,
            kind: owner.kind,
            institution: owner.institution,
            body: body.into(),
            event: event_id,
        }))
    }

    /// Lists the documents of a person that a viewer may know of, newest first.
    ///
    /// # Errors
    /// As [`Self::view`].
    pub async fn documents(
        &self,
        viewer: &Viewer,
        person: PersonId,
        purpose: Purpose,
        act: &Act,
    ) -> Result<Vec<DocumentHeading>, NotShown> {
        let mut documents: Vec<DocumentHeading> = Vec::new();
        let (mut rules, mut purposes) = (Vec::new(), Vec::new());
        for permit in self.document_permits(viewer, person, purpose, act).await? {
            let headings = self.store.headings(&permit).await?;
            let mut new = self.open_documents(&permit, headings, act.now);
            new.retain(|new| documents.iter().all(|old| old.unit != new.unit));
            documents.extend(new);
            rules.push(permit.rule());
            purposes.push(permit.purpose());
        }
        mark_superseded(&mut documents);
        documents.sort_by_key(|document| std::cmp::Reverse((document.date, document.received_at)));
        let mut event = record::event(act, audit::Act::View, Outcome::Done, viewer, &rules.join(" "))?;
        event.patient = Some(person.to_string());
        event.objects = vec!["documents".to_owned()];
        event.purpose = purposes.first().map(|purpose| purpose.code().to_owned());
        event.shown = Some(Shown { entries: count(documents.len()), hidden: 0 });
        self.store.append(Some(person), event).await?;
        Ok(documents)
    }

    /// Finds the person with this insured number, if the viewer may see anything of them. Nobody is told whether a
    /// person exists whom they may not see.
    ///
    /// # Errors
    /// [`NotShown::Store`].
    pub async fn find(
        &self,
        viewer: &Viewer,
        member_id: &str,
        purpose: Purpose,
        act: &Act,
    ) -> Result<Option<Found>, NotShown> {
        let is_askable = viewer.role != Role::Insurer
            || member_id
                .split(':')
                .next()
                .is_some_and(|insurer| viewer.institution.as_deref() == Some(insurer));
        let found = if is_askable { self.store.find_person(member_id).await? } else { None };
        let Some(person) = found else {
            let event = record::event(act, audit::Act::Find, Outcome::Refused, viewer, "unknown")?;
            self.store.append(None, event).await?;
            return Ok(None);
        };
        match self.identify(viewer, person, purpose, act).await {
            Err(NotShown::Refused(_)) => Ok(None),
            other => other,
        }
    }

    /// Who a person is, for a viewer who may see something of them.
    ///
    /// # Errors
    /// As [`Self::view`].
    pub async fn identify(
        &self,
        viewer: &Viewer,
        person: PersonId,
        purpose: Purpose,
        act: &Act,
    ) -> Result<Option<Found>, NotShown> {
        let person = self.store.head_of(person).await?;
        let circumstances = self.store.circumstances(person, act.now).await?;
        let ask = |asked| decide(&Question { viewer, person, asked, purpose }, &circumstances, act.now);
        let permit = match (ask(Asked::Informations(&Information::ALL)), ask(Asked::Documents)) {
            (Decision::Permit(permit), _) | (_, Decision::Permit(permit)) => permit,
            (Decision::Refuse(refusal), _) => {
                return Err(self.refuse(viewer, person, refusal, purpose, act).await?);
            }
        };
        let mut headings = self.store.headings(&permit).await?;
        headings.retain(|heading| self.is_open(&permit, heading, act.now));
        let Some(newest) = newest(&headings) else { return Ok(None) };
        let bodies = self.store.bodies(&permit, vec![newest.id]).await?;
        let mut event = record::event(act, audit::Act::Find, Outcome::Done, viewer, permit.rule())?;
        event.patient = Some(person.to_string());
        event.purpose = Some(permit.purpose().code().to_owned());
        self.store.append(Some(person), event).await?;
        let bodies = bodies.into_iter().map(|(id, body)| (id, Bytes::from(body))).collect();
        Ok(newest_patient(&headings, &bodies).map(|patient| Found { person, patient }))
    }

    pub(crate) async fn permit(
        &self,
        viewer: &Viewer,
        person: PersonId,
        asked: Asked<'_>,
        purpose: Purpose,
        act: &Act,
    ) -> Result<Permit, NotShown> {
        let person = self.store.head_of(person).await?;
        let circumstances = self.store.circumstances(person, act.now).await?;
        match decide(&Question { viewer, person, asked, purpose }, &circumstances, act.now) {
            Decision::Permit(permit) => Ok(permit),
            Decision::Refuse(refusal) => Err(self.refuse(viewer, person, refusal, purpose, act).await?),
        }
    }

    /// Documents open by consent, and one's own institution's by having registered them.
    async fn document_permits(
        &self,
        viewer: &Viewer,
        person: PersonId,
        purpose: Purpose,
        act: &Act,
    ) -> Result<Vec<Permit>, NotShown> {
        let person = self.store.head_of(person).await?;
        let circumstances = self.store.circumstances(person, act.now).await?;
        let own = viewer.institution.clone().unwrap_or_default();
        let asked = [Asked::Documents, Asked::Unit(UnitKind::Referral, &own)];
        let mut permits = Vec::new();
        let mut refusal = None;
        for asked in asked {
            match decide(&Question { viewer, person, asked, purpose }, &circumstances, act.now) {
                Decision::Permit(permit) => permits.push(permit),
                Decision::Refuse(refused) => refusal = refusal.or(Some(refused)),
            }
        }
        match refusal {
            Some(refusal) if permits.is_empty() => {
                Err(self.refuse(viewer, person, refusal, purpose, act).await?)
            }
            _ => Ok(permits),
        }
    }

    pub(crate) async fn bodies(
        &self,
        permit: &Permit,
        headings: &[Heading],
        shown: &[Fact<'_>],
    ) -> Result<BTreeMap<UnitId, Bytes>, NotShown> {
        let mut units: Vec<UnitId> = shown.iter().map(|fact| fact.heading.id).collect();
        units.extend(newest(headings).map(|heading| heading.id));
        units.sort_unstable();
        units.dedup();
        let bodies = self.store.bodies(permit, units).await?;
        Ok(bodies.into_iter().map(|(id, body)| (id, Bytes::from(body))).collect())
    }

    pub(crate) async fn put_on_record(
        &self,
        viewer: &Viewer,
        permit: &Permit,
        asked: &[Information],
        filtered: &Filtered<'_>,
        act: &Act,
    ) -> Result<EventId, NotShown> {
        let mut event = record::event(act, audit::Act::View, Outcome::Done, viewer, permit.rule())?;
        event.patient = Some(permit.person().to_string());
        event.objects = asked.iter().map(|information| information.code().to_owned()).collect();
        event.purpose = Some(permit.purpose().code().to_owned());
        let hidden = filtered.hidden.iter().map(|hidden| hidden.count).sum();
        event.shown = Some(Shown { entries: count(filtered.shown.len()), hidden });
        let id = event.id;
        self.store.append(Some(*permit.person()), event).await?;
        Ok(id)
    }
}

fn count(length: usize) -> u32 {
    u32::try_from(length).unwrap_or(u32::MAX)
}
