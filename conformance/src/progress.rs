//! What a run is doing right now, for whoever watches it. A run that nobody watches pays nothing for it.

use tokio::sync::watch;

/// Where a run tells what it is doing. Clones tell the same watcher.
#[derive(Debug, Clone, Default)]
pub struct Progress(Option<watch::Sender<Doing>>);

/// What a run is doing.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Doing {
    /// The part of the run it is in, as a phrase; empty before the first.
    pub phase: &'static str,
    /// How many requests were sent.
    pub requests: u64,
    /// How many runs on the server were not seen to be over.
    pub open: usize,
}

impl Progress {
    /// A place to tell, and the other end of it.
    pub fn watched() -> (Self, watch::Receiver<Doing>) {
        let (sender, receiver) = watch::channel(Doing::default());
        (Progress(Some(sender)), receiver)
    }

    /// Tells that the next part of the run begins, e.g. `reading runs until they are over`.
    pub fn phase(&self, phase: &'static str) {
        self.tell(|doing| doing.phase = phase);
    }

    /// Tells that another request was answered or given up; `open` counts the runs that are not over.
    pub fn request(&self, open: impl FnOnce() -> usize) {
        self.tell(|doing| {
            doing.requests += 1;
            doing.open = open();
        });
    }

    fn tell(&self, change: impl FnOnce(&mut Doing)) {
        if let Some(sender) = &self.0 {
            sender.send_modify(change);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_watcher_sees_the_latest_of_every_clone() {
        let (progress, watcher) = Progress::watched();
        let clone = progress.clone();
        progress.phase("sending");
        clone.request(|| 3);
        progress.request(|| 2);
        assert_eq!(*watcher.borrow(), Doing { phase: "sending", requests: 2, open: 2 });
    }

    #[test]
    fn nothing_is_counted_for_nobody() {
        Progress::default().request(|| panic!("nobody watches"));
    }
}
