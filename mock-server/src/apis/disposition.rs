//! What a client is told to call a file that it is sent (RFC 6266).

use http::HeaderValue;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

/// What stands for itself in an extended value (RFC 8187, `attr-char`).
const EXTENDED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~')
    .remove(b'!')
    .remove(b'$')
    .remove(b'&')
    .remove(b'+');
/// The longest name that is told, in characters: file systems take no longer ones.
const MOST: usize = 255;

/// A file of this name that is to be kept.
pub fn attachment(name: &str) -> HeaderValue {
    // A name is no path: whoever saves the file decides where.
    let name: String = name.rsplit(['/', '\\']).next().unwrap_or_default().chars().take(MOST).collect();
    let extended = utf8_percent_encode(&name, EXTENDED);
    HeaderValue::from_str(&format!("attachment; filename*=UTF-8''{extended}"))
        .unwrap_or_else(|_| HeaderValue::from_static("attachment"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_told_whatever_is_in_it_and_leads_nowhere() {
        assert_eq!(attachment("a b.pdf"), "attachment; filename*=UTF-8''a%20b.pdf");
        assert_eq!(attachment("../../etc/\"ä\r\n.txt"), "attachment; filename*=UTF-8''%22%C3%A4%0D%0A.txt");
    }
}
