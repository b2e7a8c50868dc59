//! How a server refuses what is no endpoint: as it refuses everything else.

use super::strays;
use crate::history::History;
use crate::history::seen::Seen;
use crate::verdict::Tally;

/// Whether the refusal has the common envelope and names itself in its header as in its body.
fn is_plain(seen: &Seen, tally: &mut Tally) {
    tally.saw(seen);
    if !["/error/code", "/error/message"].iter().all(|pointer| seen.at(pointer).is_string()) {
        let expected = "an object `error` with `code`, `message` and `request_id`";
        tally.broke(seen, "shape", expected, seen.body().to_string());
    }
    let header = seen.header("request-id").filter(|id| !id.is_empty());
    let inside = seen.text("/error/request_id");
    if header.is_none() {
        tally.broke(seen, "no-request-id", "a `request-id` header", "none");
    } else if inside.is_some() && inside != header {
        let observed = format!("{} in the body", inside.unwrap_or_default());
        tally.broke(seen, "differs", header.unwrap_or_default(), observed).at("/error/request_id");
    }
}

pub(super) fn of_path(history: &History) -> Tally {
    let mut tally = Tally::default();
    for (seen, _) in strays(history).filter(|(seen, known)| !known && seen.status() == Some(404)) {
        is_plain(seen, &mut tally);
    }
    tally
}

pub(super) fn of_method(history: &History) -> Tally {
    let mut tally = Tally::default();
    for (seen, _) in strays(history).filter(|(_, known)| *known) {
        if !seen.status().is_some_and(|status| (400..500).contains(&status)) {
            continue;
        }
        is_plain(seen, &mut tally);
        if seen.status() != Some(404) {
            tally.broke(seen, "status", "404, as for an unknown address", seen.status_text());
        } else if seen.text("/error/code").is_some_and(|code| code != "NOT_FOUND") {
            let observed = seen.at("/error/code").to_string();
            tally.broke(seen, "code", "NOT_FOUND", observed).at("/error/code");
        }
    }
    tally
}
