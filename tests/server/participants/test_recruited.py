from interactive_gym.options.link_parameters import LinkParameters
from interactive_gym.server.participants.recruited import (
    Recruited,
    RecruitmentLog,
    recruited_by_subject,
)

ANN = Recruited("P", LinkParameters("study", "session", {"wave": "2"}))


def written():
    lines = []
    log = RecruitmentLog(lambda subject_id, **ids: lines.append({"subject_id": subject_id, **ids}))
    return lines, log


def test_what_is_written_reads_back():
    lines, log = written()
    log.note("s1", ANN)
    log.note("s2", Recruited("Q"))
    log.note("s3", Recruited(None, LinkParameters(parameters={"wave": "1"})))
    assert recruited_by_subject(lines) == {
        "s1": ANN,
        "s2": Recruited("Q"),
        "s3": Recruited(None, LinkParameters(parameters={"wave": "1"})),
    }


def test_a_participant_is_written_once_also_over_a_restart():
    lines, log = written()
    log.restore("s0")
    log.note("s0", ANN)
    log.note("s1", ANN)
    log.note("s1", ANN)
    assert [line["subject_id"] for line in lines] == ["s1"]


def test_of_somebody_without_an_id_nothing_is_written():
    lines, log = written()
    log.note("s1", Recruited())
    assert lines == []


def test_the_ids_of_an_earlier_version_are_read_from_the_participants():
    earlier = [
        {"event": "started", "subject_id": "s0", "recruitment_id": "OLD"},
        {"event": "started", "subject_id": "s1", "recruitment_id": "OTHER"},
        {"event": "started", "subject_id": "s2", "recruitment_id": None},
        {"event": "started", "subject_id": "s3"},
    ]
    lines, log = written()
    log.note("s1", ANN)
    assert recruited_by_subject(lines, earlier) == {"s0": Recruited("OLD"), "s1": ANN}


def test_the_first_line_about_somebody_counts():
    lines = [{"subject_id": "s1", "recruitment_id": value} for value in ("P", "Q")]
    assert recruited_by_subject(lines) == {"s1": Recruited("P")}
