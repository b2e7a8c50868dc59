//! `when` of a fault: which of the requests that match it meets.

use crate::scenario::fault::when::{Chance, EXACTLY_OF_MAX, Per, Pick, When, Window};
use crate::scenario::language::fields::{Fields, Object};
use crate::scenario::language::quantity::{Count, Share, Span};
use crate::scenario::language::reader::Mistake;
use crate::scenario::language::text::Choice;
use crate::scenario::suggest::listed;

const ANY: Count = Count { min: 1, max: u64::MAX };
const PER: Choice<Per> = Choice { what: "a scope", all: Per::ALL, name: Per::name, later: &[] };
const WINDOW: Object<fn(&mut Fields<'_, '_>) -> Option<Window>> = Object { what: "a window", read: window };

/// The ways to pick, of which one may be given.
const PICKS: [&str; 5] = ["nth", "first", "every", "probability", "exactly"];

pub(super) fn when(fields: &mut Fields<'_, '_>) -> Option<When> {
    let nth = fields.optional("nth", "Only the nth, from 1.", &ANY).map(Pick::Nth);
    let first = fields.optional("first", "Only the first so many.", &ANY).map(Pick::First);
    let every = fields.optional("every", "Each nth: 3 means the third, the sixth and so on.", &ANY);
    let share = fields.optional("probability", "The share that it meets, drawn from the seed.", &Share);
    let at_most = Count { min: 1, max: 1_000 };
    let at_most = fields.optional("at-most", "With `probability`: at most so many in a row.", &at_most);
    let of_bounds = Count { min: 1, max: EXACTLY_OF_MAX };
    let exactly = fields.optional("exactly", "With `of`: so many of each row of requests.", &of_bounds);
    let of = fields.optional("of", "With `exactly`: the length of a row.", &of_bounds);
    let window = fields.optional("window", "Only in this stretch of virtual time.", &WINDOW);
    let per = fields.optional("per", "What is counted together: the world, a run, or equal requests.", &PER);

    let given: Vec<&str> = PICKS.into_iter().filter(|name| fields.has(name)).collect();
    if let [_, second, ..] = given.as_slice() {
        let mistake = Mistake::new("`when` picks in more than one way")
            .help(format!("give one of {}; a `window` may stand beside it", listed(PICKS)));
        fields.report(second, mistake);
        return None;
    }
    goes_with(fields, "at-most", "probability");
    goes_with(fields, "exactly", "of");
    goes_with(fields, "of", "exactly");
    if fields.has("per") && given.is_empty() {
        let mistake = Mistake::new("`per` says what is counted, and nothing is")
            .help(format!("add one of {}, or leave `per` out", listed(PICKS)));
        fields.report("per", mistake);
    }
    let probability = share.and_then(|share| {
        let at_most = at_most.and_then(|most| u32::try_from(most).ok());
        let chance = Chance::new(share, at_most);
        if chance.is_none() {
            let most = at_most.unwrap_or_default();
            let mistake = Mistake::new(format!("{share} cannot be reached with at most {most} in a row"))
                .help(format!(
                    "after {most} in a row one is let through, so it is at most {:.1}%",
                    100.0 * f64::from(most) / f64::from(most + 1)
                ));
            fields.report("probability", mistake);
        }
        chance.map(Pick::Probability)
    });
    let exactly = match (exactly, of) {
        (Some(count), Some(of)) if count > of => {
            let mistake = Mistake::new(format!("a row of {of} has no {count}"))
                .help("`exactly` is at most `of`, as in `{ exactly: 3, of: 10 }`");
            fields.report("exactly", mistake);
            None
        }
        (Some(count), Some(of)) => Some(Pick::Exactly { count, of }),
        _ => None,
    };
    let pick = nth.or(first).or(every.map(Pick::Every)).or(probability).or(exactly);
    Some(When { window, pick: pick.unwrap_or_default(), per: per.unwrap_or_default() })
}

fn goes_with(fields: &mut Fields<'_, '_>, name: &str, other: &str) {
    if fields.has(name) && !fields.has(other) {
        fields.report(name, Mistake::new(format!("`{name}` needs `{other}` beside it")));
    }
}

fn window(fields: &mut Fields<'_, '_>) -> Option<Window> {
    let from =
        fields.optional("from", "How long after the world's start it begins; at once unless given.", &Span);
    let lasts = fields.optional("for", "How long it lasts; for good unless given.", &Span);
    let every = fields.optional("every", "After how long it begins again.", &Span);
    if lasts.is_some_and(|lasts| lasts.is_zero()) {
        fields.report("for", Mistake::new("this window never opens").help("give it more than no time"));
    }
    if every.is_some() {
        match lasts {
            None if fields.has("for") => {}
            None => fields
                .report("every", Mistake::new("`every` needs `for`: what never ends does not begin again")),
            Some(lasts) if every.is_some_and(|every| every < lasts) => {
                let mistake = Mistake::new("this window begins again before it has ended")
                    .help("let `every` be at least as long as `for`");
                fields.report("every", mistake);
            }
            Some(_) => {}
        }
    }
    Some(Window { from: from.unwrap_or_default(), lasts, every })
}
