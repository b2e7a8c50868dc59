//! Forms with files.

use super::{Tour, full};
use crate::client::{Ask, Client, Credential, Stop};
use crate::history::seen::Seen;

/// What parts the parts of a form. No text that is sent has it.
const RIM: &str = "rehearsal-check-rim";

/// A field of a form: its name, the name of its file if it is one, and what is in it.
pub(super) type Field<'f> = (&'f str, Option<&'f str>, &'f str);

/// The label and the bytes of a form.
pub(super) fn form(fields: &[Field<'_>]) -> (String, String) {
    let mut text = String::new();
    for (name, file, content) in fields {
        let file_name = file.map(|file| format!("; filename=\"{file}\"")).unwrap_or_default();
        let label = file.map(|_| "Content-Type: text/plain\r\n").unwrap_or_default();
        text.push_str(&format!(
            "--{RIM}\r\nContent-Disposition: form-data; name=\"{name}\"{file_name}\r\n{label}\r\n{content}\r\n"
        ));
    }
    text.push_str(&format!("--{RIM}--\r\n"));
    (format!("multipart/form-data; boundary={RIM}"), text)
}

impl Tour<'_, '_> {
    /// A form for an operation, ready to be sent.
    pub(super) fn form(&self, operation: &str, query: &str, fields: &[Field<'_>]) -> Result<Ask, Stop> {
        let (media, text) = form(fields);
        let client = &self.driver.client;
        let mut ask = client.request_with(
            &full(operation),
            &[],
            &[("content-type", &media)],
            Some(&text),
            Credential::A,
        )?;
        if !query.is_empty() {
            ask.ask_for(query);
        }
        Ok(ask)
    }

    /// Sends a form.
    pub(super) async fn send_form(
        &mut self,
        operation: &str,
        query: &str,
        fields: &[Field<'_>],
    ) -> Result<&Seen, Stop> {
        let ask = self.form(operation, query, fields)?;
        self.driver.client.send(ask).await
    }

    /// Sends a form, and answers the id of what it made.
    pub(super) async fn upload(
        &mut self,
        operation: &str,
        query: &str,
        fields: &[Field<'_>],
    ) -> Result<Option<String>, Stop> {
        let id = Client::created(self.send_form(operation, query, fields).await?);
        self.driver.session.tick().await?;
        Ok(id)
    }
}
