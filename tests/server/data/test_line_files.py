from interactive_gym.server.data.line_files import LineFile, NoLines


def test_a_file_alone_goes_on_where_a_killed_one_ended(tmp_path):
    path = tmp_path / "folder" / "lines.jsonl"
    LineFile.alone(path).append('{"a": 1}\n')
    path.write_text(path.read_text() + '{"a"')
    LineFile.alone(path).append('{"a": 2}\n')
    assert path.read_text() == '{"a": 1}\n{"a": 2}\n'


def test_where_nothing_is_kept_lines_are_taken_all_the_same():
    NoLines().append("line\n")
