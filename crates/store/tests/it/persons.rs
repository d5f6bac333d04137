//! Persons joined and parted: nothing moves, nothing is lost.

use jiff::{SignedDuration, Timestamp};
use store::{
    Grant, Merging, Page, Permit, PersonId, Projection, Purpose, Reach, Side, Stance, Store, Unmerging, Wish,
};

use crate::engines::{bundles, event, now, on_each_engine, register};

fn minute(count: i64) -> Timestamp {
    now() + SignedDuration::from_mins(count)
}

/// What the sender of everything in these tests sees of a person.
async fn units_of(store: &Store, person: PersonId, sender: &str) -> usize {
    let reach = Reach::RegisteredBy(sender.to_owned());
    let permit = Permit::issue(person, reach, Projection::Own, "own-registration", Purpose::Treatment, None);
    let headings = store.headings(&permit).await.unwrap();
    let ids: Vec<_> = headings.iter().map(|heading| heading.id).collect();
    assert_eq!(store.bodies(&permit, ids.clone()).await.unwrap().len(), ids.len());
    ids.len()
}

async fn seen(store: &Store, person: PersonId) -> Vec<String> {
    let events = store.events_of(person, Page { before: minute(600), limit: 100 }).await.unwrap();
    events.into_iter().map(|event| event.act.code().to_owned()).collect()
}

fn grant(person: PersonId, at: Timestamp) -> Grant {
    let id = store::new_event_id(person.bucket(), at).unwrap();
    let groups = vec!["diagnosis".to_owned()];
    Grant::at_card_reader(person, id, "4919999901", groups, at, at + SignedDuration::from_hours(24))
}

#[test]
fn while_persons_are_one_every_id_shows_both_and_afterwards_each_unit_is_back() {
    on_each_engine("while_persons_are_one_every_id_shows_both", async |engine| {
        let store = &engine.store;
        let (sender, bytes) = bundles(1).remove(0);
        let [one, other] = [(); 2].map(|()| PersonId::new().unwrap());
        let own = register(store, one, &sender, &bytes, now()).await.unwrap();
        register(store, other, &sender, &bytes, now()).await.unwrap();
        assert_eq!(store.merge(one, other, event(minute(1))).await.unwrap(), Merging::Done { head: other });
        assert_eq!(store.merge(other, one, event(minute(1))).await.unwrap(), Merging::AlreadyOne);
        for id in [one, other] {
            assert_eq!(units_of(store, id, &sender).await, 2);
            assert_eq!(store.head_of(id).await.unwrap(), other);
        }
        assert_eq!(store.owner(own.unit).await.unwrap().unwrap().person, other);
        let parted = store.unmerge(one, Vec::new(), event(minute(2))).await.unwrap();
        assert!(matches!(parted, Unmerging::Done(_)));
        assert_eq!(store.unmerge(one, Vec::new(), event(minute(3))).await.unwrap(), Unmerging::NotMerged);
        for id in [one, other] {
            assert_eq!(units_of(store, id, &sender).await, 1);
            assert_eq!(store.head_of(id).await.unwrap(), id);
        }
        assert_eq!(store.owner(own.unit).await.unwrap().unwrap().person, one);
    });
}

#[test]
fn a_link_in_the_middle_parts_those_behind_it_together() {
    on_each_engine("a_link_in_the_middle_parts_those_behind_it_together", async |engine| {
        let store = &engine.store;
        let [a, b, c] = [(); 3].map(|()| PersonId::new().unwrap());
        store.merge(a, b, event(minute(1))).await.unwrap();
        store.merge(b, c, event(minute(2))).await.unwrap();
        assert_eq!(store.kin_of(a).await.unwrap().len(), 3);
        store.unmerge(b, Vec::new(), event(minute(3))).await.unwrap();
        assert_eq!(store.kin_of(a).await.unwrap(), [b, a]);
        assert_eq!(store.kin_of(c).await.unwrap(), [c]);
        store.merge(c, a, event(minute(4))).await.unwrap();
        assert_eq!(store.head_of(c).await.unwrap(), b);
    });
}

#[test]
fn a_grant_given_while_two_were_one_ends_with_that_and_an_older_one_stays() {
    on_each_engine("a_grant_given_while_two_were_one_ends_with_that", async |engine| {
        let store = &engine.store;
        let [one, other] = [(); 2].map(|()| PersonId::new().unwrap());
        store.keep_grant(grant(one, minute(0)), event(minute(0))).await.unwrap();
        store.merge(one, other, event(minute(1))).await.unwrap();
        let meanwhile = grant(other, minute(2));
        store.keep_grant(meanwhile.clone(), event(minute(2))).await.unwrap();
        let of_one = store.grants_of(one).await.unwrap();
        assert_eq!(of_one.iter().map(|grant| grant.person).collect::<Vec<_>>(), [other, other]);
        let parted = store.unmerge(one, Vec::new(), event(minute(3))).await.unwrap();
        let Unmerging::Done(parted) = parted else { panic!("{parted:?}") };
        assert_eq!(parted.ended_grants, [meanwhile.id]);
        assert_eq!(store.grants_of(one).await.unwrap()[0].revoked_at, None);
        assert_eq!(store.grants_of(other).await.unwrap()[0].revoked_at, Some(minute(3)));
    });
}

#[test]
fn what_was_seen_of_two_who_were_wrongly_one_is_in_both_records_for_ever() {
    on_each_engine("what_was_seen_of_two_who_were_wrongly_one", async |engine| {
        let store = &engine.store;
        let [one, other] = [(); 2].map(|()| PersonId::new().unwrap());
        let view = |at| audit::Event { act: audit::Act::View, ..event(at) };
        let merge = |at| audit::Event { act: audit::Act::Merge, ..event(at) };
        let unmerge = |at| audit::Event { act: audit::Act::Unmerge, ..event(at) };
        store.append(Some(other), view(minute(0))).await.unwrap();
        store.merge(one, other, merge(minute(1))).await.unwrap();
        store.append(Some(other), view(minute(2))).await.unwrap();
        store.append(Some(other), event(minute(2))).await.unwrap();
        store.unmerge(one, Vec::new(), unmerge(minute(3))).await.unwrap();
        store.append(Some(other), view(minute(4))).await.unwrap();
        assert_eq!(seen(store, one).await, ["unmerge", "view", "merge"]);
        assert_eq!(seen(store, other).await.len(), 6);
        let events = store.events_of(one, Page { before: minute(600), limit: 2 }).await.unwrap();
        assert!(events.iter().all(|event| event.patient == Some(one.to_string())), "{events:?}");
    });
}

#[test]
fn what_was_refused_while_two_were_one_is_refused_by_both_and_what_was_withdrawn_then_is_refused_again() {
    on_each_engine("what_was_refused_while_two_were_one", async |engine| {
        let store = &engine.store;
        let [one, other] = [(); 2].map(|()| PersonId::new().unwrap());
        let wish = async |person: PersonId, group: &str, stance, at| {
            let id = store::new_event_id(person.bucket(), at).unwrap();
            let groups = vec![group.to_owned()];
            let source = "console".to_owned();
            let wish = Wish { person, id, institution: None, groups, stance, source, expressed_at: at };
            store.keep_wish(wish, event(at)).await.unwrap();
        };
        wish(one, "drugs", Stance::Refuse, minute(0)).await;
        store.merge(one, other, event(minute(1))).await.unwrap();
        wish(other, "diagnosis", Stance::RefuseAlways, minute(2)).await;
        wish(other, "drugs", Stance::Withdrawn, minute(2)).await;
        assert_eq!(store.wishes_of(one).await.unwrap().len(), 3);
        store.unmerge(one, Vec::new(), event(minute(3))).await.unwrap();
        let newest = async |person, count| {
            let mut wishes = store.wishes_of(person).await.unwrap();
            let newest = wishes.split_off(wishes.len() - count).into_iter();
            let mut newest: Vec<_> = newest.map(|wish| (wish.groups[0].clone(), wish.stance)).collect();
            newest.sort_by(|one, other| one.0.cmp(&other.0));
            newest
        };
        let diagnosis = ("diagnosis".to_owned(), Stance::RefuseAlways);
        assert_eq!(newest(one, 2).await, [diagnosis.clone(), ("drugs".to_owned(), Stance::Refuse)]);
        assert_eq!(newest(other, 1).await, [diagnosis]);
    });
}

#[test]
fn a_number_first_seen_while_two_were_one_goes_with_the_person_it_is_told_to() {
    on_each_engine("a_number_first_seen_while_two_were_one", async |engine| {
        let store = &engine.store;
        let number = |name: &str| format!("00000012:架空:{name}:01");
        let all = ["a", "b", "n", "m"].map(number);
        let one = store.person_of(&all[0], &[], now()).await.unwrap();
        let other = store.person_of(&all[1], &[], now()).await.unwrap();
        store.merge(one, other, event(minute(1))).await.unwrap();
        let new = store.person_of(&all[2], &all, minute(2)).await.unwrap();
        let newer = store.person_of(&all[3], &all, minute(2)).await.unwrap();
        assert_eq!(store.person_of(&all[2], &all, minute(2)).await.unwrap(), new);
        assert_eq!(store.find_person(&all[2]).await.unwrap(), Some(other));
        assert_eq!(store.kin_of(one).await.unwrap().len(), 4);
        let asked = store.unmerge(one, Vec::new(), event(minute(3))).await.unwrap();
        assert_eq!(asked, Unmerging::Unassigned);
        let sides = store.sides(one).await.unwrap().unwrap();
        assert_eq!((sides.joined, sides.head), (vec![one], vec![other]));
        assert_eq!(sides.strays.len(), 2);
        assert!(sides.strays.iter().any(|stray| stray.person == new && stray.numbers == [number("n")]));
        let told = vec![(new, Side::Joined), (newer, Side::Neither)];
        store.unmerge(one, told, event(minute(3))).await.unwrap();
        assert_eq!(store.find_person(&all[2]).await.unwrap(), Some(one));
        assert_eq!(store.find_person(&all[3]).await.unwrap(), Some(newer));
        assert_eq!(store.find_person(&all[1]).await.unwrap(), Some(other));
        assert_eq!(store.kin_of(other).await.unwrap(), [other]);
    });
}

#[test]
fn numbers_kept_with_different_persons_join_nobody_by_themselves() {
    on_each_engine("numbers_kept_with_different_persons_join_nobody", async |engine| {
        let store = &engine.store;
        let number = |name: &str| format!("00000012:架空:{name}:01");
        let all = ["a", "b", "n"].map(number);
        let one = store.person_of(&all[0], &[], now()).await.unwrap();
        let other = store.person_of(&all[1], &[], now()).await.unwrap();
        assert_eq!(store.person_of(&all[0], &all, now()).await.unwrap(), one);
        assert_eq!(store.person_of(&all[1], &all, now()).await.unwrap(), other);
        let alone = store.person_of(&all[2], &all, now()).await.unwrap();
        assert_eq!(store.kin_of(alone).await.unwrap(), [alone]);
        assert_ne!(alone, one);
    });
}

#[test]
fn joining_in_every_direction_at_once_makes_one_kin_with_one_head() {
    on_each_engine("joining_in_every_direction_at_once", async |engine| {
        for _ in 0..10 {
            let people = [(); 4].map(|()| PersonId::new().unwrap());
            let mut running = Vec::new();
            for (from, into) in [(0, 1), (1, 0), (1, 2), (2, 3), (3, 0), (0, 2), (3, 1), (2, 0)] {
                let store = engine.store.clone();
                let (from, into) = (people[from], people[into]);
                running.push(tokio::spawn(async move { store.merge(from, into, event(minute(1))).await }));
            }
            let mut done = 0;
            for one in running {
                done += usize::from(matches!(one.await.unwrap().unwrap(), Merging::Done { .. }));
            }
            assert_eq!(done, 3);
            let kin = engine.store.kin_of(people[0]).await.unwrap();
            assert_eq!(kin.len(), 4);
            for person in people {
                assert_eq!(engine.store.kin_of(person).await.unwrap(), kin);
            }
        }
    });
}

#[test]
fn what_is_registered_while_persons_are_joined_and_parted_is_neither_lost_nor_misplaced() {
    on_each_engine("what_is_registered_while_persons_are_joined_and_parted", async |engine| {
        let (sender, _) = bundles(1).remove(0);
        let sent: Vec<_> = bundles(40).into_iter().filter(|(by, _)| *by == sender).collect();
        let numbers = ["a", "b"].map(|name| format!("00000012:架空:{name}:01"));
        let one = engine.store.person_of(&numbers[0], &[], now()).await.unwrap();
        let other = engine.store.person_of(&numbers[1], &[], now()).await.unwrap();
        let store = engine.store.clone();
        let joining = tokio::spawn(async move {
            for round in 0..20 {
                store.merge(one, other, event(minute(2 * round))).await.unwrap();
                store.unmerge(one, Vec::new(), event(minute(2 * round + 1))).await.unwrap();
            }
        });
        let mut running = Vec::new();
        for number in numbers.clone() {
            let (store, sent, numbers) = (engine.store.clone(), sent.clone(), numbers.to_vec());
            running.push(tokio::spawn(async move {
                for (sender, bytes) in &sent {
                    let person = store.person_of(&number, &numbers, now()).await.unwrap();
                    register(&store, person, sender, bytes, now()).await.unwrap();
                }
            }));
        }
        for one in running {
            one.await.unwrap();
        }
        joining.await.unwrap();
        let undisturbed = PersonId::new().unwrap();
        for (sender, bytes) in &sent {
            register(&engine.store, undisturbed, sender, bytes, now()).await.unwrap();
        }
        let expected = units_of(&engine.store, undisturbed, &sender).await;
        for person in [one, other] {
            assert_eq!(units_of(&engine.store, person, &sender).await, expected);
        }
    });
}

#[test]
fn a_registered_person_is_found_by_birth_date_and_sex_under_the_head_of_their_kin() {
    on_each_engine("a_registered_person_is_found_by_birth_date_and_sex", async |engine| {
        let store = &engine.store;
        let patient = demo::region(jiff::civil::date(2026, 4, 1)).patients.swap_remove(0);
        let (sender, bytes) = bundles(1).remove(0);
        let [one, other] = [(); 2].map(|()| PersonId::new().unwrap());
        for _ in 0..2 {
            register(store, one, &sender, &bytes, now()).await.unwrap();
        }
        let sex = patient.gender.code();
        let found = store.people_by_demographics(patient.birth_date, sex).await.unwrap();
        assert_eq!(found.iter().map(|known| known.person).collect::<Vec<_>>(), [one]);
        assert!(found[0].demographics.names.contains(&patient.name_kanji), "{found:?}");
        assert!(!found[0].demographics.addresses.is_empty());
        store.merge(one, other, event(minute(1))).await.unwrap();
        let found = store.people_by_demographics(patient.birth_date, sex).await.unwrap();
        assert_eq!(found[0].person, other);
        let elsewhere = patient.birth_date.tomorrow().unwrap();
        assert!(store.people_by_demographics(elsewhere, sex).await.unwrap().is_empty());
    });
}
