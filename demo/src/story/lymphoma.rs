//! Chemotherapy for a lymphoma wakes a sleeping hepatitis B unless somebody looked.

use super::Tale;
use crate::chart::Chart;
use crate::form::condition::Flag;
use crate::form::discharge::Stay;
use crate::form::referral::Letter;
use crate::place::{FAMILY, HAEMATOLOGY, LIVER};
use crate::table::diseases as d;
use crate::table::drugs as r;
use crate::table::labs as l;
use crate::table::panels as p;

pub(crate) static TALE: Tale = Tale {
    story: "悪性リンパ腫の化学療法前にＢ型肝炎キャリアと判り、エンテカビルの予防内服で再活性化を免れる。",
    tell,
    weight: 4,
    ages: (38, 73),
    gender: None,
    changes_insurer: false,
};

fn tell(chart: &mut Chart) {
    let lump = chart.visit(&FAMILY, 640);
    chart.labs(
        lump,
        &[&p::BLOOD_COUNT, &p::LIVER, &p::KIDNEY],
        &[(&l::LD, 412.0), (&l::CRP, 1.8), (&l::HB, 12.6)],
    );
    chart.refer(lump, &HAEMATOLOGY, &LETTER, None);
    diagnosis(chart);
    cycles(chart);
    surveillance(chart);
}

const LETTER: Letter = Letter {
    purpose: "頚部リンパ節腫脹の精査をお願いいたします。",
    complaint: "左頚部のしこり、寝汗、体重減少",
    illness: "２か月前から左頚部に無痛性の腫瘤を自覚し増大。３か月で４ｋｇの体重減少と盗汗がある。",
    past: "特記事項なし",
    family: "母：Ｂ型肝炎",
    findings: "左頚部に弾性硬３ｃｍ大のリンパ節を複数触知。肝脾を触れない。",
    course: "血液検査でＬＤ高値。画像検査は未施行。",
    remarks: "",
};

/// Before any treatment: the infections, and the marker of the tumour.
fn diagnosis(chart: &mut Chart) {
    let first = chart.visit(&HAEMATOLOGY, 626);
    let values = [
        (&l::LD, 438.0),
        (&l::HB, 12.3),
        (&l::SIL2R, 4120.0),
        (&l::HBS_AG, l::POSITIVE),
        (&l::HBS_AG_QUANT, 812.0),
        (&l::HBS_AB, l::NEGATIVE),
        (&l::HIV, l::NEGATIVE),
        (&l::HBV_DNA, 3.4),
    ];
    let report =
        chart.labs(first, &[&p::BLOOD_COUNT, &p::LIVER, &p::KIDNEY, &p::INFECTIONS, &p::CLOTTING], &values);
    chart.keep_for_long(report, 3);
    let told = chart.visit(&HAEMATOLOGY, 612);
    chart.diagnose(told, &d::LYMPHOMA);
    chart.flag(told, &d::LYMPHOMA, Flag::LongTerm);
    chart.diagnose(told, &d::HEPATITIS_B_CARRIER);
    chart.flag(told, &d::HEPATITIS_B_CARRIER, Flag::LongTerm);
    chart.send_conditions(told);
    let liver = chart.visit(&LIVER, 608);
    chart.prescribe(liver, &r::ENTECAVIR, &r::BEDTIME, 1.0, 28);
}

/// Six cycles three weeks apart; blood falls and recovers, the virus sinks.
fn cycles(chart: &mut Chart) {
    for (cycle, ago) in (0_u8..).zip([600, 579, 558, 537, 516, 495]) {
        let t = f64::from(cycle) / 5.0;
        let visit = chart.visit(&HAEMATOLOGY, ago);
        let values = [
            (&l::WBC, 5.2 - 1.6 * t),
            (&l::HB, 12.2 - 2.2 * t),
            (&l::PLT, 214.0 - 70.0 * t),
            (&l::LD, 400.0 - 215.0 * t),
            (&l::SIL2R, 3600.0 - 3200.0 * t),
            (&l::HBV_DNA, (3.4 - 3.0 * t).max(0.9)),
            (&l::ALT, 31.0),
        ];
        chart.labs(visit, &[&p::BLOOD_COUNT, &p::LIVER, &p::KIDNEY], &values);
    }
    let admission = chart.admission(&HAEMATOLOGY, 528, 519);
    chart.labs(
        admission,
        &[&p::BLOOD_COUNT, &p::LIVER, &p::KIDNEY],
        &[(&l::WBC, 0.6), (&l::CRP, 9.8), (&l::PLT, 62.0), (&l::HB, 9.1)],
    );
    chart.diagnose(admission, &d::NEUTROPENIA);
    chart.resolve(admission, &d::NEUTROPENIA);
    chart.send_conditions(admission);
    chart.prescribe(admission, &r::RABEPRAZOLE, &r::MORNING, 1.0, 28);
    chart.prescribe(admission, &r::ENTECAVIR, &r::BEDTIME, 1.0, 28);
    let after = chart.visit(&HAEMATOLOGY, 480);
    chart.refer(after, &FAMILY, &REPLY, Some((admission, &STAY)));
}

const STAY: Stay = Stay {
    reason: "Ｒ－ＣＨＯＰ療法４コース後の発熱性好中球減少症",
    complaint: "発熱",
    illness: "化学療法１０日目に３８．７度の発熱で救急受診し、好中球減少を認め入院した。",
    course: "血液培養採取後に広域抗菌薬とＧ－ＣＳＦを投与し、３日で解熱した。培養は陰性。ＨＢＶ－ＤＮＡは検出感度未満付近を維持し、\
             エンテカビルは継続した。好中球の回復を確認し退院とした。",
    plan: "化学療法を継続する。エンテカビルは終了後少なくとも一年は自己判断で中止しない。",
};

const REPLY: Letter = Letter {
    purpose: "化学療法終了の報告と日常診療のお願い",
    complaint: "びまん性大細胞型Ｂ細胞性リンパ腫、Ｂ型肝炎ウイルスキャリア",
    illness: "Ｒ－ＣＨＯＰ療法６コースを終了し、画像上完全奏効と判断しました。",
    past: "",
    family: "母：Ｂ型肝炎",
    findings: "表在リンパ節を触知しない。",
    course: "経過中の入院については添付の退院時サマリーをご参照ください。ＨＢＶ－ＤＮＡは当院で毎月確認します。",
    remarks: "ステロイドや免疫抑制薬を要する際は必ずご連絡ください。",
};

fn surveillance(chart: &mut Chart) {
    for ago in [440, 380, 300, 210, 120, 40] {
        let visit = chart.visit(&HAEMATOLOGY, ago);
        let values = [
            (&l::LD, 186.0),
            (&l::SIL2R, 310.0),
            (&l::HBV_DNA, 0.9),
            (&l::HBS_AG_QUANT, 640.0),
            (&l::HB, 13.4),
            (&l::WBC, 4.6),
        ];
        chart.labs(visit, &[&p::BLOOD_COUNT, &p::LIVER], &values);
    }
}
