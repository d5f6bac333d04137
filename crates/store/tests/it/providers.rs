use jiff::SignedDuration;
use store::{
    Account, AccountState, Factor, FactorKind, Invitation, PersonId, Provider, ProviderKind, random,
};

use crate::engines::{event, now, on_each_engine};

fn id() -> String {
    random::<16>().unwrap().iter().map(|byte| format!("{byte:02x}")).collect()
}

fn account(state: AccountState, role: &str, person: Option<PersonId>) -> Account {
    let id = id();
    Account {
        login: format!("kakuu.{id}"),
        id,
        name: "架空 花子".to_owned(),
        role: role.to_owned(),
        institution: None,
        person,
        state,
        proofing: None,
        made_by: "test".to_owned(),
        made_at: now(),
        ends_at: None,
        used_at: None,
        failures: 0,
        quiet_until: now(),
        excepted_until: None,
    }
}

fn subject(account: &Account, label: &str) -> Factor {
    Factor {
        id: id(),
        account: account.id.clone(),
        kind: FactorKind::Oidc,
        label: label.to_owned(),
        secret: b"subject".to_vec(),
        step: 0,
        made_at: now(),
        used_at: None,
        ended_at: None,
    }
}

#[test]
fn a_provider_reads_back_with_its_secret_until_it_is_ended() {
    on_each_engine("a_provider_reads_back_with_its_secret", async |engine| {
        let provider = Provider {
            id: id(),
            kind: ProviderKind::Staff,
            institution: Some("4919999901".to_owned()),
            name: "架空病院の職員ID".to_owned(),
            issuer: "https://id.example".to_owned(),
            client_id: "renkei".to_owned(),
            secret: b"0123456789abcdef".to_vec(),
            terms: "{}".to_owned(),
            made_by: "-".to_owned(),
            made_at: now(),
            ended_at: None,
        };
        let store = &engine.store;
        store.keep_provider(provider.clone(), event(now())).await.unwrap();
        assert_eq!(store.provider(provider.id.clone()).await.unwrap(), Some(provider.clone()));
        assert!(store.providers().await.unwrap().contains(&provider));
        assert!(store.end_provider(provider.id.clone(), event(now())).await.unwrap());
        assert!(!store.end_provider(provider.id.clone(), event(now())).await.unwrap());
        assert_eq!(store.provider(provider.id.clone()).await.unwrap(), None);
        assert!(!format!("{provider:?}").contains("0123"), "no secret is printed");
    });
}

#[test]
fn a_subject_is_one_accounts_until_it_is_ended() {
    on_each_engine("a_subject_is_one_accounts_until_it_is_ended", async |engine| {
        let store = &engine.store;
        let (one, other) =
            (account(AccountState::Active, "nurse", None), account(AccountState::Active, "nurse", None));
        for one in [&one, &other] {
            assert!(store.keep_account(one.clone(), None, event(now())).await.unwrap());
        }
        let label = id();
        let first = subject(&one, &label);
        assert!(store.link_subject(first.clone(), event(now())).await.unwrap());
        assert!(!store.link_subject(subject(&other, &label), event(now())).await.unwrap());
        // Whoever goes around the question meets the index.
        let forced =
            store.change_factors(other.id.clone(), vec![subject(&other, &label)], vec![], event(now()));
        assert!(forced.await.is_err());
        let ended = store.change_factors(one.id.clone(), vec![], vec![first.id], event(now()));
        ended.await.unwrap();
        assert!(store.link_subject(subject(&other, &label), event(now())).await.unwrap());
    });
}

#[test]
fn a_patients_account_is_opened_once_and_found_by_all_their_kin() {
    on_each_engine("a_patients_account_is_opened_once", async |engine| {
        let store = &engine.store;
        let [person, kin] = [
            store.person_of(&id(), &[], now()).await.unwrap(),
            store.person_of(&id(), &[], now()).await.unwrap(),
        ];
        let label = id();
        let opened = account(AccountState::Active, "patient", Some(person));
        assert!(store.open_account(opened.clone(), subject(&opened, &label), event(now())).await.unwrap());
        let again = account(AccountState::Active, "patient", Some(person));
        assert!(!store.open_account(again.clone(), subject(&again, &label), event(now())).await.unwrap());
        assert_eq!(store.account(again.id).await.unwrap(), None, "nothing is half kept");
        let found = async |person| store.patient_account(person).await.unwrap().map(|one| one.id);
        assert_eq!(found(person).await, Some(opened.id.clone()));
        assert_eq!(found(kin).await, None);
        store.merge(person, kin, event(now())).await.unwrap();
        assert_eq!(found(kin).await, Some(opened.id));
    });
}

#[test]
fn an_invited_account_is_put_into_use_once_and_its_invitation_ends() {
    on_each_engine("an_invited_account_is_put_into_use_once", async |engine| {
        let (store, invited) = (&engine.store, account(AccountState::Invited, "nurse", None));
        let invitation = Invitation {
            hash: random().unwrap(),
            account: invited.id.clone(),
            made_by: "test".to_owned(),
            made_at: now(),
            ends_at: now() + SignedDuration::from_hours(1),
        };
        let kept = store.keep_account(invited.clone(), Some(invitation.clone()), event(now()));
        assert!(kept.await.unwrap());
        assert!(store.activate_account(invited.id.clone(), event(now())).await.unwrap());
        assert!(!store.activate_account(invited.id.clone(), event(now())).await.unwrap());
        assert_eq!(store.invitation(invitation.hash).await.unwrap(), None);
    });
}
