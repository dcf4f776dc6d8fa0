//! How long a client may leave unread what is sent to it. A socket whose other side reads nothing accepts nothing: what
//! waits behind it stays in memory until somebody gives up, and that is here.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::Sleep;

/// Counts the time a write waits for the other side.
#[derive(Debug)]
pub struct Stall {
    patience: Duration,
    waiting: Option<Pin<Box<Sleep>>>,
}

impl Stall {
    /// Nothing waits yet.
    pub fn new(patience: Duration) -> Self {
        Self { patience, waiting: None }
    }

    /// What became of a write: an error when it has waited too long for any byte to be taken.
    pub fn watch<T>(
        &mut self,
        context: &mut Context<'_>,
        written: Poll<io::Result<T>>,
    ) -> Poll<io::Result<T>> {
        if written.is_ready() {
            self.waiting = None;
            return written;
        }
        let patience = self.patience;
        let waiting = self.waiting.get_or_insert_with(|| Box::pin(tokio::time::sleep(patience)));
        match waiting.as_mut().poll(context) {
            Poll::Pending => Poll::Pending,
            Poll::Ready(()) => {
                let text = "the client does not read";
                Poll::Ready(Err(io::Error::new(io::ErrorKind::TimedOut, text)))
            }
        }
    }
}

/// A socket that ends when its other side does not read.
#[derive(Debug)]
pub struct Read<S> {
    socket: S,
    stall: Stall,
}

impl<S> Read<S> {
    /// Around a socket.
    pub fn within(patience: Duration, socket: S) -> Self {
        Self { socket, stall: Stall::new(patience) }
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Read<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.socket).poll_read(context, buffer)
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Read<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.socket).poll_write(context, bytes);
        self.stall.watch(context, written)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        parts: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.socket).poll_write_vectored(context, parts);
        self.stall.watch(context, written)
    }

    // Without it the server would copy a whole body behind its head before the first byte goes.
    fn is_write_vectored(&self) -> bool {
        self.socket.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.socket).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.socket).poll_shutdown(context)
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    use super::*;

    const PATIENCE: Duration = Duration::from_millis(200);

    #[tokio::test]
    async fn whoever_reads_nothing_is_left() {
        let (_client, server) = tokio::io::duplex(1_024);
        let mut server = Read::within(PATIENCE, server);
        let sent = tokio::time::timeout(Duration::from_secs(5), server.write_all(&[0; 10_000])).await;
        let error = sent.expect("gives up").expect_err("nobody reads");
        assert_eq!(error.kind(), io::ErrorKind::TimedOut);
    }

    #[tokio::test]
    async fn whoever_reads_slowly_is_served() {
        let (mut client, server) = tokio::io::duplex(1_024);
        let mut server = Read::within(PATIENCE, server);
        let reading = tokio::spawn(async move {
            let mut part = [0; 1_000];
            for _ in 0..10 {
                tokio::time::sleep(PATIENCE / 4).await;
                client.read_exact(&mut part).await.expect("comes");
            }
        });
        server.write_all(&[0; 10_000]).await.expect("all of it goes");
        reading.await.expect("read");
    }
}
