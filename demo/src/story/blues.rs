//! A depression, and the cancer behind the anaemia, which the patient has not been told of yet.

use super::Tale;
use crate::chart::Chart;
use crate::form::condition::Flag;
use crate::form::referral::Letter;
use crate::place::{FAMILY, LIVER, PSYCHIATRY, SURGERY};
use crate::table::diseases as d;
use crate::table::drugs as r;
use crate::table::labs as l;
use crate::table::panels as p;

pub(crate) static TALE: Tale = Tale {
    story: "うつ病の治療中に貧血から胃癌が見つかり、精神状態を考えて家族と相談のうえ、しばらく本人には告げられない。",
    tell,
    weight: 4,
    ages: (52, 73),
    gender: None,
    changes_insurer: false,
};

fn tell(chart: &mut Chart) {
    let low = chart.visit(&FAMILY, 640);
    chart.diagnose_since(low, &d::INSOMNIA, chart.ago(700));
    chart.labs(low, &[&p::BLOOD_COUNT, &p::LIVER, &p::KIDNEY], &[(&l::TSH, 1.9), (&l::HB, 13.8)]);
    chart.prescribe(low, &r::LEMBOREXANT, &r::BEDTIME, 1.0, 14);
    chart.send_conditions(low);
    chart.refer(low, &PSYCHIATRY, &LETTER, None);
    let mind = chart.visit(&PSYCHIATRY, 622);
    chart.diagnose_since(mind, &d::DEPRESSION, chart.ago(700));
    chart.prescribe(mind, &r::ESCITALOPRAM, &r::EVENING, 1.0, 28);
    chart.prescribe(mind, &r::LEMBOREXANT, &r::WHEN_SLEEPLESS, 1.0, 14);
    chart.send_conditions(mind);
    anaemia(chart);
    unspoken(chart);
}

const LETTER: Letter = Letter {
    purpose: "抑うつ状態の診断と治療をお願いいたします。",
    complaint: "不眠、意欲低下、食欲不振",
    illness: "半年前の配置転換後から早朝覚醒と意欲低下が続き、最近は休日も外出しなくなった。希死念慮はないと話される。",
    past: "特記事項なし",
    family: "父：胃癌",
    findings: "表情乏しく思考はやや緩徐。身体所見に特記すべきことなし。",
    course: "甲状腺機能は正常。睡眠薬を少量開始した。",
    remarks: "",
};

fn anaemia(chart: &mut Chart) {
    for (ago, haemoglobin) in [(420, 12.4), (300, 10.9)] {
        let visit = chart.visit(&PSYCHIATRY, ago);
        let values = [
            (&l::HB, haemoglobin),
            (&l::RBC, 4.1),
            (&l::HCT, haemoglobin * 3.1),
            (&l::NA, 139.0),
            (&l::FERRITIN, 11.0),
        ];
        chart.labs(visit, &[&p::BLOOD_COUNT, &p::LIVER, &p::KIDNEY], &values);
    }
    let found = chart.visit(&PSYCHIATRY, 300);
    chart.diagnose(found, &d::IRON_DEFICIENCY);
    chart.send_conditions(found);
}

/// The biopsy is clear, the conversation is not yet held: flagged, and later unflagged.
fn unspoken(chart: &mut Chart) {
    let scope = chart.visit(&LIVER, 270);
    let values = [(&l::HB, 10.2), (&l::RBC, 3.9), (&l::HCT, 32.4), (&l::CEA, 8.4), (&l::FERRITIN, 8.0)];
    chart.labs(scope, &[&p::BLOOD_COUNT, &p::LIVER, &p::INFECTIONS, &p::CLOTTING], &values);
    let biopsy = chart.visit(&LIVER, 258);
    chart.diagnose(biopsy, &d::GASTRIC_CANCER);
    chart.flag(biopsy, &d::GASTRIC_CANCER, Flag::NotTold);
    chart.flag(biopsy, &d::GASTRIC_CANCER, Flag::LongTerm);
    chart.send_conditions(biopsy);
    let surgeon = chart.visit(&SURGERY, 244);
    chart.labs(
        surgeon,
        &[&p::BLOOD_COUNT, &p::LIVER, &p::KIDNEY, &p::CLOTTING],
        &[(&l::HB, 10.0), (&l::CEA, 8.9)],
    );
    chart.send_conditions(surgeon);
    let wait = chart.visit(&PSYCHIATRY, 120);
    chart.labs(wait, &[&p::BLOOD_COUNT, &p::LIVER], &[(&l::HB, 10.8), (&l::CEA, 9.6)]);
    if !chart.mostly(0.5) {
        let told = chart.visit(&SURGERY, 90);
        chart.lift_flag(told, &d::GASTRIC_CANCER, Flag::NotTold);
        chart.send_conditions(told);
    }
    let recent = chart.visit(&PSYCHIATRY, 25);
    chart.labs(recent, &[&p::BLOOD_COUNT, &p::LIVER, &p::KIDNEY], &[(&l::HB, 10.4), (&l::CEA, 11.8)]);
}
