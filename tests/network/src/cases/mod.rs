//! The cases: conversations with a server, as its client.

mod bulk;
mod cancel;
mod close;
mod crowd;
mod echo;
mod reset;
mod streams;

use crate::client::Client;
use crate::report::Report;
use crate::request::Order;
use core::net::SocketAddr;
use everloop_core::net::Streams;

/// Runs all that this client can.
pub async fn run<N: Streams>(
    client: &Client<'_, N>,
    order: &Order,
    nowhere: Option<SocketAddr>,
    report: &mut Report<'_>,
) {
    report.case("echo_of_random_sizes", echo::of_random_sizes(client)).await;
    report.case("echo_after_idling", echo::after_idling(client)).await;
    report.case("bulk_to_the_server", bulk::to_the_server(client)).await;
    report.case("bulk_from_the_server", bulk::from_the_server(client)).await;
    report.case("bulk_both_ways_at_once", bulk::both_ways_at_once(client)).await;
    report.case("half_close_by_the_client", close::half_by_the_client(client)).await;
    report.case("half_close_by_the_server", close::half_by_the_server(client)).await;
    report.case("close_in_flight_by_the_client", close::in_flight_by_the_client(client)).await;
    report.case("close_in_flight_by_the_server", close::in_flight_by_the_server(client)).await;
    report.case("reset_by_the_client", reset::by_the_client(client)).await;
    report.case("reset_by_the_server", reset::by_the_server(client, order.direct)).await;
    if order.direct {
        report.case("refused_connect", reset::refused_connect(client, order.closed)).await;
    }
    report.case("cancelled_read", cancel::read(client)).await;
    report.case("cancelled_write", cancel::write(client)).await;
    report.case("cancelled_accept", cancel::accept(client)).await;
    if let Some(nowhere) = nowhere {
        report.case("cancelled_connect", cancel::connect(client, nowhere)).await;
    }
    report.case("one_after_another", crowd::one_after_another(client)).await;
    report.case("several_at_once", crowd::several_at_once(client)).await;
    report.case("one_more_than_there_are_places", crowd::one_more_than_places(client)).await;
    report.case("streams_to_a_host", streams::to_a_host(client)).await;
    report.case("server_started_twice", streams::server_started_twice(client, order.closed)).await;
}
