//! Clients that reset, at every point of a conversation with a server.

use std::cell::{Cell, RefCell};
use std::io::ErrorKind;
use std::net::SocketAddr;
use std::rc::Rc;

use crate::support::many;
use crate::support::server::{asks, started};
use everloop::embedded_io_async::{Read, Write};
use everloop::net::{ConnectionWriter, SocketReader, SocketWriter, TcpStream};
use everloop::stream::ReadError;
use everloop::{create_task, gather, set_exception_handler, yield_now};

/// More than the system takes at once.
const MUCH: usize = 4 << 20;

/// Answers each line until the end.
async fn answer(reader: &mut SocketReader, writer: &SocketWriter) -> Result<(), ErrorKind> {
    loop {
        let line = match reader.readline().await {
            Ok(line) => line,
            Err(ReadError::Io(error)) => return Err(error.kind()),
            Err(error) => panic!("{error}"),
        };
        match line {
            [] => return Ok(()),
            b"much\n" => writer.write(&vec![7; MUCH]).unwrap(),
            line => writer.write(line).unwrap(),
        }
        writer.drain().await.map_err(|error| error.kind())?;
    }
}

/// Resets before a word, in the middle of a line, before an answer, in the middle of an answer, and after its own end.
async fn rude(address: SocketAddr, how: usize) {
    let mut stream = TcpStream::connect(address).await.unwrap();
    match how {
        0 => {}
        1 => stream.write_all(b"half a li").await.unwrap(),
        2 => stream.write_all(b"much\n").await.unwrap(),
        3 => {
            stream.write_all(b"much\n").await.unwrap();
            stream.read_exact(&mut [0; 1000]).await.unwrap();
        }
        _ => {
            stream.write_all(b"hello\n").await.unwrap();
            let (mut reader, mut writer) = stream.split();
            reader.read_exact(&mut [0; 6]).await.unwrap();
            writer.write_eof().await.unwrap();
            writer.abort();
            return;
        }
    }
    stream.abort();
}

#[test]
fn clients_that_reset_at_any_point_harm_nobody_else() {
    everloop::run(async {
        set_exception_handler(Some(&|unhandled| panic!("{unhandled:?}")));
        let (begun, ended) = (Rc::new(Cell::new(0)), Rc::new(RefCell::new(Vec::new())));
        let (beginning, ending) = (Rc::clone(&begun), Rc::clone(&ended));
        let (server, address) = started(async move |mut reader: SocketReader, writer: SocketWriter| {
            beginning.set(beginning.get() + 1);
            let outcome = answer(&mut reader, &writer).await;
            ending.borrow_mut().push(outcome);
        })
        .await;
        for _ in 0..many(50) {
            let rude_ones = (0..5).map(|how| rude(address, how)).collect::<Vec<_>>();
            let polite = create_task(asks(address, b"hello\n"));
            for client in gather(rude_ones).await {
                client.unwrap();
            }
            polite.await.unwrap();
        }
        asks(address, b"still there?\n").await;
        server.close();
        // Nothing is left of any.
        server.wait_closed().await;
        while ended.borrow().len() < begun.get() {
            yield_now().await;
        }
        let ended = ended.take();
        // Who is reset in the line may never have been seen.
        assert!((many(50) * 2 + 1..=many(50) * 6 + 1).contains(&ended.len()), "{}", ended.len());
        let errors: Vec<_> = ended.into_iter().filter_map(Result::err).collect();
        // The middle of an answer can't be taken for an end in good order.
        assert!(errors.len() >= many(50), "{errors:?}");
        for error in errors {
            let expected = [ErrorKind::ConnectionReset, ErrorKind::BrokenPipe, ErrorKind::ConnectionAborted];
            assert!(expected.contains(&error), "{error}");
        }
    })
    .unwrap();
}
