//! Magic inputs: hosts and queries that misbehave on any server, without a scenario.

/// What a magic input brings about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Magic {
    /// The run fails.
    Fails,
    /// The run never ends.
    Stuck,
    /// Everything takes ten times as long.
    Slow,
    /// Some items come to nothing.
    Partial,
    /// Nothing is found.
    Empty,
    /// The vendor is not supported.
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
    fn a_query_is_magic_by_its_first_word() {
        assert_eq!(of_query("empty shelves"), Some(Magic::Empty));
        assert_eq!(of_query("Stuck"), Some(Magic::Stuck));
        assert_eq!(of_query("a slow cooker"), None);
        assert_eq!(of_query(""), None);
    }
}
