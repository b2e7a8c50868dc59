//! How many requests are expected.

use std::fmt;

use serde_json::{Map, Value};

/// How many, both ends included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Count {
    /// The fewest.
    pub at_least: u64,
    /// The most, if that matters.
    pub at_most: Option<u64>,
}

impl Default for Count {
    /// At least one.
    fn default() -> Self {
        Self { at_least: 1, at_most: None }
    }
}

impl fmt::Display for Count {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.at_least, self.at_most) {
            (least, None) => write!(formatter, "at least {least}"),
            (0, Some(0)) => formatter.write_str("none"),
            (0, Some(most)) => write!(formatter, "at most {most}"),
            (least, Some(most)) if least == most => write!(formatter, "exactly {most}"),
            (least, Some(most)) => write!(formatter, "{least} to {most}"),
        }
    }
}

const FORMS: &str =
    "write a number, \"never\", or {\"at-least\": 1, \"at-most\": 3} with one of the two or both";

impl Count {
    /// Reads a number, `never`, or `{at-least, at-most}`.
    ///
    /// # Errors
    ///
    /// What is wrong with it and what to write instead.
    pub fn read(value: &Value) -> Result<Self, String> {
        match value {
            Value::String(word) if word == "never" => Ok(Self { at_least: 0, at_most: Some(0) }),
            Value::Object(bounds) => Self::between(bounds),
            value => {
                let exactly = value.as_u64().ok_or_else(|| format!("this is no count; {FORMS}"))?;
                Ok(Self { at_least: exactly, at_most: Some(exactly) })
            }
        }
    }

    fn between(bounds: &Map<String, Value>) -> Result<Self, String> {
        if let Some(name) = bounds.keys().find(|name| !["at-least", "at-most"].contains(&name.as_str())) {
            let name: String = name.chars().take(80).collect();
            return Err(format!("a count has no `{name}`; {FORMS}"));
        }
        let bound = |name: &str| match bounds.get(name) {
            None => Ok(None),
            Some(value) => {
                value.as_u64().map(Some).ok_or_else(|| format!("`{name}` must be a whole number from 0 on"))
            }
        };
        match (bound("at-least")?, bound("at-most")?) {
            (None, None) => Err(format!("the count is empty; {FORMS}")),
            (Some(0), None) => {
                Err("at least 0 is always so; leave the call out, or ask for something".to_owned())
            }
            (Some(least), Some(most)) if least > most => {
                Err(format!("no number is at least {least} and at most {most}; exchange them"))
            }
            (least, at_most) => Ok(Self { at_least: least.unwrap_or(0), at_most }),
        }
    }
}
