//! A pregnancy with sugar in it, from the first visit to the glucose test after the birth.

use super::Tale;
use crate::chart::Chart;
use crate::form::allergy::Severity;
use crate::form::discharge::Stay;
use crate::form::referral::Letter;
use crate::person::Gender;
use crate::place::{FAMILY, OBSTETRICS};
use crate::table::allergens as a;
use crate::table::diseases as d;
use crate::table::drugs as r;
use crate::table::labs as l;
use crate::table::panels as p;

pub(crate) static TALE: Tale = Tale {
    story: "妊娠糖尿病を食事療法で乗り切って正常分娩し、産後の糖負荷試験で耐糖能の回復を確かめる。",
    tell,
    weight: 5,
    ages: (24, 41),
    gender: Some(Gender::Female),
    changes_insurer: false,
};

fn tell(chart: &mut Chart) {
    let cold = chart.visit(&FAMILY, 700);
    chart.diagnose(cold, &d::COMMON_COLD);
    chart.resolve(cold, &d::COMMON_COLD);
    chart.allergic(cold, &a::SHRIMP, Severity::Moderate, "全身のかゆみと膨疹", chart.ago(4000));
    chart.send_conditions(cold);
    chart.send_allergies(cold);

    let first = chart.visit(&OBSTETRICS, 480);
    chart.diagnose_since(first, &d::PREGNANCY, chart.ago(508));
    chart.allergic(first, &a::SHRIMP, Severity::Moderate, "全身のかゆみと膨疹", chart.ago(4000));
    chart.send_conditions(first);
    chart.send_allergies(first);
    let booking = [(&l::ABO, 1.0), (&l::RH, 1.0), (&l::HIV, l::NEGATIVE), (&l::HB, 12.4), (&l::TSH, 1.6)];
    chart.labs(first, &[&p::BLOOD_COUNT, &p::INFECTIONS, &p::SUGAR, &p::URINE], &booking);
    sugar(chart);
    birth(chart);
}

fn sugar(chart: &mut Chart) {
    let middle = chart.visit(&OBSTETRICS, 390);
    chart.labs(
        middle,
        &[&p::BLOOD_COUNT, &p::URINE],
        &[(&l::GLU, 112.0), (&l::HB, 11.4), (&l::U_GLUCOSE, 3.0)],
    );
    let screening = chart.visit(&OBSTETRICS, 352);
    let tolerance = [(&l::FBG, 94.0), (&l::OGTT_60, 196.0), (&l::OGTT_120, 161.0), (&l::HBA1C, 5.6)];
    let report = chart.labs(screening, &[], &tolerance);
    chart.correct(report, &l::OGTT_120, 168.0, 1);
    chart.diagnose(screening, &d::GESTATIONAL_DIABETES);
    chart.send_conditions(screening);
    for (ago, haemoglobin, albumin) in [(324, 10.8, 15.3), (296, 10.3, 15.6)] {
        let visit = chart.visit(&OBSTETRICS, ago);
        let values =
            [(&l::HB, haemoglobin), (&l::HCT, 32.5), (&l::RBC, 3.62), (&l::GA, albumin), (&l::FERRITIN, 7.2)];
        chart.labs(visit, &[&p::BLOOD_COUNT, &p::SUGAR, &p::URINE], &values);
    }
    let anaemia = chart.visit(&OBSTETRICS, 296);
    chart.diagnose(anaemia, &d::PREGNANCY_ANAEMIA);
    chart.prescribe(anaemia, &r::FEROTYM, &r::TWICE, 1.0, 28);
    chart.send_conditions(anaemia);
}

fn birth(chart: &mut Chart) {
    let admission = chart.admission(&OBSTETRICS, 236, 231);
    let values =
        [(&l::WBC, 11.8), (&l::HB, 10.1), (&l::RBC, 3.55), (&l::HCT, 31.4), (&l::CRP, 2.4), (&l::GLU, 98.0)];
    chart.labs(admission.on(chart.ago(235)), &[&p::BLOOD_COUNT, &p::LIVER, &p::KIDNEY], &values);
    chart.diagnose(admission, &d::DELIVERY);
    chart.resolve(admission, &d::DELIVERY);
    chart.resolve(admission, &d::PREGNANCY);
    chart.send_conditions(admission);
    let month = chart.visit(&OBSTETRICS, 200);
    chart.labs(month, &[&p::BLOOD_COUNT, &p::URINE], &[(&l::HB, 11.9)]);
    chart.resolve(month, &d::PREGNANCY_ANAEMIA);
    chart.stop(month, &r::FEROTYM);
    chart.refer(month, &FAMILY, &LETTER, Some((admission, &STAY)));
    let later = chart.visit(&OBSTETRICS, 148);
    let tolerance = [(&l::FBG, 90.0), (&l::OGTT_60, 158.0), (&l::OGTT_120, 127.0), (&l::HBA1C, 5.4)];
    chart.labs(later, &[], &tolerance);
    chart.resolve(later, &d::GESTATIONAL_DIABETES);
    chart.send_conditions(later);
    let yearly = chart.visit(&FAMILY, 30);
    chart.diagnose_since(yearly, &d::GESTATIONAL_DIABETES, chart.ago(352));
    chart.resolve(yearly, &d::GESTATIONAL_DIABETES);
    chart.labs(yearly, &[&p::SUGAR, &p::LIPIDS], &[(&l::HBA1C, 5.6)]);
    chart.send_conditions(yearly);
    chart.send_summary(
        yearly,
        "妊娠糖尿病のあった方は将来２型糖尿病になりやすいことが知られています。年に一度は血糖の検査を受けましょう。",
    );
}

const LETTER: Letter = Letter {
    purpose: "妊娠糖尿病既往の方の長期の血糖管理をお願いいたします。",
    complaint: "産後１か月、自覚症状なし",
    illness: "妊娠２７週の糖負荷試験で妊娠糖尿病と診断し、食事療法のみで管理しました。妊娠４０週で正常に分娩されました。",
    past: "特記事項なし",
    family: "母：２型糖尿病",
    findings: "血圧112/68mmHg、子宮復古良好。",
    course: "入院経過は添付の退院時サマリーをご参照ください。産後の糖負荷試験は当科で行います。",
    remarks: "授乳中です。",
};

const STAY: Stay = Stay {
    reason: "陣痛発来",
    complaint: "規則的な陣痛",
    illness: "妊娠糖尿病（食事療法）、妊娠貧血で外来管理中。妊娠４０週０日に陣痛発来し入院した。",
    course: "経腟分娩で３１８０ｇの児を出産した。分娩時出血３１０ｍＬ。児の血糖は正常であった。産後の血糖は食後も１２０ｍｇ／ｄＬ未満で推移し、\
             経過良好で退院とした。",
    plan: "産後１か月健診と、産後３か月での糖負荷試験を行う。",
};
