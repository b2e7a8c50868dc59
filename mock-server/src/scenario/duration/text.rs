//! How durations are written: `250ms`, `30s`, `1m30s`.

use std::time::Duration;

use super::MAX_DURATION;

/// The units, the longest first, as they are written and in milliseconds.
const UNITS: [(&str, u64); 5] = [("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1_000), ("ms", 1)];

/// What people write for the units, so that a message can say what to write instead.
const LONG_UNITS: [(&str, &[&str]); 5] = [
    ("ms", &["msec", "msecs", "milli", "millis", "millisecond", "milliseconds"]),
    ("s", &["sec", "secs", "second", "seconds"]),
    ("m", &["min", "mins", "minute", "minutes"]),
    ("h", &["hr", "hrs", "hour", "hours"]),
    ("d", &["day", "days"]),
];

/// What to write instead of a text that is no duration.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{help}")]
pub struct NotADuration {
    /// The advice, as a sentence without its full stop.
    pub help: String,
}

/// Reads a duration: whole numbers with the units `d`, `h`, `m`, `s` and `ms`, each at most once and the longest first,
/// without spaces.
///
/// # Errors
///
/// If the text is something else, or more than [`MAX_DURATION`].
pub fn parse(text: &str) -> Result<Duration, NotADuration> {
    let mut rest = text;
    let mut millis: u64 = 0;
    let mut allowed = UNITS.as_slice();
    if rest.is_empty() {
        return Err(general());
    }
    while !rest.is_empty() {
        let (digits, after) = split_where(rest, |c| !c.is_ascii_digit());
        let (unit, after) = split_where(after, |c| c.is_ascii_digit());
        if digits.is_empty() {
            return Err(general());
        }
        let Some(place) = allowed.iter().position(|(name, _)| *name == unit) else {
            return Err(wrong_unit(text, digits, unit));
        };
        millis = digits
            .parse::<u64>()
            .ok()
            .and_then(|count| count.checked_mul(allowed[place].1))
            .and_then(|part| part.checked_add(millis))
            .filter(|millis| Duration::from_millis(*millis) <= MAX_DURATION)
            .ok_or_else(|| advice(format!("the longest duration is {}", Written(MAX_DURATION))))?;
        allowed = &allowed[place + 1..];
        rest = after;
    }
    Ok(Duration::from_millis(millis))
}

/// Shows a duration as it would be written in a scenario, rounded down to milliseconds.
#[derive(Debug, Clone, Copy)]
pub struct Written(pub Duration);

impl std::fmt::Display for Written {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut millis = self.0.as_millis();
        if millis == 0 {
            return f.write_str("0s");
        }
        for (unit, size) in UNITS {
            let count = millis / u128::from(size);
            millis %= u128::from(size);
            if count > 0 {
                write!(f, "{count}{unit}")?;
            }
        }
        Ok(())
    }
}

fn wrong_unit(text: &str, digits: &str, unit: &str) -> NotADuration {
    let name = unit.trim().to_ascii_lowercase();
    if name.is_empty() {
        return advice(format!("a number needs a unit: write `{digits}s` for seconds"));
    }
    let alone = text.len() == digits.len() + unit.len();
    let known = UNITS.iter().map(|(known, _)| *known).find(|known| *known == name);
    let long = LONG_UNITS.iter().find(|(_, names)| names.contains(&name.as_str())).map(|(known, _)| *known);
    match known.or(long) {
        Some(meant) if alone => advice(format!("write `{digits}{meant}`")),
        Some(_) if known.is_some() && name == unit => {
            advice("each unit stands once, the longest first, as in `1m30s`")
        }
        _ => general(),
    }
}

fn general() -> NotADuration {
    advice(
        "durations are whole numbers with the units `d`, `h`, `m`, `s`, `ms`, as in `250ms`, `30s` or `1m30s`",
    )
}

fn advice(help: impl Into<String>) -> NotADuration {
    NotADuration { help: help.into() }
}

fn split_where(text: &str, end: impl Fn(char) -> bool) -> (&str, &str) {
    text.split_at(text.find(end).unwrap_or(text.len()))
}
