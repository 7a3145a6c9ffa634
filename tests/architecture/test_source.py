"""The checks of `make lint`, and the laws of the house that a text search can judge."""

import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path

import pytest

from comments.conf import RULE_GROUPS, Rules
from scripts import lint

pytestmark = pytest.mark.once

ROOT = Path(__file__).resolve().parents[2]
APPS = ("storied", "posts", "comments")


def sources(*suffixes: str) -> Iterator[tuple[str, str]]:
    """Path and text of every file of the applications and templates that ends so."""
    for folder in (*APPS, "templates"):
        for path in sorted((ROOT / folder).rglob("*")):
            if path.suffix in suffixes:
                yield path.relative_to(ROOT).as_posix(), path.read_text()


def files_that_say(pattern: str, *suffixes: str) -> set[str]:
    return {path for path, text in sources(*suffixes) if re.search(pattern, text)}


@pytest.mark.parametrize("name", lint.commands(mend=False))
def test_the_source_passes(name):
    outcome = lint.run(lint.commands(mend=False)[name])
    assert outcome.returncode == 0, outcome.stdout


def test_only_the_markup_module_imports_bleach():
    assert files_that_say(r"(?m)^\s*(import|from)\s+bleach\b", ".py") == {"storied/markup.py"}


def test_only_the_tree_and_its_model_import_mptt():
    users = files_that_say(r"(?m)^\s*(import|from)\s+mptt\b", ".py")
    homes = {"comments/models/comment.py", "comments/tree.py"}
    assert "comments/models/comment.py" in users
    assert {path for path in users if "/migrations/" not in path} <= homes


def test_no_template_marks_anything_safe():
    marks = r"\|\s*safe(seq)?\b|\{%\s*autoescape\s+off"
    assert files_that_say(marks, ".html") == set()


def test_only_sanitised_html_is_marked_safe():
    makers = files_that_say(r"\b(mark_safe|SafeString|SafeText|html_safe)\b", ".py")
    assert makers <= {"storied/markup.py", "comments/typesetting.py"}


def test_a_form_in_a_fragment_gets_its_token():
    """What is included with `only` sees no token of its own, and its form would always be refused."""
    found = {path.partition("templates/")[2]: text for path, text in sources(".html")}
    with_forms: set[str] = set()
    for _deeper in range(5):  # fragments in fragments
        said = ["{% csrf_token %}", *(f'{{% include "{name}"' for name in with_forms)]
        with_forms |= {name for name, text in found.items() if any(words in text for words in said)}
    includes = re.compile(r"{% include \"([^\"]+)\"([^%]*) only %}")
    without = [
        (name, fragment)
        for name, text in found.items()
        for fragment, passed in includes.findall(text)
        if fragment in with_forms and "csrf_token=csrf_token" not in passed
    ]
    assert without == []
    assert any("csrf_token=csrf_token" in text for text in found.values())


def test_no_template_has_inline_script_or_style():
    inline = r"<script(?![^>]*\bsrc=)(?![^>]*application/(ld\+)?json)|<style\b|\sstyle=|\son[a-z]+="
    assert {path for path in files_that_say(inline, ".html") if "/emails/" not in path} == set()


def test_every_variable_of_the_environment_is_documented():
    settings = (ROOT / "storied/settings.py").read_text()
    variables = set(re.findall(r'env(?:\.\w+)?\(\s*"([A-Z_]+)"', settings))
    assert "STORIED_SECRET_KEY" in variables
    documented = "".join(path.read_text() for path in [ROOT / "README.md", *(ROOT / "docs").rglob("*.md")])
    inner = {"STORIED_FAST_PASSWORDS", "STORIED_TEST_DATABASE"}
    assert {name for name in variables - inner if f"`{name}`" not in documented} == set()


def test_every_house_rule_has_its_place_on_the_owner_s_page():
    """A rule without one would be switched off by the next save."""
    shown = [name for _heading, names in RULE_GROUPS for name in names]
    assert sorted(shown) == sorted(rule.name for rule in fields(Rules))


@pytest.mark.parametrize("rule", fields(Rules), ids=lambda rule: rule.name)
def test_every_house_rule_is_documented_with_its_default(rule):
    row = re.search(rf"\| `{rule.name}`[^|]*\| ([^|]+) \|", (ROOT / "README.md").read_text())
    assert row
    if isinstance(rule.default, bool):
        assert row[1] == ("on" if rule.default else "off")
    elif isinstance(rule.default, int):
        assert row[1].split()[0] == f"{rule.default:,}"


@pytest.mark.parametrize("name", ["requirements.txt", "requirements-dev.txt"])
def test_every_requirement_is_pinned_with_hashes_and_no_index(name):
    text = (ROOT / name).read_text()
    without_hashes_and_comments = re.sub(r"(?m)^\s+--hash=\S+( \\)?$|#.*", "", text)
    assert not re.search(r"(?m)^\s*-|://|file:", without_hashes_and_comments)
    pinned = [block for block in re.split(r"(?m)^(?=\S)", text) if block and not block.startswith("#")]
    assert pinned
    for block in pinned:
        assert re.match(r"[\w.\[\],-]+==\S+", block), block
        assert "--hash=sha256:" in block, block


def test_the_lock_of_the_tests_has_the_versions_that_the_site_runs_with():
    def versions(name):
        return dict(re.findall(r"(?m)^([\w.-]+)(?:\[[\w,-]+\])?==(\S+)", (ROOT / name).read_text()))

    dev = versions("requirements-dev.txt")
    assert {name: dev.get(name) for name in versions("requirements.txt")} == versions("requirements.txt")


@pytest.mark.django_db
def test_no_migration_is_missing():
    from django.core.management import call_command

    call_command("makemigrations", check=True, dry_run=True, verbosity=0)


def test_no_migration_has_a_name_made_by_a_clock():
    migrations = (path for app in APPS for path in (ROOT / app).rglob("migrations/[0-9]*.py"))
    assert [path.name for path in migrations if re.search(r"_auto_\d|_\d{8}_\d{4}", path.name)] == []


def test_the_bootstrap_runs_on_a_python_without_any_package():
    code = "import runpy; runpy.run_path('scripts/bootstrap.py', run_name='looked_at')"
    outcome = subprocess.run([sys.executable, "-I", "-S", "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert outcome.returncode == 0, outcome.stderr


def test_a_worker_loads_no_library_that_its_installation_has_no_use_for(tmp_path):
    """Valkey's client and what reads HTML mail: a ninth of a worker's memory together."""
    code = (
        "import sys, django; django.setup(); import storied.urls; "
        "print(*({'redis', 'lxml', 'quotequail'} & set(sys.modules)))"
    )
    settings = {
        "STORIED_ENV_FILE": "", "STORIED_VAR": str(tmp_path), "DJANGO_SETTINGS_MODULE": "storied.settings",
        "STORIED_SECRET_KEY": "a key for tests alone, that signs nothing of worth",
    }  # fmt: skip
    outcome = subprocess.run([sys.executable, "-c", code], cwd=ROOT, env=settings, capture_output=True, text=True)
    assert (outcome.stdout, outcome.stderr) == ("\n", "")
