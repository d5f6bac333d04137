//! A hepatitis C found and cured, and a syphilis treated, in a man whose insurance changes twice.

use super::Tale;
use crate::chart::Chart;
use crate::form::condition::Flag;
use crate::form::referral::Letter;
use crate::place::{FAMILY, LIVER};
use crate::table::diseases as d;
use crate::table::drugs as r;
use crate::table::labs as l;
use crate::table::panels as p;

pub(crate) static TALE: Tale = Tale {
    story: "Ｃ型肝炎が内服で治り、梅毒も治療される間に、転職で被保険者番号が変わる。",
    tell,
    weight: 4,
    ages: (24, 66),
    gender: None,
    changes_insurer: true,
};

fn tell(chart: &mut Chart) {
    let tired = chart.visit(&FAMILY, 690);
    let report = chart.labs(
        tired,
        &[&p::LIVER, &p::BLOOD_COUNT, &p::INFECTIONS],
        &[(&l::AST, 68.0), (&l::ALT, 92.0), (&l::HCV_AB, l::POSITIVE)],
    );
    chart.keep_for_long(report, 4);
    chart.refer(tired, &LIVER, &LETTER, None);
    cure(chart);
    rash(chart);
}

const LETTER: Letter = Letter {
    purpose: "Ｃ型肝炎ウイルス抗体陽性の精査加療をお願いいたします。",
    complaint: "倦怠感",
    illness: "倦怠感で受診し、肝機能異常とＨＣＶ抗体陽性を認めた。輸血歴はなく、入れ墨がある。",
    past: "特記事項なし",
    family: "特記事項なし",
    findings: "黄疸なし、肝脾を触れない。",
    course: "未治療。",
    remarks: "",
};

fn cure(chart: &mut Chart) {
    let hospital = chart.visit(&LIVER, 670);
    chart.diagnose(hospital, &d::HEPATITIS_C);
    chart.flag(hospital, &d::HEPATITIS_C, Flag::LongTerm);
    let before = [
        (&l::AST, 71.0),
        (&l::ALT, 96.0),
        (&l::HCV_AB, l::POSITIVE),
        (&l::HCV_RNA, 6.2),
        (&l::HIV, l::NEGATIVE),
    ];
    chart.labs(hospital, &[&p::LIVER, &p::BLOOD_COUNT, &p::KIDNEY, &p::CLOTTING, &p::INFECTIONS], &before);
    chart.send_conditions(hospital);
    chart.prescribe(hospital, &r::MAVIRET, &r::MORNING, 3.0, 28);
    for (ago, virus, enzyme) in [(640, 1.6, 30.0), (610, 1.1, 24.0), (440, 1.0, 21.0)] {
        let visit = chart.visit(&LIVER, ago);
        chart.labs(
            visit,
            &[&p::LIVER, &p::BLOOD_COUNT],
            &[(&l::HCV_RNA, virus), (&l::ALT, enzyme), (&l::AST, 23.0)],
        );
    }
    let cured = chart.visit(&LIVER, 440);
    chart.stop(cured, &r::MAVIRET);
    chart.resolve(cured, &d::HEPATITIS_C);
    chart.send_conditions(cured);
}

/// Between two employers the residents' insurance pays; the clinic goes on under each number.
fn rash(chart: &mut Chart) {
    let rash = chart.visit(&FAMILY, 270);
    let report = chart.labs(
        rash,
        &[&p::LIVER, &p::BLOOD_COUNT],
        &[
            (&l::RPR, l::POSITIVE),
            (&l::RPR_QUANT, 64.0),
            (&l::TPAB, l::POSITIVE),
            (&l::TPAB_COI, 28.4),
            (&l::HIV, l::NEGATIVE),
        ],
    );
    chart.keep_for_long(report, 2);
    chart.diagnose(rash, &d::SYPHILIS);
    chart.prescribe(rash, &r::DOXYCYCLINE, &r::TWICE, 1.0, 28);
    chart.send_conditions(rash);
    for (ago, titre) in [(210, 22.0), (135, 9.0), (48, 3.1)] {
        let visit = chart.visit(&FAMILY, ago);
        let serology =
            [(&l::RPR, l::POSITIVE), (&l::RPR_QUANT, titre), (&l::TPAB, l::POSITIVE), (&l::TPAB_COI, 24.0)];
        chart.labs(visit, &[], &serology);
    }
    let healed = chart.visit(&FAMILY, 48);
    chart.resolve(healed, &d::SYPHILIS);
    chart.stop(healed, &r::DOXYCYCLINE);
    chart.send_conditions(healed);
}
