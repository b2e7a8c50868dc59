//! What must be right between the things that a world begins with.

use std::collections::{BTreeMap, HashMap};
use std::ops::Range;
use std::time::Duration;

use super::{Extraction, Placed, Written};
use crate::scenario::contents::llama_extract::{self, Agent, Earlier, Reference, What};
use crate::scenario::language::contents::place::Place;
use crate::scenario::language::fields::Fields;
use crate::scenario::language::reader::{Mistake, shortened};
use crate::scenario::suggest::nearest;

/// All of it with its references resolved, in the order in which it is written; what is wrong is reported and left out.
pub(super) fn checked(fields: &mut Fields<'_, '_>, written: Written) -> Vec<Earlier> {
    let Written { agents, files, extractions } = written;
    check_names(fields, &agents);
    let known = [
        Known::new("agent", "agents", &agents, |agent| &agent.name),
        Known::new("file", "files", &files, |file| &file.name),
    ];
    let mut all = Vec::new();
    for placed in &extractions {
        let Extraction { agent, file, file_span, behaviour } = &placed.value;
        let agent = known[0].of(fields, agent, &placed.place.subject, placed);
        let file = known[1].of(fields, file, file_span, placed);
        let (Some(agent), Some(file)) = (agent, file) else { continue };
        let extraction = llama_extract::Extraction { agent, file, behaviour: behaviour.clone() };
        all.push(Earlier::new(What::Extraction(Box::new(extraction)), placed.created, placed.id));
    }
    let agents = agents.into_iter().map(|placed| (What::Agent(placed.value), placed.created, placed.id));
    let files = files.into_iter().map(|placed| (What::File(placed.value), placed.created, placed.id));
    let earlier = |(what, created, id)| Earlier::new(what, created, id);
    // What is of one instant comes into being in this order.
    agents.chain(files).map(earlier).chain(all).collect()
}

/// Agents are told apart by their names.
fn check_names(fields: &mut Fields<'_, '_>, agents: &[Placed<Agent>]) {
    let mut seen: HashMap<&str, &Place> = HashMap::new();
    for Placed { value: agent, place, .. } in agents {
        if let Some(first) = seen.get(&*agent.name) {
            let mistake = Mistake::new(format!("two agents are called `{}`", shortened(&agent.name)))
                .help("give one of them another name")
                .related(&first.subject, "the other one");
            place.report(fields, mistake);
        } else {
            seen.insert(&agent.name, place);
        }
    }
}

/// Something that an extraction can name.
#[derive(Clone, Copy)]
struct Candidate<'a> {
    created: Duration,
    place: &'a Place,
}

/// The agents or the files, by what they can be called.
struct Known<'a> {
    /// One of them, in a word, and the list of them.
    one: &'static str,
    list: &'static str,
    by_id: BTreeMap<String, Candidate<'a>>,
    by_name: BTreeMap<&'a str, Vec<Candidate<'a>>>,
}

impl<'a> Known<'a> {
    fn new<T>(one: &'static str, list: &'static str, all: &'a [Placed<T>], name: fn(&T) -> &str) -> Self {
        let mut by_name: BTreeMap<&str, Vec<_>> = BTreeMap::new();
        let mut by_id = BTreeMap::new();
        for Placed { value, created, id, place } in all {
            let candidate = Candidate { created: *created, place };
            by_name.entry(name(value)).or_default().push(candidate);
            if let Some(id) = id {
                by_id.insert(id.to_string(), candidate);
            }
        }
        Self { one, list, by_id, by_name }
    }

    /// What an extraction names, which must be there when it is asked for.
    fn of(
        &self,
        fields: &mut Fields<'_, '_>,
        name: &str,
        span: &Range<usize>,
        placed: &Placed<Extraction>,
    ) -> Option<Reference> {
        let mistake = match self.find(name) {
            Ok((_, candidate)) if candidate.created < placed.created => {
                Mistake::new(format!("this {} was not there yet", self.one))
                    .help("let its `created` be longer ago, or that of the extraction shorter")
                    .related(&candidate.place.subject, "it was created after the extraction")
            }
            Ok((reference, _)) => return Some(reference),
            Err(mistake) => mistake,
        };
        fields.report_at(placed.place.path(self.one), span, mistake);
        None
    }

    fn find(&self, name: &str) -> Result<(Reference, Candidate<'a>), Mistake> {
        let lower = name.to_ascii_lowercase();
        if let Some(candidate) = self.by_id.get(&lower)
            && let Ok(id) = uuid::Uuid::try_parse(&lower)
        {
            return Ok((Reference::Id(id), *candidate));
        }
        match self.by_name.get(name).map(Vec::as_slice) {
            Some([candidate]) => Ok((Reference::Name(name.into()), *candidate)),
            Some([first, ..]) => {
                let mistake =
                    Mistake::new(format!("more than one {} is called `{}`", self.one, shortened(name)))
                        .help(format!("give the {} an `id`, and write that here", self.one));
                Err(mistake.related(&first.place.subject, "one of them"))
            }
            Some([]) | None => {
                let what = shortened(name);
                let mistake = Mistake::new(format!("there is no {} `{what}` in this world", self.one));
                let names = self.by_id.keys().map(String::as_str).chain(self.by_name.keys().copied());
                Err(match nearest(name, names) {
                    Some(meant) => mistake.help(format!("did you mean `{meant}`?")),
                    None => {
                        mistake.help(format!("add it to `{}`; it is named by its id or its name", self.list))
                    }
                })
            }
        }
    }
}
