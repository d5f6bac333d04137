//! The written rules, over every case there can be.

use access::policy::{Action, Narrowing, NarrowingFault, Setting, Step, explain, matrix, settings};
use access::{Factors, POWERS, RULES, Refusal, Role};
use store::Basis;

const READING: [Action; 3] = [Action::ViewInformations, Action::ViewDocuments, Action::ViewUnit];

/// Acts that need two: one who asks or did it, another who says yes.
const FOUR_EYES: [Action; 11] = [
    Action::Review,
    Action::AccountInvite,
    Action::AccountSuspend,
    Action::AccountEnd,
    Action::AccountExcept,
    Action::AnswerAccessReview,
    Action::ApproveDevice,
    Action::ChangePolicy,
    Action::AnswerInquiry,
    Action::AnswerAlert,
    Action::RegisterProxy,
];

const DANGEROUS: [Action; 8] = [
    Action::OpenInEmergency,
    Action::AccountEnd,
    Action::AccountExcept,
    Action::ExportAccounts,
    Action::RegisterApp,
    Action::ChangePolicy,
    Action::HandleKeys,
    Action::RegisterProxy,
];

/// Every permitted case of an action: the role, the setting and the rule.
fn permitted(action: Action) -> Vec<(Role, Setting, &'static str)> {
    let mut all = Vec::new();
    for setting in settings(action) {
        for role in Role::ALL {
            if let Ok(rule) = setting.case(role).rule(action, None) {
                all.push((role, setting.clone(), rule));
            }
        }
    }
    all
}

#[test]
fn no_role_reads_a_record_of_elsewhere_without_a_grant_an_emergency_or_a_disaster() {
    for action in READING {
        for (role, setting, rule) in permitted(action) {
            let facts = &setting.facts;
            let is_a_reason = match rule {
                "patient-self" => role == Role::Patient && facts.is_self,
                "patient-proxy" => role == Role::Patient && facts.is_proxy,
                "own-registration" => {
                    facts.is_own || (role == Role::Institution && action != Action::ViewUnit)
                }
                "own-member" => role == Role::Insurer,
                "grant" => role.is_clinical() && facts.opened_by == Some(Basis::CardReader),
                "emergency" => role == Role::EmergencyClinician && facts.opened_by == Some(Basis::Emergency),
                "disaster" => role.is_clinical() && facts.opened_by == Some(Basis::Disaster),
                _ => false,
            };
            assert!(is_a_reason, "{role:?} {rule} {setting:?}");
        }
    }
}

#[test]
fn a_referral_is_read_by_its_sender_and_once_it_is_open_by_its_destination() {
    let readings = permitted(Action::ViewReferral);
    assert!(!readings.is_empty());
    for (role, setting, _) in readings {
        let facts = &setting.facts;
        assert!(role.is_clinical() || role == Role::Institution, "{role:?}");
        assert!(facts.is_own || (facts.is_destination && facts.step == Some(Step::Open)), "{setting:?}");
        assert_ne!(facts.step, Some(Step::Ended));
    }
}

#[test]
fn nurses_and_pharmacists_read_as_doctors_do_and_nobody_else_of_the_staff_reads_anything() {
    let views = [READING.as_slice(), &[Action::ViewReferral]].concat();
    for action in views {
        for setting in settings(action) {
            let of = |role: Role| setting.case(role).rule(action, None);
            assert_eq!(of(Role::Nurse), of(Role::Clinician));
            assert_eq!(of(Role::Pharmacist), of(Role::Clinician));
            for role in [
                Role::Clerk,
                Role::Executive,
                Role::SafetyManager,
                Role::PlanningManager,
                Role::SystemOperator,
                Role::Maintainer,
                Role::Auditor,
                Role::Developer,
                Role::Operator,
            ] {
                assert_eq!(of(role), Err(Refusal { rule: "role-sees-no-record" }), "{role:?}");
            }
        }
    }
}

#[test]
fn nobody_says_yes_to_what_they_asked_or_did_themselves() {
    for action in FOUR_EYES {
        let all = permitted(action);
        assert!(!all.is_empty(), "{action:?}");
        assert!(all.iter().all(|(_, setting, _)| !setting.facts.is_by_viewer), "{action:?}");
    }
}

#[test]
fn nobody_at_all_alters_the_record_of_acts() {
    for setting in settings(Action::AlterActs) {
        for role in Role::ALL {
            let ruling = setting.case(role).rule(Action::AlterActs, None);
            assert_eq!(ruling, Err(Refusal { rule: "nobody-alters-the-record" }));
        }
    }
}

#[test]
fn dangerous_acts_ask_for_two_factors_proved_again_and_only_a_machines_own_act_for_its_token() {
    for action in DANGEROUS {
        let is_a_machines = matches!(action, Action::OpenInEmergency | Action::AccountEnd);
        let all = permitted(action);
        assert!(!all.is_empty(), "{action:?}");
        for (role, setting, _) in all {
            let assurance = setting.assurance;
            let is_sure = assurance.factors == Factors::Two && assurance.is_fresh;
            assert!(is_sure || (is_a_machines && assurance.is_machine), "{role:?} {action:?} {assurance:?}");
        }
    }
}

#[test]
fn whoever_may_not_at_all_is_not_told_of_a_second_factor() {
    for action in DANGEROUS {
        for setting in settings(action) {
            for role in Role::ALL {
                let weaker = setting.case(role).rule(action, None);
                let mut surer = setting.clone();
                assert!(surer.set("assurance", "two-factor") && surer.set("is_fresh", "yes"));
                if let Err(Refusal { rule: "second-factor-needed" | "step-up-needed" }) = weaker {
                    assert!(surer.case(role).rule(action, None).is_ok(), "{role:?} {action:?}");
                }
            }
        }
    }
}

#[test]
fn only_the_hubs_operator_administers_beyond_their_own_institution_and_nobody_gives_what_is_not_theirs() {
    let acts = [
        Action::AccountInvite,
        Action::AccountSuspend,
        Action::AccountEnd,
        Action::AccountList,
        Action::AccountExcept,
        Action::ExportAccounts,
        Action::AnswerAccessReview,
        Action::ApproveDevice,
        Action::RegisterApp,
        Action::ChangePolicy,
        Action::AnswerInquiry,
        Action::ListInquiries,
        Action::RegisterProxy,
        Action::SeeAlerts,
        Action::AnswerAlert,
        Action::KeepWatch,
    ];
    for action in acts {
        for (role, setting, _) in permitted(action) {
            assert!(role == Role::Operator || setting.facts.is_own, "{role:?} {action:?}");
            let outside = [Role::Patient, Role::Insurer, Role::Operator, Role::Developer];
            if let Some(subject) = setting.facts.subject
                && outside.contains(&subject)
                && matches!(action, Action::AccountInvite | Action::AccountSuspend | Action::AccountEnd)
            {
                assert_eq!(role, Role::Operator, "{subject:?}");
            }
        }
    }
}

#[test]
fn a_proxy_sees_reads_acts_tells_wishes_takes_back_and_asks_and_may_nothing_else() {
    let lent = [
        Action::ViewInformations,
        Action::ViewDocuments,
        Action::ViewUnit,
        Action::ReadActs,
        Action::RevokeGrant,
        Action::TellWish,
        Action::AskInquiry,
    ];
    for action in Action::ALL {
        let by_proxy: Vec<_> =
            permitted(action).into_iter().filter(|(.., rule)| *rule == "patient-proxy").collect();
        assert_eq!(!by_proxy.is_empty(), lent.contains(&action), "{action:?}");
        assert!(by_proxy.iter().all(|(role, setting, _)| *role == Role::Patient && setting.facts.is_proxy));
    }
}

#[test]
fn an_inquiry_asked_again_leaves_those_who_answered_first() {
    for (role, setting, _) in permitted(Action::AnswerInquiry) {
        let facts = &setting.facts;
        match role {
            Role::PlanningManager | Role::SafetyManager => assert!(facts.is_own && !facts.is_for_hub),
            Role::Auditor => assert!(facts.is_own && facts.is_for_hub),
            other => assert!(other == Role::Operator && facts.is_for_hub),
        }
    }
}

#[test]
fn a_system_keeps_accounts_only_where_it_was_let_and_makes_nobody_who_keeps_accounts() {
    let acts = [Action::AccountInvite, Action::AccountSuspend, Action::AccountEnd, Action::AccountList];
    for action in acts {
        let systems = permitted(action).into_iter().filter(|(role, ..)| *role == Role::Institution);
        let systems: Vec<_> = systems.collect();
        assert!(!systems.is_empty(), "{action:?}");
        for (_, setting, rule) in systems {
            assert_eq!(rule, "account-system");
            assert!(setting.facts.is_provisioner && setting.facts.is_own, "{action:?}");
            let managers = [Role::PlanningManager, Role::SafetyManager, Role::Maintainer];
            let subject = setting.facts.subject;
            assert!(action != Action::AccountInvite || subject.is_some_and(|one| !managers.contains(&one)));
        }
    }
    for action in [Action::AccountExcept, Action::ExportAccounts, Action::RegisterApp, Action::ChangePolicy] {
        assert!(permitted(action).iter().all(|(role, ..)| *role != Role::Institution), "{action:?}");
    }
}

#[test]
fn every_cell_of_the_matrix_names_known_rules_and_every_act_but_one_is_somebodys() {
    for (action, cells) in matrix() {
        assert_eq!(
            cells.iter().all(|cell| cell.permits.is_empty()),
            action == Action::AlterActs,
            "{action:?}"
        );
        for rule in cells.iter().flat_map(|cell| cell.permits.iter().chain(&cell.refusals)) {
            assert!(RULES.contains(rule) || POWERS.contains(rule), "{rule}");
        }
    }
}

#[test]
fn a_narrowing_takes_away_and_never_gives() {
    let text = r#"
        // Nurses read no documents here, and nobody opens anything at night.
        forbid (principal == Role::"nurse", action == Action::"view-documents", resource);
        forbid (principal, action in Action::"view", resource)
        when { context has hour && (context.hour < 6 || context.hour >= 22) };
    "#;
    let narrowing = Narrowing::parse(text).unwrap();
    let mut taken = 0;
    for action in [Action::ViewDocuments, Action::ViewUnit, Action::AccountInvite, Action::Review] {
        for setting in settings(action) {
            for role in Role::ALL {
                let before = setting.case(role).rule(action, None);
                match setting.case(role).rule(action, Some(&narrowing)) {
                    Err(Refusal { rule: "narrowed" }) => {
                        assert!(before.is_ok());
                        taken += 1;
                    }
                    after => assert_eq!(after, before),
                }
            }
        }
    }
    assert!(taken > 0);
    let mut night = Setting::default();
    assert!(night.set("opened_by", "card-reader") && night.set("hour", "23"));
    let read = |setting: &Setting| setting.case(Role::Clinician).rule(Action::ViewUnit, Some(&narrowing));
    assert_eq!(read(&night), Err(Refusal { rule: "narrowed" }));
    let explained = explain(&night.case(Role::Clinician), Action::ViewUnit, Some(&narrowing));
    assert!(explained.policy.unwrap().contains("context.hour"));
}

#[test]
fn a_narrowing_that_permits_does_not_parse_or_speaks_of_the_unknown_is_refused_at_its_line() {
    let fault = |text: &str| Narrowing::parse(text).err();
    let permit = "forbid (principal, action == Action::\"simulate\", resource);\n\npermit (principal, action, resource);";
    assert_eq!(fault(permit), Some(NarrowingFault::Permits { line: 3 }));
    let template = "// a place to fill in\nforbid (principal == ?principal, action, resource);";
    assert_eq!(fault(template), Some(NarrowingFault::Permits { line: 2 }));
    let broken = "forbid (principal, action, resource)\nwhen { context.is_self ;";
    assert!(matches!(fault(broken), Some(NarrowingFault::Unreadable { line: 2, .. })), "{:?}", fault(broken));
    for (text, line) in [
        ("\nforbid (principal == Role::\"nurze\", action, resource);", 2),
        ("forbid (principal, action == Action::\"see\", resource);", 1),
        ("forbid (principal, action, resource)\nwhen { context.is_tired };", 2),
        ("forbid (principal, action, resource)\nwhen { context.is_fresh == \"yes\" };", 2),
    ] {
        match fault(text) {
            Some(NarrowingFault::Unknown { line: found, .. }) => assert_eq!(found, line, "{text}"),
            other => panic!("{text}: {other:?}"),
        }
    }
    assert!(Narrowing::parse("").is_ok());
}

#[test]
fn a_narrowing_that_leaves_nobody_to_keep_accounts_is_refused() {
    let fault = |text: &str| Narrowing::parse(text).err();
    let everything = "// closed\nforbid (principal, action, resource);";
    assert_eq!(fault(everything), Some(NarrowingFault::LocksOut { line: 2, action: Action::AccountList }));
    let policy = "forbid (principal, action == Action::\"policy-change\", resource);";
    assert_eq!(fault(policy), Some(NarrowingFault::LocksOut { line: 1, action: Action::ChangePolicy }));
    let one = "forbid (principal == Role::\"safety-manager\", action, resource);";
    assert_eq!(fault(one), None);
    let both = format!("{one}\nforbid (principal == Role::\"planning-manager\", action, resource);");
    assert!(matches!(fault(&both), Some(NarrowingFault::LocksOut { .. })));
    let office_hours = "forbid (principal, action, resource) unless { context has hour && context.hour >= 9 && context.hour < 17 };";
    assert_eq!(fault(office_hours), None);
    let overflow = "forbid (principal, action, resource)\nwhen { context has hour && context.hour + 9223372036854775807 > 0 };";
    assert!(fault(overflow).is_some(), "what cannot be evaluated forbids");
}
