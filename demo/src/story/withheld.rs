//! Something a woman wants nobody else to know: a disease registered, and given to no one.

use super::Tale;
use crate::chart::Chart;
use crate::form::checkup::Findings;
use crate::form::condition::Flag;
use crate::place::{CHECKUP, FAMILY, LIVER, PSYCHIATRY};
use crate::table::diseases as d;
use crate::table::labs as l;
use crate::table::panels as p;

pub(crate) static TALE: Tale = Tale {
    story: "健診の肝機能異常からアルコール性肝障害と判り、依存症の病名は本人の強い希望で誰にも提供されない。転職で保険も変わる。",
    tell,
    weight: 4,
    ages: (32, 68),
    gender: None,
    changes_insurer: true,
};

fn tell(chart: &mut Chart) {
    let checkup = chart.visit(&CHECKUP, 610);
    chart.send_checkup(checkup, &FINDINGS);
    let clinic = chart.visit(&FAMILY, 570);
    chart.diagnose(clinic, &d::ALCOHOLIC_LIVER);
    chart.send_conditions(clinic);
    for (ago, enzyme) in [(570, 1.0), (480, 1.2), (410, 1.5)] {
        let visit = chart.visit(&FAMILY, ago);
        chart.labs(visit, &[&p::LIVER, &p::LIPIDS, &p::BLOOD_COUNT], &liver(enzyme));
    }
    let specialist = chart.visit(&LIVER, 395);
    chart.diagnose(specialist, &d::ALCOHOLIC_LIVER);
    chart.labs(specialist, &[&p::LIVER, &p::BLOOD_COUNT, &p::CLOTTING, &p::INFECTIONS], &liver(1.6));
    chart.send_conditions(specialist);
    let mind = chart.visit(&PSYCHIATRY, 380);
    chart.diagnose(mind, &d::ALCOHOL_DEPENDENCE);
    chart.flag(mind, &d::ALCOHOL_DEPENDENCE, Flag::Withheld);
    chart.send_conditions(mind);
    for (ago, enzyme) in [(340, 0.9), (250, 0.5), (130, 0.3), (28, 0.2)] {
        let visit = chart.visit(&PSYCHIATRY, ago);
        chart.labs(visit, &[&p::LIVER, &p::BLOOD_COUNT], &liver(enzyme));
    }
    let again = chart.visit(&FAMILY, 100);
    chart.labs(again, &[&p::LIVER, &p::LIPIDS], &liver(0.3));
    chart.send_conditions(again);
}

/// Liver enzymes at a share of their worst.
fn liver(share: f64) -> [(&'static l::Lab, f64); 4] {
    [
        (&l::GGT, 30.0 + 240.0 * share),
        (&l::AST, 20.0 + 62.0 * share),
        (&l::ALT, 17.0 + 44.0 * share),
        (&l::PLT, 230.0 - 48.0 * share),
    ]
}

const FINDINGS: Findings = Findings {
    height: 158.2,
    weight: 52.4,
    waist: 74.0,
    pressure: (134.0, 86.0),
    triglyceride: 168.0,
    hdl: 72.0,
    ldl: 108.0,
    liver: (78.0, 56.0, 248.0),
    uric_acid: 6.1,
    creatinine: 0.58,
    glucose: 98.0,
    hba1c: 5.4,
    urine: (1, 1),
    metabolic: 3,
    guidance: 3,
    drugs: (2, 2, 2),
    smoking: 3,
    exercise: 2,
    alcohol: 1,
    opinion: "肝機能異常が明らかです。医療機関を受診してください。",
};
