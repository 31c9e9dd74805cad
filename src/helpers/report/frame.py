"""What all pages share: one file that asks nothing of any network, the head, the banner, and who may run a script."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence
from functools import cache
from importlib import resources
from typing import Any

from jinja2 import Environment, FunctionLoader, StrictUndefined, meta
from markupsafe import Markup

from helpers.wording import format_number

NO_EVIDENCE = "Simulated patients: nothing on this page is evidence."
TEMPLATES = resources.files("helpers") / "templates"


def render(template: str, *, styles: Sequence[str], scripts: Sequence[str], banner: str, **context: Any) -> str:
    """A whole page as text, from a template that extends `frame.html`.

    `styles` and `scripts` are files of the templates folder, put into the page in this order; `banner` stands at the
    top of the page and of every printed sheet, empty for none. A name that the template uses must be in `context`.
    """
    style = "".join(map(read_template, styles)) + (print_banner(banner) if banner else "")
    script = "".join(map(read_template, scripts))
    return _make_environment().get_template(template).render(
        banner=banner, style=Markup(style), script=Markup(script), policy=make_policy(style=style, script=script),
        **context)  # fmt: skip


def compile_ahead(template: str) -> None:
    """Compile a template and those that it names before the page is made."""
    environment = _make_environment()
    for name in (template, *meta.find_referenced_templates(environment.parse(read_template(template)))):
        environment.get_template(str(name))


@cache
def _make_environment() -> Environment:
    environment = Environment(loader=FunctionLoader(read_template), autoescape=True, undefined=StrictUndefined,
                              trim_blocks=True, lstrip_blocks=True)  # fmt: skip
    environment.filters["number"] = format_number
    return environment


def read_template(name: str) -> str:
    """A file of the templates folder."""
    return (TEMPLATES / name).read_text(encoding="utf-8")


def make_policy(*, style: str, script: str) -> str:
    """A content security policy under which the page can load nothing at all and run this one script."""
    return ("default-src 'none'; img-src data:; base-uri 'none'; form-action 'none'; "
            f"style-src '{_digest(style)}'; script-src '{_digest(script)}'")


def _digest(text: str) -> str:
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}"


def print_banner(text: str) -> str:
    """A style that puts a line at the top of every printed page.

    >>> print_banner('a "b"')
    '\\n@page { @top-center { content: "a \\\\"b\\\\""; } }\\n'
    """
    quoted = text.replace("\\", "\\\\").replace('"', '\\"').replace("<", "\\3c ").replace("\n", " ")
    return f'\n@page {{ @top-center {{ content: "{quoted}"; }} }}\n'
