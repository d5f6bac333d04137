/// Everything that somebody may be permitted or refused: an action of `rules/policy/schema.cedarschema`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Action {
    /// Reads some of the six informations.
    ViewInformations,
    /// Reads whole documents, whichever the viewer may see.
    ViewDocuments,
    /// Reads one document.
    ViewUnit,
    /// Reads a referral and what was sent along with it.
    ViewReferral,
    /// Reads the record of acts.
    ReadActs,
    /// Changes or deletes what stands in the record of acts.
    AlterActs,
    /// Registers a document.
    Register,
    /// Cancels a document.
    Cancel,
    /// Lists the referrals that an institution sent or is sent.
    ListReferrals,
    /// Lists the referrals of one patient.
    ListOwnReferrals,
    /// Follows a referral on its way.
    FollowReferral,
    /// Opens a referral to its destination (閲覧可).
    OpenReferral,
    /// Hands in what a patient consented to at a card reader.
    HandInConsent,
    /// Takes a grant back.
    RevokeGrant,
    /// Reads a person's consents and says what that person wishes.
    TellWish,
    /// Opens a record in an emergency.
    OpenInEmergency,
    /// Opens records in a disaster.
    OpenInDisaster,
    /// Lists looks without consent.
    ListReviews,
    /// Says what a review found.
    Review,
    /// Asks what others would see.
    Simulate,
    /// Declares a disaster and ends it.
    DeclareDisaster,
    /// Joins persons and parts them.
    JoinPersons,
    /// Looks up where something can be sent.
    FindDestinations,
    /// Reads and downloads the masters.
    ReadMasters,
    /// Sees figures.
    SeeFigures,
    /// Subscribes to news.
    Subscribe,
    /// Sees subscriptions and deliveries, and sends one again.
    SeeNotices,
    /// Invites somebody to an account.
    AccountInvite,
    /// Suspends an account and lifts it.
    AccountSuspend,
    /// Ends an account.
    AccountEnd,
    /// Lists accounts.
    AccountList,
    /// Excepts an account from the second factor until a day.
    AccountExcept,
    /// Exports accounts as a list, and imports one.
    ExportAccounts,
    /// Confirms or withdraws a right in an access review.
    AnswerAccessReview,
    /// Ends sessions.
    EndSessions,
    /// Approves a terminal.
    ApproveDevice,
    /// Registers an app.
    RegisterApp,
    /// Narrows the policy of an institution.
    ChangePolicy,
    /// Makes, changes or destroys keys.
    HandleKeys,
    /// Answers a patient who asked why somebody looked.
    AnswerInquiry,
    /// Sees alerts.
    SeeAlerts,
    /// Says what came of an alert.
    AnswerAlert,
    /// Says whom alerts watch over, and from how many on.
    KeepWatch,
    /// Asks why somebody looked at a record.
    AskInquiry,
    /// Lists what patients asked.
    ListInquiries,
    /// Lets somebody act for another person, and ends that.
    RegisterProxy,
    /// Sees who may act for whom.
    ListProxies,
    /// See the state of safety management: answers, evidence, registers.
    SeeSafety,
    /// Answer an item of the guideline for an institution.
    AnswerGuideline,
    /// Keep the registers (台帳) of an institution.
    KeepRegisters,
    /// Run the checks now.
    RunChecks,
    /// Ask to take information or a device out (持出し).
    RequestTakeOut,
    /// Approve what somebody else asks to take out.
    ApproveTakeOut,
    /// Make the inspection pack and let an inspector read it.
    HandOverPapers,
}

/// Code, what it is done to, and the rule that refuses it to whoever no policy names.
type Row = (&'static str, &'static str, &'static str);

impl Action {
    /// All of them, in the order of the matrix.
    pub const ALL: [Self; 54] = [
        Self::ViewInformations,
        Self::ViewDocuments,
        Self::ViewUnit,
        Self::ViewReferral,
        Self::ReadActs,
        Self::AlterActs,
        Self::Register,
        Self::Cancel,
        Self::ListReferrals,
        Self::ListOwnReferrals,
        Self::FollowReferral,
        Self::OpenReferral,
        Self::HandInConsent,
        Self::RevokeGrant,
        Self::TellWish,
        Self::OpenInEmergency,
        Self::OpenInDisaster,
        Self::ListReviews,
        Self::Review,
        Self::Simulate,
        Self::DeclareDisaster,
        Self::JoinPersons,
        Self::FindDestinations,
        Self::ReadMasters,
        Self::SeeFigures,
        Self::Subscribe,
        Self::SeeNotices,
        Self::AccountInvite,
        Self::AccountSuspend,
        Self::AccountEnd,
        Self::AccountList,
        Self::AccountExcept,
        Self::ExportAccounts,
        Self::AnswerAccessReview,
        Self::EndSessions,
        Self::ApproveDevice,
        Self::RegisterApp,
        Self::ChangePolicy,
        Self::HandleKeys,
        Self::AnswerInquiry,
        Self::SeeAlerts,
        Self::AnswerAlert,
        Self::KeepWatch,
        Self::AskInquiry,
        Self::ListInquiries,
        Self::RegisterProxy,
        Self::ListProxies,
        Self::SeeSafety,
        Self::AnswerGuideline,
        Self::KeepRegisters,
        Self::RunChecks,
        Self::RequestTakeOut,
        Self::ApproveTakeOut,
        Self::HandOverPapers,
    ];

    /// The code that the policies know.
    pub fn code(self) -> &'static str {
        self.row().0
    }

    /// The action with this code.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|action| action.code() == code)
    }

    pub(super) fn thing(self) -> &'static str {
        self.row().1
    }

    /// The rule that refuses it where no policy speaks.
    pub(super) fn otherwise(self) -> &'static str {
        self.row().2
    }

    fn row(self) -> Row {
        match self {
            Self::ViewInformations => ("view-informations", "record", "role-sees-no-record"),
            Self::ViewDocuments => ("view-documents", "document", "role-sees-no-record"),
            Self::ViewUnit => ("view-unit", "document", "role-sees-no-record"),
            Self::ViewReferral => ("view-referral", "referral", "role-sees-no-record"),
            Self::ReadActs => ("read-acts", "record-of-acts", "role-sees-no-record"),
            Self::AlterActs => ("alter-acts", "record-of-acts", "nobody-alters-the-record"),
            Self::Register => ("register", "document", "not-a-sender"),
            Self::Cancel => ("cancel", "document", "not-own-registration"),
            Self::ListReferrals => ("list-referrals", "referral", "role-sees-no-record"),
            Self::ListOwnReferrals => ("list-own-referrals", "referral", "not-own-record"),
            Self::FollowReferral => ("follow-referral", "referral", "not-destination"),
            Self::OpenReferral => ("open-referral", "referral", "not-consenting"),
            Self::HandInConsent => ("hand-in-consent", "consent", "role-gives-no-consent"),
            Self::RevokeGrant => ("revoke-grant", "consent", "role-gives-no-consent"),
            Self::TellWish => ("tell-wish", "consent", "role-gives-no-consent"),
            Self::OpenInEmergency => ("open-in-emergency", "emergency", "not-privileged"),
            Self::OpenInDisaster => ("open-in-disaster", "disaster", "not-privileged"),
            Self::ListReviews => ("list-reviews", "review", "not-to-review"),
            Self::Review => ("review", "review", "not-to-review"),
            Self::Simulate => ("simulate", "record", "role-sees-no-record"),
            Self::DeclareDisaster => ("declare-disaster", "disaster", "not-privileged"),
            Self::JoinPersons => ("join-persons", "person", "not-privileged"),
            Self::FindDestinations => ("find-destinations", "directory", "directory-for-institutions"),
            Self::ReadMasters => ("read-masters", "masters", "masters-for-institutions"),
            Self::SeeFigures => ("see-figures", "figures", "role-sees-no-figures"),
            Self::Subscribe => ("subscribe", "notices", "not-own-institution"),
            Self::SeeNotices => ("see-notices", "notices", "role-is-told-nothing"),
            Self::AccountInvite => ("account-invite", "account", "not-account-manager"),
            Self::AccountSuspend => ("account-suspend", "account", "not-account-manager"),
            Self::AccountEnd => ("account-end", "account", "not-account-manager"),
            Self::AccountList => ("account-list", "account", "not-account-manager"),
            Self::AccountExcept => ("account-except", "account", "not-account-manager"),
            Self::ExportAccounts => ("export-accounts", "account", "not-account-manager"),
            Self::AnswerAccessReview => ("access-review-answer", "account", "not-account-manager"),
            Self::EndSessions => ("end-sessions", "sessions", "not-own-session"),
            Self::ApproveDevice => ("device-approve", "device", "not-device-manager"),
            Self::RegisterApp => ("app-register", "app", "not-device-manager"),
            Self::ChangePolicy => ("policy-change", "policy", "not-account-manager"),
            Self::HandleKeys => ("handle-keys", "keys", "not-privileged"),
            Self::AnswerInquiry => ("answer-inquiry", "inquiry", "not-to-answer"),
            Self::SeeAlerts => ("see-alerts", "alerts", "role-sees-no-alerts"),
            Self::AnswerAlert => ("alert-answer", "alerts", "role-sees-no-alerts"),
            Self::KeepWatch => ("keep-watch", "alerts", "role-sees-no-alerts"),
            Self::AskInquiry => ("ask-inquiry", "inquiry", "not-own-record"),
            Self::ListInquiries => ("list-inquiries", "inquiry", "not-to-answer"),
            Self::RegisterProxy => ("register-proxy", "proxy", "not-proxy-registrar"),
            Self::ListProxies => ("list-proxies", "proxy", "not-proxy-registrar"),
            Self::SeeSafety => ("see-safety", "safety", "role-sees-no-safety"),
            Self::AnswerGuideline => ("guideline-answer", "safety", "not-safety-manager"),
            Self::KeepRegisters => ("keep-registers", "safety", "not-register-keeper"),
            Self::RunChecks => ("run-checks", "safety", "not-register-keeper"),
            Self::RequestTakeOut => ("request-take-out", "safety", "not-staff"),
            Self::ApproveTakeOut => ("approve-take-out", "safety", "not-safety-manager"),
            Self::HandOverPapers => ("hand-over-papers", "safety", "not-safety-manager"),
        }
    }
}
