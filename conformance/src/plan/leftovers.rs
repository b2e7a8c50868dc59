//! What a run of the checks left running where worlds cannot be forgotten.

use fixtures::exchange::Outcome;
use http::Method;

use crate::client::{Client, Credential, encoded};
use crate::history::Job;
use crate::history::seen::{LIMITED_KEY, REFUSED_KEY, Seen};
use crate::profile::{Family, Standing};
use crate::session::Session;

/// Takes back what the run left in worlds that are not its own, and so are not forgotten: deletes what goes on by
/// itself, which might begin more runs, and then cancels what still runs. The names of what is still there. What was
/// there before is left alone.
pub(crate) async fn take_back(client: &mut Client, session: &Session) -> Vec<String> {
    let mut left = delete_standing(client, session).await;
    left.extend(delete_borrowed(client, session).await);
    left.extend(stop_runs(client, session).await);
    left
}

/// Deletes schedules and the like that the run made and has not seen the end of; those that are still there.
async fn delete_standing(client: &mut Client, session: &Session) -> Vec<String> {
    let mut standing: Vec<(&'static Standing, String, Credential)> = Vec::new();
    for kind in client.history().profile.standing {
        let history = client.history();
        let of = |operation: &'static str| history.all().iter().filter(move |seen| seen.is(operation));
        for create in of(kind.create).filter(|seen| seen.is_success()) {
            let (Some(id), Some(who)) = (create.own_id(), credential(create)) else { continue };
            let ours = client.keys().of(who).is_none_or(|key| session.owns(key));
            let is_gone = |seen: &Seen| {
                seen.subject() == Some(id)
                    && seen.credential() == create.credential()
                    && (seen.is_success() || seen.status() == Some(404))
            };
            let known = standing.iter().any(|(of, known, _)| *of == kind && known == id);
            if !ours && !known && !of(kind.delete).any(is_gone) {
                standing.push((kind, id.to_owned(), who));
            }
        }
    }
    let mut left = Vec::new();
    for (kind, id, who) in standing {
        let deleted = client.ask_about(kind.delete, &id, "", who, None).await;
        if !deleted.is_ok_and(|seen| seen.is_success() || seen.status() == Some(404)) {
            left.push(format!("{} {id}, which may still be there", kind.name));
        }
    }
    left
}

/// Deletes what the run made at addresses that its contract does not have; what is still there.
async fn delete_borrowed(client: &mut Client, session: &Session) -> Vec<String> {
    let mut made: Vec<(String, Credential)> = Vec::new();
    let history = client.history();
    for seen in history.all().iter().filter(|seen| seen.operation().is_none() && seen.is_success()) {
        let request = seen.exchange().request();
        let is_made = request.method == "POST" && history.profile.borrowed.contains(&request.path());
        let (Some(id), Some(who)) = (seen.own_id().filter(|_| is_made), credential(seen)) else { continue };
        if client.keys().of(who).is_none_or(|key| session.owns(key)) {
            continue;
        }
        made.push((format!("{}/{}", request.path(), encoded(id)), who));
    }
    let mut left = Vec::new();
    for (target, who) in made {
        let ask = client.undocumented(&Method::DELETE, &target, who, None);
        let deleted = client.send(ask).await;
        if !deleted.is_ok_and(|seen| seen.is_success() || seen.status() == Some(404)) {
            left.push(format!("{target}, which may still be there"));
        }
    }
    left
}

/// Cancels what still runs.
async fn stop_runs(client: &mut Client, session: &Session) -> Vec<String> {
    let mut left = Vec::new();
    let open: Vec<(&'static Family, String, Credential)> = {
        let history = client.history();
        let open = history.jobs().iter().filter(|job| {
            let again = history.restarts(job).rfind(|seen| !seen.is_refusal()).map_or(0, Seen::id);
            let mut deletes = history
                .all()
                .iter()
                .filter(|seen| seen.exchange().request().method == "DELETE" && !seen.is(job.family.cancel));
            let is_deleted = deletes.any(|seen| seen.is_success() && seen.subject() == Some(&job.id));
            !is_deleted
                && !history.is_over(job)
                && !job.family.cancel.is_empty()
                && !history.cancels(job).any(|seen| seen.is_success() && seen.id() > again)
                && !job.family.may_join(history.create(job))
        });
        let who = |job: &Job| {
            let who = credential(history.create(job))?;
            client.keys().of(who).is_some_and(|key| !session.owns(key)).then_some(who)
        };
        open.filter_map(|job| Some((job.family, job.id.clone(), who(job)?))).collect()
    };
    for (family, id, who) in open {
        let stopped = match client.cancel(family, who, &id).await {
            Ok(seen) if seen.is_success() => true,
            // A refusal may mean that it is over, by itself or because of what it waited for.
            Ok(_) => is_over(client, family, who, &id).await,
            Err(_) => false,
        };
        if !stopped {
            left.push(format!("{} {id}, which may still be running", family.name));
        }
    }
    left
}

/// With which of the run's keys a create was sent that may have begun something.
fn credential(create: &Seen) -> Option<Credential> {
    match create.credential()? {
        "$KEY_A" => Some(Credential::A),
        "$KEY_B" => Some(Credential::B),
        LIMITED_KEY => Some(Credential::C),
        // A server that lets a bad key create something lets it take that back, in the same header.
        REFUSED_KEY if create.is_bearer() => Some(Credential::BearerRefused),
        REFUSED_KEY => Some(Credential::Refused),
        _ => None,
    }
}

/// What creates may have begun without anybody being told. It is not canceled, since it may be somebody else's.
pub(crate) fn orphans(client: &Client, session: &Session) -> Vec<String> {
    let orphaned = client.history().orphaned().into_iter();
    let elsewhere = orphaned.filter(|orphan| {
        let key = credential(orphan.create).and_then(|who| client.keys().of(who));
        key.is_some_and(|key| !session.owns(key)) && client.was_heard(orphan.create)
    });
    let mut left: Vec<String> = elsewhere
        .map(|orphan| {
            let (name, request) = (orphan.family.name, orphan.create.exchange().request());
            let ids = orphan.perhaps.map_or_else(String::new, |ids| format!(" {}", ids.join(" or ")));
            let answer = match orphan.create.exchange().outcome() {
                Outcome::Response(answer) => answer.status.to_string(),
                Outcome::Failure(reason) => format!("no answer that was kept ({reason})"),
            };
            format!("{name}{ids}, perhaps: {} {} got {answer}", request.method, request.target)
        })
        .collect();
    left.dedup();
    left
}

async fn is_over(client: &mut Client, family: &Family, who: Credential, id: &str) -> bool {
    let seen = client.get(family, who, id, "").await;
    seen.is_ok_and(|seen| seen.state().is_some_and(|state| family.is_over(state)))
}
