//! A referral's way (診療情報提供書送付): one table of steps, which the code obeys and the chart in the docs is drawn
//! from.

use access::{
    Asked, Decision, Purpose, Question, Viewer, decide, may_follow, may_list_own_referrals,
    may_list_referrals, may_open_referral,
};
use audit::{Outcome, Shown};
use fhir::bundle::UnitKind;
use jiff::Timestamp;
use store::{
    Address, Circumstances, Fault, NEVER, NotKept, Owner, PersonId, Referral, ReferralMove, ReferralState,
    ReferralsOf, Topic, UnitId,
};

use crate::filter::day;
use crate::window::{day_after, document_last_day};
use crate::{Act, Exchange, NotMoved, NotShown, Unit, record};

/// One kind of step on a referral's way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Step {
    /// Code of the step, with words under `step.` in `locale/`.
    pub code: &'static str,
    /// Who takes it: codes with words under `mover.`.
    pub by: &'static [&'static str],
    /// From which states; none for the first step.
    pub from: &'static [ReferralState],
    /// Whereto.
    pub to: ReferralState,
}

/// Until its destination has fetched it, a referral is its sender's to change.
pub(crate) const UNFETCHED: &[ReferralState] = &[ReferralState::Registered, ReferralState::Open];

/// 登録 without a consent: it waits.
pub const REGISTER: Step =
    Step { code: "register", by: &["sender"], from: &[], to: ReferralState::Registered };
/// 登録 with the consent that the patient gave the sender by word of mouth.
pub const REGISTER_OPEN: Step =
    Step { code: "register-open", by: &["sender"], from: &[], to: ReferralState::Open };
/// 閲覧同意 given later.
pub const OPEN: Step =
    Step { code: "open", by: &["patient", "reader", "sender"], from: UNFETCHED, to: ReferralState::Open };
/// 変更: its way begins anew, as if it had been registered now.
pub const CHANGE: Step =
    Step { code: "change", by: &["sender"], from: UNFETCHED, to: ReferralState::Registered };
/// 変更 with the consent that the patient gave the sender by word of mouth.
pub const CHANGE_OPEN: Step =
    Step { code: "change-open", by: &["sender"], from: UNFETCHED, to: ReferralState::Open };
/// 添付情報登録 to one that waits; it goes on waiting.
pub const ATTACH: Step = Step {
    code: "attach",
    by: &["sender"],
    from: &[ReferralState::Registered],
    to: ReferralState::Registered,
};
/// 添付情報登録 to one that is open; it stays open.
pub const ATTACH_OPEN: Step =
    Step { code: "attach", by: &["sender"], from: &[ReferralState::Open], to: ReferralState::Open };
/// 取消
pub const CANCEL: Step =
    Step { code: "cancel", by: &["sender"], from: UNFETCHED, to: ReferralState::Cancelled };
/// 取得
pub const FETCH: Step = Step {
    code: "fetch",
    by: &["destination"],
    from: &[ReferralState::Open, ReferralState::Fetched],
    to: ReferralState::Fetched,
};
/// 期限切れ
pub const EXPIRE: Step = Step { code: "expire", by: &["clock"], from: UNFETCHED, to: ReferralState::Expired };
/// 自動消去
pub const DELETE: Step =
    Step { code: "delete", by: &["clock"], from: &[ReferralState::Fetched], to: ReferralState::Deleted };

/// Every step there is.
pub const STEPS: [Step; 11] =
    [REGISTER, REGISTER_OPEN, OPEN, CHANGE, CHANGE_OPEN, ATTACH, ATTACH_OPEN, CANCEL, FETCH, EXPIRE, DELETE];

/// How many referrals one list holds.
const PAGE: u32 = 200;

/// Which list an institution asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mailbox {
    /// Those addressed to it (自施設宛文書情報一覧).
    In,
    /// Those it sent (文書情報状況照会).
    Out,
}

impl Exchange {
    /// The way of one referral, for its sender, its destination and its patient. `None` to anybody else, as if it
    /// were not there.
    ///
    /// # Errors
    /// On any [`Fault`].
    pub async fn referral_status(
        &self,
        viewer: &Viewer,
        unit: UnitId,
        act: &Act,
    ) -> Result<Option<Referral>, Fault> {
        let found = self.store.referral(unit).await?.filter(|referral| may_follow(viewer, referral).is_ok());
        Ok(found.map(|referral| standing(referral, act.now)))
    }

    /// The referrals an institution sent, or is sent, that moved at or after `since`; the latest moves last, at most
    /// 200.
    ///
    /// # Errors
    /// [`NotShown::Refused`] for whoever acts for no institution.
    pub async fn referrals(
        &self,
        viewer: &Viewer,
        which: Mailbox,
        since: Timestamp,
        act: &Act,
    ) -> Result<Vec<Referral>, NotShown> {
        may_list_referrals(viewer).map_err(NotShown::Refused)?;
        let number = viewer.institution.clone().unwrap_or_default();
        let of = match which {
            Mailbox::In => ReferralsOf::Destination(number),
            Mailbox::Out => ReferralsOf::Sender(number),
        };
        let found = self.store.referrals(of, since, PAGE).await?;
        let mut event = record::event(act, audit::Act::Find, Outcome::Done, viewer, "own-referrals")?;
        event.shown = Some(Shown { entries: u32::try_from(found.len()).unwrap_or(u32::MAX), hidden: 0 });
        self.store.append(None, event).await?;
        Ok(found.into_iter().map(|referral| standing(referral, act.now)).collect())
    }

    /// The referrals of a patient, for themselves: where they are, not what they say.
    ///
    /// # Errors
    /// [`NotShown::Refused`] for anybody but the patient.
    pub async fn own_referrals(
        &self,
        viewer: &Viewer,
        person: PersonId,
        act: &Act,
    ) -> Result<Vec<Referral>, NotShown> {
        let person = self.store.head_of(person).await?;
        if let Err(refusal) = may_list_own_referrals(viewer, person) {
            return Err(self.refuse(viewer, person, refusal, Purpose::PatientRequest, act).await?);
        }
        let found = self.store.referrals(ReferralsOf::Person(person), Timestamp::UNIX_EPOCH, PAGE).await?;
        Ok(found.into_iter().map(|referral| standing(referral, act.now)).collect())
    }

    /// Opens a referral to its destination: by its patient, or by its sender, whom the patient has told.
    ///
    /// # Errors
    /// [`NotMoved`] for anybody else, and where it is past that.
    pub async fn open_referral(
        &self,
        viewer: &Viewer,
        unit: UnitId,
        act: &Act,
    ) -> Result<Referral, NotMoved> {
        let referral = self.referral_status(viewer, unit, act).await?.ok_or(NotKept::NotThere)?;
        let consent = match may_open_referral(viewer, &referral) {
            Ok("patient-self") => "patient",
            Ok(_) => "sender",
            Err(refusal) => return Err(self.not_moved(viewer, &referral, refusal.rule, act).await?),
        };
        self.open_to_destination(viewer, &referral, consent, act).await
    }

    /// Opens every waiting referral of a person to an institution at whose card reader they have consented; answers
    /// how many.
    ///
    /// # Errors
    /// On any [`Fault`].
    pub async fn open_referrals_at_reader(
        &self,
        viewer: &Viewer,
        person: PersonId,
        institution: &str,
        act: &Act,
    ) -> Result<usize, Fault> {
        let all = self.store.referrals(ReferralsOf::Person(person), Timestamp::UNIX_EPOCH, PAGE).await?;
        let waiting = |one: &&Referral| {
            one.destination == institution && one.state == ReferralState::Registered && act.now < one.ends_at
        };
        let mut opened = 0;
        for referral in all.iter().filter(waiting) {
            match self.open_to_destination(viewer, referral, "reader", act).await {
                Ok(_) => opened += 1,
                Err(NotMoved::NotKept(NotKept::Fault(fault))) => return Err(fault),
                // Somebody moved it meanwhile.
                Err(_) => {}
            }
        }
        Ok(opened)
    }

    /// A referral or what was sent along with it, whole: to its destination this is the receipt (取得), and its days
    /// are counted from the first.
    pub(crate) async fn fetch(
        &self,
        viewer: &Viewer,
        id: UnitId,
        owner: Owner,
        purpose: Purpose,
        act: &Act,
    ) -> Result<Option<Unit>, NotShown> {
        let Some(referral) = self.store.referral(owner.part_of.unwrap_or(id)).await? else { return Ok(None) };
        let question = Question { viewer, person: owner.person, asked: Asked::Referral(&referral), purpose };
        let permit = match decide(&question, &Circumstances::default(), act.now) {
            Decision::Permit(permit) => permit,
            Decision::Refuse(refusal) => {
                return Err(self.refuse(viewer, owner.person, refusal, purpose, act).await?);
            }
        };
        let Some((_, body)) = self.store.bodies(&permit, vec![id]).await?.pop() else { return Ok(None) };
        let event = record::shown_unit(viewer, &permit, id, act)?;
        let event_id = event.id;
        if permit.rule() == "destination" {
            match self.store.move_referral(referral.unit, receipt(&referral, act.now), event).await {
                Ok(_) => {}
                Err(NotKept::Fault(fault)) => return Err(fault.into()),
                // Changed between the decision and the receipt: what stands now is read instead.
                Err(NotKept::InState(state)) if FETCH.from.contains(&state) => {
                    return Box::pin(self.unit(viewer, id, purpose, act)).await;
                }
                // Cancelled meanwhile: nothing leaves.
                Err(_) => return Err(NotShown::Refused(access::Refusal { rule: "referral-ended" })),
            }
        } else {
            self.store.append(Some(owner.person), event).await?;
        }
        Ok(Some(Unit {
            id,
            person: owner.person,
            kind: owner.kind,
            institution: owner.institution,
            body: body.into(),
            event: event_id,
        }))
    }

    /// A referral whose time is over is nobody's to change, even if its document is not destroyed yet.
    pub(crate) async fn still_stands(&self, unit: UnitId, act: &Act) -> Result<(), NotKept> {
        let state = self.store.referral(unit).await?.map(|referral| state_at(&referral, act.now));
        match state {
            Some(state) if state.is_ended() => Err(NotKept::InState(state)),
            _ => Ok(()),
        }
    }

    /// What a sender is told of a unit that is not there: how their own referral ended, of all else nothing.
    pub(crate) async fn no_longer(&self, unit: UnitId, sender: &str) -> Result<NotKept, Fault> {
        let own = self.store.referral(unit).await?.filter(|referral| referral.sender == sender);
        Ok(own.map_or(NotKept::NotThere, |referral| NotKept::InState(referral.state)))
    }

    async fn open_to_destination(
        &self,
        viewer: &Viewer,
        referral: &Referral,
        consent: &'static str,
        act: &Act,
    ) -> Result<Referral, NotMoved> {
        if referral.state.is_ended() {
            return Err(NotKept::InState(referral.state).into());
        }
        let event =
            record::about(viewer, audit::Act::OpenReferral, consent, referral.person, referral.unit, act)?;
        let step = ReferralMove {
            from: OPEN.from,
            to: OPEN.to,
            consent: Some(consent),
            ends_at: None,
            read: None,
            topic: Topic::ReferralOpen,
        };
        Ok(self.store.move_referral(referral.unit, step, event).await?)
    }

    /// Puts the refusal of a step on record.
    async fn not_moved(
        &self,
        viewer: &Viewer,
        referral: &Referral,
        rule: &'static str,
        act: &Act,
    ) -> Result<NotMoved, Fault> {
        let mut event = record::event(act, audit::Act::OpenReferral, Outcome::Refused, viewer, rule)?;
        event.patient = Some(referral.person.to_string());
        self.store.append(Some(referral.person), event).await?;
        Ok(NotMoved::Refused(access::Refusal { rule }))
    }
}

/// Where a referral that is registered now goes, and until when.
pub(crate) fn address(destination: &str, is_consented: bool, now: Timestamp) -> Address {
    let last = document_last_day(UnitKind::Referral, day(now), None);
    let consent = is_consented.then_some("sender");
    Address { destination: destination.to_owned(), consent, ends_at: last.map_or(NEVER, day_after) }
}

/// A referral as it stands now: one whose time is over has ended, whether or not its document is destroyed yet.
fn standing(referral: Referral, now: Timestamp) -> Referral {
    let state = state_at(&referral, now);
    Referral { state, ..referral }
}

/// The state a referral is in, judged by the time alone.
pub(crate) fn state_at(referral: &Referral, now: Timestamp) -> ReferralState {
    match referral.state {
        state if state.is_ended() || now < referral.ends_at => state,
        ReferralState::Fetched => DELETE.to,
        _ => EXPIRE.to,
    }
}

fn receipt(referral: &Referral, now: Timestamp) -> ReferralMove {
    let registered = day(referral.registered_at);
    let last = document_last_day(UnitKind::Referral, registered, Some(day(now)));
    ReferralMove {
        from: FETCH.from,
        to: FETCH.to,
        consent: None,
        ends_at: last.map(day_after),
        read: Some(referral.registered_at),
        topic: Topic::ReferralFetched,
    }
}
