//! How much memory an answer takes once it is read.

/// What an object takes beside its text: a node of a map has room for several members.
const OBJECT: u64 = 640;

/// What any value in a list or an object takes.
const VALUE: u64 = 32;

/// An upper estimate, in bytes, of what is kept of a body: its text and its JSON. A server can send objects of seven
/// bytes that take a hundred times as much, so the length alone says little.
pub(super) fn weight(body: &[u8]) -> u64 {
    let values = body.iter().map(|byte| match byte {
        b'{' => OBJECT,
        b'[' | b',' => VALUE,
        _ => 0,
    });
    values.sum::<u64>() + body.len() as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn small_values_weigh_more_than_long_texts() {
        let text = serde_json::to_vec(&"x".repeat(7_000)).expect("it is JSON");
        let objects = br#"{"":0},"#.repeat(1_000);
        assert_eq!(weight(&text), 7_002);
        assert_eq!(weight(&objects), 7_000 + 1_000 * (OBJECT + VALUE));
    }
}
