//! Ids. v1 promises UUIDs; v2 shows them with a prefix (`ext-`, `cfg-`), which stands for the same UUID.

use uuid::Uuid;

use crate::seed::{Digest, Draws, Stream};

/// In front of the id of an extraction, as v2 shows it.
pub const EXTRACTION: &str = "ext-";
/// In front of the id of a saved configuration.
pub const CONFIGURATION: &str = "cfg-";
/// In front of the id of a file, as guides of v2 show it. It may be left out.
pub const FILE: &str = "dfl-";
/// In front of the id of a parse job, of which there are none here.
pub const PARSE_JOB: &str = "pjb-";

/// The id of something new; one that is `taken` is drawn again.
pub fn fresh(purpose: &str, draws: impl Fn(&str) -> Draws, taken: impl Fn(Uuid) -> bool) -> Uuid {
    let mut id = draws(purpose).uuid();
    let mut again = 1_u64;
    while taken(id) {
        id = draws(&format!("{purpose}-{again}")).uuid();
        again += 1;
    }
    id
}

/// The project that a world's key belongs to. There is one.
pub fn project(stream: &Stream) -> Uuid {
    standing(stream, "project")
}

/// The organization of that project.
pub fn organization(stream: &Stream) -> Uuid {
    standing(stream, "organization")
}

/// The id of something that is there in every world.
fn standing(stream: &Stream, what: &str) -> Uuid {
    let digest = Digest::of("world", "llama-extract", &[], None);
    stream.draws(what, digest, 0).uuid()
}

/// The UUID that a text is, with this prefix or without; upper and lower case are alike.
pub fn read(text: &str, prefix: &str) -> Option<Uuid> {
    let bare = text.strip_prefix(prefix).unwrap_or(text);
    // Other spellings of a UUID (braces, no hyphens) are none to these APIs.
    (bare.len() == 36).then(|| Uuid::try_parse(bare).ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::seed::Seed;

    #[test]
    fn an_id_is_read_with_its_prefix_or_without_and_in_no_other_spelling() {
        let id = Uuid::from_u128(0xa7);
        assert_eq!(read(&id.to_string(), FILE), Some(id));
        assert_eq!(read(&format!("dfl-{id}"), FILE), Some(id));
        for wrong in [format!("ext-{id}"), id.simple().to_string(), id.braced().to_string(), String::new()] {
            assert_eq!(read(&wrong, FILE), None, "{wrong}");
        }
    }

    #[test]
    fn no_id_is_given_twice() {
        let stream = Stream::new(Seed(7), "test");
        let draws = |purpose: &str| stream.draws(purpose, Digest(1), 0);
        let first = fresh("job", draws, |_| false);
        assert_ne!(fresh("job", draws, |id| id == first), first);
        assert_ne!(project(&stream), organization(&stream));
    }
}
