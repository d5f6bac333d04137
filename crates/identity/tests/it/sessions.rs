use access::Role;
use identity::Standing;
use jiff::SignedDuration;

use crate::world::World;

const MINUTE: SignedDuration = SignedDuration::from_mins(1);

#[tokio::test]
async fn a_session_left_alone_for_ten_minutes_is_locked_and_its_holder_goes_on_under_a_new_cookie() {
    let mut world = World::new();
    let nurse = world.somebody("kango", Role::Nurse).await;
    world.pass(MINUTE * 10 - SignedDuration::from_secs(1));
    assert!(matches!(world.standing(&nurse.cookie).await, Standing::In(..)));
    world.pass(MINUTE * 10);
    assert!(matches!(world.standing(&nurse.cookie).await, Standing::Locked(..)));
    assert!(matches!(world.standing(&nurse.cookie).await, Standing::Locked(..)), "looking opens nothing");
    let begun = world.proved(&nurse.cookie, &nurse.papers[0]).await;
    assert!(matches!(world.standing(&begun.cookie).await, Standing::In(..)));
    assert!(matches!(world.standing(&nurse.cookie).await, Standing::Out), "the cookie before opens no more");
}

#[tokio::test]
async fn a_session_ends_after_twelve_hours_however_busy_its_holder_is() {
    let mut world = World::new();
    let nurse = world.somebody("kango", Role::Nurse).await;
    for _ in 0..12 * 12 - 1 {
        world.pass(MINUTE * 5);
        assert!(matches!(world.standing(&nurse.cookie).await, Standing::In(..)), "{}", world.now);
    }
    world.pass(MINUTE * 5);
    assert!(matches!(world.standing(&nurse.cookie).await, Standing::Out));
}

#[tokio::test]
async fn a_proof_is_fresh_for_five_minutes() {
    let mut world = World::new();
    let manager = world.somebody("kanri", Role::SafetyManager).await;
    world.pass(MINUTE * 5 - SignedDuration::from_secs(1));
    let Standing::In(viewer, _) = world.standing(&manager.cookie).await else { panic!("the session holds") };
    assert!(viewer.assurance.is_fresh);
    world.pass(SignedDuration::from_secs(1));
    let Standing::In(viewer, _) = world.standing(&manager.cookie).await else { panic!("the session holds") };
    assert!(!viewer.assurance.is_fresh);
    let begun = world.proved(&manager.cookie, &manager.papers[0]).await;
    assert!(begun.viewer.assurance.is_fresh);
}

#[tokio::test]
async fn a_clock_that_goes_back_opens_no_session_that_begins_later() {
    let mut world = World::new();
    let nurse = world.somebody("kango", Role::Nurse).await;
    world.pass(-MINUTE);
    assert!(matches!(world.standing(&nurse.cookie).await, Standing::Out));
}
