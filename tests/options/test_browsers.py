import pytest

from interactive_gym.options.browsers import BROWSERS, browser_of

WEBKIT = "AppleWebKit/537.36 (KHTML, like Gecko)"
CHROME = f"Mozilla/5.0 (Windows NT 10.0; Win64; x64) {WEBKIT} Chrome/120.0.0.0 Safari/537.36"
IPHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 17_1 like Mac OS X) AppleWebKit/605.1.15"
MOZILLA = "Mozilla/5.0 (X11; Linux x86_64; rv:121.0)"


@pytest.mark.parametrize(
    ("user_agent", "browser"),
    [
        (CHROME, ("Chrome", 120)),
        (f"{CHROME} Edg/119.0.2151.97", ("Edge", 119)),
        (f"{CHROME} OPR/105.0.0.0", ("Opera", 105)),
        (f"Mozilla/5.0 {WEBKIT} SamsungBrowser/23.0 Chrome/115.0", ("Samsung Internet", 23)),
        (f"{MOZILLA} Gecko/20100101 Firefox/121.0", ("Firefox", 121)),
        (f"{IPHONE} Version/17.1 Mobile/15E148 Safari/604.1", ("Safari", 17)),
        (f"{IPHONE} CriOS/119.0 Mobile/15E148 Safari/604.1", ("Chrome", 119)),
        (f"{IPHONE} FxiOS/119.0 Mobile/15E148 Safari/605.1.15", ("Firefox", 119)),
        ("Mozilla/5.0 (Macintosh) AppleWebKit/605.1 Version/16.6.1 Safari/605.1", ("Safari", 16)),
        (f"{MOZILLA} HeadlessChrome/156.0", ("Chrome", 156)),
    ],
)
def test_a_browser_is_known_by_the_mark_that_only_it_has(user_agent, browser):
    assert browser_of(user_agent) == browser
    assert browser[0] in BROWSERS


@pytest.mark.parametrize("user_agent", ["", "curl/8.5.0", "Chrome/x", "Version/17 Safari"])
def test_others_are_not_known(user_agent):
    assert browser_of(user_agent) is None


def test_a_version_of_any_length_is_a_number():
    assert browser_of("Firefox/" + "9" * 400) == ("Firefox", 999_999_999)
