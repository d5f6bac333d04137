use jiff::SignedDuration;
use store::{
    AppCode, AppKind, Credential, Lending, Lent, NEVER, PersonId, RegisteredApp, SpentAssertion, random,
};

use crate::engines::{Engine, event, now, on_each_engine};

fn app(id: &str) -> RegisteredApp {
    RegisteredApp {
        id: id.to_owned(),
        name: "服薬手帳".to_owned(),
        institution: Some("4919999901".to_owned()),
        kind: AppKind::Launched,
        jwks: Some("{}".to_owned()),
        redirect_uris: vec!["https://a.example/".to_owned(), "https://b.example/".to_owned()],
        scopes: "patient/*.rs".to_owned(),
        made_by: "test".to_owned(),
        made_at: now(),
        ends_at: NEVER,
        ended_at: None,
    }
}

fn code(app: &str, patient: PersonId) -> AppCode {
    AppCode {
        hash: random().unwrap(),
        app: app.to_owned(),
        holder: "t-1".to_owned(),
        name: "試験 太郎".to_owned(),
        role: "clinician".to_owned(),
        institution: None,
        person: None,
        patient: Some(patient),
        scopes: "patient/*.rs".to_owned(),
        challenge: "challenge".to_owned(),
        redirect_uri: "https://a.example/".to_owned(),
        ends_at: now() + SignedDuration::from_secs(60),
    }
}

fn credential(app: &str, code: Option<[u8; 32]>, patient: Option<PersonId>) -> Credential {
    let hash: [u8; 32] = random().unwrap();
    Credential {
        id: format!("t-{:02x}{:02x}{:02x}", hash[0], hash[1], hash[2]),
        hash,
        name: "試験 太郎".to_owned(),
        role: "clinician".to_owned(),
        institution: None,
        person: None,
        created_at: now(),
        ends_at: now() + SignedDuration::from_mins(5),
        revoked_at: None,
        lent: Some(Lent {
            app: app.to_owned(),
            holder: "t-1".to_owned(),
            scopes: "patient/*.rs".to_owned(),
            patient,
            code,
        }),
    }
}

async fn is_in_force(engine: &Engine, credential: &Credential) -> bool {
    engine.store.credential(credential.hash).await.unwrap().unwrap().revoked_at.is_none()
}

#[test]
fn an_app_reads_back_as_it_was_registered_until_it_is_ended() {
    on_each_engine("an_app_reads_back_as_it_was_registered_until_it_is_ended", async |engine| {
        engine.store.keep_app(app("app-1"), event(now())).await.unwrap();
        assert_eq!(engine.store.app("app-1".to_owned()).await.unwrap(), Some(app("app-1")));
        assert_eq!(engine.store.app("app-2".to_owned()).await.unwrap(), None);
        assert!(engine.store.end_app("app-1".to_owned(), now(), event(now())).await.unwrap());
        assert!(!engine.store.end_app("app-1".to_owned(), now(), event(now())).await.unwrap());
        let ended = engine.store.apps().await.unwrap().remove(0);
        assert!(!ended.is_in_force(now()) && ended.ended_at == Some(now()));
    });
}

#[test]
fn a_lent_token_reads_back_ends_with_its_app_and_is_not_listed_among_the_others() {
    on_each_engine("a_lent_token_reads_back_ends_with_its_app", async |engine| {
        let patient = PersonId::new().unwrap();
        engine.store.keep_app(app("app-1"), event(now())).await.unwrap();
        let lent = credential("app-1", None, Some(patient));
        assert_eq!(engine.store.lend(lent.clone(), None, now(), event(now())).await.unwrap(), Lending::Done);
        assert_eq!(engine.store.credential(lent.hash).await.unwrap(), Some(lent.clone()));
        assert!(engine.store.credentials().await.unwrap().is_empty());
        engine.store.end_app("app-1".to_owned(), now(), event(now())).await.unwrap();
        assert!(!is_in_force(&engine, &lent).await);
    });
}

#[test]
fn an_assertion_is_spent_once_with_or_without_a_token() {
    on_each_engine("an_assertion_is_spent_once_with_or_without_a_token", async |engine| {
        engine.store.keep_app(app("app-1"), event(now())).await.unwrap();
        let assertion = SpentAssertion { hash: [1; 32], ends_at: now() + SignedDuration::from_mins(5) };
        let lend = |assertion| {
            engine.store.lend(credential("app-1", None, None), Some(assertion), now(), event(now()))
        };
        assert_eq!(lend(assertion).await.unwrap(), Lending::Done);
        assert_eq!(lend(assertion).await.unwrap(), Lending::Replayed);
        assert!(!engine.store.spend(assertion, now()).await.unwrap());
        let other = SpentAssertion { hash: [2; 32], ..assertion };
        assert!(engine.store.spend(other, now()).await.unwrap());
        assert_eq!(lend(other).await.unwrap(), Lending::Replayed);
    });
}

#[test]
fn of_two_who_bring_one_code_at_once_one_gets_a_token_and_the_other_ends_it() {
    on_each_engine("of_two_who_bring_one_code_at_once", async |engine| {
        engine.store.keep_app(app("app-1"), event(now())).await.unwrap();
        for _ in 0..10 {
            let code = code("app-1", PersonId::new().unwrap());
            engine.store.keep_app_code(code.clone(), now(), event(now())).await.unwrap();
            assert_eq!(engine.store.app_code(code.hash).await.unwrap(), Some(code.clone()));
            let (one, two) =
                (credential("app-1", Some(code.hash), None), credential("app-1", Some(code.hash), None));
            let (first, second) = tokio::join!(
                engine.store.lend(one.clone(), None, now(), event(now())),
                engine.store.lend(two.clone(), None, now(), event(now()))
            );
            let mut endings = [first.unwrap(), second.unwrap()];
            endings.sort_by_key(|ending| *ending != Lending::Done);
            assert_eq!(endings, [Lending::Done, Lending::Spent]);
            for lent in [one, two] {
                let kept = engine.store.credential(lent.hash).await.unwrap();
                assert!(kept.is_none_or(|kept| kept.revoked_at.is_some()));
            }
        }
    });
}

#[test]
fn a_token_given_back_is_ended_and_no_other() {
    on_each_engine("a_token_given_back_is_ended_and_no_other", async |engine| {
        engine.store.keep_app(app("app-1"), event(now())).await.unwrap();
        let (one, other) = (credential("app-1", None, None), credential("app-1", None, None));
        for lent in [&one, &other] {
            engine.store.lend(lent.clone(), None, now(), event(now())).await.unwrap();
        }
        engine.store.end_lent(one.id.clone(), now()).await.unwrap();
        assert!(!is_in_force(&engine, &one).await && is_in_force(&engine, &other).await);
    });
}
