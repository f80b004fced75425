//! Which tests of the list rest on an order that a seed changes, and how.

/// The module `arrivals` has the same promise for any order.
const CREATED: &str = "it takes it that tasks come to what they wait for in the order of their creation";
const RUN: &str = "it tells in which order the tasks of one turn run, which is what a seed changes";
const TURNS: &str =
    "it counts the turns of one task by those of another, which a seed lets run earlier or later";

/// Tests that no seed is for, with the reason.
pub const LEFT_OUT: &[(&str, &[&str])] = &[
    (
        CREATED,
        &[
            "barrier::a_cancelled_party_no_longer_counts",
            "condition::all_are_notified",
            "condition::an_interrupt_may_notify",
            "condition::so_many_are_notified_first_come_first",
            "condition::those_who_wait_go_on_one_after_the_other",
            "lock::cancelled_with_the_lock_in_its_hands_it_passes_it_on",
            "lock::it_is_had_first_come_first_served",
            "queue::getters_are_served_in_order",
            "queue::putters_are_served_in_order",
            "semaphore::an_interrupt_may_release_it",
            "semaphore::ones_own_release_is_for_those_who_wait",
            "semaphore::so_many_at_a_time",
            "semaphore::those_that_are_cancelled_are_passed_over",
            "semaphore::those_who_come_back_go_to_the_end",
            "semaphore::what_is_released_goes_to_those_who_wait",
        ],
    ),
    (
        RUN,
        &[
            "as_completed::the_order_is_kept_of_what_ends_at_one_moment",
            "as_completed::what_was_given_can_be_awaited_together",
            "barrier::all_pass_when_the_last_one_comes",
            "barrier::leaving_a_complete_round_changes_nothing",
            "done_callback::it_is_called_however_the_task_ends",
            "done_callback::it_is_called_with_the_task_at_its_end",
            "done_callback::those_who_wait_are_told_in_the_order_they_came",
            "eager::the_first_step_runs_inside_the_call",
            "event::wakes_all_waiters_in_order",
            "future::a_shared_cell_in_a_static_wakes_all_in_order",
            "gather::cancelling_the_outer_cancels_gathered_tasks",
            "interrupt::an_event_it_sets_wakes_the_waiters",
            "remote::several_begin_in_the_order_in_which_they_were_submitted",
            "task::tasks_run_in_creation_order",
            "task::what_becomes_ready_waits_for_the_next_turn",
            "task_group::a_cancellation_reaches_all_and_waits_for_their_cleanup",
            "task_group::children_run_first_come_first_served",
            "task_group_children::an_error_of_the_body_before_they_began_keeps_them_from_it",
            "task_group_children::those_that_multiply_are_ended_by_an_error",
            "task_group_errors::those_of_cleanups_win_over_a_cancellation",
            "task_group_errors::those_of_one_moment_come_back_together",
            "time::equal_deadlines_keep_their_order",
        ],
    ),
    (
        TURNS,
        &[
            "handle::a_hand_written_future_is_a_task",
            "interrupt::a_queue_it_empties_lets_the_putters_in",
            "interval::one_who_is_late_starves_nobody",
            "request::between_two_yields_is_delivered",
            "task_info::polls_are_counted",
            "time::zero_yields_exactly_once",
        ],
    ),
];

/// Tests whose main task waits by `yield_now` until others have had a step. In these it goes on when no other is ready,
/// and only the order of the others is the seed's.
pub const LAST: &[&str] = &[
    "abort::in_the_midst_of_a_cleanup_it_ends_that",
    "abort::of_a_done_task_it_is_false",
    "abort::the_task_is_dropped_here_and_now",
    "as_completed::dropping_it_detaches_the_tasks",
    "as_completed::what_ends_first_at_the_deadline_is_given",
    "barrier::a_reset_leaves_a_complete_round_alone",
    "done_callback::a_called_one_can_not_be_removed",
    "done_callback::on_a_done_task_it_is_called_at_once",
    "future::an_awaiter_may_cancel_the_cell_with_itself",
    "handle::debug_shows_name_and_state",
    "interrupt::a_waker_it_wakes_wakes_the_task",
    "interrupt::waking_a_done_task_is_harmless",
    "message::it_reaches_every_part_of_a_scope",
    "message::it_reaches_who_awaits_the_task",
    "message::it_reaches_who_catches_the_request",
    "message::the_next_task_in_the_slot_has_none",
    "message::without_one_there_is_none",
    "queue::latecomers_do_not_pass_waiters",
    "select_cancel::a_shielded_loser_holds_a_request_from_outside",
    "shield::gives_what_it_shields_gives",
    "task::drops_of_unawaited_outputs_happen",
    "task::many_short_tasks_one_after_another",
    "task::result_before_done_is_invalid_state",
    "task::result_lends_the_output",
    "task_info::a_future_of_others_may_say_what_it_waits_on",
    "task_info::a_task_is_cancelled_by_what_is_told_of_it",
    "task_info::the_state_is_told",
    "wait::what_ends_first_at_the_deadline_is_done",
    "wait_for::a_cancellation_after_it_cuts_what_follows",
    "wait_for::cancelling_the_wait_cancels_the_task",
    "wait_for::what_swallows_a_request_runs_to_its_end",
];

pub fn is_left_out(test: &str) -> bool {
    LEFT_OUT.iter().any(|(_, tests)| tests.contains(&test))
}

/// Whether a test submits tasks to the static pool for that.
pub fn submits(test: &str) -> bool {
    test.starts_with("remote::") || test == "task_info::a_submitted_task_is_listed_too"
}
