//! What a run of the checks left running where worlds cannot be forgotten.

use crate::client::{Client, Credential};
use crate::history::Job;
use crate::history::seen::{LIMITED_KEY, REFUSED_KEY, Seen};
use crate::profile::{Family, is_terminal};
use crate::session::Session;

/// Cancels what the run left running in worlds that are not its own, and so are not forgotten; the ids of what still
/// runs. What was there before is left alone.
pub(crate) async fn stop_leftovers(client: &mut Client, session: &Session) -> Vec<String> {
    let open: Vec<(&'static Family, String, Credential)> = {
        let history = client.history();
        let open = history.jobs().iter().filter(|job| {
            history.first_terminal(job).is_none()
                && !history.cancels(job).any(Seen::is_success)
                && !job.family.may_join(history.create(job))
        });
        let keys = client.keys();
        let who = |job: &Job| {
            let who = match job.owner.as_str() {
                "$KEY_A" => Credential::A,
                "$KEY_B" => Credential::B,
                LIMITED_KEY => Credential::C,
                // A server that lets a bad key create something lets it take that back, in the same header.
                REFUSED_KEY if history.create(job).is_bearer() => Credential::BearerRefused,
                REFUSED_KEY => Credential::Refused,
                _ => return None,
            };
            keys.of(who).is_some_and(|key| !session.owns(key)).then_some(who)
        };
        open.filter_map(|job| Some((job.family, job.id.clone(), who(job)?))).collect()
    };
    let mut left = Vec::new();
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

async fn is_over(client: &mut Client, family: &Family, who: Credential, id: &str) -> bool {
    let seen = client.get(family, who, id, "").await;
    seen.is_ok_and(|seen| seen.state().is_some_and(is_terminal))
}
