//! What a client sent to start a run, checked as its requests are, and when that was.

use std::time::Duration;

use serde_json::{Value, json};

use crate::scenario::duration::text;
use crate::scenario::host::{product_host, vendor_host};
use crate::scenario::language::Shape;
use crate::scenario::language::reader::{Mistake, Reader};
use crate::scenario::language::text::{Text, plain_text};
use crate::scenario::node::{Content, Node};

/// The longest question, in characters.
const MAX_QUERY_CHARS: usize = 10_000;

/// A vendor, as its canonical host.
pub(super) struct Vendor;

impl Shape for Vendor {
    type Value = String;

    fn read(&self, node: &Node, reader: &mut Reader<'_>) -> Option<String> {
        let host = vendor_host(plain_text(node, "a host name or an address", reader)?);
        if host.is_none() {
            let mistake = Mistake::new("this is neither a host name nor an address")
                .help("write for example `skims.com` or `https://skims.com/`");
            reader.report(&node.span, mistake);
        }
        host
    }

    fn schema(&self) -> Value {
        json!({ "type": "string", "minLength": 1 })
    }
}

/// The address of a page, as it is written but for spaces around it.
pub(super) struct Page;

impl Shape for Page {
    type Value = Box<str>;

    fn read(&self, node: &Node, reader: &mut Reader<'_>) -> Option<Box<str>> {
        let address = plain_text(node, "an address", reader)?.trim();
        if product_host(address).is_none() {
            let mistake = Mistake::new("this is no address of a page")
                .help("write all of it, as in `https://skims.com/products/1`");
            reader.report(&node.span, mistake);
            return None;
        }
        Some(address.into())
    }

    fn schema(&self) -> Value {
        json!({ "type": "string", "minLength": 1 })
    }
}

/// A question.
pub(super) struct Query;

impl Query {
    const TEXT: Text = Text { max_chars: MAX_QUERY_CHARS, control: true };
}

impl Shape for Query {
    type Value = String;

    fn read(&self, node: &Node, reader: &mut Reader<'_>) -> Option<String> {
        let query = Self::TEXT.read(node, reader)?;
        if query.trim().is_empty() {
            reader.report(&node.span, Mistake::new("this query is blank"));
            return None;
        }
        Some(query)
    }

    fn schema(&self) -> Value {
        Self::TEXT.schema()
    }
}

/// A time before the start of a world: `-1h`.
pub(super) struct Ago;

impl Shape for Ago {
    type Value = Duration;

    fn read(&self, node: &Node, reader: &mut Reader<'_>) -> Option<Duration> {
        let help = match &node.content {
            Content::Text(written) => match written.strip_prefix('-').map(text::parse) {
                Some(Ok(duration)) => return Some(duration),
                Some(Err(error)) => Some(format!("after the `-`, {}", error.help)),
                None if text::parse(written).is_ok() => {
                    Some(format!("write `-{written}`: it lies before the world's start"))
                }
                None => Some("write for example `-1h`: an hour before the world's start".to_owned()),
            },
            Content::Int(number) => Some(format!("write `-{}s` for seconds", number.unsigned_abs())),
            _ => None,
        };
        reader.mismatch(node, "a time before the start", help);
        None
    }

    fn schema(&self) -> Value {
        json!({ "type": "string", "pattern": "^-([0-9]+(d|h|m|s|ms))+$" })
    }
}
