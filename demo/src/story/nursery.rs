//! A child who must not eat what the others eat, and grows out of some of it.

use super::Tale;
use crate::chart::Chart;
use crate::form::allergy::Severity;
use crate::form::referral::Letter;
use crate::place::{CHILDREN, EMERGENCY, FAMILY_CHILDREN};
use crate::table::allergens as a;
use crate::table::diseases as d;
use crate::table::labs as l;
use crate::table::panels as p;

pub(crate) static TALE: Tale = Tale {
    story: "卵・牛乳・ピーナッツアレルギーの幼児が給食の誤食でアナフィラキシーを起こし、後に卵は食べられるようになる。",
    tell,
    weight: 6,
    ages: (4, 8),
    gender: None,
    changes_insurer: false,
};

fn tell(chart: &mut Chart) {
    let clinic = chart.visit(&FAMILY_CHILDREN, 710);
    chart.diagnose_since(clinic, &d::ATOPIC_DERMATITIS, chart.ago(1000));
    chart.diagnose_since(clinic, &d::FOOD_ALLERGY, chart.ago(960));
    chart.allergic(clinic, &a::EGG, Severity::Moderate, "摂取３０分後に顔面の膨疹と咳", chart.ago(960));
    chart.send_conditions(clinic);
    chart.send_allergies(clinic);
    chart.labs(
        clinic,
        &[&p::BLOOD_COUNT],
        &[
            (&l::HB, 12.2),
            (&l::IGE, 420.0),
            (&l::IGE_EGG, 18.6),
            (&l::IGE_MILK, 12.4),
            (&l::IGE_PEANUT, 31.2),
        ],
    );
    let more = chart.visit(&FAMILY_CHILDREN, 690);
    chart.allergic(more, &a::MILK, Severity::Moderate, "口周囲の発赤、嘔吐", chart.ago(930));
    chart.allergic(more, &a::PEANUT, Severity::Severe, "全身膨疹と喘鳴", chart.ago(800));
    chart.send_allergies(more);
    if chart.mostly(0.7) {
        chart.refer(more, &CHILDREN, &LETTER, None);
    }
    accident(chart);
    challenge(chart);
}

const LETTER: Letter = Letter {
    purpose: "食物アレルギーの精査と食物経口負荷試験をお願いいたします。",
    complaint: "鶏卵、牛乳、落花生の摂取後の膨疹、嘔吐、喘鳴",
    illness: "離乳食開始後より鶏卵と牛乳で即時型症状を反復し、昨年ピーナッツで喘鳴を伴う反応があった。現在はいずれも完全除去している。",
    past: "アトピー性皮膚炎",
    family: "父：気管支喘息、母：スギ花粉症",
    findings: "四肢屈側に軽度の湿疹、呼吸音清。",
    course: "特異的ＩｇＥは卵白、牛乳、ピーナッツで高値。",
    remarks: "保育園の給食の対応について相談を受けています。",
};

fn accident(chart: &mut Chart) {
    let emergency = chart.emergency(&EMERGENCY, 418);
    chart.diagnose(emergency, &d::FOOD_ANAPHYLAXIS);
    chart.allergic(
        emergency,
        &a::PEANUT,
        Severity::Severe,
        "給食の菓子で全身膨疹、喘鳴、SpO2 90%。アドレナリン筋注",
        emergency.date,
    );
    chart.labs(emergency, &[&p::BLOOD_COUNT, &p::INFLAMMATION], &[(&l::WBC, 13.2), (&l::HB, 12.4)]);
    chart.send_allergies(emergency);
    chart.send_conditions(emergency);
    let after = chart.visit(&CHILDREN, 404);
    chart.resolve(after, &d::FOOD_ANAPHYLAXIS);
    chart.diagnose_since(after, &d::FOOD_ALLERGY, chart.ago(960));
    chart.allergic(after, &a::EGG, Severity::Moderate, "顔面の膨疹と咳", chart.ago(960));
    chart.allergic(after, &a::MILK, Severity::Moderate, "口周囲の発赤、嘔吐", chart.ago(930));
    if chart.mostly(0.3) {
        chart.allergic(after, &a::WALNUT, Severity::Mild, "口腔内のかゆみ", chart.ago(500));
        chart.allergic(after, &a::BUCKWHEAT, Severity::Moderate, "膨疹、咳", chart.ago(480));
    }
    chart.send_allergies(after);
    chart.send_conditions(after);
}

/// Eaten under the doctor's eyes: egg is safe now.
fn challenge(chart: &mut Chart) {
    let test = chart.visit(&CHILDREN, 170);
    chart.labs(
        test,
        &[&p::BLOOD_COUNT],
        &[(&l::HB, 12.6), (&l::IGE_EGG, 1.9), (&l::IGE_MILK, 6.3), (&l::IGE_PEANUT, 35.8), (&l::IGE, 388.0)],
    );
    chart.outgrow(test, &a::EGG);
    chart.send_allergies(test);
    let clinic = chart.visit(&FAMILY_CHILDREN, 150);
    chart.outgrow(clinic, &a::EGG);
    chart.allergic(clinic, &a::MITE, Severity::Mild, "くしゃみ、鼻汁", chart.ago(400));
    chart.send_allergies(clinic);
    let ear = chart.visit(&FAMILY_CHILDREN, 45);
    chart.diagnose(ear, &d::OTITIS_MEDIA);
    chart.send_conditions(ear);
}
