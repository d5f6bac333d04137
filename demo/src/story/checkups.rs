//! People whom the checkup meets first: the metabolic, the hypertensive and the healthy.

use super::Tale;
use crate::chart::Chart;
use crate::form::checkup::Findings;
use crate::place::{CHECKUP, FAMILY};
use crate::table::diseases as d;
use crate::table::drugs as r;
use crate::table::labs as l;
use crate::table::panels as p;

pub(crate) static METABOLIC: Tale = Tale {
    story: "二年続けて健診でメタボリックシンドロームを指摘され、ようやく受診して脂質・尿酸・血糖の治療が始まる。",
    tell: metabolic,
    weight: 14,
    ages: (40, 64),
    gender: None,
    changes_insurer: false,
};

pub(crate) static HEALTHY: Tale = Tale {
    story: "毎年の健診を欠かさず、結果はいつも異常がない。",
    tell: healthy,
    weight: 12,
    ages: (30, 70),
    gender: None,
    changes_insurer: false,
};

pub(crate) static PRESSURE: Tale = Tale {
    story: "健診で高い血圧を指摘されて通院を始め、薬一つで落ち着く。",
    tell: pressure,
    weight: 9,
    ages: (42, 74),
    gender: None,
    changes_insurer: false,
};

fn metabolic(chart: &mut Chart) {
    let first = chart.visit(&CHECKUP, 700);
    chart.send_checkup(first, &STOUT);
    let second = chart.visit(&CHECKUP, 335);
    let worse = Findings {
        weight: 87.6,
        waist: 97.5,
        pressure: (142.0, 92.0),
        triglyceride: 262.0,
        ldl: 172.0,
        liver: (44.0, 71.0, 98.0),
        uric_acid: 8.6,
        glucose: 118.0,
        hba1c: 6.3,
        metabolic: 1,
        guidance: 1,
        opinion: "脂質、尿酸、血糖が昨年より悪化しています。必ず医療機関を受診してください。",
        ..STOUT
    };
    chart.send_checkup(second, &worse);

    let clinic = chart.visit(&FAMILY, 290);
    for disease in [&d::DYSLIPIDAEMIA, &d::HYPERURICAEMIA, &d::FATTY_LIVER, &d::IMPAIRED_GLUCOSE] {
        chart.diagnose(clinic, disease);
    }
    chart.send_conditions(clinic);
    chart.prescribe(clinic, &r::ROSUVASTATIN, &r::EVENING, 1.0, 28);
    chart.prescribe(clinic, &r::FEBUXOSTAT, &r::MORNING, 1.0, 28);
    for (ago, t) in [(290, 0.0), (230, 0.4), (170, 0.7), (100, 0.9), (40, 1.0)] {
        let visit = chart.visit(&FAMILY, ago);
        let values = [
            (&l::LDL, 176.0 - 74.0 * t),
            (&l::T_CHO, 258.0 - 68.0 * t),
            (&l::TG, 268.0 - 120.0 * t),
            (&l::HDL, 41.0 + 5.0 * t),
            (&l::UA, 8.8 - 3.0 * t),
            (&l::HBA1C, 6.3 - 0.4 * t),
            (&l::GLU, 118.0 - 12.0 * t),
            (&l::ALT, 72.0 - 34.0 * t),
            (&l::AST, 45.0 - 16.0 * t),
            (&l::GGT, 96.0 - 40.0 * t),
        ];
        chart.labs(visit, &[&p::LIVER, &p::KIDNEY, &p::LIPIDS, &p::SUGAR], &values);
    }
    let plan = chart.visit(&FAMILY, 100);
    chart.send_summary(plan, "体重を半年で4kg減らしましょう。夕食の主食を半分に、休肝日を週2日。悪玉コレステロールと尿酸は目標に入りました。");
    if chart.mostly(0.4) {
        let last = chart.visit(&FAMILY, 40);
        chart.diagnose(last, &d::HYPERTENSION);
        chart.send_conditions(last);
    }
}

const STOUT: Findings = Findings {
    height: 171.5,
    weight: 84.2,
    waist: 94.0,
    pressure: (136.0, 88.0),
    triglyceride: 214.0,
    hdl: 42.0,
    ldl: 158.0,
    liver: (36.0, 58.0, 76.0),
    uric_acid: 7.8,
    creatinine: 0.88,
    glucose: 108.0,
    hba1c: 5.9,
    urine: (1, 1),
    metabolic: 2,
    guidance: 1,
    drugs: (2, 2, 2),
    smoking: 2,
    exercise: 2,
    alcohol: 2,
    opinion: "腹囲と中性脂肪が基準を超えています。生活習慣の改善と再検査を勧めます。",
};

fn healthy(chart: &mut Chart) {
    for (ago, weight) in [(680, 61.4), (315, 61.0)] {
        let visit = chart.visit(&CHECKUP, ago);
        chart.send_checkup(visit, &Findings { weight, ..FIT });
    }
    if !chart.mostly(0.7) {
        let cold = chart.visit(&FAMILY, 120);
        chart.diagnose(cold, &d::COMMON_COLD);
        chart.resolve(cold, &d::COMMON_COLD);
        chart.send_conditions(cold);
    }
}

const FIT: Findings = Findings {
    height: 166.0,
    weight: 61.0,
    waist: 78.0,
    pressure: (116.0, 72.0),
    triglyceride: 74.0,
    hdl: 66.0,
    ldl: 104.0,
    liver: (20.0, 17.0, 22.0),
    uric_acid: 5.1,
    creatinine: 0.74,
    glucose: 89.0,
    hba1c: 5.3,
    urine: (1, 1),
    metabolic: 3,
    guidance: 3,
    drugs: (2, 2, 2),
    smoking: 3,
    exercise: 1,
    alcohol: 5,
    opinion: "異常を認めません。今の生活を続けてください。",
};

fn pressure(chart: &mut Chart) {
    let checkup = chart.visit(&CHECKUP, 640);
    let high = Findings {
        pressure: (162.0, 98.0), opinion: "血圧が高く、医療機関の受診を勧めます。", ..FIT
    };
    chart.send_checkup(checkup, &high);
    let clinic = chart.visit(&FAMILY, 600);
    chart.diagnose(clinic, &d::HYPERTENSION);
    chart.prescribe(clinic, &r::AMLODIPINE, &r::MORNING, 1.0, 56);
    chart.send_conditions(clinic);
    for ago in [600, 420, 240, 60] {
        let visit = chart.visit(&FAMILY, ago);
        chart.labs(visit, &[&p::KIDNEY, &p::LIPIDS, &p::URINE], &[(&l::U_AC, 14.0)]);
    }
    let again = chart.visit(&CHECKUP, 270);
    let treated = Findings {
        pressure: (128.0, 78.0),
        drugs: (1, 2, 2),
        opinion: "治療で血圧は落ち着いています。通院を続けてください。",
        ..FIT
    };
    chart.send_checkup(again, &treated);
}
