//! What a key may do: the settings of an account, per API.

/// The prefixes of keys that are always refused, so that a client's handling of refusals can be tried without a
/// scenario.
pub const REFUSED_PREFIXES: &[&str] = &["invalid", "expired", "revoked", "forbidden"];

/// The longest key, in bytes.
pub const MAX_KEY_BYTES: usize = 256;

/// The most accounts of a scenario.
pub const MAX_ACCOUNTS: usize = 10_000;

/// The settings of an account. The default is the most generous one.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Account {
    /// What it has at Catalog.
    pub catalog: CatalogAccount,
}

/// The settings of an account at Catalog.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CatalogAccount {
    /// The credits it begins with; `None` means that they never run out.
    pub credits: Option<u64>,
    /// Whether automatic top-up is enabled in its billing settings, which a crawl requires.
    pub auto_top_up: bool,
}

impl Default for CatalogAccount {
    fn default() -> Self {
        Self { credits: None, auto_top_up: true }
    }
}

/// A key that a scenario declares, and thereby makes one of the only welcome ones.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeclaredAccount {
    /// The key: 1 to [`MAX_KEY_BYTES`] printable ASCII characters without spaces, none of the [`REFUSED_PREFIXES`] in
    /// front, unique in the scenario.
    pub key: String,
    /// The organization. Keys of one organization share a world, and have equal settings.
    pub organization: Option<String>,
    /// Its settings: the scenario's template with the declared differences.
    pub account: Account,
}
