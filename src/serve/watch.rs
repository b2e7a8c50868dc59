//! `serve --watch`: reads the scenario file again whenever it has changed, and lets the server follow its good versions.

use std::fs;
use std::io::{IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use mock_server::control::reload::Reload;
use mock_server::scenario::load::{LoadError, read_file};
use mock_server::scenario::{Scenario, library, parse};
use notify::event::{AccessKind, AccessMode};
use notify::{Event, EventKind, RecommendedWatcher, RecursiveMode, Watcher};
use tokio::sync::mpsc;
use tokio::time::sleep;

use crate::answer::counted;

/// How often the file is read where nobody tells of changes.
const POLL: Duration = Duration::from_millis(500);
/// How long the file has to stay as it is before it counts: whoever writes it may not be done.
const QUIET: Duration = Duration::from_millis(50);
/// How often that is tried with a file that changes all the time.
const TRIES: usize = 10;

/// The flags.
#[derive(Debug, clap::Args)]
pub(super) struct WatchFlags {
    /// Follow the file of --scenario while it is edited; a version with mistakes changes nothing
    #[arg(long, env = "REHEARSAL_WATCH")]
    watch: bool,
    /// The same, by reading the file twice a second, where the system tells nobody of changes (some mounts)
    #[arg(long, env = "REHEARSAL_WATCH_POLL")]
    watch_poll: bool,
}

/// A scenario file that is watched.
#[derive(Debug)]
pub(super) struct File {
    path: String,
    poll: bool,
    /// What it held when it was read last, or why it could not be read.
    last: Result<String, String>,
}

/// What a version of the file is good for.
enum Verdict {
    Good(Box<Scenario>),
    /// What is wrong, for people, and how many mistakes that is.
    Bad(String, usize),
}

impl WatchFlags {
    /// The file to watch, if one is to be watched.
    pub(super) fn file(&self, scenario: Option<&str>) -> Result<Option<File>, String> {
        if !self.watch && !self.watch_poll {
            return Ok(None);
        }
        let flag = if self.watch { "--watch" } else { "--watch-poll" };
        let Some(scenario) = scenario else {
            return Err(format!(
                "error: {flag} needs a scenario file to watch; name it with --scenario FILE"
            ));
        };
        if library::find(scenario).is_some() {
            return Err(format!(
                "error: {flag}: `{scenario}` comes with the program and never changes\n  make a file of it with `rehearsal \
                 scenario show {scenario} > mine.yaml`, and give --scenario mine.yaml"
            ));
        }
        if fs::metadata(scenario).is_ok_and(|found| !found.is_file()) {
            return Err(format!(
                "error: {flag}: {scenario} is not a regular file, so it cannot be read again"
            ));
        }
        Ok(Some(File { path: scenario.to_owned(), poll: self.watch_poll, last: Ok(String::new()) }))
    }
}

impl File {
    /// Reads it for the first time.
    pub(super) fn first(&mut self) -> Result<Scenario, LoadError> {
        let text = read_file(&self.path)?;
        let scenario = parse(&self.path, &text).map_err(LoadError::Mistakes)?;
        self.last = Ok(text);
        Ok(scenario)
    }

    /// Its path, as it was given.
    pub(super) fn path(&self) -> &str {
        &self.path
    }

    /// Watches it for as long as the process lives.
    pub(super) fn follow(self, reload: Reload) -> Result<(), String> {
        let signs = if self.poll { Signs::Clock } else { Signs::of(&self.path)? };
        tokio::spawn(watch(self, reload, signs));
        Ok(())
    }

    /// Reads it until it stays as it is; whether it is another than before.
    async fn look(&mut self) -> bool {
        let mut now = read(&self.path).await;
        if now == self.last {
            return false;
        }
        for _ in 0..TRIES {
            sleep(QUIET).await;
            let then = std::mem::replace(&mut now, read(&self.path).await);
            if then == now {
                break;
            }
        }
        std::mem::replace(&mut self.last, now) != self.last
    }

    fn verdict(&self) -> Verdict {
        match &self.last {
            Err(reason) => Verdict::Bad(format!("error: {reason}"), 1),
            Ok(text) if text.trim().is_empty() => {
                let advice = "`version: 1` alone is the documented behaviour";
                Verdict::Bad(format!("error: {} is empty; {advice}", self.path), 1)
            }
            Ok(text) => match parse(&self.path, text) {
                Ok(scenario) => Verdict::Good(Box::new(scenario)),
                Err(mistakes) => {
                    let count = mistakes.count();
                    Verdict::Bad(complaint(&LoadError::Mistakes(mistakes)), count)
                }
            },
        }
    }
}

/// Why there is no scenario, as it stands on standard error.
pub(super) fn complaint(error: &LoadError) -> String {
    match error {
        LoadError::Mistakes(mistakes) => mistakes.render(std::io::stderr().is_terminal()),
        error => format!("error: {error}"),
    }
}

async fn read(path: &str) -> Result<String, String> {
    let path = path.to_owned();
    let read = tokio::task::spawn_blocking(move || {
        if fs::metadata(&path).is_ok_and(|found| !found.is_file()) {
            return Err(format!("{path} is not a regular file any more"));
        }
        read_file(&path).map_err(|error| error.to_string())
    });
    read.await.unwrap_or_else(|error| Err(error.to_string()))
}

async fn watch(mut file: File, mut reload: Reload, mut signs: Signs) {
    loop {
        if file.look().await {
            say(&report(&file, &mut reload));
            // Its folders may be others than those that are watched, and what happened meanwhile was not told.
            signs.renew(&file.path);
            continue;
        }
        if file.last.is_ok() {
            signs.wait().await;
        } else {
            sleep(POLL).await;
        }
    }
}

/// Lets the server follow the file as it is now; what is to be said of that.
fn report(file: &File, reload: &mut Reload) -> String {
    let path = &file.path;
    let (complaint, mistakes) = match file.verdict() {
        Verdict::Bad(complaint, mistakes) => (complaint, mistakes),
        Verdict::Good(scenario) => match reload.good(*scenario) {
            Err(refusal) => (format!("error: {path}: {refusal}"), 1),
            Ok(None) => return format!("{path}: read again; it says what it said before\n"),
            Ok(Some(reached)) => {
                let worlds = counted(reached.worlds, "world");
                let others = match reached.others {
                    0 => String::new(),
                    others => format!(", not by {} with another scenario", counted(others, "world")),
                };
                return format!("{path}: read again; followed by {worlds} and every new one{others}\n");
            }
        },
    };
    reload.bad(mistakes);
    let complaint = complaint.trim_end();
    format!("{complaint}\n\n{path}: {}; the last good version still serves\n", counted(mistakes, "mistake"))
}

/// A log that nobody reads any more is no reason to stop serving.
fn say(text: &str) {
    drop(std::io::stderr().lock().write_all(text.as_bytes()));
}

/// What tells that the file may have changed.
enum Signs {
    /// Time passes.
    Clock,
    /// Something happens in one of its folders.
    Events {
        happened: mpsc::Receiver<()>,
        /// It tells for as long as it lives.
        _watcher: RecommendedWatcher,
    },
}

impl Signs {
    fn of(path: &str) -> Result<Self, String> {
        let refused = |error: notify::Error| {
            format!("cannot watch {path}: {error}\n  --watch-poll needs no help of the system")
        };
        let (tell, happened) = mpsc::channel(1);
        let watcher = notify::recommended_watcher(move |event: notify::Result<Event>| {
            // One that is waiting already stands for this one too.
            if event.map_or(true, |event| changes(event.kind)) {
                let _ = tell.try_send(());
            }
        });
        let mut watcher = watcher.map_err(refused)?;
        for folder in folders(path) {
            watcher.watch(&folder, RecursiveMode::NonRecursive).map_err(refused)?;
        }
        Ok(Self::Events { happened, _watcher: watcher })
    }

    /// Watches the folders that the path leads to now.
    fn renew(&mut self, path: &str) {
        if matches!(self, Self::Clock) || !Path::new(path).exists() {
            return;
        }
        *self = Self::of(path).unwrap_or_else(|reason| {
            say(&format!("warning: {reason}\n  the file is read twice a second instead\n"));
            Self::Clock
        });
    }

    async fn wait(&mut self) {
        let told = match self {
            Self::Clock => None,
            Self::Events { happened, .. } => happened.recv().await,
        };
        if told.is_none() {
            sleep(POLL).await;
        }
    }
}

/// Reading is no change, and this process reads the file itself.
fn changes(kind: EventKind) -> bool {
    match kind {
        EventKind::Access(access) => access == AccessKind::Close(AccessMode::Write),
        _ => true,
    }
}

/// The folders in which a change of the file shows: editors replace a file by another, and it may be a link.
fn folders(path: &str) -> Vec<PathBuf> {
    let of = |path: &Path| match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder.to_path_buf(),
        _ => PathBuf::from("."),
    };
    let mut folders = vec![of(Path::new(path))];
    if let Ok(target) = fs::canonicalize(path) {
        let folder = of(&target);
        if fs::canonicalize(&folders[0]).ok().as_ref() != Some(&folder) {
            folders.push(folder);
        }
    }
    folders
}
