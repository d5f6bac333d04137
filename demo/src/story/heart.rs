//! Atrial fibrillation: years of chasing the INR with warfarin, then a drug that needs no chase.

use super::Tale;
use crate::chart::Chart;
use crate::form::allergy::Severity;
use crate::form::referral::Letter;
use crate::place::{CARDIOLOGY, FAMILY};
use crate::table::allergens as a;
use crate::table::diseases as d;
use crate::table::drugs as r;
use crate::table::labs as l;
use crate::table::panels as p;

pub(crate) static TALE: Tale = Tale {
    story: "心房細動のワルファリンでＰＴ－ＩＮＲが安定せず、過延長を機に直接経口抗凝固薬へ切り替える。",
    tell,
    weight: 9,
    ages: (62, 88),
    gender: None,
    changes_insurer: false,
};

fn tell(chart: &mut Chart) {
    let first = chart.visit(&FAMILY, 725);
    chart.diagnose_since(first, &d::ATRIAL_FIBRILLATION, chart.ago(1600));
    chart.diagnose_since(first, &d::HYPERTENSION, chart.ago(5000));
    if chart.mostly(0.5) {
        chart.allergic(first, &a::LOXOPROFEN, Severity::Moderate, "服用後に全身の膨疹", chart.ago(3800));
        chart.send_allergies(first);
    }
    chart.prescribe(first, &r::WARFARIN, &r::MORNING, 2.5, 28);
    chart.prescribe(first, &r::BISOPROLOL, &r::MORNING, 1.0, 28);
    chart.prescribe(first, &r::AMLODIPINE, &r::MORNING, 1.0, 28);
    chart.send_conditions(first);
    let ratios = [
        (725, 2.1),
        (690, 1.6),
        (655, 2.6),
        (620, 1.5),
        (580, 2.3),
        (545, 3.1),
        (510, 1.7),
        (470, 2.4),
        (435, 1.8),
        (400, 4.9),
    ];
    for (ago, ratio) in ratios {
        let visit = chart.visit(&FAMILY, ago);
        let mut values = vec![(&l::PT_INR, ratio)];
        if ago % 50 == 0 || ago == 725 {
            values.extend([(&l::NT_PROBNP, 640.0), (&l::CRE, 0.96), (&l::HB, 13.4)]);
            chart.labs(visit, &[&p::BLOOD_COUNT, &p::KIDNEY, &p::LIVER], &values);
        } else {
            chart.labs(visit, &[], &values);
        }
    }
    change(chart);
}

/// The INR of 4.9 after a course of antibiotics: the cardiologist changes the drug.
fn change(chart: &mut Chart) {
    let alarm = chart.visit(&FAMILY, 400);
    chart.prescribe(alarm, &r::CLARITHROMYCIN, &r::TWICE, 1.0, 5);
    chart.refer(alarm, &CARDIOLOGY, &LETTER, None);
    chart.stop(alarm, &r::CLARITHROMYCIN);
    let hospital = chart.visit(&CARDIOLOGY, 396);
    chart.diagnose_since(hospital, &d::ATRIAL_FIBRILLATION, chart.ago(1600));
    let report = chart.labs(
        hospital,
        &[&p::BLOOD_COUNT, &p::KIDNEY, &p::LIVER],
        &[(&l::PT_INR, 3.4), (&l::NT_PROBNP, 712.0), (&l::HB, 12.8), (&l::DD, 0.6)],
    );
    chart.correct(report, &l::PT_INR, 2.9, 1);
    let lower = chart.visit(&CARDIOLOGY, 390);
    chart.labs(lower, &[], &[(&l::PT_INR, 1.8)]);
    chart.stop(hospital, &r::WARFARIN);
    chart.prescribe(lower, &r::APIXABAN, &r::TWICE, 1.0, 28);
    chart.prescribe(lower, &r::BISOPROLOL, &r::MORNING, 1.0, 28);
    chart.send_conditions(lower);
    chart.refer(lower, &FAMILY, &REPLY, None);
    let home = chart.visit(&FAMILY, 360);
    chart.stop(home, &r::WARFARIN);
    chart.prescribe(home, &r::APIXABAN, &r::TWICE, 1.0, 28);
    for ago in [360, 240, 120, 18] {
        let visit = chart.visit(&FAMILY, ago);
        let values = [(&l::NT_PROBNP, 560.0), (&l::CRE, 1.02), (&l::HB, 13.2), (&l::RBC, 4.3)];
        chart.labs(visit, &[&p::BLOOD_COUNT, &p::KIDNEY, &p::LIVER], &values);
    }
    let last = chart.visit(&FAMILY, 18);
    if chart.mostly(0.5) {
        chart.diagnose(last, &d::HEART_FAILURE);
    }
    chart.send_conditions(last);
    chart.send_summary(
        last,
        "血液をさらさらにする薬は朝と夕に欠かさず飲んでください。抜歯や内視鏡の前には必ずご相談ください。血圧は130/80未満を目標にします。",
    );
}

const LETTER: Letter = Letter {
    purpose: "ワルファリン管理困難例の抗凝固療法についてご高診をお願いいたします。",
    complaint: "自覚症状なし（鼻出血が１回）",
    illness: "非弁膜症性心房細動でワルファリンを継続中。ＰＴ－ＩＮＲの変動が大きく、本日４．９と過延長を認めた。上気道炎に対する抗菌薬の影響と考える。",
    past: "高血圧症",
    family: "兄：脳梗塞",
    findings: "血圧138/82mmHg、脈拍78不整、出血斑なし。",
    course: "本日よりワルファリンを休薬。腎機能は保たれており、直接経口抗凝固薬への変更が可能か相談したい。",
    remarks: "",
};

const REPLY: Letter = Letter {
    purpose: "抗凝固薬変更の報告と継続処方のお願い",
    complaint: "非弁膜症性心房細動",
    illness: "ＰＴ－ＩＮＲが２未満となったことを確認し、アピキサバン５ｍｇ１日２回へ変更しました。",
    past: "",
    family: "",
    findings: "脈拍72不整、心雑音なし、浮腫なし。",
    course: "心エコーで左室駆出率６２％、左房拡大を認めます。出血なく経過しております。",
    remarks: "腎機能は年２回以上の確認をお願いいたします。",
};
