//! Which runs a rule is for.

#[cfg(test)]
mod tests;

use serde_json::Value;
use wildmatch::WildMatch;

use super::kind::{Api, RunKind};

/// A condition on a new run: the conjunction of what is given. The default holds for every run.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct RunMatcher {
    /// The API.
    pub api: Option<Api>,
    /// The kind of run.
    pub kind: Option<RunKind>,
    /// A pattern that one of the run's hosts matches, whatever the case of the letters.
    pub host: Option<Glob>,
    /// A pattern that the run's query matches; a run without a query does not.
    pub query: Option<Glob>,
    /// A pattern that the id or the name of the run's robot matches; a run without a robot does not.
    pub robot: Option<Glob>,
    /// A pattern that the id or the name of the run's agent matches; a run without an agent does not.
    pub agent: Option<Glob>,
    /// A pattern that the name of the run's file matches; a run without a file does not.
    pub file_name: Option<Glob>,
    /// What the request's body holds.
    pub request: Vec<RequestCondition>,
    /// Which of the runs that meet all other conditions, counted from 1. Counting is the engine's work.
    pub nth: Option<u64>,
}

/// A condition on one value of a request's body.
#[derive(Debug, Clone, PartialEq)]
pub struct RequestCondition {
    /// Where the value is: a top-level name, or a JSON pointer if it begins with `/`.
    pub place: String,
    /// What the value, or any element if it is an array, looks like.
    pub expected: Expected,
}

/// What a value of a request's body looks like.
#[derive(Debug, Clone, PartialEq)]
pub enum Expected {
    /// A string that matches the pattern.
    Text(Glob),
    /// A value equal to this one: a number, a boolean or null. Numbers are compared by value, so 1 equals 1.0.
    Scalar(Value),
}

/// A pattern over a text: `*` stands for any characters, `?` for one.
#[derive(Debug, Clone, PartialEq)]
pub struct Glob {
    pattern: WildMatch,
}

impl Glob {
    /// A pattern in which upper and lower case differ.
    pub fn new(pattern: &str) -> Self {
        Self { pattern: WildMatch::new(pattern) }
    }

    /// A pattern for which upper and lower case are alike, as in host names.
    pub fn ignoring_case(pattern: &str) -> Self {
        Self { pattern: WildMatch::new_case_insensitive(pattern) }
    }

    /// Whether the whole text matches.
    pub fn matches(&self, text: &str) -> bool {
        self.pattern.matches(text)
    }
}

/// What is known of a run when it is created.
#[derive(Debug, Clone, Copy)]
pub struct RunSubject<'a> {
    /// The API's name, as [`Api::name`] gives it.
    pub api: &'a str,
    /// The kind's name, as [`RunKind::name`] gives it.
    pub kind: &'a str,
    /// The hosts it is about; any of them may match.
    pub hosts: &'a [&'a str],
    /// The search query, if it has one.
    pub query: Option<&'a str>,
    /// The id and the name of its robot; either may match. Empty if it has none.
    pub robot: &'a [&'a str],
    /// The id and the name of its agent; either may match. Empty if it has none.
    pub agent: &'a [&'a str],
    /// The name of its file, if it has one.
    pub file_name: Option<&'a str>,
    /// The request's body as the client sent it, before any normalization.
    pub request: &'a Value,
}

impl RunMatcher {
    /// Whether the run meets every condition but `nth`, which only a count over runs can tell.
    pub fn matches(&self, subject: &RunSubject<'_>) -> bool {
        self.api.is_none_or(|api| api.name() == subject.api)
            && self.kind.is_none_or(|kind| kind.name() == subject.kind)
            && self.host.as_ref().is_none_or(|glob| subject.hosts.iter().any(|host| glob.matches(host)))
            && self.query.as_ref().is_none_or(|glob| subject.query.is_some_and(|query| glob.matches(query)))
            && self.robot.as_ref().is_none_or(|glob| subject.robot.iter().any(|name| glob.matches(name)))
            && self.agent.as_ref().is_none_or(|glob| subject.agent.iter().any(|name| glob.matches(name)))
            && self.file_name.as_ref().is_none_or(|glob| subject.file_name.is_some_and(|it| glob.matches(it)))
            && self.request.iter().all(|condition| condition.holds(subject.request))
    }

    /// Whether every run that `other` is for is one that `self` is for. It compares patterns as they are written, so
    /// `false` may be wrong, and `true` is not.
    pub(super) fn covers(&self, other: &Self) -> bool {
        self.nth.is_none()
            && (self.api.is_none() || self.api == other.api || self.api == other.kind.map(RunKind::api))
            && (self.kind.is_none() || self.kind == other.kind)
            && (self.host.is_none() || self.host == other.host)
            && (self.query.is_none() || self.query == other.query)
            && (self.robot.is_none() || self.robot == other.robot)
            && (self.agent.is_none() || self.agent == other.agent)
            && (self.file_name.is_none() || self.file_name == other.file_name)
            && self.request.iter().all(|condition| other.request.contains(condition))
    }
}

impl RequestCondition {
    /// Whether a request's body holds it.
    pub(super) fn holds(&self, request: &Value) -> bool {
        let value =
            if self.place.starts_with('/') { request.pointer(&self.place) } else { request.get(&self.place) };
        match value {
            Some(Value::Array(elements)) => elements.iter().any(|element| self.expected.accepts(element)),
            Some(value) => self.expected.accepts(value),
            None => false,
        }
    }
}

impl Expected {
    fn accepts(&self, value: &Value) -> bool {
        match self {
            Self::Text(glob) => value.as_str().is_some_and(|text| glob.matches(text)),
            Self::Scalar(Value::Number(expected)) => value.as_number().is_some_and(|number| {
                number == expected
                    || number.is_f64() != expected.is_f64() && number.as_f64() == expected.as_f64()
            }),
            Self::Scalar(expected) => value == expected,
        }
    }
}
