//! Which keys are welcome, and what a world is called in public.

use std::hash::BuildHasher;

use crate::scenario::account::{MAX_KEY_BYTES, REFUSED_PREFIXES};

/// What the journal of requests that have no world goes by.
pub const REFUSED: &str = "(refused)";

/// Why a key is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyRefusal {
    /// There is no key, or an empty one.
    Missing,
    /// There is something where a key should be, and it is not written as one: the scheme is another one.
    Malformed,
    /// The key is not accepted: it cannot be one, it is not declared, or it begins with a refused prefix.
    Invalid,
    /// The key is known and not allowed in: it begins with `forbidden`.
    Forbidden,
}

/// Whether a key may have a world, by its form alone. The refused prefixes are a feature: they let anyone test how a
/// client takes a refusal.
pub fn welcome(key: &str) -> Result<(), KeyRefusal> {
    if key.is_empty() {
        return Err(KeyRefusal::Missing);
    }
    // A name that a key had could not be that of the requests without one.
    if key == REFUSED || key.len() > MAX_KEY_BYTES || !key.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err(KeyRefusal::Invalid);
    }
    match REFUSED_PREFIXES.iter().find(|prefix| key.starts_with(**prefix)) {
        Some(&"forbidden") => Err(KeyRefusal::Forbidden),
        Some(_) => Err(KeyRefusal::Invalid),
        None => Ok(()),
    }
}

/// The public id of a world: the key itself where it is plainly no secret, else its first four characters, or less than
/// half of a short one, and a hash.
/// The hasher's own keys are nobody's to know, so that a short key cannot be found by trying.
pub fn public_id(hasher: &impl BuildHasher, key: &str, declared: bool) -> String {
    const OPEN_PREFIXES: [&str; 3] = ["test", "demo", "check"];
    if declared || OPEN_PREFIXES.iter().any(|prefix| key.starts_with(prefix)) {
        return key.to_owned();
    }
    let shown = key.chars().count().saturating_sub(1) / 2;
    let start: String = key.chars().take(shown.min(4)).collect();
    format!("{start}-{:08x}", hasher.hash_one(("public id", key)) >> 32)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refused_keys_are_refused_for_their_own_reason() {
        assert_eq!(welcome(""), Err(KeyRefusal::Missing));
        assert_eq!(welcome("forbidden-1"), Err(KeyRefusal::Forbidden));
        let long = "k".repeat(MAX_KEY_BYTES + 1);
        for key in [REFUSED, "invalid", "invalid-x", "expired1", "revoked", "a b", "käse", "a\u{7}", &long] {
            assert_eq!(welcome(key), Err(KeyRefusal::Invalid), "{key}");
        }
        for key in ["k", "sk-live-1234", "test", &"k".repeat(MAX_KEY_BYTES)] {
            assert_eq!(welcome(key), Ok(()), "{key}");
        }
    }

    #[test]
    fn a_public_id_shows_no_more_than_four_characters_of_a_secret() {
        let hasher = std::hash::RandomState::new();
        let id = public_id(&hasher, "sk-live-1234567890", false);
        assert!(id.starts_with("sk-l-") && !id.contains("1234"), "{id}");
        assert_ne!(id, public_id(&hasher, "sk-live-1234567891", false));
        let id = public_id(&hasher, "sk12", false);
        assert!(id.starts_with("s-"), "{id}");
        assert_eq!(public_id(&hasher, "test-a", false), "test-a");
        assert_eq!(public_id(&hasher, "sk-live", true), "sk-live");
    }
}
