//! How many pages a file has, as far as that can be seen while it passes by. Chunks may be cut anywhere.

/// A page object of a PDF says `/Type /Page`, with any white space in between; `/Pages` is a node of their tree.
const TYPE: &[u8] = b"/Type";
const PAGE: &[u8] = b"/Page";

/// How many characters of plain text make a page.
const PAGE_OF_TEXT: u64 = 3_000;

/// Counts the page objects of a PDF. What is compressed cannot be seen, and a page that was changed later is seen
/// twice: it is an estimate.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct PdfPages {
    found: u64,
    at: At,
}

/// How much of a page object has been seen.
#[derive(Debug, Clone, Copy, Default)]
enum At {
    #[default]
    Nowhere,
    /// So many bytes of [`TYPE`].
    Type(usize),
    /// White space behind it.
    Space,
    /// So many bytes of [`PAGE`].
    Page(usize),
}

impl PdfPages {
    pub(super) fn feed(&mut self, mut chunk: &[u8]) {
        loop {
            if matches!(self.at, At::Nowhere) {
                // Nothing but a slash begins anything.
                let Some(slash) = chunk.iter().position(|byte| *byte == b'/') else { return };
                chunk = &chunk[slash..];
            }
            let Some((byte, rest)) = chunk.split_first() else { return };
            self.step(*byte);
            chunk = rest;
        }
    }

    fn step(&mut self, byte: u8) {
        let begun = if byte == b'/' { At::Type(1) } else { At::Nowhere };
        self.at = match self.at {
            At::Nowhere => begun,
            At::Type(seen) => match TYPE.get(seen) {
                Some(next) if *next == byte => At::Type(seen + 1),
                None if is_space(byte) => At::Space,
                // A name may follow another at once.
                None if byte == b'/' => At::Page(1),
                _ => begun,
            },
            At::Space if is_space(byte) => At::Space,
            At::Space if byte == b'/' => At::Page(1),
            At::Space => At::Nowhere,
            At::Page(seen) => match PAGE.get(seen) {
                Some(next) if *next == byte => At::Page(seen + 1),
                None => {
                    self.found += u64::from(!is_regular(byte));
                    begun
                }
                // What looked like a page may be the type: `/Type /Type /Page`.
                _ if seen == 1 && byte == TYPE[1] => At::Type(2),
                _ => begun,
            },
        };
    }

    /// How many have been seen, of a file that has ended.
    pub(super) fn found(&self) -> u64 {
        self.found + u64::from(matches!(self.at, At::Page(seen) if seen == PAGE.len()))
    }
}

/// White space (ISO 32000-1, 7.2.2).
fn is_space(byte: u8) -> bool {
    matches!(byte, b'\0' | b'\t' | b'\n' | b'\x0c' | b'\r' | b' ')
}

/// Whether a name goes on with this byte (ISO 32000-1, 7.2.2).
fn is_regular(byte: u8) -> bool {
    !is_space(byte) && !matches!(byte, b'(' | b')' | b'<' | b'>' | b'[' | b']' | b'{' | b'}' | b'/' | b'%')
}

/// Counts what makes pages of plain text: form feeds, or characters.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct TextPages {
    characters: u64,
    form_feeds: u64,
    /// Whether the last byte was a form feed, which begins no page if nothing follows.
    ended: bool,
}

impl TextPages {
    pub(super) fn feed(&mut self, chunk: &[u8]) {
        let Some(last) = chunk.last() else { return };
        // All bytes of UTF-8 but those that go on with a character.
        self.characters += chunk.iter().filter(|byte| (**byte & 0xC0) != 0x80).count() as u64;
        self.form_feeds += chunk.iter().filter(|byte| **byte == b'\x0c').count() as u64;
        self.ended = *last == b'\x0c';
    }

    pub(super) fn found(&self) -> u64 {
        if self.form_feeds > 0 {
            return self.form_feeds + u64::from(!self.ended);
        }
        self.characters.div_ceil(PAGE_OF_TEXT)
    }
}
