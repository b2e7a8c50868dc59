//! Signatures of deliveries: as Standard Webhooks have them, and of a body alone.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use subtle::ConstantTimeEq;

use crate::webhooks::endpoint::Secret;

/// In front of a secret that is shown.
const PREFIX: &str = "whsec_";
/// In front of a signature: the version of the scheme.
const VERSION: &str = "v1,";
/// In front of the signature of a body alone.
const BODY_ALONE: &str = "sha256=";

/// The secret as its client gets it.
pub fn shown(secret: &Secret) -> String {
    format!("{PREFIX}{}", STANDARD.encode(secret.bytes()))
}

/// The signature of a body that is delivered under this id at this instant, in whole seconds since the Unix epoch.
pub fn sign(secret: &Secret, id: &str, seconds: u64, body: &[u8]) -> String {
    signature(secret, id, &seconds.to_string(), body)
}

/// Whether one of the signatures in a header, separated by spaces, is the right one. How old the timestamp is does not
/// matter here.
pub fn is_signed(secret: &Secret, id: &str, timestamp: &str, body: &[u8], header: &str) -> bool {
    let right = signature(secret, id, timestamp, body);
    header.split(' ').any(|shown| shown.as_bytes().ct_eq(right.as_bytes()).into())
}

/// The signature of a body alone, in the notation that many services have.
pub fn sign_body(secret: &Secret, body: &[u8]) -> String {
    let digits = mac(secret, &[body]).iter().map(|byte| format!("{byte:02x}")).collect::<String>();
    format!("{BODY_ALONE}{digits}")
}

/// Whether a header holds the signature of this body alone.
pub fn is_body_signed(secret: &Secret, body: &[u8], header: &str) -> bool {
    sign_body(secret, body).as_bytes().ct_eq(header.as_bytes()).into()
}

fn signature(secret: &Secret, id: &str, timestamp: &str, body: &[u8]) -> String {
    let mac = mac(secret, &[id.as_bytes(), b".", timestamp.as_bytes(), b".", body]);
    format!("{VERSION}{}", STANDARD.encode(mac))
}

fn mac(secret: &Secret, parts: &[&[u8]]) -> Vec<u8> {
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(secret.bytes()) else {
        // A key of any length is one.
        return Vec::new();
    };
    for part in parts {
        mac.update(part);
    }
    mac.finalize().into_bytes().to_vec()
}

#[cfg(test)]
mod tests {
    use super::*;

    // Test case 2 of RFC 4231.
    #[test]
    fn a_body_alone_is_signed_as_the_algorithm_has_it() {
        let (secret, body) = (Secret::new(b"Jefe"), b"what do ya want for nothing?");
        let signed = sign_body(&secret, body);
        assert_eq!(signed, "sha256=5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
        assert!(is_body_signed(&secret, body, &signed));
        assert!(!is_body_signed(&secret, b"else", &signed));
        assert!(!is_body_signed(&secret, body, signed.trim_start_matches("sha256=")));
    }

    // The example that the specification of Standard Webhooks gives.
    #[test]
    fn a_signature_is_that_of_the_specification() {
        let secret = Secret::new(&STANDARD.decode("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").unwrap());
        let (id, seconds) = ("msg_p5jXN8AQM9LWM0D4loKWxJek", 1_614_265_330);
        let body = br#"{"test": 2432232314}"#;
        let signed = sign(&secret, id, seconds, body);
        assert_eq!(signed, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
        assert_eq!(shown(&secret), "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw");
        assert!(!format!("{secret:?}").contains("Mf"));
        for (header, right) in [
            (signed.clone(), true),
            (format!("v1,bm9uZQ== {signed}"), true),
            (signed.replace("v1,", "v2,"), false),
            (String::new(), false),
        ] {
            assert_eq!(is_signed(&secret, id, "1614265330", body, &header), right, "{header}");
        }
        assert!(!is_signed(&secret, id, "1614265331", body, &signed));
    }
}
