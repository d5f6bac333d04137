//! Random sequences of acts, by several institutions and patients, against the model; on both engines.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use exchange::referral::Mailbox;
use jiff::civil::date;
use jiff::{SignedDuration, ToSpan};
use proptest::test_runner::{Config, TestCaseError, TestError, TestRunner};
use store::{Database, ReferralState, Stance, UnitId};

use crate::letters::{Letter, TEMPLATES, pdf};
use crate::model::{GROUPS, Grant, Item, Model, Number, Referral, Unit, What, day, effective, end_of, hours};
use crate::postgres::{Postgres, skipped};
use crate::step::{Content, Step, sequence};
use crate::world::World;

/// How many acts a sequence has at most.
const LENGTH: usize = 30;
/// After how many acts every view is compared; after the last in any case.
const EVERY: usize = 7;

static SERVER: LazyLock<Option<Postgres>> = LazyLock::new(Postgres::start);

#[test]
fn whatever_anybody_does_in_whatever_order_everybody_sees_what_the_model_says_on_sqlite() {
    run(sequences(60), || {
        let folder = tempfile::tempdir().unwrap();
        (Database::Sqlite(folder.path().join("renkei.db")), Some(folder))
    });
}

#[test]
fn whatever_anybody_does_in_whatever_order_everybody_sees_what_the_model_says_on_postgresql() {
    match SERVER.as_ref() {
        None => skipped("sequences on PostgreSQL", "PostgreSQL is not installed"),
        Some(server) => run(sequences(30).min(500), || (Database::Postgres(server.database()), None)),
    }
}

/// How many sequences: few where everything is tested, as many as asked for in the long run.
fn sequences(few: u32) -> u32 {
    std::env::var("RENKEI_SEQUENCES").ok().and_then(|text| text.parse().ok()).unwrap_or(few)
}

fn run(cases: u32, database: impl Fn() -> (Database, Option<tempfile::TempDir>)) {
    let config = Config { cases, failure_persistence: None, max_shrink_iters: 400, ..Config::default() };
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    LazyLock::force(&ITEMS);
    let outcome = TestRunner::new(config).run(&sequence(LENGTH), |steps| {
        let (database, _folder) = database();
        let world = World::open(&database);
        runtime.block_on(play(world, &steps))
    });
    match outcome {
        Ok(()) => eprintln!("{cases} sequences of up to {LENGTH} acts agree with the model"),
        Err(TestError::Fail(why, steps)) => panic!("{why}\n{}", told(&steps)),
        Err(other) => panic!("{other}"),
    }
}

fn told(steps: &[Step]) -> String {
    steps.iter().enumerate().map(|(index, step)| format!("{index} {step:?}\n")).collect()
}

/// A world and its model.
struct Play {
    world: World,
    model: Model,
    items: Vec<Vec<Item>>,
}

async fn play(world: World, steps: &[Step]) -> Result<(), TestCaseError> {
    world.keep_institutions().await;
    let numbers = (0..3).map(|person| number(person, person)).collect();
    let model = Model::new(world.now, numbers);
    world.tell_centre(&model.numbers);
    let mut play = Play { world, model, items: ITEMS.clone() };
    for (index, step) in steps.iter().enumerate() {
        play.tick(SignedDuration::from_secs(1));
        let (expected, found) = play.step(step).await;
        if expected.is_ok() != found.is_ok() {
            return Err(fail(format!(
                "act {index} {step:?}: the model says {expected:?}, the hub {found:?}"
            )));
        }
        play.compare_persons().await?;
        if index % EVERY == EVERY - 1 || index + 1 == steps.len() {
            play.compare_views(index).await?;
        }
    }
    Ok(())
}

fn number(person: usize, index: usize) -> Number {
    let insurer = if index.is_multiple_of(2) { "00499901" } else { "00499902" };
    let text = format!("{insurer}:架国:{index}:01");
    Number { text, person, from: date(2020, 4, 1), to: None, holder: None }
}

fn fail(why: String) -> TestCaseError {
    TestCaseError::fail(why)
}

type Verdict = Result<(), String>;

fn no(why: &str) -> Verdict {
    Err(why.to_owned())
}

impl Play {
    fn tick(&mut self, time: SignedDuration) {
        self.model.now += time;
        self.world.now = self.model.now;
    }

    /// Takes a step in the model and in the world; answers what both say.
    async fn step(&mut self, step: &Step) -> (Verdict, Verdict) {
        match step {
            Step::Register { by, number, content } => self.register(*by, *number, content).await,
            Step::Change { by, unit, content } => self.change(*by, *unit, content).await,
            Step::Cancel { by, unit } => self.cancel(*by, *unit).await,
            Step::Attach { by, unit, name } => self.attach(*by, *unit, *name).await,
            Step::Open { by, unit } => self.open(*by, *unit).await,
            Step::Fetch { by, unit } => self.fetch(*by, *unit).await,
            Step::Consent { at, number, groups } => self.consent(*at, *number, *groups).await,
            Step::Revoke { grant } => self.revoke(*grant).await,
            Step::Wish { holder, institution, group, stance } => {
                self.wish(*holder, *institution, *group, *stance).await
            }
            Step::Emergency { by, number, is_full } => self.emergency(*by, *number, *is_full).await,
            Step::Merge { holder, into } => self.merge(*holder, *into).await,
            Step::Unmerge { holder } => self.unmerge(*holder).await,
            Step::NewNumber { person } => self.new_number(*person),
            Step::OneAtTheCentre { person, other } => self.one_at_the_centre(*person, *other),
            Step::Retain => self.retain().await,
            Step::Wait { hours: count } => {
                self.tick(hours(*count));
                (Ok(()), Ok(()))
            }
        }
    }

    fn letter(&self, by: usize, number: usize, content: &Content) -> Letter {
        let sender = self.world.institutions[by].clone();
        let identifier = format!("{sender}^2026^K{}", content.key);
        let template = &TEMPLATES[content.template];
        // What does not stand in the bytes must not tell letters apart.
        let to = if template.kind == "Referral" { content.to } else { 0 };
        let date_index = if template.is_collection() { content.date } else { 0 };
        let flag = [None, Some("UNINFORMED"), Some("UNDELIVERED"), Some("LTS")][content.flag];
        Letter {
            template: content.template,
            identifier,
            sender,
            destination: self.world.institutions[to].clone(),
            member_id: self.model.numbers[number].text.clone(),
            date: date(2026, 3, 1) - [0, 50, 400][date_index].days(),
            flag: flag.filter(|_| template.kind == "Condition"),
        }
    }

    async fn register(&mut self, by: usize, number: usize, content: &Content) -> (Verdict, Verdict) {
        let number = number % self.model.numbers.len();
        let letter = self.letter(by, number, content);
        let stands = self.model.under_key(number, &letter.identifier).cloned();
        let valid = self.model.is_valid(number);
        let found = self.world.register(by, &letter.bytes(), None, content.is_consented).await;
        if valid {
            self.model.holder_of(number);
        }
        let expected = match &stands {
            None if !valid => no("expired"),
            _ if letter.kind() == "Referral" && content.to == by => no("to itself"),
            Some(old) if old.what == What::Bundle(number, letter.clone()) && !old.is_reduced => Ok(()),
            // Only what was extracted is left of it: it may be registered anew, as what it was.
            Some(old) if old.is_reduced && is_of_kind(&old.what, letter.kind()) => Ok(()),
            Some(old) if is_document(&old.what) || is_document_kind(letter.kind()) => no("stands"),
            _ => Ok(()),
        };
        let is_same = stands
            .as_ref()
            .is_some_and(|old| old.what == What::Bundle(number, letter.clone()) && !old.is_reduced);
        if let (Ok(()), Ok(id), false) = (&expected, &found, is_same) {
            if let Some(old) = stands {
                self.model.take(old.id);
            }
            self.keep(*id, by, number, letter, content);
        }
        (expected, found.map(drop))
    }

    async fn change(&mut self, by: usize, unit: usize, content: &Content) -> (Verdict, Verdict) {
        let Some(id) = self.pick(unit) else { return (Ok(()), Ok(())) };
        let stands = self.model.unit(id).cloned();
        let Some(What::Bundle(number, old)) = stands.as_ref().map(|unit| unit.what.clone()) else {
            return (Ok(()), Ok(()));
        };
        let owner = stands.as_ref().map_or(0, |unit| unit.by);
        let mut letter = self.letter(owner, number, content);
        letter.identifier.clone_from(&old.identifier);
        let is_same = letter == old;
        let found = self.world.register(by, &letter.bytes(), Some(id), content.is_consented).await;
        if self.model.is_valid(number) {
            self.model.holder_of(number);
        }
        let over = stands.as_ref().is_some_and(|unit| self.model.is_over(unit));
        let state = self.model.referrals.get(&id).map(|referral| referral.state);
        let expected = match state {
            _ if by != owner => no("another's"),
            _ if letter.kind() == "Referral" && content.to == owner => no("to itself"),
            Some(_) if over => no("expired"),
            _ if is_same => Ok(()),
            _ if letter.kind() != old.kind() && is_document_kind(old.kind()) => no("another kind"),
            None | Some(ReferralState::Registered | ReferralState::Open) => Ok(()),
            Some(_) => no("fetched"),
        };
        if let (Ok(()), Ok(_), false) = (&expected, &found, is_same) {
            self.model.take(id);
            self.keep(id, owner, number, letter, content);
        }
        (expected, found.map(drop))
    }

    fn keep(&mut self, id: UnitId, by: usize, number: usize, letter: Letter, content: &Content) {
        let (now, holder) = (self.model.now, self.model.numbers[number].holder.unwrap());
        let ends = end_of(letter.kind(), now);
        if letter.kind() == "Referral" {
            let state = if content.is_consented { ReferralState::Open } else { ReferralState::Registered };
            let referral = Referral {
                unit: id,
                holder,
                by,
                to: content.to,
                state,
                is_opened_by_patient: false,
                registered: now,
                moved: now,
                ends: ends.unwrap(),
            };
            self.model.referrals.insert(id, referral);
        }
        let items =
            self.items[letter.template].iter().map(|item| match TEMPLATES[letter.template].is_collection() {
                true => Item {
                    date: Some(letter.date),
                    is_not_told: letter.flag == Some("UNINFORMED"),
                    is_withheld: letter.flag == Some("UNDELIVERED"),
                    is_long_term: letter.flag == Some("LTS"),
                    ..item.clone()
                },
                false => item.clone(),
            });
        let items = items.collect();
        self.model.put(Unit {
            id,
            holder,
            by,
            what: What::Bundle(number, letter),
            items,
            received: now,
            ends,
            is_reduced: false,
        });
    }

    async fn cancel(&mut self, by: usize, unit: usize) -> (Verdict, Verdict) {
        let Some(id) = self.pick(unit) else { return (Ok(()), Ok(())) };
        let found = self.world.cancel(by, id).await;
        let expected = match self.model.unit(id) {
            None => no("gone"),
            Some(unit) if unit.by != by => no("another's"),
            Some(unit) if self.model.is_over(unit) => no("over"),
            Some(_) => match self.model.referral_of(id).map(|referral| referral.state) {
                None | Some(ReferralState::Registered | ReferralState::Open) => Ok(()),
                Some(_) => no("fetched"),
            },
        };
        if expected.is_ok() && found.is_ok() {
            self.model.take(id);
            let now = self.model.now;
            if let Some(referral) = self.model.referrals.get_mut(&id) {
                (referral.state, referral.ends, referral.moved) = (ReferralState::Cancelled, now, now);
            }
        }
        (expected, found)
    }

    async fn attach(&mut self, by: usize, unit: usize, name: usize) -> (Verdict, Verdict) {
        let Some(referral) = self.pick_referral(unit) else { return (Ok(()), Ok(())) };
        let found = self.world.attach(by, referral, &pdf(&format!("{name}"))).await;
        let Some(stands) = self.model.unit(referral).cloned() else { return (no("gone"), found.map(drop)) };
        let what = What::Pdf(referral, name);
        let is_same = self.model.units.iter().any(|unit| unit.what == what);
        let state = self.model.referrals[&referral].state;
        let expected = match state {
            _ if stands.by != by => no("another's"),
            _ if self.model.is_over(&stands) => no("over"),
            _ if is_same => Ok(()),
            ReferralState::Registered | ReferralState::Open => Ok(()),
            _ => no("fetched"),
        };
        if let (Ok(()), Ok(id), false) = (&expected, &found, is_same) {
            let (received, items) = (self.model.now, Vec::new());
            let Unit { holder, ends, .. } = stands;
            self.model.put(Unit { id: *id, holder, by, what, items, received, ends, is_reduced: false });
        }
        (expected, found.map(drop))
    }

    async fn open(&mut self, by: Option<usize>, unit: usize) -> (Verdict, Verdict) {
        let Some(id) = self.pick_referral(unit) else { return (Ok(()), Ok(())) };
        let referral = self.model.referrals[&id].clone();
        let viewer = match by {
            Some(index) => self.world.system(index),
            None => self.world.patient(self.model.holders[referral.holder].unwrap()).await,
        };
        let found = self.world.open_referral(&viewer, id).await;
        let expected = match self.model.state(&referral) {
            _ if by.is_some_and(|by| by != referral.by) => no("neither patient nor sender"),
            ReferralState::Registered | ReferralState::Open => Ok(()),
            _ => no("too late"),
        };
        if expected.is_ok() && found.is_ok() && referral.state == ReferralState::Registered {
            let now = self.model.now;
            let referral = self.model.referrals.get_mut(&id).unwrap();
            referral.state = ReferralState::Open;
            referral.is_opened_by_patient = by.is_none();
            referral.moved = now;
        }
        (expected, found)
    }

    async fn fetch(&mut self, by: usize, unit: usize) -> (Verdict, Verdict) {
        let Some(id) = self.pick(unit) else { return (Ok(()), Ok(())) };
        let found = if self.world.fetch(by, id).await { Ok(()) } else { no("not shown") };
        let Some(unit) = self.model.unit(id) else { return (no("gone"), found) };
        let kind = match &unit.what {
            What::Bundle(_, letter) => letter.kind(),
            What::Pdf(..) => "Attachment",
        };
        let referral = self.model.referral_of(id).cloned();
        let expected = match &referral {
            _ if self.model.is_over(unit) => no("over"),
            None if kind == "PatientSummary" => no("for the patient alone"),
            None if unit.by == by => Ok(()),
            None => no("another's"),
            Some(referral) if referral.by == by => Ok(()),
            Some(referral) if referral.to != by => no("not addressed"),
            Some(referral) => match referral.state {
                ReferralState::Open | ReferralState::Fetched => Ok(()),
                _ => no("waits for consent"),
            },
        };
        if let (Ok(()), Ok(()), Some(referral)) = (&expected, &found, referral)
            && referral.to == by
        {
            self.model.fetched(referral.unit);
        }
        (expected, found)
    }

    async fn consent(&mut self, at: usize, number: usize, groups: usize) -> (Verdict, Verdict) {
        let number = number % self.model.numbers.len();
        let groups: Vec<&'static str> =
            (0..3).filter(|bit| groups & (1 << bit) != 0).map(|bit| GROUPS[bit]).collect();
        let found = self.world.consent(at, &self.model.numbers[number].text, &groups).await;
        if !self.model.is_valid(number) {
            return (no("expired"), found.map(drop));
        }
        let holder = self.model.holder_of(number);
        self.model.open_at_reader(holder, at);
        if let Ok(id) = &found {
            let (given, ends) = (self.model.now, self.model.now + hours(24));
            let is_emergency = false;
            self.model.grants.push(Grant {
                id: *id,
                holder,
                at,
                is_emergency,
                groups,
                given,
                ends,
                revoked: false,
            });
        }
        (Ok(()), found.map(drop))
    }

    async fn revoke(&mut self, grant: usize) -> (Verdict, Verdict) {
        let count = self.model.grants.len();
        if count == 0 {
            return (Ok(()), Ok(()));
        }
        let grant = self.model.grants[grant % count].clone();
        let found = self.world.revoke(self.model.holders[grant.holder].unwrap(), grant.id).await;
        let expected = if grant.revoked || grant.ends <= self.model.now { no("ended") } else { Ok(()) };
        let mut grants = self.model.grants.iter_mut();
        grants.find(|one| one.id == grant.id).unwrap().revoked |= expected.is_ok();
        (expected, found)
    }

    async fn wish(
        &mut self,
        holder: usize,
        institution: Option<usize>,
        group: usize,
        stance: usize,
    ) -> (Verdict, Verdict) {
        let Some(holder) = self.pick_holder(holder) else { return (Ok(()), Ok(())) };
        let person = self.model.holders[holder].unwrap();
        let said = [Stance::Withdrawn, Stance::Refuse, Stance::RefuseAlways][stance];
        let found = self.world.wish(person, institution, GROUPS[group], said).await;
        self.model.wish(holder, institution, group, stance);
        (Ok(()), found)
    }

    async fn emergency(&mut self, by: usize, number: usize, is_full: bool) -> (Verdict, Verdict) {
        let number = number % self.model.numbers.len();
        let scope = if is_full { "emergency-full" } else { "emergency-summary" };
        let found = self.world.emergency(by, &self.model.numbers[number].text, scope).await;
        let Some(holder) = self.model.numbers[number].holder else { return (no("unknown"), found.map(drop)) };
        let holder = self.model.head(holder);
        if let Ok(id) = &found {
            let (given, ends) = (self.model.now, self.model.now + hours(12));
            let groups = vec![scope];
            let (at, is_emergency) = (by, true);
            self.model.grants.push(Grant {
                id: *id,
                holder,
                at,
                is_emergency,
                groups,
                given,
                ends,
                revoked: false,
            });
        }
        (Ok(()), found.map(drop))
    }

    async fn merge(&mut self, holder: usize, into: usize) -> (Verdict, Verdict) {
        let (Some(holder), Some(into)) = (self.pick_holder(holder), self.pick_holder(into)) else {
            return (Ok(()), Ok(()));
        };
        let [one, other] = [holder, into].map(|index| self.model.holders[index].unwrap());
        let operator = self.world.operator();
        let found = self.world.exchange.merge(&operator, one, other, &self.world.act()).await;
        let expected = if self.model.merge(holder, into) { Ok(()) } else { no("already one") };
        (expected, found.map(drop).map_err(|why| format!("{why:?}")))
    }

    async fn unmerge(&mut self, holder: usize) -> (Verdict, Verdict) {
        let Some(holder) = self.pick_holder(holder) else { return (Ok(()), Ok(())) };
        let person = self.model.holders[holder].unwrap();
        let operator = self.world.operator();
        let found = self.world.exchange.unmerge(&operator, person, &self.world.act()).await;
        let expected = if self.model.unmerge(holder) { Ok(()) } else { no("not merged") };
        (expected, found.map(drop).map_err(|why| format!("{why:?}")))
    }

    /// What retention took must be what nobody would have been shown; what is over must be gone.
    async fn retain(&mut self) -> (Verdict, Verdict) {
        loop {
            let ended = self.world.exchange.end_outlived(&self.world.act()).await.unwrap();
            if ended.reviewed == 0 {
                break;
            }
        }
        let left: Vec<(UnitId, Vec<Item>)> =
            self.model.units.iter().map(|unit| (unit.id, self.model.left_of(unit))).collect();
        for (id, items) in left {
            let stands = self.world.exchange.store.owner(id).await.unwrap();
            let unit = self.model.units.iter_mut().find(|unit| unit.id == id).unwrap();
            let is_over = unit.ends.is_some_and(|end| end <= self.model.now);
            let is_collection = unit.ends.is_none();
            match stands {
                None if items.is_empty() && (is_collection || is_over) => {
                    self.model.units.retain(|unit| unit.id != id);
                }
                None => return (Ok(()), no(&format!("{id} is gone before its time"))),
                Some(owner) if owner.is_reduced && is_over && !unit.is_reduced => {
                    unit.is_reduced = true;
                    unit.items = items;
                }
                Some(owner) if owner.is_reduced && !is_over => {
                    return (Ok(()), no(&format!("{id} is reduced before its time")));
                }
                Some(owner) if is_over && !owner.is_reduced => {
                    return (Ok(()), no(&format!("{id} stands after its time")));
                }
                Some(_) => {}
            }
        }
        (Ok(()), Ok(()))
    }

    fn new_number(&mut self, person: usize) -> (Verdict, Verdict) {
        let today = day(self.model.now);
        let index = self.model.numbers.len();
        for old in self.model.numbers.iter_mut().filter(|old| old.person == person && old.to.is_none()) {
            old.to = Some(today.yesterday().unwrap());
        }
        self.model.numbers.push(Number { from: today, ..number(person, index) });
        self.world.tell_centre(&self.model.numbers);
        (Ok(()), Ok(()))
    }

    fn one_at_the_centre(&mut self, person: usize, other: usize) -> (Verdict, Verdict) {
        for number in self.model.numbers.iter_mut().filter(|number| number.person == other) {
            number.person = person;
        }
        self.world.tell_centre(&self.model.numbers);
        (Ok(()), Ok(()))
    }

    fn pick(&self, index: usize) -> Option<UnitId> {
        let ever = &self.model.ever;
        (!ever.is_empty()).then(|| ever[index % ever.len()])
    }

    fn pick_referral(&self, index: usize) -> Option<UnitId> {
        let all: Vec<UnitId> =
            self.model.ever.iter().copied().filter(|id| self.model.referrals.contains_key(id)).collect();
        (!all.is_empty()).then(|| all[index % all.len()])
    }

    fn pick_holder(&self, index: usize) -> Option<usize> {
        let count = self.model.holders.len();
        (count > 0).then(|| index % count)
    }

    /// Learns the ids of holders the hub has made, and holds who is whom against the model.
    async fn compare_persons(&mut self) -> Result<(), TestCaseError> {
        let store = &self.world.exchange.store;
        for number in &self.model.numbers {
            let kept = store.holder_of(&number.text).await.unwrap();
            match (number.holder, kept) {
                (None, None) => {}
                (Some(holder), Some(kept)) => {
                    let known = self.model.holders[holder].get_or_insert(kept);
                    if *known != kept {
                        return Err(fail(format!("{} is kept under {kept}, not {known}", number.text)));
                    }
                }
                other => return Err(fail(format!("{}: {other:?}", number.text))),
            }
        }
        for holder in 0..self.model.holders.len() {
            let head = store.head_of(self.model.holders[holder].unwrap()).await.unwrap();
            if Some(head) != self.model.holders[self.model.head(holder)] {
                return Err(fail(format!("holder {holder} has another head")));
            }
        }
        Ok(())
    }

    /// Holds what everybody sees against the model.
    async fn compare_views(&self, index: usize) -> Result<(), TestCaseError> {
        let (model, world) = (&self.model, &self.world);
        let check = |what: String, expected: String, found: String| {
            if expected == found {
                Ok(())
            } else {
                let ever = model.ever.iter().enumerate();
                let names: BTreeMap<_, _> = ever.map(|(index, id)| (index, id.to_string())).collect();
                Err(fail(format!("after act {index}, {what}:\n model {expected}\n hub   {found}\n{names:?}")))
            }
        };
        for holder in 0..model.holders.len() {
            let person = model.holders[holder].unwrap();
            let patient = world.patient(person).await;
            let seen = world.seen(&patient, person).await;
            check(
                format!("patient {holder}"),
                format!("{:?}", Some(model.patient(holder))),
                format!("{seen:?}"),
            )?;
            let documents = world.documents(&patient, person).await;
            let expected = model.documents_of_patient(holder);
            check(
                format!("documents of patient {holder}"),
                format!("{expected:?}"),
                format!("{documents:?}"),
            )?;
            if model.head(holder) != holder {
                continue;
            }
            for at in 0..world.institutions.len() {
                for is_emergency in [false, true] {
                    let seen = world.seen(&world.clinician(at, is_emergency), person).await;
                    let expected = model.clinician(holder, at, is_emergency);
                    let what = format!("clinician of {at} (emergency {is_emergency}) of {holder}");
                    check(what, format!("{expected:?}"), format!("{seen:?}"))?;
                }
                let seen = world.seen(&world.system(at), person).await;
                let expected = Some(model.own(holder, at));
                check(format!("institution {at} of {holder}"), format!("{expected:?}"), format!("{seen:?}"))?;
                let documents = world.documents(&world.clinician(at, false), person).await;
                let expected = model.documents_of_clinician(holder, at);
                check(
                    format!("documents of {holder} at {at}"),
                    format!("{expected:?}"),
                    format!("{documents:?}"),
                )?;
            }
        }
        for at in 0..world.institutions.len() {
            for (which, is_in) in [(Mailbox::In, true), (Mailbox::Out, false)] {
                let found = world.mailbox(at, which).await;
                let of = |one: &&Referral| if is_in { one.to == at } else { one.by == at };
                let mut expected: Vec<(UnitId, &str)> = model
                    .referrals
                    .values()
                    .filter(of)
                    .map(|one| (one.unit, effective(one.state, one.ends, model.now).code()))
                    .collect();
                expected.sort_unstable();
                check(format!("{which:?} of {at}"), format!("{expected:?}"), format!("{found:?}"))?;
            }
        }
        Ok(())
    }
}

fn is_document(what: &What) -> bool {
    matches!(what, What::Bundle(_, letter) if is_document_kind(letter.kind()))
}

fn is_of_kind(what: &What, kind: &str) -> bool {
    matches!(what, What::Bundle(_, letter) if letter.kind() == kind)
}

fn is_document_kind(kind: &str) -> bool {
    matches!(kind, "Referral" | "PatientSummary" | "CheckupReport")
}

/// What each template holds of the six informations, as its own sender sees it.
static ITEMS: LazyLock<Vec<Vec<Item>>> = LazyLock::new(|| {
    let folder = tempfile::tempdir().unwrap();
    let world = World::open(&Database::Sqlite(folder.path().join("renkei.db")));
    let read = async move {
        world.keep_institutions().await;
        let numbers: Vec<Number> = (0..TEMPLATES.len()).map(|index| number(index, index)).collect();
        world.tell_centre(&numbers);
        let mut all = Vec::new();
        for (template, number) in numbers.iter().enumerate() {
            let [sender, destination] = [0, 1].map(|index: usize| world.institutions[index].clone());
            let identifier = format!("{sender}^2026^T{template}");
            let member_id = number.text.clone();
            let letter = Letter {
                template,
                sender,
                destination,
                member_id,
                identifier,
                date: date(2026, 3, 1),
                flag: None,
            };
            world.register(0, &letter.bytes(), None, false).await.unwrap();
            let person = world.exchange.store.holder_of(&number.text).await.unwrap().unwrap();
            all.push(world.items(0, person).await);
        }
        all
    };
    // A thread of its own: the caller's is in a runtime already.
    std::thread::spawn(|| {
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
        let items = runtime.block_on(read);
        drop(folder);
        items
    })
    .join()
    .unwrap()
});
