//! What belongs to a patient summary (療養計画書): results and prescriptions are linked to it not by reference but by
//! institution, doctor and the days of the plan.
//!
//! Source: JP-CLINS implementation guide, history of 1.3.0-rc1.

use access::{Asked, Purpose, Viewer};
use fhir::bundle::{Bundle, UnitKind, resource_type};
use fhir::json::{Json, Limits, Node};
use jiff::civil::Date;
use store::{Information, UnitId};

use crate::extract::{day_of, doctor_number};
use crate::fact::Fact;
use crate::filter::{Eyes, day, filter, newest_patient, shown};
use crate::{Act, Exchange, NotShown, Unit, View};

/// Kinds of information that a plan gathers.
const LINKED: [Information; 3] = [Information::LabResult, Information::Infection, Information::Prescription];

/// The doctors who wrote a plan and the days it covers.
struct Plan {
    doctors: Vec<String>,
    first: Option<Date>,
    last: Option<Date>,
}

impl Exchange {
    /// The results and prescriptions of a patient summary's doctors in the days of its plan, as its patient sees them.
    /// `None` if the unit is no patient summary.
    ///
    /// # Errors
    /// As [`Self::view`]: nobody but the patient is shown anything.
    pub async fn linked(
        &self,
        viewer: &Viewer,
        summary: &Unit,
        purpose: Purpose,
        act: &Act,
    ) -> Result<Option<View>, NotShown> {
        if summary.kind != UnitKind::PatientSummary {
            return Ok(None);
        }
        let Some(plan) = plan(&summary.body) else { return Ok(None) };
        let person = summary.person;
        let permit = self.permit(viewer, person, Asked::Informations(&LINKED), purpose, act).await?;
        let headings = self.store.headings(&permit).await?;
        let mut filtered = filter(&headings, &Eyes::of(&permit), &LINKED, day(act.now));
        filtered.shown.retain(|fact| plan.gathers(fact));
        filtered.hidden.clear();
        let bodies = self.bodies(&permit, &headings, &filtered.shown).await?;
        let event = self.put_on_record(viewer, &permit, &LINKED, &filtered, act).await?;
        Ok(Some(View {
            person,
            patient: newest_patient(&headings, &bodies),
            items: filtered.shown.iter().filter_map(|fact| shown(fact, &bodies)).collect(),
            hidden: filtered.hidden,
            rule: permit.rule(),
            until: permit.until(),
            event,
        }))
    }

    /// [`Self::unit`] and [`Self::linked`] in one: what a patient summary gathers, by the summary's id.
    ///
    /// # Errors
    /// As [`Self::view`].
    pub async fn linked_of(
        &self,
        viewer: &Viewer,
        id: UnitId,
        purpose: Purpose,
        act: &Act,
    ) -> Result<Option<View>, NotShown> {
        match self.unit(viewer, id, purpose, act).await? {
            Some(unit) => self.linked(viewer, &unit, purpose, act).await,
            None => Ok(None),
        }
    }
}

impl Plan {
    fn gathers(&self, fact: &Fact<'_>) -> bool {
        let by_doctor = fact.tellings().any(|(_, item)| self.doctors.contains(&item.doctor));
        let in_days =
            |date| self.first.is_none_or(|first| first <= date) && self.last.is_none_or(|last| date <= last);
        by_doctor && fact.item.date.is_some_and(in_days)
    }
}

fn plan(body: &[u8]) -> Option<Plan> {
    let limits = Limits { bytes: usize::MAX, ..Limits::default() };
    let json = Json::parse(body, &limits).ok()?;
    let bundle = Bundle::of(json.root())?;
    let resources = || bundle.entries().map(|entry| entry.resource);
    let of_type = |name: &'static str| resources().filter(move |one| resource_type(*one) == name);
    let doctors = of_type("Practitioner").filter_map(doctor_number).collect();
    let edges = |end: &str| {
        let periods = of_type("CarePlan").chain(of_type("Encounter"));
        periods.filter_map(|one: Node<'_>| day_of(one.text_at(&["period", end])?)).collect::<Vec<_>>()
    };
    // A plan without an end goes on; the visit it was made at belongs to it.
    let has_end = of_type("CarePlan").any(|plan| plan.at(&["period", "end"]).is_some());
    let last = if has_end { edges("end").into_iter().max() } else { None };
    Some(Plan { doctors, first: edges("start").into_iter().min(), last })
}
