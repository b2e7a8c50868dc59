//! The bytes of one connection on their way between the socket and HTTP. This is where wire faults will act: below
//! everything that could hide them.

use std::io;
use std::net::Shutdown;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use socket2::SockRef;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;

use super::activity::Activity;
use super::deadline::Deadline;

/// A connection. It passes bytes on as they are, and fails once its client neither sends what it owes nor reads what it
/// is owed; a script that cuts, delays or resets the bytes hooks in here.
#[derive(Debug)]
pub(super) struct FaultIo {
    stream: Arc<TcpStream>,
    activity: Arc<Activity>,
    reading: Deadline,
    writing: Deadline,
}

impl FaultIo {
    /// Wraps an accepted connection that may be idle for so long. Small writes go out at once, or a slow answer would
    /// arrive in one piece.
    pub(super) fn new(stream: Arc<TcpStream>, activity: Arc<Activity>, idle: Duration) -> io::Result<Self> {
        stream.set_nodelay(true)?;
        Ok(Self { stream, activity, reading: Deadline::new(idle), writing: Deadline::new(idle) })
    }

    fn wrote(
        &mut self,
        context: &mut Context<'_>,
        written: Poll<io::Result<usize>>,
    ) -> Poll<io::Result<usize>> {
        if written.is_ready() {
            self.writing.renew();
            // Whoever has just been answered gets the whole time for the next request.
            self.reading.renew();
            return written;
        }
        self.writing.poll(context).map(|()| Err(io::ErrorKind::TimedOut.into()))
    }
}

impl AsyncRead for FaultIo {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = &mut *self;
        let read = read(&this.stream, context, buffer);
        if read.is_ready() {
            this.reading.renew();
            return read;
        }
        loop {
            ready!(this.reading.poll(context));
            if !this.activity.is_answering() {
                return Poll::Ready(Err(io::ErrorKind::TimedOut.into()));
            }
            // The client waits for us, not we for it.
            this.reading.renew();
        }
    }
}

impl AsyncWrite for FaultIo {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let written = write(&self.stream, context, |stream| stream.try_write(bytes));
        self.wrote(context, written)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let written = write(&self.stream, context, |stream| stream.try_write_vectored(slices));
        self.wrote(context, written)
    }

    fn is_write_vectored(&self) -> bool {
        true
    }

    fn poll_flush(self: Pin<&mut Self>, _context: &mut Context<'_>) -> Poll<io::Result<()>> {
        // HTTP flushes the socket only once it has written all it has. The socket itself keeps nothing back.
        self.activity.flushed();
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(SockRef::from(&*self.stream).shutdown(Shutdown::Write))
    }
}

// The stream is shared with whoever watches for its client to leave, so it is read and written through a reference.

fn read(stream: &TcpStream, context: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
    loop {
        ready!(stream.poll_read_ready(context))?;
        match stream.try_read(buffer.initialize_unfilled()) {
            Ok(count) => {
                buffer.advance(count);
                return Poll::Ready(Ok(()));
            }
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
            Err(error) => return Poll::Ready(Err(error)),
        }
    }
}

fn write(
    stream: &TcpStream,
    context: &mut Context<'_>,
    write: impl Fn(&TcpStream) -> io::Result<usize>,
) -> Poll<io::Result<usize>> {
    loop {
        ready!(stream.poll_write_ready(context))?;
        match write(stream) {
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
            written => return Poll::Ready(written),
        }
    }
}
