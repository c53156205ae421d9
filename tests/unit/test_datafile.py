import os

import pytest

from jaksim.datafile import check_keys, parse_json, read_toml
from jaksim.errors import InputError


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "the file is empty"),
        (b" \n\t\n", "the file is empty"),
        (b"\x7fELF\x02\x01\x01\x00\xff\xfe", "not a text file"),
        (b"name = 'a'\n\x00\x00\n", "not a text file"),
        (b"name = \n", "not valid TOML.*line 1"),
        (b"a = 1\na = 2\n", "not valid TOML.*line 2"),
        (b"a = " + b"[" * 20_000, "not valid TOML"),
    ],
)
def test_a_file_that_is_no_toml_is_refused_by_name(tmp_path, content, message):
    path = tmp_path / "scale.toml"
    path.write_bytes(content)
    with pytest.raises(InputError, match=message) as caught:
        read_toml(path)
    assert str(path) in str(caught.value)


def test_missing_files_directories_and_impossible_paths_are_refused(tmp_path):
    with pytest.raises(InputError, match="no such file"):
        read_toml(tmp_path / "absent.toml")
    with pytest.raises(InputError, match="directory"):
        read_toml(tmp_path)
    with pytest.raises(InputError, match="cannot be read"):
        read_toml("a\0b.toml")
    with pytest.raises(InputError, match="cannot be read"):
        read_toml(tmp_path / ("x" * 5000 + ".toml"))


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="needs a user who can be denied a file")
def test_unreadable_file_is_refused(tmp_path):
    path = tmp_path / "scale.toml"
    path.write_text("a = 1")
    path.chmod(0)
    with pytest.raises(InputError, match="permission"):
        read_toml(path)


def test_byte_order_mark_and_windows_line_ends_are_accepted(tmp_path):
    path = tmp_path / "scale.toml"
    path.write_bytes(b"\xef\xbb\xbfa = 1\r\nb = 'x'\r\n")
    assert read_toml(path) == {"a": 1, "b": "x"}


def test_keys_are_checked_with_the_nearest_spelling():
    check_keys({"name": 1}, where="here", required=("name",), optional=("source",))
    with pytest.raises(InputError, match=r"unknown key .*did you mean 'source'"):
        check_keys({"name": 1, "sorce": 2}, where="here", required=("name",), optional=("source",))
    with pytest.raises(InputError, match="'name' is missing"):
        check_keys({}, where="here", required=("name",))


@pytest.mark.parametrize(
    "inside", ['[0.5, "a", null, true, 99999999999999999999]', "[0.5, [1.5, 99999999999999999999]]"]
)
def test_a_number_that_is_too_long_is_found_among_harmless_values(inside):
    with pytest.raises(InputError, match="whole number is too long"):
        parse_json(f'{{"x": {inside}}}', where="f", what="a test")
    deep = "[" * 60 + "0.5" + "]" * 60
    with pytest.raises(InputError, match="nested too deeply"):
        parse_json(f'{{"x": [0.5, {deep}]}}', where="f", what="a test")
