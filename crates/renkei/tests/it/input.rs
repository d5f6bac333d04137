//! Whatever arrives gets a clear answer, and the hub goes on.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use crate::hub::{HOSPITAL, Hub, prepared, steady};

#[test]
fn whatever_is_no_acceptable_document_is_refused_by_name_and_nothing_is_kept() {
    let hub = Hub::start();
    let token = hub.system(HOSPITAL);
    let deep = [vec![b'['; 10_000], vec![b']'; 10_000]].concat();
    let whole = steady(&hub.region)[0].submissions[0].body.clone();
    let cases: [(&str, Vec<u8>); 11] = [
        ("not JSON", b"hello".to_vec()),
        ("nothing", Vec::new()),
        ("truncated", whole[..whole.len() / 2].to_vec()),
        ("10,000 levels", deep),
        ("duplicate keys", b"{\"resourceType\":\"Bundle\",\"resourceType\":\"Patient\"}".to_vec()),
        ("a lone surrogate", b"{\"resourceType\":\"\\ud800\"}".to_vec()),
        ("no UTF-8", b"{\"resourceType\":\"\xff\xfe\"}".to_vec()),
        ("UTF-16", "{\"a\":1}".encode_utf16().flat_map(u16::to_le_bytes).collect()),
        ("an unknown type", b"{\"resourceType\":\"Karte\"}".to_vec()),
        ("no Bundle", b"{\"resourceType\":\"Patient\"}".to_vec()),
        ("a list", b"[]".to_vec()),
    ];
    for (name, body) in cases {
        let answer = hub.post(&token, "/fhir/Bundle", &body);
        assert_eq!(answer.status, 422, "{name}: {}", String::from_utf8_lossy(&answer.body));
        let issue = &answer.json()["issue"][0];
        assert!(issue["details"]["coding"][0]["code"].as_str().unwrap().starts_with("RK-"), "{name}");
        assert!(!issue["details"]["text"].as_str().unwrap().is_empty(), "{name}");
        assert_eq!(hub.post(&token, "/fhir/Bundle/$validate", &body).status, 200, "{name}");
    }
    let manager = hub.token("safety-manager", &[]);
    let done = hub.get(&manager, "/fhir/AuditEvent").matches();
    assert!(!done.iter().any(|event| event["outcome"] == "0" && event["action"] == "C"));
}

#[test]
fn another_media_type_or_charset_is_refused() {
    let hub = Hub::start();
    let token = hub.system(HOSPITAL);
    for media in ["text/plain", "application/xml", "application/fhir+json; charset=shift_jis"] {
        assert_eq!(hub.post_as(&token, "/fhir/Bundle", b"{}", media).unwrap().status, 415, "{media}");
    }
}

#[test]
fn a_body_over_ten_megabytes_is_refused_before_it_is_read() {
    let hub = Hub::start();
    let token = hub.system(HOSPITAL);
    let mut stream = TcpStream::connect(hub.url.strip_prefix("http://").unwrap()).unwrap();
    let head = format!(
        "POST /fhir/Bundle HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {token}\r\n\
         content-type: application/fhir+json\r\ncontent-length: 104857600\r\n\r\n"
    );
    stream.write_all(head.as_bytes()).unwrap();
    let mut start = [0; 12];
    stream.read_exact(&mut start).unwrap();
    assert_eq!(&start, b"HTTP/1.1 413");
}

#[test]
fn clients_that_dawdle_are_cut_off_and_hold_nobody_up() {
    let hub = Hub::start();
    let token = hub.system(HOSPITAL);
    let address = hub.url.strip_prefix("http://").unwrap();
    let mut slow_headers: Vec<TcpStream> = (0..50).map(|_| TcpStream::connect(address).unwrap()).collect();
    for stream in &mut slow_headers {
        stream.write_all(b"GET /health HTTP/1.1\r\nx-slow: ").unwrap();
    }
    let mut slow_body = TcpStream::connect(address).unwrap();
    let head = format!(
        "POST /fhir/Bundle HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {token}\r\n\
         content-type: application/fhir+json\r\ncontent-length: 100\r\n\r\n{{"
    );
    slow_body.write_all(head.as_bytes()).unwrap();
    let started = Instant::now();
    assert_eq!(hub.get("", "/health").status, 200);
    assert!(started.elapsed() < Duration::from_secs(5));
    for stream in &mut slow_headers {
        stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
        let mut rest = Vec::new();
        stream.read_to_end(&mut rest).expect("cut off within 20 seconds");
    }
    slow_body.set_read_timeout(Some(Duration::from_secs(40))).unwrap();
    let mut start = [0; 12];
    slow_body.read_exact(&mut start).unwrap();
    assert_eq!(&start, b"HTTP/1.1 408");
}

#[test]
fn what_the_hub_says_it_can_do_it_can() {
    let hub = Hub::start();
    let statement = hub.get("", "/fhir/metadata").json();
    let token = hub.token("developer", &[]);
    for resource in statement["rest"][0]["resource"].as_array().unwrap() {
        let name = resource["type"].as_str().unwrap();
        let searches = resource["interaction"]
            .as_array()
            .is_some_and(|all| all.iter().any(|interaction| interaction["code"] == "search-type"));
        if searches {
            let status = hub.get(&token, &format!("/fhir/{name}")).status;
            assert!([400, 403].contains(&status), "{name}: {status}");
        }
    }
    assert_eq!(hub.get(&token, "/fhir/Practitioner").status, 404);
}

#[test]
fn a_hub_whose_log_nobody_reads_any_more_goes_on_answering() {
    let folder = prepared("renkei.db");
    let mut process = Command::new(env!("CARGO_BIN_EXE_renkei"))
        .args(["serve", "--config"])
        .arg(folder.path().join("renkei.toml"))
        .env("RENKEI_LOG", "debug")
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let lines = BufReader::new(process.stderr.take().unwrap()).lines().map_while(Result::ok);
    let address = lines
        .flat_map(|line| line.split_whitespace().map(str::to_owned).collect::<Vec<_>>())
        .find_map(|word| word.strip_prefix("http://").map(str::to_owned))
        .unwrap();
    // More guesses at once than are compared: the others are turned away, which the log would tell.
    let body = "login=nobody&password=kawa7mado";
    let request = format!(
        "POST /sign-in HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\ncontent-length: {}\r\n\
         content-type: application/x-www-form-urlencoded\r\n\r\n{body}",
        body.len()
    );
    let guess = |_| {
        let mut stream = TcpStream::connect(&address).unwrap();
        stream.write_all(request.as_bytes()).unwrap();
        stream
    };
    let asked: Vec<TcpStream> = (0..60).map(guess).collect();
    let read = |mut stream: TcpStream| {
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap_or_default();
        answer
    };
    let answers: Vec<String> = asked.into_iter().map(read).collect();
    process.kill().unwrap();
    process.wait().unwrap();
    assert!(answers.iter().all(|answer| answer.starts_with("HTTP/1.1 ")), "somebody got no answer");
    assert!(answers.iter().any(|answer| answer.starts_with("HTTP/1.1 503")));
}
