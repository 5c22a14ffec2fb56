import pytest

from interactive_gym.configurations.hosting_options import checked_base_path, checked_origins


@pytest.mark.parametrize(
    ("given", "path"),
    [
        ("/", "/"),
        ("/study1", "/study1/"),
        ("/study1/", "/study1/"),
        ("/lab/study_1-b.c~d", "/lab/study_1-b.c~d/"),
    ],
)
def test_a_base_path_ends_with_a_slash(given, path):
    assert checked_base_path(given) == path


@pytest.mark.parametrize(
    "given",
    [
        *("", "study1", "//", "//study1", "/a//b", "/../x", "/./x", "/a b", "/a?b", "/a#b", "/ä"),
        *("https://example.org/study1", "/<script>", "/a\n", None, 7, ["/a"]),
    ],
)
def test_what_is_no_path_is_refused_with_the_value_and_the_fix(given):
    with pytest.raises(ValueError, match=r"^base_path is .*: give .*\.$") as caught:
        checked_base_path(given)
    assert repr(given) in str(caught.value)


@pytest.mark.parametrize(
    ("given", "origins"),
    [
        ("*", None),
        ([], ()),
        (["https://study.example.org"], ("https://study.example.org",)),
        (("HTTPS://Study.Example.Org:443",), ("https://study.example.org",)),
        (["http://10.0.0.9:8000", "http://lab:80"], ("http://10.0.0.9:8000", "http://lab")),
        (["http://[::1]:8000"], ("http://[::1]:8000",)),
    ],
)
def test_origins_are_kept_as_browsers_write_them(given, origins):
    assert checked_origins("allowed_origins", given) == origins


@pytest.mark.parametrize(
    "given",
    [
        *("https://study.example.org", None, 7, {"https://a.org"}),
        *(["study.example.org"], ["https://study.example.org/"], ["https://a.org/study1"]),
        *(["*"], ["ws://a.org"], ["https://"], ["https://a.org:"], [None], ["https://a b"]),
    ],
)
def test_what_is_no_origin_is_refused_with_the_option_and_the_fix(given):
    with pytest.raises(ValueError, match=r"^framed_by (is|has) .*: give .*\.$"):
        checked_origins("framed_by", given)
