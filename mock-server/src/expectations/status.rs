//! Patterns for the status of an answer.

use http::StatusCode;

/// Which statuses are meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StatusPattern {
    /// This one.
    Exactly(u16),
    /// All that begin with this digit.
    Class(u16),
    /// None at all: the client left before it was answered.
    Unanswered,
}

impl StatusPattern {
    /// What can be written, for messages.
    pub const FORMS: &'static str =
        "a status (`200`), a class of them (`5xx`), or `none` for a client that left before it was answered";

    /// Reads one of [`Self::FORMS`].
    pub fn parse(text: &str) -> Option<Self> {
        if text == "none" {
            return Some(Self::Unanswered);
        }
        let [class @ b'1'..=b'5', rest @ ..] = text.as_bytes() else { return None };
        match rest {
            b"xx" => Some(Self::Class(u16::from(class - b'0'))),
            [b'0'..=b'9', b'0'..=b'9'] => text.parse().ok().map(Self::Exactly),
            _ => None,
        }
    }

    /// Whether it is meant.
    pub fn matches(self, status: Option<StatusCode>) -> bool {
        match (self, status.map(|status| status.as_u16())) {
            (Self::Exactly(expected), Some(status)) => status == expected,
            (Self::Class(class), Some(status)) => status / 100 == class,
            (Self::Unanswered, status) => status.is_none(),
            (_, None) => false,
        }
    }
}
