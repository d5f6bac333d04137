//! Any number of people: the tales of the region told again, of others and a little differently.

use jiff::ToSpan;
use jiff::civil::Date;

use crate::PatientRecord;
use crate::chart::{Chart, Variation};
use crate::person::{Gender, Member, Person, member_id};
use crate::place::{CITY, ELDERS, HEALTH_SOCIETY};
use crate::seed::Seed;
use crate::story::{TALES, Tale};

/// People one after the other; the same seed and day give the same bytes, and nothing is kept between two of them.
pub fn population(seed: u64, patients: usize, today: Date) -> impl Iterator<Item = PatientRecord> {
    (0..patients).map(move |index| patient(seed, index, today))
}

fn patient(seed: u64, index: usize, today: Date) -> PatientRecord {
    let mut draws = Seed::new(seed, index as u64);
    let tale = tale(&mut draws);
    let person = person(&mut draws, tale, index, today);
    let variation = Variation { shift: draws.between(0, 45), sway: 0.16 };
    let mut chart = Chart::open(person, draws, today, variation);
    (tale.tell)(&mut chart);
    chart.close(tale.story)
}

fn tale(draws: &mut Seed) -> &'static Tale {
    let all: u32 = TALES.iter().map(|tale| tale.weight).sum();
    let mut ticket = draws.between(1, all as i32) as u32;
    let drawn = TALES.iter().find(|tale| {
        let hit = ticket <= tale.weight;
        ticket = ticket.saturating_sub(tale.weight);
        hit
    });
    drawn.unwrap_or(&TALES[0])
}

fn person(draws: &mut Seed, tale: &Tale, index: usize, today: Date) -> Person {
    let gender = tale.gender.unwrap_or(if draws.chance(0.5) { Gender::Male } else { Gender::Female });
    let age = draws.between(tale.ages.0, tale.ages.1);
    let birth_date = today - i64::from(age * 365 + draws.between(30, 330)).days();
    let family = draws.pick(&FAMILIES);
    let given = match gender {
        Gender::Male => draws.pick(&MEN),
        Gender::Female => draws.pick(&WOMEN),
    };
    let (town, block, house) = (draws.pick(&TOWNS), draws.between(1, 9), draws.between(1, 28));
    Person {
        key: format!("KAKU-P{index:07}"),
        kanji: (family.0, given.0),
        kana: (family.1, given.1),
        birth_date,
        gender,
        address: format!("架空県架空市{town}{block}－{house}"),
        phone: format!("000-55{:02}-{:04}", index / 10_000 % 100, index % 10_000),
        members: members(draws, tale, index as u32 + 10_000, birth_date, today),
    }
}

/// One number for most; two for who changed work in the two years or turned seventy-five.
fn members(draws: &mut Seed, tale: &Tale, serial: u32, birth_date: Date, today: Date) -> Vec<Member> {
    let elder_from = birth_date + 75.years();
    let branch = Some(draws.between(0, 3) as u8);
    let (first, other) = if draws.chance(0.6) { (HEALTH_SOCIETY, CITY) } else { (CITY, HEALTH_SOCIETY) };
    let long_ago = birth_date.max(today - 6.years());
    let member = |insurer, serial, branch, valid_from, valid_to| Member {
        member_id: member_id(insurer, serial, branch),
        valid_from,
        valid_to,
    };
    if elder_from <= long_ago {
        return vec![member(ELDERS, serial, None, long_ago, None)];
    }
    if elder_from <= today {
        return vec![
            member(CITY, serial, None, long_ago, Some(elder_from - 1.day())),
            member(ELDERS, serial, None, elder_from, None),
        ];
    }
    if draws.chance(if tale.changes_insurer { 1.0 } else { 0.15 }) {
        let change = today - i64::from(draws.between(60, 660)).days();
        return vec![
            member(first, serial, branch, long_ago, Some(change - 1.day())),
            member(other, serial, branch, change, None),
        ];
    }
    vec![member(first, serial, branch, long_ago, None)]
}

static FAMILIES: [(&str, &str); 12] = [
    ("架空", "カクウ"),
    ("仮名", "カメイ"),
    ("見本", "ミホン"),
    ("例示", "レイジ"),
    ("想定", "ソウテイ"),
    ("模擬", "モギ"),
    ("試験", "シケン"),
    ("練習", "レンシュウ"),
    ("仮想", "カソウ"),
    ("創作", "ソウサク"),
    ("寓話", "グウワ"),
    ("雛形", "ヒナガタ"),
];

static MEN: [(&str, &str); 16] = [
    ("一郎", "イチロウ"),
    ("次郎", "ジロウ"),
    ("健太", "ケンタ"),
    ("大輔", "ダイスケ"),
    ("誠", "マコト"),
    ("博", "ヒロシ"),
    ("隆", "タカシ"),
    ("正", "タダシ"),
    ("翔太", "ショウタ"),
    ("蓮", "レン"),
    ("悠斗", "ユウト"),
    ("勝", "マサル"),
    ("清", "キヨシ"),
    ("浩二", "コウジ"),
    ("直樹", "ナオキ"),
    ("拓海", "タクミ"),
];

static WOMEN: [(&str, &str); 16] = [
    ("花子", "ハナコ"),
    ("美咲", "ミサキ"),
    ("恵子", "ケイコ"),
    ("幸子", "サチコ"),
    ("陽子", "ヨウコ"),
    ("愛", "アイ"),
    ("さくら", "サクラ"),
    ("結衣", "ユイ"),
    ("和子", "カズコ"),
    ("洋子", "ヒロコ"),
    ("直美", "ナオミ"),
    ("真由美", "マユミ"),
    ("葵", "アオイ"),
    ("凛", "リン"),
    ("トメ", "トメ"),
    ("久美子", "クミコ"),
];

static TOWNS: [&str; 6] = ["中央", "見本町", "例示台", "想定町", "仮名通り", "模擬が丘"];
