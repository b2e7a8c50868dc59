//! `rate-limit`: how many requests an account may make.

use serde_json::{Value, json};

use crate::scenario::account::{
    CATALOG_RATE_LIMIT, EXTRALT_RATE_LIMIT, LLAMA_EXTRACT_RATE_LIMIT, RateLimit, TokenBucket,
};
use crate::scenario::language::Shape;
use crate::scenario::language::fields::{Fields, Object};
use crate::scenario::language::quantity::{Count, Span};
use crate::scenario::language::reader::{Mistake, Reader};
use crate::scenario::language::text::unknown_name;
use crate::scenario::node::{Content, Node};

/// `documented`, `off` (which is `None`), or a limit with its own numbers.
pub(super) struct Limit<T: 'static> {
    documented: T,
    custom: Object<fn(&mut Fields<'_, '_>) -> Option<T>>,
    /// A limit with its own numbers.
    example: &'static str,
}

/// The limit of a Catalog account.
pub(super) const CATALOG: Limit<RateLimit> =
    Limit { documented: CATALOG_RATE_LIMIT, custom: WINDOW, example: "{ requests: 50, per: 4s }" };

/// The limit of an Extralt account.
pub(super) const EXTRALT: Limit<TokenBucket> = Limit {
    documented: EXTRALT_RATE_LIMIT,
    custom: Object { what: "a rate limit", read: bucket },
    example: "{ requests: 120, per: 1m, burst: 30 }",
};

/// The limit of a LlamaExtract account.
pub(super) const LLAMA_EXTRACT: Limit<RateLimit> =
    Limit { documented: LLAMA_EXTRACT_RATE_LIMIT, custom: WINDOW, example: "{ requests: 20, per: 1m }" };

/// So many requests in any stretch of time.
pub(in crate::scenario::language) const WINDOW: Object<fn(&mut Fields<'_, '_>) -> Option<RateLimit>> =
    Object { what: "a rate limit", read: window };

const NAMES: [&str; 2] = ["documented", "off"];

impl<T: Copy> Shape for Limit<T> {
    type Value = Option<T>;

    fn read(&self, node: &Node, reader: &mut Reader<'_>) -> Option<Option<T>> {
        match &node.content {
            Content::Text(text) if text == "documented" => Some(Some(self.documented)),
            Content::Text(text) if text == "off" => Some(None),
            Content::Text(text) => {
                let mistake = unknown_name("a rate limit", text, NAMES.into_iter(), &[]);
                reader.report(&node.span, mistake);
                None
            }
            Content::Map(_) => self.custom.read(node, reader).map(Some),
            _ => {
                let help = format!("write `documented`, `off`, or its own numbers, as in `{}`", self.example);
                reader.mismatch(node, "a rate limit", Some(help));
                None
            }
        }
    }

    fn schema(&self) -> Value {
        json!({ "anyOf": [{ "enum": NAMES }, self.custom.schema()] })
    }
}

const REQUESTS: Count = Count { min: 1, max: RateLimit::REQUESTS_MAX as u64 };

fn window(fields: &mut Fields<'_, '_>) -> Option<RateLimit> {
    let requests = fields.required("requests", "How many requests are answered.", &REQUESTS);
    let per = fields.required("per", "The time in which they are counted.", &Span);
    let (requests, per) = (requests?, per?);
    let limit = RateLimit::new(requests, per);
    if limit.is_none() {
        report_time(fields);
    }
    limit
}

fn bucket(fields: &mut Fields<'_, '_>) -> Option<TokenBucket> {
    let requests = fields.required("requests", "How many requests are answered in the long run.", &REQUESTS);
    let per = fields.required("per", "The time in which that many become possible, bit by bit.", &Span);
    let doc = "How many are answered at once after a rest; as many as `requests` unless given.";
    let burst = fields.optional("burst", doc, &REQUESTS);
    // A burst that could not be read has been reported.
    let (requests, per) = (requests?, per?);
    let bucket = TokenBucket::new(requests, per, burst.unwrap_or(requests));
    if bucket.is_none() {
        report_time(fields);
    }
    bucket
}

fn report_time(fields: &mut Fields<'_, '_>) {
    let mistake = Mistake::new("this duration is out of range").expected("from 1ms to 1d");
    fields.report("per", mistake);
}
