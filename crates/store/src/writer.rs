//! Group commit: whatever waits is run in one transaction, each job in its own savepoint, and nobody is answered
//! before the commit is durable.

use std::thread;

use crossbeam_channel::{Receiver, Sender, TrySendError, bounded};
use tokio::sync::{oneshot, watch};
use tracing::{error, warn};

use crate::Fault;
use crate::sql::Tx;

/// How many jobs may wait before the store says it is busy.
const QUEUE: usize = 4096;
/// How many jobs one commit takes at most.
const GROUP: usize = 256;
/// How often a group that met another transaction is tried again.
const ATTEMPTS: u32 = 8;

/// A connection that can hold a group open.
pub(crate) trait Connection: Send {
    /// Opens a transaction, runs `work` in it, and commits. On an error nothing of it is kept.
    fn transaction(&mut self, work: &mut dyn FnMut(&mut dyn Tx) -> Result<(), Fault>) -> Result<(), Fault>;
    /// Runs reads without a transaction of their own.
    fn reads(&mut self) -> Result<&mut dyn Tx, Fault>;
    /// Keeps what happens in `work` only if it succeeds, inside the open transaction.
    fn savepoint(tx: &mut dyn Tx, work: &mut dyn FnMut(&mut dyn Tx) -> Result<(), Fault>) -> Result<(), Fault>
    where
        Self: Sized,
    {
        tx.execute("savepoint job", &[])?;
        match work(tx) {
            Ok(()) => tx.execute("release savepoint job", &[]).map(drop),
            Err(fault) if fault.ends_the_group() => Err(fault),
            Err(fault) => {
                tx.execute("rollback to savepoint job", &[])?;
                tx.execute("release savepoint job", &[])?;
                Err(fault)
            }
        }
    }
}

/// One piece of work and the place its answer goes. Run again from the start when a group is tried again.
pub(crate) trait Job: Send {
    fn run(&mut self, tx: &mut dyn Tx) -> Result<(), Fault>;
    fn fail(&mut self, fault: Fault);
    fn answer(self: Box<Self>);
}

/// The way to a group of threads that work on jobs.
#[derive(Clone)]
pub(crate) struct Queue {
    lanes: Vec<Sender<Box<dyn Job>>>,
}

/// What a job computes.
type Work<T> = Box<dyn FnMut(&mut dyn Tx) -> Result<T, Fault> + Send>;

struct Typed<T> {
    work: Work<T>,
    result: Option<Result<T, Fault>>,
    reply: oneshot::Sender<Result<T, Fault>>,
}

impl Queue {
    /// Starts one writing thread per connection; jobs of one lane keep their order.
    pub(crate) fn of_writers<C: Connection + 'static>(
        connections: Vec<C>,
        stop: &watch::Sender<bool>,
        stir: &watch::Sender<u64>,
    ) -> Self {
        let lanes = connections.into_iter().map(|connection| {
            let (sender, receiver) = bounded(QUEUE);
            let (stop, stir) = (stop.clone(), stir.clone());
            thread::spawn(move || write(connection, &receiver, &stop, &stir));
            sender
        });
        Self { lanes: lanes.collect() }
    }

    /// Starts one reading thread per connection, all on one lane.
    pub(crate) fn of_readers<C: Connection + 'static>(connections: Vec<C>) -> Self {
        let (sender, receiver) = bounded(QUEUE);
        for connection in connections {
            let receiver = receiver.clone();
            thread::spawn(move || read(connection, &receiver));
        }
        Self { lanes: vec![sender] }
    }

    /// Hands work over and waits for its answer without holding a thread.
    pub(crate) async fn run<T: Send + 'static>(&self, lane: i64, work: Work<T>) -> Result<T, Fault> {
        let (reply, answer) = oneshot::channel();
        let lane = &self.lanes[lane.unsigned_abs() as usize % self.lanes.len()];
        lane.try_send(Box::new(Typed { work, result: None, reply })).map_err(|refused| match refused {
            TrySendError::Full(_) => Fault::Busy,
            TrySendError::Disconnected(_) => Fault::Stopped,
        })?;
        answer.await.map_err(|_| Fault::Stopped)?
    }
}

impl<T: Send> Job for Typed<T> {
    fn run(&mut self, tx: &mut dyn Tx) -> Result<(), Fault> {
        let result = (self.work)(tx);
        let outcome = result.as_ref().map(drop).map_err(Clone::clone);
        self.result = Some(result);
        outcome
    }

    fn fail(&mut self, fault: Fault) {
        self.result = Some(Err(fault));
    }

    fn answer(self: Box<Self>) {
        if let Some(result) = self.result {
            // A caller that went away has closed its side; its work stands all the same.
            drop(self.reply.send(result));
        }
    }
}

fn write<C: Connection>(
    mut connection: C,
    jobs: &Receiver<Box<dyn Job>>,
    stop: &watch::Sender<bool>,
    stir: &watch::Sender<u64>,
) {
    while let Ok(job) = jobs.recv() {
        let mut group = vec![job];
        group.extend(jobs.try_iter().take(GROUP - 1));
        let outcome = commit_group(&mut connection, &mut group);
        let fatal = outcome.as_ref().is_err_and(Fault::is_fatal);
        if let Err(fault) = outcome {
            error!(%fault, jobs = group.len(), "a group was not kept");
            group.iter_mut().for_each(|job| job.fail(fault.clone()));
        }
        group.into_iter().for_each(Job::answer);
        stir.send_modify(|groups| *groups += 1);
        if fatal {
            // After a failed sync nobody knows what the disk holds: acknowledge nothing more, recover on start.
            stop.send_replace(true);
            return;
        }
    }
}

fn commit_group<C: Connection>(connection: &mut C, group: &mut [Box<dyn Job>]) -> Result<(), Fault> {
    for _ in 0..ATTEMPTS {
        let outcome = connection.transaction(&mut |tx| {
            for job in group.iter_mut() {
                match C::savepoint(tx, &mut |tx| job.run(tx)) {
                    Ok(()) => {}
                    Err(fault) if fault.ends_the_group() => return Err(fault),
                    Err(fault) => job.fail(fault),
                }
            }
            Ok(())
        });
        match outcome {
            Err(fault) if fault.is_passing() => warn!(%fault, "trying a group again"),
            other => return other,
        }
    }
    Err(Fault::Conflict)
}

fn read<C: Connection>(mut connection: C, jobs: &Receiver<Box<dyn Job>>) {
    while let Ok(mut job) = jobs.recv() {
        let outcome = connection.reads().and_then(|tx| job.run(tx));
        if let Err(fault) = outcome {
            job.fail(fault);
        }
        job.answer();
    }
}
