use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

use super::*;

const MIB: usize = IN_MEMORY_MAX;

fn now<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(future)
}

async fn written(quota: &Quota, pieces: impl IntoIterator<Item = &[u8]>) -> Blob {
    let mut writer = Writer::new(quota, u64::MAX);
    for piece in pieces {
        writer.append(piece).await.unwrap();
    }
    writer.finish().await.unwrap()
}

/// A file that is in memory, kept apart from every world.
fn blob(bytes: &[u8]) -> Blob {
    Quota::default().keep(Bytes::copy_from_slice(bytes)).unwrap()
}

fn facts(name: &str, bytes: &[u8]) -> (&'static str, u64) {
    let Facts { media_type, pages, .. } = blob(bytes).facts(name);
    (media_type, pages)
}

/// `parts` cut at these places.
fn cut<'a>(bytes: &'a [u8], at: &[prop::sample::Index]) -> Vec<&'a [u8]> {
    let mut places: Vec<usize> = at.iter().map(|index| index.index(bytes.len() + 1)).collect();
    places.extend([0, bytes.len()]);
    places.sort_unstable();
    places.windows(2).map(|ends| &bytes[ends[0]..ends[1]]).collect()
}

#[test]
fn however_it_is_cut_a_file_is_the_same() {
    let words = prop::sample::select(vec![
        "/Type",
        "/Page",
        "/Pages",
        " ",
        "\n",
        "/",
        "%",
        ">>",
        "<<",
        "x",
        "\u{c}",
        "ä",
        "%PDF-1.7\n",
        "PK\u{3}\u{4}",
    ]);
    let text = prop::collection::vec(words, 0..400).prop_map(|words| words.concat());
    let cuts = prop::collection::vec(any::<prop::sample::Index>(), 0..40);
    let mut runner = TestRunner::new(Config { cases: 200, ..Config::default() });
    runner
        .run(&(text, cuts), |(text, cuts)| {
            let whole = blob(text.as_bytes());
            let again = now(written(&Quota::default(), cut(text.as_bytes(), &cuts)));
            prop_assert_eq!(&again, &whole);
            for name in ["a.pdf", "a.txt", "a.docx", ""] {
                prop_assert_eq!(again.facts(name), whole.facts(name));
            }
            Ok(())
        })
        .unwrap();
}

#[test]
fn the_digest_is_that_of_the_bytes() {
    // FIPS 180-4, the example of one block.
    let digest = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
    assert_eq!(blob(b"abc").hex_digest(), digest);
    assert_eq!(now(written(&Quota::default(), [&b"a"[..], b"", b"bc"])).hex_digest(), digest);
}

#[test]
fn what_is_larger_than_a_mebibyte_is_not_in_memory_and_reads_the_same() {
    let bytes: Vec<u8> = (0..3 * MIB + 17).map(|at| (at % 251) as u8).collect();
    let quota = Quota::default();
    let small = now(written(&quota, [&bytes[..MIB]]));
    assert!(small.in_memory().is_some_and(|kept| *kept == bytes[..MIB]));
    let large = now(written(&quota, bytes.chunks(70_001)));
    assert!(large.in_memory().is_none());
    assert_eq!(large.len(), bytes.len() as u64);
    let mut copy = Vec::new();
    large.copy_to(&mut copy).unwrap();
    assert!(copy == bytes, "every byte is there");
    for blob in [&small, &large] {
        let end = blob.len();
        assert_eq!(blob.read_at(end, 5).unwrap(), "");
        assert_eq!(blob.read_at(u64::MAX, 5).unwrap(), "");
        let last = usize::try_from(end).unwrap();
        assert_eq!(blob.read_at(end - 3, 5).unwrap(), bytes[last - 3..last]);
    }
    assert_eq!(quota.kept(), small.len() + large.len());
    drop((small, large));
    assert_eq!(quota.kept(), 0);
}

/// Takes what is written, and discards the file when the first piece of it is there.
struct Discarding<'a>(&'a Blob, usize);

impl std::io::Write for Discarding<'_> {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.discard();
        self.1 += bytes.len();
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[test]
fn what_one_discards_no_clone_has_and_the_quota_has_again() {
    let quota = Quota::default();
    for length in [MIB, 2 * MIB] {
        let bytes = vec![7; length];
        let kept = now(written(&quota, [&bytes[..]]));
        let (clone, digest) = (kept.clone(), kept.digest());
        let mut reader = Discarding(&kept, 0);
        clone.copy_to(&mut reader).unwrap();
        assert_eq!(reader.1, length, "who was reading it gets all of it");
        assert_eq!(quota.kept(), 0);
        assert!(clone.in_memory().is_none());
        assert_eq!(clone.read_at(0, 1).unwrap_err().kind(), std::io::ErrorKind::NotFound);
        assert_eq!((clone.len(), clone.digest()), (length as u64, digest));
    }
}

#[test]
fn readers_at_the_same_time_do_not_shift_each_other() {
    let bytes: Vec<u8> = (0..2 * MIB).map(|at| (at % 239) as u8).collect();
    let blob = now(written(&Quota::default(), [&bytes[..]]));
    std::thread::scope(|scope| {
        for reader in 0..8 {
            let (blob, bytes) = (blob.clone(), &bytes);
            scope.spawn(move || {
                for turn in 0..50 {
                    let offset = (turn * 7_919 + reader * 104_729) % (bytes.len() - 4_096);
                    let read = blob.read_at(offset as u64, 4_096).unwrap();
                    assert!(read == bytes[offset..offset + 4_096], "from {offset}");
                }
            });
        }
    });
}

#[test]
fn a_file_beyond_its_bound_is_refused_and_gives_everything_back() {
    // The bound of a file, and one byte more.
    const MOST: u64 = 100 * 1024 * 1024;
    let quota = Quota::default();
    let piece = vec![b'x'; 8 * MIB];
    now(async {
        let mut writer = Writer::new(&quota, MOST);
        // A digest of so much takes a while without optimization: what is asked here is how it is counted.
        let refused = loop {
            if writer.len() > 16 * MIB as u64 {
                let most = MOST - writer.len();
                let all = vec![b'x'; usize::try_from(most + 1).unwrap()];
                break writer.append(&all).await;
            }
            writer.append(&piece).await.unwrap();
        };
        assert_eq!(refused, Err(NotKept::TooLarge(MOST)));
        // Nothing comes of it from there on.
        assert_eq!(writer.append(b"").await, Err(NotKept::TooLarge(MOST)));
        assert_eq!(quota.kept(), writer.len());
        assert_eq!(writer.finish().await.unwrap_err(), NotKept::TooLarge(MOST));
    });
    assert_eq!(quota.kept(), 0);
}

#[test]
fn what_is_kept_and_what_arrives_share_one_quota() {
    let quota = Quota::new(10);
    let kept = quota.keep(Bytes::from_static(b"12345")).unwrap();
    let copy = kept.clone();
    now(async {
        let mut writer = Writer::new(&quota, 100);
        writer.append(b"1234").await.unwrap();
        assert_eq!(writer.append(b"12").await, Err(NotKept::QuotaFull(10)));
        assert!(NotKept::QuotaFull(10).to_string().contains("10 bytes in all"));
        assert_eq!(quota.keep(Bytes::from_static(b"12")), Err(NotKept::QuotaFull(10)));
        assert_eq!(quota.kept(), 9);
        // An upload that is cut off.
        drop(writer);
        assert_eq!(quota.kept(), 5);
        drop(kept);
        assert_eq!(quota.kept(), 5, "a copy is there");
        drop(copy);
        assert_eq!(quota.kept(), 0);
        assert!(quota.keep(Bytes::from_static(b"1234567890")).is_ok());
    });
}

#[test]
fn page_objects_of_a_pdf_are_pages() {
    let pages = |text: &str| facts("a.pdf", format!("%PDF-1.7\n{text}").as_bytes());
    for (text, expected) in [
        ("", 1),
        ("<< /Type /Pages /Count 2 >> << /Type /Page >> << /Type/Page/Parent 1 0 R >>", 2),
        ("/Type\r\n\0\t /Page", 1),
        ("/Type /Page /Type /Page<</Type /Page%", 3),
        ("/Type /PageLabel /Type /Pages /Types /Page /Type x /Page", 1),
        ("/Type /Type /Page /T/Type /Page /Page /Type /Page\n/Page\n", 3),
    ] {
        assert_eq!(pages(text), ("application/pdf", expected), "{text}");
    }
    let long = "<< /Type /Page >>\n".repeat(5_000);
    assert_eq!(pages(&long).1, 5_000);
}

#[test]
fn text_has_pages_by_form_feeds_or_by_length() {
    assert_eq!(facts("a.txt", b"one"), ("text/plain", 1));
    assert_eq!(facts("", "ä".repeat(3_000).as_bytes()), ("text/plain", 1));
    assert_eq!(facts("a.md", "ä".repeat(3_001).as_bytes()), ("text/markdown", 2));
    assert_eq!(facts("a.txt", b"one\x0ctwo\x0cthree"), ("text/plain", 3));
    assert_eq!(facts("a.txt", b"one\x0ctwo\x0c"), ("text/plain", 2));
}

#[test]
fn bytes_outrank_the_name_and_the_name_tells_apart_what_begins_alike() {
    let office = "application/vnd.openxmlformats-officedocument.wordprocessingml.document";
    for (name, bytes, media_type) in [
        ("report.pdf", &b"\x89PNG\r\n\x1a\n..."[..], "image/png"),
        ("scan", b"\xFF\xD8\xFF\xE0", "image/jpeg"),
        ("a.tif", b"II*\0", "image/tiff"),
        ("a.webp", b"RIFF\x10\0\0\0WEBPVP8 ", "image/webp"),
        ("letter.DOCX", b"PK\x03\x04...", office),
        ("letter.pdf", b"PK\x03\x04...", "application/zip"),
        ("old.doc", b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1", "application/msword"),
        ("prices.csv", b"a,b\n1,2\n", "text/csv"),
        ("noise.csv", b"\x00\x01\x02", "application/octet-stream"),
        ("noise", b"\x00\x01\x02", "application/octet-stream"),
        ("speech.mp3", b"\xFF\xFB\x90\x00", "audio/mpeg"),
        ("page", b"\xEF\xBB\xBF  <!DOCTYPE HTML><p>", "text/html"),
        ("bmp.txt", b"BMW and others", "text/plain"),
        ("empty.pdf", b"", "application/pdf"),
        ("", b"", "application/octet-stream"),
    ] {
        assert_eq!(facts(name, bytes).0, media_type, "{name}");
    }
    // A character that is cut in the middle by the end of what is looked at is a character.
    assert_eq!(facts("a", format!("x{}", "ä".repeat(600)).as_bytes()).0, "text/plain");
    assert_eq!(facts("a.docx", &[&b"PK\x03\x04"[..], &[0; 120_000]].concat()), (office, 3));
}
