//! Answers that are given again: what a request with an idempotency key was answered, so that its repetition does
//! nothing twice. It knows neither keys' headers nor which requests may have one; whoever asks says under what name an
//! answer is kept (key, method and path, say) and what digest tells equal requests from others.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;

use bytes::Bytes;
use http::StatusCode;

use crate::seed::Digest;

/// The most answers that are remembered.
pub const ANSWERS_MAX: usize = 10_000;
/// The most bytes of them, with their names.
pub const BYTES_MAX: usize = 16 * 1024 * 1024;

/// The answers that may be given again. When there is no room for another, the oldest go.
#[derive(Debug)]
pub struct Remembered {
    answers: HashMap<Arc<str>, (Digest, Answer)>,
    /// Their names, the oldest first.
    order: VecDeque<Arc<str>>,
    bytes: usize,
    dropped: u64,
    answers_max: usize,
    bytes_max: usize,
}

/// An answer as it was given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// The status.
    pub status: StatusCode,
    /// What the body is called; `None` without one.
    pub content_type: Option<Box<str>>,
    /// The body.
    pub body: Bytes,
    /// The id of the run that it was about.
    pub run: Option<Box<str>>,
}

/// What is known of a request's name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Look<'a> {
    /// Nothing, or it was forgotten: the request is to be dealt with.
    New,
    /// It is a repetition, and this was answered.
    Replay(&'a Answer),
    /// Another request had this name.
    Conflict,
}

impl Remembered {
    /// Nothing is remembered yet; at most [`ANSWERS_MAX`] answers of [`BYTES_MAX`] bytes will be.
    pub fn new() -> Self {
        Self::with_capacity(ANSWERS_MAX, BYTES_MAX)
    }

    fn with_capacity(answers_max: usize, bytes_max: usize) -> Self {
        Self { answers: HashMap::new(), order: VecDeque::new(), bytes: 0, dropped: 0, answers_max, bytes_max }
    }

    /// What is known of a request of this name that asks for what `digest` says.
    pub fn look(&self, name: &str, digest: Digest) -> Look<'_> {
        match self.answers.get(name) {
            None => Look::New,
            Some((before, answer)) if *before == digest => Look::Replay(answer),
            Some(_) => Look::Conflict,
        }
    }

    /// Remembers what the request of this name was answered. A name that is known keeps its first answer.
    pub fn remember(&mut self, name: &str, digest: Digest, answer: Answer) {
        if self.answers.contains_key(name) {
            return;
        }
        let weight = weight(name, &answer);
        if weight > self.bytes_max || self.answers_max == 0 {
            // Dropping all the others would make no room for it.
            self.dropped += 1;
            return;
        }
        while self.order.len() >= self.answers_max || self.bytes + weight > self.bytes_max {
            let Some(oldest) = self.order.pop_front() else { break };
            if let Some((_, answer)) = self.answers.remove(&oldest) {
                self.bytes -= self::weight(&oldest, &answer);
                self.dropped += 1;
            }
        }
        let name: Arc<str> = name.into();
        self.bytes += weight;
        self.order.push_back(Arc::clone(&name));
        self.answers.insert(name, (digest, answer));
    }

    /// How many answers there was no room for: whose repetitions would be dealt with as new.
    pub fn dropped(&self) -> u64 {
        self.dropped
    }
}

impl Default for Remembered {
    fn default() -> Self {
        Self::new()
    }
}

fn weight(name: &str, answer: &Answer) -> usize {
    name.len()
        + answer.content_type.as_deref().map_or(0, str::len)
        + answer.body.len()
        + answer.run.as_deref().map_or(0, str::len)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn answer(body: impl Into<Bytes>) -> Answer {
        Answer {
            status: StatusCode::CREATED,
            content_type: Some("application/json".into()),
            body: body.into(),
            run: None,
        }
    }

    #[test]
    fn an_equal_request_gets_the_first_answer_and_another_one_a_conflict() {
        let mut remembered = Remembered::new();
        assert_eq!(remembered.look("a", Digest(1)), Look::New);
        remembered.remember("a", Digest(1), answer("first"));
        remembered.remember("a", Digest(1), answer("second"));
        remembered.remember("a", Digest(2), answer("third"));
        assert_eq!(remembered.look("a", Digest(1)), Look::Replay(&answer("first")));
        assert_eq!(remembered.look("a", Digest(2)), Look::Conflict);
        assert_eq!(remembered.look("b", Digest(2)), Look::New);
        assert_eq!(remembered.dropped(), 0);
    }

    #[test]
    fn the_oldest_go_when_there_are_too_many_and_it_says_so() {
        let mut remembered = Remembered::with_capacity(2, 1_000);
        for name in ["a", "b", "c"] {
            remembered.remember(name, Digest(1), answer("x"));
        }
        assert_eq!(remembered.look("a", Digest(1)), Look::New);
        assert_eq!(remembered.look("c", Digest(1)), Look::Replay(&answer("x")));
        assert_eq!(remembered.dropped(), 1);
    }

    #[test]
    fn an_answer_larger_than_all_the_room_is_not_kept_and_nothing_goes_for_it() {
        let mut remembered = Remembered::with_capacity(10, 100);
        remembered.remember("a", Digest(1), answer("x"));
        remembered.remember("b", Digest(1), answer(vec![b'x'; 100]));
        assert_eq!(remembered.look("b", Digest(1)), Look::New);
        assert_eq!(remembered.look("a", Digest(1)), Look::Replay(&answer("x")));
        assert_eq!(remembered.dropped(), 1);
    }

    proptest! {
        #[test]
        fn it_never_outgrows_its_room_and_keeps_the_newest(
            requests in prop::collection::vec((0u8..40, 0usize..120), 0..80),
        ) {
            let mut remembered = Remembered::with_capacity(7, 300);
            let mut asked = 0;
            for (name, length) in requests {
                let name = name.to_string();
                if remembered.look(&name, Digest(0)) == Look::New {
                    asked += 1;
                }
                remembered.remember(&name, Digest(0), answer(vec![0; length]));
                let held: usize = remembered.answers.iter().map(|(name, (_, it))| weight(name, it)).sum();
                prop_assert_eq!(held, remembered.bytes);
                prop_assert!(held <= 300 && remembered.answers.len() <= 7);
                prop_assert_eq!(remembered.order.len(), remembered.answers.len());
                prop_assert!(remembered.look(&name, Digest(0)) != Look::New);
                prop_assert_eq!(remembered.answers.len() as u64 + remembered.dropped(), asked);
            }
        }
    }
}
