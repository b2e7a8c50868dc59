//! The amounts in a refusal for want of credits, against what the same cost another time and what the account told.

use crate::checks::account;
use crate::history::History;
use crate::history::seen::Seen;
use crate::verdict::Tally;

const NEEDED: &str = "/credits_needed";
const LEFT: &str = "/credits_remaining";

pub(super) fn judge(history: &History) -> Tally {
    let mut tally = Tally::default();
    for family in history.profile.families {
        for refused in history.of(family.create).filter(|seen| seen.status() == Some(402)) {
            // What a shop has grows, and its price with it; addresses and queries cost the same every time.
            let is_same = |seen: &&Seen| {
                seen.is_success()
                    && seen.credential() == refused.credential()
                    && seen.request().is_object()
                    && seen.request().get("vendor").is_none()
                    && seen.request() == refused.request()
            };
            let accepted = history.of(family.create).find(is_same);
            let price = accepted.and_then(|create| create.at("/meta/credits_used").as_f64());
            if let (Some(create), Some(price)) = (accepted, price) {
                expect(&mut tally, refused, create, NEEDED, "needed", price);
            }
            if let Some((look, left)) = left_before(history, refused) {
                expect(&mut tally, refused, look, LEFT, "left", left);
            }
        }
    }
    tally
}

fn expect(tally: &mut Tally, refused: &Seen, earlier: &Seen, at: &str, reason: &'static str, expected: f64) {
    // That it is a number at all is another check's business.
    let Some(observed) = refused.at(at).as_f64() else { return };
    tally.saw(refused);
    if (observed - expected).abs() > f64::EPSILON {
        tally.broke(refused, reason, expected.to_string(), observed.to_string()).at(at).after(earlier);
    }
}

/// What the account was said to have, if nothing was bought with its key between that and `refused`.
fn left_before<'a>(history: &'a History, refused: &Seen) -> Option<(&'a Seen, f64)> {
    let mine = |seen: &&Seen| seen.id() < refused.id();
    for seen in history.all().iter().rev().skip_while(|seen| !mine(seen)) {
        if let Some((owner, left)) = account::look(seen)
            && Some(owner) == refused.credential()
        {
            return Some((seen, left as f64));
        }
        // What was lost, or failed, may have been paid for as well.
        let may_cost = seen.writes() && (seen.is_success() || seen.is_uncertain());
        if may_cost && seen.credential() == refused.credential() {
            return None;
        }
    }
    None
}

#[cfg(test)]
mod tests;
