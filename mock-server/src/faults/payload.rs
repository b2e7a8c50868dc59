//! Bodies that no client can read as what they should be.

use bytes::Bytes;

/// A gateway's page where JSON was expected. It names nobody: any proxy may stand there.
pub const GATEWAY_PAGE: &str = "<!DOCTYPE html>\n<html>\n<head><title>502 Bad Gateway</title></head>\n<body>\n\
    <h1>502 Bad Gateway</h1>\n<p>The upstream server could not be reached.</p>\n</body>\n</html>\n";

/// The first half of a JSON text: never JSON itself, because whatever it opens is not closed.
pub fn malformed(json: &Bytes) -> Bytes {
    let half = json.slice(..json.len().div_ceil(2).min(json.len().saturating_sub(1)));
    // Of nothing, or of a number, half could be JSON.
    if serde_json::from_slice::<serde::de::IgnoredAny>(&half).is_ok() || half.is_empty() {
        return Bytes::from_static(b"{\"");
    }
    half
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::Value;

    use super::*;

    proptest! {
        #[test]
        fn what_is_malformed_is_never_json(text in r#"[\[{"a-z0-9:,} \]]{0,30}|[0-9]{0,12}"#) {
            prop_assert!(serde_json::from_slice::<Value>(&malformed(&Bytes::from(text))).is_err());
        }
    }
}
