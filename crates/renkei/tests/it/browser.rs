use std::cell::RefCell;
use std::collections::BTreeMap;
use std::time::{SystemTime, UNIX_EPOCH};

use totp_rs::{Algorithm, Builder, Secret};

use crate::hub::{HOSPITAL, Hub, renkei_in};

pub(crate) const PASSWORD: &str = "kawa7mado2tori";

/// A browser: keeps cookies, follows nothing by itself.
pub(crate) struct Browser<'h> {
    hub: &'h Hub,
    agent: ureq::Agent,
    pub(crate) cookies: RefCell<BTreeMap<String, String>>,
}

pub(crate) struct Page {
    pub(crate) status: u16,
    pub(crate) location: Option<String>,
    pub(crate) html: String,
}

/// What an account was set up with.
pub(crate) struct SetUp {
    /// Of the app, in base 32.
    pub(crate) secret: String,
    /// The code that set it up.
    pub(crate) code: String,
    /// The codes on paper.
    pub(crate) papers: Vec<String>,
}

impl<'h> Browser<'h> {
    pub(crate) fn of(hub: &'h Hub) -> Self {
        let config = ureq::Agent::config_builder().http_status_as_error(false).max_redirects(0);
        Self::by(hub, config.build().into())
    }

    /// One that reaches the hub in some way of its own.
    pub(crate) fn by(hub: &'h Hub, agent: ureq::Agent) -> Self {
        Self { hub, agent, cookies: RefCell::default() }
    }

    pub(crate) fn get(&self, path: &str) -> Page {
        let request = self.agent.get(format!("{}{path}", self.hub.url)).header("cookie", self.cookie());
        self.page(request.call().unwrap())
    }

    pub(crate) fn post(&self, path: &str, fields: &[(&str, &str)]) -> Page {
        let request = self.agent.post(format!("{}{path}", self.hub.url)).header("cookie", self.cookie());
        let fields = fields.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        self.page(request.send_form(fields.collect::<Vec<_>>()).unwrap())
    }

    /// What a script of the page sends.
    pub(crate) fn post_json(&self, path: &str, body: &str) -> Page {
        let request = self.agent.post(format!("{}{path}", self.hub.url)).header("cookie", self.cookie());
        self.page(request.header("content-type", "application/json").send(body).unwrap())
    }

    pub(crate) fn cookie(&self) -> String {
        let cookies = self.cookies.borrow();
        cookies.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("; ")
    }

    fn page(&self, mut response: ureq::http::Response<ureq::Body>) -> Page {
        for cookie in response.headers().get_all("set-cookie") {
            let cookie = cookie.to_str().unwrap();
            assert!(cookie.contains("HttpOnly") && cookie.contains("SameSite=Strict"), "{cookie}");
            let (name, rest) = cookie.split_once('=').unwrap();
            let value = rest.split(';').next().unwrap();
            if value.is_empty() {
                self.cookies.borrow_mut().remove(name);
            } else {
                self.cookies.borrow_mut().insert(name.to_owned(), value.to_owned());
            }
        }
        let location = response.headers().get("location").map(|to| to.to_str().unwrap().to_owned());
        // A downloaded workbook is no text; what is read of it is only its status.
        let html = String::from_utf8_lossy(&response.body_mut().read_to_vec().unwrap()).into_owned();
        Page { status: response.status().as_u16(), location, html }
    }

    /// Sets the account of an invitation up with a password and an app.
    pub(crate) fn accept(&self, invitation: &str, password: &str) -> SetUp {
        let shown = self.post(invitation, &[("password", password)]);
        assert_eq!(shown.status, 200, "{}", shown.html);
        let secret: String = between(&shown.html, "<code>", "</code>").split_whitespace().collect();
        let code = code(&secret, 0);
        let told = self.post(&format!("{invitation}/code"), &[("code", &code)]);
        assert_eq!(told.status, 200, "{}", told.html);
        let papers = told.html.split("<li><code>").skip(1);
        let papers = papers.map(|rest| rest.split('<').next().unwrap().to_owned()).collect();
        SetUp { secret, code, papers }
    }
}

/// The code that an app shows, some steps from now. Each is taken once, so tests walk through the steps next to now.
pub(crate) fn code(secret: &str, steps: i64) -> String {
    #[expect(clippy::disallowed_methods, reason = "the app on the phone has a clock of its own")]
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
    let totp = Builder::new()
        .with_algorithm(Algorithm::SHA1)
        .with_digits(6)
        .with_step_duration(30)
        .with_secret(Secret::try_from_base32(secret).unwrap())
        .with_account_name("-".to_owned())
        .with_issuer(Some("-".to_owned()))
        .build()
        .unwrap();
    totp.generate(now.checked_add_signed(steps * 30).unwrap()).to_string()
}

pub(crate) fn between<'t>(text: &'t str, from: &str, to: &str) -> &'t str {
    let rest = &text[text.find(from).unwrap() + from.len()..];
    &rest[..rest.find(to).unwrap()]
}

/// Invites somebody at the command line; answers the path of the link.
pub(crate) fn invited(hub: &Hub, login: &str, role: &str) -> String {
    // Four eyes take the same name for the same person.
    let name = format!("架空 {login}");
    let arguments = [
        "account",
        "invite",
        login,
        "--name",
        &name,
        "--role",
        role,
        "--institution",
        HOSPITAL,
        "--checked",
        "職員証と対面",
    ];
    let output = renkei_in(hub.folder.path(), &arguments);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let link = String::from_utf8(output.stdout).unwrap();
    link[link.find("/invitation/").unwrap()..].trim().to_owned()
}
