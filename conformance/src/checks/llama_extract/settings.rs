//! Settings: what they are unless somebody says otherwise, and that they are as they were said.

use serde_json::Value;

use super::look::{at, declined, expect, name};
use super::rows::{Case, check, clauses};
use crate::checks::Check;
use crate::history::seen::Seen;
use crate::verdict::Tally;

/// The checks, in the order they are reported.
pub const CHECKS: &[Check] = &[
    check!(
        Must,
        Job,
        "llama.settings-defaults",
        "What the settings do not say is as documented",
        "settings that say nothing of each of them, and that are shown",
        [
            (first, "config.default-mode", |case, tally| {
                let usual = if case.history.profile.version == "v1" { "PREMIUM" } else { "PER_DOC" };
                defaults(case, tally, &[("extraction_mode", Value::from(usual))]);
            }),
            (page, "config.default-handle-missing", |case, tally| defaults(
                case,
                tally,
                &[("handle_missing", false.into())]
            )),
            (v1, "config.default-target", |case, tally| defaults(
                case,
                tally,
                &[("extraction_target", "PER_DOC".into())]
            )),
            (v1, "config.default-chunk-mode", |case, tally| defaults(
                case,
                tally,
                &[("chunk_mode", "PAGE".into())]
            )),
            (v1, "config.default-flags", |case, tally| {
                let flags = [
                    "use_reasoning",
                    "cite_sources",
                    "confidence_scores",
                    "high_resolution_mode",
                    "invalidate_cache",
                ];
                defaults(case, tally, &flags.map(|flag| (flag, Value::Bool(false))));
            }),
            (v2, "configuration.default-tier", |case, tally| defaults(
                case,
                tally,
                &[("tier", "cost_effective".into())]
            )),
            (v2, "configuration.default-version", |case, tally| defaults(
                case,
                tally,
                &[("version", "latest".into())]
            )),
            (v2, "configuration.default-target", |case, tally| defaults(
                case,
                tally,
                &[("extraction_target", "per_doc".into())]
            )),
            (v2, "configuration.default-citations", |case, tally| defaults(
                case,
                tally,
                &[("cite_sources", false.into())]
            )),
            (v2, "configuration.default-confidence", |case, tally| defaults(
                case,
                tally,
                &[("confidence_scores", false.into())]
            )),
        ]
    ),
    check!(
        Must,
        Job,
        "llama.settings-echo",
        "What the settings say is shown again",
        "settings that say something, and that are shown",
        [(first, "config.echo", echo), (v2, "configuration.echo", echo),]
    ),
    check!(
        Should,
        Job,
        "llama.settings-prompt",
        "Without a system_prompt none is shown",
        "settings without one that are shown",
        [(page, "config.default-system-prompt", |case, tally| defaults(
            case,
            tally,
            &[("system_prompt", Value::Null)]
        )),]
    ),
    check!(
        Should,
        Write,
        "llama.settings-modes",
        "Citations, confidence and reasoning are for some modes only",
        "an extension in a mode that does not have it, and one in a mode that does",
        [
            (v1, "config.cite-sources-modes", |case, tally| modes(
                case,
                tally,
                "cite_sources",
                &["MULTIMODAL", "PREMIUM"]
            )),
            (v1, "config.confidence-modes", |case, tally| modes(
                case,
                tally,
                "confidence_scores",
                &["MULTIMODAL", "PREMIUM"]
            )),
            (v1, "config.reasoning-modes", |case, tally| {
                modes(case, tally, "use_reasoning", &["MULTIMODAL", "PREMIUM", "BALANCED"]);
            }),
        ]
    ),
    check!(
        Should,
        Write,
        "llama.settings-modes-400",
        "An extension in a mode that does not have it is answered with 400",
        "an extension in a mode that does not have it",
        [(v1, "config.modes-400", |case, tally| {
            let extensions = ["cite_sources", "confidence_scores", "use_reasoning"];
            let fast = |seen: &&Seen| {
                let config = at(seen.request(), "/config");
                config.get("extraction_mode").is_some_and(|mode| mode == "FAST")
                    && extensions.iter().any(|it| config.get(*it) == Some(&Value::Bool(true)))
            };
            expect(tally, case.asked("extraction-agents.create").filter(fast), "not-400", &[400]);
        }),]
    ),
];

/// What was said of settings, and what is shown of them: in an answer to the same request, or of the job it made.
fn told<'h>(case: &'h Case<'h>) -> Vec<(&'h Value, &'h Seen, &'static str)> {
    let mut all = Vec::new();
    for seen in case.all_asked().filter(|seen| seen.is_success()) {
        match name(seen) {
            "extraction-agents.create" | "extraction-agents.update" => {
                all.push((at(seen.request(), "/config"), seen, "/config"));
            }
            "configurations.create" if seen.text("/product_type") == Some("extract_v2") => {
                all.push((at(seen.request(), "/parameters"), seen, "/parameters"));
            }
            "extract.create" if at(seen.request(), "/configuration").is_object() => {
                let id = seen.own_id();
                let shown =
                    case.good("extract.get").filter(|read| read.own_id() == id && read.id() > seen.id());
                let shown = shown.filter(|read| read.at("/configuration").is_object());
                all.extend(shown.map(|read| (at(seen.request(), "/configuration"), read, "/configuration")));
            }
            _ => {}
        }
    }
    all
}

/// Expects members that nobody spoke of to be as documented.
fn defaults(case: &Case<'_>, tally: &mut Tally, usual: &[(&str, Value)]) {
    for (said, seen, place) in told(case) {
        for (member, expected) in usual {
            if said.get(*member).is_some_and(|value| !value.is_null()) {
                continue;
            }
            let pointer = format!("{place}/{member}");
            let shown = seen.at(&pointer);
            tally.saw(seen);
            if shown != expected {
                tally.broke(seen, "other-default", expected.to_string(), shown.to_string()).at(pointer);
            }
        }
    }
}

/// Expects members that were spoken of to be shown as they were said.
fn echo(case: &Case<'_>, tally: &mut Tally) {
    for (said, seen, place) in told(case) {
        let known =
            said.as_object().into_iter().flatten().filter(|(name, value)| {
                !value.is_null() && !name.starts_with("x_") && *name != "data_schema"
            });
        for (member, value) in known {
            let pointer = format!("{place}/{member}");
            tally.saw(seen);
            if seen.at(&pointer) != value {
                tally
                    .broke(seen, "other-value", value.to_string(), seen.at(&pointer).to_string())
                    .at(pointer);
            }
        }
    }
}

/// Expects agents with an extension to be refused in modes that do not have it, and taken in one that does.
fn modes(case: &Case<'_>, tally: &mut Tally, extension: &str, good: &[&str]) {
    let asked: Vec<&Seen> = case.asked("extraction-agents.create").collect();
    let asks = |seen: &Seen| {
        let config = at(seen.request(), "/config");
        let mode = config.get("extraction_mode").and_then(Value::as_str).unwrap_or("PREMIUM");
        (config.get(extension) == Some(&Value::Bool(true))).then(|| good.contains(&mode))
    };
    for seen in asked.iter().filter(|seen| asks(seen) == Some(false)) {
        declined(tally, seen);
    }
    if !asked.iter().any(|seen| asks(seen) == Some(true) && seen.is_success()) {
        tally.block("no agent with the extension was ever accepted, so refusing proves nothing");
    }
}
