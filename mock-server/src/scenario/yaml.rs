//! Reading YAML, and so JSON, strictly and within bounds.

use std::ops::Range;

use serde_saphyr::budget::BudgetBreach;
use serde_saphyr::{
    Budget, DefaultMessageFormatter, DuplicateKeyPolicy, Error, Location, MessageFormatter,
    NonFiniteFloatPolicy, Options,
};

use super::node::Node;

/// The largest document, in bytes.
pub(super) const MAX_BYTES: usize = 1024 * 1024;

/// The deepest nesting of lists and maps.
pub(super) const MAX_DEPTH: usize = 32;

/// The most values in a document, as written.
const MAX_NODES: usize = 50_000;

/// The most parser events that aliases may add.
const MAX_ALIASED_EVENTS: usize = 50_000;

/// Why a document could not be read at all.
#[derive(Debug)]
pub(super) struct Unreadable {
    pub(super) span: Range<usize>,
    pub(super) message: String,
    pub(super) help: Option<String>,
}

/// Reads a document of one root value.
pub(super) fn read(text: &str) -> Result<Node, Unreadable> {
    if text.len() > MAX_BYTES {
        return Err(Unreadable {
            span: 0..0,
            message: format!("the document has {} bytes, and may have {MAX_BYTES}", text.len()),
            help: None,
        });
    }
    serde_saphyr::from_str_with_options(text, options()).map_err(|error| unreadable(text, &error))
}

fn options() -> Options {
    serde_saphyr::options! {
        budget: Some(budget()),
        alias_limits: serde_saphyr::alias_limits! {
            max_total_replayed_events: MAX_ALIASED_EVENTS,
            max_replay_stack_depth: MAX_DEPTH,
        },
        // Two equal keys are a mistake like others, to be reported with them.
        duplicate_keys: DuplicateKeyPolicy::PassThrough,
        strict_booleans: true,
        leading_zero_numbers_as_strings: true,
        underscored_numbers_as_strings: true,
        non_finite_float_policy: NonFiniteFloatPolicy::AsString,
        reject_unsupported_tags: true,
        with_snippet: false,
    }
}

fn budget() -> Budget {
    let mut budget = Budget::default();
    budget.max_depth = MAX_DEPTH;
    budget.flow_nesting_limit = MAX_DEPTH;
    budget.max_nodes = MAX_NODES;
    budget.max_events = 4 * MAX_NODES;
    budget
}

fn unreadable(text: &str, error: &Error) -> Unreadable {
    let span = error.location().map_or(0..0, |location| bytes(text, location));
    let (message, help) = match error {
        Error::Budget { breach: BudgetBreach::Depth { .. }, .. } => (too_deep(), None),
        Error::Budget { breach: BudgetBreach::Nodes { .. } | BudgetBreach::Events { .. }, .. } => {
            (format!("the document holds more than {MAX_NODES} values"), None)
        }
        Error::Budget { .. } => ("the document is too large or too complex".to_owned(), None),
        Error::AliasError { .. }
        | Error::AliasReplayLimitExceeded { .. }
        | Error::AliasReplayStackDepthExceeded { .. } => (
            "the aliases of this document expand to too much".to_owned(),
            Some("write out what is meant, or name fewer things"),
        ),
        Error::MultipleDocuments { .. } => {
            ("a second document begins here".to_owned(), Some("a file holds one scenario; remove the `---`"))
        }
        Error::UnknownAnchor { .. } => (
            "this alias has no anchor".to_owned(),
            Some("`*name` repeats what `&name` marked before; quote a text that begins with `*`"),
        ),
        Error::UnsupportedTag { tag, .. } => (
            format!("the tag `{tag}` means nothing here"),
            Some("remove it, or quote a text that begins with `!`"),
        ),
        other => {
            let message = DefaultMessageFormatter.format_message(other);
            // The scanner has a limit of its own, because it looks ahead in `[` and `{`.
            if message.contains("recursion limit") {
                (too_deep(), None)
            } else {
                (format!("this is not YAML: {message}"), advice(&text[..span.start], &text[span.start..]))
            }
        }
    };
    Unreadable { span, message, help: help.map(str::to_owned) }
}

/// What usually is the matter where YAML ends in a syntax error.
fn advice(before: &str, rest: &str) -> Option<&'static str> {
    if before.ends_with('\t') {
        return Some("indent with spaces");
    }
    match rest.chars().next() {
        Some(':') => Some("quote a text with a `:` in it"),
        Some('@' | '`' | '%') => Some("quote a text that begins with this character"),
        _ => None,
    }
}

fn too_deep() -> String {
    format!("lists and maps are nested more than {MAX_DEPTH} deep")
}

/// The bytes of a location. Syntax errors know only the character they begin at.
fn bytes(text: &str, location: Location) -> Range<usize> {
    let span = location.span();
    let nth_char = |n: u64| {
        let n = usize::try_from(n).unwrap_or(usize::MAX);
        text.char_indices().nth(n).map_or(text.len(), |(byte, _)| byte)
    };
    nth_char(span.offset())..nth_char(span.offset().saturating_add(span.len()))
}
