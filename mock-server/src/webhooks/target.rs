//! Where deliveries may go: which addresses can be registered, and which of them are really sent to. Where files may be
//! fetched from is decided alike.

use std::net::IpAddr;
use std::str::FromStr;
use std::sync::OnceLock;

use fixtures::exchange::redaction::PRESIGNED;
use thiserror::Error;
use url::{Host, Url};

use crate::webhooks::delivery::Reason;
use crate::webhooks::inbox::is_name;

/// The longest address, in bytes.
pub const URL_MAX: usize = 2_048;
/// What of this server receives webhooks: the paths below this one.
pub const INBOXES: &str = "/_rehearsal/inbox/";

/// A host beside this machine that deliveries may go to: a name or an IP address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AllowedHost(Host<String>);

/// A text that is no bare host.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error(
    "write a host name or an IP address alone, without scheme, port or path, like hooks.example.com or 10.0.0.7"
)]
pub struct NoHost;

impl FromStr for AllowedHost {
    type Err = NoHost;

    fn from_str(text: &str) -> Result<Self, NoHost> {
        if let Ok(ip) = text.parse() {
            return Ok(Self(of_ip(ip)));
        }
        let plain = !text.is_empty() && !text.contains(['*', ',']) && text.len() <= 253;
        let host = Host::parse(text).ok().filter(|_| plain).ok_or(NoHost)?;
        // What browsers take for an address in some old notation is none to anybody else.
        match host {
            Host::Ipv4(_) => Err(NoHost),
            host => Ok(Self(bare(host))),
        }
    }
}

/// Where the deliveries of a server may go.
#[derive(Debug, Default)]
pub struct Targets {
    allowed: Vec<AllowedHost>,
    port: OnceLock<u16>,
}

/// Why an address cannot be registered.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum NoTarget {
    /// It is no absolute URL.
    #[error("url must be an absolute https address of at most {URL_MAX} bytes")]
    NoUrl,
    /// It is no address of the web.
    #[error("url must be an absolute http or https address of at most {URL_MAX} bytes")]
    NotHttp,
    /// It is not https.
    #[error(
        "url must be an https address; http is for this machine and for hosts that serve --allow-outbound names"
    )]
    NotHttps,
    /// It names a user or a password.
    #[error("url must not hold a user name or a password")]
    Credentials,
    /// Its host is an IP address.
    #[error("url must name a public host and not an IP address, unless serve --allow-outbound names it")]
    IpAddress,
    /// Its host is a name that only a local network knows.
    #[error("url must name a public host and not a local one, unless serve --allow-outbound names it")]
    LocalName,
    /// It is this server.
    #[error(
        "url is an address of this server, of which only {INBOXES}<name> receives webhooks \
         (letters, digits, dots, dashes, underscores)"
    )]
    Itself,
}

/// Why nothing is fetched from an address.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum NoSource {
    /// This host is neither this machine nor one that was allowed.
    #[error(
        "Rehearsal fetches from this machine and from hosts that serve --allow-outbound names; {0} is neither"
    )]
    NotAllowed(Box<str>),
    /// It is this server.
    #[error("Rehearsal fetches nothing from itself but files, at their presigned addresses")]
    Itself,
}

impl Targets {
    /// This machine, and these hosts.
    pub fn new(allowed: Vec<AllowedHost>) -> Self {
        Self { allowed, port: OnceLock::new() }
    }

    /// Notes where the server listens itself.
    pub fn listen(&self, port: u16) {
        // A server listens once.
        let _ = self.port.set(port);
    }

    /// Whether an address may be registered: what the vendor refuses is refused, but for this machine and the hosts that
    /// are allowed.
    pub fn register(&self, text: &str) -> Result<Url, NoTarget> {
        let (url, host) = read(text).ok_or(NoTarget::NoUrl)?;
        let ours = self.is_reachable(&host);
        if url.scheme() != "https" && !(ours && url.scheme() == "http") {
            return Err(NoTarget::NotHttps);
        }
        if has_credentials(&url) {
            return Err(NoTarget::Credentials);
        }
        match host {
            _ if self.is_itself(&url) => Err(NoTarget::Itself),
            _ if ours => Ok(url),
            Host::Ipv4(_) | Host::Ipv6(_) => Err(NoTarget::IpAddress),
            Host::Domain(name) if is_local(&name) => Err(NoTarget::LocalName),
            Host::Domain(_) => Ok(url),
        }
    }

    /// Whether an address may be named for deliveries where the vendor refuses none: any of the web but this server's,
    /// and without credentials, because it is shown. [`Self::send`] decides what is really sent there.
    pub fn accept(&self, text: &str) -> Result<Url, NoTarget> {
        let web = |(url, _): &(Url, _)| matches!(url.scheme(), "http" | "https");
        let (url, _) = read(text).filter(web).ok_or(NoTarget::NotHttp)?;
        match url {
            url if has_credentials(&url) => Err(NoTarget::Credentials),
            url if self.is_itself(&url) => Err(NoTarget::Itself),
            url => Ok(url),
        }
    }

    /// Whether a delivery may be sent to an address.
    pub fn send(&self, url: &Url) -> Result<(), Reason> {
        let host = url.host().map(|host| bare(host.to_owned()));
        if !host.is_some_and(|host| self.is_reachable(&host)) {
            return Err(Reason::NotAllowed);
        }
        if self.is_itself(url) { Err(Reason::Itself) } else { Ok(()) }
    }

    /// Whether a file may be fetched from an address. Of this server's own, those of files alone: whoever has one may
    /// read that file anyway.
    pub fn fetch(&self, url: &Url) -> Result<(), NoSource> {
        let host = url.host().map(|host| bare(host.to_owned()));
        if !host.is_some_and(|host| self.is_reachable(&host)) {
            let host: String = url.host_str().unwrap_or_default().chars().take(100).collect();
            return Err(NoSource::NotAllowed(host.into()));
        }
        let own = self.port.get().copied();
        let itself = own.is_some() && url.port_or_known_default() == own;
        let segment = url.path_segments().and_then(|mut segments| segments.next());
        if itself && segment != Some(PRESIGNED) { Err(NoSource::Itself) } else { Ok(()) }
    }

    fn is_reachable(&self, host: &Host<String>) -> bool {
        is_loopback(host) || self.allowed.iter().any(|allowed| allowed.0 == *host)
    }

    /// Whether it is this server, and not one of its inboxes. A host that is allowed may be another name of this machine,
    /// so the port decides.
    fn is_itself(&self, url: &Url) -> bool {
        let inbox = url.path().strip_prefix(INBOXES).is_some_and(is_name);
        let port = self.port.get().copied();
        port.is_some() && url.port_or_known_default() == port && !inbox
    }
}

/// An absolute URL that is not too long, and its host.
fn read(text: &str) -> Option<(Url, Host<String>)> {
    let url = Url::parse(text).ok().filter(|_| text.len() <= URL_MAX)?;
    let host = bare(url.host()?.to_owned());
    Some((url, host))
}

fn has_credentials(url: &Url) -> bool {
    !url.username().is_empty() || url.password().is_some()
}

/// The same host, in the one way in which it is compared: an IPv4 address in IPv6 is the IPv4 address, and a name ends
/// in no dot.
fn bare(host: Host<String>) -> Host<String> {
    match host {
        Host::Ipv6(ip) => of_ip(ip.into()),
        Host::Domain(name) => Host::Domain(name.strip_suffix('.').unwrap_or(&name).to_owned()),
        host @ Host::Ipv4(_) => host,
    }
}

fn of_ip(ip: IpAddr) -> Host<String> {
    match ip.to_canonical() {
        IpAddr::V4(ip) => Host::Ipv4(ip),
        IpAddr::V6(ip) => Host::Ipv6(ip),
    }
}

fn is_loopback(host: &Host<String>) -> bool {
    match host {
        Host::Domain(name) => is_loopback_name(name),
        Host::Ipv4(ip) => ip.is_loopback(),
        Host::Ipv6(ip) => ip.is_loopback(),
    }
}

/// Whether a name always means this machine (RFC 6761, 6.3).
pub fn is_loopback_name(name: &str) -> bool {
    let name = name.strip_suffix('.').unwrap_or(name);
    name == "localhost" || name.ends_with(".localhost")
}

/// Whether a name means something in a local network only. Which names the vendor means by local is our choice.
fn is_local(name: &str) -> bool {
    const LOCAL: [&str; 6] = ["local", "localdomain", "internal", "intranet", "lan", "arpa"];
    match name.rsplit_once('.') {
        None => true,
        Some((_, last)) => LOCAL.contains(&last),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn targets(allowed: &[&str]) -> Targets {
        let targets = Targets::new(allowed.iter().map(|host| host.parse().unwrap()).collect());
        targets.listen(4010);
        targets
    }

    #[test]
    fn what_the_vendor_refuses_is_refused_but_for_this_machine_and_allowed_hosts() {
        use NoTarget::{Credentials, IpAddress, Itself, LocalName, NoUrl, NotHttps};
        let targets = targets(&["printer", "10.0.0.7", "fd00::7", "Hooks.Example"]);
        let refused = |text: &str| targets.register(text).err();
        for (text, refusal) in [
            ("https://hooks.ledger-lane.example/x", None),
            ("HTTPS://HOOKS.LEDGER-LANE.EXAMPLE", None),
            ("http://hooks.ledger-lane.example/x", Some(NotHttps)),
            ("ftp://localhost/x", Some(NotHttps)),
            ("hooks.ledger-lane.example", Some(NoUrl)),
            ("https://", Some(NoUrl)),
            ("data:text/plain,x", Some(NoUrl)),
            ("https://u:p@hooks.ledger-lane.example/", Some(Credentials)),
            ("https://10.0.0.8/x", Some(IpAddress)),
            ("https://[2001:db8::1]/x", Some(IpAddress)),
            ("https://0x7f.1.1.1.1/", Some(NoUrl)),
            ("https://intranet/x", Some(LocalName)),
            ("https://nas.local/x", Some(LocalName)),
            ("https://nas.local./x", Some(LocalName)),
            ("https://metadata.google.internal/x", Some(LocalName)),
            ("http://localhost:9000/x", None),
            ("http://a.localhost:9000/x", None),
            ("http://127.9.9.9:9000", None),
            ("http://2130706433:9000", None),
            ("http://[::1]:9000/x", None),
            ("http://[::ffff:127.0.0.1]:9000/x", None),
            ("http://printer/x", None),
            ("http://10.0.0.7/x", None),
            ("http://[fd00::7]/x", None),
            ("https://hooks.example/x", None),
            ("http://localhost:4010/v1/runs", Some(Itself)),
            ("http://printer:4010/_rehearsal/reset", Some(Itself)),
            ("http://localhost:4010/_rehearsal/inbox/", Some(Itself)),
            ("http://localhost:4010/_rehearsal/inbox/../reset", Some(Itself)),
            ("http://localhost:4010/_rehearsal/inbox/a", None),
            ("http://localhost:4010/_rehearsal/inbox/a/b", Some(Itself)),
            ("http://localhost:4010/_rehearsal/inbox/%E2%98%83", Some(Itself)),
        ] {
            assert_eq!(refused(text), refusal, "{text}");
        }
        assert_eq!(refused(&format!("https://a.example/{}", "x".repeat(URL_MAX))), Some(NoUrl));
    }

    #[test]
    fn where_the_vendor_refuses_nothing_any_address_of_the_web_is_accepted_but_ours() {
        use NoTarget::{Credentials, Itself, NotHttp};
        let targets = targets(&[]);
        for (text, refusal) in [
            ("http://hooks.ledger-lane.example/x", None),
            ("https://10.0.0.8/x", None),
            ("http://localhost:9000/x", None),
            ("http://localhost:4010/_rehearsal/inbox/a", None),
            ("http://localhost:4010/_rehearsal/reset", Some(Itself)),
            ("https://u:p@hooks.ledger-lane.example/", Some(Credentials)),
            ("ftp://hooks.ledger-lane.example/x", Some(NotHttp)),
            ("hooks.ledger-lane.example", Some(NotHttp)),
            ("", Some(NotHttp)),
        ] {
            assert_eq!(targets.accept(text).err(), refusal, "{text}");
        }
        assert_eq!(targets.accept(&format!("http://a.example/{}", "x".repeat(URL_MAX))), Err(NotHttp));
    }

    #[test]
    fn only_this_machine_and_allowed_hosts_are_sent_to() {
        let targets = targets(&["hooks.example"]);
        for (text, sent) in [
            ("https://hooks.example/x", Ok(())),
            ("https://other.example/x", Err(Reason::NotAllowed)),
            ("https://hooks.example.evil.example/x", Err(Reason::NotAllowed)),
            ("http://127.0.0.1:9/x", Ok(())),
            ("http://127.0.0.1:4010/x", Err(Reason::Itself)),
            ("http://[::1]:4010/_rehearsal/inbox/a", Ok(())),
        ] {
            assert_eq!(targets.send(&Url::parse(text).unwrap()), sent, "{text}");
        }
    }

    #[test]
    fn files_are_fetched_from_this_machine_and_allowed_hosts_and_never_from_the_server() {
        let targets = targets(&["files.example"]);
        let refused = |text: &str| targets.fetch(&Url::parse(text).unwrap()).err();
        for text in
            ["https://files.example/x", "http://127.0.0.1:9/x", "http://a.localhost/x", "http://[::1]:80/"]
        {
            assert_eq!(refused(text), None, "{text}");
        }
        for text in [
            "https://other.example/x",
            "http://10.0.0.1/",
            "http://files.example.evil.example/",
            "http://0.0.0.0/",
        ] {
            assert!(matches!(refused(text), Some(NoSource::NotAllowed(_))), "{text}");
        }
        for text in
            ["http://127.0.0.1:4010/x", "http://files.example:4010/", "http://[::1]:4010/_rehearsal/inbox/a"]
        {
            assert_eq!(refused(text), Some(NoSource::Itself), "{text}");
        }
    }

    #[test]
    fn an_allowed_host_is_a_name_or_an_address_and_nothing_else() {
        for good in ["hooks.example", "printer", "10.0.0.7", "::1", "[fd00::7]"] {
            assert!(good.parse::<AllowedHost>().is_ok(), "{good}");
        }
        for bad in
            ["", "*", "*.example", "hooks.example:80", "http://hooks.example", "a/b", "10.0.0", "a b", "u@h"]
        {
            assert!(bad.parse::<AllowedHost>().is_err(), "{bad}");
        }
    }
}
