//! `runs`: how new runs behave.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::Value;

use super::fields::{Fields, Object};
use super::json::Records;
use super::list::{Item, List};
use super::matcher::MATCHER;
use super::outcome::outcome;
use super::quantity::{Counts, Spans};
use super::reader::{Mistake, Step};
use super::variants::{Forms, OneOf};
use crate::scenario::amount::CountRange;
use crate::scenario::duration::DurationRange;
use crate::scenario::kind::{Api, MAX_RESULTS, PhaseName, RunKind};
use crate::scenario::matcher::RunMatcher;
use crate::scenario::run::{MAX_RULES, Outcome, RunRule};
use crate::scenario::suggest::listed;

/// `runs`.
pub(super) fn runs(fields: &mut Fields<'_, '_>) -> Vec<RunRule> {
    let doc =
        "How new runs behave; the first rule that matches decides, and without one the happy path does.";
    let before = fields.mistakes();
    let rules = fields.optional("runs", doc, &List { of: RULE, max_items: MAX_RULES }).unwrap_or_default();
    // A condition that could not be read is left out, which makes its rule look wider than it was meant.
    if fields.mistakes() == before {
        check_reached(fields, &rules);
    }
    rules.into_iter().map(|rule| rule.value).collect()
}

const RULE: Object<fn(&mut Fields<'_, '_>) -> Option<RunRule>> = Object { what: "a run rule", read: rule };

fn rule(fields: &mut Fields<'_, '_>) -> Option<RunRule> {
    let before = fields.mistakes();
    let matcher: Option<RunMatcher> =
        fields.optional("match", "The runs it is for; without it, all.", &MATCHER);
    let (api, kind) = matcher.as_ref().map_or((None, None), |matcher| (matcher.api, matcher.kind));
    let subject = Subject {
        api: kind.map(RunKind::api).or(api),
        kind,
        unclear: kind.is_none() && fields.mistakes() > before,
    };
    let behaviour = behaviour(fields, &subject);
    Some(RunRule { matcher: matcher.unwrap_or_default(), ..behaviour })
}

/// What a behaviour is for, as far as it is known.
pub(super) struct Subject {
    /// The API, if it is for one only.
    pub(super) api: Option<Api>,
    /// The kind, if it is for one only.
    pub(super) kind: Option<RunKind>,
    /// Whether either may have been given, and could not be read, so that what needs it is not held against the
    /// behaviour.
    pub(super) unclear: bool,
}

impl Subject {
    /// Runs of one kind.
    pub(super) fn only(kind: RunKind) -> Self {
        Self { api: Some(kind.api()), kind: Some(kind), unclear: false }
    }

    /// The kinds of run that it may be for.
    pub(super) fn kinds(&self) -> impl Iterator<Item = RunKind> {
        RunKind::ALL.iter().copied().filter(|kind| {
            self.kind.is_none_or(|only| only == *kind) && self.api.is_none_or(|api| api == kind.api())
        })
    }

    /// The phases that one of them may pass through.
    pub(super) fn phases(&self) -> &'static [PhaseName] {
        match (self.kind, self.api) {
            (Some(kind), _) => kind.phases(),
            (None, Some(api)) => api.phases(),
            (None, None) => PhaseName::ALL,
        }
    }
}

/// What becomes of such a run: a rule without conditions.
pub(super) fn behaviour(fields: &mut Fields<'_, '_>, subject: &Subject) -> RunRule {
    let lifecycle =
        Object { what: "a lifecycle", read: |fields: &mut Fields<'_, '_>| Some(lifecycle(fields, subject)) };
    let lifecycle = fields.optional("lifecycle", "How long each phase takes.", &lifecycle);
    let results = results(fields, subject);
    let ending = OneOf { what: "an outcome", read: |forms: &mut Forms<'_, '_>| outcome(forms, subject) };
    let ending = fields.optional("outcome", "How it ends.", &ending);
    let data = data(fields, subject);
    fields.elsewhere("file", "the name of a run's file is matched as `file-name`; what it brings is `data`");
    if let Some(ending) = &ending
        && !subject.unclear
    {
        check_ending(fields, ending, results, subject.kind);
    }
    RunRule {
        matcher: RunMatcher::default(),
        lifecycle: lifecycle.unwrap_or_default(),
        results,
        data,
        outcome: ending,
    }
}

fn results(fields: &mut Fields<'_, '_>, subject: &Subject) -> Option<CountRange> {
    let most = subject.kinds().map(RunKind::max_results).max().unwrap_or(MAX_RESULTS);
    // Where they mean nothing nobody is offered the key.
    if most == 0 && !fields.has("results") {
        return None;
    }
    let counts = Counts { min: 0, max: if most == 0 { MAX_RESULTS } else { most } };
    let results = fields.optional("results", "How many results it yields.", &counts);
    if let Some(kind) = subject.kind.filter(|_| most == 0) {
        let mistake = Mistake::new(format!("the results of {} have no number", kind.with_article()));
        fields.report("results", mistake.help("leave `results` out"));
    }
    results
}

/// What a run brings. Where it means nothing nobody is offered the key.
fn data(fields: &mut Fields<'_, '_>, subject: &Subject) -> Option<Arc<Value>> {
    let has = subject.kinds().any(RunKind::has_data);
    if !has && !fields.has("data") {
        return None;
    }
    let doc = "What it brings, in the place of what would be made for it: an object, or a list of objects.";
    let data = fields.optional("data", doc, &Records);
    if !has && !subject.unclear {
        let whose = subject.kind.map_or("these runs", RunKind::with_article);
        let mistake = Mistake::new(format!("the data of {whose} cannot be given"));
        fields.report("data", mistake.help("leave `data` out; an extraction brings what it says"));
    }
    data.map(Arc::new)
}

/// Some runs cannot end in every way.
fn check_ending(
    fields: &mut Fields<'_, '_>,
    ending: &Outcome,
    results: Option<CountRange>,
    kind: Option<RunKind>,
) {
    let mistake = match (ending, kind) {
        (Outcome::Partial { .. }, Some(kind)) if !kind.has_items() => {
            let able = RunKind::ALL.iter().copied().filter(|kind| kind.has_items()).map(RunKind::name);
            let article = kind.with_article();
            Mistake::new(format!("{article} has no items that could fail")).help(format!(
                "`partial` is for {}; {article} can be `completed`, `failed` or `stuck`",
                listed(able)
            ))
        }
        (Outcome::Partial { failed_items, .. }, _)
            if results.is_some_and(|results| failed_items.min > results.max) =>
        {
            Mistake::new("more items fail than there are results")
        }
        (Outcome::Invalid { .. }, Some(kind)) if kind != RunKind::Import => {
            Mistake::new(format!("{} is not found invalid", kind.with_article()))
                .help("`invalid` is for an import; write `failed`")
        }
        (Outcome::Invalid { .. }, None) => {
            Mistake::new("only an import is found invalid").help("add `kind: import` to `match`")
        }
        // Of runs of all kinds, those that have items may have some that fail.
        _ => return,
    };
    fields.report("outcome", mistake);
}

fn lifecycle(fields: &mut Fields<'_, '_>, subject: &Subject) -> BTreeMap<PhaseName, DurationRange> {
    let mut durations = BTreeMap::new();
    for phase in subject.phases() {
        let doc = format!("How long it is {}.", phase.name());
        durations.extend(fields.optional(phase.name(), &doc, &Spans).map(|duration| (*phase, duration)));
    }
    durations
}

/// Reports rules for runs that an earlier rule takes all.
fn check_reached(fields: &mut Fields<'_, '_>, rules: &[Item<RunRule>]) {
    for (count, rule) in rules.iter().enumerate() {
        let covers = |earlier: &&Item<RunRule>| earlier.value.matcher.covers(&rule.value.matcher);
        if let Some(earlier) = rules[..count].iter().find(covers) {
            let mistake = Mistake::new("this rule is never reached")
                .help("the first rule that matches decides: put the narrower rule first")
                .related(&earlier.span, "this one takes all its runs");
            fields.report_at(vec![Step::key("runs"), Step::Index(rule.index)], &rule.span, mistake);
        }
    }
}
