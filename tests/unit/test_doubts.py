"""What makes an end doubtful: a success that its own numbers deny, an end that may be another run's."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jobwatch.domain.doubts import doubts
from jobwatch.domain.snapshot import Item, Phase, Progress, Results, Snapshot
from jobwatch.domain.words import Notice, Outcome
from jobwatch.messages.notification import build_notification
from tests.unit.examples import T0, ended, finished, running, submission


def success(progress: Progress = Progress(), results: Results = Results(), **changes: object) -> Snapshot:  # noqa: B008
    shown = Snapshot(Phase.ENDED, "done", verdict=Outcome.SUCCEEDED, progress=progress, results=results)
    return replace(shown, **changes)  # type: ignore[arg-type]


def said_of(snapshot: Snapshot) -> str:
    return " ".join(doubts(submission(), snapshot))


class TestASuccessThatItsNumbersDeny:
    @pytest.mark.parametrize(
        ("progress", "results", "says"),
        [
            (Progress(0, 5000, 100), Results(), "0 of 5,000 were processed: nothing was done"),
            (Progress(0, 5000), Results(0, 0, 0), "0 of 5,000 were processed: nothing was done"),
            (Progress(0, 0, 0), Results(), "0 of 0 were processed: nothing was done"),
            (Progress(0), Results(), "0 were processed: nothing was done"),
            (Progress(total=0), Results(), "0 of 0 were processed: nothing was done"),
            (Progress(total=5000), Results(successful=0), "0 of 5,000 were processed: nothing was done"),
            (Progress(), Results(successful=0, errors=0), "0 were processed: nothing was done"),
            (Progress(41, 44, 100), Results(), "only 41 of 44 were processed"),
            (Progress(41, 44), Results(41, 0, 2), "only 41 of 44 were processed"),
            (Progress(44, 44), Results(41), "only 41 of 44 were counted as successful"),
            (Progress(total=44), Results(41, 1, 1), "only 41 of 44 were counted as successful"),
            (Progress(44), Results(0, 0, 0), "only 0 of 44 were counted as successful"),
            (Progress(5000, 5000), Results(0, 0, 0), "only 0 of 5,000 were counted as successful"),
            (Progress(50, 44), Results(), "counts disagree: 50 processed, 44 in total"),
            (Progress(10, 10), Results(11), "counts disagree: 11 successful, 10 processed, 10 in total"),
            (Progress(percentage=40), Results(), "its progress stands at 40%"),
        ],
    )
    def test_is_told(self, progress: Progress, results: Results, says: str) -> None:
        assert says in said_of(success(progress, results))

    @pytest.mark.parametrize(
        ("progress", "results"),
        [
            (Progress(), Results()),
            (Progress(44, 44, 100), Results(44, 0, 0)),
            (Progress(5000, 5000, 100), Results(4985, 10, 5)),
            (Progress(5000, 5000, 100), Results(4995, 10, 5)),
            (Progress(39, 44), Results(39, 0, 5)),
            (Progress(0, 3), Results(0, 0, 3)),
            (Progress(44, 44, 80), Results()),
            (Progress(percentage=99.4), Results()),
            (Progress(44), Results()),
            (Progress(total=44), Results()),
            (Progress(), Results(successful=12)),
        ],
    )
    def test_is_sound_where_the_numbers_agree_or_nobody_counted(self, progress: Progress, results: Results) -> None:
        assert doubts(submission(), success(progress, results)) == ()

    def test_of_a_file_with_bytes_that_gave_no_rows_names_the_file(self) -> None:
        items = tuple(
            Item(f"{name}.json", size_bytes=1204, count=count)
            for name, count in zip("abcde", (0, 9, 0, 0, 0), strict=True)
        )
        said = said_of(success(items=items))
        assert "took nothing from a.json (1,204 bytes), c.json (1,204 bytes), d.json (1,204 bytes) and 1 more" in said

    def test_of_a_job_that_was_given_bytes_says_how_many(self) -> None:
        said = said_of(success(Progress(total=0), size_bytes=3_279_917))
        assert "0 of 0 were processed from the 3,279,917 bytes that it was given" in said

    @pytest.mark.parametrize(
        "item",
        [
            Item("a", size_bytes=0, count=0),
            Item("a", count=0),
            Item("a", size_bytes=9),
            Item("a", size_bytes=9, count=0, failed=True),
        ],
    )
    def test_is_no_matter_of_empty_or_failed_files(self, item: Item) -> None:
        assert "took nothing" not in said_of(success(items=(item,)))

    def test_with_an_error_beside_it_is_told_unless_the_error_settles_it(self) -> None:
        assert "gives an error: quota" in said_of(success(error="quota"))
        assert said_of(success(error="2 rows failed", results=Results(errors=2))) == ""


class TestAnEndOfAnotherTime:
    def test_from_before_the_submission_is_told_with_both_times(self) -> None:
        for verdict in (Outcome.SUCCEEDED, Outcome.FAILED, Outcome.CANCELLED):
            early = ended(verdict, starts_at=T0 - timedelta(hours=3), finished_at=T0 - timedelta(hours=2))
            said = said_of(early)
            assert "2024-03-01 08:00 UTC" in said
            assert "submission at 2024-03-01 10:00 UTC" in said
            assert "earlier run" in said

    @pytest.mark.parametrize("seconds", [-3600, 0, 1, 30, 119])
    def test_within_what_clocks_differ_by_is_the_jobs_own(self, seconds: float) -> None:
        end = T0 - timedelta(seconds=seconds)
        assert said_of(ended(starts_at=end - timedelta(hours=1), finished_at=end)) == ""

    def test_before_its_own_start_is_told(self) -> None:
        assert "before the job's start" in said_of(ended(starts_at=T0 + timedelta(hours=2)))


def test_a_job_that_has_not_ended_is_doubted_for_what_its_adapter_saw_alone() -> None:
    assert doubts(submission(), running(0, 5000)) == ()
    assert doubts(submission(), running(doubts=("seen",))) == ("seen",)


def test_people_read_every_doubt_before_the_other_remarks() -> None:
    watch = finished(
        ended(progress=Progress(0, 5000, 100), results=Results(), remarks=("a remark",), doubts=("a doubt",))
    )
    remarks = build_notification(watch, Notice.FINISHED, watch.outcome, None, ("of the log",), at=T0)["remarks"]
    assert remarks[0] == "a doubt"
    assert "0 of 5,000" in remarks[1]
    assert remarks[2] == "of the log"
    assert "gave no count of them" in remarks[3]
    assert remarks[4] == "a remark"


counts = st.none() | st.integers(0, 10) | st.integers(0, 10**15)


@given(
    progress=st.builds(Progress, counts, counts, st.none() | st.floats(0, 100)),
    results=st.builds(Results, counts, counts, counts),
    verdict=st.sampled_from([None, Outcome.SUCCEEDED, Outcome.FAILED, Outcome.CANCELLED]),
)
def test_whatever_is_counted_a_doubt_is_a_sentence_and_only_a_success_is_doubted_for_it(
    progress: Progress, results: Results, verdict: Outcome | None
) -> None:
    phase = Phase.ENDED if verdict else Phase.RUNNING
    found = doubts(submission(), Snapshot(phase, "x", verdict=verdict, progress=progress, results=results))
    assert all(0 < len(doubt) <= 500 and doubt.isprintable() for doubt in found)
    if verdict is not Outcome.SUCCEEDED:
        assert found == ()
    if verdict is Outcome.SUCCEEDED and progress.total and progress.processed == 0 and not results.errors:
        assert found
