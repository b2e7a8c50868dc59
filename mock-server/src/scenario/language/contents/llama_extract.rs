//! `world.llama-extract`: agents, files, and extractions.

mod check;
mod input;

use std::ops::Range;
use std::time::Duration;

use super::Around;
use super::place::{ID, Place, check_ids, check_number, check_start, created, list};
use crate::scenario::contents::llama_extract::{Agent, Earlier, File, Target};
use crate::scenario::kind::RunKind;
use crate::scenario::language::fields::Fields;
use crate::scenario::language::run::{Subject, behaviour};
use crate::scenario::language::text::{Choice, Flag, LINE, Text};
use crate::scenario::run::RunRule;
use input::{Schema, Uuid};

/// When something was created that does not say it: agents and files before what is extracted.
const THING_CREATED: Duration = Duration::from_secs(60 * 60);
const EXTRACTION_CREATED: Duration = Duration::from_secs(10 * 60);

/// What stands in a file. A scenario is smaller than that.
const CONTENT: Text = Text { max_chars: 1024 * 1024, control: true };

/// Something that a world begins with, as it is written.
type Placed<T> = super::place::Placed<T, uuid::Uuid>;

/// An extraction, which names the others.
struct Extraction {
    agent: String,
    file: String,
    /// Where the file is named.
    file_span: Range<usize>,
    behaviour: RunRule,
}

/// All of it, as it is written.
struct Written {
    agents: Vec<Placed<Agent>>,
    files: Vec<Placed<File>>,
    extractions: Vec<Placed<Extraction>>,
}

/// `world.llama-extract`.
pub(super) fn llama_extract(fields: &mut Fields<'_, '_>, around: &Around) -> Vec<Earlier> {
    let before = fields.mistakes();
    let written = Written {
        agents: list(fields, "agents", "Agents that were created before.", "an agent", agent),
        files: list(fields, "files", "Files that were uploaded before.", "a file", file),
        extractions: list(
            fields,
            "extractions",
            "Extractions from these files by these agents.",
            "an extraction",
            extraction,
        ),
    };
    check_number(fields, "agents, files and extractions", written.all().count());
    let ids: Vec<(String, &Place)> =
        written.all().filter_map(|(_, id, place)| Some((id?.to_string(), place))).collect();
    check_ids(fields, ids.iter().map(|(id, place)| (&**id, *place)));
    check_start(fields, written.all().map(|(created, _, place)| (created, place)), around.start);
    // What could not be read is left out, and the rest may need it.
    if fields.mistakes() > before {
        return Vec::new();
    }
    check::checked(fields, written)
}

impl Written {
    /// When each of them was created, its id, and where it stands.
    fn all(&self) -> impl Iterator<Item = (Duration, Option<uuid::Uuid>, &Place)> {
        fn parts<T>(placed: &Placed<T>) -> (Duration, Option<uuid::Uuid>, &Place) {
            (placed.created, placed.id, &placed.place)
        }
        let Self { agents, files, extractions } = self;
        agents.iter().map(parts).chain(files.iter().map(parts)).chain(extractions.iter().map(parts))
    }
}

fn agent(fields: &mut Fields<'_, '_>) -> Option<Placed<Agent>> {
    let id = fields.optional("id", ID, &Uuid);
    let name = fields.required("name", "Its name, which no other has.", &LINE);
    let schema =
        fields.required("data-schema", "The schema of what it extracts, as clients send it.", &Schema);
    let target = Choice { what: "a target", all: Target::ALL, name: Target::name, later: &[] };
    let target = fields.optional("target", "What the data is made of; `document` unless given.", &target);
    let citations = fields.optional("citations", "Whether it tells where values stand.", &Flag);
    let confidence = fields.optional("confidence", "Whether it tells how sure values are.", &Flag);
    let reasoning = fields.optional("reasoning", "Whether it tells why values are what they are.", &Flag);
    let created = created(fields, "How long before the world's start it was created; `-1h` unless given.");
    let value = Agent {
        name: name?.into(),
        schema: schema?,
        target: target.unwrap_or_default(),
        citations: citations.unwrap_or(false),
        confidence: confidence.unwrap_or(false),
        reasoning: reasoning.unwrap_or(false),
    };
    Some(Placed { value, created: created.unwrap_or(THING_CREATED), id, place: Place::read(fields, "name")? })
}

fn file(fields: &mut Fields<'_, '_>) -> Option<Placed<File>> {
    let id = fields.optional("id", ID, &Uuid);
    let name = fields.required("name", "What it is called, with its ending.", &LINE);
    let doc = "What stands in it; its name unless given, so that files of other names are other files.";
    let text = fields.optional("text", doc, &CONTENT);
    let external = fields.optional("external-id", "What its client calls it elsewhere.", &LINE);
    let created = created(fields, "How long before the world's start it was uploaded; `-1h` unless given.");
    let name = name?;
    let text = text.unwrap_or_else(|| name.clone());
    let value = File { name: name.into(), external_id: external.map(Into::into), text: text.into() };
    Some(Placed { value, created: created.unwrap_or(THING_CREATED), id, place: Place::read(fields, "name")? })
}

fn extraction(fields: &mut Fields<'_, '_>) -> Option<Placed<Extraction>> {
    let id = fields.optional("id", ID, &Uuid);
    let agent = fields.required("agent", "The agent, by its id or name.", &LINE);
    let file = fields.required("file", "The file, by its id or name.", &LINE);
    let created = created(fields, "How long before the world's start it was asked for; `-10m` unless given.");
    let behaviour = behaviour(fields, &Subject::only(RunKind::Extraction));
    Some(Placed {
        value: Extraction { agent: agent?, file: file?, file_span: fields.span("file")?, behaviour },
        created: created.unwrap_or(EXTRACTION_CREATED),
        id,
        place: Place::read(fields, "agent")?,
    })
}
