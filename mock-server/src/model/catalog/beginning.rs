//! The runs that a world begins with: created before its start, as their clients would have created them.

use std::sync::Arc;

use crate::clock::VirtualTime;
use crate::model::catalog::create::{self, Request};
use crate::model::catalog::planning;
use crate::model::catalog::run::{Input, Record};
use crate::model::catalog::state::State;
use crate::scenario::contents::{Contents, EarlierRequest, EarlierRun};
use crate::seed::Stream;

/// What becomes of `run`, one of `contents`, at the instant `created`, up to which `state` must be settled.
///
/// `None` if no client could have created it: a crawl of a vendor that is being crawled, or an extract of a vendor of
/// whom nothing is known. The checks of the scenario leave only a vendor that another seed invents than the world's,
/// or an instant that time does not reach; a world then holds what could be in it, and not something that no request
/// leads to.
pub fn record(
    state: &State,
    contents: &Contents,
    run: &EarlierRun,
    stream: &Stream,
    created: VirtualTime,
) -> Option<Arc<Record>> {
    let input = input(state, &run.request, stream)?;
    let occurrence = state.created(run.digest);
    let draws = |purpose: &str| stream.draws(purpose, run.digest, occurrence);
    let (plan, work) = planning::plan(&input, false, Some(&run.behaviour), &draws("plan"));
    let taken = |id: &str| contents.pins(id) || state.find(id).is_some();
    let execution_id = run.id.clone().unwrap_or_else(|| create::fresh_id(&input, draws, created, taken));
    Some(Arc::new(Record {
        execution_id,
        created,
        plan,
        work,
        // What it cost was paid before the account got the credits it begins with.
        credits: planning::price(&input),
        digest: run.digest,
        rules: Box::default(),
        input,
    }))
}

fn input(state: &State, request: &EarlierRequest, stream: &Stream) -> Option<Input> {
    match request {
        EarlierRequest::Crawl { host } => {
            state.active_crawl(host).is_none().then(|| Input::Crawl { host: Arc::clone(host) })
        }
        EarlierRequest::Urls { urls, options } => {
            Some(Input::Urls { urls: Arc::clone(urls), options: options.clone() })
        }
        EarlierRequest::Search { query } => Some(Input::Search { query: Arc::clone(query) }),
        EarlierRequest::Vendor { host, max_products, options } => {
            let request = Request::Vendor {
                host: host.to_string(),
                crawl: None,
                max_products: *max_products,
                options: options.clone(),
            };
            create::input(state, request, stream.seed()).ok().map(|(input, _)| input)
        }
    }
}
