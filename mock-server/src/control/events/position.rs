//! How far a listener has come.

use std::fmt;
use std::str::FromStr;

use crate::world::Witness;

/// How much of a world has been told. Written `generation.requests.commands.happened`, it is the id of an event.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Position {
    /// How often the world had been reset.
    pub(super) generation: u64,
    /// The number of the last request.
    pub(super) requests: u64,
    /// How many commands the world had accepted.
    pub(super) commands: usize,
    /// How much had happened to runs by itself.
    pub(super) happened: usize,
}

impl Position {
    /// Before anything that happens from now on.
    pub(super) fn now(seen: &Witness<'_>) -> Self {
        Self {
            generation: seen.state.generation(),
            requests: seen.journal.received(),
            commands: seen.state.log().len(),
            happened: seen.state.happened().len(),
        }
    }

    /// The start of the same generation, after so many resets.
    pub(super) fn start_of(generation: u64) -> Self {
        Self { generation, ..Self::default() }
    }

    /// Whether the world has not come as far: the position is another world's, or one of a server that is gone.
    pub(super) fn is_beyond(&self, seen: &Witness<'_>) -> bool {
        let now = Self::now(seen);
        self.generation > now.generation
            || self.generation == now.generation
                && (self.requests > now.requests
                    || self.commands > now.commands
                    || self.happened > now.happened)
    }
}

impl fmt::Display for Position {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { generation, requests, commands, happened } = self;
        write!(formatter, "{generation}.{requests}.{commands}.{happened}")
    }
}

impl FromStr for Position {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let mut parts = text.split('.');
        let mut part = || {
            let part = parts.next().filter(|part| part.bytes().all(|byte| byte.is_ascii_digit()));
            part.and_then(|part| part.parse::<u64>().ok()).ok_or(())
        };
        let (generation, requests, commands, happened) = (part()?, part()?, part()?, part()?);
        let size = |number: u64| usize::try_from(number).map_err(|_| ());
        match parts.next() {
            None => Ok(Self { generation, requests, commands: size(commands)?, happened: size(happened)? }),
            Some(_) => Err(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_position_is_read_as_it_was_written(parts: (u64, u64, usize, usize), noise in ".{0,12}") {
            let (generation, requests, commands, happened) = parts;
            let position = Position { generation, requests, commands, happened };
            prop_assert_eq!(position.to_string().parse(), Ok(position));
            if let Ok(read) = noise.parse::<Position>() {
                prop_assert_eq!(read.to_string().split('.').count(), 4);
            }
        }
    }

    #[test]
    fn what_is_no_position_is_refused() {
        for text in [
            "",
            "1",
            "1.2.3",
            "1.2.3.4.5",
            "1.2.3.",
            "a.b.c.d",
            "-1.0.0.0",
            "+1.0.0.0",
            "1.2.3.99999999999999999999",
        ] {
            assert_eq!(text.parse::<Position>(), Err(()), "{text}");
        }
    }
}
