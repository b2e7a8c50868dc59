//! What took effect, for the journal and for whoever reads an answer's headers.

use std::sync::Arc;

use serde_json::{Value, json};

use crate::scenario::fault::Fault;

/// A fault that took effect on an answer.
#[derive(Debug, Clone, PartialEq)]
pub struct Firing {
    /// Which.
    pub fault: Arc<Fault>,
    /// What it did, in a few words.
    pub what: String,
    /// JSON pointer to what it changed in the body, if that is one place.
    pub pointer: Option<String>,
}

/// The faults that took effect on one answer, in order.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Fired(Vec<Firing>);

impl Fired {
    /// Adds one that took effect on no one place of the body.
    pub fn add(&mut self, fault: &Arc<Fault>, what: impl Into<String>) {
        self.0.push(Firing { fault: Arc::clone(fault), what: what.into(), pointer: None });
    }

    /// Adds one that changed what stands at `pointer`.
    pub fn add_at(&mut self, fault: &Arc<Fault>, what: impl Into<String>, pointer: &str) {
        self.0.push(Firing {
            fault: Arc::clone(fault),
            what: what.into(),
            pointer: Some(pointer.to_owned()),
        });
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The faults, in order.
    pub fn iter(&self) -> impl Iterator<Item = &Firing> {
        self.0.iter()
    }

    /// The ids, separated by commas: the value of `x-rehearsal-fault`, empty when nothing fired.
    pub fn ids(&self) -> String {
        let ids: Vec<&str> = self.0.iter().map(|firing| &*firing.fault.id).collect();
        ids.join(",")
    }

    /// As the journal keeps them: `[{id, effect, phase, what, pointer?}]` as JSON text, empty when nothing fired.
    pub fn text(&self) -> String {
        if self.0.is_empty() {
            return String::new();
        }
        let entries: Value = self.0.iter().map(Firing::entry).collect();
        entries.to_string()
    }
}

impl Firing {
    fn entry(&self) -> Value {
        let mut entry = json!({
            "id": &*self.fault.id,
            "effect": self.fault.effect.name(),
            "phase": self.fault.phase.name(),
            "what": self.what,
        });
        if let Some(pointer) = &self.pointer {
            entry["pointer"] = json!(pointer);
        }
        entry
    }
}
