import pytest

from interactive_gym.configurations.validation import (
    UNSET,
    filled_text,
    flag,
    folder_name,
    given,
    text,
    text_or_file,
    web_address,
    whole_number,
)


def test_a_whole_number_may_be_either_of_its_limits():
    assert [whole_number("n", value, 3, 5) for value in (3, 4, 5)] == [3, 4, 5]
    assert whole_number("n", 10**30, 3) == 10**30
    for value in (2, 6, 4.0, "4", True, None):
        with pytest.raises(ValueError, match="from 3 to 5"):
            whole_number("n", value, 3, 5)
    with pytest.raises(ValueError, match="of at least 3"):
        whole_number("n", 2, 3)


def test_the_name_of_a_folder_has_one_to_a_hundred_plain_characters():
    for name in ("a", "Z", "0", "_", "-", "x" * 100):
        assert folder_name("id", name) == name
    for name in ("", "x" * 101, "a b", "ä", "a.b", "a/b", "a\n", None, 7):
        with pytest.raises(ValueError, match="1 to 100"):
            folder_name("id", name)


def test_an_address_is_absolute_or_none():
    for address in (None, "http://a", "https://a/b?c"):
        assert web_address("url", address) == address
    for address in ("", "a.org", "ftp://a", "https://", "https:///a", "https:// a", 7):
        with pytest.raises(ValueError, match="url is"):
            web_address("url", address)


def test_true_and_false_are_flags_and_nothing_else_is():
    assert flag("f", True) is True
    assert flag("f", False) is False
    for value in (1, 0, "yes", None):
        with pytest.raises(ValueError, match="True or False"):
            flag("f", value)


def test_a_text_may_be_empty_but_one_that_is_asked_to_say_something_may_not():
    assert text("t", "") == ""
    assert filled_text("t", " a ") == " a "
    for value in ("", " \n"):
        with pytest.raises(ValueError, match="not empty"):
            filled_text("t", value)
    for value in (None, 7, b"a"):
        with pytest.raises(ValueError, match="give a string"):
            text("t", value)


def test_a_text_comes_from_the_option_or_its_file_or_stays(tmp_path):
    path = tmp_path / "body.html"
    path.write_text("from the file")
    assert text_or_file("body", "given", UNSET, "earlier") == "given"
    assert text_or_file("body", UNSET, path, "earlier") == "from the file"
    assert text_or_file("body", UNSET, UNSET, "earlier") == "earlier"
    with pytest.raises(ValueError, match="both given"):
        text_or_file("body", "given", path, "earlier")
    with pytest.raises(ValueError, match="cannot be read"):
        text_or_file("body", UNSET, tmp_path / "absent", "earlier")


def test_an_option_that_was_left_out_keeps_its_value():
    assert given(UNSET, 5) == 5
    assert given(None, 5) is None
