//! Diabetes takes the kidneys: creatinine and at last potassium rise, and the clinic asks the hospital for help.

use super::Tale;
use crate::chart::Chart;
use crate::form::discharge::Stay;
use crate::form::referral::Letter;
use crate::place::{FAMILY, NEPHROLOGY};
use crate::table::diseases as d;
use crate::table::drugs as r;
use crate::table::labs as l;
use crate::table::panels as p;

pub(crate) static TALE: Tale = Tale {
    story: "２型糖尿病の腎機能が二年かけて低下し、腎臓内科への紹介と教育入院を経て、最後に高カリウム血症を来す。",
    tell,
    weight: 8,
    ages: (52, 74),
    gender: None,
    changes_insurer: false,
};

fn tell(chart: &mut Chart) {
    let first = chart.visit(&FAMILY, 730);
    chart.diagnose_since(first, &d::DIABETES_2, chart.ago(4200));
    chart.diagnose_since(first, &d::HYPERTENSION, chart.ago(3300));
    chart.diagnose_since(first, &d::DYSLIPIDAEMIA, chart.ago(3000));
    chart.prescribe(first, &r::METFORMIN, &r::TWICE, 2.0, 60);
    chart.prescribe(first, &r::SITAGLIPTIN, &r::MORNING, 1.0, 60);
    chart.prescribe(first, &r::AMLODIPINE, &r::MORNING, 1.0, 60);
    chart.prescribe(first, &r::ROSUVASTATIN, &r::EVENING, 1.0, 60);
    chart.send_conditions(first);
    clinic_years(chart);
    let admission = ward(chart);
    follow_up(chart, admission);
}

/// Every two to three months at the clinic, while the kidneys slowly fail.
fn clinic_years(chart: &mut Chart) {
    let days = [730, 665, 600, 530, 465, 400, 335, 270];
    let last = (days.len() - 1) as f64;
    let mut latest = None;
    for (step, ago) in (0_u8..).zip(days) {
        let t = f64::from(step) / last;
        let visit = chart.visit(&FAMILY, ago);
        let values = [
            (&l::HBA1C, 7.6 + 1.1 * t),
            (&l::GLU, 148.0 + 42.0 * t),
            (&l::CRE, 1.18 + 0.74 * t * t + 0.12 * t),
            (&l::BUN, 19.0 + 13.0 * t),
            (&l::UA, 6.6 + 1.0 * t),
            (&l::K, 4.4 + 0.5 * t),
            (&l::HB, 13.6 - 2.0 * t),
            (&l::RBC, 4.4 - 0.6 * t),
            (&l::HCT, 40.5 - 5.5 * t),
            (&l::U_PROTEIN, if t < 0.4 { 3.0 } else { 4.0 }),
            (&l::U_GLUCOSE, 3.0),
            (&l::U_PC, 0.6 + 1.9 * t),
        ];
        latest = Some(chart.labs(visit, &[&p::KIDNEY, &p::SUGAR, &p::BLOOD_COUNT, &p::URINE], &values));
    }
    let third = chart.visit(&FAMILY, 465);
    chart.diagnose(third, &d::CKD_3);
    chart.diagnose(third, &d::DIABETIC_NEPHROPATHY);
    chart.send_conditions(third);
    if let Some(report) = latest {
        chart.correct(report, &l::K, 4.8, 1);
    }
    let summary = chart.visit(&FAMILY, 335);
    chart.send_summary(
        summary,
        "塩分は1日6g未満を目標にしてください。腎臓の働きが少しずつ落ちています。痛み止めを自分の判断で飲まないこと。\
         毎朝の血圧を手帳に書いて、次回お持ちください。",
    );
    let referring = chart.visit(&FAMILY, 262);
    chart.refer(referring, &NEPHROLOGY, &LETTER, None);
}

const LETTER: Letter = Letter {
    purpose: "腎機能低下の精査と今後の治療方針についてご高診をお願いいたします。",
    complaint: "下腿のむくみ、倦怠感",
    illness: "１０年以上前から２型糖尿病で通院中。この一年半で血清クレアチニンが１．２から２．０前後まで上昇し、尿蛋白も増加した。\
              血糖管理も徐々に悪化している。",
    past: "虫垂切除（２０代）",
    family: "父：糖尿病、透析導入",
    findings: "血圧148/86mmHg、両下腿に軽度の圧痕性浮腫、眼瞼結膜やや蒼白。",
    course: "アムロジピンで降圧中。ＡＲＢは過去にめまいのため中止。メトホルミンはｅＧＦＲ低下のため減量を検討している。",
    remarks: "ご家族も透析の説明を希望されています。",
};

/// Ten days in the hospital to learn about kidneys; the summary goes back with the reply.
fn ward(chart: &mut Chart) -> crate::visit::Visit {
    let outpatient = chart.visit(&NEPHROLOGY, 240);
    let values =
        [(&l::CRE, 2.08), (&l::BUN, 33.0), (&l::K, 4.9), (&l::HB, 11.4), (&l::HBA1C, 8.6), (&l::U_PC, 2.6)];
    chart.labs(outpatient, &[&p::KIDNEY, &p::LIVER, &p::BLOOD_COUNT, &p::URINE, &p::INFECTIONS], &values);
    chart.diagnose(outpatient, &d::DIABETIC_NEPHROPATHY);
    chart.diagnose(outpatient, &d::CKD_4);
    chart.diagnose(outpatient, &d::RENAL_ANAEMIA);
    chart.send_conditions(outpatient);

    let admission = chart.admission(&NEPHROLOGY, 214, 204);
    let values = [(&l::CRE, 2.02), (&l::BUN, 29.0), (&l::K, 4.6), (&l::HB, 11.2), (&l::GLU, 131.0)];
    chart.labs(admission.on(chart.ago(206)), &[&p::KIDNEY, &p::BLOOD_COUNT], &values);
    chart.prescribe(admission, &r::LINAGLIPTIN, &r::MORNING, 1.0, 28);
    chart.prescribe(admission, &r::DAPAGLIFLOZIN, &r::MORNING, 1.0, 28);
    chart.prescribe(admission, &r::AMLODIPINE, &r::MORNING, 1.0, 28);
    chart.prescribe(admission, &r::TELMISARTAN, &r::MORNING, 0.5, 28);
    chart.prescribe(admission, &r::ROSUVASTATIN, &r::EVENING, 1.0, 28);
    let back = chart.visit(&NEPHROLOGY, 202);
    chart.refer(back, &FAMILY, &REPLY, Some((admission, &STAY)));
    admission
}

const STAY: Stay = Stay {
    reason: "糖尿病性腎症の評価と教育のため",
    complaint: "下腿浮腫",
    illness: "近医で腎機能の進行性低下を指摘され当科紹介。ネフローゼには至らない蛋白尿とｅＧＦＲ２５前後の低下を認めた。",
    course: "腎生検は行わず、画像で両腎の軽度萎縮を確認した。塩分６ｇ、蛋白４０ｇの食事と服薬指導を行い、メトホルミンを中止して\
             リナグリプチンとダパグリフロジンへ変更した。テルミサルタン２０ｍｇを少量から開始し、カリウムの上昇はなかった。浮腫は消退し退院とした。",
    plan: "４週ごとに腎機能とカリウムを確認する。カリウム５．５以上でテルミサルタンを中止する。",
};

const REPLY: Letter = Letter {
    purpose: "入院治療の報告と継続診療のお願い",
    complaint: "糖尿病性腎症、慢性腎臓病ステージＧ４",
    illness: "ご紹介いただいた患者様は教育入院を終え退院されました。詳細は添付の退院時サマリーをご参照ください。",
    past: "",
    family: "",
    findings: "退院時血圧132/74mmHg、浮腫なし。",
    course: "投薬を変更しております。貴院で血糖と脂質の管理をお願いし、当科では３か月ごとに拝見します。",
    remarks: "",
};

/// The potassium that the new drug brings.
fn follow_up(chart: &mut Chart, admission: crate::visit::Visit) {
    for (ago, creatinine, potassium, urea) in
        [(150, 2.16, 5.0, 34.0), (90, 2.31, 5.2, 37.0), (35, 2.52, 5.6, 41.0), (14, 2.61, 6.1, 44.0)]
    {
        let visit = chart.visit(if ago == 90 { &NEPHROLOGY } else { &FAMILY }, ago);
        let values = [
            (&l::CRE, creatinine),
            (&l::K, potassium),
            (&l::BUN, urea),
            (&l::HB, 10.9),
            (&l::HBA1C, 7.4),
            (&l::GLU, 138.0),
            (&l::U_PC, 2.2),
            (&l::U_PROTEIN, 4.0),
        ];
        chart.labs(visit, &[&p::KIDNEY, &p::SUGAR, &p::BLOOD_COUNT, &p::URINE], &values);
    }
    let alarm = chart.visit(&FAMILY, 14);
    chart.diagnose(alarm, &d::HYPERKALAEMIA);
    chart.resolve(alarm, &d::CKD_3);
    chart.diagnose(alarm, &d::CKD_4);
    chart.stop(admission, &r::TELMISARTAN);
    chart.prescribe(alarm, &r::POTASSIUM_BINDER, &r::MORNING, 2.0, 14);
    chart.send_conditions(alarm);
    chart.send_summary(
        alarm,
        "カリウムが高くなっています。テルミサルタンは今日から中止してください。生の果物と芋を控え、1週間後に必ず採血に来てください。",
    );
}
