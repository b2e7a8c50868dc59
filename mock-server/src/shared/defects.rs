//! The ways in which a server can be broken on purpose, which of them are on, and how often each took effect. What they
//! do is known to [`crate::defects`] alone.

use std::str::FromStr;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::scenario::suggest::nearest;

macro_rules! defects {
    ($($(#[doc = $says:literal])+ $variant:ident = $name:literal,)+) => {
        /// A way of being wrong, in the words of a test of a harness. None of them is a fault that a client should
        /// expect; those belong to scenarios.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Defect {
            $($(#[doc = $says])+ $variant,)+
        }

        impl Defect {
            /// Every defect, in the order of its documentation.
            pub const ALL: &[Self] = &[$(Self::$variant,)+];

            /// Its name, in kebab case.
            pub fn name(self) -> &'static str {
                match self {
                    $(Self::$variant => $name,)+
                }
            }
        }
    };
}

defects! {
    /// Reads of another key's run are served.
    TenantLeakGet = "tenant-leak-get",
    /// Lists show the runs of every key.
    TenantLeakList = "tenant-leak-list",
    /// A cancel of another key's run is carried out.
    TenantLeakCancel = "tenant-leak-cancel",
    /// All keys see one world, that of the first.
    TenantsShared = "tenants-shared",
    /// A list without a key is served from the first key's world.
    AuthOptional = "auth-optional",
    /// A bearer token counts as no key.
    BearerIgnored = "bearer-ignored",
    /// A bad key is served as if it were the first good one.
    KeyNotChecked = "key-not-checked",
    /// A new run is found only after two reads that did not find it.
    LostWrite = "lost-write",
    /// A refused create starts a run all the same.
    GhostJob = "ghost-job",
    /// A create starts two runs.
    DoubleCreate = "double-create",
    /// A create gives the id of the run before it.
    IdCollision = "id-collision",
    /// A second crawl of a host that is being crawled is another run.
    DedupeMissing = "dedupe-missing",
    /// No create is accepted.
    RejectAllCreates = "reject-all-creates",
    /// A create that must be refused starts some run.
    AcceptAllCreates = "accept-all-creates",
    /// Limits are one too high: 101 items a page, 1001 addresses.
    LimitsTooLoose = "limits-too-loose",
    /// Limits are one too low: 99 items a page, 999 addresses.
    LimitsTooTight = "limits-too-tight",
    /// A cancel says that it worked and does nothing.
    CancelNoOp = "cancel-no-op",
    /// A canceled run runs again from the second read on.
    CancelRevives = "cancel-revives",
    /// A run that is over can be canceled.
    CancelTerminalAccepted = "cancel-terminal-accepted",
    /// The second cancel of a run breaks the server.
    CancelTwice500 = "cancel-twice-500",
    /// A run that was seen running never ends.
    Sticky = "sticky",
    /// A running run looks pending.
    SkipRunning = "skip-running",
    /// A run that was seen running is pending once more.
    BackToPending = "back-to-pending",
    /// The duration of a finished run grows with every read.
    TerminalRewrites = "terminal-rewrites",
    /// Progress falls back to nothing.
    ProgressFalls = "progress-falls",
    /// A read shows what the read before it should have shown.
    ReadOneBehind = "read-one-behind",
    /// A waiting extract looks as if it had started.
    WaitingStartsEarly = "waiting-starts-early",
    /// An extract that was seen waiting waits for ever.
    WaitingNeverReleased = "waiting-never-released",
    /// An extract completes although the crawl it waited for did not.
    CrawlFailureIgnored = "crawl-failure-ignored",
    /// Lists show each run in the state in which they showed it first.
    ListStale = "list-stale",
    /// Lists begin with the oldest run.
    ListOrderFlip = "list-order-flip",
    /// The status filter of lists is ignored.
    FilterIgnored = "filter-ignored",
    /// The status filter of lists leaves out what it should let through.
    FilterInverted = "filter-inverted",
    /// The filter `processing` leaves out what is pending.
    FilterTooNarrow = "filter-too-narrow",
    /// A page begins with the last item of the page before it.
    PageOverlap = "page-overlap",
    /// Every page but the first lacks its first item.
    PageGap = "page-gap",
    /// A page has one item more than was asked for.
    PageSizeOffByOne = "page-size-off-by-one",
    /// The items of a page change places from read to read.
    PageOrderDrifts = "page-order-drifts",
    /// Nobody is turned away for asking too often.
    RateLimitNeverRefuses = "rate-limit-never-refuses",
    /// `Retry-After` names too short a time.
    RetryAfterTooShort = "retry-after-too-short",
    /// Every third good answer of an operation is a 500.
    FlakyOneInThree = "flaky-1-in-3",
}

/// No defect has this name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("there is no defect `{name}`; {}", .meant.map_or_else(all_names, |meant| format!("did you mean `{meant}`?")))]
pub struct UnknownDefect {
    name: String,
    meant: Option<&'static str>,
}

fn all_names() -> String {
    let names: Vec<&str> = Defect::ALL.iter().map(|defect| defect.name()).collect();
    format!("there are {}", names.join(", "))
}

impl FromStr for Defect {
    type Err = UnknownDefect;

    fn from_str(name: &str) -> Result<Self, UnknownDefect> {
        let found = Self::ALL.iter().find(|defect| defect.name() == name).copied();
        found.ok_or_else(|| UnknownDefect {
            name: name.chars().take(64).collect(),
            meant: nearest(name, Self::ALL.iter().map(|defect| defect.name())),
        })
    }
}

/// The defects of a server that are on, each with how often it took effect.
#[derive(Debug, Default)]
pub struct Defects(Vec<(Defect, AtomicU64)>);

impl Defects {
    /// These are on; one that is named twice counts once.
    pub fn new(on: &[Defect]) -> Self {
        let mut on = on.to_vec();
        on.sort_unstable();
        on.dedup();
        Self(on.into_iter().map(|defect| (defect, AtomicU64::new(0))).collect())
    }

    /// Whether none is on.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether this one is on.
    pub fn has(&self, defect: Defect) -> bool {
        self.0.iter().any(|(on, _)| *on == defect)
    }

    /// Notes that it took effect.
    pub fn fired(&self, defect: Defect) {
        if let Some((_, fired)) = self.0.iter().find(|(on, _)| *on == defect) {
            fired.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// Those that are on, in the order of [`Defect::ALL`], each with how often it took effect.
    pub fn counts(&self) -> impl Iterator<Item = (Defect, u64)> {
        self.0.iter().map(|(defect, fired)| (*defect, fired.load(Ordering::Relaxed)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_defect_is_known_by_its_name_and_a_slip_is_recognized() {
        for defect in Defect::ALL {
            assert_eq!(defect.name().parse(), Ok(*defect));
        }
        let error = "tenant-leek-get".parse::<Defect>().unwrap_err().to_string();
        assert_eq!(error, "there is no defect `tenant-leek-get`; did you mean `tenant-leak-get`?");
        let error = "gremlins".parse::<Defect>().unwrap_err().to_string();
        assert!(error.starts_with("there is no defect `gremlins`; there are tenant-"), "{error}");
    }

    #[test]
    fn only_what_is_on_is_counted() {
        let defects = Defects::new(&[Defect::Sticky, Defect::GhostJob, Defect::Sticky]);
        defects.fired(Defect::Sticky);
        defects.fired(Defect::PageGap);
        let counts: Vec<_> = defects.counts().collect();
        assert_eq!(counts, [(Defect::GhostJob, 0), (Defect::Sticky, 1)]);
    }
}
