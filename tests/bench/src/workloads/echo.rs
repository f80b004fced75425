//! TCP with both ends on one thread.

use super as rt;
use crate::measure::{Report, Workload, begin};
use crate::sizes::CONNECTIONS;

/// `n` is the number of echoes.
pub const ALL: &[Workload] = &[Workload { name: "echo", n: 100_000, run: both_ends }];

/// A task for each end of each connection.
fn both_ends(n: u64) -> Report {
    async fn work(mut clients: Vec<rt::Stream>, each: u64) -> Vec<rt::Stream> {
        let ask = |mut client| async move {
            rt::ask(&mut client, each).await;
            client
        };
        let tasks: Vec<_> = clients.drain(..).map(|client| rt::spawn(ask(client))).collect();
        for task in tasks {
            clients.push(rt::output(task.await));
        }
        clients
    }
    rt::run(async move {
        let mut listener = rt::listen().await;
        let port = rt::port(&listener);
        let mut clients = Vec::new();
        for _ in 0..CONNECTIONS {
            clients.push(rt::connect(port).await);
            let server = rt::accept(&mut listener).await;
            rt::detach(rt::answer(server));
        }
        let each = n.div_ceil(CONNECTIONS);
        let clients = work(clients, each.div_ceil(10)).await;
        let began = begin();
        let _clients = work(clients, each).await;
        vec![("ps", began.each(each * CONNECTIONS))]
    })
}
