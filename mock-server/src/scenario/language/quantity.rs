//! Values that are amounts: counts, shares, durations.

use std::time::Duration;

use serde_json::{Value, json};

use super::Shape;
use super::fields::{Fields, Object};
use super::reader::{Mistake, Reader};
use crate::scenario::amount::{CountRange, Percent};
use crate::scenario::duration::{DurationRange, text};
use crate::scenario::node::{Content, Node};

/// A whole number within bounds, both included.
pub(super) struct Count {
    pub(super) min: u64,
    pub(super) max: u64,
}

impl Shape for Count {
    type Value = u64;

    fn read(&self, node: &Node, reader: &mut Reader<'_>) -> Option<u64> {
        let count = match node.content {
            Content::Int(number) => u64::try_from(number).ok(),
            // What is too large for every integer arrives as this.
            Content::Float(number) if number >= u64::MAX as f64 => None,
            _ => {
                reader.mismatch(node, "a whole number", None);
                return None;
            }
        };
        let count = count.filter(|count| (self.min..=self.max).contains(count));
        if count.is_none() {
            reader.report(&node.span, self.out_of_range());
        }
        count
    }

    fn schema(&self) -> Value {
        let mut schema = json!({ "type": "integer", "minimum": self.min });
        // Editors count in floating point and would show another bound.
        if self.max < u64::MAX {
            schema["maximum"] = json!(self.max);
        }
        schema
    }
}

impl Count {
    fn out_of_range(&self) -> Mistake {
        let bounds = match self.max {
            u64::MAX => format!("{} or more", self.min),
            max if max == self.min => format!("only {max} is known"),
            max => format!("from {} to {max}", self.min),
        };
        Mistake::new("this number is out of range").expected(bounds)
    }
}

/// A count or an inclusive range of counts, `120` or `40..60`, within bounds.
pub(super) struct Counts {
    pub(super) min: u64,
    pub(super) max: u64,
}

impl Shape for Counts {
    type Value = CountRange;

    fn read(&self, node: &Node, reader: &mut Reader<'_>) -> Option<CountRange> {
        let single = Count { min: self.min, max: self.max };
        let Content::Text(text) = &node.content else {
            if matches!(node.content, Content::Int(_) | Content::Float(_)) {
                return single.read(node, reader).map(CountRange::exactly);
            }
            reader.mismatch(node, "a count", Some("write a number or a range, as in `40..60`".to_owned()));
            return None;
        };
        let ends = text.split_once("..").map(|(min, max)| (whole(min), whole(max)));
        let Some((Some(min), Some(max))) = ends else {
            reader.mismatch(node, "a count", Some("write a number or a range, as in `40..60`".to_owned()));
            return None;
        };
        if min > max {
            let mistake = Mistake::new("this range runs backwards").help(format!("write `{max}..{min}`"));
            reader.report(&node.span, mistake);
            return None;
        }
        if min < self.min || max > self.max {
            reader.report(&node.span, single.out_of_range());
            return None;
        }
        Some(CountRange { min, max })
    }

    fn schema(&self) -> Value {
        let single = Count { min: self.min, max: self.max }.schema();
        json!({ "anyOf": [single, { "type": "string", "pattern": r"^[0-9]+\.\.[0-9]+$" }] })
    }
}

/// A number of digits only; `parse` alone would take a sign.
fn whole(text: &str) -> Option<u64> {
    text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse().ok()).flatten()
}

/// A number above zero, within bounds, both included.
pub(super) struct Factor {
    pub(super) min: f64,
    pub(super) max: f64,
}

impl Shape for Factor {
    type Value = f64;

    fn read(&self, node: &Node, reader: &mut Reader<'_>) -> Option<f64> {
        let number = match node.content {
            Content::Int(number) => number as f64,
            Content::Float(number) => number,
            _ => {
                reader.mismatch(node, "a number", None);
                return None;
            }
        };
        if (self.min..=self.max).contains(&number) {
            return Some(number);
        }
        let bounds = format!("from {} to {}", self.min, self.max);
        reader.report(&node.span, Mistake::new("this number is out of range").expected(bounds));
        None
    }

    fn schema(&self) -> Value {
        json!({ "type": "number", "minimum": self.min, "maximum": self.max })
    }
}

/// A share of a whole: `60%`.
pub(super) struct Share;

impl Shape for Share {
    type Value = Percent;

    fn read(&self, node: &Node, reader: &mut Reader<'_>) -> Option<Percent> {
        let share = match &node.content {
            Content::Text(text) => text.strip_suffix('%').and_then(parts_per_million),
            Content::Int(number) if (0..=100).contains(number) => {
                reader.mismatch(node, "a share", Some(format!("write `{number}%`")));
                return None;
            }
            _ => None,
        };
        let Some(parts_per_million) = share else {
            let help = "shares are from `0%` to `100%`, with at most four decimal places, as in `12.5%`";
            reader.mismatch(node, "a share", Some(help.to_owned()));
            return None;
        };
        Some(Percent { parts_per_million })
    }

    fn schema(&self) -> Value {
        json!({ "type": "string", "pattern": r"^[0-9]{1,3}(\.[0-9]{1,4})?%$" })
    }
}

fn parts_per_million(text: &str) -> Option<u32> {
    let (units, fraction) = text.split_once('.').map_or((text, None), |(units, rest)| (units, Some(rest)));
    let units = u32::try_from(whole(units).filter(|_| (1..=3).contains(&units.len()))?).ok()?;
    let fraction = match fraction {
        None => 0,
        Some(digits) if (1..=4).contains(&digits.len()) => {
            u32::try_from(whole(digits)?).ok()? * 10_u32.pow(4 - u32::try_from(digits.len()).ok()?)
        }
        Some(_) => return None,
    };
    Some(units * 10_000 + fraction).filter(|parts| *parts <= 1_000_000)
}

/// A duration: `30s`.
pub(super) struct Span;

impl Shape for Span {
    type Value = Duration;

    fn read(&self, node: &Node, reader: &mut Reader<'_>) -> Option<Duration> {
        let help = match &node.content {
            Content::Text(text) => match text::parse(text) {
                Ok(duration) => return Some(duration),
                Err(error) => Some(error.help),
            },
            Content::Int(_) => {
                Some(format!("a number needs a unit: write `{}s` for seconds", reader.written(node)))
            }
            _ => None,
        };
        reader.mismatch(node, "a duration", help);
        None
    }

    fn schema(&self) -> Value {
        json!({ "type": "string", "pattern": "^([0-9]+(d|h|m|s|ms))+$" })
    }
}

/// A duration, fixed or drawn: `30s`, `20s..40s`, `{ p50: 200ms, p99: 2s }`.
pub(super) struct Spans;

impl Shape for Spans {
    type Value = DurationRange;

    fn read(&self, node: &Node, reader: &mut Reader<'_>) -> Option<DurationRange> {
        match &node.content {
            Content::Map(_) => Object { what: "a log-normal duration", read: log_normal }.read(node, reader),
            Content::Text(text) => match text.split_once("..") {
                Some((min, max)) => range(node, min, max, reader),
                None => Span.read(node, reader).map(DurationRange::Fixed),
            },
            _ => Span.read(node, reader).map(DurationRange::Fixed),
        }
    }

    fn schema(&self) -> Value {
        let pattern = r"^([0-9]+(d|h|m|s|ms))+(\.\.([0-9]+(d|h|m|s|ms))+)?$";
        let distribution = Object { what: "a log-normal duration", read: log_normal }.schema();
        json!({ "anyOf": [{ "type": "string", "pattern": pattern }, distribution] })
    }
}

fn range(node: &Node, min: &str, max: &str, reader: &mut Reader<'_>) -> Option<DurationRange> {
    let (min, max) = match (text::parse(min), text::parse(max)) {
        (Ok(min), Ok(max)) => (min, max),
        (Err(error), _) | (_, Err(error)) => {
            reader.mismatch(node, "a range of durations", Some(error.help));
            return None;
        }
    };
    if min > max {
        let help = format!("write `{}..{}`", text::Written(max), text::Written(min));
        reader.report(&node.span, Mistake::new("this range runs backwards").help(help));
        return None;
    }
    Some(DurationRange::Uniform { min, max })
}

fn log_normal(fields: &mut Fields<'_, '_>) -> Option<DurationRange> {
    let p50 = fields.required("p50", "The median.", &Span);
    let p99 = fields.required("p99", "What 99 of 100 draws stay below.", &Span);
    let (p50, p99) = (p50?, p99?);
    if p50.is_zero() {
        fields.report("p50", Mistake::new("the median of a log-normal duration is more than zero"));
        return None;
    }
    if p99 < p50 {
        let mistake =
            Mistake::new("`p99` is below `p50`").expected(format!("at least {}", text::Written(p50)));
        fields.report("p99", mistake);
        return None;
    }
    Some(DurationRange::LogNormal { p50, p99 })
}
