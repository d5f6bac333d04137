use std::io::{self, Write};

use clap::CommandFactory;

use crate::cli::Cli;
use crate::fault::Fault;

pub(crate) fn completions(shell: clap_complete::Shell) -> Result<bool, Fault> {
    let mut text = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "renkei", &mut text);
    io::stdout().write_all(&text)?;
    Ok(true)
}

pub(crate) fn manual() -> Result<bool, Fault> {
    let mut text = Vec::new();
    clap_mangen::Man::new(Cli::command()).render(&mut text)?;
    io::stdout().write_all(&text)?;
    Ok(true)
}
