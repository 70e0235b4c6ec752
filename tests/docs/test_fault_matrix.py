"""The fault matrix (reliability.md, part 2): every row has its test, or the reason why it has none."""

import ast
from functools import cache
from pathlib import Path

import pytest

TESTS = Path(__file__).parents[1]
IDS = (
    *(f"K{n}" for n in range(1, 10)),
    *(f"S{n}" for n in range(1, 27)),
    *(f"F{n}" for n in range(1, 7)),
    *(f"J{n}" for n in range(1, 8)),
    *(f"C{n}" for n in range(1, 7)),
    *(f"P{n}" for n in range(1, 4)),
    *(f"H{n}" for n in range(1, 4)),
    *(f"B{n}" for n in range(1, 17)),
    *(f"R{n}" for n in range(1, 8)),
    *(f"M{n}" for n in range(1, 11)),
)
"""The ids of the page, in its order; B are what a break-in found, sixteen kinds of faults around the protocol.

M are those of what is written into the user's own mailbox: killed while a draft (M1) or a copy (M2) is filed; a refusal
(M3); what breaks off (M4); a server without UIDPLUS (M5); a draft that was edited (M6), sent or thrown away (M7); no
such folder (M8); a copy that fails (M9); a server that names messages anew (M10).

R are those of who reads: messages one by one before they leave, a mailbox that anybody fills, copies afterwards.
"""

ROWS: dict[str, str] = {
    "K1": "test_crash::test_killed_around_the_dot",
    "K2": "test_journal_recovery::test_recovery_cut_short_three_times_converges",
    "K3": "not tried: losing un-synced writes needs LazyFS (FUSE) or a machine whose power can be cut",
    "K4": "test_delivery_outbox::test_a_signal_before_the_dot_closes_without_it"
    " test_story_recovery::test_stopped_from_outside_before_the_first_message",
    "K5": "test_delivery_outbox::test_a_signal_after_the_dot_waits_for_the_record",
    "K6": "test_delivery_outbox::test_tells_each_message_once_it_is_settled",
    "K7": "test_looking::test_time_that_passed",
    "K8": "test_story_recovery::test_asleep_while_the_reply_is_awaited",
    "K9": "test_sources_bad_inputs::test_hostile_workbooks_are_refused_in_two_seconds_and_300_mb",
    "S1": "test_delivery_network::test_no_way_leads_there"
    " test_delivery_network::test_a_name_known_only_after_a_while"
    " test_delivery_smtp::test_unknown_host",
    "S2": "test_delivery_smtp::test_silence_is_a_time_out",
    "S3": "test_delivery_smtp::test_unfriendly_greetings",
    "S4": "test_delivery_smtp::test_stripped_starttls_sends_nothing",
    "S5": "test_delivery_smtp::test_refuses_a_wrong_certificate_before_login",
    "S6": "test_story_trouble::test_wrong_password_stops_before_anything",
    "S7": "test_delivery_outbox::test_account_refusal_stops_the_run",
    "S8": "test_story_trouble::test_refused_recipient",
    "S9": "test_delivery_outbox::test_deferred_leaves_next_time_with_the_same_identity",
    "S10": "test_delivery_transaction::test_customer_refused_and_copy_accepted_sends_nothing",
    "S11": "test_delivery_transaction::test_refusal_before_the_body",
    "S12": "test_delivery_transaction::test_dropped_inside_the_body_is_not_sent",
    "S13": "test_delivery_outbox::test_sends_each_message_and_remembers_it",
    "S14": "test_delivery_transaction::test_answers_to_the_dot",
    "S15": "test_story_trouble::test_deferred_message_leaves_next_time",
    "S16": "test_story_recovery::test_a_refused_message_is_held_with_its_command",
    "S17": "test_delivery_outbox::test_in_doubt_is_never_sent_again",
    "S18": "test_story_recovery::test_a_doubt_is_shown_with_its_facts test_story_mailbox::test_a_trace_settles_a_doubt",
    "S19": "test_delivery_transaction::test_silence_after_the_dot_is_in_doubt",
    "S20": "test_delivery_transaction::test_a_late_reply_is_awaited",
    "S21": "test_delivery_transaction::test_a_reply_that_never_ends_is_in_doubt",
    "S22": "test_delivery_transaction::test_quit_refused_after_acceptance_is_still_sent",
    "S23": "test_delivery_outbox::test_quota_in_the_middle_stops_the_run",
    "S24": "test_story_mailbox::test_an_answer_holds_until_it_is_released",
    "S25": "test_story_mailbox::test_a_bounce_refuses_the_address",
    "S26": "test_story_mailbox::test_other_reports",
    "F1": "test_cli_errors::test_wrong_turn",
    "F2": "test_sources_bad_inputs::test_a_bad_input_alone",
    "F3": "test_story_file::test_a_shrunk_file_sends_nothing_until_confirmed",
    "F4": "test_sources_bad_inputs::test_a_bad_input_alone",
    "F5": "test_story_recovery::test_paid_between_planning_and_the_dot",
    "F6": "test_sources_bad_inputs::test_a_bad_row_among_twenty_good_ones",
    "J1": "test_story_recovery::test_a_lost_journal_is_said_and_repaired"
    " test_story_recovery::test_a_lost_journal_is_no_first_use",
    "J2": "test_journal_recovery::test_repair_from_the_newest_good_copy",
    "J3": "test_story_recovery::test_a_journal_from_last_week_is_brought_up",
    "J4": "test_delivery_outbox::test_a_journal_that_cannot_be_written_sends_nothing",
    "J5": "test_delivery_outbox::test_accepted_but_written_down_nowhere_is_in_doubt",
    "J6": "test_story_recovery::test_check_tells_where_the_journal_is_at_risk",
    "J7": "test_journal_files::test_a_newer_journal_is_refused_untouched",
    "C1": "test_story_recovery::test_a_clock_that_went_back_holds_everything",
    "C2": "test_story_recovery::test_a_clock_far_ahead_asks_once",
    "C3": "test_fault_matrix::test_days_are_counted_in_paris_through_the_changes_of_hour",
    "C4": "test_fault_matrix::test_days_are_those_of_paris_wherever_the_machine_is",
    "C5": "test_looking::test_midnight",
    "C6": "test_planning_life::test_a_laptop_that_slept",
    "P1": "test_story_trouble::test_two_at_once_send_once",
    "P2": "test_story_recovery::test_a_run_that_hangs_is_said",
    "P3": "unsupported without IMAP: two journals cannot know of each other; the guide (garanties) says so",
    "H1": "test_story_mailbox::test_an_answer_holds_until_it_is_released",
    "H2": "test_story_mailbox::test_an_unreachable_mailbox_stops_the_run",
    "H3": "test_delivery_outbox::test_not_sent_by_the_user_s_word_leaves_with_the_same_bytes",
    "B1": "test_one_bad_item::test_the_others_leave test_delivery_mails::test_any_octets_are_a_mail"
    " test_delivery_outbox::test_a_kept_attachment_that_is_damaged_stops_one_message",
    "B2": "test_story_meanwhile::test_what_is_told_during_a_run_is_heeded"
    " test_story_meanwhile::test_told_of_a_message_at_its_dot test_crash::test_told_between_two_system_calls",
    "B3": "test_prefixes::test_no_beginning_of_a_file_sends_what_the_whole_one_does_not"
    " test_story_whole::test_a_last_row_without_a_line_end_is_asked_about_once"
    " test_story_whole::test_addresses_that_slipped_hold_everything_until_the_file_is_confirmed"
    " test_story_file::test_a_shrunk_file_sends_nothing_until_confirmed",
    "B4": "test_unplaced::test_money_that_comes_near_an_open_invoice_holds_it"
    " test_story_whole::test_money_that_cannot_be_placed_is_a_task_with_both_answers"
    " test_trial::test_a_payment_of_several_invoices_holds_each",
    "B5": "test_journal_put_back::test_one_file_put_back_alone_is_seen"
    " test_journal_put_back::test_no_crash_is_taken_for_a_file_put_back"
    " test_journal_put_back::test_accepted_once_it_is_asked_no_more test_crash::test_killed_and_a_file_put_back",
    "B6": "test_story_dossier::test_a_second_dossier_on_one_journal_is_refused"
    " test_story_dossier::test_a_link_to_the_journal_has_its_lock"
    " test_story_dossier::test_a_lock_that_is_a_link_is_not_followed",
    "B7": "test_delivery_ended::test_an_end_before_the_dot_is_no_doubt"
    " test_delivery_ended::test_doubts_at_one_server_come_to_an_end"
    " test_story_trouble::test_doubts_at_one_server_are_asked_about",
    "B8": "test_story_report::test_what_left_is_listed_whatever_comes_after"
    " test_story_report::test_a_notice_that_was_not_shown_is_no_notice"
    " test_story_report::test_a_copy_that_fails_is_said_once_a_week",
    "B9": "test_story_file::test_an_emptied_file_is_said_every_day",
    "B10": "test_bounded_peers::test_gigabytes_of_a_reply test_bounded_peers::test_drips_without_end_before_the_dot"
    " test_bounded_peers::test_an_answer_of_gigabytes test_bounded_peers::test_a_name_of_backslashes"
    " test_patterns::test_no_pattern_is_exponential",
    "B11": "test_canary::test_a_server_that_repeats_it_after_the_log_in test_delivery_hiding::test_no_form_of_it_passes"
    " test_delivery_hiding::test_no_core_file_once_a_password_is_read",
    "B12": "test_journal_parts::test_years_stay_small test_receipts_closed::test_a_run_reads_the_open_file_alone"
    " test_receipts_closed::test_a_part_that_changed_is_said_and_written_anew"
    " test_receipts_closed::test_a_lost_journal_is_made_again_from_all_of_them"
    " test_journal_recovery::test_twenty_three_copies_of_five_years",
    "B13": "test_odd_files::test_settings test_odd_files::test_invoices_and_the_lists_beside_them"
    " test_one_bad_item::test_repair_names_what_it_cannot_mend test_unread_rows::test_the_receipts_mend_it"
    " test_unread_rows::test_what_they_do_not_know_is_in_doubt"
    " test_one_bad_item::test_plan_alone_reads_what_the_receipts_know",
    "B14": "test_story_file::test_a_reminder_to_oneself_is_held_and_asked"
    " test_story_file::test_renumbered_and_changed_at_once",
    "B15": "test_story_mailbox::test_a_mail_outside_the_thread test_answering::test_a_mail_outside_the_thread",
    "B16": "test_delivery_transaction::test_a_limit_of_the_account_stops_the_run_and_refuses_nobody"
    " test_delivery_outbox::test_two_like_refusals_to_different_domains_are_about_the_account"
    " test_field_cases::test_x35_a_quota_of_the_account_is_blamed_on_nobody",
    "R1": "test_story_review::test_nothing_unread_leaves test_story_review::test_other_keys_do_nothing"
    " test_story_review::test_octets_that_are_no_key",
    "R2": "test_story_review::test_left_at_any_point test_story_review::test_left_before_anything"
    " test_story_review::test_left_while_the_server_answers",
    "R3": "test_story_review::test_paid_while_it_was_read test_story_review::test_changed_while_it_was_read"
    " test_story_review::test_told_while_it_was_read test_hostile_mailbox::test_an_answer_that_comes_while_one_reads",
    "R4": "test_story_review::test_an_editor_that_fails test_story_review::test_words_that_cannot_leave"
    " test_story_review::test_other_figures_are_asked_about test_editing::test_what_cannot_be_run",
    "R5": "test_story_review::test_another_run_at_work"
    " test_story_review::test_what_was_put_off_is_put_off_for_every_run_of_the_day",
    "R6": "test_hostile_mailbox::test_odd_answers_hold_and_print_nothing_raw"
    " test_hostile_mailbox::test_a_forged_mail_can_only_hold test_hostile_mailbox::test_a_hundred_thousand_mails"
    " test_hostile_mailbox::test_a_literal_that_never_ends",
    "R7": "test_story_sent::test_another_file_is_not_touched test_story_sent::test_a_text_that_is_not_kept"
    " test_story_sent::test_a_lost_attachment",
    "M1": "test_crash::test_killed_at_work_in_the_mailbox"
    " test_delivery_drafts::test_a_draft_that_lies_there_is_not_filed_again",
    "M2": "test_crash::test_killed_at_work_in_the_mailbox"
    " test_delivery_copies::test_a_crash_after_the_reply_owes_the_copy_too",
    "M3": "test_delivery_drafts::test_a_refusal_files_nothing"
    " test_delivery_drafts::test_beside_another_state_of_it_nothing_is_filed",
    "M4": "test_delivery_drafts::test_what_breaks_off_is_settled_by_looking"
    " test_delivery_drafts::test_a_connection_that_ended_is_no_doubt",
    "M5": "test_delivery_drafts::test_no_server_without_uidplus_names_a_number"
    " test_story_own_mailbox::test_a_server_that_takes_no_single_mail_away",
    "M6": "test_delivery_drafts::test_an_edited_draft"
    " test_story_own_mailbox::test_an_edited_draft_is_left_alone_and_named",
    "M7": "test_story_own_mailbox::test_found_among_the_sent_messages"
    " test_story_own_mailbox::test_gone_and_not_sent test_delivery_drafts::test_what_lies_among_the_sent_messages",
    "M8": "test_story_own_mailbox::test_a_missing_folder_is_named_and_not_created",
    "M9": "test_story_own_mailbox::test_a_copy_that_fails_is_a_notice_and_is_given_up"
    " test_delivery_copies::test_what_fails_is_told_with_what_was_done",
    "M10": "test_story_own_mailbox::test_a_server_that_names_a_message_anew",
}
"""The tests of each row as module::function; anything else is a reason."""
REASONS = ("not tried: ", "unsupported ")


def test_every_row_is_here() -> None:
    """None of the sixty rows of the page is forgotten, none of those after them; none is invented."""
    assert tuple(ROWS) == IDS
    assert len(IDS) == 60 + 16 + 7 + 10


@cache
def _functions(module: str) -> set[str]:
    """The names of the functions of a module of tests."""
    tree = ast.parse(next(TESTS.glob(f"*/{module}.py")).read_text(encoding="utf-8"))
    return {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}


@pytest.mark.parametrize("row", IDS)
def test_the_row_has_its_tests(row: str) -> None:
    """The tests exist under these names, or a reason is given."""
    told = ROWS[row]
    if told.startswith(REASONS):
        return
    for test in told.split():
        module, _, name = test.partition("::")
        assert name in _functions(module)


@pytest.mark.parametrize(
    ("instant", "day"),
    [
        ("2026-10-25T00:30:00+00:00", "2026-10-25"),  # 02:30 the first time
        ("2026-10-25T01:30:00+00:00", "2026-10-25"),  # 02:30 the second time
        ("2026-03-29T01:30:00+00:00", "2026-03-29"),  # 02:30 does not exist: 03:30
        ("2026-10-25T22:59:59+00:00", "2026-10-25"),
        ("2026-10-25T23:00:00+00:00", "2026-10-26"),
    ],
)
def test_days_are_counted_in_paris_through_the_changes_of_hour(
    instant: str, day: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """C3: the same hour twice, or never, is one day of the calendar."""
    from datetime import datetime

    from relance.runs import dossier

    class Clock(datetime):
        @classmethod
        def now(cls, tz: object = None) -> datetime:  # type: ignore[override]
            return datetime.fromisoformat(instant).astimezone(tz)  # type: ignore[arg-type]

    monkeypatch.setattr(dossier, "datetime", Clock)
    assert dossier.machine_date(None).isoformat() == day


@pytest.mark.parametrize("zone", ["", "Pacific/Honolulu", "Asia/Tokyo", ":no/such"])
def test_days_are_those_of_paris_wherever_the_machine_is(zone: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """C4: a laptop on a journey, or a cron without TZ, plans with the day of Paris."""
    import time
    from datetime import datetime
    from zoneinfo import ZoneInfo

    from relance.runs.dossier import machine_date

    monkeypatch.setenv("TZ", zone)
    time.tzset()
    try:
        before = datetime.now(ZoneInfo("Europe/Paris")).date()
        assert machine_date(None) in (before, datetime.now(ZoneInfo("Europe/Paris")).date())
    finally:
        monkeypatch.undo()
        time.tzset()
