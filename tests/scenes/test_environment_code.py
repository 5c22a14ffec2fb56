import pytest

from interactive_gym.scenes.environment_code import checked_requirements, undefined_names

CODE = """
import math as m
from os import path
a = b = 1
(c, d), e = (1, 2), 3
f: int = 4
def h(): inner = 5
class I: attribute = 6
if a:
    j = 7
else:
    k = 8
for l in (): pass
with open(path) as n: pass
try: o = (p := 1)
except OSError: pass
print(unknown)
"""


@pytest.mark.parametrize("name", [*"mabcdefhIjklnop", "path"])
def test_whatever_gives_a_name_a_value_in_the_module_defines_it(name):
    assert undefined_names(CODE, {name}) == []


@pytest.mark.parametrize("name", ["inner", "attribute", "unknown", "math", "os", "q"])
def test_a_name_that_is_only_used_or_local_elsewhere_is_not_defined(name):
    assert undefined_names(CODE, {name}) == [name]


def test_what_a_star_imports_is_not_known():
    assert undefined_names("from policies import *", {"chase"}) == []


@pytest.mark.parametrize(
    "requirement",
    [
        "msgpack",
        "msgpack==1.1.2",
        "a-b.c_d",
        "a[x, y-z]>=1,<2",
        " numpy ~= 2.0 ",
        "a!=1.*",
        "a==1+b",
    ],
)
def test_requirements_as_pip_takes_them_are_accepted(requirement):
    assert checked_requirements([requirement]) == (requirement.strip(),)


@pytest.mark.parametrize(
    "requirement",
    [
        "",
        "a b",
        "a==",
        "a=1",
        "-e .",
        "a @ https://x.example/a.whl",
        "./a.whl",
        "a[",
        "a;x",
        "a; python_version > '3'",
        "a==first",
        7,
        None,
    ],
)
def test_other_requirements_are_refused_by_name(requirement):
    with pytest.raises(ValueError, match="packages_to_install has") as caught:
        checked_requirements(["fine", requirement])
    assert repr(requirement) in str(caught.value)
