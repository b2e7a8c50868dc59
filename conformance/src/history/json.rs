//! JSON as servers write it.

use serde_json::Value;

/// What a text says as JSON; `None` if it is none. Half of a surrogate pair, as a server sends it that cuts its texts
/// anywhere, is JSON by its grammar and no text: it is read as the replacement character.
pub(super) fn read(text: &str) -> Option<Value> {
    serde_json::from_str(text).ok().or_else(|| serde_json::from_str(&mended(text)?).ok())
}

/// How long an escaped unit is: `\uXXXX`.
const ESCAPE: usize = 6;

/// The text with `\ufffd` for every half of a pair; `None` if there is none.
fn mended(text: &str) -> Option<String> {
    let mut mended = String::with_capacity(text.len());
    let (mut rest, mut halves) = (text, 0);
    while let Some(at) = rest.find('\\') {
        let (before, escape) = rest.split_at(at);
        mended.push_str(before);
        let length = match (unit(escape), escape.get(ESCAPE..).and_then(unit)) {
            (Some(0xd800..=0xdbff), Some(0xdc00..=0xdfff)) => 2 * ESCAPE,
            (Some(0xd800..=0xdfff), _) => {
                halves += 1;
                mended.push_str("\\ufffd");
                rest = &escape[ESCAPE..];
                continue;
            }
            (Some(_), _) => ESCAPE,
            // Another escape: the backslash and what it stands before.
            (None, _) => 1 + escape[1..].chars().next().map_or(0, char::len_utf8),
        };
        mended.push_str(&escape[..length]);
        rest = &escape[length..];
    }
    mended.push_str(rest);
    (halves > 0).then_some(mended)
}

/// The unit that an escape at the beginning of a text stands for.
fn unit(text: &str) -> Option<u16> {
    let digits = text.strip_prefix("\\u")?.get(..4)?;
    digits.bytes().all(|digit| digit.is_ascii_hexdigit()).then(|| u16::from_str_radix(digits, 16).ok())?
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn half_a_pair_is_read_as_the_replacement_character() {
        for (text, expected) in [
            (r#""\ud83d""#, "\u{fffd}"),
            (r#""a\udc00b""#, "a\u{fffd}b"),
            (r#""\ud83d\ud83d\ude00""#, "\u{fffd}\u{1f600}"),
            (r#""\\ud83d \ud83d""#, "\\ud83d \u{fffd}"),
            (r#""\u0041\n\"\ud83dx""#, "A\n\"\u{fffd}x"),
        ] {
            assert_eq!(read(text), Some(Value::from(expected)), "{text}");
        }
        for text in [r#""\ud83""#, r#""\ud83g""#, "\\", "\\u", r#""\ud83d"#, "{"] {
            assert_eq!(read(text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn whatever_is_json_is_read_as_it_is(text: String) {
            let written = Value::from(text.as_str()).to_string();
            prop_assert_eq!(read(&written), Some(Value::from(text.as_str())));
            prop_assert_eq!(mended(&written), None);
        }

        #[test]
        fn what_was_mended_has_nothing_to_mend(text in r#"[\\u"d8cDf0-9 ä]{0,24}"#) {
            if let Some(whole) = mended(&text) {
                prop_assert_eq!(mended(&whole), None);
                prop_assert!(serde_json::from_str::<Value>(&text).is_err());
            }
        }
    }
}
