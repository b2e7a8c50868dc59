//! Which requests a fault or an expectation is for.

use fixtures::contract::Contract;
use serde_json::Value;

use super::kind::{Api, RunKind};
use super::matcher::{Glob, RequestCondition};

/// A condition on a request to an emulated API: the conjunction of what is given. The default holds for every request.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct RequestMatcher {
    /// The API.
    pub api: Option<Api>,
    /// The version of the API's contract, e.g. `v2`.
    pub version: Option<String>,
    /// A pattern for the operation's id; a request for no documented operation has none and does not match.
    pub operation: Option<Glob>,
    /// What the request is about.
    pub about: AboutMatcher,
    /// The run that the request names in its path, which must exist.
    pub run: Option<AboutMatcher>,
    /// Headers by lower-case name, each with a pattern that one of its values matches.
    pub headers: Vec<(String, Glob)>,
    /// The key that the request carries.
    pub account: Option<Glob>,
    /// What the request's body holds.
    pub request: Vec<RequestCondition>,
}

/// A condition on what a request is about: the run that it names, or the one that it asks for.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct AboutMatcher {
    /// The client's id of the run; a run that is only asked for has none.
    pub id: Option<Glob>,
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
}

/// What is known of a request.
#[derive(Debug, Clone, Copy)]
pub struct RequestSubject<'a> {
    /// The contract of the API it was sent to.
    pub contract: &'a Contract,
    /// The operation's id; `None` if it is for no documented operation.
    pub operation: Option<&'a str>,
    /// What it is about.
    pub about: &'a About,
    /// Its headers: lower-case names and values, in any order.
    pub headers: &'a [(&'a str, &'a str)],
    /// The key it carries.
    pub account: &'a str,
    /// Its body, if that is JSON.
    pub body: Option<&'a Value>,
}

/// What a request is about; the default is about no run.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct About {
    /// The client's id of the run that the request names, if there is that run.
    pub run: Option<Box<str>>,
    /// The kind of the run that it names or asks for.
    pub kind: Option<RunKind>,
    /// The hosts of that run.
    pub hosts: Vec<String>,
    /// The query of that run.
    pub query: Option<Box<str>>,
    /// The id and the name of the robot of that run; empty if it has none. A request that names or asks for a robot is
    /// about that one.
    pub robot: Vec<Box<str>>,
    /// The id and the name of the agent of that run; empty if it has none. A request that names an agent is about that
    /// one.
    pub agent: Vec<Box<str>>,
    /// The name of the file of that run, or of the one that the request names.
    pub file_name: Option<Box<str>>,
}

impl RequestMatcher {
    /// Whether the request meets every condition.
    pub fn matches(&self, subject: &RequestSubject<'_>) -> bool {
        let has_header = |(name, glob): &(String, Glob)| {
            subject.headers.iter().any(|(sent, value)| sent == name && glob.matches(value))
        };
        self.api.is_none_or(|api| api.name() == subject.contract.api())
            && self.version.as_ref().is_none_or(|version| version == subject.contract.version())
            && self.operation.as_ref().is_none_or(|glob| subject.operation.is_some_and(|id| glob.matches(id)))
            && self.account.as_ref().is_none_or(|glob| glob.matches(subject.account))
            && self.about.matches(subject.about)
            && self.run.as_ref().is_none_or(|run| subject.about.run.is_some() && run.matches(subject.about))
            && self.headers.iter().all(has_header)
            && self.request.iter().all(|condition| subject.body.is_some_and(|body| condition.holds(body)))
    }

    /// Whether it asks what a request is about, which takes a look at the world.
    pub fn asks_about(&self) -> bool {
        self.run.is_some() || self.about != AboutMatcher::default()
    }
}

impl AboutMatcher {
    fn matches(&self, about: &About) -> bool {
        self.kind.is_none_or(|kind| about.kind == Some(kind))
            && self.id.as_ref().is_none_or(|glob| about.run.as_ref().is_some_and(|run| glob.matches(run)))
            && self.host.as_ref().is_none_or(|glob| about.hosts.iter().any(|host| glob.matches(host)))
            && self.query.as_ref().is_none_or(|glob| about.query.as_ref().is_some_and(|it| glob.matches(it)))
            && self.robot.as_ref().is_none_or(|glob| about.robot.iter().any(|name| glob.matches(name)))
            && self.agent.as_ref().is_none_or(|glob| about.agent.iter().any(|name| glob.matches(name)))
            && self
                .file_name
                .as_ref()
                .is_none_or(|glob| about.file_name.as_ref().is_some_and(|it| glob.matches(it)))
    }
}
