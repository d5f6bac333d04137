//! A penicillin that nearly killed, and the later fever in which knowing it matters.

use super::Tale;
use crate::chart::Chart;
use crate::form::allergy::Severity;
use crate::form::condition::Flag;
use crate::form::referral::Letter;
use crate::place::{EMERGENCY, FAMILY, RESPIRATORY};
use crate::table::allergens as a;
use crate::table::diseases as d;
use crate::table::drugs as r;
use crate::table::labs as l;
use crate::table::panels as p;

pub(crate) static TALE: Tale = Tale {
    story: "咽頭炎に処方されたペニシリンでアナフィラキシーを起こし、後に肺炎で別の医師にかかるとき、その記録が薬を変える。",
    tell,
    weight: 5,
    ages: (19, 72),
    gender: None,
    changes_insurer: false,
};

fn tell(chart: &mut Chart) {
    let spring = chart.visit(&FAMILY, 690);
    chart.diagnose(spring, &d::POLLINOSIS);
    chart.allergic(spring, &a::CEDAR, Severity::Mild, "くしゃみ、鼻汁、眼のかゆみ", chart.ago(2900));
    chart.prescribe(spring, &r::FEXOFENADINE, &r::TWICE, 1.0, 28);
    chart.send_conditions(spring);
    chart.send_allergies(spring);
    if chart.mostly(0.6) {
        chart.labs(spring, &[&p::BLOOD_COUNT], &[(&l::IGE, 310.0)]);
    }
    shock(chart);
    pneumonia(chart);
}

fn shock(chart: &mut Chart) {
    let sore_throat = chart.visit(&FAMILY, 512);
    chart.stop(sore_throat, &r::FEXOFENADINE);
    chart.diagnose(sore_throat, &d::PHARYNGITIS);
    chart.labs(sore_throat, &[&p::BLOOD_COUNT], &[(&l::WBC, 12.6), (&l::CRP, 4.8)]);
    chart.send_conditions(sore_throat);

    let emergency = chart.emergency(&EMERGENCY, 511);
    let values = [(&l::WBC, 14.8), (&l::CRP, 5.1), (&l::K, 3.4), (&l::GLU, 172.0), (&l::HCT, 46.5)];
    chart.labs(emergency, &[&p::BLOOD_COUNT, &p::KIDNEY, &p::LIVER], &values);
    chart.diagnose(emergency, &d::DRUG_ANAPHYLAXIS);
    chart.flag(emergency, &d::DRUG_ANAPHYLAXIS, Flag::LongTerm);
    chart.allergic(emergency, &a::AMOXICILLIN, Severity::Severe, SHOCK, emergency.date);
    chart.allergic(emergency, &a::PENICILLINS, Severity::Severe, SHOCK, emergency.date);
    chart.send_allergies(emergency);
    chart.send_conditions(emergency);

    let told = chart.visit(&FAMILY, 505);
    chart.allergic(told, &a::PENICILLINS, Severity::Severe, SHOCK, emergency.date);
    chart.resolve(told, &d::PHARYNGITIS);
    chart.send_allergies(told);
    chart.send_conditions(told);
    chart.send_summary(
        told,
        "ペニシリン系の抗菌薬は今後一切使えません。受診や薬局ではこのことを必ず伝え、アレルギーカードを携帯してください。",
    );
}

const SHOCK: &str = "内服１５分後に全身膨疹、喘鳴、血圧低下（70/40mmHg）。アドレナリン０．３ｍｇ筋注で回復";

fn pneumonia(chart: &mut Chart) {
    let fever = chart.visit(&FAMILY, 96);
    chart.diagnose(fever, &d::PNEUMONIA);
    chart.labs(fever, &[&p::BLOOD_COUNT, &p::LIVER, &p::KIDNEY], &[(&l::WBC, 15.2), (&l::CRP, 13.6)]);
    chart.send_conditions(fever);
    chart.prescribe(fever, &r::LEVOFLOXACIN, &r::MORNING, 1.0, 5);
    chart.prescribe(fever, &r::ACETAMINOPHEN, &r::THRICE, 1.0, 5);
    if chart.mostly(0.7) {
        chart.refer(fever, &RESPIRATORY, &LETTER, None);
    }
    let hospital = chart.visit(&RESPIRATORY, 95);
    chart.diagnose(hospital, &d::PNEUMONIA);
    chart.labs(hospital, &[&p::BLOOD_COUNT, &p::LIVER, &p::KIDNEY], &[(&l::WBC, 13.9), (&l::CRP, 14.2)]);
    chart.send_conditions(hospital);
    let healed = chart.visit(&RESPIRATORY, 80);
    chart.labs(healed, &[&p::BLOOD_COUNT], &[(&l::WBC, 6.1), (&l::CRP, 0.4)]);
    chart.resolve(healed, &d::PNEUMONIA);
    chart.send_conditions(healed);
}

const LETTER: Letter = Letter {
    purpose: "細菌性肺炎疑いの精査加療をお願いいたします。ペニシリン系薬剤は禁忌です。",
    complaint: "発熱、湿性咳嗽、右胸痛",
    illness: "４日前から３９度台の発熱と膿性痰があり受診。胸部レントゲンで右下葉に浸潤影を認めた。",
    past: "アモキシシリンによるアナフィラキシーショック",
    family: "特記事項なし",
    findings: "体温38.9℃、SpO2 93%（室内気）、右下肺野に水泡音。",
    course: "βラクタム系を避け、レボフロキサシン５００ｍｇを開始した。",
    remarks: "",
};
