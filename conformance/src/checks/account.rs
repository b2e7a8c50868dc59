//! What the control plane said of an account, where there is one: between two looks at it, every credit that is gone
//! has to be accounted for.

use crate::history::History;
use crate::history::seen::Seen;
use crate::session::control::ACCOUNT;

/// What happened between two consecutive looks at one account.
pub(super) struct Span<'a> {
    /// The second look.
    pub(super) after: &'a Seen,
    /// The first look.
    pub(super) before: &'a Seen,
    /// Credits that are gone; negative when there are more.
    pub(super) spent: i64,
    /// The creates of the account's key in between, in order.
    pub(super) creates: Vec<&'a Seen>,
}

/// Every span between two looks at an account.
pub(super) fn spans(history: &History) -> Vec<Span<'_>> {
    let looks: Vec<_> = history.all().iter().filter_map(|seen| Some((seen, look(seen)?))).collect();
    let mut spans = Vec::new();
    for (at, (after, (owner, left))) in looks.iter().enumerate() {
        let earlier = looks[..at].iter().rev().find(|(_, (other, _))| other == owner);
        let Some((before, (_, had))) = earlier else { continue };
        let between = history.all().iter().filter(|seen| (before.id()..after.id()).contains(&seen.id()));
        let creates = between.filter(|seen| {
            seen.credential() == Some(owner)
                && history.profile.families.iter().any(|family| seen.is(family.create))
        });
        spans.push(Span { after, before, spent: had - left, creates: creates.collect() });
    }
    spans
}

/// The owner and the credits in an answer about an account.
pub(super) fn look(seen: &Seen) -> Option<(&str, i64)> {
    let about = seen.exchange().request().path() == ACCOUNT && seen.is_success();
    let credits = about.then(|| seen.at("/apis/catalog/credits").as_i64()).flatten()?;
    Some((seen.query("key")?, credits))
}

#[cfg(test)]
mod tests;
