//! Forty years of cigarettes: found at the checkup, breathless in the winter, stopped at last.

use super::Tale;
use crate::chart::Chart;
use crate::form::checkup::Findings;
use crate::form::discharge::Stay;
use crate::form::referral::Letter;
use crate::place::{CHECKUP, FAMILY, RESPIRATORY};
use crate::table::diseases as d;
use crate::table::drugs as r;
use crate::table::labs as l;
use crate::table::panels as p;
use crate::visit::Visit;

pub(crate) static TALE: Tale = Tale {
    story: "喘息と思われていた長年の喫煙者が慢性閉塞性肺疾患と判り、冬の急性増悪で入院して禁煙に至る。",
    tell,
    weight: 7,
    ages: (55, 74),
    gender: None,
    changes_insurer: false,
};

fn tell(chart: &mut Chart) {
    let checkup = chart.visit(&CHECKUP, 700);
    chart.send_checkup(checkup, &FINDINGS);
    let clinic = chart.visit(&FAMILY, 660);
    chart.diagnose_since(clinic, &d::ASTHMA, chart.ago(1900));
    chart.diagnose_since(clinic, &d::NICOTINE, chart.ago(3000));
    chart.prescribe(clinic, &r::BUDESONIDE_FORMOTEROL, &r::TWICE, 2.0, 30);
    chart.prescribe(clinic, &r::MONTELUKAST, &r::BEDTIME, 1.0, 28);
    chart.labs(clinic, &[&p::BLOOD_COUNT, &p::LIVER, &p::INFLAMMATION], &[(&l::IGE, 240.0), (&l::HB, 16.6)]);
    chart.send_conditions(clinic);
    let later = chart.visit(&FAMILY, 560);
    chart.refer(later, &RESPIRATORY, &LETTER, None);
    let hospital = chart.visit(&RESPIRATORY, 540);
    chart.diagnose(hospital, &d::COPD);
    chart.labs(
        hospital,
        &[&p::BLOOD_COUNT, &p::LIVER, &p::KIDNEY],
        &[(&l::KL6, 310.0), (&l::CEA, 4.2), (&l::HB, 16.9)],
    );
    chart.prescribe(hospital, &r::TIOTROPIUM, &r::MORNING, 2.0, 30);
    chart.send_conditions(hospital);
    let admission = winter(chart);
    after(chart, admission);
}

const FINDINGS: Findings = Findings {
    height: 168.4,
    weight: 57.2,
    waist: 80.5,
    pressure: (138.0, 82.0),
    triglyceride: 96.0,
    hdl: 52.0,
    ldl: 117.0,
    liver: (22.0, 18.0, 41.0),
    uric_acid: 5.8,
    creatinine: 0.81,
    glucose: 97.0,
    hba1c: 5.5,
    urine: (1, 1),
    metabolic: 3,
    guidance: 3,
    drugs: (2, 2, 2),
    smoking: 1,
    exercise: 2,
    alcohol: 4,
    opinion: "喫煙が続いています。息切れがあれば肺機能検査を受けてください。",
};

const LETTER: Letter = Letter {
    purpose: "呼吸機能の精査と治療方針についてご高診をお願いいたします。",
    complaint: "労作時の息切れ、慢性の咳と痰",
    illness: "気管支喘息として吸入薬を継続しているが、階段での息切れが徐々に増悪している。喫煙は１日２０本を約４０年。",
    past: "特記事項なし",
    family: "父：肺癌",
    findings: "SpO2 95%（室内気）、呼気延長、ばち指なし。",
    course: "吸入手技は良好。禁煙の意思は固まっていない。",
    remarks: "",
};

fn winter(chart: &mut Chart) -> Visit {
    let admission = chart.admission(&RESPIRATORY, 330, 318);
    let values = [(&l::WBC, 13.4), (&l::CRP, 7.6), (&l::HB, 16.8), (&l::BNP, 42.0), (&l::ALB, 3.8)];
    chart.labs(admission, &[&p::BLOOD_COUNT, &p::LIVER, &p::KIDNEY], &values);
    chart.diagnose(admission, &d::COPD_EXACERBATION);
    chart.resolve(admission, &d::COPD_EXACERBATION);
    let better = [(&l::WBC, 8.2), (&l::CRP, 0.7), (&l::HB, 16.2), (&l::GLU, 124.0)];
    chart.labs(admission.on(chart.ago(320)), &[&p::BLOOD_COUNT, &p::LIVER, &p::KIDNEY], &better);
    chart.prescribe(admission, &r::BUDESONIDE_FORMOTEROL, &r::TWICE, 2.0, 30);
    chart.prescribe(admission, &r::PREDNISOLONE, &r::MORNING, 4.0, 3);
    chart.prescribe(admission, &r::CARBOCISTEINE, &r::THRICE, 2.0, 14);
    chart.send_conditions(admission);
    let leaving = chart.visit(&RESPIRATORY, 316);
    chart.refer(leaving, &FAMILY, &REPLY, Some((admission, &STAY)));
    chart.stop(leaving, &r::PREDNISOLONE);
    admission
}

const REPLY: Letter = Letter {
    purpose: "退院後の吸入療法と禁煙治療の継続をお願いいたします。",
    complaint: "慢性閉塞性肺疾患",
    illness: "精査の結果、喘息の要素を伴う慢性閉塞性肺疾患と診断しました。このたび急性増悪で入院加療を行いました。",
    past: "",
    family: "父：肺癌",
    findings: "SpO2 96%（室内気）、喘鳴なし。",
    course: "詳細は添付の退院時サマリーをご参照ください。インフルエンザと肺炎球菌の予防接種を勧めております。",
    remarks: "入院中から禁煙されています。",
};

const STAY: Stay = Stay {
    reason: "慢性閉塞性肺疾患の急性増悪",
    complaint: "呼吸困難、発熱",
    illness: "３日前から痰が膿性となり呼吸困難が増悪し、救急外来を受診した。来院時SpO2 86%。",
    course: "酸素投与、短時間作用性吸入薬、ステロイド、抗菌薬で治療した。５日目に酸素を離脱した。呼吸リハビリテーションと吸入指導を行い、\
             入院を機に禁煙した。",
    plan: "抗コリン薬と吸入ステロイド・β刺激薬の併用を続ける。ステロイド内服は３日で終了とする。",
};

fn after(chart: &mut Chart, admission: Visit) {
    let clinic = chart.visit(&FAMILY, 300);
    chart.diagnose_since(clinic, &d::COPD, chart.ago(540));
    chart.prescribe(clinic, &r::TIOTROPIUM, &r::MORNING, 2.0, 30);
    chart.send_conditions(clinic);
    for ago in [300, 180, 60] {
        let visit = chart.visit(&FAMILY, ago);
        chart.labs(visit, &[&p::BLOOD_COUNT, &p::LIVER, &p::INFLAMMATION], &[(&l::HB, 15.8)]);
    }
    let free = chart.visit(&FAMILY, 60);
    chart.resolve(free, &d::NICOTINE);
    chart.send_conditions(free);
    chart.send_summary(free, "禁煙が続いています。毎日の散歩を30分、吸入は朝夕欠かさず。痰の色が変わったら早めに受診してください。");
    if chart.mostly(0.8) {
        let checkup = chart.visit(&CHECKUP, 24);
        let opinion = "禁煙を続けておられます。肺機能の定期的な確認を続けてください。";
        chart.send_checkup(checkup, &Findings { smoking: 2, weight: 59.8, waist: 82.0, opinion, ..FINDINGS });
    }
    chart.stop(admission, &r::CARBOCISTEINE);
}
