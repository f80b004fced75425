//! What core promises, as one list of tests that runs on the host and on every board.
//!
//! Each test is an async function that a runner drives on a fresh run of a loop, in virtual time, with room for at
//! least [`TASKS`] tasks of [`TASK_BYTES`] bytes. Nothing here needs an allocator.
#![no_std]

mod abort;
mod as_completed;
mod barrier;
mod board;
mod cancel;
mod condition;
mod condition_cancel;
mod done_callback;
mod eager;
pub mod elsewhere;
mod event;
mod future;
mod gather;
mod handle;
mod interrupt;
mod interval;
mod lifo_queue;
mod lock;
mod mem_stream;
mod message;
mod priority_queue;
mod queue;
mod queue_shutdown;
mod queue_stream;
mod real_time;
mod remote;
mod request;
mod select;
mod select_cancel;
mod semaphore;
mod send_cell;
mod shield;
mod step;
mod stream;
mod stream_reader;
mod task;
mod task_group;
mod task_group_children;
mod task_group_errors;
mod task_info;
mod task_local;
mod time;
mod timeout;
mod trace;
mod wait;
mod wait_for;

#[doc(hidden)]
pub use board::{count, count_of, part, tests_of};
use core::pin::{Pin, pin};
use everloop_core::RemotePool;

/// How many tasks at once a test may create.
pub const TASKS: usize = 12;
/// How large their futures may be.
pub const TASK_BYTES: usize = 896;
/// Where a test may submit tasks to from an interrupt: to be handed to the loop with its other room.
pub static REMOTE: RemotePool<2, 256> = RemotePool::new();

/// Drives the future of one test.
pub type Drive<'a> = &'a mut dyn FnMut(Pin<&mut dyn Future<Output = ()>>);

/// One test.
#[derive(Clone, Copy)]
pub struct Test {
    /// Its module and function.
    pub name: &'static str,
    /// Makes its future and has it driven to its end. It fails by panicking.
    pub run: fn(Drive<'_>),
}

macro_rules! suite {
    ($(#[$doc:meta])* $list:ident; $($module:ident: $($test:ident)*;)*) => {
        $(#[$doc])*
        pub const $list: &[Test] = &[
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
        an_earlier_timer_moves_the_alarm_forward an_alarm_on_the_way_to_sleep_is_not_lost cleanup_may_take_its_time;
}

suite! {
    /// What core promises, for virtual time.
    TESTS;
    task: output_comes_back tasks_run_in_creation_order a_task_starts_at_the_next_turn
        what_becomes_ready_waits_for_the_next_turn dropping_the_handle_detaches
        a_full_pool_or_heap_is_typed a_slot_is_reused_after_its_task result_before_done_is_invalid_state
        result_lends_the_output names_and_numbers current_task_is_right_under_interleaving
        done_tasks_are_not_listed awaiting_by_reference_keeps_the_handle a_stale_waker_is_a_spurious_poll
        many_short_tasks_one_after_another a_large_output_arrives_whole drops_of_unawaited_outputs_happen
        a_header_takes_at_most_forty_bytes;
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
    abort: the_task_is_dropped_here_and_now before_the_first_step_too of_a_done_task_it_is_false
        of_the_running_task_it_cancels in_the_midst_of_a_cleanup_it_ends_that who_waits_for_it_goes_on;
    handle: awaits_nest a_hand_written_future_is_a_task an_output_may_be_a_task debug_shows_name_and_state
        without_a_name_the_number_is_displayed;
    request: is_counted_before_the_first_step uncancelled_another_one_can_follow ends_a_sleep_at_once
        between_two_yields_is_delivered withdrawn_from_a_task_about_to_run of_a_timeout_is_not_counted
        to_oneself_reaches_the_task_awaited_next resumed_inside_may_be_swallowed_outside;
    message: it_reaches_who_catches_the_request it_reaches_who_awaits_the_task before_the_first_step_too
        without_one_there_is_none of_several_requests_the_last_ones_counts
        one_taken_back_takes_its_message_with_it it_goes_on_with_who_resumes
        it_passes_through_a_chain_of_awaiters it_reaches_every_part_of_a_scope
        it_reaches_the_children_of_a_group held_back_by_a_shield_it_is_kept
        one_for_the_task_is_not_that_of_a_timeout_inside the_next_task_in_the_slot_has_none;
    eager: the_first_step_runs_inside_the_call one_that_never_waits_is_done_at_once
        one_that_never_waits_was_never_queued one_that_waits_goes_on_like_any_task
        its_creator_may_await_what_it_set_in_its_first_step
        it_is_the_current_task_and_then_its_creator_is_again they_nest it_may_cancel_its_creator
        it_can_not_abort_its_creator cancelled_after_its_first_step_it_says_why
        the_scopes_of_its_creator_are_not_its_own its_own_scopes_leave_those_of_its_creator_alone
        it_may_be_created_while_a_future_is_polled a_full_pool_gives_the_future_back_unpolled;
    done_callback: it_is_called_with_the_task_at_its_end it_is_called_however_the_task_ends
        those_who_wait_are_told_in_the_order_they_came on_a_done_task_it_is_called_at_once
        a_removed_one_is_not_called a_called_one_can_not_be_removed one_that_is_taken_is_refused
        called_it_may_be_added_anew it_may_end_and_create_other_tasks;
    task_info: tasks_are_listed_in_the_order_of_their_creation
        an_eager_task_is_listed_from_its_first_step_to_its_end the_state_is_told polls_are_counted
        what_it_waits_on_is_told of_several_things_it_is_what_joins_them for_other_tasks_it_waits_on_them
        a_future_of_others_may_say_what_it_waits_on what_an_eager_task_waits_on_is_not_its_creators
        requests_are_counted a_task_is_cancelled_by_what_is_told_of_it a_submitted_task_is_listed_too;
    task_local: never_set_there_is_none a_task_sees_what_its_creator_saw_at_that_moment
        what_one_sets_the_other_does_not_see children_of_a_group_inherit_it an_eager_task_inherits_it
        outside_a_task_it_comes_back beyond_its_room_it_comes_back its_room_is_used_again
        setting_it_again_needs_no_more_room a_value_lives_until_the_last_task_that_sees_it_has_ended
        it_may_be_set_while_it_is_looked_at the_drop_of_a_value_may_look_at_it it_is_its_tasks_in_every_scope;
    wait_for: value_in_time timeout_after_the_deadline zero_never_starts_the_future
        a_result_that_races_the_deadline_wins cleanup_ends_before_the_error cleanup_value_wins
        nested_with_one_deadline_the_outer_reports an_outer_deadline_cuts_the_inner_cleanup
        cancellation_from_outside_is_not_a_timeout outside_beats_the_deadline_during_cleanup
        around_a_task_cancels_it forever_never_fires a_timeout_loses_no_queue_item
        dropping_it_takes_its_timer_out cleanup_error_wins zero_gives_the_output_of_a_task_that_is_done
        zero_cancels_a_task_and_waits_for_it what_swallows_a_request_runs_to_its_end
        cancelling_the_wait_cancels_the_task a_wait_that_never_began_leaves_the_task_running
        a_cancellation_beats_a_task_that_is_done a_cancellation_after_it_cuts_what_follows
        zero_leaves_a_shielded_task_running a_shielded_task_may_take_its_time
        a_shielded_task_outlasts_the_deadline;
    timeout: value_in_time the_deadline_ends_it a_point_in_time_ends_it
        a_delay_counts_from_the_start_of_the_run without_a_deadline_it_never_fires
        zero_ends_it_at_the_first_await the_past_ends_it_at_the_first_await
        zero_lets_what_awaits_nothing_finish zero_waits_for_the_cleanup an_error_passes_through
        an_error_of_the_cleanup_wins a_result_that_races_the_deadline_wins cleanup_ends_before_the_error
        a_cancellation_of_its_own_task_is_not_a_timeout a_cancellation_from_outside_beats_the_deadline
        the_task_around_it_is_not_cancelled nested_with_one_deadline_the_outer_reports
        nested_the_earlier_one_reports nested_and_both_late_the_outer_reports
        an_outer_deadline_cuts_the_inner_cleanup cleanup_may_have_a_timeout_of_its_own
        it_works_after_a_swallowed_cancellation moving_it_from_inside moving_it_from_inside_costs_no_poll
        moving_it_to_the_past_ends_it_at_the_next_await moving_it_at_the_deadline_is_in_time
        moving_the_outer_one_at_the_deadline_leaves_it_to_the_inner moving_it_from_another_task
        moving_it_to_the_past_from_another_task moving_it_away_and_a_cancellation
        it_can_only_be_moved_while_it_runs dropping_the_run_finishes_it debug_shows_the_state;
    wait: all_completed_waits_for_all all_completed_is_polled_at_the_last_end_only
        all_completed_waits_past_an_err first_completed_tells_done_from_pending all_that_is_done_is_told
        done_and_pending_keep_the_order_of_the_arguments every_split_keeps_the_order
        without_an_exception_the_first_is_never an_err_is_an_exception_for_try_wait
        an_err_that_is_there_returns_at_once an_err_that_was_taken_is_not_looked_at
        a_cancelled_task_is_done_but_no_exception
        a_task_cancelled_meanwhile_counts_when_its_cleanup_has_ended a_timeout_is_no_error
        what_ends_first_at_the_deadline_is_done a_zero_timeout_lets_what_is_ready_run
        an_unused_timeout_wakes_nobody an_empty_set_is_an_error cancelling_it_spares_the_tasks
        caught_the_handles_are_still_there an_outer_timeout_spares_the_tasks
        dropping_it_midway_leaves_nothing_behind never_polled_it_does_nothing
        a_task_given_twice_is_told_twice several_may_wait_for_one_task tasks_of_different_outputs_in_one_set;
    as_completed: they_come_in_the_order_of_their_ends the_order_is_kept_of_what_ends_before_the_first_poll
        the_order_is_kept_of_what_ends_between_two_polls the_order_is_kept_of_what_ends_at_one_moment
        none_ends_at_once what_is_given_is_what_was_taken what_was_given_can_be_awaited_together
        a_dropped_next_loses_nothing it_may_be_polled_by_different_tasks_in_turn
        after_the_deadline_each_of_the_rest_is_an_error the_timeout_counts_from_the_call
        what_ended_in_time_is_given_after_the_deadline what_ends_first_at_the_deadline_is_given
        a_zero_timeout_lets_what_is_ready_run an_unused_timeout_wakes_nobody the_rest_can_be_taken_back
        taken_back_before_the_first_poll_they_run_on dropping_it_detaches_the_tasks
        cancelling_the_one_who_waits_spares_the_tasks caught_it_goes_on a_cancelled_task_is_given_too
        tasks_of_different_outputs_by_reference a_task_given_twice_comes_twice
        two_at_once_over_the_same_tasks it_is_a_stream;
    gather: results_keep_the_order_of_the_arguments none_gives_empty
        the_first_error_comes_at_once_and_tasks_run_on values_come_back_without_errors
        cancelling_the_outer_reaches_every_child_and_waits it_surfaces_even_if_all_swallow
        a_childs_own_cancellation_is_an_outcome errors_and_cancellations_are_outcomes
        of_several_errors_the_first_counts cancelling_the_outer_cancels_gathered_tasks
        an_error_during_cancellation_cuts_no_cleanup
        a_timeout_around_it_waits_for_all_cleanups nested_gathers_clean_up_and_surface
        dropping_it_drops_the_children shield_holds_the_request_until_after
        shield_beside_a_sibling_that_is_cancelled a_shielded_timeout_still_fires
        returning_after_a_shield_with_a_request_held_ends_cancelled;
    task_group: children_may_borrow all_have_ended_when_the_group_has none_is_fine
        the_first_error_cancels_siblings_and_the_body all_errors_come_back_grouped
        an_error_of_the_body_cancels_the_children a_cancelled_child_harms_nobody children_may_create_children
        creating_after_a_failure_is_an_error creating_beyond_the_room_is_an_error
        a_cancellation_reaches_all_and_waits_for_their_cleanup it_surfaces_even_if_the_children_swallow
        an_error_wins_over_a_cancellation_that_comes_next the_handle_of_a_failed_child_says_cancelled
        children_run_first_come_first_served dropping_it_drops_the_body_then_the_children
        a_static_child_runs_like_any_task a_timeout_waits_for_the_childrens_cleanup nested_groups_gather_errors
        a_child_that_is_aborted_is_gone an_own_cancellation_of_the_body_ends_the_children
        a_child_may_be_cancelled_by_its_handle a_second_cancellation_cuts_the_childrens_cleanup;
    task_group_children: the_body_creates_them_between_its_awaits one_that_has_ended_makes_room_for_the_next
        those_that_multiply_are_ended_by_an_error they_may_be_named
        an_error_of_the_body_before_they_began_keeps_them_from_it;
    task_group_errors: those_of_one_moment_come_back_together those_of_cleanups_win_over_a_cancellation
        one_of_the_body_wins_over_a_cancellation without_any_a_cancellation_of_the_body_surfaces
        those_of_a_child_and_of_the_body_come_back_together those_of_an_inner_group_are_one_of_the_outer
        those_of_an_inner_groups_cleanup_are_one_of_the_outer one_of_the_outer_group_ends_the_inner_one
        both_groups_fail_at_one_moment a_failure_leaves_no_request_behind
        a_cancellation_that_comes_with_one_is_not_lost;
    select: the_first_to_be_ready_ends_it one_to_eight_can_be_selected_from
        losers_are_dropped_in_the_same_poll a_loser_that_never_started_never_runs
        biased_polls_in_the_order_of_the_arguments fair_begins_one_further_with_each_poll
        fair_starves_none_of_those_always_ready cleanup_of_the_losers_runs_to_its_end losers_are_asked_once
        a_loser_that_swallows_keeps_its_value two_gets_lose_no_item a_claim_goes_on_to_the_next_getter
        given_by_reference_it_is_only_let_go_of a_scope_in_what_is_given_by_reference_is_asked
        a_task_that_loses_is_cancelled_and_waited_for dropping_it_drops_its_futures
        dropping_it_while_losers_clean_up_is_immediate ends_of_their_own_give_nothing gathers_and_races_nest;
    select_cancel: cancelling_reaches_every_branch_and_waits cancelled_it_surfaces_even_if_all_swallow
        cancelling_while_losers_clean_up_cuts_them nested_races_clean_up_from_the_inside
        a_request_to_nested_races_surfaces_once a_timeout_around_it_reaches_all
        a_timeout_inside_it_is_a_value a_timeout_that_passes_during_the_cleanup_cuts_it
        a_race_won_as_the_deadline_passes_wins a_shielded_loser_runs_to_its_end
        a_shielded_loser_holds_a_request_from_outside;
    shield: a_shielded_task_runs_on_and_the_awaiter_goes_at_once gives_what_it_shields_gives shows_the_tasks_own_cancellation lets_a_whole_gather_end;
    time: sleeps_end_in_deadline_order equal_deadlines_keep_their_order zero_yields_exactly_once
        dropping_a_sleep_removes_it an_hour_is_exact sleep_until_the_past_yields many_timers_in_any_order
        removal_from_the_middle conversions_round_up_and_saturate forever_is_not_a_deadline;
    interval: the_first_tick_comes_at_once the_first_tick_comes_at_its_start
        what_is_done_between_ticks_adds_no_drift a_burst_gives_all_missed_ticks missed_ticks_are_skipped
        missed_ticks_delay_the_next a_start_in_the_past_is_missed_ticks
        a_dropped_tick_is_given_by_the_next_call reset_counts_from_now one_who_is_late_starves_nobody
        at_the_end_of_time_it_waits ticks_come_as_a_stream_without_drift a_dropped_stream_of_ticks_loses_none;
    queue: first_in_first_out a_full_queue_makes_putters_wait put_nowait_gives_the_item_back
        getters_are_served_in_order putters_are_served_in_order a_cancelled_getter_passes_its_turn_on
        a_dropped_getter_that_was_woken_passes_the_claim_on a_dropped_putter_passes_its_place_on
        latecomers_do_not_pass_waiters join_waits_for_task_done task_done_once_too_often_is_an_error
        shutdown_lets_what_is_queued_be_read immediate_shutdown_drops_and_wakes
        shutdown_fails_blocked_putters shutdown_fails_blocked_getters debug_shows_who_waits shared_in_a_static
        nothing_is_lost_under_timeouts;
    queue_shutdown: an_empty_queue_refuses_who_waits a_queue_with_items_is_emptied_and_joined
        an_immediate_one_counts_what_it_drops_as_done
        after_an_immediate_one_what_was_taken_is_still_waited_for an_immediate_one_may_follow_a_mild_one
        a_putter_that_was_promised_a_place_is_refused
        a_getter_that_was_promised_an_item_is_refused_by_an_immediate_one;
    queue_stream: it_gives_each_item_as_it_comes it_ends_when_the_queue_is_shut_down_and_empty
        a_shutdown_ends_one_that_waits an_immediate_shutdown_takes_back_what_was_promised dropped_with_an_item_in_its_hands_it_passes_it_on
        an_item_given_up_is_given_by_the_next_call it_waits_in_one_line_with_those_who_get
        of_a_priority_queue_it_gives_the_lowest_first an_interrupt_may_feed_it;
    priority_queue: the_lowest_comes_first any_puts_and_gets_agree_with_a_sorted_list equal_items_keep_their_order
        a_woken_getter_gets_the_lowest_of_its_moment a_dropped_getter_that_was_woken_passes_the_claim_on
        a_full_one_makes_putters_wait a_put_compares_nothing shut_down_it_still_gives_the_lowest_first
        each_item_is_dropped_once;
    lifo_queue: the_last_comes_first a_woken_getter_gets_the_last_of_its_moment a_full_one_makes_putters_wait;
    lock: it_is_had_first_come_first_served who_comes_later_does_not_pass one_that_is_cancelled_is_passed_over
        cancelled_with_the_lock_in_its_hands_it_passes_it_on
        dropped_with_the_lock_in_its_hands_it_passes_it_on one_whose_time_is_up_takes_nothing
        dropped_before_its_first_poll_it_takes_nothing it_owns_what_it_guards a_cancellation_releases_it
        it_is_held_through_a_cleanup an_interrupt_may_take_and_release_it debug_shows_whether_it_is_had;
    semaphore: so_many_at_a_time those_who_come_back_go_to_the_end who_comes_later_does_not_pass
        what_is_released_goes_to_those_who_wait ones_own_release_is_for_those_who_wait
        those_that_are_cancelled_are_passed_over cancelled_with_a_permit_in_its_hands_it_passes_it_on
        one_whose_time_is_up_takes_nothing dropped_it_takes_nothing
        a_forgotten_permit_is_there_to_be_released it_has_no_more_permits_than_can_be_counted
        a_bounded_one_never_has_more_than_at_its_start a_bounded_one_counts_what_a_waiter_was_given
        an_interrupt_may_release_it debug_shows_what_is_free;
    condition: those_who_wait_go_on_one_after_the_other so_many_are_notified_first_come_first
        all_are_notified a_notification_is_not_kept_for_later the_predicate_is_asked_with_the_lock_held
        what_is_so_already_is_not_waited_for a_dropped_wait_leaves_a_guard_that_holds_nothing
        a_dropped_waits_notification_goes_to_another a_wait_that_never_began_leaves_the_guard_alone
        several_share_a_lock an_interrupt_may_notify debug_shows_who_waits;
    condition_cancel: cancelled_it_takes_the_lock_again_first requests_while_it_takes_the_lock_are_one
        caught_the_guard_holds_the_lock after_a_timeout_the_guard_holds_the_lock
        a_timeout_while_it_takes_the_lock_waits_for_it cancelled_before_it_began_the_guard_holds_the_lock
        a_notification_of_one_that_is_cancelled_goes_to_another
        cancelled_while_it_takes_the_lock_its_notification_goes_to_another
        a_message_goes_with_the_cancellation in_a_foreign_join_it_takes_the_lock_again
        a_loser_of_a_race_takes_the_lock_again;
    barrier: all_pass_when_the_last_one_comes a_single_party_never_waits it_is_used_again_and_again
        the_next_round_fills_while_the_last_is_still_to_run a_cancelled_party_no_longer_counts
        a_party_whose_time_is_up_no_longer_counts leaving_a_complete_round_changes_nothing
        a_reset_fails_those_who_wait a_reset_of_an_empty_one_changes_nothing
        a_reset_leaves_a_complete_round_alone aborted_it_is_broken_until_it_is_reset
        an_abort_leaves_a_complete_round_alone an_interrupt_may_reset_and_abort_it debug_shows_who_waits;
    event: wakes_all_waiters_in_order set_then_clear_still_wakes a_set_event_does_not_wait
        a_dropped_waiter_is_forgotten a_cancelled_waiter_is_forgotten set_by_a_task_of_many_waiters debug_shows_the_waiters;
    interrupt: it_has_no_current_loop an_event_it_sets_wakes_the_waiters a_queue_it_feeds_loses_nothing
        a_queue_it_empties_lets_the_putters_in a_waker_it_wakes_wakes_the_task the_main_task_is_woken_too
        waking_a_done_task_is_harmless;
    remote: an_interrupt_submits_and_the_loop_runs_it it_begins_at_the_loops_next_turn
        several_begin_in_the_order_in_which_they_were_submitted
        it_is_cancelled_from_an_interrupt_and_cleans_up cancelled_before_its_first_step_it_never_runs
        a_full_pool_gives_back_what_was_sent a_slot_is_free_once_the_task_and_its_handle_are_gone
        a_dropped_handle_detaches cancelling_the_awaiter_spares_it an_interrupt_may_wake_what_it_waits_for
        a_pool_that_no_running_loop_has_refuses submitted_by_the_loop_itself_it_runs_too
        it_creates_tasks_that_outlive_it;
    future: a_new_cell_is_pending a_result_is_final an_error_is_final a_cancellation_is_final
        a_shared_cell_in_a_static_wakes_all_in_order all_waiters_get_the_same_value_in_place
        an_error_reaches_all_waiters a_cancellation_of_the_cell_reaches_all_waiters
        a_done_cell_is_awaited_again_and_again a_dropped_waiter_is_forgotten
        cancelling_an_awaiter_spares_the_cell_and_the_others an_awaiter_may_cancel_the_cell_with_itself
        a_timeout_spares_the_cell take_gives_the_outcome_and_a_new_cell into_result_gives_the_outcome
        values_are_dropped_once one_cell_can_set_another callbacks_are_called_once_in_the_order_added
        callbacks_are_called_for_an_error_and_a_cancellation
        a_callback_added_to_a_done_cell_is_called_at_once a_removed_callback_is_not_called
        dropping_a_callback_removes_it a_callback_may_remove_the_next
        debug_shows_outcome_waiters_and_callbacks errors_say_what_happened;
    stream: reads_lines a_line_in_pieces an_overlong_line_is_refused_and_dropped readexactly_gets_all
        readexactly_reports_partial readuntil_finds_a_split_separator eof_inside_a_line_gives_the_rest
        cancelling_a_read_loses_no_bytes read_gives_what_is_there buffer_wraps_without_loss
        write_reports_what_did_not_fit drain_sends_in_pieces write_after_eof_is_an_error;
    stream_reader: what_it_is_fed_is_read_before_what_comes it_is_fed_as_much_as_fits
        fed_the_end_it_ends_behind_the_rest read_gives_no_more_than_is_asked_for
        what_ended_too_early_is_lent_until_the_next_read the_separator_that_ends_first_wins
        separators_are_found_across_pieces without_a_separator_the_buffer_is_left_as_it_is
        an_exception_fails_every_read every_read_may_be_given_up_without_loss its_lines_are_a_stream
        a_stream_of_lines_that_is_dropped_loses_none;
}
