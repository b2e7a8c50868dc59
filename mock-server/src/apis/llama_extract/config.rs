//! The settings of an extraction in the words of each generation. One that was said in another generation's words is shown
//! in those that come nearest.

use std::sync::Arc;

use serde_json::{Map, Value, json};

use crate::apis::llama_extract::detail::Item;
use crate::apis::llama_extract::problem::Problem;
use crate::model::llama_extract::config::{Config, Era, Target, page_ranges, usual};

/// Settings as a client says them in the words of `era`; the contract has held what each value may be. What is left out
/// is as documented, and what is not known is left out.
pub(super) fn read(said: &Value, era: Era) -> Result<Config, Problem> {
    let given = said.as_object();
    let mut all = usual(era);
    for (name, value) in &mut all {
        if let Some(given) = given.and_then(|given| given.get(name)) {
            value.clone_from(given);
        }
    }
    for name in later(era) {
        if let Some(value) = given.and_then(|given| given.get(*name)) {
            all.insert((*name).to_owned(), value.clone());
        }
    }
    let word = |name: &str| all.get(name).and_then(Value::as_str);
    let flag = |name: &str| all.get(name).and_then(Value::as_bool).unwrap_or(false);
    let pages =
        ["page_range", "target_pages"].into_iter().find_map(|name| word(name).map(|text| (name, text)));
    let config = Config {
        target: match era {
            Era::Page => target(word("extraction_mode")),
            Era::V1 | Era::V2 => target(word("extraction_target")),
        },
        citations: flag("cite_sources") || flag("citation_bbox"),
        confidence: flag("confidence_scores"),
        reasoning: flag("use_reasoning"),
        pages: match pages {
            Some((name, text)) => page_ranges(text).ok_or_else(|| {
                let why = "Value error, pages are numbers and ranges from 1, as in 1,3,5-7";
                Problem::unprocessable(Item::wrong(&["body", "config", name], &json!(text), why))
            })?,
            None => Box::default(),
        },
        max_pages: all.get("max_pages").and_then(Value::as_u64).and_then(|most| u32::try_from(most).ok()),
        era,
        said: Arc::new(Map::new()),
    };
    if era == Era::V1 {
        within_mode(word("extraction_mode").unwrap_or_default(), &config)?;
    }
    Ok(Config { said: Arc::new(all), ..config })
}

fn target(word: Option<&str>) -> Target {
    match word {
        Some("PER_PAGE" | "per_page") => Target::Page,
        Some("PER_TABLE_ROW" | "per_table_row") => Target::TableRow,
        _ => Target::Document,
    }
}

/// Some extensions are for some modes only (page "Metadata extensions").
fn within_mode(mode: &str, config: &Config) -> Result<(), Problem> {
    let is_large = matches!(mode, "MULTIMODAL" | "PREMIUM");
    let wrong = if config.citations && !is_large {
        "cite_sources is for the modes MULTIMODAL and PREMIUM"
    } else if config.confidence && !is_large {
        "confidence_scores is for the modes MULTIMODAL and PREMIUM"
    } else if config.reasoning && mode == "FAST" {
        "use_reasoning is not for the mode FAST"
    } else {
        return Ok(());
    };
    Err(Problem::bad_request(format!("{wrong}; this is {mode}")))
}

/// Settings in the words of `era`, without the schema.
pub(super) fn written(config: &Config, era: Era) -> Map<String, Value> {
    if config.era == era {
        let mut all = (*config.said).clone();
        if era != Era::V1 {
            // Jobs of version 1 alone have one, but it may be for an agent of another generation.
            all.remove("priority");
        }
        return all;
    }
    let mut all = usual(era);
    let mut put = |name: &str, value: Value| {
        if let Some(place) = all.get_mut(name) {
            *place = value;
        }
    };
    let said = |name: &str| config.said.get(name).cloned().unwrap_or(Value::Null);
    put("priority", said("priority"));
    put("system_prompt", said("system_prompt"));
    put("cite_sources", json!(config.citations));
    put("confidence_scores", json!(config.confidence));
    put("use_reasoning", json!(config.reasoning));
    let pages = ["page_range", "target_pages"].map(said).into_iter().find(Value::is_string);
    put("page_range", pages.clone().unwrap_or_default());
    put("target_pages", pages.unwrap_or_default());
    put("max_pages", json!(config.max_pages));
    match era {
        // This generation knows no table rows; they are lists like the pages.
        Era::Page => {
            let mode = if config.target == Target::Document { "PER_DOC" } else { "PER_PAGE" };
            put("extraction_mode", json!(mode));
        }
        Era::V1 => {
            put("extraction_target", json!(in_capitals(config.target)));
            if let Some(tier) = said("tier").as_str() {
                put("extraction_mode", json!(mode_of(tier)));
            }
        }
        Era::V2 => {
            put("extraction_target", json!(in_capitals(config.target).to_lowercase()));
            // In the page's era the same name says something else.
            if let Some(mode) = said("extraction_mode").as_str().filter(|_| config.era == Era::V1) {
                put("tier", json!(tier_of(mode)));
            }
        }
    }
    all
}

fn in_capitals(target: Target) -> &'static str {
    match target {
        Target::Document => "PER_DOC",
        Target::Page => "PER_PAGE",
        Target::TableRow => "PER_TABLE_ROW",
    }
}

fn mode_of(tier: &str) -> &'static str {
    match tier {
        "turbo" => "FAST",
        "cost_effective" => "BALANCED",
        _ => "PREMIUM",
    }
}

fn tier_of(mode: &str) -> &'static str {
    match mode {
        "FAST" | "BALANCED" => "cost_effective",
        _ => "agentic",
    }
}

/// Settings that came after the generation's document: they are shown to those alone who say them.
fn later(era: Era) -> &'static [&'static str] {
    match era {
        Era::Page | Era::V1 => &[],
        Era::V2 => &["disable_cache", "sheet_names", "spreadsheet_mode", "advanced_citations"],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_left_out_is_as_documented_and_what_is_not_known_is_left_out() {
        let config =
            read(&json!({ "extraction_target": "PER_PAGE", "colour": "red" }), Era::V1).expect("it is right");
        assert_eq!(config.target, Target::Page);
        assert_eq!(config.said["extraction_mode"], "PREMIUM");
        assert_eq!(config.said.get("colour"), None);
    }

    #[test]
    fn the_page_s_era_says_its_target_as_a_mode() {
        let config = read(&json!({ "extraction_mode": "PER_PAGE" }), Era::Page).expect("it is right");
        assert_eq!(config.target, Target::Page);
        assert_eq!(written(&config, Era::V1)["extraction_target"], "PER_PAGE");
        assert_eq!(written(&config, Era::V1)["extraction_mode"], "PREMIUM", "not the other's mode");
        assert_eq!(written(&config, Era::V2)["tier"], "cost_effective");
    }

    #[test]
    fn settings_keep_their_sense_in_the_words_of_another_generation() {
        let said = json!({ "tier": "agentic", "cite_sources": true, "target_pages": "1-3", "extraction_target": "per_table_row" });
        let config = read(&said, Era::V2).expect("it is right");
        let first = written(&config, Era::V1);
        assert_eq!(first["extraction_mode"], "PREMIUM");
        assert_eq!(first["extraction_target"], "PER_TABLE_ROW");
        assert_eq!((&first["cite_sources"], &first["page_range"]), (&json!(true), &json!("1-3")));
        assert_eq!(written(&config, Era::Page)["extraction_mode"], "PER_PAGE");
    }

    #[test]
    fn an_extension_is_refused_in_a_mode_that_does_not_have_it() {
        for said in [
            json!({ "cite_sources": true, "extraction_mode": "FAST" }),
            json!({ "confidence_scores": true, "extraction_mode": "BALANCED" }),
            json!({ "use_reasoning": true, "extraction_mode": "FAST" }),
        ] {
            let problem = read(&said, Era::V1).expect_err("it is refused");
            assert_eq!(problem.status, 400, "{said}");
        }
        assert_eq!(read(&json!({ "page_range": "0" }), Era::V1).expect_err("there is none").status, 422);
        assert!(read(&json!({ "cite_sources": true }), Era::V1).is_ok(), "PREMIUM is the default");
    }
}
