//! Bodies that are written while they are sent. A writer runs on a thread of its own and fills a short queue of chunks,
//! which the connection empties: a slow reader holds its writer back, and memory stays flat however long the body is.
//!
//! No thread waits for ever. A writer that finds the queue full waits for its reader, and that ends in one of three
//! ways: there is room again; the body is dropped, because the client has closed its connection, has read nothing for
//! as long as a connection may be idle, or the server ends; or [`STALL_MAX`] has passed, which is for a client that
//! keeps its connection alive and its one stream shut (HTTP/2). The writer's next write then fails.

use std::collections::VecDeque;
use std::fmt;
use std::io::{self, Write};
use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use bytes::Bytes;
use futures_util::stream;
use tokio::runtime::Handle;
use tokio::sync::mpsc::error::TrySendError;
use tokio::sync::mpsc::{Receiver, Sender, channel};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::task::JoinHandle;

use crate::apis::reply::Writer;

/// The size of a chunk that leaves, in bytes, unless its writer flushes earlier.
pub(crate) const CHUNK: usize = 64 * 1024;
/// How many chunks a writer may be ahead of its reader.
pub(crate) const CHUNKS_AHEAD: usize = 4;
/// How long a writer waits for a reader that takes nothing, in real time; as long as a connection may be idle.
const STALL_MAX: Duration = Duration::from_secs(75);
/// How long a request waits, in real time, for one of the places that a server has for streams. A body that fits into
/// the queue gives its place back at once, whether or not it is read, so only long ones that are read slowly hold any.
pub(crate) const PATIENCE: Duration = Duration::from_secs(10);

/// A body that is written while it is sent.
pub(crate) enum Streamed {
    /// Nothing has been written, and nothing will be if this is dropped.
    Waiting(Writer, OwnedSemaphorePermit),
    /// It is being written.
    Written(Chunks),
}

/// What has been written of a body and not been read.
pub(crate) struct Chunks {
    /// What was looked at before it is sent.
    seen: VecDeque<Bytes>,
    queue: Receiver<Bytes>,
    writer: Option<JoinHandle<io::Result<()>>>,
    /// How it failed, if that is known and has not been told.
    failed: Option<io::Error>,
}

/// What was found of a body that was to be looked at as a whole.
#[derive(Debug)]
pub(crate) enum Collected {
    /// All of it.
    Whole(Bytes),
    /// There is too much of it, or it was cut off; it goes its way.
    Beyond(Streamed),
}

/// A place for a stream, for which the request waits up to [`PATIENCE`]; none if there is none by then.
pub(crate) async fn place(places: &Arc<Semaphore>) -> Option<OwnedSemaphorePermit> {
    // The semaphore is never closed.
    tokio::time::timeout(PATIENCE, Arc::clone(places).acquire_owned()).await.ok()?.ok()
}

impl Streamed {
    /// What `writer` writes, in this place.
    pub(crate) fn new(writer: Writer, place: OwnedSemaphorePermit) -> Self {
        Self::Waiting(writer, place)
    }

    fn begin(self) -> Chunks {
        match self {
            Self::Waiting(writer, place) => Chunks::begin(writer, place),
            Self::Written(chunks) => chunks,
        }
    }

    /// The body to send. From here on it is written.
    pub(crate) fn body(self) -> Body {
        Body::from_stream(stream::unfold(self.begin(), async |mut chunks| {
            let next = chunks.next().await?;
            Some((next, chunks))
        }))
    }

    /// The whole body, if that is at most `most` bytes.
    pub(crate) async fn collect(self, most: usize) -> Collected {
        let mut chunks = self.begin();
        let mut length = 0;
        while let Some(chunk) = chunks.queue.recv().await {
            length += chunk.len();
            chunks.seen.push_back(chunk);
            if length > most {
                return Collected::Beyond(Self::Written(chunks));
            }
        }
        if let Some(Err(error)) = chunks.end().await {
            // Its client is to see as much of it as without anybody's looking, and that it was cut off.
            chunks.failed = Some(error);
            return Collected::Beyond(Self::Written(chunks));
        }
        let mut whole = Vec::with_capacity(length);
        chunks.seen.iter().for_each(|chunk| whole.extend_from_slice(chunk));
        Collected::Whole(whole.into())
    }
}

impl Chunks {
    fn begin(writer: Writer, place: OwnedSemaphorePermit) -> Self {
        let (sender, queue) = channel(CHUNKS_AHEAD);
        let runtime = Handle::current();
        let written = tokio::task::spawn_blocking(move || {
            // The place is the thread's: it is free when the writer has ended.
            let _place = place;
            let mut sink = Sink { sender, runtime, chunk: Vec::new() };
            writer(&mut sink)?;
            sink.pass()
        });
        Self { seen: VecDeque::new(), queue, writer: Some(written), failed: None }
    }

    async fn next(&mut self) -> Option<io::Result<Bytes>> {
        if let Some(chunk) = self.seen.pop_front() {
            return Some(Ok(chunk));
        }
        match self.queue.recv().await {
            Some(chunk) => Some(Ok(chunk)),
            // A body that ended early must not look like a whole one.
            None => self.end().await.and_then(|ended| ended.err().map(Err)),
        }
    }

    /// How its writer ended, to whoever asks first.
    async fn end(&mut self) -> Option<io::Result<()>> {
        if let Some(error) = self.failed.take() {
            return Some(Err(error));
        }
        let written = self.writer.take()?.await;
        Some(written.unwrap_or_else(|panicked| Err(io::Error::other(panicked))))
    }
}

/// Where a writer writes to.
struct Sink {
    sender: Sender<Bytes>,
    runtime: Handle,
    /// Fewer than [`CHUNK`] bytes that have not been passed on.
    chunk: Vec<u8>,
}

impl Sink {
    /// Passes on what there is.
    fn pass(&mut self) -> io::Result<()> {
        if self.chunk.is_empty() {
            return Ok(());
        }
        let chunk = match self.sender.try_send(std::mem::take(&mut self.chunk).into()) {
            Ok(()) => return Ok(()),
            Err(TrySendError::Closed(_)) => return Err(io::ErrorKind::BrokenPipe.into()),
            Err(TrySendError::Full(chunk)) => chunk,
        };
        let passed =
            self.runtime.block_on(async { tokio::time::timeout(STALL_MAX, self.sender.send(chunk)).await });
        match passed {
            Ok(Ok(())) => Ok(()),
            Ok(Err(_)) => Err(io::ErrorKind::BrokenPipe.into()),
            Err(_) => Err(io::ErrorKind::TimedOut.into()),
        }
    }
}

impl Write for Sink {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        // A writer of small pieces learns as early as one of large ones that nobody reads it.
        if self.sender.is_closed() {
            return Err(io::ErrorKind::BrokenPipe.into());
        }
        let taken = bytes.len().min(CHUNK - self.chunk.len());
        self.chunk.extend_from_slice(&bytes[..taken]);
        if self.chunk.len() == CHUNK {
            self.pass()?;
        }
        Ok(taken)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.pass()
    }
}

impl fmt::Debug for Streamed {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Waiting(..) => "Waiting",
            Self::Written(_) => "Written",
        })
    }
}
