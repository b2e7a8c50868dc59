//! `POST /_rehearsal/verify`: whether the client has asked what it was expected to ask, and what it did instead.

use std::slice;
use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::response::IntoResponse;
use http::HeaderMap;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::control::body::{Strict, StrictQuery};
use crate::control::error::ControlError;
use crate::control::journaled::{self, about_before, body};
use crate::control::select::Key;
use crate::control::{Outcome, PREFIX};
use crate::expectations::read::{self, Mistake};
use crate::expectations::{Expectation, Seen, Tally, Verdict};
use crate::journal::redaction::{Secret, make_safe, safe_text};
use crate::journal::{BODY_MAX, Entry, Gap, Piece};
use crate::scenario::request::About;
use crate::shared::Shared;
use crate::world::World;

mod told;

/// What is expected.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Verify {
    calls: Vec<Value>,
    /// Only requests with a higher number count.
    #[serde(default)]
    after: u64,
}

pub(super) async fn post(
    State(shared): State<Arc<Shared>>,
    StrictQuery(key): StrictQuery<Key>,
    headers: HeaderMap,
    Strict(verify): Strict<Verify>,
) -> Outcome {
    let world = journaled::world(&shared, key.key.as_deref(), &headers)?;
    let reader = Reader::new(&shared, &world);
    let mut expectations = read::calls(&verify.calls).map_err(|mistakes| reader.mistaken(&mistakes))?;
    // What is shown may be cut, and a key that was cut is found no more.
    expectations.iter_mut().for_each(|expectation| expectation.hide(reader.secret()));
    let unanswerable = reader.unanswerable(&expectations);
    if !unanswerable.is_empty() {
        return Err(reader.mistaken(&unanswerable));
    }
    // Before the journal: who is not under way any more is in it.
    let under_way = world.under_way();
    let received = world.journal().received();
    if verify.after > received {
        let message = format!(
            "after is {} and the last request has the number {received}; after a reset the numbers begin again",
            verify.after
        );
        return Err(ControlError::unprocessable("after_the_end", message));
    }
    let (tallies, gap) = reader.count(&expectations, verify.after, received);
    reader.judge(&expectations, &tallies, (gap, under_way), (verify.after, received))
}

/// A journal on its way through the expectations.
struct Reader<'a> {
    shared: &'a Shared,
    world: &'a World,
    /// The key that opened the world, or the name of its organization.
    account: Box<str>,
    /// Why it cannot be said which key a request carried.
    account_unknown: Option<&'static str>,
}

impl<'a> Reader<'a> {
    fn new(shared: &'a Shared, world: &'a World) -> Self {
        let (real, _) = shared.now();
        let account: Box<str> = world.at(real, |state, _| state.stream().name().into());
        let declared = &shared.registry.started().scenario.accounts;
        let shares = declared.iter().any(|it| it.organization.as_deref() == Some(&*account));
        let account_unknown = if world.id() == shared.refused.id() {
            Some("the keys of refused requests are kept nowhere, so nobody can say which they were")
        } else if shares {
            Some(
                "the keys of an organization share this world, and its journal does not say which of them it was",
            )
        } else {
            None
        };
        Self { shared, world, account, account_unknown }
    }

    fn secret(&self) -> Secret<'_> {
        self.world.secret(&self.account)
    }

    fn mistaken(&self, mistakes: &[Mistake]) -> ControlError {
        let mut errors: Value = mistakes.iter().map(Mistake::to_json).collect();
        make_safe(&mut errors, self.secret());
        let message = format!("what is expected has mistakes ({}); nothing was verified", mistakes.len());
        ControlError::unprocessable("invalid_expectation", message)
            .with("diagnostics", json!({ "errors": errors, "omitted": 0 }))
    }

    /// What of the expectations this journal can say nothing about.
    fn unanswerable(&self, expectations: &[Expectation]) -> Vec<Mistake> {
        let Some(reason) = self.account_unknown else { return Vec::new() };
        let asking = expectations.iter().enumerate().filter(|(_, expectation)| expectation.asks_account());
        let mistake = |index| Mistake {
            path: format!("calls[{index}].match.account"),
            message: reason.to_owned(),
            help: Some("leave it out".to_owned()),
        };
        asking.map(|(index, _)| mistake(index)).collect()
    }

    /// Lets every request after number `after`, up to `until`, be counted.
    fn count(&self, expectations: &[Expectation], after: u64, until: u64) -> (Vec<Tally>, Option<Gap>) {
        let mut tallies = vec![Tally::default(); expectations.len()];
        let (mut last, mut gap) = (after, None);
        while last < until {
            let piece = self.world.journal().piece(last);
            gap = journaled::joined(gap, piece.gap);
            let before = last;
            self.look(expectations, &piece, until, |seen| {
                last = seen.entry.number;
                for (tally, expectation) in tallies.iter_mut().zip(expectations) {
                    tally.count(expectation, seen);
                }
            });
            if last == before {
                break;
            }
        }
        (tallies, gap)
    }

    /// Shows `look` the entries of a piece, up to `until`, with what is known of them.
    fn look(&self, expectations: &[Expectation], piece: &Piece, until: u64, mut look: impl FnMut(&Seen<'_>)) {
        let entries = piece.entries().take_while(|entry| entry.number <= until);
        let entries: Vec<(Option<Value>, Entry<'_>)> = entries.map(|entry| (body(&entry), entry)).collect();
        let abouts: Vec<About> = if expectations.iter().any(Expectation::asks_about) {
            let (real, _) = self.shared.now();
            self.world.at(real, |state, _| {
                entries.iter().map(|(body, entry)| about_before(entry, body.as_ref(), state)).collect()
            })
        } else {
            vec![About::default(); entries.len()]
        };
        for ((body, entry), about) in entries.iter().zip(&abouts) {
            let (account, world) = (&*self.account, self.world.id());
            look(&Seen { entry, about, body: body.as_ref(), account, world });
        }
    }

    fn judge(
        &self,
        expectations: &[Expectation],
        tallies: &[Tally],
        (gap, under_way): (Option<Gap>, usize),
        (after, received): (u64, u64),
    ) -> Outcome {
        let open = gap.is_some() || under_way > 0;
        let verdicts = expectations.iter().zip(tallies);
        let verdicts: Vec<Verdict> = verdicts.map(|(it, tally)| tally.verdict(it.count, open)).collect();
        let mut calls = Vec::new();
        let mut text = String::new();
        for (index, (expectation, tally)) in expectations.iter().zip(tallies).enumerate() {
            let verified = match verdicts[index] {
                Verdict::Met => Some(true),
                Verdict::Unmet => Some(false),
                Verdict::Gap | Verdict::CutBodies => None,
            };
            let sentence = expectation.sentence();
            let mut call = json!({ "verified": verified, "expected": sentence, "found": tally.found });
            if verified == Some(false) {
                text.push_str(&format!(
                    "\n\ncalls[{index}]: expected {sentence}; {}",
                    told::came(tally, after, received)
                ));
                call["matched"] = self.shown(expectation, &tally.matched, "these:", &mut text);
                // Where too many came, those that nearly did are not the trouble.
                let few = tally.found < expectation.count.at_least;
                let nearest = if few { tally.nearest() } else { Vec::new() };
                call["nearest"] = self.shown(expectation, &nearest, "nearest:", &mut text);
            }
            calls.push(call);
        }
        let mut calls = Value::Array(calls);
        make_safe(&mut calls, self.secret());
        let unmet = verdicts.iter().filter(|verdict| **verdict == Verdict::Unmet).count();
        if unmet > 0 {
            let text = safe_text(&text, self.secret());
            let message = match verdicts.len() {
                1 => format!("the call is not as expected{text}"),
                of => format!("{unmet} of {of} calls are not as expected{text}"),
            };
            return Err(ControlError::unprocessable("not_as_expected", message).with("calls", calls));
        }
        for (index, (expectation, tally)) in expectations.iter().zip(tallies).enumerate() {
            let refusal = match (verdicts[index], gap) {
                (Verdict::Gap, Some(gap)) => {
                    let message = lost_to_a_gap(index, expectation, tally, gap);
                    ControlError::conflict("journal_gap", safe_text(&message, self.secret()))
                        .with("gap", journaled::gap(Some(gap)))
                }
                (Verdict::Gap, None) => {
                    let message = format!(
                        "calls[{index}] cannot be verified: {under_way} of this world's requests are still being \
                         answered; verify once your client is done"
                    );
                    ControlError::conflict("requests_under_way", message).with("calls", calls)
                }
                (Verdict::CutBodies, _) => {
                    let message = format!(
                        "calls[{index}] cannot be verified: of {} requests the journal kept only the first {} KiB of the \
                         body, so nobody can say whether they are such; ask for the `host` or the `query` instead of \
                         the body",
                        tally.undecided,
                        BODY_MAX / 1024
                    );
                    ControlError::conflict("body_not_kept", message).with("calls", calls)
                }
                _ => continue,
            };
            return Err(refusal);
        }
        let body = json!({
            "verified": true,
            "world": self.world.id(),
            "received": received,
            "gap": journaled::gap(gap),
            "calls": calls,
        });
        Ok(Json(body).into_response())
    }

    /// The requests with these numbers, and the same as lines of text.
    fn shown(&self, expectation: &Expectation, numbers: &[u64], title: &str, text: &mut String) -> Value {
        let mut shown = Vec::new();
        for number in numbers {
            // It may have been dropped since it was counted.
            let piece = self.world.journal().piece(number.saturating_sub(1));
            self.look(slice::from_ref(expectation), &piece, *number, |seen| {
                if shown.is_empty() {
                    text.push_str(&format!("\n  {title}"));
                }
                text.push_str(&told::line(expectation, seen));
                shown.push(told::entry(expectation, seen));
            });
        }
        Value::Array(shown)
    }
}

fn lost_to_a_gap(index: usize, expectation: &Expectation, tally: &Tally, gap: Gap) -> String {
    let Gap { from, to } = gap;
    let (gone, those, was) = if from == to {
        (format!("request {from}"), "it does", "it was")
    } else {
        (format!("requests {from} to {to}"), "they do", "they were")
    };
    let shown = match tally.found {
        0 => "none".to_owned(),
        found => found.to_string(),
    };
    format!(
        "calls[{index}] cannot be verified: expected {}, and of those the journal shows {shown}; but it has dropped \
         {gone} to stay within its capacity, and nobody can say what {was}. If {those} not matter, verify with \
         \"after\": {to}; else clear the journal (DELETE {PREFIX}/requests) before the part that counts, and verify \
         sooner",
        expectation.sentence(),
    )
}
