//! A document as PDF, set by Typst: Japanese line breaking, embedded type, marked up for readers' aids.

use std::collections::HashMap;
use std::sync::LazyLock;

use typst::diag::{FileError, FileResult, SourceDiagnostic};
use typst::ecow::EcoVec;
use typst::foundations::{Bytes, Datetime, Duration, Smart};
use typst::syntax::{FileId, RootedPath, Source, VirtualPath, VirtualRoot};
use typst::text::{Font, FontBook};
use typst::utils::LazyHash;
use typst::{Library, LibraryExt, World};
use typst_layout::PagedDocument;
use typst_pdf::PdfOptions;

use crate::document::{Block, Document};

/// A document that cannot be set: a picture that is no SVG.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the document cannot be set: {0}")]
pub struct NotSet(pub String);

/// What does not change from document to document.
struct Type {
    library: LazyHash<Library>,
    book: LazyHash<FontBook>,
    fonts: Vec<Font>,
}

/// The few files that the template may read.
struct Desk {
    template: Source,
    files: HashMap<FileId, Bytes>,
}

const TEMPLATE: &str = include_str!("document.typ");
const REGULAR: &[u8] = include_bytes!("../fonts/NotoSansJP-Regular.otf");
const BOLD: &[u8] = include_bytes!("../fonts/NotoSansJP-Bold.otf");

static TYPE: LazyLock<Type> = LazyLock::new(|| {
    let fonts: Vec<Font> =
        [REGULAR, BOLD].into_iter().flat_map(|face| Font::iter(Bytes::new(face))).collect();
    Type {
        library: LazyHash::new(Library::default()),
        book: LazyHash::new(FontBook::from_fonts(&fonts)),
        fonts,
    }
});

/// Sets a document. The same document is always the same bytes.
///
/// # Errors
/// [`NotSet`] if a picture is no SVG.
pub fn pdf(document: &Document) -> Result<Vec<u8>, NotSet> {
    let desk = Desk::laid(document)?;
    let set = typst::compile::<PagedDocument>(&desk).output.map_err(first)?;
    let options = PdfOptions { creator: Smart::Custom(None), ..PdfOptions::default() };
    let bytes = typst_pdf::pdf(&set, &options).map_err(first)?;
    // What one document needed is of no use to the next.
    typst::comemo::evict(0);
    Ok(bytes)
}

impl Desk {
    fn laid(document: &Document) -> Result<Self, NotSet> {
        let data = serde_json::to_vec(document).map_err(|error| NotSet(error.to_string()))?;
        let mut files = HashMap::from([(id("document.json"), Bytes::new(data))]);
        for (number, section) in document.sections.iter().enumerate() {
            for (place, block) in section.blocks.iter().enumerate() {
                if let Block::Picture(picture) = block {
                    let name = id(&format!("picture-{number}-{place}.svg"));
                    files.insert(name, Bytes::new(picture.svg.clone().into_bytes()));
                }
            }
        }
        Ok(Self { template: Source::new(id("document.typ"), TEMPLATE.to_owned()), files })
    }
}

impl World for Desk {
    fn library(&self) -> &LazyHash<Library> {
        &TYPE.library
    }

    fn book(&self) -> &LazyHash<FontBook> {
        &TYPE.book
    }

    fn main(&self) -> FileId {
        self.template.id()
    }

    fn source(&self, id: FileId) -> FileResult<Source> {
        if id == self.template.id() { Ok(self.template.clone()) } else { Err(FileError::AccessDenied) }
    }

    fn file(&self, id: FileId) -> FileResult<Bytes> {
        self.files.get(&id).cloned().ok_or(FileError::AccessDenied)
    }

    fn font(&self, index: usize) -> Option<Font> {
        TYPE.fonts.get(index).cloned()
    }

    fn today(&self, _: Option<Duration>) -> Option<Datetime> {
        None
    }
}

fn id(name: &str) -> FileId {
    let path = VirtualPath::new(name).expect("the names are plain");
    RootedPath::new(VirtualRoot::Project, path).intern()
}

fn first(found: EcoVec<SourceDiagnostic>) -> NotSet {
    NotSet(found.first().map(|one| one.message.to_string()).unwrap_or_default())
}
