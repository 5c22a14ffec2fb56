from pathlib import Path

from interactive_gym.packages.package import BrowserPackage

WHEEL = BrowserPackage("mathpack", "1.2", "d1" * 32, Path("/cache/x/mathpack-1.2-py3-none-any.whl"))


def test_a_package_has_one_address_for_ever_which_changes_with_its_content():
    assert WHEEL.url == f"packages/{'d1' * 32}/mathpack-1.2-py3-none-any.whl"


def test_the_data_say_which_content_was_played_with_and_not_where_it_lay():
    assert WHEEL.as_record() == {"name": "mathpack", "version": "1.2", "sha256": "d1" * 32}
