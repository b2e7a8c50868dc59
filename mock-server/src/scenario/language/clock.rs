//! `clock`: how virtual time moves.

use super::fields::{Fields, Object};
use super::quantity::Factor;
use super::reader::Mistake;
use super::text::{Choice, Instant};
use crate::scenario::clock::{ClockMode, ClockSettings, MAX_RATE, MIN_RATE};

pub(super) const CLOCK: Object<fn(&mut Fields<'_, '_>) -> Option<ClockSettings>> =
    Object { what: "a clock", read: clock };

const MODE: Choice<ClockMode> =
    Choice { what: "a clock mode", all: ClockMode::ALL, name: ClockMode::name, later: &[] };

fn clock(fields: &mut Fields<'_, '_>) -> Option<ClockSettings> {
    let mode = fields.optional("mode", "How virtual time moves.", &MODE);
    let rate = fields.optional(
        "rate",
        "Virtual seconds in a real second; for a scaled clock.",
        &Factor { min: MIN_RATE, max: MAX_RATE },
    );
    let start = fields.optional("start", "The instant at which a world begins.", &Instant);
    fields.later(&["advance-per-request"]);

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
    Some(ClockSettings { mode, rate, start })
}
