"""YAML files to checked models, where every fault is told with its file, line and entry.

The subset of YAML that is taken is the one a person can review: no anchors or aliases (so no
bombs), no duplicate keys, no tags, and YAML 1.2's few typed words. `no`, `12:30` and `2026-11-22`
stay text; a model that wants a date checks it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

import yaml

from iocsl.domain import Words
from iocsl.errors import IocslError
from iocsl.text import nfc

if TYPE_CHECKING:
    from pydantic import BaseModel

MAX_BYTES = 16 << 20
"""Larger than ten catalogues; a file above it is not one."""
MAX_DEPTH = 40

Place = tuple[int | str, ...]
"""Where something stands in a document: keys and positions from the root."""
Model = TypeVar("Model", bound="BaseModel")


class _Loader(yaml.CSafeLoader):
    """libyaml's parser with YAML 1.2's core words only."""

    yaml_implicit_resolvers: dict[str, list[tuple[str, re.Pattern[str]]]] = {}  # noqa: RUF012 - as the base class has it


for _tag, _pattern, _first in (
    ("bool", r"^(?:true|false)$", "tf"),
    ("null", r"^(?:~|null|)$", ["~", "n", ""]),
    ("int", r"^[-+]?(?:0|[1-9][0-9]*)$", "-+0123456789"),
    ("float", r"^[-+]?(?:0|[1-9][0-9]*)\.[0-9]+$", "-+0123456789"),
):
    _Loader.add_implicit_resolver(f"tag:yaml.org,2002:{_tag}", re.compile(_pattern), list(_first))


class Document(NamedTuple):
    """One YAML file: its data (JSON-able) and, for telling faults, its nodes."""

    path: Path
    data: Any
    root: yaml.Node

    def line(self, place: Sequence[int | str]) -> int:
        """The line (from 1) of what stands at `place`, or of the nearest thing above it."""
        node, found = self.root, self.root
        for step in place:
            below = _child(node, step)
            if below is None:
                break
            node = found = below
        return int(found.start_mark.line) + 1


def _child(node: yaml.Node, step: int | str) -> yaml.Node | None:
    if isinstance(node, yaml.SequenceNode) and isinstance(step, int):
        return _node(node.value[step]) if step < len(node.value) else None
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            if key.value == str(step):
                return _node(value)
    return None


def _node(value: Any) -> yaml.Node | None:
    return value if isinstance(value, yaml.Node) else None


def fault(
    path: Path,
    line: int | None,
    what: Words,
    *,
    entry: str | None = None,
    code: str = "bad-catalogue",
) -> IocslError:
    """A refusal of a catalogue file: file, line and entry named, exit 3."""
    where_vi = where_en = path.name
    if line:
        where_vi, where_en = f"{where_vi}, dòng {line}", f"{where_en}, line {line}"
    if entry:
        where_vi, where_en = f"{where_vi}, mục {entry}", f"{where_en}, entry {entry}"
    return IocslError(
        code,
        f"{where_vi}: {what.vi}",
        f"{where_en}: {what.en}",
        (
            f"Sửa tệp {path}. Chưa có gì được nạp, danh mục đang dùng giữ nguyên.",
            f"Mend the file {path}. Nothing was loaded; the catalogue in use is unchanged.",
        ),
    )


def read(path: Path) -> Document:
    """Read one YAML file. IocslError (exit 3) names file and line for everything it refuses."""
    text = _text(path)
    loader = _Loader(text)
    try:
        root = loader.get_single_node()
        if root is None:
            raise fault(path, None, Words("tệp không có nội dung.", "the file is empty."))
        _check_nodes(path, root)
        data = loader.construct_document(root)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = mark.line + 1 if mark else None
        said = str(error.problem or "")
        what = Words(f"sai cú pháp YAML ({said}).", f"not YAML ({said}).")
        raise fault(path, line, what) from None
    except yaml.YAMLError as error:
        raise fault(
            path, None, Words(f"sai cú pháp YAML ({error}).", f"not YAML ({error}).")
        ) from None
    finally:
        loader.dispose()
    return Document(path, data, root)


def json_document(path: Path, data: Any) -> Document | None:
    """The nodes of a JSON file that was read as `data`, for telling the line of a fault.

    JSON is one style of YAML but for rare escapes; None where the parser stumbles over those.
    """
    text = path.read_bytes().decode("utf-8-sig").replace("\t", " ")
    try:
        root = yaml.compose(text, Loader=yaml.CSafeLoader)
    except yaml.YAMLError:
        return None
    return Document(path, data, root) if root is not None else None


def _text(path: Path) -> str:
    if not path.is_file():
        raise fault(path, None, Words("không có tệp này.", "there is no such file."))
    raw = path.read_bytes()
    if len(raw) > MAX_BYTES:
        raise fault(path, None, Words("tệp lớn bất thường.", "the file is unreasonably large."))
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        raise fault(path, line, Words("không phải UTF-8.", "not UTF-8.")) from None
    if nfc(text) != text:
        line = next(n for n, one in enumerate(text.splitlines(), 1) if nfc(one) != one)
        raise fault(
            path,
            line,
            Words("chữ Việt chưa ở dạng NFC.", "the text is not in Unicode NFC."),
        )
    return text


def _check_nodes(path: Path, root: yaml.Node) -> None:
    """Refuse aliases, duplicate or odd keys and deep nesting, before anything is built."""
    seen: set[int] = set()
    waiting: list[tuple[yaml.Node, int]] = [(root, 1)]
    while waiting:
        node, depth = waiting.pop()
        line = node.start_mark.line + 1
        if id(node) in seen:
            said = Words("không dùng bí danh YAML (&, *).", "YAML aliases (&, *) are not taken.")
            raise fault(path, line, said)
        seen.add(id(node))
        if depth > MAX_DEPTH:
            raise fault(path, line, Words("lồng nhau quá sâu.", "nested too deeply."))
        if isinstance(node, yaml.MappingNode):
            _check_keys(path, node)
            waiting.extend((value, depth + 1) for _, value in node.value)
        elif isinstance(node, yaml.SequenceNode):
            waiting.extend((value, depth + 1) for value in node.value)


def _check_keys(path: Path, node: yaml.MappingNode) -> None:
    keys: set[str] = set()
    for key, _ in node.value:
        line = key.start_mark.line + 1
        if not isinstance(key, yaml.ScalarNode) or key.tag == "tag:yaml.org,2002:merge":
            said = Words("khóa phải là một từ.", "a key must be a plain word.")
            raise fault(path, line, said)
        if key.value in keys:
            said = Words(f"khóa “{key.value}” lặp lại.", f"the key “{key.value}” is repeated.")
            raise fault(path, line, said)
        keys.add(key.value)


def check(
    model: type[Model], document: Document, *, entries: str = "muc", named: str = "ma"
) -> Model:
    """The document as `model`; the first fault is told with line and entry.

    `entries` is the key of the list whose members name themselves by `named`; empty where the
    whole file is one entry.
    """
    from pydantic import ValidationError

    try:
        return model.model_validate(document.data)
    except ValidationError as error:
        first, *more = error.errors(include_url=False)
        place = first["loc"]
        own = (first.get("ctx") or {}).get("error")
        if isinstance(own, CheckError):
            place = (*place, *own.place)
        also = len(more)
        vi, en = explain(first["type"], first["msg"], place, first.get("ctx") or {})
        if also:
            vi, en = f"{vi} (và {also} lỗi nữa)", f"{en} (and {also} more)"
        raise fault(
            document.path,
            document.line(place),
            Words(vi, en),
            entry=entry_name(document.data, place, entries, named),
        ) from None


def entry_name(data: Any, place: Sequence[int | str], entries: str, named: str) -> str | None:
    """The name of the list entry that `place` lies in, None when it lies in none."""
    if not entries:
        own = data.get(named) if isinstance(data, dict) else None
        return str(own) if own is not None else None
    if len(place) < 2 or place[0] != entries or not isinstance(place[1], int):
        return None
    entry = data[entries][place[1]]
    name = entry.get(named) if isinstance(entry, dict) else None
    return str(name) if name is not None else f"#{place[1] + 1}"


_WHOLE = Words("“{key}” phải là số nguyên.", "“{key}” must be a whole number.")
_YES_NO = Words("“{key}” phải là true hoặc false.", "“{key}” must be true or false.")
_SAID: dict[str, Words] = {
    "int_type": _WHOLE,
    "int_parsing": _WHOLE,
    "int_from_float": _WHOLE,
    "bool_type": _YES_NO,
    "bool_parsing": _YES_NO,
    "missing": Words("thiếu “{key}”.", "“{key}” is missing."),
    "extra_forbidden": Words("khóa lạ “{key}”.", "unknown key “{key}”."),
    "enum": Words("“{key}” phải là một trong: {expected}.", "“{key}” must be one of: {expected}."),
    "literal_error": Words(
        "“{key}” phải là một trong: {expected}.", "“{key}” must be one of: {expected}."
    ),
    "model_type": Words(
        "phải gồm các dòng “khóa: giá trị”.", "it must be made of lines “key: value”."
    ),
    "tuple_type": Words("“{key}” phải là một danh sách.", "“{key}” must be a list."),
    "string_type": Words("“{key}” phải là chữ.", "“{key}” must be text."),
    "string_pattern_mismatch": Words(
        "“{key}” không viết theo mẫu {pattern}.", "“{key}” is not written like {pattern}."
    ),
    "date_type": Words("“{key}” phải là ngày.", "“{key}” must be a date."),
    "date_from_datetime_parsing": Words(
        "“{key}” không phải là ngày có thật.", "“{key}” is not a date that exists."
    ),
    "date_parsing": Words(
        "“{key}” không phải là ngày có thật.", "“{key}” is not a date that exists."
    ),
}


def explain(kind: str, message: str, place: Sequence[int | str], facts: dict[str, Any]) -> Words:
    """A pydantic error in both languages; a `Words` raised by our own checks is said as it is."""
    own = facts.get("error")
    if isinstance(own, CheckError):
        return own.words
    key = next((str(step) for step in reversed(place) if isinstance(step, str)), "")
    known = _SAID.get(kind)
    if known is None:
        return Words(f"“{key}” có giá trị không dùng được.", f"“{key}” is wrong ({message}).")
    expected, pattern = (str(facts.get(name, "")) for name in ("expected", "pattern"))
    return Words(*(said.format(key=key, expected=expected, pattern=pattern) for said in known))


class CheckError(ValueError):
    """A fault found by a check of our own, for pydantic to carry to `check`.

    `place` leads to the member that is at fault, when the check looks at several: a key, or keys
    and positions.
    """

    def __init__(self, vi: str, en: str, *place: int | str) -> None:
        super().__init__(en)
        self.words = Words(vi, en)
        self.place: Place = place


def first_repeated(names: Iterable[str]) -> tuple[int, str] | None:
    """Position and name of the first name that occurred before."""
    seen: set[str] = set()
    for place, name in enumerate(names):
        if name in seen:
            return place, name
        seen.add(name)
    return None
