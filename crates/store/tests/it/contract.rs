use jiff::SignedDuration;
use jiff::civil::date;
use store::{
    Answer, Asking, Basis, Database, Disaster, Fault, Finding, Grant, Holder, Inquiry, InspectionPack,
    InspectorLink, Institution, InstitutionQuery, Kept, Keyring, MasterRow, MasterVersion, PackState, Page,
    Permit, PersonId, Projection, Proxy, Purpose, Reach, Relation, Review, Stance, Standing, Store,
    SurveyPlace, Waiting, Wish,
};

use crate::engines::{bundles, event, now, on_each_engine, register};

fn own(person: PersonId, institution: &str) -> Permit {
    Permit::issue(
        person,
        Reach::RegisteredBy(institution.to_owned()),
        Projection::Own,
        "own-registration",
        Purpose::Treatment,
        None,
    )
}

fn corrected(bytes: &[u8]) -> Vec<u8> {
    let text = String::from_utf8(bytes.to_vec()).unwrap();
    text.replacen("\"resourceType\"", " \"resourceType\"", 1).into_bytes()
}

#[test]
fn what_is_registered_reads_back_byte_for_byte() {
    on_each_engine("what_is_registered_reads_back_byte_for_byte", async |engine| {
        let person = PersonId::new().unwrap();
        for (sender, bytes) in bundles(12) {
            let receipt = register(&engine.store, person, &sender, &bytes, now()).await.unwrap();
            let read = engine.store.bodies(&own(person, &sender), vec![receipt.unit]).await.unwrap();
            assert_eq!(read, [(receipt.unit, bytes)]);
        }
    });
}

#[test]
fn the_same_bytes_again_give_the_first_receipt_and_an_event_of_their_own() {
    on_each_engine("the_same_bytes_again_give_the_first_receipt", async |engine| {
        let person = PersonId::new().unwrap();
        let (sender, bytes) = bundles(1).remove(0);
        let first = register(&engine.store, person, &sender, &bytes, now()).await.unwrap();
        let later = now() + SignedDuration::from_hours(1);
        let second = register(&engine.store, person, &sender, &bytes, later).await.unwrap();
        assert_eq!(first.standing, Standing::New);
        assert_eq!(second, store::Receipt { standing: Standing::Repeated, ..first });
        let page = Page { before: later + SignedDuration::from_secs(1), limit: 10 };
        assert_eq!(engine.store.events_of(person, page).await.unwrap().len(), 2);
    });
}

#[test]
fn a_corrected_unit_replaces_the_old_one_as_a_whole() {
    on_each_engine("a_corrected_unit_replaces_the_old_one_as_a_whole", async |engine| {
        let person = PersonId::new().unwrap();
        let (sender, bytes) = bundles(1).remove(0);
        let old = register(&engine.store, person, &sender, &bytes, now()).await.unwrap();
        let new = register(&engine.store, person, &sender, &corrected(&bytes), now()).await.unwrap();
        assert_eq!(new.standing, Standing::Replaced);
        let permit = own(person, &sender);
        assert!(engine.store.bodies(&permit, vec![old.unit]).await.unwrap().is_empty());
        assert!(engine.store.owner(old.unit).await.unwrap().is_none());
        let headings = engine.store.headings(&permit).await.unwrap();
        assert_eq!(headings.iter().map(|heading| heading.id).collect::<Vec<_>>(), [new.unit]);
    });
}

#[test]
fn of_two_concurrent_sends_of_one_key_exactly_one_stands_whole() {
    on_each_engine("of_two_concurrent_sends_of_one_key_exactly_one_stands_whole", async |engine| {
        let (sender, bytes) = bundles(1).remove(0);
        let other = corrected(&bytes);
        for _ in 0..20 {
            let person = PersonId::new().unwrap();
            let (one, two) = tokio::join!(
                register(&engine.store, person, &sender, &bytes, now()),
                register(&engine.store, person, &sender, &other, now())
            );
            let standings = [one.unwrap().standing, two.unwrap().standing];
            assert!(standings.contains(&Standing::New) && standings.contains(&Standing::Replaced));
            let headings = engine.store.headings(&own(person, &sender)).await.unwrap();
            assert_eq!(headings.len(), 1);
            let bodies = engine.store.bodies(&own(person, &sender), vec![headings[0].id]).await.unwrap();
            assert!(bodies[0].1 == bytes || bodies[0].1 == other);
        }
    });
}

#[test]
fn many_registrations_at_once_are_all_kept() {
    on_each_engine("many_registrations_at_once_are_all_kept", async |engine| {
        let sent = bundles(10);
        let mut running = Vec::new();
        for _ in 0..20 {
            let (store, sent, person) = (engine.store.clone(), sent.clone(), PersonId::new().unwrap());
            running.push(tokio::spawn(async move {
                for (sender, bytes) in &sent {
                    register(&store, person, sender, bytes, now()).await.unwrap();
                }
                let kept = store.headings(&own(person, &sent[0].0)).await.unwrap();
                kept.len() + store.headings(&own(person, "4919999901")).await.unwrap().len()
            }));
        }
        for one in running {
            assert!(one.await.unwrap() >= 1);
        }
    });
}

#[test]
fn a_permit_opens_no_other_institutions_unit_and_no_other_persons() {
    on_each_engine("a_permit_opens_no_other_institutions_unit", async |engine| {
        let person = PersonId::new().unwrap();
        let (sender, bytes) = bundles(1).remove(0);
        let receipt = register(&engine.store, person, &sender, &bytes, now()).await.unwrap();
        let elsewhere = own(person, "1311234567");
        assert!(engine.store.bodies(&elsewhere, vec![receipt.unit]).await.unwrap().is_empty());
        assert!(engine.store.headings(&elsewhere).await.unwrap().is_empty());
        let somebody_else = own(PersonId::new().unwrap(), &sender);
        assert!(engine.store.bodies(&somebody_else, vec![receipt.unit]).await.unwrap().is_empty());
    });
}

#[test]
fn one_person_is_introduced_once_however_many_meet_them_at_the_same_time() {
    on_each_engine("one_person_is_introduced_once", async |engine| {
        let numbers = || vec!["00000012:架空:1:01".to_owned(), "00000020::77:".to_owned()];
        let meetings: Vec<_> = (0..16)
            .map(|_| {
                let store = engine.store.clone();
                tokio::spawn(async move { store.person_of(&numbers()[0], &numbers(), now()).await.unwrap() })
            })
            .collect();
        let mut met = Vec::new();
        for meeting in meetings {
            met.push(meeting.await.unwrap());
        }
        assert!(met.iter().all(|person| *person == met[0]));
        let with_third = [numbers(), vec!["00000038::5:".to_owned()]].concat();
        assert_eq!(engine.store.person_of(&with_third[2], &with_third, now()).await.unwrap(), met[0]);
        assert_eq!(engine.store.find_person("00000038::5:").await.unwrap(), Some(met[0]));
        assert_eq!(engine.store.find_person("00000046::5:").await.unwrap(), None);
    });
}

#[test]
fn events_come_newest_first_and_by_page() {
    on_each_engine("events_come_newest_first_and_by_page", async |engine| {
        let person = PersonId::new().unwrap();
        for minute in 0..5 {
            let at = now() + SignedDuration::from_mins(minute);
            engine.store.append(Some(person), event(at)).await.unwrap();
        }
        engine.store.append(None, event(now())).await.unwrap();
        let before = now() + SignedDuration::from_mins(4);
        let page = engine.store.events_of(person, Page { before, limit: 2 }).await.unwrap();
        let minutes: Vec<i64> = page.iter().map(|event| event.at.duration_since(now()).as_mins()).collect();
        assert_eq!(minutes, [3, 2]);
        assert_eq!(engine.store.events(Page { before, limit: 100 }).await.unwrap().len(), 5);
    });
}

#[test]
fn grants_read_back_as_they_were_kept() {
    on_each_engine("grants_read_back_as_they_were_kept", async |engine| {
        let person = PersonId::new().unwrap();
        let id = store::new_event_id(person.bucket(), now()).unwrap();
        let groups = vec!["diagnosis".to_owned(), "checkup".to_owned()];
        let ends_at = now() + SignedDuration::from_hours(24);
        let grant = Grant {
            holder: Some(Holder { credential: "t-1".to_owned(), name: "架空 当直".to_owned() }),
            disaster: Some("d-1".to_owned()),
            reason: Some("意識がなく、家族もいない".to_owned()),
            ..Grant::at_card_reader(person, id, "4919999901", groups, now(), ends_at)
        };
        engine.store.keep_grant(grant.clone(), event(now())).await.unwrap();
        let one = std::slice::from_ref(&grant);
        assert_eq!(engine.store.grants_of(person).await.unwrap(), one);
        assert_eq!(engine.store.granted_to("4919999901".to_owned(), now()).await.unwrap(), one);
        assert!(engine.store.granted_to("4919999901".to_owned(), grant.ends_at).await.unwrap().is_empty());
    });
}

fn place(number: &str, name: &str, kana: &str) -> Institution {
    Institution {
        number: number.to_owned(),
        name: name.to_owned(),
        kind: "clinic".to_owned(),
        kana: kana.to_owned(),
        phone: "000-2222-0002".to_owned(),
        postcode: "000-0002".to_owned(),
        address: "架空県架空市見本町２－３－４".to_owned(),
        uses_from: Some(date(2025, 4, 1)),
        uses_until: Some(date(2026, 3, 31)),
        ..Institution::default()
    }
}

#[test]
fn a_destination_is_found_in_any_width_and_kana_and_only_while_it_uses_the_service() {
    on_each_engine("a_destination_is_found_in_any_width_and_kana", async |engine| {
        let store = &engine.store;
        let open = Institution {
            uses_until: None,
            ..place("4919999911", "架空あおぞら医院", "カクウアオゾライイン")
        };
        let closed = Institution {
            uses_until: None,
            ended_on: Some(date(2026, 4, 1)),
            successor: Some(open.number.clone()),
            ..place("4919999912", "架空そら診療所", "カクウソラシンリョウジョ")
        };
        let never = Institution {
            uses_from: None,
            ..place("4919999913", "架空よぞら医院", "カクウヨゾライイン")
        };
        let left = place("4919999914", "架空やそら医院", "カクウヤソライイン");
        let all = vec![open.clone(), closed.clone(), never.clone(), left.clone()];
        store.keep_institutions(all.clone()).await.unwrap();
        store.keep_institutions(all.clone()).await.unwrap();
        assert_eq!(store.institutions().await.unwrap(), all);
        let find = async |query: InstitutionQuery, day, after: &str, limit| {
            let found = store.find_institutions(query, day, after.to_owned(), limit).await.unwrap();
            found.into_iter().map(|one| one.number).collect::<Vec<_>>()
        };
        let by_name =
            |name: &str| InstitutionQuery { name: Some(name.to_owned()), ..InstitutionQuery::default() };
        let (before, after) = (date(2026, 3, 31), date(2026, 4, 1));
        for name in ["そら", "ｿﾗ", "カクウ", "", "　架空 ", "100%_"] {
            let expected: &[&str] = match name {
                "そら" | "ｿﾗ" => &["4919999912", "4919999914"],
                "100%_" => &[],
                _ => &["4919999911", "4919999912", "4919999914"],
            };
            assert_eq!(find(by_name(name), before, "", 10).await, expected, "{name}");
        }
        assert_eq!(find(by_name("架空"), after, "", 10).await, ["4919999911"]);
        assert_eq!(find(by_name("架空"), before, "4919999911", 1).await, ["4919999912"]);
        let exact = InstitutionQuery {
            number: Some("4919999911".to_owned()),
            phone: Some("０００２２２２".to_owned()),
            address: Some("見本町2-3-4".to_owned()),
            postcode: Some("0000002".to_owned()),
            ..InstitutionQuery::default()
        };
        assert_eq!(find(exact, before, "", 10).await, ["4919999911"]);
        assert!(store.uses_service("4919999914".to_owned(), before).await.unwrap());
        assert!(!store.uses_service("4919999914".to_owned(), after).await.unwrap());
        assert!(!store.uses_service("4919999999".to_owned(), before).await.unwrap());
        assert_eq!(store.institution("4919999912".to_owned()).await.unwrap(), Some(closed));
        assert_eq!(store.institution_names().await.unwrap()["4919999911"], "架空あおぞら医院");
        let renamed = Institution { name: "架空ひなた医院".to_owned(), ..open };
        store.keep_institutions(vec![renamed]).await.unwrap();
        assert_eq!(store.institution_names().await.unwrap()["4919999911"], "架空ひなた医院");
    });
}

fn version(name: &str, from: jiff::civil::Date, digest: u8) -> MasterVersion {
    MasterVersion {
        kind: "disease".to_owned(),
        version: name.to_owned(),
        valid_from: from,
        imported_at: now(),
        imported_by: "試験".to_owned(),
        digest: [digest; 32],
        columns: vec!["code".to_owned(), "備考, \"x\"".to_owned()],
        rows: 5000,
    }
}

fn row(code: usize) -> MasterRow {
    MasterRow {
        code: format!("{code:05}"),
        display: "架空の病名".to_owned(),
        valid_from: Some(date(2020, 4, 1)),
        valid_to: None,
        cells: vec![format!("{code:05}"), "𠮷".to_owned()],
    }
}

#[test]
fn a_master_is_kept_whole_and_never_under_the_name_of_another() {
    on_each_engine("a_master_is_kept_whole", async |engine| {
        let store = &engine.store;
        let rows: Vec<MasterRow> = (0..5000).map(row).collect();
        let (first, second) = (version("1", date(2025, 4, 1), 1), version("2", date(2026, 4, 1), 2));
        let keep = async |one: &MasterVersion| {
            let kept = store.keep_master(one.clone(), rows.clone(), Vec::new(), event(now())).await;
            kept.unwrap()
        };
        assert_eq!(
            [keep(&second).await, keep(&first).await, keep(&first).await],
            [Kept::New, Kept::New, Kept::Already]
        );
        assert_eq!(keep(&MasterVersion { digest: [9; 32], ..first.clone() }).await, Kept::OtherFile);
        assert_eq!(store.masters().await.unwrap(), [first, second]);
        assert_eq!(store.master_rows("disease".to_owned(), "2".to_owned()).await.unwrap(), rows);
        let ask = |code: &str| ("disease".to_owned(), "1".to_owned(), code.to_owned());
        let found = store.master_codes(vec![ask("00007"), ask("x")]).await.unwrap();
        assert_eq!(found, [vec![row(7)], Vec::new()]);
        let name = || ("disease".to_owned(), "1".to_owned());
        for state in ["a", "b"] {
            let (kind, version) = name();
            store.keep_revalidation(kind, version, state.to_owned(), None).await.unwrap();
        }
        let (kind, version) = name();
        assert_eq!(store.revalidation(kind, version).await.unwrap().as_deref(), Some("b"));
    });
}

#[test]
fn a_survey_meets_every_unit_once_however_often_it_stops() {
    on_each_engine("a_survey_meets_every_unit_once", async |engine| {
        let store = &engine.store;
        let mut sent = Vec::new();
        for person in (0..4).map(|_| PersonId::new().unwrap()) {
            for (sender, bytes) in bundles(5) {
                register(store, person, &sender, &bytes, now()).await.unwrap();
                sent.push((sender, bytes));
            }
        }
        let (mut met, mut place) = (Vec::new(), Some(SurveyPlace::default()));
        while let Some(here) = place {
            let mut judge = |sender: &str, bytes: &[u8]| met.push((sender.to_owned(), bytes.to_vec()));
            place = store.survey(here, 2, &mut judge).await.unwrap();
        }
        met.sort();
        sent.sort();
        assert_eq!(met, sent);
    });
}

#[test]
fn a_database_opens_again_with_its_own_keyring_and_with_no_other() {
    on_each_engine("a_database_opens_again_with_its_own_keyring_and_with_no_other", async |engine| {
        let person = PersonId::new().unwrap();
        let (sender, bytes) = bundles(1).remove(0);
        let receipt = register(&engine.store, person, &sender, &bytes, now()).await.unwrap();
        let (database, keyring) = (engine.database.clone(), engine.keyring.clone());
        let opened = tokio::task::spawn_blocking(move || {
            let stranger = Store::open(&database, Keyring::fleeting().unwrap());
            assert!(matches!(stranger, Err(Fault::OtherKeyring)));
            Store::open(&database, Keyring::open_or_create(&keyring).unwrap()).unwrap()
        });
        let again = opened.await.unwrap();
        let read = again.bodies(&own(person, &sender), vec![receipt.unit]).await.unwrap();
        assert_eq!(read[0].1, bytes);
    });
}

#[test]
fn nothing_a_patient_would_recognise_lies_in_the_database_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("renkei.db");
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    let patient = demo::region(jiff::civil::date(2026, 4, 1)).patients.swap_remove(0);
    runtime.block_on(async {
        let store = Store::open(&Database::Sqlite(path), Keyring::fleeting().unwrap()).unwrap();
        let numbers: Vec<_> = patient.members.iter().map(|member| member.member_id.clone()).collect();
        let person = store.person_of(&numbers[0], &numbers, now()).await.unwrap();
        for sent in patient.submissions.iter().take(10) {
            register(&store, person, &sent.institution, &sent.body, now()).await.unwrap();
        }
    });
    let kept: Vec<u8> = std::fs::read_dir(folder.path())
        .unwrap()
        .flat_map(|file| std::fs::read(file.unwrap().path()).unwrap())
        .collect();
    let family = patient.name_kanji.split(' ').next().unwrap();
    for telling in [family, &patient.members[0].member_id, "JP_Condition_eCS", "resourceType"] {
        let found = kept.windows(telling.len()).any(|window| window == telling.as_bytes());
        assert!(!found, "{telling}");
    }
}

#[test]
fn a_review_is_kept_once_and_wishes_and_disasters_stand_beside_grants() {
    on_each_engine("a_review_is_kept_once_and_wishes_and_disasters_stand_beside_grants", async |engine| {
        let store = &engine.store;
        let person = PersonId::new().unwrap();
        let id = || store::new_event_id(person.bucket(), now()).unwrap();
        let holder = Holder { credential: "t-1".to_owned(), name: "架空 救急".to_owned() };
        let ends_at = now() + SignedDuration::from_hours(24);
        let groups = vec!["emergency-full".to_owned()];
        let grant = Grant {
            basis: Basis::Emergency,
            purpose: Purpose::Emergency,
            holder: Some(holder.clone()),
            reason: Some("意識がなく、家族もいない".to_owned()),
            ..Grant::at_card_reader(person, id(), "4919999901", groups, now(), ends_at)
        };
        store.keep_grant(grant.clone(), event(now())).await.unwrap();
        let wish = Wish {
            person,
            id: id(),
            institution: None,
            groups: vec!["diagnosis".to_owned(), "checkup".to_owned()],
            stance: Stance::RefuseAlways,
            source: "patient".to_owned(),
            expressed_at: now(),
        };
        store.keep_wish(wish.clone(), event(now())).await.unwrap();
        let disaster = Disaster {
            id: format!("d-{person}"),
            name: "架空地震".to_owned(),
            authority: "架空県".to_owned(),
            prefectures: vec!["49".to_owned(), "31".to_owned()],
            starts_at: now(),
            ends_at,
            declared_at: now(),
            ended_at: None,
        };
        store.keep_disaster(disaster.clone(), event(now())).await.unwrap();
        let read = store.circumstances(person, now()).await.unwrap();
        assert_eq!((&read.grants[..], &read.wishes[..]), (&[grant.clone()][..], &[wish][..]));
        assert_eq!(read.disasters, std::slice::from_ref(&disaster));
        assert_eq!(
            store.grants_held_by("t-1".to_owned(), now()).await.unwrap(),
            std::slice::from_ref(&grant)
        );
        assert_eq!(store.grant(grant.id).await.unwrap(), Some(grant.clone()));
        let review =
            Review { at: now(), by: holder, finding: Finding::Justified, note: "記録と合う".to_owned() };
        let keep = || store.keep_review(person, grant.id, review.clone(), event(now()));
        let (one, two) = tokio::join!(keep(), keep());
        assert_eq!([one.unwrap(), two.unwrap()].iter().filter(|is_kept| **is_kept).count(), 1);
        let reviewed = store.grants_without_consent(Some("4919999901".to_owned())).await.unwrap();
        assert_eq!(reviewed, [Grant { review: Some(review), ..grant.clone() }]);
        assert!(store.grants_without_consent(Some("4919999902".to_owned())).await.unwrap().is_empty());
        let revoke = || store.revoke_grant(person, grant.id, event(now()));
        let (one, two) = tokio::join!(revoke(), revoke());
        assert_eq!([one.unwrap(), two.unwrap()].iter().filter(|is_revoked| **is_revoked).count(), 1);
        assert!(store.end_disaster(disaster.id.clone(), event(now())).await.unwrap());
        assert!(!store.end_disaster(disaster.id.clone(), event(now())).await.unwrap());
        assert!(!store.disasters().await.unwrap()[0].holds(now()));
    });
}

#[test]
fn a_proxy_holds_from_its_registration_to_its_end_and_is_registered_once_at_a_time() {
    on_each_engine("a_proxy_holds_from_its_registration_to_its_end", async |engine| {
        let store = &engine.store;
        let person = PersonId::new().unwrap();
        let account = format!("a-{person}");
        let ends_at = now() + SignedDuration::from_hours(48);
        let proxy = |at| Proxy {
            id: store::new_event_id(person.bucket(), now()).unwrap(),
            person,
            represented: "架空 子".to_owned(),
            account: account.clone(),
            name: "架空 親".to_owned(),
            relation: Relation::Parent,
            evidence: "戸籍全部事項証明書".to_owned(),
            institution: Some("4919999901".to_owned()),
            registrar: Holder { credential: "t-1".to_owned(), name: "架空 事務".to_owned() },
            starts_at: at,
            ends_at,
            ended: None,
        };
        let first = proxy(now());
        let (one, two) = tokio::join!(
            store.keep_proxy(first.clone(), event(now())),
            store.keep_proxy(proxy(now()), event(now()))
        );
        assert_eq!([one.unwrap(), two.unwrap()].iter().filter(|is_kept| **is_kept).count(), 1);
        let held = store.represented_by(account.clone(), now()).await.unwrap();
        assert_eq!(held, store.proxies_of(person).await.unwrap());
        assert_eq!(
            (held.len(), &*held[0].represented, &*held[0].evidence),
            (1, "架空 子", "戸籍全部事項証明書")
        );
        assert_eq!(store.proxy(held[0].id).await.unwrap().as_ref(), Some(&held[0]));
        assert!(store.represented_by(account.clone(), ends_at).await.unwrap().is_empty());
        assert!(store.represented_by("another".to_owned(), now()).await.unwrap().is_empty());
        let by = Holder { credential: "t-2".to_owned(), name: "架空 企画".to_owned() };
        let end = || store.end_proxy(held[0].id, by.clone(), event(now()));
        let (one, two) = tokio::join!(end(), end());
        assert_eq!([one.unwrap(), two.unwrap()].iter().filter(|is_ended| **is_ended).count(), 1);
        assert!(store.represented_by(account.clone(), now()).await.unwrap().is_empty());
        assert_eq!(store.proxies_of(person).await.unwrap()[0].ended, Some((now(), by)));
        assert!(
            store.keep_proxy(proxy(now()), event(now())).await.unwrap(),
            "after its end it can be registered anew"
        );
        let other = PersonId::new().unwrap();
        let second = SignedDuration::from_secs(1);
        store.merge(other, person, event(now() + second)).await.unwrap();
        let later = now() + second + second;
        let of_both = Proxy { account: format!("b-{person}"), ..proxy(later) };
        assert!(store.keep_proxy(of_both.clone(), event(later)).await.unwrap());
        let held = store.represented_by(of_both.account.clone(), later).await.unwrap();
        assert_eq!(held[0].person, store.head_of(other).await.unwrap(), "of both, while they are one");
        store.unmerge(other, Vec::new(), event(later)).await.unwrap();
        assert!(store.represented_by(of_both.account, later).await.unwrap().is_empty());
        assert_eq!(store.represented_by(account, later).await.unwrap().len(), 1, "what was before stands");
    });
}

#[test]
fn a_look_is_asked_about_once_and_once_again_and_answered_once() {
    on_each_engine("a_look_is_asked_about_once_and_once_again", async |engine| {
        let store = &engine.store;
        let person = PersonId::new().unwrap();
        let look = store::new_event_id(person.bucket(), now()).unwrap();
        let institution = format!("i-{person}");
        let due_at = now() + SignedDuration::from_hours(24 * 14);
        let inquiry = |is_again| Inquiry {
            id: store::new_event_id(person.bucket(), now()).unwrap(),
            person,
            look,
            is_again,
            institution: Some(institution.clone()),
            looker: Holder { credential: "t-1".to_owned(), name: "架空 当直".to_owned() },
            asker: Holder { credential: "t-2".to_owned(), name: "架空 患者".to_owned() },
            words: "なぜ見たのですか".to_owned(),
            asked_at: now(),
            due_at,
            answer: None,
        };
        let ask = |is_again, most| store.ask_inquiry(inquiry(is_again), now(), most, event(now()));
        assert_eq!(ask(false, 0).await.unwrap(), Asking::TooMany);
        let (one, two) = tokio::join!(ask(false, 5), ask(false, 5));
        let mut both = [one.unwrap(), two.unwrap()];
        both.sort_by_key(|asking| *asking != Asking::Kept);
        assert_eq!(both, [Asking::Kept, Asking::Already]);
        let waiting = |at| store.inquiries_waiting(Some(institution.clone()), at);
        assert_eq!(waiting(now()).await.unwrap(), Waiting { open: 1, overdue: 0 });
        assert_eq!(waiting(due_at).await.unwrap(), Waiting { open: 1, overdue: 1 });
        let asked = store.inquiries(Some(institution.clone())).await.unwrap();
        assert_eq!(asked, store.inquiries_of(person).await.unwrap());
        assert_eq!(store.inquiry(asked[0].id).await.unwrap().as_ref(), Some(&asked[0]));
        assert_eq!(asked[0].words, "なぜ見たのですか");
        let by = Holder { credential: "t-3".to_owned(), name: "架空 安全".to_owned() };
        let answer = Answer { at: now(), by, words: "救急で運ばれたためです".to_owned() };
        let reply = || store.answer_inquiry(asked[0].id, answer.clone(), event(now()));
        let (one, two) = tokio::join!(reply(), reply());
        assert_eq!([one.unwrap(), two.unwrap()].iter().filter(|is_kept| **is_kept).count(), 1);
        assert_eq!(store.inquiries_of(person).await.unwrap()[0].answer, Some(answer));
        assert_eq!(ask(true, 5).await.unwrap(), Asking::Kept);
        assert_eq!(ask(true, 5).await.unwrap(), Asking::Already);
        assert_eq!(waiting(due_at).await.unwrap(), Waiting::default(), "asked again, it is not theirs");
        let page = Page { before: now() + SignedDuration::from_secs(1), limit: 10 };
        assert_eq!(store.events_of(person, page).await.unwrap().len(), 3);
    });
}

#[test]
fn a_pack_is_read_by_a_link_until_it_ends_and_each_look_is_counted_and_on_record() {
    on_each_engine("a_pack_is_read_by_a_link_until_it_ends", async |engine| {
        let store = &engine.store;
        let scope = format!("i-{}", PersonId::new().unwrap());
        let holder = || Holder { credential: "t-1".to_owned(), name: "架空 企画".to_owned() };
        let pack = InspectionPack {
            scope: scope.clone(),
            id: format!("p-{scope}"),
            edition: "chk".to_owned(),
            by: holder(),
            made_at: now(),
            steps: 6,
            done: 0,
            state: PackState::Making,
            sha256: None,
        };
        store.begin_pack(pack.clone(), event(now())).await.unwrap();
        store.pack_is_at(scope.clone(), pack.id.clone(), 4).await.unwrap();
        store.pack_is_at(scope.clone(), pack.id.clone(), 3).await.unwrap();
        assert_eq!(store.packs(scope.clone(), 9).await.unwrap()[0].done, 4, "never back");
        assert_eq!(store.pack_archive(scope.clone(), pack.id.clone()).await.unwrap(), None);
        let whole = Some(("ab".to_owned(), b"PK".to_vec()));
        store.end_pack(scope.clone(), pack.id.clone(), whole).await.unwrap();
        store.end_pack(scope.clone(), pack.id.clone(), None).await.unwrap();
        let kept = store.pack(scope.clone(), pack.id.clone()).await.unwrap().unwrap();
        assert_eq!((kept.state, kept.sha256.as_deref()), (PackState::Ready, Some("ab")), "over is over");
        assert_eq!(store.pack_archive(scope.clone(), pack.id.clone()).await.unwrap(), Some(b"PK".to_vec()));
        let link = InspectorLink {
            scope: scope.clone(),
            id: format!("l-{scope}"),
            pack: pack.id.clone(),
            reader: "架空保健所".to_owned(),
            by: holder(),
            made_at: now(),
            ends_at: now() + SignedDuration::from_hours(24),
            ended_at: None,
            looks: 0,
            looked_at: None,
        };
        let mut secret = [7; 32];
        secret[..8].copy_from_slice(&scope.as_bytes()[2..10]);
        store.keep_inspector_link(link.clone(), secret, event(now())).await.unwrap();
        assert_eq!(store.inspector_link(secret).await.unwrap(), Some(link.clone()));
        assert_eq!(store.inspector_link([9; 32]).await.unwrap(), None);
        let look = |at| store.look_by_link(scope.clone(), link.id.clone(), at, event(at));
        assert!(look(now()).await.unwrap());
        assert!(!look(link.ends_at).await.unwrap(), "its time is over");
        let found = store.inspector_links(scope.clone(), 9).await.unwrap();
        assert_eq!((found[0].looks, found[0].looked_at), (1, Some(now())));
        let end = || store.end_inspector_link(scope.clone(), link.id.clone(), now(), event(now()));
        assert!(end().await.unwrap());
        assert!(!end().await.unwrap(), "it is ended once");
        assert!(!look(now()).await.unwrap());
    });
}
