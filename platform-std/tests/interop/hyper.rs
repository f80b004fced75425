//! HTTP by hyper on everloop's sockets and tasks.
#![allow(missing_docs)]

use std::cell::Cell;
use std::convert::Infallible;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::rc::Rc;

use crate::support::pair;
use everloop::interop::hyper::{Executor, Timer};
use everloop::net::{Kind, StreamSocket};
use everloop::virtual_time::{UNPARKER, VirtualTime};
use everloop::{
    Duration, OwnedLoop, Task, catch_cancel, create_task, set_exception_handler, sleep, yield_now,
};
use http_body_util::{BodyExt, Empty, Full};
use hyper::body::{Bytes, Incoming};
use hyper::client::conn;
use hyper::server::conn::{http1, http2};
use hyper::service::service_fn;
use hyper::{Request, Response, StatusCode};

type Event = everloop::Event;
type Answer = Result<Response<Full<Bytes>>, Infallible>;

/// Answers with what was sent, upside down.
async fn reverse(request: Request<Incoming>) -> Answer {
    let mut bytes = request.into_body().collect().await.unwrap().to_bytes().to_vec();
    bytes.reverse();
    Ok(Response::new(Full::from(bytes)))
}

fn post(body: &'static [u8]) -> Request<Full<Bytes>> {
    Request::post("/").header("host", "everloop").body(Full::from(body)).unwrap()
}

async fn text(response: Response<Incoming>) -> Vec<u8> {
    assert_eq!(response.status(), StatusCode::OK);
    response.into_body().collect().await.unwrap().to_bytes().to_vec()
}

async fn ask_twice<K: Kind>(near: StreamSocket<K>, far: StreamSocket<K>) {
    let server = create_task(http1::Builder::new().serve_connection(far, service_fn(reverse)));
    let (mut sender, connection) = conn::http1::handshake(near).await.unwrap();
    let connection = create_task(connection);
    for (sent, heard) in [(b"one".as_slice(), b"eno"), (b"two", b"owt")] {
        sender.ready().await.unwrap();
        assert_eq!(text(sender.send_request(post(sent)).await.unwrap()).await, heard);
    }
    drop(sender);
    connection.await.unwrap().unwrap();
    server.await.unwrap().unwrap();
}

#[test]
fn requests_of_one_connection_are_answered_in_turn() {
    everloop::run(async {
        let (near, far) = pair().await;
        ask_twice(near, far).await;
    })
    .unwrap();
}

#[cfg(unix)]
#[test]
fn a_unix_socket_carries_requests_too() {
    use everloop::net::{UnixListener, UnixStream};
    let folder = crate::support::Folder::new();
    everloop::run(async {
        let listener = UnixListener::bind(folder.join("socket")).unwrap();
        let near = UnixStream::connect(folder.join("socket")).await.unwrap();
        ask_twice(near, listener.accept().await.unwrap()).await;
    })
    .unwrap();
}

#[test]
fn bodies_larger_than_the_kernel_takes_arrive_whole() {
    const BULK: usize = 8 << 20;
    everloop::run(async {
        let (near, far) = pair().await;
        create_task(http1::Builder::new().serve_connection(far, service_fn(reverse)));
        let (mut sender, connection) = conn::http1::handshake(near).await.unwrap();
        create_task(connection);
        let sent: Vec<u8> = (0..BULK as u32).map(|i| (i ^ (i >> 8)) as u8).collect();
        let request =
            Request::post("/").header("host", "everloop").body(Full::<Bytes>::from(sent.clone())).unwrap();
        let mut heard = text(sender.send_request(request).await.unwrap()).await;
        heard.reverse();
        assert!(heard == sent);
    })
    .unwrap();
}

#[test]
fn services_need_not_be_send() {
    everloop::run(async {
        let (near, far) = pair().await;
        let count = Rc::new(Cell::new(0));
        let service = {
            let count = Rc::clone(&count);
            service_fn(move |_| {
                let count = Rc::clone(&count);
                async move {
                    count.set(count.get() + 1);
                    Ok::<_, Infallible>(Response::new(Empty::<Bytes>::new()))
                }
            })
        };
        create_task(http2::Builder::new(Executor).serve_connection(far, service));
        let (mut sender, connection) = conn::http2::handshake(Executor, near).await.unwrap();
        create_task(connection);
        for _ in 0..3 {
            text(sender.send_request(post(b"")).await.unwrap()).await;
        }
        assert_eq!(count.get(), 3);
    })
    .unwrap();
}

#[test]
fn http2_answers_many_requests_of_one_connection_at_once() {
    const MANY: usize = 100;
    everloop::run(async {
        let (near, far) = pair().await;
        let all_here = Rc::new((Cell::new(0), Event::new()));
        let service = {
            let all_here = Rc::clone(&all_here);
            service_fn(move |_| {
                let all_here = Rc::clone(&all_here);
                async move {
                    let (count, event) = &*all_here;
                    count.set(count.get() + 1);
                    if count.get() == MANY {
                        event.set();
                    }
                    // None is answered before the last has come.
                    event.wait().await;
                    Ok::<_, Infallible>(Response::new(Empty::<Bytes>::new()))
                }
            })
        };
        create_task(http2::Builder::new(Executor).timer(Timer).serve_connection(far, service));
        let (sender, connection) =
            conn::http2::Builder::new(Executor).timer(Timer).handshake(near).await.unwrap();
        create_task(connection);
        let asks: Vec<Task<_>> = (0..MANY)
            .map(|_| {
                let mut sender = sender.clone();
                create_task(async move { text(sender.send_request(post(b"")).await.unwrap()).await })
            })
            .collect();
        for ask in asks {
            ask.await.unwrap();
        }
    })
    .unwrap();
}

#[test]
fn who_sends_no_header_in_time_is_shown_out() {
    everloop::run(async {
        let (near, far) = pair().await;
        let served = http1::Builder::new()
            .timer(Timer)
            .header_read_timeout(std::time::Duration::from_millis(5))
            .serve_connection(far, service_fn(reverse))
            .await;
        assert!(served.unwrap_err().is_timeout());
        drop(near);
    })
    .unwrap();
}

#[test]
fn a_server_that_is_cancelled_finishes_the_answer_it_has_begun() {
    everloop::run(async {
        let (near, far) = pair().await;
        let begun = Rc::new(Event::new());
        let service = {
            let begun = Rc::clone(&begun);
            service_fn(move |_| {
                begun.set();
                async {
                    sleep(Duration::from_millis(5)).await;
                    Ok::<_, Infallible>(Response::new(Full::<Bytes>::from("late")))
                }
            })
        };
        let mut server = create_task(async move {
            let mut connection = pin!(http1::Builder::new().serve_connection(far, service));
            match catch_cancel(connection.as_mut()).await {
                Ok(done) => done.unwrap(),
                Err(cancelled) => {
                    connection.as_mut().graceful_shutdown();
                    connection.await.unwrap();
                    cancelled.resume().await;
                }
            }
        });
        let (mut sender, connection) = conn::http1::handshake(near).await.unwrap();
        let connection = create_task(connection);
        let asking = create_task(async move { text(sender.send_request(post(b"")).await.unwrap()).await });
        begun.wait().await;
        server.cancel();
        assert_eq!(asking.await.unwrap(), b"late");
        connection.await.unwrap().unwrap();
        assert!((&mut server).await.is_err());
        assert!(server.cancelled());
    })
    .unwrap();
}

#[test]
fn the_socket_comes_back_for_another_protocol() {
    use everloop::embedded_io_async::{Read, Write};
    everloop::run(async {
        let (near, far) = pair().await;
        let server = create_task(async move {
            let service = service_fn(async |_| {
                let answer =
                    Response::builder().status(StatusCode::SWITCHING_PROTOCOLS).header("upgrade", "echo");
                Ok::<_, Infallible>(answer.body(Empty::<Bytes>::new()).unwrap())
            });
            let connection = http1::Builder::new().serve_connection(far, service);
            let parts = connection.without_shutdown().await.unwrap();
            let mut stream = parts.io;
            let mut heard = parts.read_buf.to_vec();
            while heard.len() < 5 {
                let mut buf = [0; 5];
                let count = stream.read(&mut buf).await.unwrap();
                heard.extend_from_slice(&buf[..count]);
            }
            stream.write_all(&heard).await.unwrap();
        });
        let (mut sender, connection) = conn::http1::handshake(near).await.unwrap();
        let connection = create_task(connection.without_shutdown());
        let mut request = post(b"");
        request.headers_mut().insert("connection", "upgrade".parse().unwrap());
        request.headers_mut().insert("upgrade", "echo".parse().unwrap());
        let answer = sender.send_request(request).await.unwrap();
        assert_eq!(answer.status(), StatusCode::SWITCHING_PROTOCOLS);
        drop((answer, sender));
        let mut stream = connection.await.unwrap().unwrap().io;
        stream.write_all(b"hello").await.unwrap();
        let mut heard = [0; 5];
        stream.read_exact(&mut heard).await.unwrap();
        assert_eq!(&heard, b"hello");
        server.await.unwrap();
    })
    .unwrap();
}

#[test]
fn a_task_of_the_executor_that_panics_is_told_to_the_exception_handler() {
    use std::sync::atomic::{AtomicBool, Ordering};
    static TOLD: AtomicBool = AtomicBool::new(false);
    everloop::run(async {
        set_exception_handler(Some(&|_| TOLD.store(true, Ordering::Relaxed)));
        hyper::rt::Executor::execute(&Executor, async { panic!("on purpose") });
        yield_now().await;
        yield_now().await;
        assert!(TOLD.load(Ordering::Relaxed));
    })
    .unwrap();
}

#[test]
fn a_future_for_a_loop_that_closes_is_dropped() {
    struct Last(Rc<Cell<bool>>);
    impl Drop for Last {
        fn drop(&mut self) {
            struct Gone(Rc<Cell<bool>>);
            impl Drop for Gone {
                fn drop(&mut self) {
                    self.0.set(true);
                }
            }
            let gone = Gone(Rc::clone(&self.0));
            hyper::rt::Executor::execute(&Executor, async move {
                let _gone = gone;
                std::future::pending::<()>().await;
            });
        }
    }
    let gone = Rc::new(Cell::new(false));
    let last = Last(Rc::clone(&gone));
    // Nothing can wake it any more, so in virtual time the run breaks off, and drops what is left.
    let broken_off = catch_unwind(AssertUnwindSafe(|| {
        OwnedLoop::new(UNPARKER).run(&VirtualTime::new(), &[], async {
            create_task(async move {
                let _last = last;
                std::future::pending::<()>().await;
            });
            std::future::pending::<()>().await;
        })
    }));
    assert!(broken_off.is_err());
    assert!(gone.get());
}

#[test]
#[should_panic = "no running event loop"]
fn outside_a_loop_the_executor_says_so() {
    hyper::rt::Executor::execute(&Executor, async {});
}
