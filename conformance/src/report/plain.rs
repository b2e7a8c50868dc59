//! Text of a server made fit to be shown: no control characters, and no more of it than a reader wants.

/// The most of a value that is shown; the exchange holds the rest.
const LONGEST: usize = 300;

/// At most [`LONGEST`] characters of `text`, an ellipsis in place of the rest.
pub(super) fn shortened(text: &str) -> String {
    cut(text, LONGEST)
}

/// At most `most` characters of `text`, an ellipsis in place of the rest.
pub(super) fn cut(text: &str, most: usize) -> String {
    match text.char_indices().nth(most) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

/// `text` in one line, with what could move a cursor, switch a colour or turn the direction of reading spelled out.
pub(super) fn visible(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for character in text.chars() {
        if character.is_control() || is_unseen(character) {
            shown.extend(character.escape_default());
        } else {
            shown.push(character);
        }
    }
    shown
}

/// Characters without width that change how their neighbours are laid out, and the two that no XML may hold.
fn is_unseen(character: char) -> bool {
    matches!(character, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}' | '\u{fffe}' | '\u{ffff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_could_command_a_terminal_is_spelled_out() {
        assert_eq!(visible("a\u{1b}[31mb\r\nc\td\0"), r"a\u{1b}[31mb\r\nc\td\u{0}");
        assert_eq!(visible("\u{202e}txt.exe \u{9b}2J"), r"\u{202e}txt.exe \u{9b}2J");
        assert_eq!(visible("für 3 €"), "für 3 €");
    }

    #[test]
    fn a_long_text_is_cut_between_characters() {
        assert_eq!(cut("äöü", 2), "äö…");
        assert_eq!(cut("äöü", 3), "äöü");
        assert_eq!(shortened(&"x".repeat(1_000_000)).chars().count(), LONGEST + 1);
    }
}
