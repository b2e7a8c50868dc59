//! `faults`: what goes wrong on purpose.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use serde_json::{Value, json};

use super::Shape;
use super::account::limit::WINDOW;
use super::document::read_alone;
use super::fields::{Fields, Object};
use super::json;
use super::list::{Item, List};
use super::quantity::Spans;
use super::reader::{Mistake, Reader, Step, shortened};
use super::request::{MATCHER, names_run, reached};
use super::text::{Choice, plain_text};
use crate::scenario::diagnostic::Diagnostics;
use crate::scenario::duration::{DurationRange, text};
use crate::scenario::fault::when::Per;
use crate::scenario::fault::{DELAY_MAX, Effect, FAULTS_MAX, Fault, ID_BYTES_MAX, Payload, Phase};
use crate::scenario::node::Node;
use crate::scenario::request::RequestMatcher;
use crate::scenario::suggest::listed;

mod drift;
mod respond;
mod shown;
mod state;
mod when;

/// `faults`.
pub(super) fn faults(fields: &mut Fields<'_, '_>) -> Vec<Arc<Fault>> {
    let doc = "What goes wrong on purpose; of several that match a request, delays add up and the first other effect \
               wins.";
    let list = List { of: FAULT, max_items: FAULTS_MAX };
    let mut faults = fields.optional("faults", doc, &list).unwrap_or_default();
    let mut taken: HashSet<Arc<str>> = faults.iter().map(|item| Arc::clone(&item.value.id)).collect();
    for item in faults.iter_mut().filter(|item| item.value.id.is_empty()) {
        let mut names = (item.index + 1..).map(|number| Arc::from(format!("fault-{number}")));
        if let Some(free) = names.find(|name| !taken.contains(name)) {
            taken.insert(Arc::clone(&free));
            item.value.id = free;
        }
    }
    check_ids(fields, &faults);
    faults.into_iter().map(|item| Arc::new(item.value)).collect()
}

/// Reads a fault that stands alone. See [`crate::scenario::parse_fault`].
pub(in crate::scenario) fn read(name: &str, text: &str) -> Result<Fault, Diagnostics> {
    read_alone(name, text, &FAULT)
}

type ReadFault = fn(&mut Fields<'_, '_>) -> Option<Fault>;

const FAULT: Written<Object<ReadFault>> = Written(Object { what: "a fault", read: fault });

/// A fault that remembers how it was written.
struct Written<S>(S);

impl<S: Shape<Value = Fault>> Shape for Written<S> {
    type Value = Fault;

    fn read(&self, node: &Node, reader: &mut Reader<'_>) -> Option<Fault> {
        self.0.read(node, reader).map(|fault| Fault { written: json::value(node), ..fault })
    }

    fn schema(&self) -> Value {
        self.0.schema()
    }
}

const PHASE: Choice<Phase> = Choice { what: "a phase", all: Phase::ALL, name: Phase::name, later: &[] };

const PAYLOAD: Choice<Payload> =
    Choice { what: "a payload", all: Payload::ALL, name: Payload::name, later: &[] };

/// The effects, in the order in which messages list them.
const EFFECTS: [&str; 6] = ["delay", "respond", "payload", "drift", "state", "limit"];

fn fault(fields: &mut Fields<'_, '_>) -> Option<Fault> {
    let before = fields.mistakes();
    let id = fields.optional("id", "Its name, as the journal and `x-rehearsal-fault` show it.", &Id);
    let matcher = fields.optional("match", "The requests it is for; without it, all.", &MATCHER);
    let when = Object { what: "`when`", read: when::when };
    let when = fields.optional("when", "Which of them it meets; without it, every one.", &when);
    let phase =
        fields.optional("phase", "`before` (nothing has changed) or `after` the state change.", &PHASE);
    let effect = effect(fields);
    let matcher = matcher.unwrap_or_default();
    if fields.mistakes() == before
        && let Some(effect) = &effect
    {
        check_phase(fields, effect, phase);
        shown::check_shown(fields, effect, &matcher);
        check_names_run(fields, &matcher, when.as_ref().is_some_and(|when| when.per == Per::Run));
    }
    let effect = effect?;
    Some(Fault {
        id: id.unwrap_or_default().into(),
        matcher,
        when: when.unwrap_or_default(),
        phase: phase.unwrap_or(usual_phase(&effect)),
        effect,
        written: Value::Null,
    })
}

fn effect(fields: &mut Fields<'_, '_>) -> Option<Effect> {
    let delay =
        fields.optional("delay", "The answer waits this long, in real time.", &Delay).map(Effect::Delay);
    let respond = Object { what: "`respond`", read: respond::respond };
    let respond = fields.optional("respond", "Another answer is given.", &respond).map(Effect::Respond);
    let payload = fields.optional("payload", "The body is not what its client can read.", &PAYLOAD);
    let drift = fields.optional("drift", "The answer's JSON is edited.", &drift::DRIFT).map(Effect::Drift);
    let state = fields.optional("state", "The world looks different from what it is.", &state::STATE);
    let limit =
        fields.optional("limit", "Only so many requests are let through.", &WINDOW).map(Effect::Limit);
    fields.later(&["network"]);
    let given: Vec<&str> = EFFECTS.into_iter().filter(|name| fields.has(name)).collect();
    match given.as_slice() {
        // What was meant is a mistake of its own.
        [] if fields.has("network") || fields.has_unknown() => {}
        [] => fields.report_owner(
            Mistake::new("this fault does nothing").help(format!("give it one of {}", listed(EFFECTS))),
        ),
        [_] => {}
        [_, second, ..] => {
            let mistake = Mistake::new("this fault has more than one effect")
                .help("write a fault for each; several faults may meet one request");
            fields.report(second, mistake);
        }
    }
    delay.or(respond).or(payload.map(Effect::Payload)).or(drift).or(state.map(Effect::State)).or(limit)
}

/// Where an effect acts unless it is told to.
fn usual_phase(effect: &Effect) -> Phase {
    match effect {
        Effect::Delay(_)
        | Effect::Respond(_)
        | Effect::Payload(Payload::GatewayHtml)
        | Effect::State(_)
        | Effect::Limit(_) => Phase::Before,
        Effect::Payload(Payload::MalformedJson | Payload::WrongContentType | Payload::Empty)
        | Effect::Drift(_) => Phase::After,
    }
}

/// Effects that can act in one place only are not told to act in another.
fn check_phase(fields: &mut Fields<'_, '_>, effect: &Effect, phase: Option<Phase>) {
    let Some(phase) = phase else { return };
    let free =
        matches!(effect, Effect::Delay(_) | Effect::Respond(_) | Effect::Payload(Payload::GatewayHtml));
    if free || phase == usual_phase(effect) {
        return;
    }
    let why = match effect {
        Effect::Payload(_) | Effect::Drift(_) => "it changes the answer, so it acts after the state change",
        Effect::State(_) => "it changes what the request sees, so it has no phase",
        _ => "it turns requests away, so it acts before anything changes",
    };
    let mistake = Mistake::new(format!("`{}` cannot act `{}`", effect.name(), phase.name()))
        .help(format!("leave `phase` out: {why}"));
    fields.report("phase", mistake);
}

/// A fault that counts by run, for operations that name none, would never meet anything.
fn check_names_run(fields: &mut Fields<'_, '_>, matcher: &RequestMatcher, per_run: bool) {
    if !per_run || reached(matcher).iter().any(|(_, operation)| names_run(operation)) {
        return;
    }
    let mistake =
        Mistake::new("`per: run` is for requests that name a run, and none of these operations does")
            .help("a read names its run, as in `catalog.crawl.get`; a create or a list names none");
    fields.report("when", mistake);
}

fn check_ids(fields: &mut Fields<'_, '_>, faults: &[Item<Fault>]) {
    let mut seen: HashMap<&str, &Item<Fault>> = HashMap::new();
    for item in faults {
        if let Some(first) = seen.get(&*item.value.id) {
            let mistake = Mistake::new(format!("the id `{}` is given twice", shortened(&item.value.id)))
                .help("give each fault its own, so that the journal can tell them apart")
                .related(&first.span, "first here");
            let path = vec![Step::key("faults"), Step::Index(item.index)];
            fields.report_at(path, &item.span, mistake);
        } else {
            seen.insert(&item.value.id, item);
        }
    }
}

/// A name that can stand in a header, in a list, and in a path.
struct Id;

impl Shape for Id {
    type Value = String;

    fn read(&self, node: &Node, reader: &mut Reader<'_>) -> Option<String> {
        let id = plain_text(node, "an id", reader)?;
        let fits = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
        if (1..=ID_BYTES_MAX).contains(&id.len()) && id.bytes().all(fits) {
            return Some(id.to_owned());
        }
        let mistake = Mistake::new(format!("`{}` cannot be the id of a fault", shortened(id))).help(format!(
            "an id has 1 to {ID_BYTES_MAX} letters, digits, `-`, `_` or `.`, as in `slow-down`"
        ));
        reader.report(&node.span, mistake);
        None
    }

    fn schema(&self) -> Value {
        json!({ "type": "string", "pattern": format!("^[A-Za-z0-9._-]{{1,{ID_BYTES_MAX}}}$") })
    }
}

/// A delay that a client may live to see the end of.
struct Delay;

impl Shape for Delay {
    type Value = DurationRange;

    fn read(&self, node: &Node, reader: &mut Reader<'_>) -> Option<DurationRange> {
        let delay = Spans.read(node, reader)?;
        let longest = match delay {
            DurationRange::Fixed(longest) => longest,
            DurationRange::Uniform { max, .. } => max,
            DurationRange::LogNormal { p99, .. } => p99,
        };
        if longest <= DELAY_MAX {
            return Some(delay);
        }
        let mistake = Mistake::new("this delay is too long")
            .expected(format!("at most {}", text::Written(DELAY_MAX)))
            .help("a delay is real time, whatever the clock of the world does");
        reader.report(&node.span, mistake);
        None
    }

    fn schema(&self) -> Value {
        Spans.schema()
    }
}
