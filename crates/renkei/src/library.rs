//! Where packages are kept, and making them ready to judge by.

use std::env;
use std::io::{self, IsTerminal};
use std::path::{Path, PathBuf};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};
use profile::Profiles;

use crate::commands::{Manner, talk};
use crate::fault::Fault;

/// The folder of packages: the one named, `RENKEI_PACKAGES`, or the user's own data folder.
///
/// # Errors
/// If nothing is named and the user has no home.
pub(crate) fn folder(named: Option<PathBuf>) -> Result<PathBuf, Fault> {
    let told = |name| env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    let named = named.filter(|folder| !folder.as_os_str().is_empty()).or_else(|| told("RENKEI_PACKAGES"));
    let data = || told("XDG_DATA_HOME").or_else(|| Some(told("HOME")?.join(".local/share")));
    let folder = named.or_else(|| Some(data()?.join("renkei/packages")));
    folder.ok_or_else(|| Fault::Usage("--library DIR | RENKEI_PACKAGES | XDG_DATA_HOME | HOME ?".to_owned()))
}

/// The profiles of the packages in `folder`, compiled now if that was not done before; none if there is no package.
///
/// # Errors
/// If the folder cannot be read.
pub(crate) fn profiles(folder: &Path, manner: Manner) -> Result<Option<Profiles>, Fault> {
    Ok(busy(manner, || Profiles::open(folder))?)
}

/// The same for a hub, which says by what it judges.
///
/// # Errors
/// As [`folder`] and [`profiles`].
pub(crate) fn of_hub(named: Option<PathBuf>, manner: Manner) -> Result<Option<Profiles>, Fault> {
    let folder = folder(named)?;
    let profiles = profiles(&folder, manner)?;
    if let Some(profiles) = &profiles {
        let count = profiles.canonicals().count();
        talk(&manner.words("package.judging", &[("count", &count), ("folder", &folder.display())]));
    }
    Ok(profiles)
}

/// Does what may take seconds, with a moving sign on a terminal.
pub(crate) fn busy<R>(manner: Manner, work: impl FnOnce() -> R) -> R {
    if !io::stderr().is_terminal() {
        return work();
    }
    let sign = ProgressBar::new_spinner().with_message(manner.words("package.compiling", &[]));
    sign.set_style(
        ProgressStyle::with_template("{spinner} {msg} {elapsed}")
            .unwrap_or_else(|_| ProgressStyle::default_spinner()),
    );
    sign.enable_steady_tick(Duration::from_millis(100));
    let done = work();
    sign.finish_and_clear();
    done
}
