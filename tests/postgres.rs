//! A real PostgreSQL server for tests, in a folder of its own.

use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};

/// A running server. It ends with the test program, however that ends.
pub(crate) struct Postgres {
    folder: tempfile::TempDir,
    programs: PathBuf,
    port: u16,
    databases: AtomicU32,
}

/// Says by name what was left out; where CI runs, nothing may be.
pub(crate) fn skipped(test: &str, why: &str) {
    assert!(std::env::var_os("CI").is_none(), "{test} may not be skipped in CI: {why}");
    eprintln!("SKIPPED {test}: {why}");
}

impl Postgres {
    /// Starts a server, if PostgreSQL is installed here.
    pub(crate) fn start() -> Option<Self> {
        let programs = installed()?;
        let folder = tempfile::Builder::new().prefix("renkei-pg-").tempdir().unwrap();
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let server = Self { folder, programs, port, databases: AtomicU32::new(0) };
        if is_root() {
            let chown = Command::new("chown").arg("postgres").arg(server.folder.path()).status().unwrap();
            assert!(chown.success());
        }
        let data = server.data();
        server.run("initdb", &["-D", &data, "-A", "trust", "-U", "postgres", "--no-sync"]);
        server.up();
        server.end_with_this_program();
        Some(server)
    }

    /// A new, empty database, as an address.
    pub(crate) fn database(&self) -> String {
        let name = format!("renkei{}", self.databases.fetch_add(1, Ordering::Relaxed));
        let port = self.port.to_string();
        self.run("createdb", &["-h", "127.0.0.1", "-p", &port, "-U", "postgres", &name]);
        format!("postgres://postgres@127.0.0.1:{}/{name}", self.port)
    }

    /// Starts the server again after [`Self::crash`].
    pub(crate) fn up(&self) {
        let options =
            format!("-p {} -k {} -c listen_addresses=127.0.0.1", self.port, self.folder.path().display());
        let log = self.folder.path().join("log").display().to_string();
        self.run("pg_ctl", &["-D", &self.data(), "-o", &options, "-l", &log, "-w", "start"]);
    }

    /// Ends the server as a power cut would: nothing is written back.
    pub(crate) fn crash(&self) {
        self.run("pg_ctl", &["-D", &self.data(), "-m", "immediate", "-w", "stop"]);
    }

    /// Statics are never dropped, and a killed program drops nothing: a watcher of its own ends the server.
    #[expect(clippy::zombie_processes, reason = "the watcher outlives this program; that is its task")]
    fn end_with_this_program(&self) {
        let script = "while kill -0 $1 2>/dev/null; do sleep 0.5; done; kill -QUIT $(head -n 1 $2/data/postmaster.pid); \
            sleep 1; rm -rf $2";
        Command::new("sh")
            .args(["-c", script, "watcher", &std::process::id().to_string()])
            .arg(self.folder.path())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
    }

    fn data(&self) -> String {
        self.folder.path().join("data").display().to_string()
    }

    /// PostgreSQL does not run as root, so root runs it as `postgres`.
    fn run(&self, program: &str, arguments: &[&str]) {
        let program = self.programs.join(program);
        let mut command = if is_root() {
            let mut command = Command::new("setpriv");
            command.args(["--reuid=postgres", "--regid=postgres", "--clear-groups"]).arg(&program);
            command
        } else {
            Command::new(&program)
        };
        let output = command.args(arguments).current_dir("/").env("LC_ALL", "C").stdout(Stdio::null());
        assert!(output.status().unwrap().success(), "{} {arguments:?}", program.display());
    }
}

fn installed() -> Option<PathBuf> {
    let versions = std::fs::read_dir("/usr/lib/postgresql").ok()?.flatten();
    versions.map(|version| version.path().join("bin")).find(|programs| programs.join("initdb").exists())
}

fn is_root() -> bool {
    std::fs::metadata(Path::new("/proc/self"))
        .is_ok_and(|this| std::os::unix::fs::MetadataExt::uid(&this) == 0)
}
