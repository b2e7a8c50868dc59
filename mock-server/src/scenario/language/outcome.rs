//! `outcome` of a run rule: how a run ends.

use super::fields::{Fields, Object};
use super::quantity::{Counts, Share};
use super::reader::Mistake;
use super::run::Subject;
use super::text::{Choice, LINE, Text, unknown_name};
use super::variants::Forms;
use crate::scenario::kind::{MAX_RESULTS, PhaseName, RunKind};
use crate::scenario::run::{Outcome, Refusal};

/// The longest error text, in characters.
const MAX_ERROR_CHARS: usize = 2_000;

const REFUSAL: Choice<Refusal> =
    Choice { what: "a refusal", all: Refusal::ALL, name: Refusal::name, later: &[] };

/// Asks for each outcome of such a run.
pub(super) fn outcome(forms: &mut Forms<'_, '_>, subject: &Subject) -> Option<Outcome> {
    let completed = forms.bare("completed").then_some(Outcome::Completed);
    let failed = forms.object(
        "failed",
        "It fails.",
        &Object { what: "`failed`", read: |fields: &mut Fields<'_, '_>| failed(fields, subject) },
    );
    let partial = forms.object(
        "partial",
        "It completes, and some of its items fail.",
        &Object { what: "`partial`", read: |fields: &mut Fields<'_, '_>| partial(fields) },
    );
    let stuck = forms.object(
        "stuck",
        "It never ends by itself.",
        &Object { what: "`stuck`", read: |fields: &mut Fields<'_, '_>| stuck(fields, subject) },
    );
    let invalid = forms.object(
        "invalid",
        "What it was given is found wrong as a whole, for an import.",
        &Object { what: "`invalid`", read: |fields: &mut Fields<'_, '_>| invalid(fields) },
    );
    completed.or(failed).or(partial).or(stuck).or(invalid)
}

fn failed(fields: &mut Fields<'_, '_>, subject: &Subject) -> Option<Outcome> {
    let step = fields.optional("step", "The step that fails, for a kind of run that has steps.", &LINE);
    let at = fields.optional("at", "How much of the work is done when it fails.", &Share);
    let error = error(fields);
    let refusal =
        fields.optional("refusal", "The documented reason, for a robot that is not built.", &REFUSAL);
    fields.elsewhere(
        "invalid",
        "of an import write `outcome: { invalid: { error: \"…\" } }`: it stands in the place of `failed`",
    );
    if !subject.unclear {
        if let Some(step) = &step {
            check_step(fields, step, subject.kind);
        }
        if refusal.is_some() {
            check_refusal(fields, subject.kind);
        }
    }
    Some(Outcome::Failed { step, at, error, refusal })
}

fn error(fields: &mut Fields<'_, '_>) -> Option<String> {
    let text = Text { max_chars: MAX_ERROR_CHARS, control: true };
    fields.optional("error", "The error text, instead of the documented one.", &text)
}

fn check_refusal(fields: &mut Fields<'_, '_>, kind: Option<RunKind>) {
    let mistake = match kind {
        Some(RunKind::RobotBuild) => return,
        Some(kind) => Mistake::new(format!("{} is not refused", kind.with_article()))
            .help("leave `refusal` out; only the building of a robot is"),
        None => {
            Mistake::new("a refusal needs to know the kind of run").help("add `kind: robot-build` to `match`")
        }
    };
    fields.report("refusal", mistake);
}

fn check_step(fields: &mut Fields<'_, '_>, step: &str, kind: Option<RunKind>) {
    let Some(kind) = kind else {
        let mistake =
            Mistake::new("a step needs to know the kind of run").help("add `kind: crawl` to `match`");
        fields.report("step", mistake);
        return;
    };
    if kind.steps().is_empty() {
        let mistake = Mistake::new(format!("a run of kind `{}` has no steps", kind.name()));
        fields.report("step", mistake.help("leave `step` out; only a crawl has steps"));
    } else if !kind.steps().contains(&step) {
        fields.report("step", unknown_name("a step", step, kind.steps().iter().copied(), &[]));
    }
}

fn partial(fields: &mut Fields<'_, '_>) -> Option<Outcome> {
    let failed_items =
        fields.required("failed-items", "How many items fail.", &Counts { min: 0, max: MAX_RESULTS });
    let outcome = fields.optional("outcome", "The machine-readable reason on each of them.", &LINE);
    Some(Outcome::Partial { failed_items: failed_items?, outcome })
}

fn stuck(fields: &mut Fields<'_, '_>, subject: &Subject) -> Option<Outcome> {
    let state =
        Choice { what: "a state to be stuck in", all: subject.phases(), name: PhaseName::name, later: &[] };
    let state = fields.optional("state", "The state it stays in.", &state);
    let at = fields.optional("at", "How much of that state it appears to have done.", &Share);
    Some(Outcome::Stuck { state, at })
}

fn invalid(fields: &mut Fields<'_, '_>) -> Option<Outcome> {
    Some(Outcome::Invalid { error: error(fields) })
}
