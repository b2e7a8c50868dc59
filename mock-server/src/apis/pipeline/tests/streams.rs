//! Answers that are written while they are sent.

use std::io;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use http::HeaderValue;
use tokio::runtime::Handle as Runtime;
use tokio::sync::Semaphore;

use super::*;
use crate::apis::stream::{CHUNK, CHUNKS_AHEAD};
use crate::shared::STREAMS_MAX;

const LINES: HeaderValue = HeaderValue::from_static("application/x-ndjson");
const PATIENCE: Duration = Duration::from_secs(20);
const MIB: usize = 1024 * 1024;

fn small(_: &Call<'_>, _: &mut WorldState) -> Reply {
    Reply::json(StatusCode::OK, &"small")
}

#[tokio::test]
async fn a_slow_reader_holds_a_body_of_fifty_mebibytes_back() {
    static WRITTEN: AtomicUsize = AtomicUsize::new(0);
    const BLOCK: usize = 10_000;
    fn large(_: &Call<'_>, _: &mut WorldState) -> Reply {
        Reply::stream(StatusCode::OK, LINES, |out| {
            let mut left = 50 * MIB;
            while left > 0 {
                let length = left.min(BLOCK);
                out.write_all(&[b'x'; BLOCK][..length])?;
                WRITTEN.fetch_add(length, Ordering::SeqCst);
                left -= length;
            }
            Ok(())
        })
    }
    let stand = Stand::new();
    let answer = stand.get(large).await;
    assert_eq!((answer.status(), content_type(&answer)), (StatusCode::OK, Some("application/x-ndjson")));
    // It counts as answered from its start.
    assert_eq!(stand.journaled(), (Some(StatusCode::OK), 0, false));
    let mut body = answer.into_body();
    assert_eq!(http_body::Body::size_hint(&body).exact(), None, "its length is not known");
    let mut read = 0;
    // The queue, a chunk that finds no room, and one that has been taken and not been counted.
    let most = (CHUNKS_AHEAD + 2) * CHUNK;
    while let Some(frame) = body.frame().await {
        let chunk = frame.unwrap().into_data().unwrap();
        assert!(chunk.len() <= CHUNK && chunk.iter().all(|byte| *byte == b'x'));
        read += chunk.len();
        if read == CHUNK {
            // It is ahead as far as it may be, and its world is not locked meanwhile.
            while WRITTEN.load(Ordering::SeqCst) < CHUNKS_AHEAD * CHUNK {
                tokio::task::yield_now().await;
            }
            assert_eq!(stand.get(small).await.status(), StatusCode::OK);
        }
        let written = WRITTEN.load(Ordering::SeqCst);
        assert!(written <= read + most, "{written} written, {read} read");
    }
    assert_eq!(read, 50 * MIB);
}

#[tokio::test]
async fn what_is_flushed_arrives_before_the_rest_is_made() {
    static REST: Semaphore = Semaphore::const_new(0);
    fn two_lines(_: &Call<'_>, _: &mut WorldState) -> Reply {
        Reply::stream(StatusCode::OK, LINES, |out| {
            out.write_all(b"1\n")?;
            out.flush()?;
            let waited = Runtime::current().block_on(REST.acquire()).map(drop);
            waited.map_err(io::Error::other)?;
            out.write_all(b"2\n")
        })
    }
    let mut body = Stand::new().get(two_lines).await.into_body();
    let first = body.frame().await.unwrap().unwrap().into_data().unwrap();
    assert_eq!(first, "1\n");
    REST.add_permits(1);
    assert_eq!(body.collect().await.unwrap().to_bytes(), "2\n");
}

#[tokio::test]
async fn a_writer_ends_when_its_client_leaves_and_its_place_is_free() {
    static LEFT: Semaphore = Semaphore::const_new(0);
    fn endless(_: &Call<'_>, _: &mut WorldState) -> Reply {
        Reply::stream(StatusCode::OK, LINES, |out| {
            loop {
                if let Err(error) = out.write_all(&[b'x'; 1_000]) {
                    LEFT.add_permits(usize::from(error.kind() == io::ErrorKind::BrokenPipe));
                    return Err(error);
                }
            }
        })
    }
    let stand = Stand::new();
    // One leaves before it has read anything, one in the middle.
    drop(stand.get(endless).await);
    let mut body = stand.get(endless).await.into_body();
    assert!(body.frame().await.unwrap().is_ok());
    drop(body);
    tokio::time::timeout(PATIENCE, LEFT.acquire_many(2)).await.unwrap().unwrap().forget();
    let all = stand.0.streams.acquire_many(u32::try_from(STREAMS_MAX).unwrap());
    assert!(tokio::time::timeout(PATIENCE, all).await.is_ok(), "a place is not free");
}

#[tokio::test]
async fn a_writer_that_fails_cuts_its_answer_off() {
    fn failing(_: &Call<'_>, _: &mut WorldState) -> Reply {
        Reply::stream(StatusCode::OK, LINES, |out| {
            out.write_all(&vec![b'x'; CHUNK])?;
            Err(io::Error::other("out of ideas"))
        })
    }
    let mut body = Stand::new().get(failing).await.into_body();
    assert_eq!(body.frame().await.unwrap().unwrap().into_data().unwrap().len(), CHUNK);
    assert!(body.frame().await.unwrap().unwrap_err().to_string().contains("out of ideas"));
    assert!(body.frame().await.is_none());
}

#[tokio::test(start_paused = true)]
async fn without_a_place_a_stream_is_refused_after_a_while() {
    fn never(_: &Call<'_>, _: &mut WorldState) -> Reply {
        Reply::stream(StatusCode::OK, LINES, |_| panic!("it has no place"))
    }
    let stand = Stand::new();
    let most = u32::try_from(STREAMS_MAX).unwrap();
    let places = std::sync::Arc::clone(&stand.0.streams).acquire_many_owned(most).await.unwrap();
    let answer = stand.get(never).await;
    assert_eq!(answer.status(), StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(stand.journaled().0, Some(StatusCode::SERVICE_UNAVAILABLE));
    assert_eq!(content_type(&answer), Some("application/json"));
    assert!(text(answer).await.contains("64 long answers at a time"));
    assert_eq!(stand.get(small).await.status(), StatusCode::OK, "others need no place");
    drop(places);
}

#[tokio::test(start_paused = true)]
async fn a_reader_that_stays_and_takes_nothing_is_not_waited_for_for_ever() {
    static ENDED: Semaphore = Semaphore::const_new(0);
    fn endless(_: &Call<'_>, _: &mut WorldState) -> Reply {
        Reply::stream(StatusCode::OK, LINES, |out| {
            loop {
                if let Err(error) = out.write_all(&[b'x'; CHUNK]) {
                    ENDED.add_permits(usize::from(error.kind() == io::ErrorKind::TimedOut));
                    return Err(error);
                }
            }
        })
    }
    let body = Stand::new().get(endless).await.into_body();
    let mut seconds = 0;
    while ENDED.try_acquire().is_err() {
        tokio::time::advance(Duration::from_secs(1)).await;
        seconds += 1;
        assert!(seconds < 10_000_000, "its writer waits");
    }
    assert!(body.collect().await.is_err(), "what is left of it looks whole");
}
