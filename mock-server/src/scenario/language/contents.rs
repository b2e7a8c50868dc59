//! `world`: what a world holds before the first request.

mod check;
mod extralt;
mod input;
mod llama_extract;
mod options;
mod place;

use std::time::Duration;

use jiff::Timestamp;

use super::fields::{Fields, Object};
use super::list::{Item, List};
use super::quantity::Count;
use super::reader::Mistake;
use super::run::{Subject, behaviour};
use super::text::LINE;
use crate::scenario::contents::{Contents, EarlierRequest, EarlierRun, MAX_EARLIER_RUNS};
use crate::scenario::kind::RunKind;
use check::check_vendors;
use input::{Page, Query, Vendor};
use options::options;
use place::{ID, Place, check_ids, check_number, check_start, created};

/// When a run was created that does not say it, before the start of its world.
const CREATED: Duration = Duration::from_secs(60 * 60);

/// The most addresses of an extract, as Catalog documents it (page "Extract", `urls`).
const MAX_URLS: usize = 1_000;

/// What `world` must know of the rest of the scenario.
pub(super) struct Around {
    /// The seed, if the scenario gives it.
    pub(super) seed: Option<u64>,
    /// When worlds begin, if the scenario says so.
    pub(super) start: Option<Timestamp>,
    /// Whether an account has a plan with which runs wait for each other.
    pub(super) queues: bool,
}

/// `world`.
pub(super) fn contents(fields: &mut Fields<'_, '_>, around: &Around) -> Contents {
    let catalog = Object {
        what: "what a world holds at Catalog",
        read: |fields: &mut Fields<'_, '_>| Some(catalog(fields, around)),
    };
    let extralt = Object {
        what: "what a world holds at Extralt",
        read: |fields: &mut Fields<'_, '_>| Some(extralt::extralt(fields, around)),
    };
    let llama_extract = Object {
        what: "what a world holds at LlamaExtract",
        read: |fields: &mut Fields<'_, '_>| Some(llama_extract::llama_extract(fields, around)),
    };
    let world = Object {
        what: "a world",
        read: |fields: &mut Fields<'_, '_>| {
            let catalog = fields.optional("catalog", "What it holds at Catalog.", &catalog);
            let extralt = fields.optional("extralt", "What it holds at Extralt.", &extralt);
            let llama_extract =
                fields.optional("llama-extract", "What it holds at LlamaExtract.", &llama_extract);
            Some(Contents::new(
                catalog.unwrap_or_default(),
                extralt.unwrap_or_default(),
                llama_extract.unwrap_or_default(),
            ))
        },
    };
    fields.optional("world", "What a world holds before the first request.", &world).unwrap_or_default()
}

/// A run, with the places that later mistakes point at.
struct Placed {
    run: EarlierRun,
    place: Place,
}

/// How a list's items are read.
type Read = fn(&mut Fields<'_, '_>) -> Option<Placed>;

const LISTS: [(&str, &str, Object<Read>); 3] = [
    ("crawls", "Crawls that were started before.", Object { what: "a crawl", read: crawl }),
    ("extracts", "Extracts that were started before.", Object { what: "an extract", read: extract }),
    ("searches", "Searches that were started before.", Object { what: "a search", read: search }),
];

fn catalog(fields: &mut Fields<'_, '_>, around: &Around) -> Vec<EarlierRun> {
    let before = fields.mistakes();
    let mut all = Vec::new();
    for (name, doc, of) in LISTS {
        let runs = fields.optional(name, doc, &List { of, max_items: MAX_EARLIER_RUNS });
        all.extend(runs.into_iter().flatten().map(|Item { value, index, .. }| Placed {
            place: Place { list: name, index, ..value.place },
            ..value
        }));
    }
    check_number(fields, "runs", all.len());
    check_ids(fields, all.iter().filter_map(|placed| Some((placed.run.id.as_deref()?, &placed.place))));
    check_start(fields, all.iter().map(|placed| (placed.run.created, &placed.place)), around.start);
    // A run that could not be read is left out, and others may need it.
    if fields.mistakes() == before {
        check_vendors(fields, &all, around.seed);
    }
    all.into_iter().map(|placed| placed.run).collect()
}

fn crawl(fields: &mut Fields<'_, '_>) -> Option<Placed> {
    let host = fields.required("url", "The vendor, by host name or address.", &Vendor);
    placed(fields, RunKind::Crawl, "url", host.map(|host| EarlierRequest::Crawl { host: host.into() }))
}

fn extract(fields: &mut Fields<'_, '_>) -> Option<Placed> {
    let before = fields.mistakes();
    let pages = List { of: Page, max_items: MAX_URLS };
    let urls = fields.optional("urls", "The addresses of the pages; either these or a vendor.", &pages);
    let vendor = fields.optional("vendor", "The vendor whose products are extracted.", &Vendor);
    let most = Count { min: 0, max: u64::MAX };
    let max_products =
        fields.optional("max-products", "At most this many of the vendor's products; 0 means all.", &most);
    let options = options(fields);
    match (fields.has("urls"), fields.has("vendor")) {
        (true, true) => {
            fields.report("vendor", Mistake::new("an extract has `urls` or a `vendor`, not both"));
        }
        (false, false) => {
            let mistake = Mistake::new("an extract needs `urls` or a `vendor`");
            fields.report_whole(mistake.help("add for example `vendor: skims.com`"));
        }
        (true, false) if fields.has("max-products") => {
            let mistake = Mistake::new("`max-products` is for an extract of a vendor");
            fields.report("max-products", mistake.help("leave it out: all of the `urls` are extracted"));
        }
        (true, false) if urls.as_ref().is_some_and(Vec::is_empty) && fields.mistakes() == before => {
            fields.report("urls", Mistake::new("this list is empty").expected("from 1 to 1000 addresses"));
        }
        _ => {}
    }
    let vendor = vendor.map(|host| EarlierRequest::Vendor {
        host: host.into(),
        max_products,
        options: options.clone(),
    });
    let urls = urls
        .map(|urls| EarlierRequest::Urls { urls: urls.into_iter().map(|url| url.value).collect(), options });
    let subject = if vendor.is_some() { "vendor" } else { "urls" };
    placed(fields, RunKind::Extract, subject, vendor.or(urls))
}

fn search(fields: &mut Fields<'_, '_>) -> Option<Placed> {
    let query = fields.required("query", "What was asked for.", &Query);
    let request = query.map(|query| EarlierRequest::Search { query: query.into() });
    placed(fields, RunKind::Search, "query", request)
}

/// Reads what all of them have, beside a request that stands under the key `subject`.
fn placed(
    fields: &mut Fields<'_, '_>,
    kind: RunKind,
    subject: &'static str,
    request: Option<EarlierRequest>,
) -> Option<Placed> {
    let created = created(fields, "How long before the world's start it was created; `-1h` unless given.");
    let id = fields.optional("id", ID, &LINE);
    let behaviour = behaviour(fields, &Subject::only(kind));
    let request = request?;
    if id.as_ref().is_some_and(|id| !request.may_be_called(id)) {
        let mistake = Mistake::new(format!("this is no id of such {}", kind.with_article()));
        fields.report("id", mistake.help(format!("they look like `{}`", request.sample_id())));
    }
    Some(Placed {
        run: EarlierRun::new(request, created.unwrap_or(CREATED), id, behaviour),
        place: Place::read(fields, subject)?,
    })
}
