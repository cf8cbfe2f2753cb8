//! A connection whose other end must keep reading: a client that asks for much and takes nothing
//! would otherwise hold its place for ever (R93).

use std::{
    future::Future,
    io,
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};

use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    time::{Instant, Sleep},
};

/// How long nothing at all may be taken.
const STALL: Duration = Duration::from_secs(30);

/// A stream that gives up when writing stalls.
pub(super) struct Patient<S> {
    stream: S,
    deadline: Pin<Box<Sleep>>,
    stalled: bool,
    patience: Duration,
}

impl<S> Patient<S> {
    pub(super) fn new(stream: S) -> Self {
        Self::with_patience(stream, STALL)
    }

    fn with_patience(stream: S, patience: Duration) -> Self {
        Self {
            stream,
            deadline: Box::pin(tokio::time::sleep(patience)),
            stalled: false,
            patience,
        }
    }

    fn watch<T>(
        &mut self,
        context: &mut Context<'_>,
        outcome: Poll<io::Result<T>>,
    ) -> Poll<io::Result<T>> {
        if outcome.is_ready() {
            self.stalled = false;
            return outcome;
        }
        if !self.stalled {
            self.stalled = true;
            self.deadline.as_mut().reset(Instant::now() + self.patience);
        }
        match self.deadline.as_mut().poll(context) {
            Poll::Ready(()) => Poll::Ready(Err(io::ErrorKind::TimedOut.into())),
            Poll::Pending => Poll::Pending,
        }
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Patient<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(context, buffer)
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Patient<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let outcome = Pin::new(&mut self.stream).poll_write(context, bytes);
        self.watch(context, outcome)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let outcome = Pin::new(&mut self.stream).poll_flush(context);
        self.watch(context, outcome)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let outcome = Pin::new(&mut self.stream).poll_shutdown(context);
        self.watch(context, outcome)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let outcome = Pin::new(&mut self.stream).poll_write_vectored(context, slices);
        self.watch(context, outcome)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::Patient;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    /// R93: a client that does not read loses its connection; one that reads slowly does not.
    #[tokio::test]
    async fn a_client_that_takes_nothing_is_left() {
        let patience = Duration::from_millis(400);
        let (server, mut client) = tokio::io::duplex(8);
        let mut server = Patient::with_patience(server, patience);
        let writing = tokio::spawn(async move { server.write_all(&[0; 64]).await });
        let mut taken = [0; 8];
        for _ in 0..4 {
            tokio::time::sleep(patience / 4).await;
            client.read_exact(&mut taken).await.unwrap();
        }
        assert!(!writing.is_finished());
        let stalled = std::time::Instant::now();
        assert!(writing.await.unwrap().is_err());
        assert!(stalled.elapsed() >= patience / 2);
    }
}
