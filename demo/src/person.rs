//! Who a patient is: name, birth, and the insured numbers through time.

use jiff::civil::Date;

use crate::place;

/// 性別
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Gender {
    /// 男性
    Male,
    /// 女性
    Female,
}

impl Gender {
    /// The FHIR code.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Male => "male",
            Self::Female => "female",
        }
    }
}

/// An insured number and the days it was valid.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member {
    /// 被保険者個人識別子: 保険者番号8桁:記号:番号:枝番
    pub member_id: String,
    /// First day.
    pub valid_from: Date,
    /// Last day; none while it is valid.
    pub valid_to: Option<Date>,
}

impl Member {
    pub(crate) fn covers(&self, day: Date) -> bool {
        self.valid_from <= day && self.valid_to.is_none_or(|last| day <= last)
    }
}

/// A fictional person as every institution of the region knows them.
#[derive(Clone, Debug)]
pub(crate) struct Person {
    pub(crate) key: String,
    /// Family and given name.
    pub(crate) kanji: (&'static str, &'static str),
    pub(crate) kana: (&'static str, &'static str),
    pub(crate) birth_date: Date,
    pub(crate) gender: Gender,
    pub(crate) address: String,
    pub(crate) phone: String,
    pub(crate) members: Vec<Member>,
}

impl Person {
    /// The insured number valid on a day; before all of them the first, after all of them the last.
    pub(crate) fn member_on(&self, day: Date) -> &Member {
        self.members
            .iter()
            .find(|member| member.covers(day))
            .or_else(|| self.members.iter().rfind(|member| member.valid_from <= day))
            .unwrap_or(&self.members[0])
    }

    pub(crate) fn age_on(&self, day: Date) -> i16 {
        let before_birthday = (day.month(), day.day()) < (self.birth_date.month(), self.birth_date.day());
        day.year() - self.birth_date.year() - i16::from(before_birthday)
    }

    /// The chart number an institution gave this person: eight digits, different in each.
    pub(crate) fn chart_number(&self, institution: &str) -> String {
        let mut sum: u64 = 0xcbf2_9ce4_8422_2325;
        for byte in institution.bytes().chain(self.key.bytes()) {
            sum = (sum ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        }
        let serial: u64 =
            self.key.bytes().filter(u8::is_ascii_digit).fold(0, |n, digit| n * 10 + u64::from(digit - b'0'));
        let last = if self.key.contains("-P") { serial % 900_000 } else { 900_000 + serial };
        format!("{:02}{last:06}", sum % 90 + 10)
    }
}

/// An insured number as the insurer would write it, all in full-width characters.
pub(crate) fn member_id(insurer: &str, serial: u32, branch: Option<u8>) -> String {
    let number = full_width(&format!("{serial:07}"));
    let symbol = match insurer {
        place::HEALTH_SOCIETY => format!("架空{}", full_width(&format!("{}", serial % 80 + 10))),
        place::CITY => "架国".to_owned(),
        _ => String::new(),
    };
    let branch = branch.map(|branch| format!("{branch:02}")).unwrap_or_default();
    format!("{insurer}:{symbol}:{number}:{branch}")
}

fn full_width(text: &str) -> String {
    text.chars().map(|c| char::from_u32(u32::from(c) + 0xFEE0).unwrap_or(c)).collect()
}
