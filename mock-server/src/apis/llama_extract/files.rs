//! Files: how they come in, and how both generations of them are shown.

use std::sync::Arc;

use http::StatusCode;
use serde_json::{Map, Value, json};

use crate::apis::dialect::Call;
use crate::apis::fetch::{NotFetched, Source};
use crate::apis::form::{Attached, Form};
use crate::apis::llama_extract::acts::{self, said};
use crate::apis::llama_extract::addresses::{self, Purpose};
use crate::apis::llama_extract::detail::Item;
use crate::apis::llama_extract::problem::{Problem, say};
use crate::apis::llama_extract::seen::{is_unlisted, named};
use crate::apis::llama_extract::shown::{self, instant, project};
use crate::apis::reply::Reply;
use crate::apis::words::shortened;
use crate::blobs::{Blob, NotKept};
use crate::model::llama_extract::config::Era;
use crate::model::llama_extract::file::{FILE_MAX, File, FileId, FileRecord, NAME_MAX};
use crate::model::llama_extract::ids;
use crate::model::llama_extract::state::{Command, State};
use crate::world::state::WorldState;

pub(super) mod beta;

/// The file with this id.
pub(super) fn find<'a>(call: &Call<'_>, state: &'a State, id: &str) -> Result<(FileId, &'a File), Problem> {
    named(call, id, ids::FILE, |id| state.find_file(id), |(_, file)| file.record.created)
        .ok_or_else(|| Problem::not_found("File", id))
}

/// The file with this id, if something is in it.
pub(super) fn usable(call: &Call<'_>, state: &State, id: &str) -> Result<FileId, Problem> {
    let (number, file) = find(call, state, id)?;
    match file.content {
        Some(_) => Ok(number),
        None => Err(Problem::bad_request(format!("File {} has not been uploaded yet", shortened(id)))),
    }
}

/// The form that the request brought.
pub(super) fn form<'a>(call: &'a Call<'_>) -> Result<&'a Form, Problem> {
    // The pipeline has refused whatever is no form.
    call.form().ok_or_else(|| Problem::bad_request("The request brings no form"))
}

/// What is known of a new file besides its content.
#[derive(Debug, Default)]
pub(super) struct About {
    pub(super) name: String,
    pub(super) external_id: Option<String>,
    pub(super) purpose: Option<String>,
    pub(super) announced: Option<u64>,
    pub(super) said: Map<String, Value>,
}

/// Adds a file with these bytes, or one whose bytes are to come.
pub(super) fn keep(
    call: &Call<'_>,
    world: &mut WorldState,
    about: About,
    content: Option<Blob>,
) -> Result<FileId, Problem> {
    if !world.llama_extract().has_room_for_things() {
        return Err(Problem::full());
    }
    let id = acts::fresh(call, world, "file");
    let record = FileRecord {
        id,
        name: about.name.into(),
        external_id: about.external_id.map(Into::into),
        purpose: about.purpose.map(Into::into),
        announced: about.announced,
        said: about.said,
        created: call.now,
        content,
    };
    acts::apply(call, world, Command::AddFile(Arc::new(record)))?;
    world.llama_extract().find_file(id).map(|(number, _)| number).ok_or_else(Problem::full)
}

/// What an attached file is called: as its client says, or as the field that it came in.
fn name_of(file: &Attached) -> Result<String, Problem> {
    let name = if file.name.is_empty() { &file.field } else { &file.name };
    if name.chars().count() > NAME_MAX {
        let why = format!("String should have at most {NAME_MAX} characters");
        return Err(Problem::unprocessable(Item::wrong(
            &["body", &file.field],
            &json!(shortened(name)),
            why,
        )));
    }
    Ok(name.clone())
}

fn attached<'f>(form: &'f Form, field: &str) -> Result<&'f Attached, Problem> {
    form.file.as_ref().ok_or_else(|| Problem::unprocessable(Item::missing(&["body", field])))
}

/// The file of a form that asks for a job.
pub(super) fn add(call: &Call<'_>, world: &mut WorldState, form: &Form) -> Result<FileId, Problem> {
    let file = attached(form, "file")?;
    let about = About { name: name_of(file)?, ..About::default() };
    keep(call, world, about, Some(file.blob.clone()))
}

/// The text that a body holds, as a file.
pub(super) fn of_text(call: &Call<'_>, world: &mut WorldState) -> Result<FileId, Problem> {
    let blob = call.blob().ok_or_else(|| Problem::bad_request("There is no text"))?;
    let about = About { name: "text.txt".to_owned(), ..About::default() };
    keep(call, world, about, Some(blob.clone()))
}

/// The file that a body holds: its bytes in base64, and what they are.
pub(super) fn of_base64(call: &Call<'_>, world: &mut WorldState, file: &Value) -> Result<FileId, Problem> {
    let blob = call.blob().ok_or_else(|| {
        let why = "this is no base64";
        Problem::unprocessable(Item::at(vec![json!("file"), json!("data")], why))
    })?;
    let ending = blob.facts("").ending.unwrap_or("bin");
    // What its client takes it for counts where its bytes do not say.
    let named = file["mime_type"].as_str().and_then(ending_of).unwrap_or(ending);
    let about = About { name: format!("document.{named}"), ..About::default() };
    keep(call, world, about, Some(blob.clone()))
}

fn ending_of(media_type: &str) -> Option<&'static str> {
    crate::blobs::ending_of(media_type.split(';').next()?.trim())
}

fn too_large() -> Problem {
    Problem::new(StatusCode::PAYLOAD_TOO_LARGE, format!("The file is larger than {FILE_MAX} bytes"))
}

fn reply(world: &WorldState, id: FileId, status: StatusCode) -> Result<Reply, Problem> {
    let file = world.llama_extract().file(id).ok_or_else(|| Problem::not_found("File", ""))?;
    Ok(Reply::json(status, &shown::file(world, file, Era::V1)))
}

/// `POST /api/v1/files`.
pub(super) fn create(call: &Call<'_>, world: &mut WorldState) -> Reply {
    say(created(call, world).and_then(|id| reply(world, id, StatusCode::OK)))
}

fn created(call: &Call<'_>, world: &mut WorldState) -> Result<FileId, Problem> {
    let file = attached(form(call)?, "upload_file")?;
    let external_id = call.text("external_file_id").map(str::to_owned);
    let about = About { name: name_of(file)?, external_id, ..About::default() };
    keep(call, world, about, Some(file.blob.clone()))
}

/// Where the file is that a body names (v1, `FileCreateFromUrl`). What it says of a proxy is left alone: nothing is asked
/// through one.
pub(super) fn source(body: &Value) -> Source {
    let flag = |name: &str| said(body, name).and_then(Value::as_bool).unwrap_or(true);
    let headers = said(body, "request_headers").and_then(Value::as_object).into_iter().flatten();
    let headers = headers.filter_map(|(name, value)| Some((name.clone(), value.as_str()?.to_owned())));
    Source {
        url: body["url"].as_str().unwrap_or_default().to_owned(),
        headers: headers.collect(),
        verify_ssl: flag("verify_ssl"),
        follow_redirects: flag("follow_redirects"),
    }
}

/// `PUT /api/v1/files/upload_from_url`.
pub(super) fn create_from_url(call: &Call<'_>, world: &mut WorldState) -> Reply {
    say(created_from_url(call, world).and_then(|id| reply(world, id, StatusCode::OK)))
}

fn created_from_url(call: &Call<'_>, world: &mut WorldState) -> Result<FileId, Problem> {
    let fetched = match call.fetched() {
        Some(Ok(fetched)) => fetched,
        Some(Err(NotFetched::NotKept(NotKept::TooLarge(_)))) => return Err(too_large()),
        Some(Err(NotFetched::NotKept(not_kept))) => {
            return Err(Problem::new(StatusCode::SERVICE_UNAVAILABLE, not_kept.to_string()));
        }
        Some(Err(not_fetched)) => return Err(Problem::bad_request(not_fetched.to_string())),
        None => return Err(Problem::bad_request("Nothing was fetched")),
    };
    let given = said(call.body, "name").and_then(Value::as_str).filter(|name| !name.is_empty());
    let name = given.map(str::to_owned).or_else(|| fetched.name.clone());
    let info = said(call.body, "resource_info").map(|info| ("resource_info".to_owned(), info.clone()));
    let about = About {
        name: name.unwrap_or_else(|| "file".to_owned()).chars().take(NAME_MAX).collect(),
        said: info.into_iter().collect(),
        ..About::default()
    };
    keep(call, world, about, Some(fetched.blob.clone()))
}

/// `GET /api/v1/files`: all of them, newest first.
pub(super) fn list(call: &Call<'_>, world: &mut WorldState) -> Reply {
    let listed = world.llama_extract().files().newest().map(|(_, file)| file);
    let listed = listed.filter(|file| !is_unlisted(call, file.record.created));
    let files: Vec<Value> = listed.map(|file| shown::file(world, file, Era::V1)).collect();
    Reply::json(StatusCode::OK, &files)
}

pub(super) fn get(call: &Call<'_>, world: &mut WorldState) -> Reply {
    let found = find(call, world.llama_extract(), acts::id(call)).map(|(id, _)| id);
    say(found.and_then(|id| reply(world, id, StatusCode::OK)))
}

/// Deletes a file, in either generation. What was extracted from it stays.
pub(super) fn delete(call: &Call<'_>, world: &mut WorldState) -> Reply {
    let found = find(call, world.llama_extract(), acts::id(call)).map(|(id, _)| id);
    say(found.and_then(|id| {
        acts::apply(call, world, Command::DeleteFile(id))?;
        Ok(Reply::empty(StatusCode::NO_CONTENT))
    }))
}

/// `PUT /api/v1/files`: announces a file, and says where its bytes are to be sent.
pub(super) fn announce(call: &Call<'_>, world: &mut WorldState) -> Reply {
    say(announced(call, world))
}

fn announced(call: &Call<'_>, world: &mut WorldState) -> Result<Reply, Problem> {
    let body = call.body;
    let text = |name: &str| said(body, name).and_then(Value::as_str).map(str::to_owned);
    let announced = said(body, "file_size").and_then(Value::as_u64);
    if announced.is_some_and(|size| size > FILE_MAX as u64) {
        return Err(too_large());
    }
    let kept = ["last_modified_at", "resource_info", "permission_info", "data_source_id"];
    let kept = kept.into_iter().filter_map(|name| Some((name.to_owned(), said(body, name)?.clone())));
    let about = About {
        name: text("name").unwrap_or_default(),
        external_id: text("external_file_id"),
        purpose: None,
        announced,
        said: kept.collect(),
    };
    let id = keep(call, world, about, None)?;
    let record = world.llama_extract().file(id).map(|file| Arc::clone(&file.record));
    let record = record.ok_or_else(Problem::full)?;
    let mut presigned = addresses::presigned(call, world, id, Purpose::Upload);
    presigned["file_id"] = json!(record.id);
    Ok(Reply::json(StatusCode::OK, &presigned))
}

/// `GET …/files/{id}/content`, in either generation: where the bytes of a file can be read.
pub(super) fn content(call: &Call<'_>, world: &mut WorldState) -> Reply {
    let id = acts::id(call);
    say(usable(call, world.llama_extract(), id)
        .map(|id| Reply::json(StatusCode::OK, &addresses::presigned(call, world, id, Purpose::Download))))
}

/// A file as v2 shows it.
fn shown_beta(call: &Call<'_>, world: &WorldState, (id, file): (FileId, &File), with_url: bool) -> Value {
    let record = &file.record;
    let url = (with_url && file.content.is_some())
        .then(|| addresses::presigned(call, world, id, Purpose::Download));
    json!({
        "id": record.id,
        "name": record.name,
        "external_file_id": record.external_id,
        "file_type": file.extension(),
        "project_id": project(world),
        "last_modified_at": instant(file.updated),
        "expires_at": null,
        "purpose": record.purpose,
        "download_url": url,
    })
}
