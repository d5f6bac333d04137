//! The tales of the region, and the twelve people who lived them first.

mod airways;
mod anaphylaxis;
mod blues;
mod checkups;
mod fall;
mod heart;
mod infection;
mod kidney;
mod lymphoma;
mod nursery;
mod pregnancy;
mod withheld;

use jiff::ToSpan;
use jiff::civil::Date;

use crate::PatientRecord;
use crate::chart::{Chart, Variation};
use crate::person::{Gender, Member, Person, member_id};
use crate::place::{CITY, ELDERS, HEALTH_SOCIETY};
use crate::seed::Seed;

/// A course that can be told of many people.
pub(crate) struct Tale {
    pub(crate) story: &'static str,
    pub(crate) tell: fn(&mut Chart),
    /// Of how many in a hundred people it is told.
    pub(crate) weight: u32,
    pub(crate) ages: (i32, i32),
    pub(crate) gender: Option<Gender>,
    /// The tale speaks of it; of the others, a few change too.
    pub(crate) changes_insurer: bool,
}

/// All tales; the first twelve are those of the region.
pub(crate) static TALES: [&Tale; 14] = [
    &kidney::TALE,
    &anaphylaxis::TALE,
    &lymphoma::TALE,
    &pregnancy::TALE,
    &fall::TALE,
    &nursery::TALE,
    &blues::TALE,
    &withheld::TALE,
    &heart::TALE,
    &checkups::METABOLIC,
    &airways::TALE,
    &infection::TALE,
    &checkups::HEALTHY,
    &checkups::PRESSURE,
];

struct Role {
    kanji: (&'static str, &'static str),
    kana: (&'static str, &'static str),
    gender: Gender,
    age: i16,
    birthday: (i8, i8),
    address: &'static str,
    insurers: &'static [Insured],
}

/// Insurer, branch number, and how many days ago this insurance ended.
type Insured = (&'static str, Option<u8>, Option<i32>);

/// One person for each of the first twelve tales.
static ROLES: [Role; 12] = [
    Role {
        kanji: ("架空", "一郎"),
        kana: ("カクウ", "イチロウ"),
        gender: Gender::Male,
        age: 66,
        birthday: (4, 12),
        address: "架空県架空市中央３－２－１",
        insurers: &[(CITY, None, None)],
    },
    Role {
        kanji: ("仮名", "花子"),
        kana: ("カメイ", "ハナコ"),
        gender: Gender::Female,
        age: 34,
        birthday: (9, 3),
        address: "架空県架空市見本町１０－５",
        insurers: &[(HEALTH_SOCIETY, Some(0), None)],
    },
    Role {
        kanji: ("見本", "次郎"),
        kana: ("ミホン", "ジロウ"),
        gender: Gender::Male,
        age: 58,
        birthday: (1, 25),
        address: "架空県架空市例示台１－１－８",
        insurers: &[(HEALTH_SOCIETY, Some(0), None)],
    },
    Role {
        kanji: ("例示", "美咲"),
        kana: ("レイジ", "ミサキ"),
        gender: Gender::Female,
        age: 33,
        birthday: (6, 18),
        address: "架空県架空市想定町４－１２",
        insurers: &[(HEALTH_SOCIETY, Some(1), None)],
    },
    Role {
        kanji: ("想定", "トメ"),
        kana: ("ソウテイ", "トメ"),
        gender: Gender::Female,
        age: 86,
        birthday: (2, 8),
        address: "架空県架空市仮名通り７－２",
        insurers: &[(ELDERS, None, None)],
    },
    Role {
        kanji: ("架空", "大翔"),
        kana: ("カクウ", "ヒロト"),
        gender: Gender::Male,
        age: 5,
        birthday: (5, 5),
        address: "架空県架空市中央８－１－３０２",
        insurers: &[(HEALTH_SOCIETY, Some(2), None)],
    },
    Role {
        kanji: ("仮名", "博"),
        kana: ("カメイ", "ヒロシ"),
        gender: Gender::Male,
        age: 61,
        birthday: (11, 2),
        address: "架空県架空市見本町３－３",
        insurers: &[(HEALTH_SOCIETY, Some(0), None)],
    },
    Role {
        kanji: ("見本", "恵子"),
        kana: ("ミホン", "ケイコ"),
        gender: Gender::Female,
        age: 49,
        birthday: (8, 30),
        address: "架空県架空市例示台６－４－２",
        insurers: &[(HEALTH_SOCIETY, Some(0), Some(330)), (CITY, None, None)],
    },
    Role {
        kanji: ("例示", "正"),
        kana: ("レイジ", "タダシ"),
        gender: Gender::Male,
        age: 73,
        birthday: (3, 14),
        address: "架空県架空市想定町１－９",
        insurers: &[(CITY, None, None)],
    },
    Role {
        kanji: ("想定", "健太"),
        kana: ("ソウテイ", "ケンタ"),
        gender: Gender::Male,
        age: 46,
        birthday: (7, 7),
        address: "架空県架空市仮名通り２－１１－５",
        insurers: &[(HEALTH_SOCIETY, Some(0), None)],
    },
    Role {
        kanji: ("架空", "勝"),
        kana: ("カクウ", "マサル"),
        gender: Gender::Male,
        age: 68,
        birthday: (10, 20),
        address: "架空県架空市中央５－６－７",
        insurers: &[(CITY, None, None)],
    },
    Role {
        kanji: ("仮名", "翔太"),
        kana: ("カメイ", "ショウタ"),
        gender: Gender::Male,
        age: 39,
        birthday: (12, 1),
        address: "架空県架空市見本町２２－１",
        insurers: &[
            (HEALTH_SOCIETY, Some(0), Some(300)),
            (CITY, None, Some(150)),
            (HEALTH_SOCIETY, Some(0), None),
        ],
    },
];

/// The twelve tales as written.
pub(crate) fn twelve(today: Date) -> Vec<PatientRecord> {
    let as_written = Variation { shift: 0, sway: 0.0 };
    (1..)
        .zip(ROLES.iter().zip(TALES))
        .map(|(number, (role, tale))| {
            let seed = Seed::new(0x4B41_4B55, u64::from(number));
            let mut chart = Chart::open(person(number, role, today), seed, today, as_written);
            (tale.tell)(&mut chart);
            chart.close(tale.story)
        })
        .collect()
}

fn person(number: u32, role: &Role, today: Date) -> Person {
    let birth_date = jiff::civil::date(today.year() - role.age, role.birthday.0, role.birthday.1);
    Person {
        key: format!("KAKU-{number:04}"),
        kanji: role.kanji,
        kana: role.kana,
        birth_date,
        gender: role.gender,
        address: role.address.to_owned(),
        phone: format!("000-4444-{number:04}"),
        members: members(number, role.insurers, birth_date, today),
    }
}

fn members(number: u32, insurers: &[Insured], birth_date: Date, today: Date) -> Vec<Member> {
    let mut from = birth_date.max(jiff::civil::date(today.year() - 6, 4, 1));
    (0..)
        .zip(insurers)
        .map(|(turn, &(insurer, branch, ended))| {
            let last = ended.map(|days| today - i64::from(days).days());
            let member = Member {
                member_id: member_id(insurer, 1000 * turn + 3000 + number, branch),
                valid_from: from,
                valid_to: last,
            };
            from = last.map_or(from, |last| last + 1.day());
            member
        })
        .collect()
}
