//! Takes credentials out of what is written down: the key a request came with, in any spelling, and what a query
//! parameter calls one, and the tokens of presigned addresses.

use std::borrow::Cow;

use bytes::Bytes;
use fixtures::exchange::redaction::{PRESIGNED, SHORTEST_SECRET, hide_tokens};
use percent_encoding::percent_decode_str;
use serde_json::Value;

pub mod members;

/// What stands for a credential.
const KEY: &str = "$KEY";
/// What stands where the rest of a value was left out.
const CUT: char = '\u{2026}';

/// Words that name a credential, as a whole part of a query parameter's name (`api_key`, `auth-token`).
const SECRET_WORDS: [&str; 7] = ["key", "apikey", "token", "secret", "auth", "authorization", "password"];

/// A key as something that must not be written down. One that is shorter than [`SHORTEST_SECRET`] bytes cannot be told
/// from ordinary text and is not looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Secret<'a>(Option<&'a str>);

impl<'a> Secret<'a> {
    /// Nothing to hide.
    pub const NONE: Self = Self(None);

    /// Hides `key`.
    pub fn of(key: &'a str) -> Self {
        Self(Some(key).filter(|key| key.len() >= SHORTEST_SECRET))
    }

    /// `text` with every occurrence replaced.
    pub fn hidden_in<'t>(self, text: &'t str) -> Cow<'t, str> {
        match self.0.filter(|secret| text.contains(secret)) {
            Some(secret) => text.replace(secret, KEY).into(),
            None => text.into(),
        }
    }

    /// Whether it stands in a percent-encoded text, however much of it is encoded.
    fn is_in_encoded(self, text: &str) -> bool {
        self.0.is_some_and(|secret| {
            text.contains(secret)
                || (text.contains('%') && percent_decode_str(text).decode_utf8_lossy().contains(secret))
        })
    }
}

/// A text without the tokens of presigned addresses.
fn without_tokens(text: Cow<'_, str>) -> Cow<'_, str> {
    match text {
        Cow::Borrowed(text) => hide_tokens(text, |_| KEY.to_owned()),
        Cow::Owned(text) => hide_tokens(&text, |_| KEY.to_owned()).into_owned().into(),
    }
}

/// A path and query without credentials.
pub fn safe_target<'a>(target: &'a str, secret: Secret<'_>) -> Cow<'a, str> {
    without_tokens(keyless_target(target, secret))
}

fn keyless_target<'a>(target: &'a str, secret: Secret<'_>) -> Cow<'a, str> {
    let Some((path, query)) = target.split_once('?') else { return safe_path(target, secret) };
    let path = safe_path(path, secret);
    if !query.split('&').any(|pair| is_secret(pair, secret)) && matches!(path, Cow::Borrowed(_)) {
        return target.into();
    }
    let pairs: Vec<Cow<'_, str>> = query.split('&').map(|pair| safe_pair(pair, secret)).collect();
    format!("{path}?{}", pairs.join("&")).into()
}

/// The start of a body, at most `most` bytes, without the key: as it stands, or escaped in a JSON string; and without the
/// tokens of presigned addresses.
pub fn safe_body(body: &Bytes, secret: Secret<'_>, most: usize) -> Bytes {
    let keyless = keyless_body(body, secret, most);
    if !keyless.windows(PRESIGNED.len()).any(|window| window == PRESIGNED.as_bytes()) {
        return keyless;
    }
    cut(without_tokens(String::from_utf8_lossy(&keyless)).into_owned(), most)
}

fn keyless_body(body: &Bytes, secret: Secret<'_>, most: usize) -> Bytes {
    let start = body.slice(..body.len().min(most));
    let Some(key) = secret.0 else { return own(start) };
    let text = String::from_utf8_lossy(body);
    let clean = secret.hidden_in(&text);
    if !clean.contains('\\') {
        return match clean {
            Cow::Borrowed(_) => own(start),
            Cow::Owned(clean) => cut(clean, most),
        };
    }
    match serde_json::from_str::<Value>(&clean) {
        Ok(mut value) => {
            if hide(&mut value, key) {
                cut(value.to_string(), most)
            } else {
                cut(clean.into_owned(), most)
            }
        }
        // Escapes in what is no JSON could spell the key in ways nobody can foresee.
        Err(_) => Bytes::from_static(b"(left out: not JSON, with escapes)"),
    }
}

/// What is said about a request, without the key: as it stands, as a JSON pointer or a JSON string spells it, or with its
/// end cut off.
pub fn safe_text<'t>(text: &'t str, secret: Secret<'_>) -> Cow<'t, str> {
    without_tokens(keyless_text(text, secret))
}

fn keyless_text<'t>(text: &'t str, secret: Secret<'_>) -> Cow<'t, str> {
    // Most requests have nothing said about them, and cost nothing here.
    let Some(key) = secret.0.filter(|_| !text.is_empty()) else { return text.into() };
    let quoted = Value::from(key).to_string();
    let pointer = key.replace('~', "~0").replace('/', "~1");
    let spellings = [key, &pointer, quoted.trim_matches('"')];
    spellings.iter().fold(Cow::Borrowed(text), |text, spelling| {
        let text = if text.contains(spelling) { text.replace(spelling, KEY).into() } else { text };
        without_starts(text, spelling)
    })
}

/// The text with nothing of the key in front of an ellipsis, which stands where a value was too long.
fn without_starts<'t>(text: Cow<'t, str>, key: &str) -> Cow<'t, str> {
    let starts = || (SHORTEST_SECRET..=key.len()).rev().filter_map(|end| key.get(..end));
    let start_of = |part: &str| starts().find(|start| part.ends_with(start)).map(str::len);
    let Some((shown, rest)) = text.rsplit_once(CUT) else { return text };
    let parts: Vec<Cow<'_, str>> = shown
        .split(CUT)
        .map(|part| match start_of(part) {
            Some(length) => format!("{}{KEY}", &part[..part.len() - length]).into(),
            None => part.into(),
        })
        .collect();
    if parts.iter().all(|part| matches!(part, Cow::Borrowed(_))) {
        return text;
    }
    format!("{}{CUT}{rest}", parts.join("\u{2026}")).into()
}

/// Takes the key out of every string and member name of a JSON value, however it is spelled there.
pub fn make_safe(value: &mut Value, secret: Secret<'_>) {
    match value {
        Value::String(text) => {
            if let Cow::Owned(safe) = safe_text(text, secret) {
                *text = safe;
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| make_safe(item, secret)),
        Value::Object(members) => {
            for (name, mut value) in std::mem::take(members) {
                make_safe(&mut value, secret);
                members.insert(safe_text(&name, secret).into_owned(), value);
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

fn safe_path<'a>(path: &'a str, secret: Secret<'_>) -> Cow<'a, str> {
    if !secret.is_in_encoded(path) {
        return path.into();
    }
    let segments: Vec<Cow<'_, str>> = path
        .split('/')
        .map(|segment| match secret.hidden_in(segment) {
            Cow::Borrowed(_) if secret.is_in_encoded(segment) => KEY.into(),
            hidden => hidden,
        })
        .collect();
    let safe = segments.join("/");
    // A key with a slash in it spans segments.
    if secret.is_in_encoded(&safe) { format!("/{KEY}").into() } else { safe.into() }
}

/// Whether a parameter or a header of this name is called a credential.
pub fn is_called_secret(name: &str) -> bool {
    name.split(|c: char| !c.is_ascii_alphanumeric())
        .any(|word| SECRET_WORDS.iter().any(|secret| word.eq_ignore_ascii_case(secret)))
}

fn is_secret(pair: &str, secret: Secret<'_>) -> bool {
    let name = pair.split('=').next().unwrap_or(pair);
    (is_called_secret(name) && name.len() < pair.len()) || secret.is_in_encoded(pair)
}

fn safe_pair<'a>(pair: &'a str, secret: Secret<'_>) -> Cow<'a, str> {
    match pair.split_once('=') {
        _ if !is_secret(pair, secret) => pair.into(),
        Some((name, _)) if !secret.is_in_encoded(name) => format!("{name}={KEY}").into(),
        _ => KEY.into(),
    }
}

/// Hides the key in every string and member name. Whether there was any.
fn hide(value: &mut Value, key: &str) -> bool {
    match value {
        Value::String(text) => {
            let found = text.contains(key);
            if found {
                *text = text.replace(key, KEY);
            }
            found
        }
        Value::Array(items) => {
            let mut found = false;
            for item in items {
                found |= hide(item, key);
            }
            found
        }
        Value::Object(members) => {
            let found = members.keys().any(|name| name.contains(key));
            if found {
                *members = std::mem::take(members)
                    .into_iter()
                    .map(|(name, value)| (name.replace(key, KEY), value))
                    .collect();
            }
            let mut found = found;
            for value in members.values_mut() {
                found |= hide(value, key);
            }
            found
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => false,
    }
}

/// The bytes on their own, without the rest of a larger body they were cut from.
fn own(bytes: Bytes) -> Bytes {
    if bytes.is_unique() { bytes } else { Bytes::copy_from_slice(&bytes) }
}

fn cut(mut text: String, most: usize) -> Bytes {
    text.truncate(text.floor_char_boundary(most));
    text.into()
}

#[cfg(test)]
mod tests;
