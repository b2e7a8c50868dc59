//! Takes secrets out of bodies by the names of the members that hold them, however deep those stand.

use std::borrow::Cow;

use bytes::Bytes;
use fixtures::contract::Violation;
use serde_json::{Value, json};

/// What stands for a secret.
const SECRET: &str = "$SECRET";
/// What stands for a body in which secrets cannot be found.
const LEFT_OUT: &[u8] = b"(left out: not JSON, with what may be secret)";

/// The body without the values of members of these names. Of an object that is such a value the names stay. A body that
/// could have such members and is no JSON is left out as a whole.
pub fn without<'a>(body: &'a Bytes, names: &[&str]) -> Cow<'a, Bytes> {
    if !may_hold(body, names) {
        return Cow::Borrowed(body);
    }
    let Ok(mut value) = serde_json::from_slice::<Value>(body) else {
        return Cow::Owned(Bytes::from_static(LEFT_OUT));
    };
    hide(&mut value, names);
    // Also if nothing was hidden: of two members of one name only the last was looked at.
    Cow::Owned(value.to_string().into())
}

/// Whether what is said of a violation may show the value of a member of one of these names.
pub fn may_show(names: &[&str], violation: &Violation) -> bool {
    let of = |name: &&str| {
        violation.pointer.split('/').any(|step| step == *name) || violation.message.contains(name)
    };
    names.iter().any(of)
}

/// Whether a body mentions one of the names, or may do so with escapes.
fn may_hold(body: &[u8], names: &[&str]) -> bool {
    let escape = (!names.is_empty()).then_some("\\u");
    let mut needles = names.iter().copied().chain(escape).map(str::as_bytes);
    needles.any(|needle| body.windows(needle.len().max(1)).any(|part| part == needle))
}

/// As deep as a body can be: what reads it bounds that.
fn hide(value: &mut Value, names: &[&str]) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(|item| hide(item, names)),
        Value::Object(members) => {
            for (name, member) in members {
                match member {
                    member if !names.contains(&name.as_str()) => hide(member, names),
                    Value::Object(inner) => inner.values_mut().for_each(|value| *value = json!(SECRET)),
                    Value::Null => {}
                    value => *value = json!(SECRET),
                }
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

#[cfg(test)]
mod tests {
    use fixtures::contract::Place;

    use super::*;

    const NAMES: [&str; 2] = ["headers", "secret"];

    fn shown(body: &str) -> String {
        String::from_utf8(without(&Bytes::copy_from_slice(body.as_bytes()), &NAMES).to_vec()).unwrap()
    }

    #[test]
    fn what_such_a_member_holds_is_hidden_and_the_rest_stays() {
        let body = json!({ "hooks": [
            { "url": "a", "headers": { "x-a": "hush", "x-b": ["hush"] }, "secret": "hush" },
            { "secret": null, "headers": "hush" },
            { "secret": 5, "headers": ["hush"] },
            "none",
        ]});
        let expected = json!({ "hooks": [
            { "url": "a", "headers": { "x-a": SECRET, "x-b": SECRET }, "secret": SECRET },
            { "secret": null, "headers": SECRET },
            { "secret": SECRET, "headers": SECRET },
            "none",
        ]});
        assert_eq!(shown(&body.to_string()), expected.to_string());
    }

    #[test]
    fn however_a_secret_is_written_it_is_not_there() {
        for body in [
            r#"{"hooks":[{"\u0073ecret":"hush"}]}"#,
            r#"{"hooks":[{"secret":"hush"}],"hooks":[]}"#,
            r#"{"hooks":[{"secret":"hush","secret":"hush"}]}"#,
            r#"{"secret":{"secret":{"a":"hush"}}}"#,
            r#"{"hooks":[{"secret":"hush""#,
            r#"{"hooks":[{"\u0073ecret":"hush""#,
        ] {
            let shown = shown(body);
            assert!(!shown.contains("hush"), "{body}: {shown}");
        }
        for plain in [r#"{"hooks": [ ], "a":"hush"}"#, "{", ""] {
            assert_eq!(shown(plain), plain, "as it came");
        }
        let body = Bytes::from_static(br#"{"hooks":[{"secret":"hush"}]}"#);
        assert_eq!(*without(&body, &[]), body, "where no names are given");
    }

    #[test]
    fn what_is_said_of_such_a_member_or_around_it_may_show_it() {
        for (pointer, message, may) in [
            ("/hooks/0/secret", "is too long", true),
            ("/hooks/3/headers/x-a", "is no text", true),
            ("/hooks", "`{\"secret\":\"hush\"}` is no list", true),
            ("/hooks/0/url", "is no address", false),
            ("", "needs `hooks`", false),
        ] {
            let violation = Violation {
                place: Place::Body,
                pointer: pointer.to_owned(),
                keyword: "type".to_owned(),
                schema_pointer: String::new(),
                expected: String::new(),
                value: String::new(),
                message: message.to_owned(),
            };
            assert_eq!(may_show(&NAMES, &violation), may, "{pointer}");
        }
    }
}
