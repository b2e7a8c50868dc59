//! Files and uploads.

use http::Method;
use serde_json::json;

use super::Tour;
use super::forms::form;
use crate::client::{Client, Credential, Stop, encoded};
use crate::profile::llama_extract::NOBODY;

/// What is sent: a short invoice.
const INVOICE: &str = "Invoice 17\nBoots 99.50\nDelivery 19.00\nTotal 118.50\n";

/// Uploads the files that jobs of the first two generations are made of; their ids. In the page's era that is done as in
/// version 1, since it has nothing of its own for it.
pub(super) async fn files(tour: &mut Tour<'_, '_>) -> Result<Vec<String>, Stop> {
    let mut ids = Vec::new();
    let names = ["invoice", "receipt", "letter"].map(|name| format!("{name}-{}.txt", tour.mark));
    for (place, name) in names.iter().enumerate() {
        let text = format!("{INVOICE}Copy {place}\n");
        let fields = [("upload_file", Some(name.as_str()), text.as_str())];
        let external = format!("external_file_id=check-{place}");
        if tour.is_v1() {
            ids.extend(tour.upload("files.create", &external, &fields).await?);
            continue;
        }
        let (media, body) = form(&fields);
        let target = format!("/api/v1/files?{external}");
        ids.extend(Client::created(tour.elsewhere(&Method::POST, &target, Some((&media, &body))).await?));
        tour.driver.session.tick().await?;
    }
    if tour.is_v1() {
        tour.send_form("files.create", "", &[("note", None, "no file")]).await?;
        tour.get("files.list", "", "").await?;
        for id in ids.clone() {
            tour.get("files.get", &id, "").await?;
        }
        contents(tour, &ids).await?;
        for id in [NOBODY, "no-id"] {
            for operation in ["files.get", "files.delete", "files-content.get"] {
                tour.get(operation, id, "").await?;
            }
        }
    }
    Ok(ids)
}

/// Asks for addresses of the first file, for how long they work, and fetches it.
async fn contents(tour: &mut Tour<'_, '_>, ids: &[String]) -> Result<(), Stop> {
    let Some(id) = ids.first() else { return Ok(()) };
    for query in ["", "expires_at_seconds=60", "expires_at_seconds=600"] {
        tour.get("files-content.get", id, query).await?;
        if let Some(url) = tour.told("/url") {
            tour.fetch(&url, None).await?;
        }
    }
    Ok(())
}

/// Announces a file, sends it, and fetches it; and lets another be fetched from the address of a first.
pub(super) async fn presigned(tour: &mut Tour<'_, '_>) -> Result<(), Stop> {
    let announce = "files-presigned.create";
    let name = format!("announced-{}.txt", tour.mark);
    tour.ask(announce, "", "expires_at_seconds=60", Some(&json!({"name": name}))).await?;
    let seen = tour.ask(announce, "", "expires_at_seconds=600", Some(&json!({"name": name}))).await?;
    let file = seen.text("/file_id").map(str::to_owned);
    let url = tour.told("/url");
    tour.send(announce, &json!({"external_file_id": "no-name"})).await?;
    let (Some(file), Some(url)) = (file, url) else { return Ok(()) };
    tour.get("files.get", &file, "").await?;
    tour.fetch(&url, Some(INVOICE)).await?;
    tour.get("files.get", &file, "").await?;
    tour.get("files-content.get", &file, "").await?;
    let Some(url) = tour.told("/url") else { return Ok(()) };
    tour.fetch(&url, None).await?;
    tour.send("files-from-url.create", &json!({"name": "no-url.txt"})).await?;
    // Of a server elsewhere nobody knows which addresses it may reach.
    if tour.is_ours() && tour.driver.client.address().is_some_and(|base| url.starts_with(base)) {
        tour.send("files-from-url.create", &json!({"url": url, "name": "fetched.txt"})).await?;
    }
    Ok(())
}

/// Deletes a file that was used, and looks for it.
pub(super) async fn leave(tour: &mut Tour<'_, '_>, ids: &[String]) -> Result<(), Stop> {
    if !tour.is_at_home() {
        forget(tour).await?;
    }
    let Some(last) = ids.get(1) else { return Ok(()) };
    let job = {
        let history = tour.driver.client.history();
        let mut runs = history.of("llama-extract.runs-by-job.get");
        let of_file = runs.find(|run| run.is_success() && run.text("/file/id") == Some(last));
        of_file.and_then(|run| run.run().map(str::to_owned))
    };
    if let Some(job) = &job {
        tour.get("runs-by-job.get", job, "").await?;
    }
    for _ in 0..2 {
        tour.ask("files.delete", last, "", None).await?;
    }
    tour.get("files.get", last, "").await?;
    tour.get("files.list", "", "").await?;
    if let Some(job) = &job {
        tour.get("runs-by-job.get", job, "").await?;
    }
    if tour.owns_other()
        && let Some(first) = ids.first()
    {
        tour.ask_as(Credential::B, "files.get", first, "", None).await?;
    }
    Ok(())
}

/// Deletes the files that came with jobs: they have no create of their own by which they would be found at the end.
async fn forget(tour: &mut Tour<'_, '_>) -> Result<(), Stop> {
    let files: Vec<String> = {
        let history = tour.driver.client.history();
        let made = ["jobs-file.create", "run.create"].map(super::full);
        let jobs = history.judged().filter(|seen| made.iter().any(|operation| seen.is(operation)));
        jobs.filter_map(|job| job.text("/file/id").map(str::to_owned)).collect()
    };
    for file in files {
        tour.ask("files.delete", &file, "", None).await?;
    }
    Ok(())
}

/// What was uploaded in version 2.
pub(super) struct Uploads {
    /// Ids of uploads to extract from: the first has several pages.
    pub(super) extract: Vec<String>,
}

/// Uploads a file of each purpose, looks at them and deletes one.
pub(super) async fn uploads(tour: &mut Tour<'_, '_>) -> Result<Uploads, Stop> {
    let create = "files.create";
    let long = INVOICE.repeat(150);
    let mut extract = Vec::new();
    for (name, text) in
        [("pages", long.as_str()), ("invoice", INVOICE), ("receipt", "Receipt 3\nTotal 4.00\n")]
    {
        let name = format!("{name}-{}.txt", tour.mark);
        let fields = [
            ("purpose", None, "extract"),
            ("external_file_id", None, name.as_str()),
            ("file", Some(name.as_str()), text),
        ];
        extract.extend(tour.upload(create, "", &fields).await?);
    }
    let mut last = None;
    for purpose in ["user_data", "parse", "split", "classify", "sheet", "agent_app"] {
        let name = format!("{purpose}-{}.txt", tour.mark);
        // The file comes first, as some clients send it.
        last = tour.upload(create, "", &[("file", Some(&name), INVOICE), ("purpose", None, purpose)]).await?;
    }
    tour.send_form(create, "", &[("purpose", None, "extract")]).await?;
    tour.send_form(create, "", &[("file", Some("a.txt"), INVOICE)]).await?;
    tour.send_form(create, "", &[("purpose", None, "fun"), ("file", Some("a.txt"), INVOICE)]).await?;
    if let Some(first) = extract.first().cloned() {
        for query in ["", "expand=download_url"] {
            tour.get("files.get", &first, query).await?;
        }
        tour.get("files.get", &format!("dfl-{first}"), "").await?;
        if tour.is_ours() {
            tour.get("files-content.get", &first, "expires_at_seconds=0").await?;
        }
    }
    contents(tour, &extract).await?;
    for id in [NOBODY, "no-id"] {
        for operation in ["files.get", "files.delete", "files-content.get"] {
            tour.get(operation, id, "").await?;
        }
    }
    tour.get("files.list", "", "page_size=1000").await?;
    if let Some(last) = &last {
        for _ in 0..2 {
            tour.ask("files.delete", last, "", None).await?;
        }
        tour.get("files.get", last, "").await?;
        tour.get("files.list", "", "page_size=1000").await?;
        let of_gone = json!({"file_input": last, "configuration": {"data_schema": super::letter()}});
        tour.begin("extract.create", "", &of_gone).await?;
    }
    Ok(Uploads { extract })
}

/// Lists of uploads, and queries.
pub(super) async fn lists(tour: &mut Tour<'_, '_>, uploads: &Uploads) -> Result<(), Stop> {
    let [first, second, ..] = uploads.extract.as_slice() else { return Ok(()) };
    let name = format!("pages-{}.txt", tour.mark);
    let named = format!("file_name={}", encoded(&name));
    let external = format!("external_file_id={}", encoded(&name));
    let mut queries = vec![
        String::new(),
        "page_size=0".into(),
        "page_size=1001".into(),
        "page_size=1".into(),
        format!("file_ids={first}&file_ids={second}"),
        named.clone(),
        external.clone(),
        format!("{named}&{external}"),
        format!("file_name={}&{external}", encoded("another.txt")),
        "expand=download_url".into(),
        "order_by=name".into(),
        "order_by=id".into(),
        "order_by=created_at".into(),
        "order_by=name%20desc".into(),
    ];
    if tour.is_ours() {
        queries.push("order_by=size".into());
    }
    for query in queries {
        tour.get("files.list", "", &query).await?;
    }
    let filters = [
        json!({}),
        json!({"page_size": 5_000}),
        json!({"filter": {"file_name": name}}),
        json!({"filter": {"external_file_id": name}}),
        json!({"filter": {"file_ids": [first, second]}}),
        json!({"filter": null, "page_size": 2}),
    ];
    for body in filters {
        tour.send("files-query.create", &body).await?;
    }
    Ok(())
}
