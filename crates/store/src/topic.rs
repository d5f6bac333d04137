/// What a notice tells of. Who may ask to be told is a table of the rooms above (`rules/topics.toml`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Topic {
    /// A report unit was registered (登録).
    Registered,
    /// A report unit was changed (変更).
    Changed,
    /// A report unit was cancelled (取消).
    Cancelled,
    /// A referral can be read by its destination (閲覧可).
    ReferralOpen,
    /// A referral was fetched by its destination (取得済).
    ReferralFetched,
    /// A referral's time ran out before it was fetched (期限切れ).
    ReferralExpired,
    /// A referral was deleted on schedule after it was fetched (自動消去).
    ReferralDeleted,
    /// A record was opened in an emergency (救急時).
    EmergencyAccess,
    /// A record was opened in a disaster (災害時).
    DisasterAccess,
    /// Two persons turned out to be one, or one to be two.
    Merged,
}

impl Topic {
    /// Every topic.
    pub const ALL: [Self; 10] = [
        Self::Registered,
        Self::Changed,
        Self::Cancelled,
        Self::ReferralOpen,
        Self::ReferralFetched,
        Self::ReferralExpired,
        Self::ReferralDeleted,
        Self::EmergencyAccess,
        Self::DisasterAccess,
        Self::Merged,
    ];

    /// The code kept in rows and sent in notices.
    pub fn code(self) -> &'static str {
        match self {
            Self::Registered => "registered",
            Self::Changed => "changed",
            Self::Cancelled => "cancelled",
            Self::ReferralOpen => "referral-open",
            Self::ReferralFetched => "referral-fetched",
            Self::ReferralExpired => "referral-expired",
            Self::ReferralDeleted => "referral-deleted",
            Self::EmergencyAccess => "emergency-access",
            Self::DisasterAccess => "disaster-access",
            Self::Merged => "merged",
        }
    }

    /// The topic of a code.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|topic| topic.code() == code)
    }
}
