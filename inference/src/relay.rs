//! Turns one future into a stream: what it says on its way, then its result.
//!
//! No task and no channel: whoever polls the stream polls the future, and whoever drops the stream
//! drops the future with all it holds.

use std::{
    future::{Future, poll_fn},
    sync::{Arc, Mutex, PoisonError},
    task::Poll,
};

use futures::stream::{self, BoxStream, StreamExt};

/// Where the future says what happens.
pub(crate) struct Events<T>(Arc<Mutex<Option<T>>>);

impl<T> Events<T> {
    /// Hands one event to whoever polls the stream, and goes on when it is polled again.
    ///
    /// To be awaited in the future given to [`relay`] itself, never in a future that another executor
    /// or a `select!` polls.
    pub(crate) async fn send(&self, event: T) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(event);
        let mut handed_over = false;
        poll_fn(|_| {
            if std::mem::replace(&mut handed_over, true) {
                Poll::Ready(())
            } else {
                Poll::Pending
            }
        })
        .await;
    }
}

/// Makes the stream. An `Ok` result is its last event; nothing follows an error.
pub(crate) fn relay<T, E, F>(make: impl FnOnce(Events<T>) -> F) -> BoxStream<'static, Result<T, E>>
where
    T: Send + 'static,
    E: 'static,
    F: Future<Output = Result<T, E>> + Send + 'static,
{
    let slot = Arc::new(Mutex::new(None));
    let mut future = Some(Box::pin(make(Events(Arc::clone(&slot)))));
    stream::poll_fn(move |context| {
        let Some(running) = &mut future else {
            return Poll::Ready(None);
        };
        if let Poll::Ready(result) = running.as_mut().poll(context) {
            future = None;
            return Poll::Ready(Some(result));
        }
        match slot.lock().unwrap_or_else(PoisonError::into_inner).take() {
            Some(event) => Poll::Ready(Some(Ok(event))),
            None => Poll::Pending,
        }
    })
    .boxed()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn events_come_in_order_and_the_result_is_last() {
        let stream = relay(|events| async move {
            events.send(1).await;
            tokio::task::yield_now().await;
            events.send(2).await;
            Ok::<_, ()>(3)
        });
        assert_eq!(stream.collect::<Vec<_>>().await, [Ok(1), Ok(2), Ok(3)]);
    }

    #[tokio::test]
    async fn nothing_follows_an_error() {
        let stream = relay(|events| async move {
            events.send(1).await;
            Err("broken")
        });
        assert_eq!(stream.collect::<Vec<_>>().await, [Ok(1), Err("broken")]);
    }

    #[tokio::test]
    async fn dropping_the_stream_drops_what_the_future_holds() {
        let held = Arc::new(());
        let kept = Arc::clone(&held);
        let mut stream = relay(|events| async move {
            events.send(1).await;
            std::future::pending::<()>().await;
            drop(kept);
            Ok::<_, ()>(2)
        });
        stream.next().await;
        drop(stream);
        assert_eq!(Arc::strong_count(&held), 1);
    }
}
