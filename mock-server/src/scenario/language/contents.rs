//! `world`: what a world holds before the first request.

mod check;
mod input;
mod options;

use std::ops::Range;
use std::time::Duration;

use jiff::Timestamp;

use super::fields::{Fields, Object};
use super::list::{Item, List};
use super::quantity::Count;
use super::reader::{Mistake, Step};
use super::run::behaviour;
use super::text::LINE;
use crate::scenario::contents::{Contents, EarlierRequest, EarlierRun, MAX_EARLIER_RUNS};
use crate::scenario::kind::RunKind;
use check::{check_ids, check_start, check_vendors};
use input::{Ago, Page, Query, Vendor};
use options::options;

/// When a run was created that does not say it, before the start of its world.
const CREATED: Duration = Duration::from_secs(60 * 60);

/// The most addresses of an extract, as Catalog documents it (page "Extract", `urls`).
const MAX_URLS: usize = 1_000;

/// `world`. `seed` and `start` are what the scenario says of them.
pub(super) fn contents(fields: &mut Fields<'_, '_>, seed: Option<u64>, start: Option<Timestamp>) -> Contents {
    let catalog = Object {
        what: "what a world holds at Catalog",
        read: |fields: &mut Fields<'_, '_>| Some(catalog(fields, seed, start)),
    };
    let world = Object {
        what: "a world",
        read: |fields: &mut Fields<'_, '_>| {
            let runs = fields.optional("catalog", "What it holds at Catalog.", &catalog);
            fields.later(&["extralt", "llama-extract"]);
            runs
        },
    };
    fields.optional("world", "What a world holds before the first request.", &world).unwrap_or_default()
}

/// A run, with the places that later mistakes point at.
struct Placed {
    run: EarlierRun,
    /// Which list it stands in, and where.
    place: [Step; 2],
    /// The key of what it is about, and where that stands.
    subject: (&'static str, Range<usize>),
    created: Range<usize>,
    id: Range<usize>,
}

impl Placed {
    fn path(&self, key: &str) -> Vec<Step> {
        self.place.iter().cloned().chain([Step::key(key)]).collect()
    }

    fn report(&self, fields: &mut Fields<'_, '_>, mistake: Mistake) {
        let (key, span) = &self.subject;
        fields.report_at(self.path(key), span, mistake);
    }
}

/// How a list's items are read.
type Read = fn(&mut Fields<'_, '_>) -> Option<Placed>;

const LISTS: [(&str, &str, Object<Read>); 3] = [
    ("crawls", "Crawls that were started before.", Object { what: "a crawl", read: crawl }),
    ("extracts", "Extracts that were started before.", Object { what: "an extract", read: extract }),
    ("searches", "Searches that were started before.", Object { what: "a search", read: search }),
];

fn catalog(fields: &mut Fields<'_, '_>, seed: Option<u64>, start: Option<Timestamp>) -> Contents {
    let before = fields.mistakes();
    let mut all = Vec::new();
    for (name, doc, of) in LISTS {
        let runs = fields.optional(name, doc, &List { of, max_items: MAX_EARLIER_RUNS });
        all.extend(runs.into_iter().flatten().map(|Item { value, index, .. }| Placed {
            place: [Step::key(name), Step::Index(index)],
            ..value
        }));
    }
    if all.len() > MAX_EARLIER_RUNS {
        let mistake =
            Mistake::new(format!("a world begins with at most {MAX_EARLIER_RUNS} runs, not {}", all.len()));
        fields.report_whole(mistake);
    }
    check_ids(fields, &all);
    if let Some(start) = start {
        check_start(fields, &all, start);
    }
    // A run that could not be read is left out, and others may need it.
    if fields.mistakes() == before {
        check_vendors(fields, &all, seed);
    }
    Contents::new(all.into_iter().map(|placed| placed.run).collect(), Vec::new())
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
    let doc = "How long before the world's start it was created; `-1h` unless given.";
    let created = fields.optional("created", doc, &Ago);
    let id = fields.optional("id", "The id that its client knows it by; drawn unless given.", &LINE);
    let behaviour = behaviour(fields, Some(kind), false);
    let request = request?;
    if id.as_ref().is_some_and(|id| !request.may_be_called(id)) {
        let mistake = Mistake::new(format!("this is no id of such {}", kind.with_article()));
        fields.report("id", mistake.help(format!("they look like `{}`", request.sample_id())));
    }
    Some(Placed {
        run: EarlierRun::new(request, created.unwrap_or(CREATED), id, behaviour),
        place: [Step::key(""), Step::Index(0)],
        subject: (subject, fields.span(subject)?),
        created: fields.span("created").unwrap_or_default(),
        id: fields.span("id").unwrap_or_default(),
    })
}
