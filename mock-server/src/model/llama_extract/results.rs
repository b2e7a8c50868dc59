//! What comes of an extraction: a pure function of the seed, the file's bytes and the schema. It is made when it is read, and
//! outside of the world's lock, for it may take a while.

use std::sync::Arc;

use fixtures::samples::llama_extract::{Manner, Shape, Source, Wants, field_metadata_of_part};
use serde_json::Value;

use crate::model::llama_extract::agent::Settings;
use crate::model::llama_extract::config::Target;
use crate::model::llama_extract::file::File;
use crate::model::llama_extract::run::{Extraction, Record, Yield};
use crate::seed::Seed;

/// The most pages of a file (page "Limitations": 500).
const PAGES_MAX: u32 = 500;
/// How many tokens a page of a document has, roughly.
const TOKENS_PER_PAGE: u64 = 520;

/// What is needed to make the results of an extraction.
#[derive(Debug, Clone)]
pub struct Results {
    record: Arc<Record>,
    key: [u8; 32],
    pages: u32,
    /// Which pages of the document those are.
    numbers: Box<[u32]>,
}

/// What an extraction has used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Usage {
    /// The pages that counted.
    pub pages: u32,
    /// Tokens of the document.
    pub document_tokens: u64,
    /// Tokens of the data.
    pub output_tokens: u64,
}

impl Results {
    /// Those of an extraction from `file`; `None` if nothing is in the file.
    pub fn of(extraction: &Extraction, file: &File, seed: Seed) -> Option<Self> {
        let content = file.content.as_ref()?;
        let record = &extraction.record;
        let pages = u32::try_from(content.facts(&file.record.name).pages).unwrap_or(u32::MAX).min(PAGES_MAX);
        Some(Self {
            record: Arc::clone(record),
            key: seed.content(&[b"llama-extract.data", &content.digest()]),
            pages: record.settings.config.pages_of(pages),
            numbers: record.settings.config.pages_in(pages).collect(),
        })
    }

    /// The data: an object for a document, a list of objects for pages and rows.
    pub fn data(&self) -> Value {
        let manner = match &self.record.yields {
            Yield::Given(data) => return (**data).clone(),
            Yield::Whole => Manner::Full,
            Yield::Missing(fields) => Manner::Partial(*fields),
            Yield::Nothing => Manner::Empty,
        };
        let Settings { schema, config } = &*self.record.settings;
        let shape = match config.target {
            Target::Document => Shape::Document,
            Target::Page => Shape::Pages,
            Target::TableRow => Shape::Rows(None),
        };
        schema.data(&self.source(), shape, manner)
    }

    /// What mirrors the data: places, confidence and reasons, as far as they were asked for.
    pub fn metadata(&self, data: &Value) -> Value {
        let config = &self.record.settings.config;
        let wants =
            Wants { citations: config.citations, confidence: config.confidence, reasoning: config.reasoning };
        let number = |page: u32| {
            let index = usize::try_from(page).ok().and_then(|page| page.checked_sub(1));
            index.and_then(|index| self.numbers.get(index)).copied().unwrap_or(page)
        };
        field_metadata_of_part(data, &self.source(), wants, &number)
    }

    /// What was used to make `data`.
    pub fn usage(&self, data: &Value) -> Usage {
        let output = data.to_string().len() as u64 / 4;
        Usage {
            pages: self.pages,
            document_tokens: u64::from(self.pages) * TOKENS_PER_PAGE,
            output_tokens: output.max(1),
        }
    }

    /// The pages that counted.
    pub fn pages(&self) -> u32 {
        self.pages
    }

    fn source(&self) -> Source {
        Source { key: self.key, pages: self.pages }
    }
}
