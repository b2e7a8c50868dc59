use serde_json::json;

use super::*;

const KEY_1: &str = "sk-live-1+2/3";

#[test]
fn a_target_shows_no_credential_in_any_encoding() {
    for (target, expected) in [
        ("/v2/crawl", "/v2/crawl"),
        ("/v2/crawl?page_size=5&status=failed&monkey=1", "/v2/crawl?page_size=5&status=failed&monkey=1"),
        ("/v2/sk-live-1+2/3/x?a=1", "/$KEY?a=1"),
        ("/v2/crawl?a=sk-live-1+2/3&b=2", "/v2/crawl?a=$KEY&b=2"),
        ("/v2/crawl?a=x%73k-live-1%2B2%2f3y", "/v2/crawl?a=$KEY"),
        ("/v2/crawl?sk-live-1+2/3", "/v2/crawl?$KEY"),
        ("/v2/crawl?sk-live-1+2/3=1", "/v2/crawl?$KEY"),
        ("/v2/crawl/sk%2Dlive-1+2%2F3", "/v2/crawl/$KEY"),
        ("/v2/crawl?api_key=other&Token=t", "/v2/crawl?api_key=$KEY&Token=$KEY"),
    ] {
        assert_eq!(safe_target(target, Secret::of(KEY_1)), expected);
    }
    assert_eq!(safe_target("/v2/crawl?a=b&x_auth=c", Secret::NONE), "/v2/crawl?a=b&x_auth=$KEY");
}

#[test]
fn tokens_of_presigned_addresses_are_written_down_nowhere() {
    assert_eq!(safe_target("/_presigned/abc%2D1?x=1", Secret::NONE), "/_presigned/$KEY?x=1");
    assert_eq!(
        safe_target("/llama-extract/_presigned/abc/more", Secret::NONE),
        "/llama-extract/_presigned/$KEY/more"
    );
    let body = Bytes::from_static(br#"{"url": "http://a/_presigned/abc", "x": 1}"#);
    let safe = br#"{"url": "http://a/_presigned/$KEY", "x": 1}"#;
    for secret in [Secret::NONE, Secret::of(KEY_1)] {
        assert_eq!(safe_body(&body, secret, 1_000), safe[..]);
        // Also the beginning of one that is cut off.
        assert_eq!(safe_body(&body, secret, body.len() - 12), r#"{"url": "http://a/_presigned/$"#);
        assert_eq!(safe_text("no /_presigned/abc", secret), "no /_presigned/$KEY");
    }
}

#[test]
fn a_body_shows_no_credential_also_when_it_is_escaped() {
    for (body, expected) in [
        (r#"{"url": "skims.com"}"#, r#"{"url": "skims.com"}"#),
        (r#"{"url": "sk-live-1+2/3"}"#, r#"{"url": "$KEY"}"#),
        (r#"{"a\n": ["\u0073k-live-1+2\/3", {"sk\u002dlive-1+2/3": 1}]}"#, r#"{"a\n":["$KEY",{"$KEY":1}]}"#),
        (r#"{"a\n": 1}"#, r#"{"a\n": 1}"#),
        (r"\u0073k-live-1+2/3", "(left out: not JSON, with escapes)"),
    ] {
        assert_eq!(safe_body(&Bytes::from(body), Secret::of(KEY_1), 1_000), expected);
    }
}

#[test]
fn a_key_at_the_cut_is_hidden_before_it_is_cut() {
    let body = Bytes::from("0123456789sk-live-1+2/3 and so on");
    assert_eq!(safe_body(&body, Secret::of(KEY_1), 14), "0123456789$KEY");
    assert_eq!(safe_body(&body, Secret::NONE, 4), "0123");
}

#[test]
fn what_is_too_short_to_be_told_from_text_is_left_alone() {
    assert_eq!(safe_target("/v2/crawl", Secret::of("crawl")), "/v2/crawl");
}

#[test]
fn a_key_is_hidden_in_what_is_said_however_it_is_spelled_or_cut() {
    let key = r#"sk/live~0123"456789"#;
    let text = |text: &str| safe_text(text, Secret::of(key)).into_owned();
    assert_eq!(text(r#"body/a: found "sk/live~0123\"456789""#), r#"body/a: found "$KEY""#);
    assert_eq!(text(r#"body/sk~1live~00123"456789: unknown"#), "body/$KEY: unknown");
    assert_eq!(text(r#"found sk/live~0123"456789"#), "found $KEY");
    assert_eq!(text("found xxsk/live~01…, and sk/live~012…; sk/live"), "found xx$KEY…, and $KEY…; sk/live");
    assert_eq!(text("found sk/…"), "found sk/…", "too short to tell from other text");
    let mut value = json!({ "a": [key, 7], key: { "b": null } });
    make_safe(&mut value, Secret::of(key));
    assert_eq!(value, json!({ "a": ["$KEY", 7], "$KEY": { "b": null } }));
}
