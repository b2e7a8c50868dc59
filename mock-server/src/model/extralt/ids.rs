//! Ids in the form that published answers of Extralt show: 32 characters of lower-case Crockford base32, of which the
//! first three say what the id names. No document promises the form.

use std::sync::Arc;

use rand::RngExt;

use crate::seed::Draws;

const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";
const LENGTH: usize = 32;

/// What an id names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Names {
    /// A robot.
    Robot,
    /// The building of a robot, as v0 shows it.
    RobotBuild,
    /// A run.
    Run,
    /// A schedule.
    Schedule,
    /// An enrichment.
    Enrichment,
    /// An import.
    Import,
    /// An endpoint of webhooks.
    Webhook,
    /// An event that is delivered to webhooks.
    Event,
}

impl Names {
    /// How such an id begins. That of a build is our choice, the others are those of published examples.
    pub fn prefix(self) -> &'static str {
        match self {
            Self::Robot => "jd7",
            Self::RobotBuild => "j57",
            Self::Run => "kh7",
            Self::Schedule => "ks7",
            Self::Enrichment => "nd7",
            Self::Import => "kx7",
            Self::Webhook => "pn7",
            Self::Event => "evt_jh7",
        }
    }
}

/// The id of something new; one that is `taken` is drawn again.
pub fn fresh(names: Names, draws: impl Fn(&str) -> Draws, taken: impl Fn(&str) -> bool) -> Arc<str> {
    let purpose = names.prefix();
    let mut id = drawn(names, &draws(purpose));
    let mut again = 1_u64;
    while taken(&id) {
        id = drawn(names, &draws(&format!("{purpose}-{again}")));
        again += 1;
    }
    id.into()
}

fn drawn(names: Names, draws: &Draws) -> String {
    let mut rng = draws.rng();
    let prefix = names.prefix();
    let fixed = prefix.len() - prefix.rfind('_').map_or(0, |end| end + 1);
    let rest = (fixed..LENGTH).map(|_| char::from(ALPHABET[rng.random_range(0..ALPHABET.len())]));
    prefix.chars().chain(rest).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::seed::{Digest, Seed, Stream};

    #[test]
    fn ids_have_the_published_form_and_none_is_given_twice() {
        let stream = Stream::new(Seed(7), "test");
        let draws = |purpose: &str| stream.draws(purpose, Digest(1), 0);
        let run = fresh(Names::Run, draws, |_| false);
        assert_eq!((run.len(), &run[..3]), (32, "kh7"));
        assert!(run.bytes().all(|byte| ALPHABET.contains(&byte)), "{run}");
        assert_ne!(fresh(Names::Run, draws, |id| *id == *run), run);
        let event = fresh(Names::Event, draws, |_| false);
        assert_eq!((event.len(), &event[..7]), (36, "evt_jh7"));
    }
}
