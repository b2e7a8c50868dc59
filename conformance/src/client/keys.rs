//! The keys of a run, and which of them a request shows.

/// The keys of a run.
#[derive(Debug, Clone)]
pub struct Keys {
    /// The key whose runs are looked at.
    pub a: String,
    /// A key of somebody else, if there is one.
    pub b: Option<String>,
    /// A key whose account may be made poor and slow, if there is one.
    pub c: Option<String>,
    /// A key that every server refuses.
    pub refused: String,
    /// A key that a Rehearsal knows and does not let in, if the server is one.
    pub forbidden: Option<String>,
}

impl Keys {
    /// The key that a request shows with this credential, if there is one.
    pub fn of(&self, who: Credential) -> Option<&String> {
        match who {
            Credential::None => None,
            Credential::A | Credential::BearerA | Credential::Misplaced => Some(&self.a),
            Credential::B => self.b.as_ref(),
            Credential::C => self.c.as_ref(),
            Credential::Refused | Credential::BearerRefused => Some(&self.refused),
            Credential::Forbidden => self.forbidden.as_ref(),
        }
    }

    /// Everything a request may show that lets nobody in.
    pub fn bad(&self) -> Vec<Credential> {
        let forbidden = self.forbidden.as_ref().map(|_| Credential::Forbidden);
        [Credential::None, Credential::Refused, Credential::BearerRefused]
            .into_iter()
            .chain(forbidden)
            .collect()
    }
}

/// What a request shows of the caller.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Credential {
    /// No key at all.
    None,
    /// The first key, as `x-api-key`.
    A,
    /// The first key, as a bearer token.
    BearerA,
    /// The second key.
    B,
    /// The key whose account may be made poor and slow.
    C,
    /// A key that every server refuses.
    Refused,
    /// The same, as a bearer token.
    BearerRefused,
    /// A key that a Rehearsal knows and does not let in.
    Forbidden,
    /// The first key, in a header that the API does not read.
    Misplaced,
}

impl Credential {
    /// Whether the server may let it in.
    pub fn is_good(self) -> bool {
        matches!(self, Credential::A | Credential::BearerA | Credential::B | Credential::C)
    }
}
