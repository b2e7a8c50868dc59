//! Whether a fault can ever be seen: what it changes has to be there in a good answer of what it is for.

use std::collections::HashSet;

use fixtures::contract::Operation;

use crate::scenario::fault::{Drift, Effect, Payload, StateEffect};
use crate::scenario::language::fields::Fields;
use crate::scenario::language::reader::Mistake;
use crate::scenario::language::request::{Known, every, reached, some};
use crate::scenario::request::RequestMatcher;

/// Where answers have their lists.
const LISTS: [&str; 4] = ["/data", "/rows", "/items", ""];

/// What an effect needs of an answer.
enum Needs {
    Json,
    Body,
    List,
    /// An operation that the effect concerns.
    Concern(StateEffect),
}

impl Needs {
    /// What the effect needs, if it is not there everywhere.
    fn of(effect: &Effect) -> Option<Self> {
        match effect {
            Effect::Payload(Payload::MalformedJson) | Effect::Drift(_) => Some(Self::Json),
            Effect::Payload(Payload::WrongContentType | Payload::Empty) => Some(Self::Body),
            Effect::State(StateEffect::DuplicateListItem) => Some(Self::List),
            Effect::State(state) => Some(Self::Concern(*state)),
            Effect::Payload(Payload::GatewayHtml)
            | Effect::Delay(_)
            | Effect::Respond(_)
            | Effect::Limit(_) => None,
        }
    }

    fn are_met(&self, operation: &Operation) -> bool {
        let mut good = operation.statuses().filter(|status| (200..300).contains(status));
        match self {
            Self::Json => good.any(|status| operation.answers_json(status)),
            Self::Body => good.any(|status| operation.answers_body(status)),
            Self::List => {
                StateEffect::DuplicateListItem.concerns(operation.id())
                    && good.any(|status| LISTS.iter().any(|at| operation.answers_list(status, at)))
            }
            Self::Concern(state) => state.concerns(operation.id()),
        }
    }

    /// What none of the operations has.
    fn why(&self) -> &'static str {
        match self {
            Self::Json => "no good answer of theirs is JSON; ",
            Self::Body => "no good answer of theirs has a body; ",
            Self::List => "no good answer of theirs has a list; ",
            Self::Concern(_) => "",
        }
    }
}

/// An effect that no operation of its fault can show would never be seen.
pub(super) fn check_shown(fields: &mut Fields<'_, '_>, effect: &Effect, matcher: &RequestMatcher) {
    let Some(needs) = Needs::of(effect) else { return };
    let shows = |(_, operation): &Known| needs.are_met(operation);
    let reached = reached(matcher);
    if reached.iter().any(shows) {
        return;
    }
    // Whoever speaks of an API wants to hear of that one, and of the version that was named.
    let apis: HashSet<&str> = reached.iter().map(|(contract, _)| contract.api()).collect();
    let is_near = |(contract, _): &Known| {
        apis.contains(contract.api())
            && matcher.version.as_ref().is_none_or(|version| version == contract.version())
    };
    let near: Vec<Known> = every().filter(|known| is_near(known) && shows(known)).collect();
    let mut able: Vec<Known> = if near.is_empty() { every().filter(shows).collect() } else { near };
    // What is nearest is another operation on the same.
    let resource = |(_, operation): &Known| operation.id().rsplit_once('.').map(|(resource, _)| resource);
    able.sort_by_key(|known| !reached.iter().any(|other| resource(other) == resource(known)));
    let mistake = Mistake::new(format!("none of the operations of this fault can show `{}`", name(effect)))
        .help(format!("{}it concerns operations like {}", needs.why(), some(able)));
    fields.report(effect.name(), mistake);
}

/// The word that an effect is known by.
fn name(effect: &Effect) -> &'static str {
    match effect {
        Effect::Payload(payload) => payload.name(),
        Effect::Drift(Drift::RandomLegal) => "random-legal",
        Effect::Drift(Drift::RandomIllegal) => "random-illegal",
        Effect::State(state) => state.name(),
        effect => effect.name(),
    }
}
