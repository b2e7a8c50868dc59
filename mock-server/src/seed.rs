//! The only source of randomness: every draw is a hash of the seed and of what is being decided, never the next value
//! of a shared stream, so one more request shifts no other decision.

use std::hash::{BuildHasher, Hasher, RandomState};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use rand::SeedableRng;
use rand::rngs::ChaCha12Rng;
use serde_json::Value;
use siphasher::sip128::{Hasher128, SipHasher24};
use uuid::Uuid;

const CONTENT: &str = "content";
const IDENTITY: &str = "identity";
const MARK: &str = "mark";

/// How long the mark of a world is, in characters.
pub const MARK_LENGTH: usize = 22;

/// The seed of a server or a world. It is printed at the start, so that a run can be repeated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Seed(pub u64);

impl Seed {
    /// A seed that nobody chose: short enough to be typed again.
    pub fn drawn() -> Self {
        // The standard library seeds its hash tables from the system's entropy.
        Self(RandomState::new().hash_one(0_u8) >> 40)
    }

    /// The key of a piece of content: the same seed and the same identity (`["catalog.product", url]`) give the same
    /// content in every world, whenever and however often it is made.
    pub fn content(self, identity: &[&[u8]]) -> [u8; 32] {
        hash(self, CONTENT, identity)
    }
}

/// The draws of one world: the seed and the world's name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stream {
    seed: Seed,
    name: Box<str>,
}

impl Stream {
    /// The stream `name` (an organization or a key) under `seed`.
    pub fn new(seed: Seed, name: &str) -> Self {
        Self { seed, name: name.into() }
    }

    /// The world's name in its draws.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The seed behind it.
    pub fn seed(&self) -> Seed {
        self.seed
    }

    /// What names this world where no key does: letters, digits, dashes and underscores that do not show its name. It is
    /// drawn from the name alone, because a world that begins again with another seed is still the same.
    pub fn mark(&self) -> String {
        let drawn = hash(Seed(0), MARK, &[self.name.as_bytes()]);
        URL_SAFE_NO_PAD.encode(&drawn[..16])
    }

    /// The draws for one decision: `purpose` (`run-id`, `plan`) about the `occurrence`-th request with this digest.
    pub fn draws(&self, purpose: &str, digest: Digest, occurrence: u64) -> Draws {
        let identity: [&[u8]; 4] =
            [self.name.as_bytes(), purpose.as_bytes(), &digest.0.to_le_bytes(), &occurrence.to_le_bytes()];
        Draws { key: hash(self.seed, IDENTITY, &identity) }
    }
}

/// What one decision draws from.
#[derive(Debug, Clone)]
pub struct Draws {
    key: [u8; 32],
}

impl Draws {
    /// A generator for decisions that need several values. Named, so that its values outlive upgrades.
    pub fn rng(&self) -> ChaCha12Rng {
        ChaCha12Rng::from_seed(self.key)
    }

    /// A generator for part `number` of a decision: what other parts take from theirs does not shift it.
    pub fn part(&self, number: u64) -> ChaCha12Rng {
        let mut rng = self.rng();
        rng.set_stream(number);
        rng
    }

    /// Eight lower-case hexadecimal digits.
    pub fn hex8(&self) -> String {
        format!("{:08x}", u32::from_le_bytes([self.key[0], self.key[1], self.key[2], self.key[3]]))
    }

    /// A version 4 UUID.
    pub fn uuid(&self) -> Uuid {
        let mut bytes = [0; 16];
        bytes.copy_from_slice(&self.key[..16]);
        uuid::Builder::from_random_bytes(bytes).into_uuid()
    }

    /// 128 bits.
    pub fn bits(&self) -> u128 {
        let mut bytes = [0; 16];
        bytes.copy_from_slice(&self.key[..16]);
        u128::from_le_bytes(bytes)
    }
}

/// A digest of what a request asks for: operation, canonical query and canonical body. The credential is left out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Digest(pub u64);

impl Digest {
    /// The digest of a request for `operation` on `target` (its path), with these query pairs in any order and this
    /// body, whose object keys may stand in any order.
    pub fn of(operation: &str, target: &str, query: &[(String, String)], body: Option<&Value>) -> Self {
        let mut hasher = SipHasher24::new();
        write_text(&mut hasher, operation);
        write_text(&mut hasher, target);
        if query.len() > 1 {
            let mut sorted: Vec<_> = query.iter().collect();
            sorted.sort();
            sorted.into_iter().for_each(|(name, value)| write_pair(&mut hasher, name, value));
        } else {
            query.iter().for_each(|(name, value)| write_pair(&mut hasher, name, value));
        }
        if let Some(body) = body {
            write_value(&mut hasher, body);
        }
        Self(hasher.finish128().h1)
    }

    /// The digest of a request whose body could not be read as what it should be: of its bytes.
    pub fn of_bytes(method: &str, target: &str, body: &[u8]) -> Self {
        let mut hasher = SipHasher24::new();
        write_text(&mut hasher, method);
        write_text(&mut hasher, target);
        write_bytes(&mut hasher, body);
        Self(hasher.finish128().h1)
    }
}

/// The digest of bytes that arrive in pieces. However they are cut, the same bytes have the same digest.
#[derive(Debug, Clone, Default)]
pub struct ByteDigest(SipHasher24);

impl ByteDigest {
    /// Takes in the next bytes.
    pub fn feed(&mut self, bytes: &[u8]) {
        self.0.write(bytes);
    }

    /// The digest of all of them.
    pub fn digest(&self) -> Digest {
        Digest(self.0.finish128().h1)
    }
}

fn hash(seed: Seed, family: &str, identity: &[&[u8]]) -> [u8; 32] {
    let mut key = [0; 32];
    for (half, bytes) in key.chunks_exact_mut(16).enumerate() {
        let mut hasher = SipHasher24::new_with_keys(seed.0, half as u64);
        write_text(&mut hasher, family);
        for part in identity {
            write_bytes(&mut hasher, part);
        }
        bytes.copy_from_slice(&hasher.finish128().as_bytes());
    }
    key
}

// Lengths go first, so that no two different identities write the same bytes.
fn write_bytes(hasher: &mut SipHasher24, bytes: &[u8]) {
    hasher.write(&(bytes.len() as u64).to_le_bytes());
    hasher.write(bytes);
}

fn write_text(hasher: &mut SipHasher24, text: &str) {
    write_bytes(hasher, text.as_bytes());
}

fn write_pair(hasher: &mut SipHasher24, name: &str, value: &str) {
    write_text(hasher, name);
    write_text(hasher, value);
}

fn write_value(hasher: &mut SipHasher24, value: &Value) {
    match value {
        Value::Null => hasher.write(b"n"),
        Value::Bool(flag) => hasher.write(if *flag { b"t" } else { b"f" }),
        Value::Number(number) => {
            hasher.write(b"#");
            write_text(hasher, &number.to_string());
        }
        Value::String(text) => {
            hasher.write(b"s");
            write_text(hasher, text);
        }
        Value::Array(items) => {
            hasher.write(b"[");
            hasher.write(&(items.len() as u64).to_le_bytes());
            items.iter().for_each(|item| write_value(hasher, item));
        }
        Value::Object(members) => {
            hasher.write(b"{");
            hasher.write(&(members.len() as u64).to_le_bytes());
            let mut sorted: Vec<_> = members.iter().collect();
            sorted.sort_by_key(|(name, _)| *name);
            for (name, value) in sorted {
                write_text(hasher, name);
                write_value(hasher, value);
            }
        }
    }
}

#[cfg(test)]
mod tests;
