//! What a world holds before the first request: what was created before its start.

pub mod extralt;
pub mod llama_extract;

use std::cmp::Reverse;
use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use fixtures::samples::catalog::product::Enrichments;
use serde_json::{Value, json};

use super::extract::ExtractOptions;
use super::host::dashed;
use super::kind::RunKind;
use super::run::RunRule;
use crate::seed::Digest;

/// The most runs a world begins with, at each API. At Extralt robots, schedules and enrichments count like runs, and so do
/// the runs that its schedules make before the start.
pub const MAX_EARLIER_RUNS: usize = 10_000;

/// What a world holds before the first request. Nothing of it is drawn; that is for each world to do.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Contents {
    catalog: Vec<EarlierRun>,
    extralt: Vec<extralt::Earlier>,
    llama_extract: Vec<llama_extract::Earlier>,
    pinned: HashSet<Arc<str>>,
}

impl Contents {
    /// What there is. What is of one instant comes into being in the order in which it is given.
    pub fn new(
        mut catalog: Vec<EarlierRun>,
        mut extralt: Vec<extralt::Earlier>,
        mut llama_extract: Vec<llama_extract::Earlier>,
    ) -> Self {
        catalog.sort_by_key(|run| Reverse(run.created));
        extralt.sort_by_key(|earlier| Reverse(earlier.created));
        llama_extract.sort_by_key(|earlier| Reverse(earlier.created));
        let ids = catalog.iter().map(|run| &run.id).chain(extralt.iter().map(|earlier| &earlier.id));
        let uuids = llama_extract.iter().filter_map(|earlier| Some(Arc::from(earlier.id?.to_string())));
        let pinned = ids.flatten().cloned().chain(uuids).collect();
        Self { catalog, extralt, llama_extract, pinned }
    }

    /// Catalog's runs, in the order in which they come into being.
    pub fn catalog(&self) -> &[EarlierRun] {
        &self.catalog
    }

    /// What there is at Extralt, in the order in which it comes into being.
    pub fn extralt(&self) -> &[extralt::Earlier] {
        &self.extralt
    }

    /// What there is at LlamaExtract, in the order in which it comes into being.
    pub fn llama_extract(&self) -> &[llama_extract::Earlier] {
        &self.llama_extract
    }

    /// The ids that anything has because the scenario says so.
    pub fn pinned(&self) -> impl Iterator<Item = Arc<str>> {
        self.pinned.iter().cloned()
    }

    /// Whether anything has this id because the scenario says so, so that no other may draw it.
    pub fn pins(&self, id: &str) -> bool {
        self.pinned.contains(id)
    }
}

/// A run that a world begins with.
#[derive(Debug, Clone, PartialEq)]
pub struct EarlierRun {
    /// What was asked for.
    pub request: EarlierRequest,
    /// How long before the world's start it was created; at most [`MAX_DURATION`](super::duration::MAX_DURATION).
    pub created: Duration,
    /// The id that its client knows it by, in the documented form of its kind; drawn if none is given.
    pub id: Option<Arc<str>>,
    /// What becomes of it. The conditions of this rule are not looked at.
    pub behaviour: RunRule,
    /// What it draws by: the digest of what was asked for and when.
    pub digest: Digest,
}

impl EarlierRun {
    /// A run with everything that follows from the rest.
    pub fn new(request: EarlierRequest, created: Duration, id: Option<String>, behaviour: RunRule) -> Self {
        let millis = u64::try_from(created.as_millis()).unwrap_or(u64::MAX);
        // Named apart from every operation, so that no draw of a client's request is one of these.
        let asked = json!([request.value(), millis]);
        let digest = Digest::of("world", request.kind().name(), &[], Some(&asked));
        Self { request, created, id: id.map(Into::into), behaviour, digest }
    }
}

/// What was asked for, with its values checked and its hosts in canonical form.
#[derive(Debug, Clone, PartialEq)]
pub enum EarlierRequest {
    /// Crawl a vendor.
    Crawl {
        /// Canonical host.
        host: Arc<str>,
    },
    /// Extract these pages.
    Urls {
        /// Their addresses.
        urls: Arc<[Box<str>]>,
        /// What to add to each product.
        options: ExtractOptions,
    },
    /// Extract what a vendor sells, which had been crawled by then or needs no crawl.
    Vendor {
        /// Canonical host.
        host: Arc<str>,
        /// At most this many products; none or zero means all.
        max_products: Option<u64>,
        /// What to add to each product.
        options: ExtractOptions,
    },
    /// Find products.
    Search {
        /// The question.
        query: Arc<str>,
    },
}

impl EarlierRequest {
    /// The kind of run this makes.
    pub fn kind(&self) -> RunKind {
        match self {
            Self::Crawl { .. } => RunKind::Crawl,
            Self::Urls { .. } | Self::Vendor { .. } => RunKind::Extract,
            Self::Search { .. } => RunKind::Search,
        }
    }

    /// An id in the documented form of such a run, for people to imitate.
    pub fn sample_id(&self) -> String {
        match self {
            Self::Crawl { host } => format!("crawl-{}-0badcafe", dashed(host)),
            Self::Urls { .. } => "extract-urls-2f7c1f0e-6f0a-4c53-9a0b-51c1d8a7e3b4".to_owned(),
            Self::Vendor { host, .. } => format!("extract-{}-0badcafe", dashed(host)),
            Self::Search { .. } => "agentic-0badcafe-1768386600000".to_owned(),
        }
    }

    /// Whether `id` has the documented form of such a run: that of [`Self::sample_id`], with other digits.
    pub fn may_be_called(&self, id: &str) -> bool {
        let sample = self.sample_id();
        // What follows the kind and the host is digits; a host may look like digits, and is not free.
        let free = match self {
            Self::Crawl { .. } | Self::Vendor { .. } => sample.len() - "0badcafe".len(),
            Self::Urls { .. } => "extract-urls-".len(),
            Self::Search { .. } => "agentic-".len(),
        };
        let (fixed, digits) = sample.split_at(free);
        let Some(given) = id.strip_prefix(fixed) else { return false };
        if let Self::Search { .. } = self {
            return given.split_once('-').is_some_and(|(hex, millis)| {
                hex.len() == 8
                    && hex.bytes().all(is_hex)
                    && (1..=15).contains(&millis.len())
                    && millis.bytes().all(|byte| byte.is_ascii_digit())
            });
        }
        given.len() == digits.len()
            && given.bytes().zip(digits.bytes()).all(|(given, sample)| match sample {
                b'-' => given == b'-',
                _ => is_hex(given),
            })
    }

    fn value(&self) -> Value {
        match self {
            Self::Crawl { host } => json!({ "url": &**host }),
            Self::Urls { urls, options } => json!([{ "urls": &**urls }, value(options)]),
            Self::Vendor { host, max_products, options } => {
                json!([{ "vendor": &**host, "max_products": max_products }, value(options)])
            }
            Self::Search { query } => json!({ "query": &**query }),
        }
    }
}

fn value(options: &ExtractOptions) -> Value {
    let ExtractOptions { enrichments, country_code } = options;
    let Enrichments { enrichment, reviews, image_tags, brand_pdp, similar_products, reddit_insights } =
        enrichments;
    json!([country_code, enrichment, reviews, image_tags, brand_pdp, similar_products, reddit_insights])
}

fn is_hex(byte: u8) -> bool {
    matches!(byte, b'0'..=b'9' | b'a'..=b'f')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn crawl(host: &str) -> EarlierRequest {
        EarlierRequest::Crawl { host: host.into() }
    }

    #[test]
    fn only_ids_of_the_documented_form_are_right() {
        let search = EarlierRequest::Search { query: "red boots".into() };
        let urls = EarlierRequest::Urls {
            urls: ["https://a.example/p".into()].into(),
            options: ExtractOptions::default(),
        };
        let vendor = EarlierRequest::Vendor {
            host: "a.example".into(),
            max_products: None,
            options: ExtractOptions::default(),
        };
        for request in [&crawl("a.example"), &search, &urls, &vendor] {
            let sample = request.sample_id();
            assert!(request.may_be_called(&sample), "{sample}");
            for wrong in [
                &sample[1..],
                &sample[..sample.len() - 20],
                &format!("{sample}g"),
                &sample.to_uppercase(),
                "",
            ] {
                assert!(!request.may_be_called(wrong), "{wrong}");
            }
        }
        assert!(!crawl("b.example").may_be_called("crawl-a-example-0badcafe"), "another vendor");
        assert!(!crawl("0badcafe.example").may_be_called("crawl-00000000-example-0badcafe"));
        assert!(!search.may_be_called("agentic-0badcafe-"));
        assert!(!search.may_be_called("agentic-0badcafe-1768386600000-1"));
    }

    #[test]
    fn runs_come_into_being_from_the_oldest_on() {
        let run = |host: &str, seconds| {
            EarlierRun::new(crawl(host), Duration::from_secs(seconds), None, RunRule::default())
        };
        let contents = Contents::new(
            vec![run("a.example", 5), run("b.example", 9), run("c.example", 5)],
            Vec::new(),
            Vec::new(),
        );
        let hosts: Vec<_> = contents.catalog().iter().map(|run| run.request.clone()).collect();
        assert_eq!(hosts, ["b.example", "a.example", "c.example"].map(crawl));
    }
}
