//! When and where something happened to a patient.

use jiff::civil::{Date, DateTime};

use crate::place::Desk;

/// How the patient came.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Setting {
    Outpatient,
    Emergency,
    Admitted { until: Date },
}

/// One stay before a doctor.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Visit {
    pub(crate) desk: &'static Desk,
    pub(crate) date: Date,
    pub(crate) setting: Setting,
}

impl Visit {
    /// What is learnt later during the same stay happens on a later day.
    pub(crate) fn on(self, date: Date) -> Moment {
        Moment { visit: self, at: date.at(9, 0, 0, 0) }
    }

    /// The day it is over: of discharge, or the day itself.
    pub(crate) fn last_day(&self) -> Date {
        match self.setting {
            Setting::Admitted { until } => until,
            _ => self.date,
        }
    }
}

impl From<Visit> for Moment {
    fn from(visit: Visit) -> Self {
        visit.on(visit.date)
    }
}

/// A point of time within a visit.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Moment {
    pub(crate) visit: Visit,
    pub(crate) at: DateTime,
}
