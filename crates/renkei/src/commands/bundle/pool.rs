//! Work done by many, taken in the order it was given, with a bound on what waits.

use std::thread;

use crossbeam_channel::{Sender, bounded};

/// For each worker, this many results may wait for their turn.
const WAITING: usize = 4;

/// Runs `work` over everything that `give` hands over, on `jobs` threads, and gives the results to `take` in order.
///
/// `give` hands over until it has no more, or until it is told `false`, because `take` wants no more. However slow one
/// piece is, no more than `5 × jobs` are held.
///
/// # Errors
/// The first that `take` returns.
pub(super) fn in_order<T: Send, R: Send, E>(
    jobs: usize,
    give: impl FnOnce(&mut dyn FnMut(T) -> bool) + Send,
    work: impl Fn(T) -> R + Sync,
    mut take: impl FnMut(R) -> Result<(), E>,
) -> Result<(), E> {
    let (tasks, to_do) = bounded::<(T, Sender<R>)>(jobs);
    let (promises, promised) = bounded(jobs * WAITING);
    let work = &work;
    thread::scope(|scope| {
        for _ in 0..jobs {
            let to_do = to_do.clone();
            scope.spawn(move || {
                for (task, result) in to_do {
                    // Whoever waited for it may have left.
                    drop(result.send(work(task)));
                }
            });
        }
        drop(to_do);
        scope.spawn(move || {
            give(&mut |task| {
                let (result, promise) = bounded(1);
                promises.send(promise).is_ok() && tasks.send((task, result)).is_ok()
            });
        });
        // A promise that is broken means a worker that panicked, which the scope tells.
        promised.into_iter().map_while(|promise| promise.recv().ok()).try_for_each(&mut take)
    })
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::time::Duration;

    use super::*;

    #[test]
    fn results_come_in_the_order_of_the_work_and_little_waits() {
        let (given, taken) = (AtomicUsize::new(0), AtomicUsize::new(0));
        let mut seen = Vec::new();
        let done: Result<(), ()> = in_order(
            3,
            |hand_over| {
                (0..200_usize).all(|number| {
                    given.fetch_add(1, Ordering::SeqCst);
                    hand_over(number)
                });
            },
            |number| {
                let is_slow = number % 50 == 0;
                thread::sleep(Duration::from_millis(if is_slow { 20 } else { 0 }));
                assert!(given.load(Ordering::SeqCst) - taken.load(Ordering::SeqCst) <= 3 * (WAITING + 1) + 2);
                number
            },
            |number| {
                taken.fetch_add(1, Ordering::SeqCst);
                seen.push(number);
                Ok(())
            },
        );
        assert_eq!(done, Ok(()));
        assert_eq!(seen, (0..200).collect::<Vec<_>>());
    }

    #[test]
    fn whoever_wants_no_more_gets_no_more() {
        let given = AtomicUsize::new(0);
        let done = in_order(
            2,
            |hand_over| {
                (0..1000).all(|number| {
                    given.fetch_add(1, Ordering::SeqCst);
                    hand_over(number)
                });
            },
            |number| number,
            |number| if number < 10 { Ok(()) } else { Err(number) },
        );
        assert_eq!(done, Err(10));
        assert!(given.load(Ordering::SeqCst) < 100);
    }
}
