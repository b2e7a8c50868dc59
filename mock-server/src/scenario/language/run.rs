//! `runs`: how new runs behave.

use std::collections::BTreeMap;

use super::fields::{Fields, Object};
use super::list::{Item, List};
use super::matcher::MATCHER;
use super::outcome::outcome;
use super::quantity::{Counts, Spans};
use super::reader::{Mistake, Step};
use super::variants::{Forms, OneOf};
use crate::scenario::duration::DurationRange;
use crate::scenario::kind::{MAX_RESULTS, PhaseName, RunKind};
use crate::scenario::matcher::RunMatcher;
use crate::scenario::run::{MAX_RULES, Outcome, RunRule};

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
    let kind = matcher.as_ref().and_then(|matcher| matcher.kind);
    let kind_unclear = kind.is_none() && fields.mistakes() > before;
    let behaviour = behaviour(fields, kind, kind_unclear);
    Some(RunRule { matcher: matcher.unwrap_or_default(), ..behaviour })
}

/// What becomes of a run of this kind, or of any: a rule without conditions. `kind_unclear` says that the kind may have
/// been given, and could not be read.
pub(super) fn behaviour(fields: &mut Fields<'_, '_>, kind: Option<RunKind>, kind_unclear: bool) -> RunRule {
    let lifecycle =
        Object { what: "a lifecycle", read: |fields: &mut Fields<'_, '_>| Some(lifecycle(fields, kind)) };
    let lifecycle = fields.optional("lifecycle", "How long each phase takes.", &lifecycle);
    let most = kind.map_or(MAX_RESULTS, RunKind::max_results);
    let results = fields.optional("results", "How many results it yields.", &Counts { min: 0, max: most });
    let ending =
        OneOf { what: "an outcome", read: |forms: &mut Forms<'_, '_>| outcome(forms, kind, kind_unclear) };
    let ending = fields.optional("outcome", "How it ends.", &ending);
    fields.later(&["data", "file"]);

    if let Some(Outcome::Partial { failed_items, .. }) = &ending {
        if kind.is_some_and(|kind| !kind.has_items()) {
            let mistake = Mistake::new("a crawl has no items that could fail")
                .help("`partial` is for extract and search; a crawl can be `completed`, `failed` or `stuck`");
            fields.report("outcome", mistake);
        } else if results.is_some_and(|results| failed_items.min > results.max) {
            fields.report("outcome", Mistake::new("more items fail than there are results"));
        }
    }
    RunRule {
        matcher: RunMatcher::default(),
        lifecycle: lifecycle.unwrap_or_default(),
        results,
        outcome: ending,
    }
}

fn lifecycle(fields: &mut Fields<'_, '_>, kind: Option<RunKind>) -> BTreeMap<PhaseName, DurationRange> {
    let phases = kind.map_or(PhaseName::ALL, RunKind::phases);
    let mut durations = BTreeMap::new();
    for phase in phases {
        let doc = format!("How long it is {}.", phase.name());
        durations.extend(fields.optional(phase.name(), &doc, &Spans).map(|duration| (*phase, duration)));
    }
    if kind.is_none() {
        fields.later(&["created", "starting", "finalizing", "restarting"]);
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
