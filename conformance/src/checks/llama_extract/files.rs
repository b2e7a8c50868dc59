//! Files of version 1, as far as they are not as uploads are.

use super::look::{Fate, at, bare, entries, expect, hold, id};
use super::rows::{Case, check, clauses};
use crate::checks::Check;
use crate::history::facts::parts;
use crate::history::seen::Seen;
use crate::verdict::Tally;

/// The checks, in the order they are reported.
pub const CHECKS: &[Check] = &[
    check!(
        Must,
        Write,
        "llama.files",
        "A file that is sent is found with its name, its size and its bytes",
        "a file that is uploaded, looked at and fetched",
        [
            (v1, "files.create.ok", |case, tally| accepted(case, tally, 200)),
            (v2, "files.create.ok", |case, tally| accepted(case, tally, 201)),
            (last, "files.create.external-id", |case, tally| {
                for seen in case.good("files.create") {
                    let said = seen.query("external_file_id").or_else(|| seen.field("external_file_id"));
                    let Some(said) = said else { continue };
                    hold(
                        tally,
                        seen,
                        seen.text("/external_file_id") == Some(said),
                        "other-id",
                        said,
                        &seen.at("/external_file_id").to_string(),
                    );
                }
            }),
            (v1, "files.size", |case, tally| {
                for seen in case.good("files.create") {
                    let sent = parts(seen.exchange().request())
                        .find(|part| part.file.is_some())
                        .map(|part| part.text.len());
                    let (Some(sent), Some(told)) = (sent, seen.at("/file_size").as_u64()) else { continue };
                    hold(
                        tally,
                        seen,
                        told == sent as u64,
                        "other-size",
                        &sent.to_string(),
                        &told.to_string(),
                    );
                }
            }),
            (last, "files.get.ok", |case, tally| case.accepts(tally, "files.get", 200)),
            (last, "files.delete.no-content", |case, tally| {
                for seen in case.asked("files.delete").filter(|seen| case.is_sound(seen)) {
                    let body = seen.response().is_some_and(|answer| answer.body.is_empty());
                    hold(
                        tally,
                        seen,
                        seen.status() == Some(204) && body,
                        "other-answer",
                        "204 and no body",
                        &seen.status_text(),
                    );
                }
            }),
            (last, "files.delete.gone", |case, tally| {
                super::agents::gone(case, tally, "files.delete", "files.get", "files.list");
            }),
            (last, "files-content.get.ok", |case, tally| {
                let whole =
                    |seen: &Seen| seen.query("expires_at_seconds") != Some("0") && is_sent(case, seen);
                case.accepts_if(tally, "files-content.get", 200, whole);
            }),
            (last, "files-content.get.same-bytes", same_bytes),
        ]
    ),
    check!(
        Must,
        Write,
        "llama.files-kept",
        "A file is as it was sent, and can be used at once",
        "a file that is looked at, and used for a job",
        [
            (last, "files.get.as-created", |case, tally| {
                for seen in case.good("files.get") {
                    let made = seen.own_id().and_then(|id| case.last_of(seen, &["files.create"], id));
                    let Some(made) = made else { continue };
                    for member in ["/name", "/external_file_id", "/file_size", "/file_type", "/purpose"] {
                        case.same(tally, (made, made.at(member)), (seen, member));
                    }
                }
            }),
            (last, "files.create.at-once", at_once),
            (page, "files.as-uploaded", as_uploaded),
        ]
    ),
    check!(
        Should,
        Write,
        "llama.files-type",
        "The type of a file is what its name ends with",
        "a file with an ending",
        [(first, "files.type", |case, tally| {
            for seen in case.good("files.create").chain(case.good("jobs.create")) {
                let file = if seen.at("/file").is_object() { seen.at("/file") } else { seen.body() };
                let ending = at(file, "/name")
                    .as_str()
                    .and_then(|name| name.rsplit_once('.'))
                    .map(|(_, ending)| ending);
                let (Some(ending), Some(told)) = (ending, at(file, "/file_type").as_str()) else { continue };
                hold(tally, seen, told.eq_ignore_ascii_case(ending), "other-type", ending, told);
            }
        }),]
    ),
    check!(
        Should,
        Write,
        "llama.files-stay",
        "What was extracted from a file stays when the file is deleted",
        "a run of a file that is deleted",
        [(v1, "files.delete.runs-stay", |case, tally| {
            for deleted in case.good("files.delete") {
                let of_file = |run: &&Seen| {
                    run.text("/file/id").or_else(|| run.text("/file_id")).map(bare)
                        == deleted.subject().map(bare)
                };
                for after in case.asked("runs-by-job.get").filter(|run| run.id() > deleted.id()) {
                    let before = case.good("runs-by-job.get").filter(of_file).rfind(|run| {
                        run.id() < deleted.id() && run.run() == after.run() && run.state() == Some("SUCCESS")
                    });
                    let Some(before) = before else { continue };
                    case.same(tally, (before, before.at("/data")), (after, "/data"));
                }
            }
        }),]
    ),
    check!(
        Should,
        Write,
        "llama.files-listed",
        "A file that was uploaded is listed",
        "a file, and a list",
        [(v1, "files.list.shows", |case, tally| {
            for list in case.good("files.list") {
                for made in case.good("files.create").filter(|made| made.id() < list.id()) {
                    let Some(wanted) = made.own_id().filter(|it| case.fate(list, it) == Fate::There) else {
                        continue;
                    };
                    let listed = entries(list).iter().any(|entry| id(entry) == Some(wanted));
                    hold(tally, list, listed, "missing", wanted, "a list without it");
                }
            }
        }),]
    ),
    check!(
        Must,
        Write,
        "llama.presigned",
        "A file that is announced can be looked at at once, and has the bytes that are sent for it",
        "a file that is announced, sent and fetched",
        [
            (v1, "files-presigned.create.ok", |case, tally| case.accepts(
                tally,
                "files-presigned.create",
                200
            )),
            (v1, "files-presigned.create.names-file", |case, tally| {
                for seen in case.good("files-presigned.create") {
                    let file = seen.text("/file_id");
                    let look = case.asked("files.get").find(|it| it.id() > seen.id() && it.subject() == file);
                    match (file, look) {
                        (Some(_), Some(look)) => {
                            hold(
                                tally,
                                look,
                                look.is_success(),
                                "not-found",
                                "the file",
                                &look.status_text(),
                            );
                        }
                        (Some(_), None) => {}
                        (None, _) => hold(tally, seen, false, "no-file", "a file_id", "none"),
                    }
                }
            }),
            (v1, "files-presigned.create.upload", |case, tally| {
                for announced in case.good("files-presigned.create") {
                    let path = announced.text("/url").map(path_of);
                    let sent = case.history.judged().find(|it| {
                        it.exchange().request().method == "PUT"
                            && Some(it.exchange().request().path()) == path
                            && it.is_success()
                    });
                    let (Some(sent), Some(file)) = (sent, announced.text("/file_id")) else { continue };
                    for (_, fetched) in fetched(case, file).filter(|(_, it)| it.id() > sent.id()) {
                        let same =
                            fetched.response().map(|it| &it.body) == Some(&sent.exchange().request().body);
                        hold(tally, fetched, same, "other-bytes", "what was sent", "something else");
                    }
                }
            }),
        ]
    ),
    check!(
        Should,
        Write,
        "llama.expiry",
        "A presigned address works as long as it was asked for",
        "an address that works for some seconds, told when asked for",
        [
            (v1, "files-presigned.create.expiry", |case, tally| expiry(
                case,
                tally,
                "files-presigned.create"
            )),
            (last, "files-content.get.expiry", |case, tally| expiry(case, tally, "files-content.get")),
        ]
    ),
    check!(
        Must,
        Write,
        "llama.from-url",
        "A file is fetched from an address",
        "a file that is fetched from an address",
        [(v1, "files-from-url.create.ok", |case, tally| {
            expect(
                tally,
                case.asked("files-from-url.create").filter(|seen| case.is_sound(seen)),
                "other-status",
                &[200],
            );
        }),]
    ),
];

/// The path of an address, without its query.
pub(super) fn path_of(url: &str) -> &str {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let path = rest.find('/').map_or("/", |at| &rest[at..]);
    path.split('?').next().unwrap_or(path)
}

/// Expects forms with a file, and a purpose where one is needed, to be taken.
fn accepted(case: &Case<'_>, tally: &mut Tally, status: u16) {
    case.accepts_if(tally, "files.create", status, |seen| {
        seen.field("upload_file").is_some()
            || (seen.field("file").is_some() && seen.field("purpose").is_some())
    });
}

/// Whether the bytes of a file have come: what was only announced has none.
fn is_sent(case: &Case<'_>, seen: &Seen) -> bool {
    let announced = case.good("files-presigned.create").find(|it| it.text("/file_id") == seen.subject());
    let Some(announced) = announced else { return true };
    let path = announced.text("/url").map(path_of);
    case.history.judged().any(|it| {
        it.id() < seen.id() && it.is_success() && it.writes() && Some(it.exchange().request().path()) == path
    })
}

/// What was fetched of a file from the addresses that were told of it, each with the look that told it.
fn fetched<'h>(case: &'h Case<'h>, file: &'h str) -> impl Iterator<Item = (&'h Seen, &'h Seen)> {
    let looks =
        case.good("files-content.get").filter(move |look| look.subject().map(bare) == Some(bare(file)));
    looks.flat_map(move |look| {
        let path = look.text("/url").map(path_of);
        let all =
            case.history.judged().filter(move |it| it.id() > look.id() && it.is_success() && !it.writes());
        all.filter(move |it| Some(it.exchange().request().path()) == path).map(move |it| (look, it))
    })
}

fn same_bytes(case: &Case<'_>, tally: &mut Tally) {
    for made in case.good("files.create") {
        let sent = parts(made.exchange().request()).find(|part| part.file.is_some()).map(|part| part.text);
        let (Some(sent), Some(file)) = (sent, made.own_id()) else { continue };
        for (_, got) in fetched(case, file) {
            let body = got.response().and_then(|it| it.body.text());
            hold(tally, got, body == Some(sent), "other-bytes", "what was sent", "something else");
        }
    }
}

/// Expects a job for a file that has just been sent to be taken.
fn at_once(case: &Case<'_>, tally: &mut Tally) {
    let jobs = ["jobs.create", "extract.create"].into_iter().flat_map(|it| case.asked(it));
    for seen in jobs.filter(|seen| case.is_sound(seen) && super::extractions::is_of_extract(case, seen)) {
        let file = ["/file_id", "/file_input"].iter().find_map(|it| at(seen.request(), it).as_str());
        let made = file.and_then(|file| case.last_of(seen, &["files.create"], file));
        if made.is_some() {
            hold(tally, seen, seen.is_success(), "refused", "a job", &seen.status_text());
        }
    }
}

/// Expects the file of a job to be as it was when it was uploaded, which another generation does.
fn as_uploaded(case: &Case<'_>, tally: &mut Tally) {
    for job in case.good("jobs.create") {
        let made = case.history.all().iter().find(|it| {
            it.is_success()
                && it.operation().is_none()
                && it.own_id().is_some()
                && it.own_id() == job.text("/file/id")
        });
        let Some(made) = made else { continue };
        for member in ["/id", "/name", "/external_file_id", "/file_size"] {
            let pointer = format!("/file{member}");
            case.same(tally, (made, made.at(member)), (job, &pointer));
        }
    }
}

/// Expects an address to work for as many seconds as were asked for, by what is told of it.
fn expiry(case: &Case<'_>, tally: &mut Tally, operation: &'static str) {
    let told = |seen: &Seen| seen.text("/expires_at").and_then(|it| it.parse::<jiff::Timestamp>().ok());
    let asked = |seen: &Seen| seen.query("expires_at_seconds").and_then(|it| it.parse::<i64>().ok());
    let all: Vec<(&Seen, i64, jiff::Timestamp)> =
        case.good(operation).filter_map(|seen| Some((seen, asked(seen)?, told(seen)?))).collect();
    for pair in all.windows(2) {
        let ((before, short, early), (seen, long, late)) = (&pair[0], &pair[1]);
        // Whose clock it is nobody knows, so two addresses are held against each other.
        let apart = late.as_second() - early.as_second();
        let right = (apart - (long - short)).abs() <= SLACK;
        tally.saw(seen);
        if !right {
            let expected = format!("{} seconds after the other", long - short);
            tally
                .broke(seen, "other-expiry", expected, format!("{apart} seconds"))
                .at("/expires_at")
                .after(before);
        }
    }
}

/// Two requests one after the other are so far apart at most, in seconds.
const SLACK: i64 = 120;
