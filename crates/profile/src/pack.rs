//! The compiled packages, kept on disk beside them so that a start need not compile.
//!
//! The file is never trusted: it must bear this build's mark, the fingerprint of the very packages it was made of, and
//! the hash of its own content; else it is made anew.

use std::fs;
use std::io::{self, Write};
use std::path::Path;
use std::sync::{Arc, OnceLock};

use fhir::path::Expression;
use ring::digest::{Context, Digest, SHA256, digest};
use rustc_hash::FxHashMap;

use crate::compile::compile;
use crate::judge::Profiles;
use crate::package::{Library, PackageError, PackageId};
use crate::program::Program;

/// The file's name in the folder of packages.
const FILE: &str = "compiled.pack";
/// Says what the file is.
const MARK: &[u8; 16] = b"renkei pack file";
const HASH: usize = 32;
const HEAD: usize = MARK.len() + 3 * HASH;
/// What decides the form of [`Program`] and what is in it: another text makes another pack.
const MAKERS: [&str; 7] = [
    env!("CARGO_PKG_VERSION"),
    include_str!("program.rs"),
    include_str!("compile/mod.rs"),
    include_str!("compile/tree.rs"),
    include_str!("compile/rules.rs"),
    include_str!("compile/slices.rs"),
    include_str!("compile/codes.rs"),
];
/// More than this is no pack of ours.
const MOST: usize = 512 * 1024 * 1024;

/// A program ready to run.
pub(crate) struct Pack {
    pub(crate) program: Program,
    /// Value sets by canonical, for invariants that name one.
    sets: FxHashMap<Box<str>, u32>,
    /// By the invariants' places, compiled when one is first asked of a value. None where the text is no expression.
    expressions: Vec<OnceLock<Option<Expression>>>,
}

impl Pack {
    fn new(program: Program) -> Self {
        let expressions = program.invariants.iter().map(|_| OnceLock::new()).collect();
        let sets = program.code_sets.iter().zip(0..).map(|(set, place)| (set.url.clone(), place)).collect();
        Self { program, sets, expressions }
    }

    /// The place of the value set with this canonical.
    pub(crate) fn set_named(&self, canonical: &str) -> Option<u32> {
        self.sets.get(canonical).copied()
    }

    /// The invariant at `place`; none if it does not parse, which was told when the packages were compiled.
    pub(crate) fn expression(&self, place: u32) -> Option<&Expression> {
        let compile = || Expression::compile(&self.program.invariants[place as usize].expression).ok();
        self.expressions[place as usize].get_or_init(compile).as_ref()
    }
}

impl Profiles {
    /// The profiles of the packages kept in `folder`: as compiled before if nothing has changed, else compiled now and
    /// kept for the next time. None if no package is there.
    ///
    /// # Errors
    /// When the folder cannot be read. A compiled file that cannot be read or written is only made anew.
    pub fn open(folder: &Path) -> Result<Option<Self>, PackageError> {
        let library = Library::open(folder)?;
        if library.ids().is_empty() {
            return Ok(None);
        }
        let file = folder.join(FILE);
        let kept = fs::read(&file).ok().and_then(|bytes| decode(&bytes, library.fingerprint()));
        let program = kept.unwrap_or_else(|| {
            let program = compile(&library);
            // Without the file the next start is slower, and nothing else.
            let _ = keep(&file, &program, library.fingerprint());
            program
        });
        Ok(Some(Self::from_program(program, library.ids())))
    }

    /// The profiles of a library, compiled in memory.
    #[must_use]
    pub fn of(library: &Library) -> Self {
        Self::from_program(compile(library), library.ids())
    }

    fn from_program(program: Program, packages: Vec<PackageId>) -> Self {
        let pack = Arc::new(Pack::new(program));
        Self { pack, packages: packages.into(), demanded: Vec::new(), lists_must_support: false }
    }
}

fn keep(file: &Path, program: &Program, fingerprint: [u8; HASH]) -> io::Result<()> {
    let plain = postcard::to_stdvec(program).map_err(io::Error::other)?;
    let body = zstd::bulk::compress(&plain, 3)?;
    let folder = file.parent().unwrap_or(Path::new("."));
    let temporary = folder.join(format!(".{FILE}-{}", std::process::id()));
    let mut out = fs::File::create(&temporary)?;
    out.write_all(MARK)?;
    out.write_all(makers().as_ref())?;
    out.write_all(&fingerprint)?;
    out.write_all(digest(&SHA256, &body).as_ref())?;
    out.write_all(&body)?;
    out.sync_all()?;
    fs::rename(&temporary, file)
}

/// The hash of the code that makes packs.
fn makers() -> Digest {
    let mut context = Context::new(&SHA256);
    MAKERS.iter().for_each(|text| context.update(text.as_bytes()));
    context.finish()
}

/// None for anything but a pack of these packages made by this build.
fn decode(bytes: &[u8], fingerprint: [u8; HASH]) -> Option<Program> {
    let (head, body) = bytes.split_at_checked(HEAD)?;
    let (mark, head) = head.split_at(MARK.len());
    let (made_by, head) = head.split_at(HASH);
    let (made_of, hash) = head.split_at(HASH);
    if mark != MARK
        || made_by != makers().as_ref()
        || made_of != fingerprint
        || hash != digest(&SHA256, body).as_ref()
    {
        return None;
    }
    let plain = zstd::bulk::decompress(body, MOST).ok()?;
    postcard::from_bytes(&plain).ok()
}
