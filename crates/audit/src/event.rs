use std::fmt;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// One act, as it is kept.
///
/// Holds ids and counts, never clinical content; the actor's name is there because the patient may ask who it was.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Event {
    /// Chosen by the application, ordered by time within a second.
    pub id: EventId,
    /// When the act was decided.
    pub at: Timestamp,
    /// What was done or asked for.
    pub act: Act,
    /// How it ended.
    pub outcome: Outcome,
    /// Who did it, for which institution.
    pub actor: Actor,
    /// The person whose record it concerns, in the hub's own id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub patient: Option<String>,
    /// What was touched: `Bundle/{id}`, or the informations that were read.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub objects: Vec<String>,
    /// Purpose of use, a code of HL7 v3 PurposeOfUse.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub purpose: Option<String>,
    /// Name of the rule that permitted or refused.
    pub rule: String,
    /// How many entries were shown and how many were held back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shown: Option<Shown>,
    /// What may be counted of the act, and tells of nobody.
    #[serde(default, skip_serializing_if = "Measures::is_empty")]
    pub measures: Measures,
    /// The request this belongs to, as in `X-Request-Id`.
    pub request: String,
}

/// What may be counted of an act, and tells of nobody.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Measures {
    /// Which kind of unit it was about, as the store codes kinds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    /// How old the document was, in seconds, from the time it bears.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub age: Option<i64>,
    /// Codes of the rules that were broken, each once, at most 20.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub broken: Vec<String>,
}

/// Identifies an event: 16 bytes, written as 32 hexadecimal digits.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct EventId([u8; 16]);

/// What was done or asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Act {
    /// A bundle was sent for registering (登録).
    Register,
    /// New content was sent in the place of a unit (変更).
    Change,
    /// A unit was taken back (取消).
    Cancel,
    /// Something was sent along with a referral (添付).
    Attach,
    /// A referral was opened to its destination by a consent.
    OpenReferral,
    /// Units were ended because their time is over (保存期間の満了).
    Dispose,
    /// Clinical content was asked for (閲覧).
    View,
    /// A person was looked up by an identifier.
    Find,
    /// The record itself was read.
    ReadRecord,
    /// A credential was accepted or refused at the door.
    SignIn,
    /// A credential was made or ended.
    Credential,
    /// A master was imported, or all that is stored was judged by one.
    Master,
    /// A patient's consent or wish was given or taken back (閲覧同意).
    Consent,
    /// A record was opened without consent, in an emergency or a disaster.
    Emergency,
    /// A disaster was declared or ended.
    Disaster,
    /// A look without consent was reviewed afterwards.
    Review,
    /// Two persons were found to be one (名寄せ).
    Merge,
    /// Two persons who had wrongly been one were parted.
    Unmerge,
    /// Somebody asked to be told, changed or ended that, or had a notice sent again.
    Subscribe,
    /// The record showed something odd, or somebody said what came of that (警告).
    Alert,
    /// Somebody was let act for another person, or no longer (代理人).
    Proxy,
    /// A patient asked why somebody looked, or was answered (問い合わせ).
    Inquiry,
    /// Rows of a register of safety management were made or changed (台帳).
    KeepRegister,
    /// Something of safety management was proved, answered, kept or handed over (安全管理).
    Safety,
}

/// How an act ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// Permitted and done.
    Done,
    /// Refused by a rule.
    Refused,
}

/// Who acted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Actor {
    /// Id of the credential used; `-` where none was accepted.
    pub id: String,
    /// Name as the patient will read it.
    pub name: String,
    /// Role code, as `access` names roles.
    pub role: String,
    /// The institution's 10 digits (an insurer's 8), where there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub institution: Option<String>,
    /// A machine acted, not a human being.
    pub is_system: bool,
    /// For whom, where somebody acts for another (代理).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub on_behalf_of: Option<OnBehalf>,
}

/// For whom somebody acted who is not they.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OnBehalf {
    /// The person, in the hub's own id.
    pub person: String,
    /// By what relation, as the store codes relations.
    pub relation: String,
}

/// Counts of what left and what was held back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shown {
    /// Entries in the answer.
    pub entries: u32,
    /// Entries that a rule held back.
    pub hidden: u32,
}

impl Measures {
    /// How many broken rules are kept with one act.
    pub const MOST_BROKEN: usize = 20;

    /// Whether there is nothing to count.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

impl Act {
    /// The code kept in the store and shown in lists.
    pub fn code(self) -> &'static str {
        match self {
            Self::Register => "register",
            Self::Change => "change",
            Self::Cancel => "cancel",
            Self::Attach => "attach",
            Self::OpenReferral => "open-referral",
            Self::Dispose => "dispose",
            Self::View => "view",
            Self::Find => "find",
            Self::ReadRecord => "read-record",
            Self::SignIn => "sign-in",
            Self::Credential => "credential",
            Self::Master => "master",
            Self::Consent => "consent",
            Self::Emergency => "emergency",
            Self::Disaster => "disaster",
            Self::Review => "review",
            Self::Merge => "merge",
            Self::Unmerge => "unmerge",
            Self::Subscribe => "subscribe",
            Self::Alert => "alert",
            Self::Proxy => "proxy",
            Self::Inquiry => "inquiry",
            Self::KeepRegister => "keep-register",
            Self::Safety => "safety",
        }
    }
}

impl Outcome {
    /// The code kept in the store and shown in lists.
    pub fn code(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Refused => "refused",
        }
    }
}

impl EventId {
    /// Takes the bytes as they are kept.
    pub fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(bytes)
    }

    /// The bytes as they are kept.
    pub fn as_bytes(&self) -> &[u8; 16] {
        &self.0
    }
}

impl fmt::Display for EventId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for EventId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "EventId({self})")
    }
}

impl From<EventId> for String {
    fn from(id: EventId) -> Self {
        id.to_string()
    }
}

impl TryFrom<String> for EventId {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        let digits = u128::from_str_radix(&text, 16).map_err(|_| "an event id is 32 hexadecimal digits")?;
        if text.len() == 32 {
            Ok(Self(digits.to_be_bytes()))
        } else {
            Err("an event id is 32 hexadecimal digits")
        }
    }
}
