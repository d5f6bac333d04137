use access::{Act, Role, Viewer};
use identity::{Answer, LapsedRights, NewAccessReview, NotAnswered, NotOpened};
use jiff::civil::date;
use store::{AccessReview, Account, AccountState, Page, ReviewedRight, RightState};

use crate::region::{CLINIC, HOSPITAL, RegionOfTwo, act, viewer};

fn autumn(institution: Option<&str>) -> NewAccessReview {
    NewAccessReview {
        name: "秋の棚卸し".to_owned(),
        institution: institution.map(str::to_owned),
        due: date(2026, 11, 30),
    }
}

impl RegionOfTwo {
    async fn opened(&self, institution: Option<&str>, at: &Act) -> (AccessReview, Vec<ReviewedRight>) {
        let opened =
            self.identity.open_access_review(&Viewer::hub(), "operator", autumn(institution), at).await;
        self.store.access_review(opened.unwrap()).await.unwrap().unwrap()
    }

    async fn says(
        &self,
        by: &Account,
        review: &AccessReview,
        of: &Account,
        answer: Answer,
        at: &Act,
    ) -> Result<(), NotAnswered> {
        self.identity.answer_right(&viewer(by), "account-manager", review, &of.id, answer, at).await
    }

    async fn right(&self, review: &AccessReview, of: &Account) -> RightState {
        let (_, rights) = self.store.access_review(review.id.clone()).await.unwrap().unwrap();
        rights.into_iter().find(|right| right.account == of.id).unwrap().state
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unanswered_right_lapses_at_midnight_in_japan_with_its_sessions_and_an_answered_one_goes_on() {
    let region = RegionOfTwo::new();
    let manager = region.account("kanri", Role::PlanningManager, Some(HOSPITAL)).await;
    let second = region.account("anzen", Role::SafetyManager, Some(HOSPITAL)).await;
    let nurse = region.account("kango", Role::Nurse, Some(HOSPITAL)).await;
    let clerk = region.account("jimu", Role::Clerk, Some(HOSPITAL)).await;
    let elsewhere = region.account("yoso", Role::Nurse, Some(CLINIC)).await;
    let morning = act("2026-11-21T09:00:00+09:00");
    let (review, rights) = region.opened(Some(HOSPITAL), &morning).await;
    assert_eq!(rights.len(), 4, "the other institution's accounts are not asked about");
    for (by, of) in [(&manager, &second), (&second, &manager), (&manager, &clerk)] {
        region.says(by, &review, of, Answer::Confirm, &morning).await.unwrap();
    }
    let cookie = region.session(&nurse, "2026-11-30T20:00:00+09:00".parse().unwrap()).await;

    let evening = act("2026-11-30T23:59:59.999999+09:00");
    assert_eq!(region.identity.end_access_reviews(&evening).await.unwrap(), LapsedRights::default());
    assert_eq!(region.state(&nurse).await, AccountState::Active);

    let midnight = act("2026-12-01T00:00:00+09:00");
    let late = region.says(&manager, &review, &nurse, Answer::Confirm, &midnight).await;
    assert!(matches!(late, Err(NotAnswered::NotThere)), "nobody answers after the day is over");
    let round = region.identity.end_access_reviews(&midnight).await.unwrap();
    assert_eq!(round, LapsedRights { lapsed: 1, overdue: 0 });
    assert_eq!(region.right(&review, &nurse).await, RightState::Lapsed);
    assert_eq!(region.state(&nurse).await, AccountState::Suspended);
    let (session, _) = region.store.session(cookie).await.unwrap().unwrap();
    assert_eq!(session.ended_at, Some(midnight.now));
    for stays in [&manager, &second, &clerk, &elsewhere] {
        assert_eq!(region.state(stays).await, AccountState::Active, "{}", stays.login);
    }
    assert_eq!(region.identity.end_access_reviews(&midnight).await.unwrap(), LapsedRights::default());
    let page = Page { before: "2026-12-02T00:00:00Z".parse().unwrap(), limit: 20 };
    let told = region.store.events(page).await.unwrap();
    let lapsed: Vec<_> = told.iter().filter(|event| event.rule == "access-review-unanswered").collect();
    assert_eq!(lapsed.len(), 1);
    assert!(lapsed[0].objects.contains(&format!("account/{}", nurse.id)));
    assert!(lapsed[0].objects.contains(&"lapsed".to_owned()));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_last_who_manages_accounts_stays_and_is_a_finding() {
    let region = RegionOfTwo::new();
    let manager = region.account("kanri", Role::PlanningManager, Some(HOSPITAL)).await;
    let second = region.account("anzen", Role::SafetyManager, Some(HOSPITAL)).await;
    let morning = act("2026-11-21T09:00:00+09:00");
    let (review, _) = region.opened(Some(HOSPITAL), &morning).await;
    let gone = region.says(&manager, &review, &second, Answer::Withdraw("異動".to_owned()), &morning).await;
    gone.unwrap();
    assert_eq!(region.state(&second).await, AccountState::Suspended);
    let last = region.says(&second, &review, &manager, Answer::Withdraw("異動".to_owned()), &morning).await;
    assert!(matches!(last, Err(NotAnswered::LastAdministrator)));
    let round = region.identity.end_access_reviews(&act("2026-12-01T00:00:00+09:00")).await.unwrap();
    assert_eq!(round, LapsedRights { lapsed: 0, overdue: 1 });
    assert_eq!(region.state(&manager).await, AccountState::Active);
    assert_eq!(region.right(&review, &manager).await, RightState::Overdue);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_hubs_own_review_asks_about_operators_and_insurers_and_leaves_the_last_operator() {
    let region = RegionOfTwo::new();
    let operator = region.account("unyou", Role::Operator, None).await;
    let insurer = region.account("hoken", Role::Insurer, Some("39490000")).await;
    region.account("kango", Role::Nurse, Some(HOSPITAL)).await;
    let (review, rights) = region.opened(None, &act("2026-11-21T09:00:00+09:00")).await;
    assert_eq!(rights.len(), 2);
    let round = region.identity.end_access_reviews(&act("2026-12-01T00:00:00+09:00")).await.unwrap();
    assert_eq!(round, LapsedRights { lapsed: 1, overdue: 1 });
    assert_eq!(region.state(&insurer).await, AccountState::Suspended);
    assert_eq!(region.right(&review, &operator).await, RightState::Overdue);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_review_has_a_name_a_day_within_a_quarter_and_is_the_only_one_of_its_accounts() {
    let region = RegionOfTwo::new();
    let now = act("2026-11-21T09:00:00+09:00");
    let hub = Viewer::hub();
    let open =
        async |new: NewAccessReview| region.identity.open_access_review(&hub, "operator", new, &now).await;
    let nobody = open(autumn(Some(HOSPITAL))).await;
    assert!(matches!(nobody, Err(NotOpened::Nobody)));
    let nurse = region.account("kango", Role::Nurse, Some(HOSPITAL)).await;
    let manager = region.account("kanri", Role::PlanningManager, Some(HOSPITAL)).await;
    let unnamed = NewAccessReview { name: String::new(), ..autumn(Some(HOSPITAL)) };
    assert!(matches!(open(unnamed).await, Err(NotOpened::Name)));
    for due in [date(2026, 11, 20), date(2027, 2, 22)] {
        let new = NewAccessReview { due, ..autumn(Some(HOSPITAL)) };
        assert!(matches!(open(new).await, Err(NotOpened::Due)), "{due}");
    }
    let today = NewAccessReview { due: date(2026, 11, 21), ..autumn(Some(HOSPITAL)) };
    let id = open(today).await.unwrap();
    assert!(matches!(open(autumn(Some(HOSPITAL))).await, Err(NotOpened::AlreadyOpen)));
    let (review, _) = region.store.access_review(id).await.unwrap().unwrap();
    let silent = region.says(&manager, &review, &nurse, Answer::Withdraw(String::new()), &now).await;
    assert!(matches!(silent, Err(NotAnswered::Reason)));
    region.says(&manager, &review, &nurse, Answer::Confirm, &now).await.unwrap();
    let twice = region.says(&manager, &review, &nurse, Answer::Confirm, &now).await;
    assert!(matches!(twice, Err(NotAnswered::NotThere)), "a right is answered once");
    region.says(&nurse, &review, &manager, Answer::Confirm, &now).await.unwrap();
    open(autumn(Some(HOSPITAL))).await.unwrap();
}
