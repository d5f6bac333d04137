//! Too many pills, a fall at night, a hip: and a discharge letter with the new list of drugs.

use super::Tale;
use crate::chart::Chart;
use crate::form::allergy::Severity;
use crate::form::discharge::Stay;
use crate::form::referral::Letter;
use crate::person::Gender;
use crate::place::{FAMILY, ORTHOPAEDICS};
use crate::table::allergens as a;
use crate::table::diseases as d;
use crate::table::drugs as r;
use crate::table::labs as l;
use crate::table::panels as p;
use crate::visit::Visit;

pub(crate) static TALE: Tale = Tale {
    story: "多剤服用の高齢女性が夜間に転倒して大腿骨を骨折し、手術後に薬を減らして家庭医へ戻る。",
    tell,
    weight: 9,
    ages: (78, 93),
    gender: Some(Gender::Female),
    changes_insurer: false,
};

fn tell(chart: &mut Chart) {
    home(chart);
    let admission = ward(chart);
    back_home(chart, admission);
}

fn home(chart: &mut Chart) {
    let visit = chart.visit(&FAMILY, 720);
    for (disease, since) in [
        (&d::HYPERTENSION, 7000),
        (&d::INSOMNIA, 2500),
        (&d::KNEE_ARTHROSIS, 3600),
        (&d::CONSTIPATION, 2000),
        (&d::OSTEOPOROSIS, 2400),
        (&d::HEART_FAILURE, 1500),
    ] {
        chart.diagnose_since(visit, disease, chart.ago(since));
    }
    if chart.mostly(0.4) {
        chart.allergic(
            visit,
            &a::IODINE_CONTRAST,
            Severity::Moderate,
            "造影ＣＴ後に全身発疹",
            chart.ago(3300),
        );
        chart.send_allergies(visit);
    }
    chart.send_conditions(visit);
    for (drug, usage, dose) in [
        (&r::AMLODIPINE, &r::MORNING, 1.0),
        (&r::BISOPROLOL, &r::MORNING, 1.0),
        (&r::FUROSEMIDE, &r::MORNING, 1.0),
        (&r::ZOLPIDEM, &r::BEDTIME, 1.0),
        (&r::PREGABALIN, &r::TWICE, 1.0),
        (&r::MAGNESIUM, &r::THRICE, 1.0),
        (&r::LOXOPROFEN, &r::THRICE, 1.0),
        (&r::RABEPRAZOLE, &r::MORNING, 1.0),
    ] {
        chart.prescribe(visit, drug, usage, dose, 28);
    }
    for (ago, brain) in [(720, 96.0), (600, 110.0), (480, 124.0)] {
        let visit = chart.visit(&FAMILY, ago);
        let values = [
            (&l::BNP, brain),
            (&l::ALB, 3.6),
            (&l::HB, 11.2),
            (&l::RBC, 3.7),
            (&l::HCT, 34.0),
            (&l::CRE, 0.86),
            (&l::NA, 136.0),
        ];
        chart.labs(visit, &[&p::BLOOD_COUNT, &p::LIVER, &p::KIDNEY], &values);
    }
}

fn ward(chart: &mut Chart) -> Visit {
    let admission = chart.admission(&ORTHOPAEDICS, 402, 376);
    let values =
        [(&l::HB, 10.4), (&l::WBC, 9.8), (&l::CRP, 1.2), (&l::DD, 14.2), (&l::ALB, 3.4), (&l::CK, 420.0)];
    let panels: [&p::Panel; 5] = [&p::BLOOD_COUNT, &p::LIVER, &p::KIDNEY, &p::CLOTTING, &p::INFECTIONS];
    chart.labs(admission, &panels, &values);
    chart.diagnose(admission, &d::HIP_FRACTURE);
    chart.side(admission, &d::HIP_FRACTURE, ("27000358", "左"));
    chart.diagnose_since(admission, &d::OSTEOPOROSIS, chart.ago(2400));
    if chart.mostly(0.5) {
        chart.diagnose_since(admission, &d::DEMENTIA, chart.ago(600));
        chart.prescribe(admission, &r::DONEPEZIL, &r::MORNING, 0.5, 14);
    }
    chart.send_conditions(admission);
    for (ago, haemoglobin, inflammation) in [(399, 8.9, 9.4), (392, 9.3, 3.1), (379, 10.1, 0.6)] {
        let values = [(&l::HB, haemoglobin), (&l::CRP, inflammation), (&l::ALB, 3.1), (&l::NA, 135.0)];
        chart.labs(admission.on(chart.ago(ago)), &[&p::BLOOD_COUNT, &p::LIVER, &p::KIDNEY], &values);
    }
    chart.prescribe(admission, &r::AMLODIPINE, &r::MORNING, 1.0, 14);
    chart.prescribe(admission, &r::BISOPROLOL, &r::MORNING, 1.0, 14);
    chart.prescribe(admission, &r::ALENDRONATE, &r::WEEKLY, 1.0, 28);
    chart.prescribe(admission, &r::LEMBOREXANT, &r::BEDTIME, 1.0, 14);
    chart.prescribe(admission, &r::ACETAMINOPHEN, &r::WHEN_IN_PAIN, 1.0, 10);
    let leaving = chart.visit(&ORTHOPAEDICS, 375);
    chart.refer(leaving, &FAMILY, &LETTER, Some((admission, &STAY)));
    admission
}

const LETTER: Letter = Letter {
    purpose: "退院後の内科管理と骨粗鬆症治療の継続をお願いいたします。",
    complaint: "左大腿骨頚部骨折術後",
    illness: "夜間トイレに行く途中で転倒し、当院へ救急搬送されました。人工骨頭置換術後、歩行器歩行で自宅へ退院されます。",
    past: "高血圧症、慢性心不全、不眠症、変形性膝関節症",
    family: "特記事項なし",
    findings: "血圧126/70mmHg、創部良好、下肢に浮腫なし。",
    course: "転倒の一因と考えられる睡眠薬と鎮痛補助薬を中止しました。薬剤変更の詳細は添付の退院時サマリーをご参照ください。",
    remarks: "介護保険の区分変更を申請中です。",
};

const STAY: Stay = Stay {
    reason: "左大腿骨頚部骨折に対する手術",
    complaint: "左股関節痛、歩行不能",
    illness: "就寝前の睡眠薬を服用後、夜間に自宅の廊下で転倒した。立位不能となり救急搬送された。",
    course: "入院３日目に人工骨頭置換術を施行した。術後貧血は輸血を要さず改善した。せん妄が２日間みられたが睡眠薬の変更で消失した。\
             ゾルピデム、プレガバリン、ロキソプロフェン、フロセミドを中止し、８剤から５剤へ整理した。歩行器で５０ｍの歩行が可能となり退院とした。",
    plan: "週１回のビスホスホネートを継続する。血圧が低めのときは降圧薬の減量を検討する。転倒予防のため夜間の照明を勧めた。",
};

fn back_home(chart: &mut Chart, admission: Visit) {
    let visit = chart.visit(&FAMILY, 355);
    chart.diagnose_since(visit, &d::HIP_FRACTURE, admission.date);
    chart.side(visit, &d::HIP_FRACTURE, ("27000358", "左"));
    chart.resolve(visit, &d::HIP_FRACTURE);
    chart.resolve(visit, &d::INSOMNIA);
    for drug in [&r::ZOLPIDEM, &r::PREGABALIN, &r::LOXOPROFEN, &r::FUROSEMIDE] {
        chart.stop(visit, drug);
    }
    chart.prescribe(visit, &r::ALENDRONATE, &r::WEEKLY, 1.0, 28);
    chart.send_conditions(visit);
    chart.send_summary(visit, "お薬が８種類から５種類に減りました。残っている睡眠薬は飲まないで薬局へお持ちください。夜は足元の灯りをつけましょう。");
    for (ago, brain) in [(300, 118.0), (180, 131.0), (60, 142.0), (12, 156.0)] {
        let visit = chart.visit(&FAMILY, ago);
        let values = [
            (&l::BNP, brain),
            (&l::HB, 11.0),
            (&l::RBC, 3.6),
            (&l::HCT, 33.2),
            (&l::ALB, 3.7),
            (&l::CA, 9.0),
            (&l::CRE, 0.92),
        ];
        chart.labs(visit, &[&p::BLOOD_COUNT, &p::LIVER, &p::KIDNEY], &values);
    }
}
