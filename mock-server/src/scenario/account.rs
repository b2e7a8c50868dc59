//! What a key may do: the settings of an account, per API.

use std::time::Duration;

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
    /// What it has at Extralt.
    pub extralt: ExtraltAccount,
    /// What it has at LlamaExtract.
    pub llama_extract: LlamaExtractAccount,
}

/// The settings of an account at Catalog.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CatalogAccount {
    /// The credits it begins with; `None` means that they never run out.
    pub credits: Option<u64>,
    /// Whether automatic top-up is enabled in its billing settings, which a crawl requires.
    pub auto_top_up: bool,
    /// How many requests it may make; `None` means as many as it likes.
    pub rate_limit: Option<RateLimit>,
}

impl Default for CatalogAccount {
    fn default() -> Self {
        Self { credits: None, auto_top_up: true, rate_limit: None }
    }
}

/// So many requests within any stretch of time of a certain length.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RateLimit {
    requests: u32,
    per: Duration,
}

/// The limit that Catalog documents (page "Rate limits").
pub const CATALOG_RATE_LIMIT: RateLimit = RateLimit { requests: 50, per: Duration::from_secs(4) };

impl RateLimit {
    /// The most requests of a limit: a world remembers when it admitted each of them.
    pub const REQUESTS_MAX: u32 = 10_000;
    /// The longest stretch of time of a limit.
    pub const PER_MAX: Duration = Duration::from_secs(24 * 60 * 60);

    /// A limit of 1 to [`Self::REQUESTS_MAX`] requests in up to [`Self::PER_MAX`]; `None` beyond these bounds.
    pub fn new(requests: u64, per: Duration) -> Option<Self> {
        let requests =
            u32::try_from(requests).ok().filter(|count| (1..=Self::REQUESTS_MAX).contains(count))?;
        (!per.is_zero() && per <= Self::PER_MAX).then_some(Self { requests, per })
    }

    /// How many requests.
    pub fn requests(self) -> u32 {
        self.requests
    }

    /// Within how much time.
    pub fn per(self) -> Duration {
        self.per
    }
}

/// The settings of an account at Extralt.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ExtraltAccount {
    /// What it has subscribed to.
    pub plan: Plan,
    /// The credits it begins with; `None` means that they never run out.
    pub credits: Option<u64>,
    /// How many requests it may make; `None` means as many as it likes.
    pub rate_limit: Option<TokenBucket>,
}

/// What can be subscribed to at Extralt.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Plan {
    /// One run works at a time, the others wait.
    Start,
    /// As many runs work as there are.
    #[default]
    Scale,
}

impl Plan {
    /// Both, in the order in which messages list them.
    pub const ALL: &'static [Self] = &[Self::Start, Self::Scale];

    /// The name in scenarios.
    pub fn name(self) -> &'static str {
        match self {
            Self::Start => "start",
            Self::Scale => "scale",
        }
    }
}

/// A bucket that begins full, loses a token to each request, and is refilled steadily: so many tokens in a stretch of
/// time. A request that finds it empty is not answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TokenBucket {
    requests: u32,
    per: Duration,
    burst: u32,
}

/// The limit that Extralt documents (page "Rate limits": about 120 requests a minute, bursts of 30).
pub const EXTRALT_RATE_LIMIT: TokenBucket =
    TokenBucket { requests: 120, per: Duration::from_secs(60), burst: 30 };

impl TokenBucket {
    /// A bucket of `burst` tokens into which come `requests` of them `per` stretch of time; both are from 1 to
    /// [`RateLimit::REQUESTS_MAX`], the time is up to [`RateLimit::PER_MAX`]. `None` beyond these bounds.
    pub fn new(requests: u64, per: Duration, burst: u64) -> Option<Self> {
        let sustained = RateLimit::new(requests, per)?;
        let burst = RateLimit::new(burst, per)?.requests();
        Some(Self { requests: sustained.requests, per, burst })
    }

    /// How many tokens come into it within [`Self::per`].
    pub fn requests(self) -> u32 {
        self.requests
    }

    /// The time in which [`Self::requests`] tokens come into it.
    pub fn per(self) -> Duration {
        self.per
    }

    /// How many tokens it holds.
    pub fn burst(self) -> u32 {
        self.burst
    }
}

/// The settings of an account at LlamaExtract.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct LlamaExtractAccount {
    /// How many requests it may make; `None` means as many as it likes.
    pub rate_limit: Option<RateLimit>,
}

/// The limit that LlamaExtract documents for a free account (page "Rate limits": 20 requests a minute).
pub const LLAMA_EXTRACT_RATE_LIMIT: RateLimit = RateLimit { requests: 20, per: Duration::from_secs(60) };

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
