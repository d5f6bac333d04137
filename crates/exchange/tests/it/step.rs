//! What anybody can do, as small numbers that a sequence is drawn from. Numbers count round what there is.

use proptest::prelude::*;

/// One act of somebody.
#[derive(Clone, Debug)]
pub(crate) enum Step {
    /// 登録
    Register { by: usize, number: usize, content: Content },
    /// 変更 of a unit, perhaps by another institution.
    Change { by: usize, unit: usize, content: Content },
    /// 取消 of a unit or of what was sent along with it.
    Cancel { by: usize, unit: usize },
    /// 添付情報登録
    Attach { by: usize, unit: usize, name: usize },
    /// 閲覧同意 of a referral later: by its patient (`None`) or an institution.
    Open { by: Option<usize>, unit: usize },
    /// A document is asked for whole.
    Fetch { by: usize, unit: usize },
    /// Consent at a card reader.
    Consent { at: usize, number: usize, groups: usize },
    /// A patient takes a grant back.
    Revoke { grant: usize },
    /// A patient wishes something about a group.
    Wish { holder: usize, institution: Option<usize>, group: usize, stance: usize },
    /// 救急時
    Emergency { by: usize, number: usize, is_full: bool },
    /// 名寄せ
    Merge { holder: usize, into: usize },
    /// Its undoing.
    Unmerge { holder: usize },
    /// Somebody's number ends yesterday and another begins today.
    NewNumber { person: usize },
    /// The centre finds two of its persons to be one.
    OneAtTheCentre { person: usize, other: usize },
    /// Retention runs until nothing is due.
    Retain,
    /// Time passes.
    Wait { hours: i64 },
}

/// What a unit says.
#[derive(Clone, Debug)]
pub(crate) struct Content {
    pub(crate) template: usize,
    pub(crate) key: usize,
    pub(crate) date: usize,
    pub(crate) flag: usize,
    pub(crate) to: usize,
    pub(crate) is_consented: bool,
}

/// A sequence of acts.
pub(crate) fn sequence(length: usize) -> impl Strategy<Value = Vec<Step>> {
    prop::collection::vec(step(), 1..=length)
}

fn step() -> impl Strategy<Value = Step> {
    let few = || 0..3usize;
    let many = || 0..64usize;
    prop_oneof![
        8 => (few(), 0..6usize, content())
            .prop_map(|(by, number, content)| Step::Register { by, number, content }),
        2 => (few(), many(), content()).prop_map(|(by, unit, content)| Step::Change { by, unit, content }),
        2 => (few(), many()).prop_map(|(by, unit)| Step::Cancel { by, unit }),
        2 => (few(), many(), 0..2usize).prop_map(|(by, unit, name)| Step::Attach { by, unit, name }),
        2 => (prop::option::of(few()), many()).prop_map(|(by, unit)| Step::Open { by, unit }),
        3 => (few(), many()).prop_map(|(by, unit)| Step::Fetch { by, unit }),
        2 => (few(), 0..6usize, 1..8usize)
            .prop_map(|(at, number, groups)| Step::Consent { at, number, groups }),
        1 => many().prop_map(|grant| Step::Revoke { grant }),
        1 => (many(), prop::option::of(few()), few(), few()).prop_map(
            |(holder, institution, group, stance)| Step::Wish { holder, institution, group, stance }
        ),
        1 => (few(), 0..6usize, any::<bool>())
            .prop_map(|(by, number, is_full)| Step::Emergency { by, number, is_full }),
        2 => (many(), many()).prop_map(|(holder, into)| Step::Merge { holder, into }),
        2 => many().prop_map(|holder| Step::Unmerge { holder }),
        1 => few().prop_map(|person| Step::NewNumber { person }),
        1 => (few(), few()).prop_map(|(person, other)| Step::OneAtTheCentre { person, other }),
        2 => Just(Step::Retain),
        2 => prop::sample::select(vec![1, 5, 23, 24, 25, 24 * 7, 24 * 8, 24 * 99, 24 * 184, 24 * 366, 24 * 1827])
            .prop_map(|hours| Step::Wait { hours }),
    ]
}

fn content() -> impl Strategy<Value = Content> {
    let template = prop_oneof![6 => 0..5usize, 5 => Just(5usize), 1 => Just(6), 1 => Just(7)];
    (template, 0..3usize, 0..3usize, 0..4usize, 0..3usize, any::<bool>()).prop_map(
        |(template, key, date, flag, to, is_consented)| Content {
            template,
            key,
            date,
            flag,
            to,
            is_consented,
        },
    )
}
