//! What surrounds a request to begin something, for every API.

use serde_json::Value;

use crate::clock::VirtualTime;
use crate::scenario::matcher::RunSubject;
use crate::scenario::run::RunRule;
use crate::seed::{Digest, Stream};

/// What surrounds a request: everything the decision depends on besides its API's state.
#[derive(Debug, Clone, Copy)]
pub struct Circumstances<'a> {
    /// The draws of this world.
    pub stream: &'a Stream,
    /// The scenario's rules for runs.
    pub rules: &'a [RunRule],
    /// How many runs have met each rule's conditions so far.
    pub counts: &'a [u64],
    /// The request's digest.
    pub digest: Digest,
    /// The request's body as it was sent.
    pub body: &'a Value,
    /// The world's time.
    pub now: VirtualTime,
}

impl<'a> Circumstances<'a> {
    /// The rules whose conditions a run meets, by position, and the first of them that decides.
    pub fn rules_for(&self, subject: &RunSubject<'_>) -> (Box<[u16]>, Option<&'a RunRule>) {
        let met: Vec<(u16, &RunRule)> =
            (0..).zip(self.rules).filter(|(_, rule)| rule.matcher.matches(subject)).collect();
        let deciding = met.iter().find(|(index, rule)| {
            let before = self.counts.get(usize::from(*index)).copied().unwrap_or(0);
            rule.matcher.nth.is_none_or(|nth| nth == before + 1)
        });
        (met.iter().map(|(index, _)| *index).collect(), deciding.map(|(_, rule)| *rule))
    }
}
