//! `state` of a fault: how the world looks different from what it is.

use std::time::Duration;

use serde_json::Value;

use crate::scenario::fault::StateEffect;
use crate::scenario::language::Shape;
use crate::scenario::language::quantity::Span;
use crate::scenario::language::reader::{Mistake, Reader};
use crate::scenario::language::variants::{Forms, OneOf};
use crate::scenario::node::Node;

pub(super) const STATE: OneOf<fn(&mut Forms<'_, '_>) -> Option<StateEffect>> =
    OneOf { what: "a state effect", read: state };

fn state(forms: &mut Forms<'_, '_>) -> Option<StateEffect> {
    let stale = forms.value("stale-read", "A read shows what was true so long ago.", &SomeTime);
    let hidden = forms.value("hidden-after-create", "A new run is not found for so long.", &SomeTime);
    let duplicate = forms.bare("duplicate-list-item").then_some(StateEffect::DuplicateListItem);
    let regress = forms.bare("regress-progress").then_some(StateEffect::RegressProgress);
    let lose = forms.bare("lose-cancel").then_some(StateEffect::LoseCancel);
    stale
        .map(StateEffect::StaleRead)
        .or(hidden.map(StateEffect::HiddenAfterCreate))
        .or(duplicate)
        .or(regress)
        .or(lose)
}

/// A duration of more than nothing.
struct SomeTime;

impl Shape for SomeTime {
    type Value = Duration;

    fn read(&self, node: &Node, reader: &mut Reader<'_>) -> Option<Duration> {
        let duration = Span.read(node, reader)?;
        if duration.is_zero() {
            reader.report(&node.span, Mistake::new("no time makes no difference").expected("more than 0s"));
            return None;
        }
        Some(duration)
    }

    fn schema(&self) -> Value {
        Span.schema()
    }
}
