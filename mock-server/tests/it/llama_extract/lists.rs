//! Lists of the three kinds: bare ones, those with `skip` and `limit`, and those with page tokens.

use http::StatusCode;
use serde_json::{Value, json};

use super::{Client, PAGE, V1, V2, id, invoice};
use crate::harness::Stand;

const BETA: &str = "/api/v1/beta";

/// The ids of what a list shows, in its order.
#[track_caller]
fn ids(list: &Value) -> Vec<String> {
    let items = list.get("items").unwrap_or(list);
    items.as_array().unwrap_or_else(|| panic!("no list: {list}")).iter().map(id).collect()
}

/// Every page of a list, one after the other.
async fn pages(client: Client<'_>, path: &str) -> Vec<Value> {
    let mut pages = vec![client.read(path).await];
    while let Some(token) = pages.last().and_then(|page| page["next_page_token"].as_str()) {
        let next = client.read(&format!("{path}&page_token={token}")).await;
        pages.push(next);
        assert!(pages.len() < 20, "the list has no end");
    }
    pages
}

/// An agent with five jobs, a minute after each other; the jobs from the newest on.
async fn five(client: Client<'_>) -> (String, Vec<String>) {
    let agent = client.agent("invoices", &invoice(), json!({})).await;
    let file = client.file("a.pdf", "Invoice 7").await;
    let mut jobs = Vec::new();
    for _ in 0..5 {
        jobs.insert(0, client.job(&agent, &file).await);
        client.wait().await;
    }
    (agent, jobs)
}

#[tokio::test]
async fn runs_are_listed_from_the_newest_on_and_by_skip_and_limit() {
    let stand = Stand::new();
    let client = Client::new(&stand);
    let (agent, jobs) = five(client).await;
    let list = format!("{V1}/runs?extraction_agent_id={agent}");
    let all = client.read(&list).await;
    let of: Vec<&str> =
        all["items"].as_array().unwrap().iter().map(|run| run["job_id"].as_str().unwrap()).collect();
    assert_eq!(of, jobs);
    assert_eq!((&all["total"], &all["skip"], &all["limit"]), (&json!(5), &json!(0), &json!(25)));
    let all = ids(&all);
    for (skip, limit) in [(0, 2), (2, 2), (4, 2), (5, 2), (90, 1_000)] {
        let page = client.read(&format!("{list}&skip={skip}&limit={limit}")).await;
        assert_eq!((&page["total"], &page["skip"], &page["limit"]), (&json!(5), &json!(skip), &json!(limit)));
        let expected: Vec<&String> = all.iter().skip(skip).take(limit).collect();
        assert_eq!(ids(&page).iter().collect::<Vec<_>>(), expected);
    }
    // The page's era has the same in a bare list.
    let bare = format!("{PAGE}/runs?extraction_agent_id={agent}");
    assert_eq!(ids(&client.read(&bare).await), all);
    assert_eq!(ids(&client.read(&format!("{bare}&skip=1&limit=3")).await), all[1..4]);
    assert_eq!(ids(&client.read(&format!("{V1}/jobs?extraction_agent_id={agent}")).await), jobs);
    assert_eq!(ids(&client.read(&format!("{PAGE}/jobs?extraction_agent_id={agent}")).await), jobs);
}

#[tokio::test]
async fn filters_of_runs_narrow_what_the_others_leave() {
    let stand = Stand::new();
    let client = Client::new(&stand);
    let (agent, jobs) = five(client).await;
    let other = client.agent("other", &invoice(), json!({})).await;
    let file = client.file("fails.pdf", "Invoice 8").await;
    let failed = client.job(&other, &file).await;
    client.wait().await;
    let pending = client.job(&other, &file).await;
    stand.advance("1s").await;
    let run = id(&client.run(PAGE, &jobs[2]).await);
    let nobody = "00000000-0000-4000-8000-000000000000";
    let bare = [
        (String::new(), 7),
        (format!("extraction_agent_id={other}"), 2),
        (format!("run_id={run}"), 1),
        (format!("job_id={}", jobs[2]), 1),
        (format!("extraction_agent_id={agent}&run_id={run}&job_id={}", jobs[2]), 1),
        (format!("extraction_agent_id={other}&run_id={run}"), 0),
        (format!("run_id={run}&job_id={}", jobs[1]), 0),
        (format!("extraction_agent_id={nobody}"), 0),
    ];
    for (query, count) in bare {
        assert_eq!(ids(&client.read(&format!("{PAGE}/runs?{query}")).await).len(), count, "{query}");
    }
    let paged = [
        (format!("extraction_agent_id={other}&status=ERROR"), 1),
        (format!("extraction_agent_id={other}&status=PENDING"), 1),
        (format!("extraction_agent_id={other}&status=SUCCESS"), 0),
        (format!("extraction_agent_id={agent}&status=SUCCESS&limit=1"), 5),
        (format!("extraction_agent_id={agent}&status=NONSENSE"), 0),
        (format!("extraction_agent_id={agent}&run_id={run}"), 1),
        (format!("extraction_agent_id={agent}&run_id=nonsense"), 0),
        (format!("extraction_agent_id={nobody}"), 0),
    ];
    for (query, total) in paged {
        assert_eq!(client.read(&format!("{V1}/runs?{query}")).await["total"], total, "{query}");
    }
    let words = |word: &str| format!("{V2}?status={word}");
    assert_eq!(ids(&client.read(&words("FAILED")).await), [format!("ext-{failed}")]);
    assert_eq!(ids(&client.read(&words("PENDING")).await), [format!("ext-{pending}")]);
    assert_eq!(client.read(&words("COMPLETED")).await["total_size"], 5);
}

#[tokio::test]
async fn the_run_that_the_vendor_s_pages_began_last_is_told_from_others() {
    let stand = Stand::new();
    let client = Client::new(&stand);
    let (agent, _) = five(client).await;
    let latest = format!("{V1}/runs/latest-from-ui?extraction_agent_id={agent}");
    assert_eq!(client.read(&latest).await, Value::Null);
    let file = client.file("b.pdf", "Invoice 9").await;
    let body = json!({ "extraction_agent_id": agent, "file_id": file });
    let by_hand = client.post(&format!("{V1}/jobs?from_ui=true"), body).await.ok(StatusCode::OK);
    let _ = client.job(&agent, &file).await;
    let run = client.read(&latest).await;
    assert_eq!((&run["job_id"], &run["from_ui"]), (&by_hand["id"], &json!(true)));
}

#[tokio::test]
async fn pages_follow_each_other_without_a_gap_whatever_comes_meanwhile() {
    let stand = Stand::new();
    let client = Client::new(&stand);
    let (agent, jobs) = five(client).await;
    let all: Vec<String> = jobs.iter().map(|job| format!("ext-{job}")).collect();
    for size in [1, 2, 4, 5, 6] {
        let pages = pages(client, &format!("{V2}?page_size={size}")).await;
        assert_eq!(pages.len(), 5_usize.div_ceil(size), "{size}");
        assert!(pages.iter().all(|page| page["total_size"] == 5));
        assert_eq!(pages.iter().flat_map(ids).collect::<Vec<_>>(), all);
    }
    let first = client.read(&format!("{V2}?page_size=2")).await;
    let token = first["next_page_token"].as_str().unwrap();
    let file = client.file("b.pdf", "Invoice 9").await;
    let _ = client.job(&agent, &file).await;
    let _ = client.delete(&format!("{V2}/{}", all[1])).await.ok(StatusCode::OK);
    let second = client.read(&format!("{V2}?page_size=2&page_token={token}")).await;
    assert_eq!(ids(&second), all[2..4]);
}

#[tokio::test]
async fn every_list_of_version_2_has_pages() {
    let stand = Stand::new();
    let client = Client::new(&stand);
    for index in 0..3 {
        let _ = client.agent(&format!("agent-{index}"), &invoice(), json!({})).await;
        let _ = client.file(&format!("{index}.txt"), "x").await;
        let parameters = json!({ "product_type": "extract_v2", "data_schema": invoice() });
        let body = json!({ "name": format!("saved-{index}"), "parameters": parameters });
        let _ = client.post(&format!("{BETA}/configurations"), body).await.ok(StatusCode::CREATED);
    }
    for list in ["extraction-agents", "files", "configurations"] {
        let pages = pages(client, &format!("{BETA}/{list}?page_size=2")).await;
        let names: Vec<&str> = pages
            .iter()
            .flat_map(|page| page["items"].as_array().unwrap())
            .map(|it| it["name"].as_str().unwrap())
            .collect();
        let digits: String =
            names.iter().flat_map(|name| name.chars().filter(char::is_ascii_digit)).collect();
        assert_eq!((pages.len(), digits.as_str()), (2, "210"), "{list}, from the newest on");
        assert_eq!(pages[1]["next_page_token"], Value::Null);
    }
    let with_default = format!("{BETA}/extraction-agents?include_default=true");
    let _ = client.read(&format!("{V1}/extraction-agents/default")).await;
    assert_eq!(client.read(&with_default).await["total_size"], 4);
    for list in ["/api/v2/projects", "/api/v2/organizations"] {
        let page = client.read(list).await;
        assert_eq!((&page["total_size"], &page["next_page_token"]), (&json!(1), &Value::Null));
        let one = &page["items"][0];
        assert_eq!(client.read(&format!("{list}/{}", id(one))).await, *one);
    }
}

#[tokio::test]
async fn a_token_is_good_for_the_list_and_the_filters_that_gave_it() {
    let (stand, elsewhere) = (Stand::new(), Stand::seeded("", 8));
    let client = Client::new(&stand);
    let _ = five(client).await;
    let _ = five(Client::new(&elsewhere)).await;
    for name in ["a.txt", "b.txt"] {
        let _ = client.file(name, "x").await;
    }
    let token = |page: &Value| page["next_page_token"].as_str().unwrap().to_owned();
    let jobs = token(&client.read(&format!("{V2}?page_size=2")).await);
    let files = token(&client.read(&format!("{BETA}/files?page_size=2")).await);
    let foreign = token(&Client::new(&elsewhere).read(&format!("{V2}?page_size=2")).await);
    let neighbour = Client { key: "test-b", ..client };
    for (client, path) in [
        (client, format!("{V2}?page_size=2&page_token={files}")),
        (client, format!("{V2}?page_size=2&page_token={foreign}")),
        (client, format!("{V2}?page_size=2&page_token=nonsense")),
        (client, format!("{V2}?page_size=2&page_token={jobs}x")),
        (client, format!("{V2}?page_size=2&status=COMPLETED&page_token={jobs}")),
        (client, format!("{BETA}/files?page_size=2&order_by=name&page_token={files}")),
        (neighbour, format!("{V2}?page_size=2&page_token={jobs}")),
    ] {
        let said = client.get(&path).await.detail(StatusCode::BAD_REQUEST);
        assert!(said.contains("page_token"), "{path}: {said}");
    }
    // The size of a page may change.
    assert_eq!(ids(&client.read(&format!("{V2}?page_size=9&page_token={jobs}")).await).len(), 3);
}

#[tokio::test]
async fn jobs_of_version_2_are_filtered_by_time_file_configuration_and_id() {
    let stand = Stand::new();
    let client = Client::new(&stand);
    let parameters = json!({ "product_type": "extract_v2", "data_schema": invoice() });
    let body = json!({ "name": "saved", "parameters": parameters });
    let saved = id(&client.post(&format!("{BETA}/configurations"), body).await.ok(StatusCode::CREATED));
    let (one, two) = (client.file("1.txt", "x").await, client.file("2.txt", "x").await);
    let mut jobs = Vec::new();
    for (file, by_saved) in [(&one, true), (&two, false), (&two, true)] {
        let mut body = json!({ "file_input": format!("dfl-{file}") });
        if by_saved {
            body["configuration_id"] = json!(saved);
        } else {
            body["configuration"] = json!({ "data_schema": invoice() });
        }
        let job = client.post(V2, body).await.ok(StatusCode::OK);
        assert_eq!(job["configuration_id"].is_string(), by_saved, "{job}");
        jobs.push(job);
        stand.advance("1m").await;
    }
    let at = |index: usize| jobs[index]["created_at"].as_str().unwrap().to_owned();
    let with_offset = at(1).replace('Z', "%2B00:00");
    let named = |index: usize| id(&jobs[index]);
    for (query, expected) in [
        (format!("file_input={two}"), vec![2, 1]),
        (format!("file_input=dfl-{one}"), vec![0]),
        (format!("document_input_value={one}"), vec![0]),
        ("document_input_type=file_id".to_owned(), vec![2, 1, 0]),
        ("document_input_type=parse_job_id".to_owned(), vec![]),
        (format!("configuration_id={saved}"), vec![2, 0]),
        (format!("configuration_id={saved}&file_input={two}"), vec![2]),
        (format!("job_ids={}&job_ids={}", named(0), named(1)), vec![1, 0]),
        (format!("created_at_on_or_after={}", at(1)), vec![2, 1]),
        (format!("created_at_on_or_before={with_offset}"), vec![1, 0]),
        (format!("created_at_on_or_after={}&created_at_on_or_before={}", at(1), at(1)), vec![1]),
    ] {
        let expected: Vec<String> = expected.into_iter().map(named).collect();
        assert_eq!(ids(&client.read(&format!("{V2}?{query}")).await), expected, "{query}");
    }
    let (place, _) = client.get(&format!("{V2}?created_at_on_or_after=yesterday")).await.item();
    assert_eq!(place, json!(["query", "created_at_on_or_after"]));
}

#[tokio::test]
async fn a_job_shows_more_when_it_is_asked_to() {
    let stand = Stand::new();
    let client = Client::new(&stand);
    let job = client.invoice("a.txt").await;
    client.wait().await;
    let plain = client.read(&format!("{V2}/{job}")).await;
    assert_eq!((&plain["configuration"], &plain["extract_metadata"]), (&Value::Null, &Value::Null));
    assert_eq!(plain.get("usage"), None);
    let more = "expand=configuration&expand=extract_metadata&expand=usage";
    let full = client.read(&format!("{V2}/{job}?{more}")).await;
    assert_eq!(full["configuration"]["data_schema"], invoice());
    assert!(full["extract_metadata"]["field_metadata"]["document_metadata"].is_object(), "{full}");
    assert!(full["usage"]["credits"].is_number(), "{full}");
    let listed = client.read(&format!("{V2}?expand=configuration&expand=extract_metadata")).await;
    for name in ["configuration", "extract_metadata", "extract_result"] {
        assert_eq!(listed["items"][0][name], full[name], "{name}");
    }
}

#[tokio::test]
async fn files_are_filtered_sorted_and_shown_with_their_addresses() {
    let stand = Stand::new();
    let client = Client::new(&stand);
    let mut files = Vec::new();
    for (name, external) in [("b.txt", "x/1"), ("a.txt", "x/2"), ("b.txt", "x/3")] {
        let parts =
            [("purpose", None, "extract"), ("external_file_id", None, external), ("file", Some(name), "x")];
        files.push(id(&client.fill(&format!("{BETA}/files"), &parts).await.ok(StatusCode::CREATED)));
    }
    let mut by_id = files.clone();
    by_id.sort();
    let of = |indices: &[usize]| indices.iter().map(|index| files[*index].clone()).collect::<Vec<_>>();
    for (query, filter, expected) in [
        ("".to_owned(), json!({}), of(&[2, 1, 0])),
        ("file_name=b.txt".to_owned(), json!({ "filter": { "file_name": "b.txt" } }), of(&[2, 0])),
        ("external_file_id=x/2".to_owned(), json!({ "filter": { "external_file_id": "x/2" } }), of(&[1])),
        (
            format!("file_ids={}&file_ids=dfl-{}", files[0], files[1]),
            json!({ "filter": { "file_ids": [files[0], format!("dfl-{}", files[1])] } }),
            of(&[1, 0]),
        ),
        ("order_by=id".to_owned(), json!({ "order_by": "id" }), by_id),
        ("order_by=created_at".to_owned(), json!({ "order_by": "created_at" }), of(&[2, 1, 0])),
        (
            "order_by=name&file_name=a.txt".to_owned(),
            json!({ "order_by": "name", "filter": { "file_name": "a.txt" } }),
            of(&[1]),
        ),
    ] {
        assert_eq!(ids(&client.read(&format!("{BETA}/files?{query}")).await), expected, "{query}");
        let queried = client.post(&format!("{BETA}/files/query"), filter).await.ok(StatusCode::OK);
        assert_eq!(ids(&queried), expected, "{query}, in a body");
    }
    let sorted = pages(client, &format!("{BETA}/files?order_by=name&page_size=1")).await;
    assert_eq!(sorted.iter().flat_map(ids).next(), Some(files[1].clone()));
    assert_eq!(sorted.len(), 3);
    let plain = client.read(&format!("{BETA}/files")).await;
    assert_eq!(plain["items"][0]["download_url"], Value::Null);
    let shown = client.read(&format!("{BETA}/files?expand=download_url")).await;
    let url = shown["items"][0]["download_url"]["url"].as_str().unwrap();
    assert_eq!(client.get(url.trim_start_matches("http://127.0.0.1:4010")).await.text, "x");
    let (place, _) = client.get(&format!("{BETA}/files?order_by=colour")).await.item();
    assert_eq!(place, json!(["query", "order_by"]));
}

#[tokio::test]
async fn a_filter_or_a_page_that_cannot_be_is_refused_where_it_stands() {
    let stand = Stand::new();
    let client = Client::new(&stand);
    let agent = client.agent("invoices", &invoice(), json!({})).await;
    let runs = format!("{V1}/runs?extraction_agent_id={agent}");
    for (path, place, kind) in [
        (format!("{runs}&skip=-1"), "skip", "greater_than_equal"),
        (format!("{runs}&limit=0"), "limit", "greater_than_equal"),
        (format!("{runs}&limit=1001"), "limit", "less_than_equal"),
        (format!("{runs}&limit=many"), "limit", "int_parsing"),
        (format!("{V1}/runs"), "extraction_agent_id", "missing"),
        (format!("{V1}/jobs"), "extraction_agent_id", "missing"),
        (format!("{V1}/jobs?extraction_agent_id=x"), "extraction_agent_id", "uuid_parsing"),
        (format!("{PAGE}/runs?job_id=x"), "job_id", "uuid_parsing"),
        (format!("{V2}?page_size=0"), "page_size", "greater_than_equal"),
        (format!("{V2}?page_size=1001"), "page_size", "less_than_equal"),
        (format!("{V2}?status=DONE"), "status", "enum"),
        (format!("{BETA}/configurations?latest_only=perhaps"), "latest_only", "bool_parsing"),
    ] {
        assert_eq!(client.get(&path).await.item(), (json!(["query", place]), kind.to_owned()), "{path}");
    }
}
