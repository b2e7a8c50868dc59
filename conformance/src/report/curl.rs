//! The command that sends a request again.

use fixtures::exchange::Exchange;

/// A request body that is longer stands in a file; a line of it would bury everything else.
const LONGEST_BODY: usize = 400;

/// A command line for a POSIX shell. Keys stand as variables, which double quotes let through.
pub(super) fn line(exchange: &Exchange, base: &str) -> String {
    let request = exchange.request();
    let mut line = format!("curl -i -X {} {}", request.method, quoted(&format!("{base}{}", request.target)));
    for (name, value) in &request.headers {
        let escaped = value.replace('\\', "\\\\").replace('"', "\\\"").replace('`', "\\`");
        line.push_str(&format!(" -H \"{name}: {escaped}\""));
    }
    match request.body.text().filter(|text| !text.is_empty()) {
        Some(text) if text.len() > LONGEST_BODY => {
            line.push_str(&format!(" --data-binary @body-{}.json", exchange.id()));
        }
        Some(text) => line.push_str(&format!(" --data-raw {}", quoted(text))),
        None => {}
    }
    line
}

/// Where the file comes from that [`line`] names, if it names one.
pub(super) fn file(exchange: &Exchange) -> Option<String> {
    let text = exchange.request().body.text().filter(|text| text.len() > LONGEST_BODY)?;
    let id = exchange.id();
    Some(format!(
        "(body-{id}.json: {} bytes, out of a report written with --report json=report.json: jq -j \
         '.exchanges[] | select(.id == {id}) | .request.body.text' report.json > body-{id}.json)",
        text.len()
    ))
}

/// What stands for a key begins so, and goes on with capitals.
const KEY: &str = "$KEY_";

/// One word of the shell: as it stands, but for the variables that stand for keys.
fn quoted(text: &str) -> String {
    let (mut line, mut rest) = (String::new(), text);
    while let Some(at) = rest.find(KEY) {
        let name = rest[at + KEY.len()..].bytes().take_while(u8::is_ascii_uppercase).count();
        let end = at + KEY.len() + name;
        if at > 0 {
            line.push_str(&single_quoted(&rest[..at]));
        }
        line.push_str(&format!("\"{}\"", &rest[at..end]));
        rest = &rest[end..];
    }
    if line.is_empty() || !rest.is_empty() {
        line.push_str(&single_quoted(rest));
    }
    line
}

fn single_quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use fixtures::exchange::body::Body;
    use fixtures::exchange::redaction::Redactor;
    use fixtures::exchange::{Outcome, Parts, Request, Unredacted};

    use super::*;

    fn exchange(target: &str, body: &str) -> Exchange {
        let key = ("x-api-key".to_owned(), "sk-live-0123456789".to_owned());
        let (method, target, headers) = ("POST".to_owned(), target.to_owned(), vec![key]);
        let request = Request { method, target, headers, body: Body::of(body.as_bytes()) };
        let outcome = Outcome::Failure("no answer".into());
        let parts = Parts { id: 7, operation: None, started_ms: 0, ended_ms: 0, request, outcome };
        Redactor::new().with("KEY_A", "sk-live-0123456789").exchange(Unredacted(parts))
    }

    #[test]
    fn a_line_can_be_pasted_into_a_shell_once_the_key_is_set() {
        let exchange = exchange("/v2/crawl?a='b'", r#"{"query": "it's $HOME"}"#);
        assert_eq!(
            line(&exchange, "http://h"),
            r#"curl -i -X POST 'http://h/v2/crawl?a='\''b'\''' -H "x-api-key: $KEY_A" --data-raw '{"query": "it'\''s $HOME"}'"#
        );
        assert_eq!(file(&exchange), None);
    }

    /// A control request names the world by its key in the query.
    #[test]
    fn a_key_in_the_address_or_the_body_is_a_variable_too() {
        let exchange =
            exchange("/_rehearsal/clock?key=sk-live-0123456789&x='", r#"{"keys": ["sk-live-0123456789"]}"#);
        assert_eq!(
            line(&exchange, "http://h"),
            r#"curl -i -X POST 'http://h/_rehearsal/clock?key='"$KEY_A"'&x='\''' -H "x-api-key: $KEY_A" --data-raw '{"keys": ["'"$KEY_A"'"]}'"#
        );
    }

    #[test]
    fn a_long_body_stands_in_a_file_that_is_named() {
        let exchange = exchange("/v2/extract", &"x".repeat(30_000));
        assert!(line(&exchange, "http://h").ends_with(" --data-binary @body-7.json"));
        assert!(file(&exchange).is_some_and(|said| said.starts_with("(body-7.json: 30000 bytes")));
    }
}
