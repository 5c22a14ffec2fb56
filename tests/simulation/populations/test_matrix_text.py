import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from interactive_gym.simulation.populations.matrix_text import parse_matrix

MISSING = ["", "NaN", "nan", "NA", "-", "inf", "none"]
NUMBERS = st.floats(0.01, 5000.0).map(lambda ms: round(ms, 3))


@st.composite
def matrices(draw):
    """A matrix, as numbers with NaN for what is missing and as text in any form."""
    size = draw(st.integers(3, 8))
    separator = draw(st.sampled_from([",", ";", "\t", " "]))
    tokens = [token for token in MISSING if token or separator != " "]
    rows = [[0.0 if a == b else draw(NUMBERS) for b in range(size)] for a in range(size)]
    cells = [[str(ms) for ms in row] for row in rows]
    for a in range(size):
        for b in range(size):
            if a != b and draw(st.booleans()) and draw(st.booleans()):
                rows[a][b], cells[a][b] = math.nan, draw(st.sampled_from(tokens))
    if separator != "," and draw(st.booleans()):
        cells = [[cell.replace(".", ",") for cell in row] for row in cells]
    names = [f"host{number}.org" for number in range(size)]
    header = draw(st.sampled_from(["none", "row", "column", "both", "both without a corner"]))
    corner = [] if "without" in header else [draw(st.sampled_from(["host", "x"]))]
    if header in ("column", "both", "both without a corner"):
        cells = [[name, *row] for name, row in zip(names, cells, strict=True)]
    if header in ("row", "both", "both without a corner"):
        cells = [[*(corner if "both" in header else []), *names], *cells]
    blank = draw(st.sampled_from(["", "\n", "# from our lab\n"]))
    return rows, blank + "\n".join(separator.join(row) for row in cells) + "\n", header, separator


@given(matrices())
def test_a_matrix_is_the_same_in_whatever_form_it_is_written(written):
    rows, text, header, separator = written
    found = parse_matrix(text)
    assert [list(map(str, row)) for row in found.rows] == [list(map(str, row)) for row in rows]
    assert found.has_header_row == (header not in ("none", "column"))
    assert found.has_header_column == (header not in ("none", "row"))
    assert found.separator == separator


@given(st.text(alphabet="0123456789.,;-\t naN\n", max_size=60))
def test_any_text_is_a_square_matrix_or_refused(text):
    try:
        rows = parse_matrix(text).rows
    except ValueError:
        return
    assert all(len(row) == len(rows) for row in rows)


@pytest.mark.parametrize(
    "text",
    [
        ",0,1,2\n0,0,10,20\n1,10,0,30\n2,20,30,0\n",
        "host 1 2 3\n1 0 10 20\n2 10 0 30\n3 20 30 0\n",
        "0;10;20;\n10;0;30;\n20;30;0;\n",
        "\ufeff0,10,20\r\n10,0,30\r\n20,30,0\r\n",
        ",10,20\n10,,30\n20,30,\n",
    ],
)
def test_forms_of_other_programs_are_understood(text):
    rows = parse_matrix(text).rows
    off_diagonal = [rows[a][b] for a in range(3) for b in range(3) if a != b]
    assert off_diagonal == [10, 20, 10, 30, 20, 30]


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("", "there is nothing in it"),
        ("0,1,2\n1,0,fast\n2,3,0\n", "row 2, column 3 is 'fast'"),
        ("0,1,2\n1,0\n2,3,0\n", "row 2 has 2 columns, not 3"),
        ("from,to,ms\na,b,3\n", "row"),
    ],
)
def test_what_is_no_matrix_is_refused_with_its_place(text, fault):
    with pytest.raises(ValueError, match=fault):
        parse_matrix(text)
