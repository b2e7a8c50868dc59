//! Other ids for the same runs.

/// What the unique part of an id is written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Alphabet {
    Uuid,
    UpperCase,
    Digits,
}

impl Alphabet {
    /// Another id for the run with this one: what is documented about it stays, its unique part does not.
    pub(crate) fn rename(self, id: &str) -> String {
        if let Some((unique, stamp)) = id.strip_prefix("agentic-").and_then(|rest| rest.rsplit_once('-')) {
            return format!("agentic-{}-{stamp}", self.unique(unique));
        }
        if let Some(unique) = id.strip_prefix("extract-urls-") {
            return format!("extract-urls-{}", self.unique(unique));
        }
        match id.rsplit_once('-') {
            Some((known, unique)) => format!("{known}-{}", self.unique(unique)),
            None => self.unique(id),
        }
    }

    /// The same text for the same `seed`, and another for another as far as 128 bits can tell.
    pub(crate) fn unique(self, seed: &str) -> String {
        let bits = (u128::from(mixed(seed, 1)) << 64) | u128::from(mixed(seed, 2));
        match self {
            Alphabet::Uuid => {
                let digits = format!("{bits:032x}");
                let (a, b, c, d, e) =
                    (&digits[..8], &digits[8..12], &digits[13..16], &digits[17..20], &digits[20..]);
                format!("{a}-{b}-4{c}-8{d}-{e}")
            }
            Alphabet::UpperCase => {
                const LETTERS: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
                (0..26)
                    .map(|place| {
                        let index = usize::try_from((bits >> (5 * (place % 25))) & 31).unwrap_or_default();
                        char::from(LETTERS[index])
                    })
                    .collect()
            }
            Alphabet::Digits => format!("{}", bits >> 64),
        }
    }
}

/// 64 bits of a text: FNV-1a, with its bits spread afterwards as in `SplitMix64`.
fn mixed(text: &str, salt: u64) -> u64 {
    let hash = text.bytes().fold(0xcbf2_9ce4_8422_2325_u64 ^ salt, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
    });
    let hash = (hash ^ (hash >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let hash = (hash ^ (hash >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    hash ^ (hash >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_documented_about_an_id_stays() {
        for (id, start, end) in [
            ("crawl-shop-example-com-1a2b3c4d", "crawl-shop-example-com-", ""),
            ("extract-urls-965b1912-6af0-4ed8-b7e3-184b85e788b7", "extract-urls-", ""),
            ("extract-nike-com-51d87084", "extract-nike-com-", ""),
            ("agentic-e5f6g7h8-1735123456789", "agentic-", "-1735123456789"),
        ] {
            for alphabet in [Alphabet::Uuid, Alphabet::UpperCase, Alphabet::Digits] {
                let renamed = alphabet.rename(id);
                assert!(renamed.starts_with(start) && renamed.ends_with(end) && renamed != id, "{renamed}");
                assert_eq!(renamed, alphabet.rename(id));
            }
        }
        assert_eq!(Alphabet::Uuid.unique("x").len(), 36);
        assert!(Alphabet::Digits.unique("x").bytes().all(|byte| byte.is_ascii_digit()));
    }
}
