//! Magic inputs: hosts, queries and file names that misbehave on any server, without a scenario.

/// What a magic input brings about. Where Extralt differs from Catalog: a robot for a host that fails, or that is not
/// supported, cannot be built; it is built for every other, and its runs and their enrichments are what goes wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Magic {
    /// The run fails. A robot is not built, for its site cannot be reached.
    Fails,
    /// The run never ends: it stays at work.
    Stuck,
    /// Everything takes ten times as long.
    Slow,
    /// Some items come to nothing. Of a run all come to something, and some fail when they are enriched.
    Partial,
    /// Nothing is found. A run brings no captures.
    Empty,
    /// The vendor is not supported. A robot is not built, for its site is no store.
    Unsupported,
}

const WORDS: [(&str, Magic); 6] = [
    ("fails", Magic::Fails),
    ("stuck", Magic::Stuck),
    ("slow", Magic::Slow),
    ("partial", Magic::Partial),
    ("empty", Magic::Empty),
    ("unsupported", Magic::Unsupported),
];

/// What `host` brings about: `fails.test`, `shop.fails.test` and their like.
pub fn of_host(host: &str) -> Option<Magic> {
    let name = host.strip_suffix(".test")?;
    let last = name.rsplit('.').next()?;
    WORDS.iter().find(|(word, _)| *word == last).map(|(_, magic)| *magic)
}

/// What a file of this name brings about: `fails.csv`, `Empty.PDF` and their like. Imports and extractions are made from
/// files, and know what five of the words mean; to an import `slow` means nothing.
pub fn of_file(name: &str) -> Option<Magic> {
    let (first, _) = name.rsplit(['/', '\\']).next()?.split_once('.')?;
    let (_, magic) = WORDS.iter().find(|(word, _)| first.eq_ignore_ascii_case(word))?;
    (*magic != Magic::Unsupported).then_some(*magic)
}

/// What a query brings about: one that begins with a magic word.
pub fn of_query(query: &str) -> Option<Magic> {
    let first = query.split_whitespace().next()?;
    WORDS.iter().find(|(word, _)| first.eq_ignore_ascii_case(word)).map(|(_, magic)| *magic)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_magic_hosts_and_their_subdomains_are_magic() {
        assert_eq!(of_host("fails.test"), Some(Magic::Fails));
        assert_eq!(of_host("a.b.stuck.test"), Some(Magic::Stuck));
        for host in ["fails.com", "fails.test.com", "notfails.test", "test", "fails"] {
            assert_eq!(of_host(host), None, "{host}");
        }
    }

    #[test]
    fn a_file_is_magic_by_the_beginning_of_its_name() {
        assert_eq!(of_file("fails.csv"), Some(Magic::Fails));
        assert_eq!(of_file("spring/Empty.v2.JSONL"), Some(Magic::Empty));
        for name in ["fails", "notfails.csv", "fails-1.csv", "unsupported.csv", "fails.test/a.csv", ""] {
            assert_eq!(of_file(name), None, "{name}");
        }
    }

    #[test]
    fn a_query_is_magic_by_its_first_word() {
        assert_eq!(of_query("empty shelves"), Some(Magic::Empty));
        assert_eq!(of_query("Stuck"), Some(Magic::Stuck));
        assert_eq!(of_query("a slow cooker"), None);
        assert_eq!(of_query(""), None);
    }
}
