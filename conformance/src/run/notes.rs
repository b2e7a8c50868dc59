//! What a report says beside its verdicts.

use crate::history::History;
use crate::history::seen::Seen;
use crate::judge::Judged;
use crate::session::Session;
use crate::target::Target;

/// What went wrong on the way and is no verdict on the server, though whoever runs it may want to know.
pub(super) fn trouble(history: &History) -> Option<String> {
    let lost = history.all().iter().filter(|seen| seen.status().is_none()).count();
    let passed = history.excused();
    let answers = |count: usize| if count == 1 { "1 answer".to_owned() } else { format!("{count} answers") };
    let told = [(lost, "never came"), (passed, "said 5xx until the same was asked again")];
    let told = told.into_iter().filter(|(count, _)| *count > 0);
    let told: Vec<_> = told.map(|(count, what)| format!("{} {what}", answers(count))).collect();
    let not_all = !told.is_empty() && lost < history.all().len();
    not_all.then(|| format!("{}; this was not held against the server", told.join(", and ")))
}

/// What is most likely wrong when nothing at all worked.
pub(super) fn diagnosis(history: &History, target: &Target) -> Option<String> {
    if !history.jobs().is_empty() {
        return None;
    }
    let profile = history.profile;
    let statuses: std::collections::BTreeSet<u16> =
        history.all().iter().filter(|seen| seen.operation().is_some()).filter_map(Seen::status).collect();
    let seen: Vec<String> = statuses.iter().map(u16::to_string).collect();
    let advice = match statuses.first() {
        _ if seen.is_empty() => "it gave no answer at all".to_owned(),
        Some(401 | 403) if statuses.len() == 1 => {
            "it refused the key: give one that it knows with --key-env".to_owned()
        }
        // Every path of the contract begins with the version, so it would be there twice.
        _ if target.base().ends_with(&format!("/{}", profile.version)) => {
            format!("leave /{} out of --target: it is added to it", profile.version)
        }
        _ => format!(
            "its answers were {}: is this the base address of {} {}?",
            seen.join(", "),
            profile.api,
            profile.version
        ),
    };
    Some(format!("the target started no run; {advice}"))
}

/// What became of the worlds that findings are about.
pub(super) fn worlds(session: &Session, results: &[Judged]) -> Option<String> {
    let is_gone = session.owned_a_world() && results.iter().any(|judged| !judged.findings.is_empty());
    is_gone.then(|| {
        "the run made keys of its own and deleted their worlds, so what is in them cannot be asked for again; --report \
         transcript=PATH keeps every exchange, and with --key KEY --move-clock a world stays"
            .to_owned()
    })
}
