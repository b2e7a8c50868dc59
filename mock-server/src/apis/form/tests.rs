use std::convert::Infallible;

use futures_util::{StreamExt, stream};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

use super::*;

const EXPECTED: Expected = Expected { file: "file", most: 300_000 };

fn now<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(future)
}

fn headers(content_type: &str) -> HeaderMap {
    HeaderMap::from_iter([(CONTENT_TYPE, content_type.parse().unwrap())])
}

fn called(boundary: &str) -> HeaderMap {
    headers(&format!("multipart/form-data; boundary={boundary}"))
}

const fn part<'a>(disposition: &'a str, content: &'a [u8]) -> Part<'a> {
    (disposition, "", content)
}

/// A part of a form: what its disposition says beside `form-data`, further heads, and its content.
type Part<'a> = (&'a str, &'a str, &'a [u8]);

fn written(boundary: &str, parts: &[Part<'_>]) -> Vec<u8> {
    let mut form = Vec::new();
    for (disposition, heads, content) in parts {
        let head = format!("--{boundary}\r\nContent-Disposition: form-data; {disposition}\r\n{heads}\r\n");
        form.extend_from_slice(head.as_bytes());
        form.extend_from_slice(content);
        form.extend_from_slice(b"\r\n");
    }
    form.extend_from_slice(format!("--{boundary}--\r\n").as_bytes());
    form
}

const PDF: &str = "Content-Type: application/pdf\r\n";
const USUAL: &[Part<'_>] = &[
    part("name=\"purpose\"", b"extract"),
    part("name=\"external_file_id\"", b""),
    ("name=\"file\"; filename=\"invoice 7.pdf\"", PDF, b"%PDF-1.7\n/Type /Page\r\n--b\r\n/Type /Page\r\r\n-"),
];

fn body(pieces: Vec<Vec<u8>>) -> Body {
    Body::from_stream(stream::iter(pieces.into_iter().map(|piece| Ok::<_, Infallible>(Bytes::from(piece)))))
}

fn of(parts: &[Part<'_>], quota: &Quota) -> Result<Form, Failure> {
    now(read(Body::from(written("boundary", parts)), EXPECTED, &called("boundary"), quota))
}

fn refused(parts: &[Part<'_>]) -> Failure {
    let quota = Quota::default();
    let failure = of(parts, &quota).unwrap_err();
    assert_eq!(quota.kept(), 0);
    failure
}

#[test]
fn however_it_is_cut_and_framed_a_form_is_the_same() {
    let quota = Quota::default();
    let whole = of(USUAL, &quota).unwrap();
    let file = whole.file.as_ref().unwrap();
    assert_eq!(whole.fields, Map::from_iter([("purpose".to_owned(), "extract".into())]));
    assert_eq!(
        (file.name.as_str(), file.content_type.as_deref()),
        ("invoice 7.pdf", Some("application/pdf"))
    );
    assert_eq!(file.blob.facts(&file.name).pages, 2);
    let described = whole.described();
    assert_eq!(described["purpose"], "extract");
    assert_eq!(described["file"]["bytes"], USUAL[2].2.len());
    assert_eq!(described["file"]["sha256"], file.blob.hex_digest());

    let places = prop::collection::vec(any::<prop::sample::Index>(), 0..60);
    let mut runner = TestRunner::new(Config { cases: 200, ..Config::default() });
    runner
        .run(&(places, "[a-z0-9]{3,40}"), |(places, boundary)| {
            let text = written(&boundary, USUAL);
            let mut places: Vec<usize> = places.iter().map(|index| index.index(text.len() + 1)).collect();
            places.extend([0, text.len()]);
            places.sort_unstable();
            let pieces = places.windows(2).map(|ends| text[ends[0]..ends[1]].to_vec()).collect();
            let again = now(read(body(pieces), EXPECTED, &called(&boundary), &quota)).unwrap();
            prop_assert_eq!(again.described(), described.clone());
            Ok(())
        })
        .unwrap();
}

#[test]
fn a_form_that_is_cut_anywhere_leaves_nothing_behind() {
    let text = written("boundary", USUAL);
    // From there on the last boundary is there.
    let whole = text.len() - "\r\n".len();
    for length in (0..whole).step_by(3) {
        let quota = Quota::default();
        let start = Bytes::copy_from_slice(&text[..length]);
        let left = stream::iter([Ok(start.clone()), Err("its client has left")]);
        let lost = now(read(Body::from_stream(left), EXPECTED, &called("boundary"), &quota));
        assert_eq!(lost, Err(Failure::Body(NoBody::Incomplete)), "after {length} bytes");
        let ended = now(read(Body::from(start), EXPECTED, &called("boundary"), &quota));
        assert_eq!(ended, Err(Failure::Form(NoForm::Malformed)), "after {length} bytes");
        assert_eq!(quota.kept(), 0);
    }
    // One that nobody reads on.
    let quota = Quota::default();
    now(async {
        let start = Bytes::copy_from_slice(&text[..whole - 20]);
        let stalled = stream::iter([Ok::<_, Infallible>(start)]).chain(stream::pending());
        let headers = called("boundary");
        let mut reading = Box::pin(read(Body::from_stream(stalled), EXPECTED, &headers, &quota));
        for _ in 0..20 {
            let polled = std::future::poll_fn(|context| Poll::Ready(reading.as_mut().poll(context))).await;
            assert!(polled.is_pending());
        }
        assert!(quota.kept() > 0, "the file is arriving");
        drop(reading);
    });
    assert_eq!(quota.kept(), 0);
}

#[test]
fn what_is_too_large_is_refused() {
    let file = |length| vec![b'x'; length];
    let quota = Quota::default();
    let fits = file(EXPECTED.most);
    let form = of(&[part("name=\"file\"; filename=\"a\"", &fits)], &quota).unwrap();
    assert_eq!(form.file.as_ref().unwrap().blob.len(), EXPECTED.most as u64);
    assert_eq!(quota.kept(), EXPECTED.most as u64);
    let large = file(EXPECTED.most + 1);
    let too_large = Failure::Body(NoBody::TooLarge(EXPECTED.most));
    assert_eq!(refused(&[part("name=\"file\"; filename=\"a\"", &large)]), too_large);
    // What nobody wants is not kept; it has a bound all the same.
    let endless = file(EXPECTED.most + TEXT_MAX + FRAME_MAX);
    assert_eq!(refused(&[part("name=\"other\"; filename=\"a\"", &endless)]), too_large);
    assert_eq!(
        now(read(
            body(vec![written("boundary", &[part("name=\"o\"; filename=\"a\"", &endless)])]),
            EXPECTED,
            &called("boundary"),
            &quota
        )),
        Err(too_large)
    );

    let field = file(FIELD_MAX);
    assert!(of(&[part("name=\"a\"", &field)], &quota).is_ok());
    let too_long = Failure::Form(NoForm::TextTooLong);
    assert_eq!(refused(&[part("name=\"a\"", &file(FIELD_MAX + 1))]), too_long);
    assert_eq!(refused(&[part("name=\"a\"", &field); TEXT_MAX / FIELD_MAX + 1]), too_long);
    assert!(of(&[part("name=\"a\"", b"x"); PARTS_MAX], &quota).is_ok());
    assert_eq!(refused(&[part("name=\"a\"", b"x"); PARTS_MAX + 1]), Failure::Form(NoForm::TooManyParts));

    let full = Quota::new(10);
    assert_eq!(of(USUAL, &full), Err(Failure::NotKept(NotKept::QuotaFull(10))));
    assert_eq!(full.kept(), 0);
}

#[test]
fn a_body_without_a_form_in_it_is_not_kept_in_search_of_one() {
    let read_of = |start: &'static [u8]| {
        let read_so_far = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&read_so_far);
        let noise = (0..1_000).map(move |_| {
            counted.fetch_add(10_000, Ordering::Relaxed);
            Ok::<_, Infallible>(Bytes::from_static(&[b'x'; 10_000]))
        });
        let endless = stream::iter([Ok(Bytes::from_static(start))]).chain(stream::iter(noise));
        let expected = Expected { file: "file", most: 100 * 1024 * 1024 };
        let failure = now(read(Body::from_stream(endless), expected, &called("boundary"), &Quota::default()));
        assert_eq!(failure, Err(Failure::Form(NoForm::Malformed)));
        read_so_far.load(Ordering::Relaxed)
    };
    for start in [&b""[..], b"--boundary\r\nContent-Disposition: form-data; name=\""] {
        assert!(read_of(start) <= AHEAD_MAX + 2 * PIECE, "it was read on");
    }
}

#[test]
fn what_is_no_form_is_told_so() {
    let quota = Quota::default();
    let text = written("boundary", USUAL);
    for (content_type, no_form) in [
        ("application/json", NoForm::NotMultipart),
        ("", NoForm::NotMultipart),
        ("multipart/mixed; boundary=boundary", NoForm::NotMultipart),
        ("multipart/form-data", NoForm::NoBoundary),
        ("multipart/form-data; boundary=other", NoForm::Malformed),
    ] {
        let read = now(read(Body::from(text.clone()), EXPECTED, &headers(content_type), &quota));
        assert_eq!(read, Err(Failure::Form(no_form)), "{content_type}");
    }
    assert_eq!(refused(&[part("filename=\"a\"", b"x")]), Failure::Form(NoForm::Unnamed));
    assert_eq!(refused(&[part("name=\"a\"", b"\xFF")]), Failure::Form(NoForm::NotText));
}

#[test]
fn the_last_of_a_name_counts_and_what_is_empty_is_absent() {
    let quota = Quota::default();
    let form = of(
        &[
            part("name=\"a\"", b"1"),
            part("name=\"a\"", b"2"),
            part("name=\"b\"", b"1"),
            part("name=\"b\"", b""),
            part("name=\"file\"; filename=\"first\"", b"12345"),
            part("name=\"other\"; filename=\"x\"", b"x"),
            part("name=\"file\"; filename=\"käse \\\"1\\\".txt\"", b"678"),
        ],
        &quota,
    )
    .unwrap();
    assert_eq!(Value::Object(form.fields.clone()), json!({ "a": "2" }));
    let file = form.file.as_ref().unwrap();
    assert_eq!((file.name.as_str(), file.blob.len(), quota.kept()), ("käse \"1\".txt", 3, 3));
    let none = of(&[("name=\"file\"; filename=\"\"", PDF, b"")], &quota).unwrap();
    assert_eq!(none, Form::default());
    let empty = of(&[part("name=\"file\"; filename=\"empty.txt\"", b"")], &quota).unwrap();
    assert!(empty.file.unwrap().blob.is_empty());
}
