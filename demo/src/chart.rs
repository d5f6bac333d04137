//! The pen of the stories: a patient's charts at all institutions, and what their systems send.
//!
//! A story says what happened ("on this day at this desk, this was diagnosed, these values came back") and when a
//! system sends. Numbers, timestamps, snapshots and references are kept here.

use std::collections::BTreeMap;

use jiff::civil::{Date, DateTime};
use jiff::tz::{Offset, TimeZone};
use jiff::{Timestamp, ToSpan};
use serde_json::Value;

use crate::PatientRecord;
use crate::form::allergy::{self, Allergy, Severity};
use crate::form::checkup::{self, Findings};
use crate::form::condition::{self, Diagnosis, Flag};
use crate::form::discharge::{self, Discharge, Stay};
use crate::form::facts::Facts;
use crate::form::lab::{self, Reading, Report};
use crate::form::medication::Prescription;
use crate::form::referral::{self, Letter, Referral};
use crate::form::report_unit::report_unit;
use crate::form::summary::{self, Summary};
use crate::person::Person;
use crate::place::Desk;
use crate::seed::Seed;
use crate::submission::Submission;
use crate::table::allergens::Allergen;
use crate::table::diseases::Disease;
use crate::table::drugs::{Drug, Usage};
use crate::visit::{Moment, Setting, Visit};

pub(crate) mod results;

/// How far a telling may stray from the story as written.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Variation {
    /// Days by which the whole story lies further in the past.
    pub(crate) shift: i32,
    /// Share by which a person's values differ from the written ones.
    pub(crate) sway: f64,
}

/// Everything known about one patient so far, and what was sent.
#[derive(Debug)]
pub(crate) struct Chart {
    pub(crate) person: Person,
    seed: Seed,
    today: Date,
    variation: Variation,
    diagnoses: Vec<Diagnosis>,
    allergies: Vec<Allergy>,
    prescriptions: Vec<Prescription>,
    reports: Vec<Report>,
    issued: BTreeMap<(String, &'static str), u32>,
    first_years: BTreeMap<(&'static str, &'static str), i16>,
    submissions: Vec<Submission>,
}

impl Chart {
    pub(crate) fn open(person: Person, seed: Seed, today: Date, variation: Variation) -> Self {
        Self {
            person,
            seed,
            today,
            variation,
            diagnoses: Vec::new(),
            allergies: Vec::new(),
            prescriptions: Vec::new(),
            reports: Vec::new(),
            issued: BTreeMap::new(),
            first_years: BTreeMap::new(),
            submissions: Vec::new(),
        }
    }

    /// The finished record, in the order of sending.
    pub(crate) fn close(mut self, story: &'static str) -> PatientRecord {
        self.submissions.sort_by_key(|submission| submission.at);
        PatientRecord {
            key: self.person.key,
            name_kanji: format!("{} {}", self.person.kanji.0, self.person.kanji.1),
            name_kana: format!("{} {}", self.person.kana.0, self.person.kana.1),
            birth_date: self.person.birth_date,
            gender: self.person.gender,
            members: self.person.members,
            story,
            submissions: self.submissions,
        }
    }

    /// The working day `days` before the end of the story; nobody sees a doctor on Sunday.
    pub(crate) fn ago(&self, days: i32) -> Date {
        let date = self.today - i64::from((days + self.variation.shift).max(2)).days();
        if date.weekday() == jiff::civil::Weekday::Sunday { date - 1.day() } else { date }
    }

    pub(crate) fn visit(&self, desk: &'static Desk, days_ago: i32) -> Visit {
        Visit { desk, date: self.ago(days_ago), setting: Setting::Outpatient }
    }

    pub(crate) fn emergency(&self, desk: &'static Desk, days_ago: i32) -> Visit {
        Visit { desk, date: self.ago(days_ago), setting: Setting::Emergency }
    }

    pub(crate) fn admission(&self, desk: &'static Desk, from_days_ago: i32, to_days_ago: i32) -> Visit {
        let until = self.ago(to_days_ago);
        Visit { desk, date: self.ago(from_days_ago), setting: Setting::Admitted { until } }
    }

    /// True in the story as written; in a variation only as often as `probability` says.
    pub(crate) fn mostly(&mut self, probability: f64) -> bool {
        self.variation.sway == 0.0 || self.seed.chance(probability)
    }

    pub(crate) fn diagnose(&mut self, visit: Visit, disease: &'static Disease) {
        self.diagnose_since(visit, disease, visit.date);
    }

    pub(crate) fn diagnose_since(&mut self, visit: Visit, disease: &'static Disease, onset: Date) {
        let number = self.number(visit.desk, "D");
        let is_principal = !self.diagnoses.iter().any(|one| one.visit.desk.sign == visit.desk.sign);
        self.diagnoses.push(Diagnosis {
            disease,
            side: None,
            visit,
            onset,
            ended: None,
            is_principal,
            flags: Vec::new(),
            number,
            encounter_number: self.encounter_number(&visit),
        });
    }

    pub(crate) fn flag(&mut self, visit: Visit, disease: &'static Disease, flag: Flag) {
        self.amend(visit, disease, |one| one.flags.push(flag));
    }

    pub(crate) fn lift_flag(&mut self, visit: Visit, disease: &'static Disease, flag: Flag) {
        self.amend(visit, disease, |one| one.flags.retain(|old| *old != flag));
    }

    pub(crate) fn side(
        &mut self,
        visit: Visit,
        disease: &'static Disease,
        side: (&'static str, &'static str),
    ) {
        self.amend(visit, disease, |one| one.side = Some(side));
    }

    pub(crate) fn resolve(&mut self, visit: Visit, disease: &'static Disease) {
        self.amend(visit, disease, |one| one.ended = Some(visit.last_day()));
    }

    fn amend(&mut self, visit: Visit, disease: &'static Disease, change: impl FnMut(&mut Diagnosis)) {
        self.diagnoses
            .iter_mut()
            .filter(|one| one.visit.desk.institution == visit.desk.institution)
            .filter(|one| std::ptr::eq(one.disease, disease))
            .for_each(change);
    }

    pub(crate) fn allergic(
        &mut self,
        visit: Visit,
        allergen: &'static Allergen,
        severity: Severity,
        manifestation: &'static str,
        onset: Date,
    ) {
        let number = self.number(visit.desk, "A");
        self.allergies.push(Allergy {
            allergen,
            visit,
            onset,
            severity,
            manifestation,
            is_long_term: severity == Severity::Severe,
            outgrown: false,
            number,
            encounter_number: self.encounter_number(&visit),
        });
    }

    pub(crate) fn outgrow(&mut self, visit: Visit, allergen: &'static Allergen) {
        for one in &mut self.allergies {
            if one.visit.desk.institution == visit.desk.institution && std::ptr::eq(one.allergen, allergen) {
                one.outgrown = true;
            }
        }
    }

    pub(crate) fn prescribe(
        &mut self,
        visit: Visit,
        drug: &'static Drug,
        usage: &'static Usage,
        dose: f64,
        length: u16,
    ) {
        self.stop(visit, drug);
        let number = self.number(visit.desk, "P");
        self.prescriptions.push(Prescription { drug, usage, dose, length, visit, number });
    }

    pub(crate) fn stop(&mut self, visit: Visit, drug: &'static Drug) {
        self.prescriptions.retain(|one| {
            one.visit.desk.institution != visit.desk.institution || !std::ptr::eq(one.drug, drug)
        });
    }

    /// All diseases of the institution, as a snapshot that replaces the one before.
    pub(crate) fn send_conditions(&mut self, visit: Visit) {
        let diagnoses = self.diagnoses_at(visit);
        let (at, bundle_id) = (self.clock(visit.last_day(), 18), self.snapshot_id(&visit, "COND"));
        let body = report_unit(&self.person, &bundle_id, "Condition", &mut self.seed, at, |patient| {
            diagnoses.iter().map(|one| condition::condition(one, patient, at)).collect()
        });
        self.submit("Condition", visit.desk, at, &body);
    }

    /// All allergies of the institution, as a snapshot that replaces the one before.
    pub(crate) fn send_allergies(&mut self, visit: Visit) {
        let allergies = self.allergies_at(visit);
        let (at, bundle_id) = (self.clock(visit.last_day(), 17), self.snapshot_id(&visit, "ALGY"));
        let kind = "AllergyIntolerance";
        let body = report_unit(&self.person, &bundle_id, kind, &mut self.seed, at, |patient| {
            allergies.iter().map(|one| allergy::allergy(one, patient, at)).collect()
        });
        self.submit(kind, visit.desk, at, &body);
    }

    pub(crate) fn send_summary(&mut self, visit: Visit, plan: &str) {
        let (at, bundle_id) = (self.clock(visit.date, 18), self.fresh_id(&visit, "PCS"));
        let diagnoses = self.open_diagnoses(visit);
        let summary = Summary {
            bundle_id: &bundle_id,
            number: &self.composition_number(&visit, "PCS"),
            visit,
            encounter_number: &self.encounter_number(&visit),
            plan,
            diagnoses: &diagnoses,
        };
        let body = summary::summary(&self.person, &summary, &mut self.seed, at);
        self.submit("PatientSummary", visit.desk, at, &body);
    }

    pub(crate) fn send_checkup(&mut self, visit: Visit, findings: &Findings) {
        let (at, bundle_id) = (self.clock(visit.date + 9.days(), 14), self.fresh_id(&visit, "HC"));
        let number = self.composition_number(&visit, "HC");
        let findings = findings.varied(self.variation.sway, &mut self.seed);
        let body = checkup::checkup(&self.person, &bundle_id, &number, &visit, &findings, &mut self.seed, at);
        self.submit("CheckupReport", visit.desk, at, &body);
    }

    /// A letter with what the institution knows; `stay` is attached as a discharge summary.
    pub(crate) fn refer(
        &mut self,
        visit: Visit,
        to: &'static Desk,
        letter: &Letter,
        stay: Option<(Visit, &Stay)>,
    ) {
        let at = self.clock(visit.date, 19);
        let attachment = stay.map(|(admission, stay)| self.discharge(admission, stay, at));
        let referral = Referral {
            bundle_id: &self.fresh_id(&visit, "REF"),
            number: &self.composition_number(&visit, "REF"),
            visit,
            to,
            encounter_number: &self.encounter_number(&visit),
            letter,
            facts: &self.facts(visit),
            attachment,
        };
        let body = referral::referral(&self.person, &referral, &mut self.seed, at);
        self.submit("Referral", visit.desk, at, &body);
    }

    fn discharge(&mut self, admission: Visit, stay: &Stay, at: DateTime) -> Value {
        let discharge = Discharge {
            bundle_id: &self.fresh_id(&admission, "DIS"),
            number: &self.composition_number(&admission, "DIS"),
            visit: admission,
            encounter_number: &self.encounter_number(&admission),
            stay,
            facts: &self.facts(admission),
        };
        discharge::discharge(&self.person, &discharge, &mut self.seed, at)
    }

    fn facts(&self, visit: Visit) -> Facts {
        let here = |institution: &str| institution == visit.desk.institution;
        let gender = self.person.gender;
        Facts {
            diagnoses: self.open_diagnoses(visit),
            allergies: self.allergies_at(visit),
            prescriptions: {
                let mut all = self.prescriptions.clone();
                all.retain(|one| here(one.visit.desk.institution));
                all
            },
            report: self
                .reports
                .iter()
                .rfind(|one| here(one.visit.desk.institution))
                .map(|one| one.clone().notable(gender)),
        }
    }

    fn diagnoses_at(&self, visit: Visit) -> Vec<Diagnosis> {
        let here = |one: &&Diagnosis| one.visit.desk.institution == visit.desk.institution;
        self.diagnoses.iter().filter(here).cloned().collect()
    }

    /// Diseases not ended before the visit: documents speak of what is, and of what this stay ended.
    fn open_diagnoses(&self, visit: Visit) -> Vec<Diagnosis> {
        let mut open = self.diagnoses_at(visit);
        open.retain(|one| one.ended.is_none_or(|ended| ended >= visit.date));
        open
    }

    fn allergies_at(&self, visit: Visit) -> Vec<Allergy> {
        let here = |one: &&Allergy| one.visit.desk.institution == visit.desk.institution;
        self.allergies.iter().filter(here).cloned().collect()
    }

    /// Some minute of an hour, the same in every telling of the same seed.
    fn clock(&mut self, date: Date, hour: i8) -> DateTime {
        let (minute, second) = (self.seed.between(0, 59) as i8, self.seed.between(0, 59) as i8);
        date.min(self.today - 1.day()).at(hour, minute, second, self.seed.between(0, 999) * 1_000_000)
    }

    /// The next number of a kind at an institution.
    fn number(&mut self, desk: &Desk, kind: &'static str) -> String {
        let chart_number = self.person.chart_number(desk.institution);
        let issued = self.issued.entry((chart_number.clone(), kind)).or_default();
        *issued += 1;
        format!("{chart_number}-{kind}{issued:03}")
    }

    fn encounter_number(&self, visit: &Visit) -> String {
        let date = visit.date.strftime("%Y%m%d");
        format!("{}-{date}-{}", self.person.chart_number(visit.desk.institution), visit.desk.doctor.id)
    }

    fn composition_number(&mut self, visit: &Visit, kind: &'static str) -> String {
        let number = self.number(visit.desk, kind);
        format!("{}^{}^{number}", visit.desk.institution, visit.date.year())
    }

    /// An identifier used once.
    fn fresh_id(&mut self, visit: &Visit, kind: &'static str) -> String {
        let number = self.number(visit.desk, kind);
        format!("{}^{}^{kind}-{number}", visit.desk.institution, visit.date.year())
    }

    /// The identifier an institution keeps for a patient's snapshot, with the year of the first.
    fn snapshot_id(&mut self, visit: &Visit, kind: &'static str) -> String {
        let institution = visit.desk.institution;
        let year = *self.first_years.entry((institution, kind)).or_insert(visit.date.year());
        format!("{institution}^{year}^{kind}-{}", self.person.chart_number(institution))
    }

    fn submit(&mut self, kind: &'static str, desk: &Desk, at: DateTime, body: &Value) {
        self.submissions.push(Submission {
            at: timestamp(at),
            institution: desk.institution.to_owned(),
            kind,
            body: body.to_string().into_bytes(),
        });
    }
}

fn timestamp(at: DateTime) -> Timestamp {
    TimeZone::fixed(Offset::constant(9)).to_timestamp(at).unwrap_or_default()
}
