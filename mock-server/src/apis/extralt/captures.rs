//! Captures and items: pages of them, how many there are, and all of them as one file. They are made once the world's
//! lock is released.

use std::io;

use bytes::Bytes;
use fixtures::export::{Encoder, Error, Format, Table};
use fixtures::samples::extralt::{self as samples, Enrichment, Item, Provenance};
use http::header::CONTENT_DISPOSITION;
use http::{HeaderValue, StatusCode};
use serde::Serialize;
use serde_json::json;

use crate::apis::dialect::Call;
use crate::apis::extralt::lists;
use crate::apis::extralt::problem::{Problem, Version};
use crate::apis::extralt::shown::{find, read_at};
use crate::apis::reply::Reply;
use crate::model::extralt::captures::{Captured, Captures};
use crate::model::extralt::items::Items;
use crate::model::extralt::run::Kind;
use crate::world::state::WorldState;

/// What a list, a count or an export is of.
#[derive(Debug, Clone)]
pub(super) enum Source {
    Captures(Captures),
    Items(Items),
}

/// The captures of the run, or in v1 of the import, that the query names.
pub(super) fn captures(call: &Call<'_>, world: &WorldState) -> Result<Source, Problem> {
    let (kind, what, id) = match (call.text("run_id"), call.text("import_id")) {
        (Some(run), None) => (Kind::Run, "run", run),
        (None, Some(import)) => (Kind::Import, "import", import),
        (None, None) => return Err(Problem::bad_request("run_id or import_id is required")),
        (Some(_), Some(_)) => {
            return Err(Problem::bad_request("run_id and import_id cannot be given together"));
        }
    };
    let state = world.extralt();
    let found = find(call, state, kind, id)
        .and_then(|(_, run)| Captures::of(state, run, world.stream().seed(), read_at(call, run)));
    found.map(Source::Captures).ok_or_else(|| Problem::not_found(what))
}

/// The items of the enrichment that the query names.
pub(super) fn items(call: &Call<'_>, world: &WorldState) -> Result<Source, Problem> {
    let state = world.extralt();
    let id = call.text("enrichment_id").unwrap_or_default();
    let found = find(call, state, Kind::Enrichment, id)
        .and_then(|(_, run)| Items::of(state, run, world.stream().seed(), read_at(call, run)));
    found.map(Source::Items).ok_or_else(|| Problem::not_found("enrichment"))
}

/// A page, under the name that lists have in this version.
pub(super) fn list(
    call: &Call<'_>,
    world: &WorldState,
    source: Source,
    version: Version,
) -> Result<Reply, Problem> {
    let filter = source.identity();
    let (places, next) = lists::stretch(call, world, &filter, source.len())?;
    let about = source.about().to_owned();
    let reply = Reply::later(StatusCode::OK, move || {
        let name = match version {
            Version::V0 => "rows",
            Version::V1 => "data",
        };
        let mut body = format!("{{\"{name}\":[").into_bytes();
        for place in places.clone() {
            if place > places.start {
                body.push(b',');
            }
            // A vector takes whatever is written, and rows hold nothing that cannot be.
            let _ = source.write(place, version, &mut Json(&mut body));
        }
        body.extend_from_slice(format!("],\"next_cursor\":{}}}", json!(next)).as_bytes());
        Bytes::from(body)
    });
    Ok(reply.about(&about))
}

/// All there is so far, as one file.
pub(super) fn export(call: &Call<'_>, source: Source, version: Version) -> Reply {
    let format = call.text("format").and_then(Format::named).unwrap_or(Format::Parquet);
    let (what, table) = match (&source, version) {
        (Source::Captures(_), Version::V0) => ("captures", Table::ExtraltV0Captures),
        (Source::Captures(_), Version::V1) => ("captures", Table::ExtraltV1Captures),
        (Source::Items(_), Version::V0) => ("items", Table::ExtraltV0Items),
        (Source::Items(_), Version::V1) => ("items", Table::ExtraltV1Items),
    };
    let about = source.about().to_owned();
    let name = format!("attachment; filename=\"{what}-{about}.{}\"", format.extension());
    let reply = Reply::stream(StatusCode::OK, HeaderValue::from_static(format.media_type()), move |sink| {
        let write = || -> Result<(), Error> {
            let mut encoder = Encoder::new(format, table, sink)?;
            for place in 0..source.len() {
                source.write(place, version, &mut encoder)?;
            }
            encoder.finish()
        };
        write().map_err(|error| match error {
            Error::Sink(error) => error,
            other => io::Error::other(other),
        })
    });
    let reply = reply.about(&about);
    match HeaderValue::try_from(name) {
        Ok(name) => reply.header(CONTENT_DISPOSITION, name),
        Err(_) => reply,
    }
}

/// The item that the path names.
pub(super) fn item(call: &Call<'_>, world: &WorldState, version: Version) -> Result<Reply, Problem> {
    let source = items(call, world)?;
    let id = call.path("item_id");
    let low = match version {
        Version::V0 => id.rsplit('-').next().and_then(|last| u64::from_str_radix(last, 16).ok()),
        Version::V1 => id.parse::<u64>().ok(),
    };
    let Source::Items(made) = &source else { return Err(Problem::not_found("item")) };
    let place = low.and_then(|low| made.find((low & u64::from(u32::MAX)) as u32));
    let place = place.ok_or_else(|| Problem::not_found("item"))?;
    // Only the number of the capture was read from the id: the rest of it has to be right too.
    let provenance = provenance(made.captures(), &made.get(place));
    let right = match version {
        Version::V0 => samples::v0::id(&provenance).to_string() == id,
        Version::V1 => samples::v1::id(&provenance).to_string() == id,
    };
    if !right {
        return Err(Problem::not_found("item"));
    }
    let mut body = Vec::new();
    let _ = source.write(place, version, &mut Json(&mut body));
    Ok(Reply::ready(StatusCode::OK, body.into()).about(made.enrichment()))
}

impl Source {
    pub(super) fn len(&self) -> u64 {
        match self {
            Self::Captures(captures) => captures.len(),
            Self::Items(items) => items.len(),
        }
    }

    /// The id of the run or enrichment that it is of.
    pub(super) fn about(&self) -> &str {
        match self {
            Self::Captures(captures) => captures.source(),
            Self::Items(items) => items.enrichment(),
        }
    }

    /// What a cursor is good for: the captures of one attempt.
    fn identity(&self) -> String {
        match self {
            Self::Captures(captures) => format!("{} {}", captures.source(), captures.edition()),
            Self::Items(items) => items.enrichment().to_owned(),
        }
    }

    /// Writes capture or item number `place`.
    fn write(&self, place: u64, version: Version, out: &mut impl Out) -> Result<(), Error> {
        let (captures, taken) = match self {
            Self::Captures(captures) => (captures, captures.get(place)),
            Self::Items(items) => (items.captures(), items.get(place)),
        };
        let provenance = provenance(captures, &taken);
        let capture = &taken.capture;
        let Self::Items(items) = self else {
            return match version {
                Version::V0 => out.row(&samples::v0::capture(capture, &provenance)),
                Version::V1 => out.row(&samples::v1::capture(capture, &provenance)),
            };
        };
        let enrichment = Enrichment {
            id: items.enrichment(),
            source_started_at_micros: items.source_started().as_micros(),
        };
        let item = Item::new(capture);
        match version {
            Version::V0 => out.row(&samples::v0::item(&item, &provenance, &enrichment)),
            Version::V1 => out.row(&samples::v1::item(&item, &provenance, &enrichment)),
        }
    }
}

fn provenance<'a>(captures: &'a Captures, taken: &Captured) -> Provenance<'a> {
    Provenance {
        capture: taken.bits,
        source_kind: captures.source_kind(),
        source_id: captures.source(),
        extracted_at_micros: taken.at.as_micros(),
    }
}

/// Where rows are written to.
trait Out {
    fn row(&mut self, row: &impl Serialize) -> Result<(), Error>;
}

/// Rows as JSON, one after another.
struct Json<'a>(&'a mut Vec<u8>);

impl Out for Json<'_> {
    fn row(&mut self, row: &impl Serialize) -> Result<(), Error> {
        serde_json::to_writer(&mut *self.0, row).map_err(|error| Error::Row(error.to_string()))
    }
}

impl<W: io::Write + Send> Out for Encoder<W> {
    fn row(&mut self, row: &impl Serialize) -> Result<(), Error> {
        self.write(row)
    }
}
