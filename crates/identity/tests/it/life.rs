use access::{Role, Viewer};
use identity::{Enrolment, NotEnrolled, NotIn, NotMoved, Place, Standing};
use jiff::SignedDuration;
use store::AccountState;

use crate::world::{HOSPITAL, PASSWORD, World};

#[tokio::test]
async fn an_invitation_holds_for_three_days_and_is_used_once() {
    let mut world = World::new();
    let invited = world.invited("kango", Role::Nurse, None).await;
    let late = world.invited("osoi", Role::Nurse, None).await;
    world.pass(SignedDuration::from_hours(72) - SignedDuration::from_secs(1));
    world.set_up(&invited).await;
    assert!(matches!(
        world.identity.welcome(&invited.link, &world.act()).await,
        Err(NotEnrolled::NotInvited)
    ));
    world.pass(SignedDuration::from_secs(1));
    let leave = Enrolment::Invited(late.link);
    let over = world.identity.propose_password(&leave, PASSWORD, &world.act()).await;
    assert!(matches!(over, Err(NotEnrolled::NotInvited)));
    let over = world.identity.ask_new_passkey(&leave, &world.act()).await;
    assert!(matches!(over, Err(NotEnrolled::NotInvited)));
}

#[tokio::test]
async fn what_a_sign_in_has_come_to_waits_five_minutes() {
    let mut world = World::new();
    let nurse = world.somebody("kango", Role::Nurse).await;
    let place = Place::default();
    let step = world.identity.with_password("kango", PASSWORD, &place, &world.act()).await.unwrap();
    let identity::NextStep::Code { ceremony } = step else { panic!("a code is asked for") };
    world.pass(SignedDuration::from_mins(5));
    let late = world.identity.with_code(&ceremony, &nurse.papers[0], &place, &world.act()).await;
    assert!(matches!(late, Err(NotIn::Over)));
}

#[tokio::test]
async fn an_account_that_was_guessed_at_opens_again_when_it_has_rested() {
    let mut world = World::new();
    let nurse = world.somebody("kango", Role::Nurse).await;
    let place = Place::default();
    let attempt = async |world: &World, password: &str| {
        world.identity.with_password("kango", password, &place, &world.act()).await
    };
    for _ in 0..6 {
        assert!(matches!(attempt(&world, "wrong").await, Err(NotIn::Wrong)));
    }
    assert!(matches!(attempt(&world, PASSWORD).await, Err(NotIn::Wrong)), "it rests");
    assert!(matches!(world.standing(&nurse.cookie).await, Standing::In(..)), "whoever is in stays in");
    world.pass(SignedDuration::from_hours(1));
    assert!(attempt(&world, PASSWORD).await.is_ok());
}

#[tokio::test]
async fn of_two_last_managers_who_suspend_each_other_at_once_one_stays() {
    let world = World::new();
    let one = world.somebody("ichiban", Role::SafetyManager).await;
    let two = world.somebody("niban", Role::PlanningManager).await;
    let (by, act) = (Viewer::hub(), world.act());
    let (first, second) = tokio::join!(
        world.identity.suspend(&by, "account-manager", &one.id, &act),
        world.identity.suspend(&by, "account-manager", &two.id, &act),
    );
    let refused =
        [&first, &second].into_iter().filter(|moved| matches!(moved, Err(NotMoved::LastAdministrator)));
    assert_eq!(refused.count(), 1, "{first:?} {second:?}");
    let accounts = world.store.accounts(Some(HOSPITAL.to_owned())).await.unwrap();
    assert_eq!(accounts.iter().filter(|one| one.state == AccountState::Active).count(), 1);
}

#[tokio::test]
async fn a_maintainer_is_out_at_the_end_of_the_account() {
    let mut world = World::new();
    let end = world.now + SignedDuration::from_mins(3);
    let invited = world.invited("hoshu", Role::Maintainer, Some(end)).await;
    let maintainer = world.set_up(&invited).await;
    world.pass(SignedDuration::from_mins(2));
    assert!(matches!(world.standing(&maintainer.cookie).await, Standing::In(..)));
    world.pass(SignedDuration::from_mins(1));
    assert!(matches!(world.standing(&maintainer.cookie).await, Standing::Out));
    let again = world.identity.with_password("hoshu", PASSWORD, &Place::default(), &world.act()).await;
    assert!(matches!(again, Err(NotIn::Wrong)));
}
