//! The two folders: files that are complete are taken, each is answered once, and what cannot be read is put aside.
//!
//! What happened to a file is told by a journal beside it, by name and digest: `….answer` holds an answer that is not
//! yet in the other folder, `….done` says that it went there.

use std::collections::HashMap;
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use super::envelope::LARGEST_BYTES;
use super::face::is_face_result;

/// A pair of folders.
#[derive(Debug)]
pub(super) struct Folders {
    requests: PathBuf,
    results: PathBuf,
    journal: PathBuf,
    rejected: PathBuf,
    /// What each file was like when it was last looked at.
    seen: HashMap<String, (u64, SystemTime)>,
}

/// A file that is complete.
pub(super) struct Taken {
    /// Its name.
    pub(super) name: String,
    /// Its bytes; none if there are more than may be.
    pub(super) bytes: Option<Vec<u8>>,
    key: String,
}

impl Folders {
    /// Opens both, making what is missing.
    pub(super) fn open(requests: PathBuf, results: PathBuf) -> io::Result<Self> {
        let (journal, rejected) = (requests.join(".journal"), requests.join("rejected"));
        for folder in [&requests, &results, &journal, &rejected] {
            fs::create_dir_all(folder)?;
        }
        Ok(Self { requests, results, journal, rejected, seen: HashMap::new() })
    }

    /// The names of files that have not changed since they were last looked at: nobody writes to them any more.
    pub(super) fn complete(&mut self) -> io::Result<Vec<String>> {
        let mut now = HashMap::new();
        for entry in fs::read_dir(&self.requests)? {
            let entry = entry?;
            let Ok(name) = entry.file_name().into_string() else { continue };
            let is_ours = !name.starts_with('.') && name.to_ascii_lowercase().ends_with(".xml");
            // Not through links: they lead out of the folder.
            if is_ours && entry.file_type()?.is_file() {
                let about = entry.metadata()?;
                now.insert(name, (about.len(), about.modified()?));
            }
        }
        let mut complete: Vec<String> = now
            .iter()
            .filter(|(name, about)| self.seen.get(*name) == Some(about))
            .map(|(name, _)| name.clone())
            .collect();
        complete.sort();
        self.seen = now;
        Ok(complete)
    }

    /// Takes a file, unless it was answered before: then the answer is brought to its end.
    pub(super) fn take(&self, name: String) -> io::Result<Option<Taken>> {
        let path = self.requests.join(&name);
        let length = fs::symlink_metadata(&path)?.len();
        let is_too_large = length > LARGEST_BYTES as u64;
        let bytes = if is_too_large { None } else { Some(fs::read(&path)?) };
        let digest = match &bytes {
            Some(bytes) => ring::digest::digest(&ring::digest::SHA256, bytes),
            None => ring::digest::digest(&ring::digest::SHA256, &length.to_be_bytes()),
        };
        let digest: String = digest.as_ref()[..8].iter().map(|byte| format!("{byte:02x}")).collect();
        let taken = Taken { key: format!("{name}.{digest}"), name, bytes };
        if self.answer_of(&taken).exists() || self.done(&taken).exists() {
            self.finish(&taken)?;
            return Ok(None);
        }
        Ok(Some(taken))
    }

    /// Answers a file: the answer is durable in the journal first, then it moves over, then the request goes.
    pub(super) fn answer(&self, taken: &Taken, answer: &[u8], is_rejected: bool) -> io::Result<()> {
        if is_rejected {
            fs::copy(self.requests.join(&taken.name), self.rejected.join(&taken.name))?;
        }
        write_whole(&self.answer_of(taken), answer)?;
        self.finish(taken)
    }

    /// Puts a message into the results that nobody asked for; false if it was put there before.
    pub(super) fn tell(&self, name: &str, message: &[u8]) -> io::Result<bool> {
        let done = self.journal.join(format!("{name}.done"));
        if done.exists() {
            return Ok(false);
        }
        write_whole(&self.results.join(name), message)?;
        write_whole(&done, b"")?;
        Ok(true)
    }

    fn finish(&self, taken: &Taken) -> io::Result<()> {
        write_whole(&self.done(taken), b"")?;
        let answer = self.answer_of(taken);
        if answer.exists() {
            // One step: either it is still in the journal, or it is there whole.
            move_whole(&answer, &self.results.join(answer_name(&taken.name)))?;
        }
        fs::remove_file(self.requests.join(&taken.name))
    }

    fn answer_of(&self, taken: &Taken) -> PathBuf {
        self.journal.join(format!("{}.answer", taken.key))
    }

    fn done(&self, taken: &Taken) -> PathBuf {
        self.journal.join(format!("{}.done", taken.key))
    }
}

/// `CISsi101req_x.xml` is answered by `CISsi101res_x.xml`, a face result by `OQSsiquc01ack_face_…`, any other name by
/// `error_` and the name.
pub(super) fn answer_name(name: &str) -> String {
    match split(name) {
        Some((drop, rest)) => format!("{drop}res_{rest}"),
        None if is_face_result(name) => name.replacen("res_face_", "ack_face_", 1),
        None => format!("error_{name}"),
    }
}

/// `CISsi101` and `x.xml` of `CISsi101req_x.xml`.
pub(super) fn split(name: &str) -> Option<(&str, &str)> {
    name.split_once("req_")
}

/// A file that is there whole or not at all, and durable.
fn write_whole(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let draft = path.with_file_name(format!(".{name}.part"));
    let mut file = File::create(&draft)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    fs::rename(&draft, path)?;
    sync_folder(path)
}

/// Moves a file in one step, also where the folders lie on different disks.
fn move_whole(from: &Path, to: &Path) -> io::Result<()> {
    match fs::rename(from, to) {
        Err(error) if error.kind() == io::ErrorKind::CrossesDevices => {
            write_whole(to, &fs::read(from)?)?;
            fs::remove_file(from)
        }
        moved => moved.and_then(|()| sync_folder(to)),
    }
}

fn sync_folder(path: &Path) -> io::Result<()> {
    path.parent().map_or(Ok(()), |folder| File::open(folder)?.sync_all())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folders(at: &Path) -> Folders {
        Folders::open(at.join("req"), at.join("res")).unwrap()
    }

    fn results(at: &Path) -> Vec<String> {
        let names = fs::read_dir(at.join("res")).unwrap().map(|entry| entry.unwrap().file_name());
        names.map(|name| name.into_string().unwrap()).collect()
    }

    #[test]
    fn a_file_that_still_grows_is_left_alone() {
        let at = tempfile::tempdir().unwrap();
        let mut folders = folders(at.path());
        let file = at.path().join("req/CISsi101req_1.xml");
        fs::write(&file, "<Xml").unwrap();
        fs::write(at.path().join("req/.hidden.xml"), "x").unwrap();
        fs::write(at.path().join("req/CISsi101req_2.tmp"), "x").unwrap();
        assert!(folders.complete().unwrap().is_empty());
        fs::write(&file, "<XmlMsg>").unwrap();
        assert!(folders.complete().unwrap().is_empty());
        assert_eq!(folders.complete().unwrap(), ["CISsi101req_1.xml"]);
    }

    #[test]
    fn wherever_it_stops_a_file_is_answered_once() {
        let at = tempfile::tempdir().unwrap();
        let name = "CISsi101req_1.xml".to_owned();
        let request = at.path().join("req").join(&name);
        // Stopped before the answer was made: it is made again.
        let first = folders(at.path());
        fs::write(&request, "a").unwrap();
        let taken = first.take(name.clone()).unwrap().unwrap();
        assert!(first.take(name.clone()).unwrap().is_some());
        // Stopped with the answer in the journal: it is brought over, and not made again.
        write_whole(&first.answer_of(&taken), b"answer").unwrap();
        assert!(folders(at.path()).take(name.clone()).unwrap().is_none());
        assert_eq!(results(at.path()), ["CISsi101res_1.xml"]);
        assert!(!request.exists());
        // Stopped when it was over already, and fetched: nothing comes a second time.
        fs::remove_file(at.path().join("res/CISsi101res_1.xml")).unwrap();
        fs::write(&request, "a").unwrap();
        assert!(folders(at.path()).take(name.clone()).unwrap().is_none());
        assert!(results(at.path()).is_empty() && !request.exists());
        // Another content under the same name is another request.
        fs::write(&request, "b").unwrap();
        assert!(folders(at.path()).take(name).unwrap().is_some());
    }
}
