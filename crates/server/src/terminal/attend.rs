//! Attends to one terminal: takes its files, makes the calls they stand for, and answers.

use std::collections::HashSet;
use std::io;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::http::Request;
use axum::http::header::{AUTHORIZATION, CONTENT_TYPE};
use exchange::CardReader;
use http_body_util::BodyExt;
use serde_json::{Value, json};
use tokio::sync::Semaphore;
use tokio::task::block_in_place;
use tower::ServiceExt;

use super::envelope::{Element, Header, Message};
use super::face::{FaceResult, is_face_result};
use super::folder::{Folders, Taken, split};
use super::message;
use crate::App;
use crate::catalogue::{BodyOf, Interface, by_drop};

/// A terminal: whose it is, its folders, and what it is let in by.
#[derive(Clone, Debug)]
pub struct Terminal {
    /// The institution's ten digits; a message that names another is refused.
    pub institution: String,
    /// Where requests are dropped.
    pub requests: PathBuf,
    /// Where results go.
    pub results: PathBuf,
    /// The token of the institution's system.
    pub token: String,
    /// The token of its privileged emergency staff, if they use this terminal (OQS-IF-047).
    pub emergency_token: Option<String>,
}

/// How many sessions a terminal holds at most (W4/56).
const SESSIONS: usize = 20;
/// How often the folder is looked at.
const LOOK: Duration = Duration::from_millis(200);
/// How often new consents are looked for, if nothing is heard of them before.
const LOOK_FOR_CONSENTS: Duration = Duration::from_secs(60);

/// Attends to a terminal until the program ends. `router` is the whole hub: a file is answered as a call would be.
///
/// # Errors
/// If the folders cannot be opened.
pub async fn attend(app: Arc<App>, router: Router, terminal: Terminal) -> io::Result<()> {
    let mut folders = Folders::open(terminal.requests.clone(), terminal.results.clone())?;
    let desk = Arc::new(Desk {
        folders: Folders::open(terminal.requests.clone(), terminal.results.clone())?,
        running: Mutex::default(),
        sessions: Semaphore::new(SESSIONS),
        router,
        terminal,
    });
    tokio::spawn(tell_of_consents(app, Arc::clone(&desk)));
    loop {
        match block_in_place(|| folders.complete()) {
            Ok(names) => names.into_iter().for_each(|name| begin(&desk, name)),
            Err(error) => tracing::error!(%error, "the terminal's folder cannot be read"),
        }
        tokio::time::sleep(LOOK).await;
    }
}

struct Desk {
    folders: Folders,
    /// Names of files that are being answered.
    running: Mutex<HashSet<String>>,
    sessions: Semaphore,
    router: Router,
    terminal: Terminal,
}

fn begin(desk: &Arc<Desk>, name: String) {
    let is_new = desk.running.lock().unwrap_or_else(PoisonError::into_inner).insert(name.clone());
    if is_new {
        let desk = Arc::clone(desk);
        tokio::spawn(async move {
            if let Ok(_session) = desk.sessions.acquire().await
                && let Err(error) = desk.serve(name.clone()).await
            {
                // The file is still there: it is taken up again.
                tracing::error!(%error, "a file of the terminal could not be answered");
            }
            desk.running.lock().unwrap_or_else(PoisonError::into_inner).remove(&name);
        });
    }
}

impl Desk {
    async fn serve(&self, name: String) -> io::Result<()> {
        let Some(taken) = block_in_place(|| self.folders.take(name))? else { return Ok(()) };
        let (answer, is_rejected) = match self.understand(&taken) {
            Ok(message) if is_face_result(&taken.name) => self.hand_in(&taken.name, &message).await,
            Ok(message) => match interface_of(&taken, &message) {
                Ok(interface) => (self.answer(interface, &message).await, false),
                Err(failed) => (*failed, true),
            },
            Err(failed) => (*failed, true),
        };
        block_in_place(|| self.folders.answer(&taken, &answer.to_bytes(), is_rejected))
    }

    /// The message in a file, or the answer that says why there is none.
    fn understand(&self, taken: &Taken) -> Result<Message, Box<Message>> {
        let nobody = Header { institution: self.terminal.institution.clone(), ..Header::default() };
        let too_large = || Box::new(message::failed(&nobody, "SIM-H-TOO-LARGE", "terminal.too-large"));
        let parsed = Message::parse(taken.bytes.as_deref().ok_or_else(too_large)?);
        let parsed = parsed.map_err(|not| message::failed(&nobody, not.code(), not.words()))?;
        if parsed.header.institution != self.terminal.institution {
            let (code, words) = ("SIM-H-INSTITUTION", "terminal.other-institution");
            return Err(Box::new(message::failed(&parsed.header, code, words)));
        }
        Ok(parsed)
    }

    /// Hands in what a patient consented to at the reader; true if the file is to be put aside.
    async fn hand_in(&self, name: &str, message: &Message) -> (Message, bool) {
        let consent = match (FaceResult { name, message }).consent() {
            Ok(consent) => consent,
            Err(code) => {
                let failed =
                    message::failed(&message.header, &format!("SIM-F-{code}"), &format!("wrong.{code}"));
                return (failed, true);
            }
        };
        let body = json!({"member": consent.member_id, "groups": consent.groups,
            "given_at": consent.given_at.to_string()});
        let request = Request::post("/api/v1/consents")
            .header(AUTHORIZATION, format!("Bearer {}", self.terminal.token))
            .header(CONTENT_TYPE, "application/json")
            .body(Body::from(body.to_string()));
        let Ok(request) = request else {
            return (
                message::failed(&message.header, "SIM-F-reader-incomplete", "wrong.reader-incomplete"),
                true,
            );
        };
        let (status, body) = self.call(request).await;
        (message::answer(&message.header, status, &body), !status.is_success())
    }

    async fn answer(&self, interface: &Interface, message: &Message) -> Message {
        let token = match (interface.call.body, &self.terminal.emergency_token) {
            (BodyOf::Emergency, Some(token)) => token,
            _ => &self.terminal.token,
        };
        match message::request(&interface.call, message, token) {
            Err(not) => message::refused(&message.header, not),
            Ok(request) => {
                let (status, body) = self.call(request).await;
                message::answer(&message.header, status, &body)
            }
        }
    }

    async fn call(&self, request: Request<Body>) -> (axum::http::StatusCode, Vec<u8>) {
        let Ok(response) = self.router.clone().oneshot(request).await;
        let status = response.status();
        let body = response.into_body().collect().await.map(|body| body.to_bytes().to_vec());
        (status, body.unwrap_or_default())
    }

    /// Puts a result into the folder for each referral that can be read and was not told of yet (CIS-IF-119).
    async fn tell(&self) -> io::Result<()> {
        let own = &self.terminal.institution;
        let request = Request::get(format!("/fhir/Task?owner={own}&business-status=open"))
            .header(AUTHORIZATION, format!("Bearer {}", self.terminal.token))
            .body(Body::empty());
        let Ok(request) = request else { return Ok(()) };
        let (_, body) = self.call(request).await;
        let found: Value = serde_json::from_slice(&body).unwrap_or_default();
        for task in found["entry"].as_array().into_iter().flatten().map(|entry| &entry["resource"]) {
            let id = task["id"].as_str().unwrap_or_default();
            let header = Header { institution: own.clone(), ..Header::default() };
            let children = vec![Element::leaf("ProcessingResultStatus", "1"), message::referral(task)];
            let told = message::pushed(&header, Element::of("MessageBody", children)).to_bytes();
            block_in_place(|| self.folders.tell(&format!("CISsi119res_{id}.xml"), &told))?;
        }
        Ok(())
    }
}

/// The interface that a file's name is for, or the answer that there is none.
fn interface_of(taken: &Taken, message: &Message) -> Result<&'static Interface, Box<Message>> {
    let interface = split(&taken.name).and_then(|(drop, _)| by_drop(drop));
    let (code, words) = ("SIM-H-INTERFACE", "terminal.unknown-interface");
    interface.ok_or_else(|| Box::new(message::failed(&message.header, code, words)))
}

/// Tells the terminal of referrals that were opened to its institution, as soon as that is heard of.
async fn tell_of_consents(app: Arc<App>, desk: Arc<Desk>) {
    let mut listener = app.exchange.store.listen(&desk.terminal.institution);
    loop {
        if let Err(error) = desk.tell().await {
            tracing::error!(%error, "the terminal could not be told of a consent");
        }
        // A hint may be missed, so its absence means nothing.
        drop(tokio::time::timeout(LOOK_FOR_CONSENTS, listener.heard()).await);
    }
}
