//! Vendors are named by host: every spelling of a shop's address is the same vendor.

use url::{Host, Url};

/// The longest address that is accepted, in bytes.
pub const ADDRESS_MAX: usize = 2_048;

/// The canonical host of a vendor given as `example.com`, `www.example.com` or `https://example.com/path`: lower case,
/// without `www.` and port. `None` when it is no address: a host has at least one dot.
pub fn vendor_host(text: &str) -> Option<String> {
    let text = text.trim();
    let has_scheme = text.split_once("://").is_some_and(|(scheme, _)| !scheme.contains(['.', '/', '?', '#']));
    if has_scheme { product_host(text) } else { product_host(&format!("https://{text}")) }
}

/// The canonical host of a product's address; `None` when the address is not an absolute `http` or `https` URL.
pub fn product_host(text: &str) -> Option<String> {
    let text = text.trim();
    if text.len() > ADDRESS_MAX {
        return None;
    }
    let url = Url::parse(text).ok().filter(|url| matches!(url.scheme(), "http" | "https"))?;
    if !url.username().is_empty() || url.password().is_some() {
        return None;
    }
    match url.host()? {
        Host::Domain(domain) => {
            let domain = domain.strip_suffix('.').unwrap_or(domain);
            let domain = domain.strip_prefix("www.").filter(|rest| rest.contains('.')).unwrap_or(domain);
            is_domain(domain).then(|| domain.to_owned())
        }
        // `1.2` is a number to the parser, and no address to anybody else.
        Host::Ipv4(ip) => Some(ip.to_string()).filter(|ip| text.contains(ip)),
        Host::Ipv6(_) => None,
    }
}

/// The host of a product's address as it is written, in lower case and with its `www.` if it has one; `None` where
/// [`product_host`] is.
pub fn written_host(text: &str) -> Option<String> {
    let canonical = product_host(text)?;
    let www = format!("www.{canonical}");
    let written = Url::parse(text.trim()).ok()?.host_str()?.trim_end_matches('.') == www;
    Some(if written { www } else { canonical })
}

/// The host with dashes for dots, as it stands in execution ids.
pub fn dashed(host: &str) -> String {
    host.replace('.', "-")
}

/// Whether it is made of at least two labels as the domain name system has them.
fn is_domain(domain: &str) -> bool {
    let is_label = |label: &str| {
        (1..=63).contains(&label.len())
            && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    domain.len() <= 253 && domain.contains('.') && domain.split('.').all(is_label)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_spelling_of_an_address_is_one_vendor() {
        for text in [
            "skims.com",
            "www.skims.com",
            "SKIMS.com",
            "https://skims.com",
            "http://www.skims.com:8080/collections?x=1",
            " skims.com ",
            "skims.com.",
            "skims.com/?u=https://a.b",
        ] {
            assert_eq!(vendor_host(text).as_deref(), Some("skims.com"), "{text}");
        }
        assert_eq!(vendor_host("shop.example.co.uk").as_deref(), Some("shop.example.co.uk"));
        assert_eq!(vendor_host("bücher.example").as_deref(), Some("xn--bcher-kva.example"));
        assert_eq!(vendor_host("http://127.0.0.1:8000/x").as_deref(), Some("127.0.0.1"));
    }

    #[test]
    fn a_written_host_keeps_its_www() {
        let written =
            ["https://WWW.skims.com/x", "https://skims.com.", "https://a.skims.com"].map(written_host);
        assert_eq!(written.map(Option::unwrap), ["www.skims.com", "skims.com", "a.skims.com"]);
        assert_eq!(written_host("skims.com"), None);
    }

    #[test]
    fn what_is_no_address_is_refused() {
        for text in
            ["", " ", "localhost", "https://invalid-url", "ftp://skims.com", "a b.com", ".", "..", "http://"]
        {
            assert_eq!(vendor_host(text), None, "{text:?}");
        }
        for label in [64, ADDRESS_MAX] {
            assert_eq!(vendor_host(&format!("{}.com", "a".repeat(label))), None);
        }
        assert_eq!(product_host("nike.com/shoe"), None);
        assert_eq!(product_host("https://nike.com/shoe").as_deref(), Some("nike.com"));
    }

    proptest::proptest! {
        #[test]
        fn no_text_makes_it_panic(text in ".{0,200}") {
            let _ = (vendor_host(&text), product_host(&text));
        }
    }
}
