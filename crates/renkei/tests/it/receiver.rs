//! A receiver of webhooks: a few lines of HTTP, as an institution's system might have.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicU16, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use ring::hmac;
use serde_json::Value;

/// Listens until it is dropped, and answers every call with the same status.
pub(crate) struct Receiver {
    pub(crate) port: u16,
    status: Arc<AtomicU16>,
    calls: Arc<Mutex<Vec<Call>>>,
}

/// One call as it arrived.
#[derive(Clone, Debug)]
pub(crate) struct Call {
    headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

/// Answers with this status are never given: the call is left hanging.
pub(crate) const SILENCE: u16 = 0;

impl Receiver {
    pub(crate) fn start(status: u16) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let (status, calls) = (Arc::new(AtomicU16::new(status)), Arc::default());
        let receiver = Self { port, status: Arc::clone(&status), calls: Arc::clone(&calls) };
        std::thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let (status, calls) = (Arc::clone(&status), Arc::clone(&calls));
                std::thread::spawn(move || serve(stream, &status, &calls));
            }
        });
        receiver
    }

    pub(crate) fn url(&self) -> String {
        format!("http://127.0.0.1:{}/notices", self.port)
    }

    pub(crate) fn answer_with(&self, status: u16) {
        self.status.store(status, Ordering::Relaxed);
    }

    /// Every notice that arrived; handshakes are left out.
    pub(crate) fn notices(&self) -> Vec<Call> {
        let calls = self.calls.lock().unwrap().clone();
        calls.into_iter().filter(|call| !call.header("webhook-id").starts_with("handshake")).collect()
    }

    /// Waits until `count` notices arrived.
    pub(crate) fn wait_for(&self, count: usize) -> Vec<Call> {
        for _ in 0..600 {
            let notices = self.notices();
            if notices.len() >= count {
                return notices;
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        panic!("{} notices arrived, {count} were expected", self.notices().len());
    }
}

impl Call {
    pub(crate) fn header(&self, name: &str) -> String {
        let found = self.headers.iter().find(|(key, _)| key == name);
        found.map(|(_, value)| value.clone()).unwrap_or_default()
    }

    pub(crate) fn id(&self) -> String {
        self.header("webhook-id")
    }

    /// Whether the signature is the secret's, as Standard Webhooks say.
    pub(crate) fn is_signed_with(&self, secret: &str) -> bool {
        let key = STANDARD.decode(secret.strip_prefix("whsec_").unwrap()).unwrap();
        let body = String::from_utf8(self.body.clone()).unwrap();
        let signed = format!("{}.{}.{body}", self.id(), self.header("webhook-timestamp"));
        let signature = self.header("webhook-signature");
        let signature = STANDARD.decode(signature.strip_prefix("v1,").unwrap()).unwrap();
        hmac::verify(&hmac::Key::new(hmac::HMAC_SHA256, &key), signed.as_bytes(), &signature).is_ok()
    }

    /// A parameter of the body.
    pub(crate) fn parameter(&self, name: &str) -> Value {
        let json: Value = serde_json::from_slice(&self.body).unwrap();
        let found = json["parameter"].as_array().unwrap().iter().find(|one| one["name"] == name).cloned();
        found.unwrap_or_default()
    }
}

fn serve(stream: TcpStream, status: &AtomicU16, calls: &Mutex<Vec<Call>>) {
    let mut reader = BufReader::new(stream.try_clone().unwrap());
    let mut writer = stream;
    while let Some(call) = read(&mut reader) {
        calls.lock().unwrap().push(call);
        let status = status.load(Ordering::Relaxed);
        if status == SILENCE {
            std::thread::sleep(Duration::from_secs(3600));
        }
        let answer = format!("HTTP/1.1 {status} x\r\ncontent-length: 0\r\n\r\n");
        if writer.write_all(answer.as_bytes()).is_err() {
            return;
        }
    }
}

fn read(reader: &mut BufReader<TcpStream>) -> Option<Call> {
    let mut line = String::new();
    reader.read_line(&mut line).ok().filter(|length| *length > 0)?;
    let mut headers = Vec::new();
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).ok()?;
        match line.trim().split_once(':') {
            Some((name, value)) => headers.push((name.to_ascii_lowercase(), value.trim().to_owned())),
            None => break,
        }
    }
    let length = headers.iter().find(|(name, _)| name == "content-length");
    let length = length.and_then(|(_, value)| value.parse().ok()).unwrap_or(0);
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    Some(Call { headers, body })
}
