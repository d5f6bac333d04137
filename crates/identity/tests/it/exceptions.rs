use access::Role;
use identity::{Enrolment, NewAccount, NextStep, NotEnrolled, NotExcepted, NotIn, WeakPassword};
use jiff::SignedDuration;
use totp_rs::{Algorithm, Builder, Secret};

use crate::house::{HOSPITAL, House, after, place, viewer};

const ALONE: &str = "kawa7mado2tori";

/// Invites a clerk; answers what the link carries.
async fn invited(house: &House) -> String {
    let new = NewAccount {
        login: "kakuu.jimu".parse().unwrap(),
        name: "架空 事務".to_owned(),
        role: Role::Clerk,
        institution: Some(HOSPITAL.to_owned()),
        person: None,
        proofing: None,
        ends_at: None,
    };
    let manager = viewer(Role::PlanningManager);
    house.identity.invite(&manager, "account-manager", new, &after(0)).await.unwrap().link
}

async fn except(house: &House, reason: &str, days: i64) -> Result<(), NotExcepted> {
    let (manager, id) = (viewer(Role::PlanningManager), house.account("kakuu.jimu").await.id);
    house.identity.except(&manager, "account-manager", &id, reason, after(days).now, &after(0)).await
}

async fn sign_in(house: &House, days: i64) -> Result<NextStep, NotIn> {
    house.identity.with_password("kakuu.jimu", ALONE, &place(), &after(days)).await
}

#[tokio::test]
async fn a_password_alone_needs_an_exception_and_thirteen_letters() {
    let house = House::new().await;
    let leave = Enrolment::Invited(invited(&house).await);
    let alone = async |password: &str| {
        house.identity.enrol_password_alone(&leave, password, &place(), &after(0)).await
    };
    assert!(matches!(alone(ALONE).await, Err(NotEnrolled::NotExcepted)));
    except(&house, "手術中は手袋を外せない", 30).await.unwrap();
    assert!(matches!(alone("kawa7mado2to").await, Err(NotEnrolled::Weak(WeakPassword::TooShort(13)))));
    assert!(alone(ALONE).await.unwrap().begun.is_some());
}

#[tokio::test]
async fn an_exception_has_a_reason_and_an_end_that_is_near() {
    let house = House::new().await;
    invited(&house).await;
    assert!(matches!(except(&house, " ", 30).await, Err(NotExcepted::Reason)));
    assert!(matches!(except(&house, "理由", 0).await, Err(NotExcepted::End(180))));
    assert!(matches!(except(&house, "理由", 181).await, Err(NotExcepted::End(180))));
    except(&house, "理由", 180).await.unwrap();
    let kept = house.store.exceptions_of(house.account("kakuu.jimu").await.id).await.unwrap();
    assert_eq!((kept.len(), kept[0].reason.as_str(), kept[0].ends_at), (1, "理由", after(180).now));
}

#[tokio::test]
async fn an_exception_lapses_by_itself_and_then_a_second_factor_is_set_up() {
    let house = House::new().await;
    let leave = Enrolment::Invited(invited(&house).await);
    except(&house, "手術中は手袋を外せない", 30).await.unwrap();
    house.identity.enrol_password_alone(&leave, ALONE, &place(), &after(0)).await.unwrap();
    assert!(matches!(sign_in(&house, 29).await, Ok(NextStep::In(_))));

    // From its last instant on the password alone no longer suffices.
    let Ok(NextStep::Second { ceremony, setup }) = sign_in(&house, 30).await else {
        panic!("a second factor")
    };
    let wrong = house.identity.with_second(&ceremony, "000000", &place(), &after(30)).await.unwrap();
    let Err(NextStep::Second { ceremony: again, setup: same }) = wrong else { panic!("the step again") };
    assert_eq!(same, setup);
    let used = house.identity.with_second(&ceremony, "000000", &place(), &after(30)).await;
    assert!(matches!(used, Err(NotIn::Over)), "a step is taken once");
    let code = code(&setup.typed, after(30).now.as_second());
    let (begun, papers) =
        house.identity.with_second(&again, &code, &place(), &after(30)).await.unwrap().unwrap();
    assert_eq!((papers.len(), begun.viewer.assurance.factors), (10, access::Factors::Two));

    // From now on it is asked for.
    assert!(matches!(sign_in(&house, 31).await, Ok(NextStep::Code { .. })));
}

#[tokio::test]
async fn an_exception_that_is_ended_early_lapses_at_once_and_one_who_never_had_any_is_not_let_in() {
    let house = House::new().await;
    let leave = Enrolment::Invited(invited(&house).await);
    except(&house, "手術中は手袋を外せない", 30).await.unwrap();
    house.identity.enrol_password_alone(&leave, ALONE, &place(), &after(0)).await.unwrap();
    let id = house.account("kakuu.jimu").await.id;
    let manager = viewer(Role::PlanningManager);
    let end = |days| house.identity.end_exception(&manager, "account-manager", &id, days);
    let (first, second) = (after(1), after(2));
    assert!(end(&first).await.unwrap());
    assert!(!end(&second).await.unwrap());
    assert!(matches!(sign_in(&house, 2).await, Ok(NextStep::Second { .. })));
}

fn code(secret: &str, at: i64) -> String {
    let totp = Builder::new()
        .with_algorithm(Algorithm::SHA1)
        .with_digits(6)
        .with_step_duration(30)
        .with_secret(Secret::try_from_base32(secret).unwrap())
        .with_account_name("-".to_owned())
        .with_issuer(Some("-".to_owned()))
        .build()
        .unwrap();
    totp.generate(at.cast_unsigned()).to_string()
}

#[tokio::test]
async fn whoever_waits_long_between_the_steps_begins_anew() {
    let house = House::new().await;
    let leave = Enrolment::Invited(invited(&house).await);
    except(&house, "手術中は手袋を外せない", 30).await.unwrap();
    house.identity.enrol_password_alone(&leave, ALONE, &place(), &after(0)).await.unwrap();
    let Ok(NextStep::Second { ceremony, setup }) = sign_in(&house, 40).await else {
        panic!("a second factor")
    };
    let mut late = after(40);
    late.now += SignedDuration::from_mins(6);
    let code = code(&setup.typed, late.now.as_second());
    assert!(matches!(house.identity.with_second(&ceremony, &code, &place(), &late).await, Err(NotIn::Over)));
}
