//! Laboratory results: how a value comes about, and how a report is sent and corrected.

use jiff::ToSpan;
use jiff::civil::Date;

use super::{Chart, Moment, Reading, Report, lab, report_unit};
use crate::person::Gender;
use crate::seed::Seed;
use crate::table::labs::{self, Lab, Scale, Standard};
use crate::table::panels::Panel;

/// Which report is meant when it is corrected.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ReportHandle(usize);

impl Chart {
    /// A report of `panels` at the person's usual values, with `values` in place of the usual ones or added.
    pub(crate) fn labs(
        &mut self,
        moment: impl Into<Moment>,
        panels: &[&Panel],
        values: &[(&'static Lab, f64)],
    ) -> ReportHandle {
        let moment = moment.into();
        let mut readings = Vec::new();
        for (lab, male, female) in panels.iter().flat_map(|panel| panel.iter()).copied() {
            let usual = if self.person.gender == Gender::Male { male } else { female };
            let told = values.iter().find(|(other, _)| std::ptr::eq(*other, lab)).map(|told| told.1);
            readings.push(self.reading(lab, told.unwrap_or(usual)));
        }
        for &(lab, value) in values {
            if !readings.iter().any(|known| std::ptr::eq(known.lab, lab)) {
                readings.push(self.reading(lab, value));
            }
        }
        self.add_egfr(&mut readings, moment.at.date());
        self.report(moment, readings)
    }

    fn report(&mut self, moment: Moment, readings: Vec<Reading>) -> ReportHandle {
        let visit = moment.visit;
        let number = self.number(visit.desk, "LAB");
        let taken = moment.at.date().at(9, self.seed.between(0, 59) as i8, 0, 0);
        self.reports.push(Report {
            bundle_id: format!("{}^{}^LIS-{number}", visit.desk.institution, taken.year()),
            visit,
            taken,
            readings,
            order: number,
            encounter_number: self.encounter_number(&visit),
            is_corrected: false,
        });
        let handle = ReportHandle(self.reports.len() - 1);
        self.send_report(handle, taken.date(), 15);
        handle
    }

    /// The laboratory found a fault: the same report again, whole, `days` later.
    pub(crate) fn correct(&mut self, handle: ReportHandle, lab: &'static Lab, value: f64, days: i32) {
        let report = &mut self.reports[handle.0];
        report.is_corrected = true;
        let date = report.taken.date();
        for reading in report.readings.iter_mut().filter(|reading| std::ptr::eq(reading.lab, lab)) {
            reading.value = value;
        }
        let mut readings = std::mem::take(&mut self.reports[handle.0].readings);
        readings.retain(|reading| !std::ptr::eq(reading.lab, &labs::EGFR));
        self.add_egfr(&mut readings, date);
        self.reports[handle.0].readings = readings;
        self.send_report(handle, date + i64::from(days).days(), 16);
    }

    /// Marks the infections of a report to be kept for long, and sends it again.
    pub(crate) fn keep_for_long(&mut self, handle: ReportHandle, days: i32) {
        let report = &mut self.reports[handle.0];
        let date = report.taken.date() + i64::from(days).days();
        for reading in &mut report.readings {
            reading.is_long_term = matches!(reading.lab.standard, Standard::Infection(..));
        }
        self.send_report(handle, date, 16);
    }

    fn send_report(&mut self, handle: ReportHandle, date: Date, hour: i8) {
        let at = self.clock(date, hour);
        let report = self.reports[handle.0].clone();
        let gender = self.person.gender;
        let body =
            report_unit(&self.person, &report.bundle_id, "Observation", &mut self.seed, at, |patient| {
                lab::observations(&report, gender, patient, at)
            });
        self.submit("Observation", report.visit.desk, at, &body);
    }

    fn reading(&mut self, lab: &'static Lab, value: f64) -> Reading {
        let value = match lab.scale {
            Scale::Quantity { .. } => value * (1.0 + 0.025 * self.seed.noise() + self.leaning(lab)),
            _ => value,
        };
        Reading { lab, value, is_long_term: false }
    }

    /// By which share this person's value of an item always differs; minerals least, proteins and blood a little,
    /// enzymes and the rest widely.
    fn leaning(&self, lab: &Lab) -> f64 {
        let hash = |text: &str| {
            text.bytes().fold(0_u64, |sum, byte| sum.wrapping_mul(31).wrapping_add(u64::from(byte)))
        };
        let (serial, item) = (hash(&self.person.key), hash(lab.local));
        let width = match lab.local {
            "10131" | "10132" | "10133" | "10134" => 0.3,
            "10101" | "10102" | "10143" | "10202" | "10203" | "10204" | "10211" => 0.8,
            _ => 2.5,
        };
        Seed::new(serial, item).noise() * self.variation.sway * width
    }

    fn add_egfr(&self, readings: &mut Vec<Reading>, date: Date) {
        let age = f64::from(self.person.age_on(date));
        let creatinine = readings.iter().position(|reading| std::ptr::eq(reading.lab, &labs::CRE));
        let Some(at) = creatinine.filter(|_| age >= 18.0) else { return };
        let sex = if self.person.gender == Gender::Male { 1.0 } else { 0.739 };
        let value = 194.0 * readings[at].value.powf(-1.094) * age.powf(-0.287) * sex;
        readings.insert(at + 1, Reading { lab: &labs::EGFR, value, is_long_term: false });
    }
}
