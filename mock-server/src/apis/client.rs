//! Whether the client of a request is still there.

use std::sync::Arc;

use tokio::net::TcpStream;

/// The client at the other end of a connection.
#[derive(Debug, Clone)]
pub struct Client(Arc<TcpStream>);

impl Client {
    /// The one at the other end of this connection.
    pub fn at(stream: &Arc<TcpStream>) -> Self {
        Self(Arc::clone(stream))
    }

    /// Resolves once the client has closed its half of the connection, or all of it: a client that has timed out cannot
    /// be told from one that only has nothing more to send. Never resolves if it sends on.
    pub(super) async fn gone(&self) {
        // More bytes are the next request, or frames of other ones: this client is there.
        if let Ok(1..) = self.0.peek(&mut [0]).await {
            std::future::pending::<()>().await;
        }
    }
}
