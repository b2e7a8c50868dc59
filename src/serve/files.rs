//! How many files may be open: every connection is one.

use mock_server::server::Limits;

/// What is kept free beside connections: the listener, the standard streams, the runtime's own, files that are read.
#[cfg(unix)]
const SPARE: u64 = 64;

/// The usual limits, as far as the system lets this process open files. Raises its own limit as far as it may, and says
/// so where that is not enough.
#[cfg(unix)]
pub(super) fn limits() -> (Limits, Option<String>) {
    let limits = Limits::default();
    let Ok((soft, hard)) = rlimit::Resource::NOFILE.get() else { return (limits, None) };
    // Some systems name a hard limit that they do not let anybody reach; the soft one stays as it is then.
    let most = if soft < hard && rlimit::Resource::NOFILE.set(hard, hard).is_ok() { hard } else { soft };
    let room = usize::try_from(most.saturating_sub(SPARE)).unwrap_or(usize::MAX).max(1);
    if room >= limits.connections {
        return (limits, None);
    }
    let note = format!(
        "note: {room} connections are served at a time instead of {}, since this process may open {most} files only \
         (ulimit -H -n)",
        limits.connections
    );
    (Limits { connections: room, ..limits }, Some(note))
}

/// The usual limits.
#[cfg(not(unix))]
pub(super) fn limits() -> (Limits, Option<String>) {
    (Limits::default(), None)
}
