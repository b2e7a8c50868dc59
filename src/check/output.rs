//! Where the report of a check goes: standard output in one format, and files in any number of them.

use std::fs::OpenOptions;
use std::io;
use std::path::{Path, PathBuf};

use clap::ValueEnum;
use conformance::report::all::Reports;
use conformance::report::{Report, json, junit, markdown, terminal};

/// What a report is written as.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Format {
    /// For people
    Terminal,
    /// For programs
    Json,
    /// JUnit XML, for the test tabs of CI systems
    Junit,
    /// For the summary of a CI step, or a comment
    Markdown,
}

/// What a file of a run holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Content {
    Report(Format),
    /// Every exchange, one per line.
    Transcript,
}

/// A file to write when the check is over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct File {
    content: Content,
    path: PathBuf,
}

impl File {
    /// Reads `FORMAT=PATH`.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let wrong = || {
            format!(
                "`{text}` is not FORMAT=PATH, with one of terminal, json, junit, markdown and transcript as FORMAT"
            )
        };
        let (format, path) = text.split_once('=').filter(|(_, path)| !path.is_empty()).ok_or_else(wrong)?;
        if path == "-" {
            return Err("a report goes to a file; --format chooses what is printed".to_owned());
        }
        let content = match format {
            "transcript" => Content::Transcript,
            format => Content::Report(Format::from_str(format, false).map_err(|_| wrong())?),
        };
        Ok(File { content, path: PathBuf::from(path) })
    }

    /// The file it goes to.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Whether it holds exchanges.
    pub(super) fn is_transcript(&self) -> bool {
        self.content == Content::Transcript
    }

    /// Where it goes, however that is spelt, so that two spellings of one file can be told to be one.
    pub(super) fn place(&self) -> PathBuf {
        let folder = |path: &Path| match path.parent() {
            Some(folder) if folder.as_os_str().is_empty() => Path::new(".").canonicalize(),
            Some(folder) => folder.canonicalize(),
            None => Ok(PathBuf::new()),
        };
        // A file that is not there yet has a folder that is. If it has none either, trying it out will say so.
        let there = self.path.canonicalize();
        let new = || Some(folder(&self.path).ok()?.join(self.path.file_name()?));
        there.ok().or_else(new).unwrap_or_else(|| self.path.clone())
    }

    /// Finds out whether it will be possible to write it, so that nobody learns it after a run of ten minutes. Leaves
    /// everything as it was.
    pub(super) fn try_out(&self) -> Result<(), String> {
        let failed = |error| self.failed(&error);
        match std::fs::symlink_metadata(&self.path) {
            // To open a pipe or a device may already mean something to whoever is at its other end.
            Ok(metadata) if !metadata.is_file() && !metadata.is_dir() => Ok(()),
            Ok(_) => OpenOptions::new().append(true).open(&self.path).map(drop).map_err(failed),
            Err(_) => {
                OpenOptions::new().append(true).create_new(true).open(&self.path).map_err(failed)?;
                std::fs::remove_file(&self.path).map_err(failed)
            }
        }
    }

    /// Writes it.
    pub(super) fn write(&self, found: &Found) -> Result<(), String> {
        let text = match self.content {
            Content::Report(format) => found.render(format, false),
            Content::Transcript => found.transcript(),
        };
        std::fs::write(&self.path, text).map_err(|error| self.failed(&error))
    }

    fn failed(&self, error: &io::Error) -> String {
        format!("--report: cannot write {}: {error}", self.path.display())
    }
}

/// What a check found: of one API, or of every one.
#[derive(Debug)]
pub(super) enum Found {
    One(Box<Report>),
    All(Reports),
}

impl Found {
    /// It as text.
    pub(super) fn render(&self, format: Format, colour: bool) -> String {
        match (self, format) {
            (Self::One(report), Format::Terminal) => terminal::render(report, colour),
            (Self::One(report), Format::Json) => json::render(report),
            (Self::One(report), Format::Junit) => junit::render(report),
            (Self::One(report), Format::Markdown) => markdown::render(report),
            (Self::All(reports), Format::Terminal) => reports.terminal(colour),
            (Self::All(reports), Format::Json) => reports.json(),
            (Self::All(reports), Format::Junit) => reports.junit(),
            (Self::All(reports), Format::Markdown) => reports.markdown(),
        }
    }

    /// Every exchange. Nobody is given those of several APIs, which have numbers of their own.
    fn transcript(&self) -> String {
        match self {
            Self::One(report) => report.transcript(),
            Self::All(_) => String::new(),
        }
    }

    /// What the process exits with.
    pub(super) fn exit_code(&self) -> u8 {
        match self {
            Self::One(report) => report.exit_code,
            Self::All(reports) => reports.exit_code,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_report_file_names_its_format() {
        let file = File::parse("junit=out=1.xml").expect("it is one");
        assert_eq!(file.content, Content::Report(Format::Junit));
        assert_eq!(file.path(), Path::new("out=1.xml"));
        assert_eq!(File::parse("transcript=t").expect("it is one").content, Content::Transcript);
        for wrong in ["out.json", "json=", "xml=out.xml", "=out"] {
            let advice = File::parse(wrong).expect_err(wrong);
            assert!(advice.contains("terminal, json, junit, markdown and transcript"), "{advice}");
        }
        let advice = File::parse("json=-").expect_err("standard output is no file");
        assert!(advice.contains("--format"), "{advice}");
    }

    #[test]
    fn one_file_has_one_place_in_every_spelling() {
        let folder = tempfile::tempdir().expect("a folder");
        std::fs::create_dir(folder.path().join("sub")).expect("it is made");
        std::fs::write(folder.path().join("there"), "").expect("it is written");
        let place =
            |name: &str| File { content: Content::Transcript, path: folder.path().join(name) }.place();
        for name in ["there", "new"] {
            assert_eq!(place(name), place(&format!("./sub/../{name}")), "{name}");
        }
        assert_ne!(place("there"), place("new"));
        assert_ne!(place("new"), place("sub/new"));
        let beside = |path: &str| File { content: Content::Transcript, path: path.into() }.place();
        assert_eq!(beside("x"), beside("./x"));
    }

    #[test]
    fn trying_out_a_file_leaves_no_trace() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = |name: &str| File { content: Content::Transcript, path: folder.path().join(name) };
        std::fs::write(file("there").path(), "kept").expect("it is written");
        file("there").try_out().expect("it can be written");
        file("new").try_out().expect("it can be written");
        assert_eq!(std::fs::read_to_string(file("there").path()).expect("it is there"), "kept");
        assert!(!file("new").path().exists());
        for impossible in ["no/such/folder", "."] {
            assert!(file(impossible).try_out().is_err(), "{impossible}");
        }
    }
}
