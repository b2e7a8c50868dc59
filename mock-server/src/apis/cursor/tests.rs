use super::*;
use crate::apis::stand::{self, world};
use crate::webhooks::target::Targets;

/// What a request for this list makes of a cursor.
fn with<T>(operation: &'static str, act: impl FnOnce(&Call<'_>) -> T) -> T {
    stand::with(operation, &Targets::default(), act)
}

#[test]
fn a_cursor_is_good_for_its_own_list_only() {
    let (own, other) = (world("test-a"), world("test-b"));
    let text = with("lamps.list", |call| after(call, &own, "red", "lamp-5"));
    let read = |operation, world: &WorldState, filter: &str, text: &str| {
        with(operation, |call| read(call, world, filter, Some(text)))
    };
    assert_eq!(read("lamps.list", &own, "red", &text), Ok(Some("lamp-5".to_owned())));
    assert_eq!(read("lamps.list", &own, "blue", &text), Err(NoCursor));
    assert_eq!(read("shades.list", &own, "red", &text), Err(NoCursor));
    assert_eq!(read("lamps.list", &other, "red", &text), Err(NoCursor));
    assert!(!text.contains("lamp-5"), "{text}");
}

#[test]
fn what_is_no_cursor_is_refused_and_none_is_the_first_page() {
    let world = world("test-a");
    let read = |text: Option<&str>| with("lamps.list", |call| read(call, &world, "", text));
    assert_eq!((read(None), read(Some(""))), (Ok(None), Ok(None)));
    let forged = Cursor { version: 1, after: "lamp-5".to_owned(), seal: "0".repeat(32) };
    let forged = URL_SAFE_NO_PAD.encode(serde_json::to_vec(&forged).unwrap());
    let right = with("lamps.list", |call| after(call, &world, "", "lamp-5"));
    let padded = format!("{right}=");
    let long = "A".repeat(LENGTH_MAX + 1);
    for text in [&forged, &padded, &long, "5", "null", "%00", "bnVsbA", "W10"] {
        assert_eq!(read(Some(text)), Err(NoCursor), "{text}");
    }
}

#[test]
fn a_filter_is_what_was_said_but_for_the_page() {
    let of = |said: Value| filter(said.as_object().unwrap(), &["page_token", "page_size"]);
    let first = of(json!({ "name": "a", "ids": ["x", "y"], "page_size": 5 }));
    assert_eq!(first, of(json!({ "ids": ["x", "y"], "page_token": "…", "name": "a" })));
    for other in [json!({ "name": "a" }), json!({ "name": "a", "ids": ["y", "x"] }), json!({})] {
        assert_ne!(first, of(other));
    }
}
