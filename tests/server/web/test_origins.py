import pytest

from interactive_gym.server.web.origins import MAX_LOGGED_ORIGINS, OriginCheck, origin_check

OURS = "https://study.example.org"


def test_all_origins_are_allowed_by_switching_the_check_off():
    assert origin_check(None) == []


@pytest.mark.parametrize("origin", ["http://study.example.org", f"{OURS}:444", f"{OURS}.evil", ""])
def test_only_the_same_scheme_host_and_port_is_allowed(origin):
    check = origin_check([OURS])
    assert check(OURS, {})
    assert not check(origin, {})


def test_a_request_without_an_origin_is_nothing_to_log(caplog):
    assert not OriginCheck([OURS])(None, {})
    assert caplog.messages == []


def test_a_refused_origin_is_logged_once_with_what_to_do(caplog):
    check = OriginCheck([OURS])
    for _ in range(3):
        check("http://elsewhere.example", {})
    (line,) = caplog.messages
    assert "http://elsewhere.example" in line and OURS in line and "allowed_origins=[" in line


def test_origins_made_up_by_the_thousand_neither_fill_the_log_nor_break_its_lines(caplog):
    check = OriginCheck([OURS])
    for number in range(1000):
        check(f"http://{number}.example\r\nINFO forged" + "x" * 10_000, {})
    assert len(caplog.messages) == MAX_LOGGED_ORIGINS
    assert not [line for line in caplog.messages if "\n" in line or len(line) > 500]
