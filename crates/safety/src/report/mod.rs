//! Reports of other machines (報告): what a hub cannot see of itself, others tell it, each under a key of its own.
//!
//! [`Sent`] is a report on its way in; [`Measured`] what it may say; `rules` which fact answers which control; `acts`
//! registers and ends who reports, and takes reports with what they prove; `sheet` reads the same facts of many machines
//! from a sheet that somebody answers for.

mod acts;
pub mod linux;
mod measured;
mod rules;
mod sent;
mod sheet;
mod vpn;

pub use acts::{Enrolment, NotEnrolled, NotTaken, Receipt, administrators, ports};
pub use measured::{
    Antivirus, Extent, Measured, Neighbour, NotAPort, Port, Product, Protocol, System, plain_mac,
};
pub(crate) use rules::limits;
pub use rules::{Expected, Found};
pub use sent::{ReportFault, Said, Sent, Signed, largest_report};
pub use sheet::{SheetMachine, machines_of, report_sheet};
pub use vpn::Versions;
