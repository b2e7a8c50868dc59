//! `clock`: how virtual time moves.

use super::fields::{Fields, Object};
use super::quantity::{Factor, Span};
use super::reader::Mistake;
use super::text::{Choice, Instant};
use crate::scenario::clock::{
    ClockMode, ClockSettings, MAX_ADVANCE_PER_REQUEST, MAX_RATE, MIN_ADVANCE_PER_REQUEST, MIN_RATE,
};
use crate::scenario::duration::text::Written;

pub(super) const CLOCK: Object<fn(&mut Fields<'_, '_>) -> Option<ClockSettings>> =
    Object { what: "a clock", read: clock };

const MODE: Choice<ClockMode> =
    Choice { what: "a clock mode", all: ClockMode::ALL, name: ClockMode::name, later: &[] };

/// The key of how far each request moves the clock.
const ADVANCE: &str = "advance-per-request";

fn clock(fields: &mut Fields<'_, '_>) -> Option<ClockSettings> {
    let mode = fields.optional("mode", "How virtual time moves.", &MODE);
    let rate = fields.optional(
        "rate",
        "Virtual seconds in a real second; for a scaled clock.",
        &Factor { min: MIN_RATE, max: MAX_RATE },
    );
    let start = fields.optional("start", "The instant at which a world begins.", &Instant);
    let advance =
        fields.optional(ADVANCE, "How far each request moves its world's clock; for a manual clock.", &Span);

    let scaled = mode == Some(ClockMode::Scaled);
    let mode_is_clear = mode.is_some() || !fields.has("mode");
    if fields.has("rate") && !scaled && mode_is_clear {
        let mistake =
            Mistake::new("only a scaled clock has a rate").help("add `mode: scaled`, or leave the rate out");
        fields.report("rate", mistake);
    }
    if scaled && !fields.has("rate") {
        let mistake = Mistake::new("a scaled clock needs a rate")
            .help("add for example `rate: 60`: a minute of virtual time in a second");
        fields.report("mode", mistake);
    }
    if fields.has(ADVANCE) && mode != Some(ClockMode::Manual) && mode_is_clear {
        let mistake = Mistake::new("only a manual clock moves with requests")
            .help("add `mode: manual`, or leave `advance-per-request` out");
        fields.report(ADVANCE, mistake);
    }
    let bounds = MIN_ADVANCE_PER_REQUEST..=MAX_ADVANCE_PER_REQUEST;
    if advance.is_some_and(|advance| !bounds.contains(&advance)) {
        let (least, most) = (Written(*bounds.start()), Written(*bounds.end()));
        let mistake =
            Mistake::new("this duration is out of range").expected(format!("from {least} to {most}"));
        fields.report(ADVANCE, mistake);
    }
    Some(ClockSettings { mode, rate, start, advance_per_request: advance })
}
