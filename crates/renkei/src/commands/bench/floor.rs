//! The floor: what the same engine does with the same bytes and rows, and nothing else.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use axum::Router;
use axum::extract::Path as Serial;
use axum::http::StatusCode;
use axum::routing::get;
use crossbeam_channel::{Receiver, Sender, bounded};
use rusqlite::{Connection, OpenFlags, params};
use tokio::net::TcpListener;

use super::load::Bodies;
use crate::cli::loopback;
use crate::commands::talk;
use crate::fault::Fault;

const GROUP: usize = 256;
const EVENT: &str = "{\"id\":\"00000000000000000000000000000000\",\"at\":\"2026-04-01T00:00:00Z\",\"act\":\"register\",\
    \"outcome\":\"done\",\"actor\":{\"id\":\"t-000000000000\",\"name\":\"架空の電子カルテ\",\"role\":\"institution\"}}";
const SCHEMA: &str = "
    create table unit (bucket bigint not null, person blob not null, id blob not null, name text not null,
        body blob not null, primary key (bucket, person, id));
    create unique index unit_name on unit (bucket, person, name);
    create index unit_id on unit (bucket, id);
    create table unit_key (bucket bigint not null, unit blob not null, wrapped blob not null, primary key (bucket, unit));
    create table event (bucket bigint not null, id blob not null, at bigint not null, body text not null,
        primary key (bucket, id));
    create index event_at on event (at);
    create table outbox (bucket bigint not null, id blob not null, due_at bigint not null, primary key (bucket, id));
    create index outbox_due on outbox (due_at);";

/// One row to write, and where to say that it is durable.
struct Job {
    serial: usize,
    body: Option<Vec<u8>>,
    done: Sender<()>,
}

/// Insertions a second: the same bytes, one row in each of four tables, group commit.
pub(crate) fn insert(bodies: &Bodies, clients: usize, time: Duration) -> Result<f64, Fault> {
    let folder = tempfile::tempdir()?;
    let writer = open(&folder.path().join("floor.db")).map_err(engine)?;
    Ok(with_writer(writer, |jobs| {
        drive(clients, time, |serial| ask(jobs, serial, Some(bodies.bytes(serial))))
    }))
}

/// A database with every body in it, and its writing connection.
pub(crate) fn filled(bodies: &Bodies, path: &Path) -> Result<Connection, Fault> {
    let mut writer = open(path).map_err(engine)?;
    for start in (0..bodies.count()).step_by(GROUP) {
        let group = start..bodies.count().min(start + GROUP);
        let jobs = group.map(|serial| (serial, Some(bodies.bytes(serial)))).collect::<Vec<_>>();
        commit(&mut writer, &jobs).map_err(engine)?;
    }
    Ok(writer)
}

/// Reads a second by primary key; with `recorded`, each read waits for a durable event of its own.
pub(crate) fn read(bodies: &Bodies, clients: usize, time: Duration, recorded: bool) -> Result<f64, Fault> {
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("floor.db");
    let writer = filled(bodies, &path)?;
    let count = bodies.count();
    Ok(with_writer(writer, |jobs| {
        drive(clients, time, |serial| {
            row(&path, serial % count).is_ok() && (!recorded || ask(jobs, serial + count, None))
        })
    }))
}

/// Serves the rows of [`filled`] over HTTP, as plainly as can be: no token, no decision, no seal, no record.
pub(crate) async fn serve_rows(path: PathBuf, count: usize) -> Result<bool, Fault> {
    let listener = TcpListener::bind(loopback(0)).await?;
    talk(&format!("http://{}", listener.local_addr()?));
    let answer = move |Serial(serial): Serial<usize>| async move {
        row(&path, serial % count).map_err(|error| (StatusCode::INTERNAL_SERVER_ERROR, error.to_string()))
    };
    server::serve(listener, Router::new().route("/{serial}", get(answer)), std::future::pending()).await;
    Ok(true)
}

fn row(path: &Path, serial: usize) -> rusqlite::Result<Vec<u8>> {
    READER.with_borrow_mut(|reader| {
        let reader = match reader {
            Some((opened, reader)) if opened == path => reader,
            other => &mut other.insert((path.to_owned(), reader_of(path)?)).1,
        };
        let (bucket, person, id) = key(serial);
        let mut select =
            reader.prepare_cached("select body from unit where bucket = ?1 and person = ?2 and id = ?3")?;
        select.query_row(params![bucket, person, id], |row| row.get(0))
    })
}

thread_local! {
    static READER: std::cell::RefCell<Option<(PathBuf, Connection)>> = const { std::cell::RefCell::new(None) };
}

/// Runs `act` from so many threads for so long; answers how often a second it succeeded.
fn drive(clients: usize, time: Duration, act: impl Fn(usize) -> bool + Sync) -> f64 {
    let (serial, done, over) = (AtomicUsize::new(0), AtomicUsize::new(0), AtomicBool::new(false));
    let started = Instant::now();
    thread::scope(|scope| {
        for _ in 0..clients {
            scope.spawn(|| {
                while !over.load(Ordering::Relaxed) {
                    if act(serial.fetch_add(1, Ordering::Relaxed)) {
                        done.fetch_add(1, Ordering::Relaxed);
                    }
                }
            });
        }
        thread::sleep(time);
        over.store(true, Ordering::Relaxed);
    });
    done.load(Ordering::Relaxed) as f64 / started.elapsed().as_secs_f64()
}

fn with_writer(mut writer: Connection, work: impl FnOnce(&Sender<Job>) -> f64) -> f64 {
    let (sender, receiver): (Sender<Job>, Receiver<Job>) = bounded(4096);
    let writing = thread::spawn(move || {
        while let Ok(first) = receiver.recv() {
            let mut group = vec![first];
            group.extend(receiver.try_iter().take(GROUP - 1));
            let rows: Vec<_> = group.iter_mut().map(|job| (job.serial, job.body.take())).collect();
            if commit(&mut writer, &rows).is_ok() {
                for job in group {
                    // A client whose time is over has gone away.
                    let _ = job.done.send(());
                }
            }
        }
    });
    let rate = work(&sender);
    drop(sender);
    drop(writing.join());
    rate
}

fn ask(jobs: &Sender<Job>, serial: usize, body: Option<Vec<u8>>) -> bool {
    let (done, answered) = bounded(1);
    jobs.send(Job { serial, body, done }).is_ok() && answered.recv().is_ok()
}

fn commit(writer: &mut Connection, rows: &[(usize, Option<Vec<u8>>)]) -> rusqlite::Result<()> {
    let transaction = writer.transaction()?;
    for (serial, body) in rows {
        let (bucket, person, id) = key(*serial);
        let at = *serial as i64;
        if let Some(body) = body {
            transaction.prepare_cached("insert into unit values (?1, ?2, ?3, ?4, ?5)")?.execute(params![
                bucket,
                person,
                id,
                format!("4919999901^2026^BENCH-{serial:024}"),
                body
            ])?;
            transaction
                .prepare_cached("insert into unit_key values (?1, ?2, ?3)")?
                .execute(params![bucket, id, [0u8; 60]])?;
            transaction
                .prepare_cached("insert into outbox values (?1, ?2, ?3)")?
                .execute(params![bucket, id, at])?;
        }
        transaction
            .prepare_cached("insert into event values (?1, ?2, ?3, ?4)")?
            .execute(params![bucket, id, at, EVENT])?;
    }
    transaction.commit()
}

/// Spread like the hub's own ids: by bucket, then as good as random.
fn key(serial: usize) -> (i64, [u8; 16], [u8; 16]) {
    let mixed = (serial as u128 + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15_f39c_c060_5ced_c835);
    let id = mixed.to_be_bytes();
    (i64::from(u16::from_be_bytes([id[0], id[1]]) >> 6), [id[3]; 16], id)
}

fn open(path: &Path) -> rusqlite::Result<Connection> {
    let connection = Connection::open(path)?;
    connection.pragma_update(None, "page_size", 8192)?;
    connection.pragma_update(None, "journal_mode", "wal")?;
    connection.pragma_update(None, "synchronous", "full")?;
    connection.pragma_update(None, "wal_autocheckpoint", 8192)?;
    connection.execute_batch(SCHEMA)?;
    Ok(connection)
}

fn reader_of(path: &Path) -> rusqlite::Result<Connection> {
    Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX)
}

fn engine(error: rusqlite::Error) -> Fault {
    Fault::Usage(format!("底値を測れません: {error}"))
}
