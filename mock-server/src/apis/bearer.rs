//! Keys as `Authorization: Bearer <key>` carries them, for every API that takes them so.

use http::HeaderMap;
use http::header::AUTHORIZATION;

use crate::world::keys::KeyRefusal;

/// The scheme and the space behind it.
const SCHEME: &[u8] = b"Bearer ";

/// The key, without the spaces around it. The name of the scheme may be written in any case (RFC 9110, 11.1).
///
/// # Errors
///
/// [`KeyRefusal::Missing`] without the header, and where nothing follows the scheme; [`KeyRefusal::Malformed`] for
/// anything that is not this scheme. Whether the key is welcome is not known here.
pub fn key(headers: &HeaderMap) -> Result<&[u8], KeyRefusal> {
    let value = headers.get(AUTHORIZATION).ok_or(KeyRefusal::Missing)?.as_bytes().trim_ascii();
    match value.split_at_checked(SCHEME.len()) {
        Some((scheme, key)) if scheme.eq_ignore_ascii_case(SCHEME) => Ok(key.trim_ascii()),
        _ if value.is_empty() || value.eq_ignore_ascii_case(SCHEME.trim_ascii()) => Err(KeyRefusal::Missing),
        _ => Err(KeyRefusal::Malformed),
    }
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    #[test]
    fn a_key_is_what_follows_the_scheme() {
        for (value, right) in [
            ("Bearer k-1", Ok("k-1")),
            ("bearer   k-1 ", Ok("k-1")),
            ("BEARER a b", Ok("a b")),
            ("Bearer", Err(KeyRefusal::Missing)),
            ("Bearer  ", Err(KeyRefusal::Missing)),
            ("", Err(KeyRefusal::Missing)),
            ("Basic dTpw", Err(KeyRefusal::Malformed)),
            ("Bearerk-1", Err(KeyRefusal::Malformed)),
            ("k-1", Err(KeyRefusal::Malformed)),
        ] {
            let headers = HeaderMap::from_iter([(AUTHORIZATION, HeaderValue::from_static(value))]);
            assert_eq!(key(&headers), right.map(str::as_bytes), "{value:?}");
        }
        assert_eq!(key(&HeaderMap::new()), Err(KeyRefusal::Missing));
    }
}
