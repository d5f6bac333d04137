//! The console: pages for people, rendered here, readable without script.
//!
//! One file per page: what it asks of the exchange, the view model its template shows, and the handler. `frame.rs`
//! is what every page carries, `reader.rs` who reads it, `refusal.rs` the page that says no. `clinical/` turns FHIR
//! resources into rows a clinician or a patient can read.
//!
//! To add a page: its address in `routes.rs`, a file here, a template, its words in `locale/*/console.toml`, and its
//! line in `tests/browser/pages.mjs`.

mod access_reviews;
mod account_exception;
mod account_invitation;
mod account_providers;
mod accounts;
mod acts_simulator;
mod alerts;
mod apps;
mod asking;
mod assets;
mod audit_log;
mod authorize;
mod banner;
mod clinical;
mod consents;
mod contents;
mod device;
mod devices;
mod directory;
mod disasters;
mod document;
mod documents;
mod figures;
mod for_whom;
mod form;
mod frame;
mod front;
mod inquiries;
mod menu;
mod narrative;
mod notices;
mod opening;
mod own_account;
mod patients;
mod projections;
mod proxies;
mod reader;
mod record;
mod refusal;
mod reviews;
mod roster;
mod safety;
mod sections;
mod seen_by;
mod sign_in;
mod sign_ins;
mod simulator;
mod summary;
mod svg;
mod time;
mod timeline;
mod validator;

pub(crate) use self::safety::{
    answer_item, approve_plan, bring_report_sheet, change_links, change_reporter, change_row, changes,
    chapter_page, contacts_page, diagram_page, enrol_reporter, executive, export_register, findings,
    guideline, import_register, import_register_page, incident, incident_papers, incidents, inspection,
    inspection_file, item, keep_chapter, make_pack, make_row, new_row, open_incident, pack_page, packs, path,
    plan_page, plan_pdf, register_index, register_list, register_row, report_sheet_page, reporter, reporters,
    run_checks, support, take_pack, test_contacts, today, write_incident,
};
pub(crate) use access_reviews::{
    access_review, access_review_csv, access_reviews, answer_access_review, open_access_review,
};
pub(crate) use account_exception::change_exception;
pub(crate) use account_invitation::{invite, new_account};
pub(crate) use accounts::{accounts, change_account, suspend_stale};
pub(crate) use acts_simulator::acts_simulator;
pub(crate) use alerts::{alerts, change_alerts};
pub(crate) use apps::{apps, change_apps};
pub(crate) use asking::{ask, asking};
pub(crate) use assets::{asset, favicon};
pub(crate) use audit_log::audit_log;
pub(crate) use authorize::{answer_app, asked_by_app};
pub(crate) use consents::{change_consents, consents};
pub(crate) use device::{device, set_up_device};
pub(crate) use devices::{change_devices, devices};
pub(crate) use directory::directory;
pub(crate) use disasters::{change_disasters, disasters};
pub(crate) use document::document;
pub(crate) use documents::documents;
pub(crate) use figures::figures;
pub(crate) use for_whom::for_whom;
pub(crate) use front::front;
pub(crate) use inquiries::{answer_inquiry, inquiries};
pub(crate) use notices::{notices, resend_notice};
pub(crate) use opening::{disaster_page, emergency_page, open_disaster, open_emergency};
pub(crate) use own_account::{accept_own_password, change_own_account, own_account};
pub(crate) use patients::patients;
pub(crate) use projections::projections;
pub(crate) use proxies::{change_proxies, proxies};
pub(crate) use refusal::for_eyes;
pub(crate) use reviews::{keep_review, reviews};
pub(crate) use roster::{export_accounts, import_accounts, import_page};
pub(crate) use seen_by::seen_by;
pub(crate) use sign_in::{
    accept_password, begin_invitation, card_page, from_provider, invitation_page, invitation_to_provider,
    open_door, passkey_asked, passkey_done, proof_page, prove, read_card, sign_in, sign_in_page,
    sign_in_with_code, sign_in_with_second, sign_out, to_provider,
};
pub(crate) use sign_ins::sign_ins;
pub(crate) use simulator::simulator;
pub(crate) use summary::patient_summary;
pub(crate) use validator::{rule, rules, shared_findings, validate, validator_page};
