"""Every text that people read is there in Chinese, with the same placeholders, and compiled."""

import ast
import gettext
import re
import subprocess
from pathlib import Path

import django
import pytest
import unfold
from django.apps import apps
from django.conf import settings

LOCALE = Path(settings.BASE_DIR) / "locale" / "zh_Hans" / "LC_MESSAGES"
ENTRY = re.compile(r'^(msgctxt|msgid_plural|msgid|msgstr(?:\[\d\])?) (".*")$')
PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|\{\w*\}")
# Texts of forms and widgets that this site has no place for.
MARKED = re.compile(r"""{%-?\s*(?:trans|translate)\s+(?:"([^"]+)"|'([^']+)')""")


def entries() -> list[dict[str, str]]:
    """Each entry of the .po file with its flags; the header is left out."""
    blocks = (LOCALE / "django.po").read_text(encoding="utf-8").strip().split("\n\n")
    return [entry for entry in map(_entry, blocks) if entry["msgid"]]


def _entry(block: str) -> dict[str, str]:
    entry, current = {"flags": "", "msgid": "", "msgstr": ""}, ""
    for line in block.splitlines():
        if line.startswith("#"):
            entry["flags"] += line
        elif match := ENTRY.match(line):
            current = match[1].replace("msgstr[0]", "msgstr")
            entry[current] = ast.literal_eval(match[2])
        else:
            entry[current] += ast.literal_eval(line)
    return entry


def test_every_text_is_translated_and_none_is_a_guess():
    assert [entry["msgid"] for entry in entries() if not entry["msgstr"] or "fuzzy" in entry["flags"]] == []


def test_placeholders_agree():
    def found(text: str) -> list[str]:
        return sorted(set(PLACEHOLDER.findall(text)))

    many = [(entry.get("msgid_plural", entry["msgid"]), entry["msgstr"]) for entry in entries()]
    assert [text for text, chinese in many if found(text) != found(chinese)] == []


def test_the_compiled_catalogue_says_the_same():
    with (LOCALE / "django.mo").open("rb") as file:
        compiled = gettext.GNUTranslations(file)
    wrong = [
        entry["msgid"]
        for entry in entries()
        if (
            compiled.ngettext(entry["msgid"], entry["msgid_plural"], 1)
            if "msgid_plural" in entry
            else compiled.pgettext(entry["msgctxt"], entry["msgid"])
            if "msgctxt" in entry
            else compiled.gettext(entry["msgid"])
        )
        != entry["msgstr"]
    ]
    assert wrong == []


def test_the_texts_of_the_admin_package_are_there_in_chinese_too():
    known = {entry["msgid"] for entry in entries()}
    packages = [Path(django.__file__).parent / "conf", *(Path(app.path) for app in apps.get_app_configs())]
    for path in (package / "locale/zh_Hans/LC_MESSAGES/django.mo" for package in packages):
        if not path.exists():
            continue
        with path.open("rb") as file:
            catalogue = gettext.GNUTranslations(file)._catalog
        known |= {key if isinstance(key, str) else key[0] for key in catalogue}
    pages = (Path(unfold.__file__).parent / "templates").rglob("*.html")
    shown = {one or two for page in pages for one, two in MARKED.findall(page.read_text(encoding="utf-8"))}
    assert sorted(shown - known) == []


@pytest.mark.parametrize("word", ["TODO", "FIXME", "？？"])
def test_no_translation_is_a_placeholder(word):
    assert [entry["msgid"] for entry in entries() if word in entry["msgstr"]] == []


def test_no_text_of_the_source_is_missing_from_the_catalogue():
    """Reads the sources for marked literals, so that it needs no gettext tools."""
    known = {entry["msgid"] for entry in entries()}
    files = subprocess.run(
        ["git", "ls-files", "*.py"], cwd=settings.BASE_DIR, capture_output=True, text=True, check=False
    ).stdout.split()
    sources = [name for name in files if not name.startswith(("tests/", "benchmarks/"))]
    assert (
        sorted(text for name in sources for text in _marked(Path(settings.BASE_DIR) / name) if text not in known) == []
    )


def _marked(path: Path) -> list[str]:
    if not path.exists():
        return []
    calls = (node for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))) if isinstance(node, ast.Call))
    marks = {"_", "__", "gettext", "gettext_lazy", "gettext_noop", "ngettext"}
    return [
        call.args[0].value
        for call in calls
        if isinstance(call.func, ast.Name) and call.func.id in marks and call.args
        if isinstance(call.args[0], ast.Constant) and isinstance(call.args[0].value, str)
    ]
