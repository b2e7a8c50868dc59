//! The whole document.

use serde_json::{Value, json};

use super::Shape;
use super::account::{accounts, template};
use super::clock::CLOCK;
use super::contents::{Around, contents};
use super::fault::faults;
use super::fields::{Fields, Object};
use super::quantity::Count;
use super::reader::{Mistake, Reader};
use super::run::runs;
use super::text::Text;
use crate::scenario::Scenario;
use crate::scenario::account::Plan;
use crate::scenario::diagnostic::Diagnostics;
use crate::scenario::node::{Content, Node};
use crate::scenario::yaml;

/// The version of the language.
const VERSION: u64 = 1;

/// The longest description, in characters.
const MAX_DESCRIPTION_CHARS: usize = 500;

const SCENARIO: Object<fn(&mut Fields<'_, '_>) -> Option<Scenario>> =
    Object { what: "a scenario", read: scenario };

/// Reads a document. See [`crate::scenario::parse`].
pub(in crate::scenario) fn read(name: &str, text: &str) -> Result<Scenario, Diagnostics> {
    let scenario = read_text(name, text, read_root)?;
    Ok(Scenario { name: name.to_owned(), ..scenario })
}

/// Reads a document that is a part of a scenario.
pub(super) fn read_alone<S: Shape>(name: &str, text: &str, shape: &S) -> Result<S::Value, Diagnostics> {
    read_text(name, text, |node, reader| shape.read(node, reader))
}

fn read_text<T>(
    name: &str,
    text: &str,
    read: impl FnOnce(&Node, &mut Reader<'_>) -> Option<T>,
) -> Result<T, Diagnostics> {
    let mut reader = Reader::new(text);
    let value = match yaml::read(text) {
        Ok(node) => read(&node, &mut reader),
        Err(unreadable) => {
            let mut mistake = Mistake::new(unreadable.message);
            mistake.help = unreadable.help;
            reader.report(&unreadable.span, mistake);
            None
        }
    };
    reader.finish(name, value)
}

/// A document with nothing but comments is a scenario that changes nothing.
fn read_root(node: &Node, reader: &mut Reader<'_>) -> Option<Scenario> {
    match node.content {
        Content::Null => Some(Scenario::default()),
        _ => SCENARIO.read(node, reader),
    }
}

/// The JSON Schema of the language.
pub(in crate::scenario) fn schema() -> Value {
    let mut schema = json!({
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": "Rehearsal scenario",
    });
    if let (Value::Object(schema), Value::Object(scenario)) = (&mut schema, SCENARIO.schema()) {
        schema.extend(scenario);
        // A file with nothing but comments, which `read_root` takes.
        schema.insert("type".to_owned(), json!(["object", "null"]));
    }
    schema
}

fn scenario(fields: &mut Fields<'_, '_>) -> Option<Scenario> {
    fields.optional("version", "The version of the language, 1.", &Count { min: VERSION, max: VERSION });
    let sentence = Text { max_chars: MAX_DESCRIPTION_CHARS, control: false };
    let description = fields.optional("description", "One sentence for lists of scenarios.", &sentence);
    let doc = "The seed of every draw; without it, one is drawn at start and printed.";
    let seed = fields.optional("seed", doc, &Count { min: 0, max: u64::MAX });
    let clock = fields.optional("clock", "How virtual time moves.", &CLOCK).unwrap_or_default();
    let account = Object { what: "an account", read: template };
    let account = fields.optional("account", "What every welcome key gets.", &account);
    let accounts = accounts(fields, &account.clone().unwrap_or_default());
    let runs = runs(fields);
    let faults = faults(fields);
    let settings = account.iter().chain(accounts.iter().map(|declared| &declared.account));
    let queues = settings.into_iter().any(|account| account.extralt.plan == Plan::Start);
    let world = contents(fields, &Around { seed, start: clock.start, queues });
    Some(Scenario {
        name: String::new(),
        description: description.unwrap_or_default(),
        seed,
        clock,
        account,
        accounts,
        runs,
        faults,
        world,
    })
}
