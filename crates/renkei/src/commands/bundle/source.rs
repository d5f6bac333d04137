//! Where documents come from: files, folders, lines of NDJSON, standard input.

use std::fs::{self, File};
use std::io::{self, BufRead, BufReader, IsTerminal, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::commands::{Manner, talk};
use crate::fault::Fault;

/// A file to read, or standard input.
pub(super) struct Input {
    pub(super) path: Arc<Path>,
    /// Its bytes, as far as known.
    pub(super) size: u64,
    /// Whether the user named it, rather than a folder that holds it.
    is_named: bool,
    /// Whether each line is a document.
    pub(super) is_lines: bool,
}

/// A document before it is judged.
pub(super) struct Document {
    /// Where it stands.
    pub(super) origin: Origin,
    content: Content,
}

/// Where a document stands.
#[derive(Clone)]
pub(super) struct Origin {
    /// Its file; `-` is standard input.
    pub(super) path: Arc<Path>,
    /// Its line, where each line is a document.
    pub(super) line: Option<u32>,
    /// Whether the user named it.
    pub(super) is_named: bool,
}

/// What is known of a document's text.
enum Content {
    /// It stands in the file of its origin.
    File,
    Text(Vec<u8>),
    /// It is longer than any document may be.
    TooLong(u64),
}

/// The text of a document, or how many bytes too many it has.
pub(super) enum Text {
    Whole(Vec<u8>),
    TooLong(u64),
}

const STANDARD_INPUT: &str = "-";

/// No file at all, or `-`, is standard input.
pub(super) fn chosen(files: &[PathBuf]) -> Vec<PathBuf> {
    if files.is_empty() { vec![PathBuf::from(STANDARD_INPUT)] } else { files.to_vec() }
}

/// A file whole.
pub(super) fn read_whole(file: &Path, manner: Manner) -> Result<Vec<u8>, Fault> {
    let at = |error| Fault::File(file.to_owned(), error);
    if file != Path::new(STANDARD_INPUT) {
        return fs::read(file).map_err(at);
    }
    tell_that_we_wait(manner);
    let mut bytes = Vec::new();
    io::stdin().read_to_end(&mut bytes).map_err(at)?;
    Ok(bytes)
}

/// Everything to read, folders in the order of names.
pub(super) fn inputs(files: &[PathBuf], stdin_is_lines: bool, manner: Manner) -> Result<Vec<Input>, Fault> {
    let mut inputs = Vec::new();
    for file in chosen(files) {
        if file == Path::new(STANDARD_INPUT) {
            tell_that_we_wait(manner);
            inputs.push(Input { path: file.into(), size: 0, is_named: true, is_lines: stdin_is_lines });
        } else if file.is_dir() {
            let before = inputs.len();
            walk(&file, &mut inputs).map_err(|error| Fault::File(file.clone(), error))?;
            if inputs.len() == before {
                let nothing = manner.words("validate.nothing-there", &[("folder", &file.display())]);
                return Err(Fault::Usage(nothing));
            }
        } else {
            inputs.push(Input::of(file, true));
        }
    }
    Ok(inputs)
}

/// Links to folders are passed over, so that no ring of links holds us.
fn walk(folder: &Path, inputs: &mut Vec<Input>) -> io::Result<()> {
    let mut entries = fs::read_dir(folder)?.collect::<io::Result<Vec<_>>>()?;
    entries.sort_by_key(fs::DirEntry::file_name);
    for entry in entries {
        let path = entry.path();
        if entry.file_type()?.is_dir() {
            walk(&path, inputs)?;
        } else if path.extension().is_some_and(|end| end == "json" || end == "ndjson") && !path.is_dir() {
            inputs.push(Input::of(path, false));
        }
    }
    Ok(())
}

fn tell_that_we_wait(manner: Manner) {
    if io::stdin().is_terminal() {
        talk(&manner.words("bundle.from-stdin", &[]));
    }
}

impl Input {
    fn of(path: PathBuf, is_named: bool) -> Self {
        let size = fs::metadata(&path).map_or(0, |found| found.len());
        let is_lines = path.extension().is_some_and(|end| end == "ndjson");
        Self { path: path.into(), size, is_named, is_lines }
    }

    /// Hands over every document of it; stops early when one is not taken. A file is not opened here unless its
    /// lines are documents.
    pub(super) fn documents(
        &self,
        limit: usize,
        hand_over: &mut dyn FnMut(Document) -> bool,
    ) -> io::Result<bool> {
        let origin = Origin { path: Arc::clone(&self.path), line: None, is_named: self.is_named };
        if self.is_lines {
            let reader: Box<dyn Read> = if origin.is_stdin() {
                Box::new(io::stdin().lock())
            } else {
                Box::new(File::open(&self.path)?)
            };
            lines(BufReader::with_capacity(1 << 16, reader), &origin, limit, hand_over)
        } else {
            Ok(hand_over(Document { origin, content: Content::File }))
        }
    }
}

/// Lines that hold nothing but space are no documents.
fn lines(
    mut reader: impl BufRead,
    origin: &Origin,
    limit: usize,
    hand_over: &mut dyn FnMut(Document) -> bool,
) -> io::Result<bool> {
    for number in 1.. {
        let mut line = Vec::new();
        let read = reader.by_ref().take(limit as u64 + 1).read_until(b'\n', &mut line)?;
        if read == 0 {
            break;
        }
        let content = if line.len() > limit && line.last() != Some(&b'\n') {
            Content::TooLong(read as u64 + skip_line(&mut reader)?)
        } else {
            line.truncate(line.trim_ascii_end().len());
            Content::Text(line)
        };
        let is_blank = matches!(&content, Content::Text(line) if line.is_empty());
        let origin = Origin { line: Some(number), is_named: false, ..origin.clone() };
        if !is_blank && !hand_over(Document { origin, content }) {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Passes over the rest of a line and counts its bytes.
fn skip_line(reader: &mut impl BufRead) -> io::Result<u64> {
    let mut skipped = 0;
    loop {
        let available = reader.fill_buf()?;
        let end = available.iter().position(|byte| *byte == b'\n');
        let used = end.map_or(available.len(), |end| end + 1);
        reader.consume(used);
        skipped += used as u64;
        if end.is_some() || used == 0 {
            return Ok(skipped);
        }
    }
}

impl Document {
    /// Its text, of which no more than `limit` bytes are read.
    pub(super) fn text(self, limit: usize) -> io::Result<Text> {
        let mut bytes = match self.content {
            Content::Text(bytes) => return Ok(Text::Whole(bytes)),
            Content::TooLong(size) => return Ok(Text::TooLong(size)),
            Content::File => Vec::new(),
        };
        if self.origin.is_stdin() {
            io::stdin().take(limit as u64 + 1).read_to_end(&mut bytes)?;
        } else {
            File::open(&self.origin.path)?.take(limit as u64 + 1).read_to_end(&mut bytes)?;
        }
        if bytes.len() <= limit {
            return Ok(Text::Whole(bytes));
        }
        let size = fs::metadata(&self.origin.path).map_or(0, |found| found.len());
        Ok(Text::TooLong(size.max(bytes.len() as u64)))
    }
}

impl Origin {
    /// How people call it: the file, and the line where each is a document.
    pub(super) fn name(&self) -> String {
        match self.line {
            Some(line) => format!("{}:{line}", self.path.display()),
            None => self.path.display().to_string(),
        }
    }

    fn is_stdin(&self) -> bool {
        *self.path == *Path::new(STANDARD_INPUT)
    }
}
