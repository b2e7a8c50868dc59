//! Files as they are read, and captures as they are made of them.

use fixtures::samples::extralt::Capture;
use proptest::prelude::*;

use super::*;

const CSV: &str = "title,image_url,sku,price,currency\n\
    Rye Shirt,https://cdn.mill.example/rye.jpg,RYE-S,84.50,EUR\n\
    Flax Apron,https://cdn.mill.example/flax.jpg,FLAX,39,EUR\n";

fn about() -> About {
    About { country: "DE".into(), language: "de".into(), host: "www.mill.example".into() }
}

/// What is found in a file that arrives in pieces of this length.
fn found(kind: Option<FileKind>, bytes: &[u8], piece: usize) -> Option<(FileKind, Content)> {
    let mut reader = Reader::new(kind, about());
    for chunk in bytes.chunks(piece.max(1)) {
        reader.feed(chunk);
    }
    reader.finish()
}

fn read(kind: FileKind, text: impl AsRef<[u8]>) -> Content {
    let (told, content) = found(Some(kind), text.as_ref(), usize::MAX).unwrap();
    assert_eq!(told, kind);
    content
}

#[track_caller]
fn problem(kind: FileKind, text: impl AsRef<[u8]>) -> String {
    let content = read(kind, text);
    assert!(content.rows.is_empty(), "{content:?}");
    content.problem.expect("it cannot be used").into()
}

fn captures(content: &Content) -> Vec<Capture> {
    assert_eq!(content.problem, None);
    (0..).zip(&content.rows).map(|(at, row)| capture_of_row(row, at, &content.about)).collect()
}

/// An object with all that a product needs, but for what is changed in it.
fn product(more: &str) -> String {
    format!(
        r#"{{"title":"Rye","image_url":"https://a.example/r.jpg","price":"84.5","currency":"EUR"{more}}}"#
    )
}

#[test]
fn the_same_products_are_the_same_captures_whatever_the_file() {
    let json = r#"[{"Title": "Rye Shirt", "image": "https://cdn.mill.example/rye.jpg",
        "skus": [{"sku": "RYE-S", "price": 84.5, "currency": "eur"}]},
        {"title": "Flax Apron", "images": ["https://cdn.mill.example/flax.jpg"],
        "skus": [{"sku": "FLAX", "offers": [{"price": {"amount": "39.00", "currency": "EUR"}}]}]}]"#;
    let values: Vec<serde_json::Value> = serde_json::from_str(json).unwrap();
    let lines = values.iter().map(|value| format!("{value}\r\n")).collect::<String>();
    let csv = captures(&read(FileKind::Csv, CSV));
    assert_eq!(csv, captures(&read(FileKind::Json, json)));
    assert_eq!(csv, captures(&read(FileKind::Lines, lines)));
    assert_eq!((csv[0].skus[0].offers[0].price.amount.to_string(), csv.len()), ("84.50".to_owned(), 2));
}

#[test]
fn an_item_ends_where_json_says_it_does() {
    let odd = product(r#","description":"a \", ] } \\","tags":["[", "\\\""],"size":"{""#);
    let all = captures(&read(FileKind::Json, format!("[{odd} ,{},\n{odd}]\n", product(""))));
    assert_eq!(all.len(), 3);
    assert_eq!((&*all[2].description, &*all[2].tags[1]), (r#"a ", ] } \"#, r#"\""#));
}

#[test]
fn a_row_shows_all_that_its_columns_say() {
    let csv = "Title,Brand,image_url,images,product_id,url,sku,gtin,price,compare_at_price,currency,colour,size,\
               availability,quantity,rating,review count,tags,country,unknown\n\
               \"Rye, \"\"long\"\"\",Mill,https://a.example/1.jpg,https://a.example/1.jpg|https://a.example/2.jpg,77,\
               https://shop.example/rye,R-1,00012345678905,10,12.5,usd,Rust,M,in stock,3,4.5,12,a|b,fr,x\n";
    let content = read(FileKind::Csv, csv);
    insta::assert_debug_snapshot!(captures(&content));
    assert!(!content.rows[0].contains("unknown"), "what cannot be read is not kept");
}

#[test]
fn skus_share_what_is_said_of_their_product() {
    let row = r#"{"title":"Rye","images":[{"url":"https://a.example/1.jpg","sku_ids":["B"]}],"currency":"EUR","price":5,
        "compare_at_price": 9, "skus":[
        {"sku":"A","options":{"Fit":"slim"}},{"sku":"B","price":"7.5","size":"L"},{"sku":"B","price":1},
        {"price":0},{"identifiers":{"sku":"C","gtin":"1"},"available":false}]}"#;
    let content = read(FileKind::Lines, row.replace('\n', ""));
    let capture = &captures(&content)[0];
    let told: Vec<_> = capture
        .skus
        .iter()
        .map(|sku| {
            let price = &sku.offers[0].price;
            format!(
                "{} {} {:?} {:?}",
                sku.sku,
                price.amount,
                price.compare_at.map(|it| it.to_string()),
                sku.options
            )
        })
        .collect();
    insta::assert_debug_snapshot!((told, &capture.unpriced_skus, &capture.options, &capture.images));
}

#[test]
fn a_row_lacks_what_it_lacks_and_gets_what_the_file_says() {
    let lacking = captures(&read(FileKind::Lines, product("")));
    let (capture, sku) = (&lacking[0], &lacking[0].skus[0]);
    assert_eq!((&*capture.country, &*capture.language, &*capture.host), ("DE", "de", "www.mill.example"));
    assert_eq!((&*capture.url, &*capture.brand, &*sku.sku), ("", "", "row-1"));
    let own = read(FileKind::Lines, product(r#","country":"fr","language":"FR","host":"Other.example""#));
    let own = &captures(&own)[0];
    assert_eq!((&*own.country, &*own.language, &*own.host), ("FR", "fr", "other.example"));
}

#[test]
fn a_file_without_a_usable_row_says_which_rule_failed_how_often() {
    let rows = [
        product(r#","title":"""#).replace(r#""title":"Rye","#, ""),
        product("").replace("https://", "ftp://"),
        product("").replace("84.5", "0").replace("https://", "//"),
        product("").replace("84.5", "-3"),
        product("").replace("EUR", "euro"),
        r#"{"title":"Rye","image":"https://a.example/r.jpg"}"#.to_owned(),
        "17".to_owned(),
    ];
    let text = rows.join("\n");
    insta::assert_snapshot!(problem(FileKind::Lines, &text), @"None of the file's 7 rows can be used: no JSON object in 1 (first in line 7), no title in 1 (first in line 1), no image (an http or https address) in 2 (first in line 2), neither skus nor price and currency in 1 (first in line 6), no price above zero in 2 (first in line 3), no currency of three letters in 1 (first in line 5)");
    assert_eq!(read(FileKind::Lines, &text).rejected, 7);
    let usable = read(FileKind::Lines, format!("{text}\n{}", product("")));
    assert_eq!((usable.rows.len(), usable.rejected, usable.problem), (1, 7, None));
    let one = problem(FileKind::Json, format!("[{}]", rows[3]));
    assert_eq!(one, "The only row of the file cannot be used: no price above zero in 1 (first in item 1)");
}

#[test]
fn a_broken_file_says_where() {
    use FileKind::{Csv, Json, Lines};
    let csv = |row: &str| format!("{CSV}{row}\n");
    let big = "x".repeat(ROW_MAX + 1);
    let deep = format!("[{}]", "[".repeat(200) + &"]".repeat(200));
    let wide = ",".repeat(COLUMNS_MAX + 5);
    let cases: Vec<(FileKind, Vec<u8>)> = vec![
        (Csv, csv("\"Rye\nShirt").into()),
        (Csv, csv("a,\"b\"c,d,e,f").into()),
        (Csv, [CSV.as_bytes(), b"a,\xFF,c,d,e\n"].concat()),
        (Csv, csv(&big).into()),
        (Csv, wide.into()),
        (Csv, "titel;preis\n".into()),
        (Csv, csv("").replace("https", "").into()),
        (Csv, "title,price\na,1,2\n".into()),
        (Json, "{\"products\": []}".into()),
        (Json, format!("[{},\n{}", product(""), product("")).into()),
        (Json, format!("[{},\n{{\"a\": nope}}]", product("")).into()),
        (Json, format!("[{},]", product("")).into()),
        (Json, format!("[{}] [", product("")).into()),
        (Json, format!("[{}\n,,{}]", product(""), product("")).into()),
        (Json, deep.into()),
        (Json, format!("[\"{big}\"]").into()),
        (Json, [b"[\"".as_slice(), b"\xFF\"]"].concat()),
        (Lines, format!("{}\n\n{{\"a\": }}", product("")).into()),
        (Lines, format!("{}\n{big}", product("")).into()),
    ];
    let said: Vec<String> = cases.into_iter().map(|(kind, bytes)| problem(kind, bytes)).collect();
    insta::assert_snapshot!(said.join("\n"));
}

#[test]
fn a_file_with_nothing_in_it_says_so() {
    for kind in [FileKind::Csv, FileKind::Json, FileKind::Lines] {
        for text in ["", "\n \r\n", "\u{feff}"] {
            assert_eq!(
                problem(kind, text),
                if text.contains(' ') && kind == FileKind::Csv {
                    "line 2: none of the columns that can be read is named here, such as title, image_url, price and \
                 currency; a comma separates two"
                } else {
                    "The file has no rows"
                }
            );
        }
    }
    assert_eq!(problem(FileKind::Csv, "title,price\r\n"), "The file has no rows");
    assert_eq!(problem(FileKind::Json, " [ ] "), "The file has no rows");
}

#[test]
fn there_are_no_more_rows_than_a_file_may_have() {
    let head = "title,image,price,currency\nRye,https://a.example/r.jpg,1,EUR\n";
    let with = |more: usize| read(FileKind::Csv, format!("{head}{}", "x\n".repeat(more)));
    let most = usize::try_from(ROWS_MAX).unwrap();
    let full = with(most - 1);
    assert_eq!((full.rows.len(), full.rejected, full.problem), (1, ROWS_MAX - 1, None));
    let over = with(most);
    assert_eq!(over.problem.as_deref(), Some("The file has more than 100000 rows"));
    assert_eq!(over.bytes(), 0, "nothing is kept of it");
}

#[test]
fn no_more_is_kept_than_the_bound_also_of_rows_that_grow() {
    // Each of these characters takes six as JSON.
    let filler = "\u{1}".repeat(200_000);
    let row = format!("Rye,https://a.example/r.jpg,1,EUR,{filler}\n");
    let file = |rows: usize| format!("title,image,price,currency,description\n{}", row.repeat(rows));
    assert!(file(60).len() < FILE_MAX);
    assert_eq!(problem(FileKind::Csv, file(60)), "The rows of the file take more than 67108864 bytes");
    assert_eq!(captures(&read(FileKind::Csv, file(2)))[1].description.len(), 200_000);
}

#[test]
fn the_first_bytes_tell_what_a_file_is_that_nothing_else_tells() {
    let kind = |bytes: &[u8]| found(None, bytes, 1).map(|(kind, _)| kind);
    assert_eq!(kind(CSV.as_bytes()), Some(FileKind::Csv));
    assert_eq!(kind(b"\xEF\xBB\xBF \n[1]"), Some(FileKind::Json));
    assert_eq!(kind(b"{\"title\": 1}"), Some(FileKind::Lines));
    assert_eq!(kind(b""), Some(FileKind::Csv));
    for binary in
        [b"PK\x03\x04aaaaaaaa".as_slice(), b"\x89PNG\r\n\x1a\n", b"PAR1\x15\x04", b"\x1f\x8b\x08\x00"]
    {
        assert_eq!(kind(binary), None, "{binary:?}");
    }
}

/// Files of all kinds, most of them nearly right.
fn files() -> impl Strategy<Value = (Option<FileKind>, Vec<u8>)> {
    let kind = prop_oneof![
        Just(None),
        Just(Some(FileKind::Csv)),
        Just(Some(FileKind::Json)),
        Just(Some(FileKind::Lines))
    ];
    let piece = prop_oneof![
        Just(CSV.as_bytes().to_vec()),
        Just(b"title,image,price,currency\r\n".to_vec()),
        Just(b"\"Rye \"\"R\"\"\nShirt\",https://a.example/1,1.5,EUR\r\n".to_vec()),
        Just(b"\xEF\xBB\xBF".to_vec()),
        Just(product("").into_bytes()),
        Just(product(r#","description":"a \" ] \\","tags":["x",{}]"#).into_bytes()),
        Just(vec![b','; 40]),
        Just(vec![b'x'; 3000]),
        "[\\[\\]{}\",\\\\\r\n a1]{0,6}".prop_map(String::into_bytes),
        proptest::collection::vec(any::<u8>(), 0..4),
    ];
    (kind, proptest::collection::vec(piece, 0..8).prop_map(|pieces| pieces.concat()))
}

proptest! {
    #[test]
    fn any_cut_into_pieces_finds_the_same((kind, bytes) in files(), pieces in proptest::collection::vec(1_usize..20, 1..40)) {
        let whole = found(kind, &bytes, usize::MAX);
        prop_assert_eq!(&found(kind, &bytes, 1), &whole);
        let mut reader = Reader::new(kind, about());
        let mut rest = bytes.as_slice();
        for piece in pieces.iter().cycle() {
            if rest.is_empty() {
                break;
            }
            let (now, later) = rest.split_at(rest.len().min(*piece));
            reader.feed(now);
            rest = later;
        }
        prop_assert_eq!(&reader.finish(), &whole);
    }

    #[test]
    fn what_is_kept_is_what_was_found_usable((kind, bytes) in files()) {
        let Some((_, content)) = found(kind, &bytes, usize::MAX) else { return Ok(()) };
        prop_assert_eq!(content.problem.is_some(), content.rows.is_empty());
        for (at, row) in (0..).zip(&content.rows) {
            let capture = capture_of_row(row, at, &content.about);
            prop_assert!(!capture.title.is_empty() && !capture.image_url.is_empty());
            prop_assert!(capture.offers().count() > 0);
        }
    }

    #[test]
    fn fields_of_csv_come_through_as_they_were(title in "[^\u{0}]{1,20}", brand in "[a-z\",\n\r ]{0,9}") {
        prop_assume!(!title.trim().is_empty());
        let quoted = |text: &str| format!("\"{}\"", text.replace('"', "\"\""));
        let text = format!(
            "currency,title,brand,image,price\nEUR,{},{},https://a.example/1,3\n", quoted(&title), quoted(&brand)
        );
        let captures = captures(&read(FileKind::Csv, text));
        prop_assert_eq!((&*captures[0].title, &*captures[0].brand), (title.trim(), brand.trim()));
    }
}
