//! What can be told of a file by looking: what it is, by its first bytes and its name, and how many pages it has.

use super::pages::{PdfPages, TextPages};

/// How many of its first bytes tell what a file is.
const HEAD_MAX: usize = 1_024;
/// How many bytes of an office document make a page; a guess.
const PAGE_OF_DOCUMENT: u64 = 50_000;

/// What can be told of a file by looking.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Facts {
    /// Its media type; `application/octet-stream` if nothing is known of it.
    pub media_type: &'static str,
    /// How the names of such files end, without the dot; `None` if nothing is known of it.
    pub ending: Option<&'static str>,
    /// How many pages it has, at least one; an estimate.
    pub pages: u64,
}

/// What the pages of a kind of file are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Pages {
    /// Its page objects.
    Pdf,
    /// Form feeds, or characters.
    Text,
    /// So many bytes each.
    Document,
    /// It is one.
    One,
}

/// How the bytes of a kind of file begin.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    /// With something that only this kind begins with.
    Own,
    /// As a ZIP archive.
    Zip,
    /// As a compound file of old office programs.
    Compound,
    /// With text.
    Text,
    /// With anything.
    Binary,
}

/// A kind of file: its media type, how names of it end (the usual one first), how its bytes begin, and what its pages
/// are.
type Kind = (&'static str, &'static [&'static str], Form, Pages);

const KINDS: &[Kind] = &[
    ("application/pdf", &["pdf"], Form::Own, Pages::Pdf),
    ("image/png", &["png"], Form::Own, Pages::One),
    ("image/jpeg", &["jpg", "jpeg"], Form::Own, Pages::One),
    ("image/gif", &["gif"], Form::Own, Pages::One),
    ("image/webp", &["webp"], Form::Own, Pages::One),
    ("image/tiff", &["tiff", "tif"], Form::Own, Pages::One),
    ("image/bmp", &["bmp"], Form::Own, Pages::One),
    ("application/rtf", &["rtf"], Form::Own, Pages::Document),
    ("application/zip", &["zip"], Form::Zip, Pages::One),
    (
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        &["docx"],
        Form::Zip,
        Pages::Document,
    ),
    (
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        &["xlsx"],
        Form::Zip,
        Pages::Document,
    ),
    (
        "application/vnd.openxmlformats-officedocument.presentationml.presentation",
        &["pptx"],
        Form::Zip,
        Pages::Document,
    ),
    ("application/vnd.oasis.opendocument.text", &["odt"], Form::Zip, Pages::Document),
    ("application/vnd.oasis.opendocument.spreadsheet", &["ods"], Form::Zip, Pages::Document),
    ("application/vnd.oasis.opendocument.presentation", &["odp"], Form::Zip, Pages::Document),
    ("application/epub+zip", &["epub"], Form::Zip, Pages::Document),
    ("application/x-ole-storage", &["ole"], Form::Compound, Pages::Document),
    ("application/msword", &["doc"], Form::Compound, Pages::Document),
    ("application/vnd.ms-excel", &["xls"], Form::Compound, Pages::Document),
    ("application/vnd.ms-powerpoint", &["ppt"], Form::Compound, Pages::Document),
    ("text/plain", &["txt", "text", "log"], Form::Text, Pages::Text),
    ("text/html", &["html", "htm"], Form::Text, Pages::Text),
    ("text/markdown", &["md", "markdown"], Form::Text, Pages::Text),
    ("text/csv", &["csv"], Form::Text, Pages::Text),
    ("text/tab-separated-values", &["tsv"], Form::Text, Pages::Text),
    ("application/json", &["json"], Form::Text, Pages::Text),
    ("application/x-ndjson", &["jsonl", "ndjson"], Form::Text, Pages::Text),
    ("application/xml", &["xml"], Form::Text, Pages::Text),
    ("application/yaml", &["yaml", "yml"], Form::Text, Pages::Text),
    ("image/svg+xml", &["svg"], Form::Text, Pages::One),
    ("message/rfc822", &["eml"], Form::Text, Pages::Text),
    ("image/heic", &["heic"], Form::Binary, Pages::One),
    ("audio/mpeg", &["mp3"], Form::Binary, Pages::One),
    ("audio/wav", &["wav"], Form::Binary, Pages::One),
    ("audio/mp4", &["m4a"], Form::Binary, Pages::One),
    ("video/mp4", &["mp4"], Form::Binary, Pages::One),
];

/// How the names of files of this media type end, without the dot, if it is known.
pub fn ending_of(media_type: &str) -> Option<&'static str> {
    let kind = KINDS.iter().find(|(known, ..)| known.eq_ignore_ascii_case(media_type))?;
    kind.1.first().copied()
}

/// What is kept of a file's bytes beside them.
#[derive(Debug, Clone, Default)]
pub(super) struct Traits {
    head: Vec<u8>,
    is_pdf: bool,
    pdf: PdfPages,
    text: TextPages,
}

impl Traits {
    /// The next bytes pass by.
    pub(super) fn feed(&mut self, chunk: &[u8]) {
        // Until it is known what the file is it may be anything.
        let known = self.head.len() == HEAD_MAX;
        if !known || self.is_pdf {
            self.pdf.feed(chunk);
        }
        if !known || !self.is_pdf {
            self.text.feed(chunk);
        }
        if !known {
            let room = HEAD_MAX - self.head.len();
            self.head.extend_from_slice(&chunk[..chunk.len().min(room)]);
            self.is_pdf = is_pdf(&self.head);
        }
    }

    pub(super) fn facts(&self, name: &str, length: u64) -> Facts {
        let Some((media_type, endings, _, pages)) = kind(&self.head, name) else {
            return Facts { media_type: "application/octet-stream", ending: None, pages: 1 };
        };
        let pages = match pages {
            Pages::Pdf => self.pdf.found(),
            Pages::Text => self.text.found(),
            Pages::Document => length.div_ceil(PAGE_OF_DOCUMENT),
            Pages::One => 1,
        };
        Facts { media_type, ending: endings.first().copied(), pages: pages.max(1) }
    }
}

/// What a file is. Its bytes outrank its name, which decides where many kinds begin alike.
fn kind(head: &[u8], name: &str) -> Option<Kind> {
    let of = |ending: &str| KINDS.iter().find(|(_, endings, ..)| endings.contains(&ending)).copied();
    let named = ending(name).and_then(|ending| of(&ending));
    let named = |form: Form| named.filter(|(_, _, own, _)| *own == form || head.is_empty());
    if let Some(own) = signature(head) {
        return of(own);
    }
    if head.starts_with(b"PK\x03\x04") || head.starts_with(b"PK\x05\x06") {
        return named(Form::Zip).or_else(|| of("zip"));
    }
    if head.starts_with(b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1") {
        return named(Form::Compound).or_else(|| of("ole"));
    }
    if head.is_empty() || !is_text(head) {
        return named(Form::Binary);
    }
    named(Form::Text).or_else(|| of(if is_html(head) { "html" } else { "txt" }))
}

/// The ending of the kind that alone begins like this.
fn signature(head: &[u8]) -> Option<&'static str> {
    const SIGNATURES: [(&[u8], &str); 8] = [
        (b"\x89PNG\r\n\x1a\n", "png"),
        (b"\xFF\xD8\xFF", "jpg"),
        (b"GIF87a", "gif"),
        (b"GIF89a", "gif"),
        (b"II*\0", "tiff"),
        (b"MM\0*", "tiff"),
        (b"BM", "bmp"),
        (b"{\\rtf", "rtf"),
    ];
    if is_pdf(head) {
        return Some("pdf");
    }
    if head.starts_with(b"RIFF") && head.get(8..12) == Some(b"WEBP") {
        return Some("webp");
    }
    let found = SIGNATURES.iter().find(|(signature, _)| head.starts_with(signature));
    // Text may begin with two letters, too.
    found.map(|(_, ending)| *ending).filter(|ending| *ending != "bmp" || !is_text(head))
}

/// Readers accept a PDF whose header stands anywhere in its first 1,024 bytes (ISO 32000-1, Annex H.3, note 13).
fn is_pdf(head: &[u8]) -> bool {
    head.windows(5).any(|window| window == b"%PDF-")
}

fn is_text(head: &[u8]) -> bool {
    if head.starts_with(b"\xFF\xFE") || head.starts_with(b"\xFE\xFF") {
        return true;
    }
    let is_cut = |error: &std::str::Utf8Error| error.error_len().is_none() && head.len() == HEAD_MAX;
    let is_utf8 = std::str::from_utf8(head).map_or_else(|error| is_cut(&error), |_| true);
    is_utf8 && !head.iter().any(|byte| byte.is_ascii_control() && !matches!(byte, b'\t'..=b'\r' | b'\x1b'))
}

fn is_html(head: &[u8]) -> bool {
    let start = head.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(head).trim_ascii_start();
    [&b"<!doctype html"[..], b"<html"]
        .iter()
        .any(|tag| start.get(..tag.len()).is_some_and(|start| start.eq_ignore_ascii_case(tag)))
}

/// What stands behind the last dot of a file's name, in small letters.
fn ending(name: &str) -> Option<String> {
    let last = name.rsplit(['/', '\\']).next()?;
    last.rsplit_once('.').map(|(_, ending)| ending.to_ascii_lowercase())
}
