//! How much memory the answers of a run take once they are read, and how much they may.

/// The most memory that all answers of a run may take, in bytes.
pub const WEIGHT_MAX: u64 = 512 << 20;

/// What the answers to taking back may take on top of that, in bytes.
const LEAVING: u64 = 16 << 20;

/// What the answers so far take, and may take, in bytes.
#[derive(Debug)]
pub(super) struct Scale {
    weight: u64,
    most: u64,
}

impl Default for Scale {
    fn default() -> Self {
        Scale { weight: 0, most: WEIGHT_MAX }
    }
}

impl Scale {
    /// Puts a body on it.
    pub(super) fn add(&mut self, body: &[u8]) {
        self.weight = self.weight.saturating_add(weight(body));
    }

    /// Whether there is more on it than may be.
    pub(super) fn is_full(&self) -> bool {
        self.weight > self.most
    }

    /// Makes room for the answers to taking back what was made.
    pub(super) fn make_room(&mut self) {
        self.most = self.weight.max(WEIGHT_MAX).saturating_add(LEAVING);
    }
}

/// What an object takes beside its text: a node of a map has room for several members.
const OBJECT: u64 = 640;

/// What any value in a list or an object takes.
const VALUE: u64 = 32;

/// An upper estimate, in bytes, of what is kept of a body: its text and its JSON. A server can send objects of seven
/// bytes that take a hundred times as much, so the length alone says little.
fn weight(body: &[u8]) -> u64 {
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
