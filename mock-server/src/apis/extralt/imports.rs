//! Files that are brought in: read as they arrive, and judged when all of them has.

use http::StatusCode;
use serde_json::Value;

use crate::apis::dialect::Call;
use crate::apis::extralt::acts::{self, Made};
use crate::apis::extralt::problem::Problem;
use crate::apis::upload::{Announced, Sink, Upload, Uploaded};
use crate::apis::words::shortened;
use crate::model::circumstances::Circumstances;
use crate::model::extralt::create;
use crate::model::extralt::import::{About, Content, FILE_MAX, FileKind, Reader, ending};
use crate::world::state::WorldState;

/// How a file is taken in.
pub(super) const UPLOAD: Upload = Upload { most: FILE_MAX, sink };

/// What was in a file; `None` if it is of no kind that can be read.
type Found = Option<(FileKind, Content)>;

/// A file on its way in; of one that cannot be read nothing is looked at.
struct File(Option<Reader>);

impl Sink for File {
    fn feed(&mut self, chunk: &[u8]) {
        if let Some(reader) = &mut self.0 {
            reader.feed(chunk);
        }
    }

    fn finish(self: Box<Self>) -> Uploaded {
        let found: Found = self.0.and_then(Reader::finish);
        Box::new(found)
    }
}

fn sink(announced: &Announced<'_>) -> Box<dyn Sink> {
    // The last of a repeated name counts, as in the contract's reading.
    let asked = |name: &str| {
        let mut values = announced.query.iter().rev().filter(|(key, _)| key == name);
        values.next().map(|(_, value)| value.as_str())
    };
    let usual = About::default();
    let about = About {
        country: asked("country").map_or(usual.country, Into::into),
        language: asked("language").map_or(usual.language, Into::into),
        host: asked("source_host").map_or(usual.host, |host| host.trim().to_ascii_lowercase().into()),
    };
    let name = asked("file_name").unwrap_or_default();
    let kind = FileKind::of_name(name).or_else(|| of_media_type(announced.content_type.unwrap_or_default()));
    // A name that ends in something else means something else; without an ending the first bytes tell.
    let is_readable = kind.is_some() || ending(name).is_none();
    Box::new(File(is_readable.then(|| Reader::new(kind, about))))
}

/// What a file of this media type is; `None` if that says nothing.
fn of_media_type(content_type: &str) -> Option<FileKind> {
    let essence = content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    match essence.as_str() {
        "text/csv" => Some(FileKind::Csv),
        "application/json" => Some(FileKind::Json),
        "application/x-ndjson" => Some(FileKind::Lines),
        _ => None,
    }
}

/// Imports the file that has arrived.
pub(super) fn create(call: &Call<'_>, world: &mut WorldState) -> Result<Made, Problem> {
    let found = call.upload::<Found>().and_then(|found| *found);
    let name = call.text("file_name");
    let Some((kind, content)) = found else {
        let what = name.map_or_else(|| "The file".to_owned(), shortened);
        let message = format!("{what} is none of CSV (.csv), JSON (.json) and JSON lines (.jsonl)");
        return Err(Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, message));
    };
    let name = name.unwrap_or(kind.usual_name());
    // There is no body to ask a rule about: what was asked for stands in the query.
    let body = Value::Object(call.query.clone());
    acts::decided(call, world, |state, around| {
        create::import(state, name, content, &Circumstances { body: &body, ..*around })
    })
}
