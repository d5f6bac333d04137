//! きょう: what is to be done next, most pressing first.

use std::collections::HashMap;

use guideline::Standing;
use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};

use crate::answers::Overview;
use crate::incident::Task;
use crate::register::Finding;

/// What is to be done after an incident presses from so many days before its day.
const NEAR: SignedDuration = SignedDuration::from_hours(24 * 7);

/// Something to be done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Next {
    /// An incident leaves something to do.
    Incident(Task),
    /// A control fails: so many items are a no by it.
    Control {
        /// Its id.
        control: String,
        /// How many items.
        items: usize,
    },
    /// A register tells of something that must be seen to.
    Finding(Finding),
    /// The day by which an item shall be yes is past.
    PastTarget {
        /// The item's id.
        item: String,
        /// The day.
        target: Date,
    },
    /// Evidence ended: so many items are unknown by it.
    Stale {
        /// The control's id.
        control: String,
        /// How many items.
        items: usize,
        /// Since when.
        since: Timestamp,
    },
}

/// Everything there is to do: what incidents leave, failing controls by the number of items they hold up, what is past
/// its day, what the registers tell, and what is stale. What is to be done after an incident comes first only once its day
/// is near.
pub fn next_things(overview: &Overview, findings: &[Finding], tasks: &[Task], today: Date) -> Vec<Next> {
    let (urgent, later): (Vec<&Task>, Vec<&Task>) = tasks.iter().partition(|task| is_urgent(task, today));
    let incident = |task: &Task| Next::Incident(task.clone());
    let mut failing: HashMap<&str, usize> = HashMap::new();
    let mut past = Vec::new();
    for (item, standing) in &overview.items {
        let Standing::No { target, failing: controls } = standing else { continue };
        for control in controls {
            *failing.entry(control).or_default() += 1;
        }
        if let Some(target) = target.filter(|target| *target < today) {
            past.push((target, item.id.clone()));
        }
    }
    past.sort();
    let mut next: Vec<Next> = urgent.into_iter().map(incident).collect();
    let failing = most_first(failing).into_iter();
    next.extend(failing.map(|(control, items)| Next::Control { control: control.to_owned(), items }));
    next.extend(past.into_iter().map(|(target, item)| Next::PastTarget { item, target }));
    next.extend(later.into_iter().map(incident));
    next.extend(findings.iter().cloned().map(Next::Finding));
    next.extend(stale(overview));
    next
}

fn is_urgent(task: &Task, today: Date) -> bool {
    let near = today.saturating_add(NEAR);
    !matches!(task, Task::Action { due: Some(due), .. } if *due > near)
}

fn stale(overview: &Overview) -> Vec<Next> {
    let mut counts: HashMap<&str, usize> = HashMap::new();
    let mut since: HashMap<&str, Timestamp> = HashMap::new();
    let mut newest: HashMap<&str, Timestamp> = HashMap::new();
    for one in &overview.evidence {
        let end = newest.entry(&one.control).or_insert(one.holds_until);
        *end = (*end).max(one.holds_until);
    }
    for (item, standing) in &overview.items {
        let Standing::Unconfirmed { why: guideline::Why::Stale(ended) } = standing else { continue };
        for control in
            item.controls.iter().filter(|id| newest.get(id.as_str()).is_some_and(|end| end <= ended))
        {
            *counts.entry(control).or_default() += 1;
            since.insert(control, *ended);
        }
    }
    let told = most_first(counts).into_iter().filter_map(|(control, items)| {
        Some(Next::Stale { control: control.to_owned(), items, since: *since.get(control)? })
    });
    told.collect()
}

fn most_first(counts: HashMap<&str, usize>) -> Vec<(&str, usize)> {
    let mut ordered: Vec<_> = counts.into_iter().collect();
    ordered.sort_by(|(a, left), (b, right)| right.cmp(left).then(a.cmp(b)));
    ordered
}
