//! Strings that were written with escapes, resolved once and kept beside the text.

/// Resolved copies, found by the offset at which the escaped form begins.
#[derive(Default)]
pub(super) struct Copies {
    text: String,
    index: Vec<(u32, u32, u32)>,
}

impl Copies {
    pub(super) fn begin(&mut self) -> Copy<'_> {
        let from = self.text.len();
        Copy { copies: self, from }
    }

    /// The copy whose escaped form begins at `start`; offsets only grow while parsing, so the index is sorted.
    pub(super) fn get(&self, start: u32) -> &str {
        match self.index.binary_search_by_key(&start, |entry| entry.0) {
            Ok(found) => &self.text[self.index[found].1 as usize..self.index[found].2 as usize],
            Err(_) => "",
        }
    }
}

/// A copy being written.
pub(super) struct Copy<'c> {
    copies: &'c mut Copies,
    from: usize,
}

impl Copy<'_> {
    pub(super) fn push_str(&mut self, run: &str) {
        self.copies.text.push_str(run);
    }

    pub(super) fn push(&mut self, c: char) {
        self.copies.text.push(c);
    }

    /// Files the copy under the offset of its escaped form. A copy is never longer than its escaped form, so it
    /// fits the same 32 bits.
    pub(super) fn finish(self, start: u32) {
        let to = self.copies.text.len();
        self.copies.index.push((start, self.from as u32, to as u32));
    }
}
