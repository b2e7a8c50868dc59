//! What a seed draws, and what the draws depend on.

use rand::RngExt;
use serde_json::json;

use super::*;

#[test]
fn the_first_values_of_a_seed_are_what_they_always_were() {
    let stream = Stream::new(Seed(7), "test-a");
    let digest = Digest::of("catalog.crawl.create", "/v2/crawl", &[], Some(&json!({"url": "skims.com"})));
    let draws = stream.draws("run-id", digest, 0);
    insta::assert_snapshot!(
        format!("{:016x} {} {} {}", digest.0, draws.hex8(), draws.uuid(), draws.rng().random::<u64>()),
        @"1f444ad1de34bff0 b389f799 99f789b3-2be0-464c-9524-2f4244f9d38d 16945973116741788025"
    );
}

#[test]
fn a_digest_does_not_depend_on_the_order_of_keys_or_parameters() {
    let pairs = |names: [&str; 2]| names.map(|name| (name.to_owned(), "1".to_owned()));
    let one: Value = serde_json::from_str(r#"{"a": [1, {"x": 1, "y": 2}], "b": null}"#).unwrap();
    let two: Value = serde_json::from_str(r#"{"b": null, "a": [1, {"y": 2, "x": 1}]}"#).unwrap();
    assert_eq!(
        Digest::of("op", "/", &pairs(["p", "q"]), Some(&one)),
        Digest::of("op", "/", &pairs(["q", "p"]), Some(&two)),
    );
    let three = json!({"a": [{"x": 1, "y": 2}, 1], "b": null});
    assert_ne!(Digest::of("op", "/", &[], Some(&one)), Digest::of("op", "/", &[], Some(&three)));
}

#[test]
fn seed_stream_purpose_digest_and_occurrence_each_change_the_draw() {
    let draw = |seed, name, purpose, digest, occurrence| {
        Stream::new(Seed(seed), name).draws(purpose, Digest(digest), occurrence).bits()
    };
    let base = draw(1, "a", "id", 1, 0);
    assert_eq!(base, draw(1, "a", "id", 1, 0));
    let others = [
        draw(2, "a", "id", 1, 0),
        draw(1, "b", "id", 1, 0),
        draw(1, "a", "plan", 1, 0),
        draw(1, "a", "id", 2, 0),
        draw(1, "a", "id", 1, 1),
    ];
    assert!(others.iter().all(|other| *other != base));
}

#[test]
fn content_depends_on_the_seed_and_the_identity_only() {
    assert_eq!(Seed(1).content(&[b"product", b"u"]), Seed(1).content(&[b"product", b"u"]));
    assert_ne!(Seed(1).content(&[b"product", b"u"]), Seed(1).content(&[b"productu", b""]));
    assert_ne!(Seed(1).content(&[b"product", b"u"]), Seed(2).content(&[b"product", b"u"]));
}
