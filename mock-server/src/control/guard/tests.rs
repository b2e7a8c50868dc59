use super::*;

fn checked(request: &Request) -> Result<(), ControlError> {
    check(request, &Access::default())
}

fn verdict(headers: &[(&str, &str)]) -> Result<(), ControlError> {
    let mut request = Request::builder().uri("/health");
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    checked(&request.body(axum::body::Body::empty()).unwrap())
}

#[test]
fn loopback_names_are_let_in() {
    for host in [
        "127.0.0.1:4010",
        "localhost:4010",
        "LOCALHOST",
        "[::1]:4010",
        "127.9.9.9",
        "a.localhost",
        "[::ffff:127.0.0.1]",
    ] {
        assert_eq!(verdict(&[("host", host)]), Ok(()), "{host}");
    }
    assert_eq!(verdict(&[("host", "localhost:4010"), ("origin", "http://localhost:4010")]), Ok(()));
}

#[test]
fn foreign_hosts_and_origins_are_kept_out() {
    for host in ["example.com", "127.0.0.1.example.com", "localhost.example.com", "10.0.0.1", "0.0.0.0"] {
        assert!(verdict(&[("host", host)]).is_err(), "{host}");
    }
    assert!(verdict(&[]).is_err());
    for origin in ["http://example.com", "http://localhost:3000", "null", "http://127.0.0.1:4010.example.com"]
    {
        assert!(verdict(&[("host", "127.0.0.1:4010"), ("origin", origin)]).is_err(), "{origin}");
    }
    assert!(verdict(&[("host", "127.0.0.1:4010"), ("sec-fetch-site", "cross-site")]).is_err());
}

#[test]
fn a_host_that_says_more_than_a_name_is_kept_out() {
    assert!(verdict(&[("host", "user@localhost")]).is_err());
    assert!(verdict(&[("host", "example.com@localhost:4010")]).is_err());
    assert!(verdict(&[("host", "localhost"), ("host", "localhost")]).is_err());
    assert!(verdict(&[("host", "localhost"), ("host", "example.com")]).is_err());
    let target = |target, host| {
        let request = Request::get(target).header("host", host);
        checked(&request.body(axum::body::Body::empty()).unwrap())
    };
    assert_eq!(target("http://localhost:4010/health", "localhost:4010"), Ok(()));
    assert!(target("http://localhost:4010/health", "example.com").is_err());
    assert!(target("http://example.com/health", "localhost:4010").is_err());
}

#[test]
fn an_origin_behind_tls_is_foreign() {
    let host = ("host", "localhost:4010");
    assert!(verdict(&[host, ("origin", "https://localhost:4010")]).is_err());
    let own = ("origin", "http://localhost:4010");
    assert!(verdict(&[host, own, ("origin", "http://example.com")]).is_err());
}

#[test]
fn another_machine_is_kept_out_whatever_it_says() {
    let mut request = Request::builder()
        .uri("/health")
        .header("host", "localhost")
        .body(axum::body::Body::empty())
        .unwrap();
    request.extensions_mut().insert(ConnectInfo(SocketAddr::from(([10, 0, 0, 7], 5000))));
    assert!(checked(&request).is_err());
}

/// The verdict on a request with these headers where that is said of callers.
fn told(access: &Access, target: &str, peer: [u8; 4], headers: &[(&str, &str)]) -> Result<(), ControlError> {
    let mut request = Request::builder().uri(target);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let mut request = request.body(axum::body::Body::empty()).unwrap();
    request.extensions_mut().insert(ConnectInfo(SocketAddr::from((peer, 5000))));
    check(&request, access)
}

const LOCAL: [u8; 4] = [127, 0, 0, 1];
const REMOTE: [u8; 4] = [10, 0, 0, 7];

#[test]
fn whoever_shows_the_token_is_let_in_from_anywhere() {
    let token = Some("hush-hush-hush".parse().unwrap());
    let access = Access { token, ..Access::default() };
    let host = ("host", "localhost");
    let shown = (TOKEN_HEADER, "hush-hush-hush");
    for peer in [LOCAL, REMOTE] {
        assert_eq!(told(&access, "/clock", peer, &[host, shown]), Ok(()));
        assert_eq!(told(&access, "/health", peer, &[host]), Ok(()));
        for wrong in ["hush-hush-hus", "hush-hush-hush!", "HUSH-HUSH-HUSH", ""] {
            assert!(told(&access, "/clock", peer, &[host, (TOKEN_HEADER, wrong)]).is_err(), "{wrong}");
        }
        assert!(told(&access, "/clock", peer, &[host]).is_err());
        assert!(told(&access, "/clock", peer, &[host, shown, shown]).is_err());
        assert!(told(&access, "/health/", peer, &[host]).is_err());
        // It opens no other door.
        assert!(told(&access, "/clock", peer, &[("host", "evil.example"), shown]).is_err());
        assert!(told(&access, "/clock", peer, &[host, shown, ("origin", "http://evil.example")]).is_err());
    }
}

#[test]
fn further_names_of_the_server_are_let_in() {
    let hosts = ["Dev.example.com", "10.0.0.7"].map(|host| host.parse().unwrap()).into();
    let access = Access { hosts, ..Access::default() };
    for host in ["dev.example.com:4010", "DEV.example.com", "10.0.0.7:1", "[::ffff:10.0.0.7]", "localhost"] {
        assert_eq!(told(&access, "/clock", LOCAL, &[("host", host)]), Ok(()), "{host}");
    }
    for host in ["a.dev.example.com", "example.com", "10.0.0.8", "user@dev.example.com"] {
        assert!(told(&access, "/clock", LOCAL, &[("host", host)]).is_err(), "{host}");
    }
    let own = [("host", "dev.example.com:4010"), ("origin", "http://dev.example.com:4010")];
    assert_eq!(told(&access, "/clock", LOCAL, &own), Ok(()));
    assert!(told(&access, "/clock", REMOTE, &own).is_err(), "a name is no reason to answer another machine");
}

#[test]
fn pages_of_named_origins_are_let_in() {
    let origins = vec!["https://app.example.com".parse().unwrap()];
    let access = Access { origins, ..Access::default() };
    let host = ("host", "localhost:4010");
    let site = ("sec-fetch-site", "cross-site");
    let origin = ("origin", "https://app.example.com");
    assert_eq!(told(&access, "/clock", LOCAL, &[host, origin, site]), Ok(()));
    assert!(told(&access, "/clock", LOCAL, &[host, site]).is_err(), "it does not say which page");
    for foreign in ["http://app.example.com", "https://app.example.com:8443", "https://example.com", "null"] {
        assert!(told(&access, "/clock", LOCAL, &[host, ("origin", foreign)]).is_err(), "{foreign}");
        assert!(told(&access, "/clock", LOCAL, &[host, origin, ("origin", foreign), site]).is_err());
    }
    assert!(told(&access, "/clock", LOCAL, &[("host", "evil.example"), origin]).is_err());
}

#[test]
fn webhooks_come_without_a_token_from_this_machine_alone() {
    let access = Access { token: Some("hush-hush-hush".parse().unwrap()), ..Access::default() };
    let sent = |method: &str, path: &str, peer: [u8; 4], headers: &[(&str, &str)]| {
        let request = Request::builder().method(method).uri(path).header("host", "localhost");
        let request = headers.iter().fold(request, |request, (name, value)| request.header(*name, *value));
        let mut request = request.body(axum::body::Body::empty()).unwrap();
        request.extensions_mut().insert(ConnectInfo(SocketAddr::from((peer, 5000))));
        check(&request, &access)
    };
    assert_eq!(sent("POST", "/inbox/shop", LOCAL, &[]), Ok(()));
    assert_eq!(sent("POST", "/inbox/shop", REMOTE, &[(TOKEN_HEADER, "hush-hush-hush")]), Ok(()));
    assert!(sent("POST", "/inbox/shop", REMOTE, &[]).is_err());
    assert!(sent("POST", "/inbox/shop", LOCAL, &[("origin", "http://evil.example")]).is_err());
    for (method, path) in
        [("GET", "/inbox/shop"), ("DELETE", "/inbox/shop"), ("POST", "/inbox"), ("POST", "/reset")]
    {
        assert!(sent(method, path, LOCAL, &[]).is_err(), "{method} {path}");
    }
}
