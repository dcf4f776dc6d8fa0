//! A socket that reads only so much before a whole message has come. The protocol lets a client announce a gigabyte;
//! without this a stranger could make the server keep it. Whoever asks and does not read the answer is left, too.

use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use crate::connections::Stall;

/// Bytes of one message before somebody has logged in.
pub const STRANGER: usize = 16 * 1024;

/// Bytes of one message of a known account: a statement and its parameters.
pub const KNOWN: usize = 1024 * 1024;

/// Counts what comes in, and how long what goes out is not taken.
#[derive(Debug)]
pub struct Guard<S> {
    socket: S,
    left: usize,
    stall: Stall,
}

impl<S> Guard<S> {
    /// Around a socket of somebody unknown, who may read nothing for so long.
    pub fn new(socket: S, patience: Duration) -> Self {
        Self { socket, left: STRANGER, stall: Stall::new(patience) }
    }

    /// A whole message has come; the next may have this many bytes.
    pub fn allow(&mut self, bytes: usize) {
        self.left = bytes;
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Guard<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<std::io::Result<()>> {
        if self.left == 0 {
            let text = "message is larger than allowed";
            return Poll::Ready(Err(std::io::Error::new(std::io::ErrorKind::InvalidData, text)));
        }
        let before = buffer.filled().len();
        let read = Pin::new(&mut self.socket).poll_read(context, buffer);
        self.left = self.left.saturating_sub(buffer.filled().len() - before);
        read
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Guard<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<std::io::Result<usize>> {
        let written = Pin::new(&mut self.socket).poll_write(context, bytes);
        self.stall.watch(context, written)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        let flushed = Pin::new(&mut self.socket).poll_flush(context);
        self.stall.watch(context, flushed)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        Pin::new(&mut self.socket).poll_shutdown(context)
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    use super::*;

    #[tokio::test]
    async fn more_than_allowed_is_an_error() {
        let (mut client, server) = tokio::io::duplex(1 << 20);
        let mut server = Guard::new(server, Duration::from_secs(1));
        client.write_all(&vec![0; STRANGER + 1]).await.expect("written");
        let mut bytes = vec![0; STRANGER];
        server.read_exact(&mut bytes).await.expect("the allowed part comes");
        assert!(server.read_u8().await.is_err());
        server.allow(KNOWN);
        assert!(server.read_u8().await.is_ok(), "allowed again");
    }
}
