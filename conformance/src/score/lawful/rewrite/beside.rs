//! Changes that take asking the server behind something more.

use bytes::Bytes;
use http::{HeaderValue, Method, Request, Response, StatusCode};
use serde_json::{Value, json};

use super::{Rewrite, Rewriting, replace};
use crate::client::encoded;
use crate::score::edit::asked::Asked;

const HEADER: &str = "x-api-key";

/// How many requests of somebody else an address has made already.
const EARLIER: usize = 9;

impl Rewriting {
    /// Changes the answer by what else the server says; whether it is different.
    pub(super) async fn beside(
        &self,
        asked: &Asked<'_>,
        request: &Request<Bytes>,
        answer: &mut Response<Bytes>,
    ) -> bool {
        match (self.rewrite, asked.operation()) {
            (Rewrite::PendingSearchCancel, Some("catalog.agentic-search.cancel")) => {
                self.cancelled_while_pending(asked, answer).await.is_some()
            }
            (Rewrite::VendorsByName, Some("catalog.vendors.list")) => {
                self.sorted(asked, answer).await.is_some()
            }
            (Rewrite::EarlierRequests, None) => self.limited(request).await.is_some(),
            _ => false,
        }
    }

    /// Stops a pending search, which our server would not.
    async fn cancelled_while_pending(&self, asked: &Asked<'_>, answer: &mut Response<Bytes>) -> Option<()> {
        let (key, run) = (asked.key()?, asked.run()?);
        let path = format!("/v2/agentic-search/{}", encoded(run));
        if answer.status() != StatusCode::BAD_REQUEST || self.read(key, &path).await?["status"] != "pending" {
            return None;
        }
        let control = format!("/_rehearsal/runs/{}/fail?key={}", encoded(run), encoded(key));
        let fail = Request::post(control).header("content-type", "application/json");
        self.inner.send(fail.body(Bytes::from("{}")).ok()?).await.ok()?;
        let failed = self.read(key, &path).await?;
        let body = json!({
            "execution_id": run, "status": "canceled", "stop_date": failed.pointer("/meta/stop_date")?,
        });
        // What every success tells of the limit.
        let list = self.inner.send(get(key, "/v2/agentic-search")?).await.ok()?;
        for (name, value) in list.headers().iter().filter(|(name, _)| name.as_str().starts_with("ratelimit-"))
        {
            answer.headers_mut().insert(name.clone(), value.clone());
        }
        *answer.status_mut() = StatusCode::OK;
        replace(answer, body.to_string().into()).then_some(())
    }

    /// Puts the shops in the order of their names, over all pages.
    async fn sorted(&self, asked: &Asked<'_>, answer: &mut Response<Bytes>) -> Option<()> {
        let key = asked.key()?;
        let mut body: Value = serde_json::from_slice(answer.body()).ok()?;
        let number = |body: &Value, name: &str| usize::try_from(body["pagination"][name].as_u64()?).ok();
        let (page, size) = (number(&body, "page")?, number(&body, "page_size")?);
        let mut shops = Vec::new();
        for page in 1.. {
            let mut whole = self.read(key, &format!("/v2/vendors?page={page}&page_size=100")).await?;
            shops.append(whole["data"].as_array_mut()?);
            if whole["pagination"]["has_next"] != true {
                break;
            }
        }
        shops.sort_by(|one, other| one["vendor"].as_str().cmp(&other["vendor"].as_str()));
        let from = page.checked_sub(1)?.saturating_mul(size);
        body["data"] = shops.into_iter().skip(from).take(size).collect();
        replace(answer, body.to_string().into()).then_some(())
    }

    /// Once a limit is set for a key, others have used up a part of it.
    async fn limited(&self, request: &Request<Bytes>) -> Option<()> {
        let account = request.uri().path() == "/_rehearsal/account" && request.method() == Method::PATCH;
        let change: Value = serde_json::from_slice(request.body()).ok()?;
        if !account || change.pointer("/apis/catalog/rate-limit") != Some(&json!("documented")) {
            return None;
        }
        let key = request.uri().query()?.strip_prefix("key=")?;
        for _ in 0..EARLIER {
            self.read(key, "/v2/crawl").await?;
        }
        Some(())
    }

    async fn read(&self, key: &str, path: &str) -> Option<Value> {
        let answer = self.inner.send(get(key, path)?).await.ok()?;
        serde_json::from_slice(answer.body()).ok()
    }
}

fn get(key: &str, path: &str) -> Option<Request<Bytes>> {
    let key = HeaderValue::from_str(key).ok()?;
    Request::get(path).header(HEADER, key).body(Bytes::new()).ok()
}
