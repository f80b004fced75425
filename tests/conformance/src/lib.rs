//! What core promises, as one list of tests that runs on the host and on every board.
//!
//! Each test is an async function that a runner drives on a fresh run of a loop, in virtual time, with room for at
//! least [`TASKS`] tasks of [`TASK_BYTES`] bytes. Nothing here needs an allocator.
#![no_std]

mod board;
mod cancel;
mod event;
mod gather;
mod handle;
mod mem_stream;
mod queue;
mod real_time;
mod request;
mod send_cell;
mod shield;
mod stream;
mod task;
mod time;
mod trace;
mod wait_for;

use core::pin::{Pin, pin};

/// How many tasks at once a test may create.
pub const TASKS: usize = 12;
/// How large their futures may be.
pub const TASK_BYTES: usize = 768;

/// Drives the future of one test.
pub type Drive<'a> = &'a mut dyn FnMut(Pin<&mut dyn Future<Output = ()>>);

/// One test.
pub struct Test {
    /// Its module and function.
    pub name: &'static str,
    /// Makes its future and has it driven to its end. It fails by panicking.
    pub run: fn(Drive<'_>),
}

macro_rules! suite {
    ($(#[$doc:meta])* $list:ident; $($module:ident: $($test:ident)*;)*) => {
        $(#[$doc])*
        pub static $list: &[Test] = &[
            $($(Test {
                name: concat!(stringify!($module), "::", stringify!($test)),
                run: |drive| drive(pin!($module::$test())),
            },)*)*
        ];
    };
}

suite! {
    /// What needs a real clock: for the platform itself, not for virtual time.
    REAL_TIME;
    real_time: a_sleep_lasts_at_least_as_long sleepers_wake_in_deadline_order a_timeout_ends_a_wait
        an_earlier_timer_moves_the_alarm_forward cleanup_may_take_its_time;
}

suite! {
    /// What core promises, for virtual time.
    TESTS;
    task: output_comes_back tasks_run_in_creation_order a_task_starts_at_the_next_turn
        what_becomes_ready_waits_for_the_next_turn dropping_the_handle_detaches
        a_full_pool_or_heap_is_typed a_slot_is_reused_after_its_task result_before_done_is_invalid_state
        result_lends_the_output names_and_numbers current_task_is_right_under_interleaving
        done_tasks_are_not_listed awaiting_by_reference_keeps_the_handle a_stale_waker_is_a_spurious_poll
        many_short_tasks_one_after_another a_large_output_arrives_whole drops_of_unawaited_outputs_happen;
    cancel: before_the_first_step_the_body_never_runs cancel_of_a_done_task_is_false everything_is_dropped
        cleanup_runs_to_its_end cleanup_may_swallow a_second_cancel_cuts_the_cleanup
        several_cancels_before_delivery_are_one self_cancel_is_delivered_at_the_next_await
        self_cancel_then_return_ends_cancelled uncancel_withdraws_what_was_not_delivered
        awaiting_forwards_and_waits awaiting_gets_the_value_of_one_that_swallows
        awaiting_one_that_is_done_is_cancelled nested_catches_clean_up_from_the_inside
        an_error_that_carries_it_is_ordinary cancel_wakes_a_task_that_waits_for_nothing
        cleanup_after_cancel_of_an_awaiter_chain resume_without_a_scope_ends_the_task
        leftovers_clean_up_in_the_order_of_their_waits dropping_a_scope_mid_cleanup_is_immediate
        a_foreign_join_reaches_both_branches a_stashed_scope_loses_no_request;
    handle: awaits_nest a_hand_written_future_is_a_task an_output_may_be_a_task debug_shows_name_and_state
        without_a_name_the_number_is_displayed;
    request: is_counted_before_the_first_step uncancelled_another_one_can_follow ends_a_sleep_at_once
        between_two_yields_is_delivered withdrawn_from_a_task_about_to_run of_a_timeout_is_not_counted
        to_oneself_reaches_the_task_awaited_next resumed_inside_may_be_swallowed_outside;
    wait_for: value_in_time timeout_after_the_deadline zero_never_starts_the_future
        a_result_that_races_the_deadline_wins cleanup_ends_before_the_error cleanup_value_wins
        nested_with_one_deadline_the_outer_reports an_outer_deadline_cuts_the_inner_cleanup
        cancellation_from_outside_is_not_a_timeout outside_beats_the_deadline_during_cleanup
        around_a_task_cancels_it forever_never_fires a_timeout_loses_no_queue_item
        dropping_it_takes_its_timer_out;
    gather: results_keep_the_order_of_the_arguments none_gives_empty
        the_first_error_comes_at_once_and_tasks_run_on values_come_back_without_errors
        cancelling_the_outer_reaches_every_child_and_waits it_surfaces_even_if_all_swallow
        a_childs_own_cancellation_is_an_outcome an_error_during_cancellation_cuts_no_cleanup
        a_timeout_around_it_waits_for_all_cleanups nested_gathers_clean_up_and_surface
        dropping_it_drops_the_children shield_holds_the_request_until_after
        shield_beside_a_sibling_that_is_cancelled a_shielded_timeout_still_fires
        returning_after_a_shield_with_a_request_held_ends_cancelled;
    shield: gives_what_it_shields_gives shows_the_tasks_own_cancellation lets_a_whole_gather_end;
    time: sleeps_end_in_deadline_order equal_deadlines_keep_their_order zero_yields_exactly_once
        dropping_a_sleep_removes_it an_hour_is_exact sleep_until_the_past_yields many_timers_in_any_order
        removal_from_the_middle conversions_round_up_and_saturate forever_is_not_a_deadline;
    queue: first_in_first_out a_full_queue_makes_putters_wait put_nowait_gives_the_item_back
        getters_are_served_in_order putters_are_served_in_order a_cancelled_getter_passes_its_turn_on
        a_dropped_getter_that_was_woken_passes_the_claim_on a_dropped_putter_passes_its_place_on
        latecomers_do_not_pass_waiters join_waits_for_task_done task_done_once_too_often_is_an_error
        shutdown_lets_what_is_queued_be_read immediate_shutdown_drops_and_wakes
        shutdown_fails_blocked_putters shutdown_fails_blocked_getters shared_in_a_static nothing_is_lost_under_timeouts;
    event: wakes_all_waiters_in_order set_then_clear_still_wakes a_set_event_does_not_wait
        a_dropped_waiter_is_forgotten set_by_a_task_of_many_waiters debug_shows_the_waiters;
    stream: reads_lines a_line_in_pieces an_overlong_line_is_refused_and_skipped readexactly_gets_all
        readexactly_reports_partial readuntil_finds_a_split_separator eof_inside_a_line_gives_the_rest
        cancelling_a_read_loses_no_bytes read_gives_what_is_there buffer_wraps_without_loss
        write_reports_what_did_not_fit drain_sends_in_pieces write_after_eof_is_an_error;
}
