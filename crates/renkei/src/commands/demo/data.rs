//! `renkei demo data`: bundles as files, and the table the simulated centre needs to know their people.

use std::fs::{self, File};
use std::io::{BufWriter, Write};
use std::path::Path;

use demo::PatientRecord;
use jiff::civil::Date;

use crate::cli::DemoData;
use crate::commands::talk;
use crate::fault::Fault;

/// Writes `OUT/<institution>/<number>-<kind>.json` in the order of sending, and `OUT/members.csv`.
pub(crate) fn write(data: &DemoData, today: Date) -> Result<bool, Fault> {
    let today = data.today.unwrap_or(today);
    let at = |error| Fault::File(data.out.clone(), error);
    fs::create_dir_all(&data.out).map_err(at)?;
    let mut members = BufWriter::new(File::create(data.out.join("members.csv")).map_err(at)?);
    writeln!(members, "person,member_id,valid_from,valid_to")?;
    let told = demo::region(today).patients.into_iter().take(data.patients);
    let drawn = demo::population(data.seed, data.patients.saturating_sub(12), today);
    let mut count = 0;
    for patient in told.chain(drawn) {
        for member in &patient.members {
            let last = member.valid_to.map(|day| day.to_string()).unwrap_or_default();
            writeln!(members, "{},{},{},{last}", patient.key, member.member_id, member.valid_from)?;
        }
        count = write_submissions(&data.out, &patient, count)?;
    }
    members.flush()?;
    talk(&format!("{}人、報告単位{count}件を {} に書きました", data.patients, data.out.display()));
    Ok(true)
}

fn write_submissions(out: &Path, patient: &PatientRecord, mut count: usize) -> Result<usize, Fault> {
    for submission in &patient.submissions {
        let folder = out.join(&submission.institution);
        fs::create_dir_all(&folder)?;
        let path = folder.join(format!("{count:07}-{}.json", submission.kind));
        fs::write(&path, &submission.body).map_err(|error| Fault::File(path, error))?;
        count += 1;
    }
    Ok(count)
}
