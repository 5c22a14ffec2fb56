from interactive_gym.server.data.stored_table import read_table


def test_a_table_has_its_columns_and_the_lines_of_each_whole_frame():
    table = read_table('frame,"info_a,b"\n0,x\n0,y\n1,x\n1,y\n2,x\n', 2)
    assert table.columns == ["frame", "info_a,b"]
    assert table.blocks == ["0,x\n0,y\n", "1,x\n1,y\n"]
    assert table.first_frame == 0


def test_a_table_of_its_own_may_begin_later_or_have_no_frame():
    assert read_table("frame\n7\n8\n", 1).first_frame == 7
    assert read_table("frame\n7\n", 2).first_frame is None


def test_without_a_header_there_is_no_table():
    assert read_table("", 2) is None
