//! Client certificates over real TLS: as a terminal's key, as a second factor, and refused.

use std::fs;
use std::path::Path;

use rcgen::{
    BasicConstraints, CertificateParams, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair, date_time_ymd,
};
use ureq::tls::{Certificate, ClientCert, PrivateKey, RootCerts, TlsConfig};

use crate::browser::{Browser, PASSWORD, invited};
use crate::hub::{HOSPITAL, Hub, prepared, renkei_in};

const PROGRAM: &str = env!("CARGO_BIN_EXE_renkei");

/// A certificate and its key, in PEM.
struct Card {
    certificate: String,
    key: String,
}

/// An authority, and what it gives.
struct Authority {
    issuer: Issuer<'static, KeyPair>,
    certificate: String,
}

impl Authority {
    fn new() -> Self {
        let mut parameters = CertificateParams::new(Vec::new()).unwrap();
        parameters.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let key = KeyPair::generate().unwrap();
        let certificate = parameters.self_signed(&key).unwrap().pem();
        Self { issuer: Issuer::new(parameters, key), certificate }
    }

    fn gives(&self, purpose: ExtendedKeyUsagePurpose, until: i32) -> Card {
        let mut parameters = CertificateParams::new(vec!["127.0.0.1".to_owned()]).unwrap();
        parameters.extended_key_usages = vec![purpose];
        parameters.not_before = date_time_ymd(2020, 1, 1);
        parameters.not_after = date_time_ymd(until, 1, 1);
        let key = KeyPair::generate().unwrap();
        let certificate = parameters.signed_by(&key, &self.issuer).unwrap().pem();
        Card { certificate, key: key.serialize_pem() }
    }

    fn client(&self) -> Card {
        self.gives(ExtendedKeyUsagePurpose::ClientAuth, 2100)
    }

    /// A browser that trusts this authority, with a card or without.
    fn agent(&self, card: Option<&Card>) -> ureq::Agent {
        let trusted = [Certificate::from_pem(self.certificate.as_bytes()).unwrap()];
        let card = card.map(|card| {
            let chain = [Certificate::from_pem(card.certificate.as_bytes()).unwrap()];
            ClientCert::new_with_certs(&chain, PrivateKey::from_pem(card.key.as_bytes()).unwrap())
        });
        let tls = TlsConfig::builder().root_certs(RootCerts::new_with_certs(&trusted)).client_cert(card);
        let config = ureq::Agent::config_builder().http_status_as_error(false).max_redirects(0);
        config.tls_config(tls.build()).build().into()
    }

    /// A hub that this authority gave its certificate, and that takes client certificates of its own.
    fn hub(&self) -> Hub {
        let folder = prepared("renkei.db");
        let write = |name: &str, text: &str| fs::write(folder.path().join(name), text).unwrap();
        let hub = self.gives(ExtendedKeyUsagePurpose::ServerAuth, 2100);
        write("hub.pem", &hub.certificate);
        write("hub.key", &hub.key);
        write("authorities.pem", &self.certificate);
        let config = folder.path().join("renkei.toml");
        let tls = "\n[tls]\ncertificate = \"hub.pem\"\nkey = \"hub.key\"\nclient_authorities = \"authorities.pem\"\n";
        fs::write(&config, fs::read_to_string(&config).unwrap() + tls).unwrap();
        Hub::run_in(folder, &[PROGRAM])
    }
}

fn written(folder: &Path, name: &str, card: &Card) -> String {
    let path = folder.join(name);
    fs::write(&path, &card.certificate).unwrap();
    path.to_str().unwrap().to_owned()
}

#[test]
fn only_certificates_of_the_hubs_authorities_that_hold_today_reach_it() {
    let (ours, others) = (Authority::new(), Authority::new());
    let hub = ours.hub();
    let health = |card: Option<&Card>| ours.agent(card).get(format!("{}/health", hub.url)).call();
    assert!(hub.url.starts_with("https://"));
    assert_eq!(health(None).unwrap().status(), 200, "whoever shows none signs in in some other way");
    assert_eq!(health(Some(&ours.client())).unwrap().status(), 200);
    assert!(health(Some(&others.client())).is_err(), "an unknown issuer");
    assert!(health(Some(&ours.gives(ExtendedKeyUsagePurpose::ClientAuth, 2021))).is_err(), "expired");
    assert!(health(Some(&ours.gives(ExtendedKeyUsagePurpose::ServerAuth, 2100))).is_err(), "a server's");
    let plain = ureq::Agent::config_builder().http_status_as_error(false).build();
    let plain: ureq::Agent = plain.into();
    let by_http = plain.get(format!("{}/health", hub.url.replace("https:", "http:"))).call();
    assert!(by_http.is_err(), "nothing is answered without TLS");
}

#[test]
fn a_registered_certificate_is_its_terminals_key() {
    let authority = Authority::new();
    let hub = authority.hub();
    let (ward, other) = (authority.client(), authority.client());
    let file = written(hub.folder.path(), "ward.pem", &ward);
    let add = ["device", "add", "病棟9", "--institution", HOSPITAL, "--certificate", &file];
    assert!(renkei_in(hub.folder.path(), &add).status.success());
    assert!(!renkei_in(hub.folder.path(), &add).status.success(), "one certificate, one terminal");
    let no_pem = ["device", "add", "病棟8", "--institution", HOSPITAL, "--certificate", "renkei.toml"];
    assert!(!renkei_in(hub.folder.path(), &no_pem).status.success());

    let on_ward = Browser::by(&hub, authority.agent(Some(&ward)));
    on_ward.accept(&invited(&hub, "kakuu.byoutou", "safety-manager"), PASSWORD);
    assert!(on_ward.get("/device").html.contains("病棟9"));
    assert_eq!(on_ward.get("/audit").status, 200);
    assert!(!on_ward.get("/devices").html.contains("登録していない端末で入った"));
    let elsewhere = Browser::by(&hub, authority.agent(Some(&other)));
    elsewhere.cookies.borrow_mut().extend(on_ward.cookies.borrow().clone());
    assert_eq!(elsewhere.get("/audit").status, 303, "a stolen cookie without the certificate's key");
    assert_eq!(on_ward.get("/audit").status, 303, "and the session is ended");
}

#[test]
fn ones_own_certificate_stands_beside_the_password_in_the_place_of_a_code() {
    let authority = Authority::new();
    let hub = authority.hub();
    let card = authority.client();
    let mine = Browser::by(&hub, authority.agent(Some(&card)));
    mine.accept(&invited(&hub, "kakuu.card", "safety-manager"), PASSWORD);
    let without = Browser::by(&hub, authority.agent(None));
    without.accept(&invited(&hub, "kakuu.betsu", "safety-manager"), PASSWORD);
    let none = without.post("/account", &[("certificate", "1")]);
    assert!(none.status == 422 && none.html.contains("証明書が示されていません"));
    assert_eq!(mine.post("/account", &[("certificate", "1")]).status, 303);
    assert!(mine.get("/account").html.contains("<strong>証明書</strong>"));
    let again = mine.post("/account", &[("certificate", "1")]);
    assert!(again.status == 422 && again.html.contains("すでに使われています"));

    let sign_in = |login: &str, card: Option<&Card>| {
        let browser = Browser::by(&hub, authority.agent(card));
        browser.post("/sign-in", &[("login", login), ("password", PASSWORD)]).status
    };
    assert_eq!(sign_in("kakuu.card", Some(&card)), 303, "no code is asked for");
    assert_eq!(sign_in("kakuu.card", None), 200, "a code is asked for");
    assert_eq!(sign_in("kakuu.card", Some(&authority.client())), 200, "another certificate is none");
    assert_eq!(sign_in("kakuu.betsu", Some(&card)), 200, "another's certificate is none");
    let registered = written(hub.folder.path(), "card.pem", &card);
    let add = ["device", "add", "病棟7", "--institution", HOSPITAL, "--certificate", &registered];
    assert!(!renkei_in(hub.folder.path(), &add).status.success(), "a person's certificate is no terminal's");
}

#[test]
fn a_hub_says_which_file_of_its_tls_is_wrong() {
    let folder = prepared("renkei.db");
    for (arguments, said) in [
        (vec!["--tls-certificate", "nowhere.pem", "--tls-key", "nowhere.key"], "nowhere"),
        (vec!["--tls-certificate", "renkei.toml", "--tls-key", "renkei.toml"], "renkei.toml"),
        (vec!["--tls-certificate", "hub.pem"], "--tls-key"),
    ] {
        let config = folder.path().join("renkei.toml");
        let mut command = std::process::Command::new(PROGRAM);
        let output = command
            .args(["serve", "--config"])
            .arg(&config)
            .args(&arguments)
            .current_dir(folder.path())
            .output();
        let output = output.unwrap();
        assert!(!output.status.success());
        let told = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(told.contains(said), "{told}");
    }
}
