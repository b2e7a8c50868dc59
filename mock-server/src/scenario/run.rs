//! How a scenario makes new runs behave.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::Value;

use super::amount::{CountRange, Percent};
use super::duration::DurationRange;
use super::kind::PhaseName;
use super::matcher::RunMatcher;

/// The most rules of a scenario; each new run is compared with them in turn.
pub const MAX_RULES: usize = 1_000;

/// A rule for new runs: which ones, and what becomes of them. What it leaves open stays as documented.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct RunRule {
    /// The runs it is for; the default matcher is for all.
    pub matcher: RunMatcher,
    /// How long the phases take; a phase that is not named takes its usual time.
    pub lifecycle: BTreeMap<PhaseName, DurationRange>,
    /// How many results a run yields. Where the rule names no kind this may exceed
    /// [`RunKind::max_results`](super::kind::RunKind::max_results) of the run's kind, which then is the bound.
    pub results: Option<CountRange>,
    /// What a run brings, in the place of what would be made for it; only for an extraction.
    pub data: Option<Arc<Value>>,
    /// How a run ends; `None` leaves the usual ending (and the magic inputs) in force.
    pub outcome: Option<Outcome>,
}

/// How a run ends, or that it does not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// It completes.
    Completed,
    /// It fails.
    Failed {
        /// The step that fails, one of the kind's; only for a kind with steps.
        step: Option<String>,
        /// How much of the time in its last phase (of the step, when one is given) has passed when it fails.
        at: Option<Percent>,
        /// The error text on the wire; `None` for the documented one.
        error: Option<String>,
        /// Why a robot was not built, one of the documented reasons; only for a robot build.
        refusal: Option<Refusal>,
    },
    /// What it was given is found wrong as a whole; only for an import.
    Invalid {
        /// The error text on the wire; `None` for ours.
        error: Option<String>,
    },
    /// It completes, and some of its items fail.
    Partial {
        /// How many items fail; at most as many as there are.
        failed_items: CountRange,
        /// The machine-readable reason on each of them; `None` for the documented one.
        outcome: Option<String>,
    },
    /// It never ends by itself.
    Stuck {
        /// The phase it stays in; `None` for the last one.
        state: Option<PhaseName>,
        /// How much of that phase it appears to have done; `None` leaves it to the stand-in.
        at: Option<Percent>,
    },
}

/// Why Extralt builds no robot. Source: the published client 0.4.0, `RobotRefusal`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// The site sells nothing.
    NotStore,
    /// The site's language is not known.
    UnknownLanguage,
    /// The site does not answer.
    Unreachable,
    /// The site leads to another one.
    OffSiteRedirect,
    /// The site takes a larger plan.
    NeedsScale,
    /// There is a robot for the site.
    Duplicate,
    /// No robot can be built now.
    Unavailable,
}

impl Refusal {
    /// Every reason, in the order in which messages list them.
    pub const ALL: &'static [Self] = &[
        Self::NotStore,
        Self::UnknownLanguage,
        Self::Unreachable,
        Self::OffSiteRedirect,
        Self::NeedsScale,
        Self::Duplicate,
        Self::Unavailable,
    ];

    /// The word on the wire, which scenarios use too.
    pub fn name(self) -> &'static str {
        match self {
            Self::NotStore => "not_store",
            Self::UnknownLanguage => "unknown_language",
            Self::Unreachable => "unreachable",
            Self::OffSiteRedirect => "off_site_redirect",
            Self::NeedsScale => "needs_scale",
            Self::Duplicate => "duplicate",
            Self::Unavailable => "unavailable",
        }
    }
}
