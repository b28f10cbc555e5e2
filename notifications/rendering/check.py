"""What is wrong with a template, in sentences: said before it is saved, not when the mail should go out."""

import re
from collections.abc import Iterator, Mapping
from copy import deepcopy
from typing import Any

from django.template import Context, TemplateSyntaxError
from django.template.base import FilterExpression, Node, NodeList, TextNode, Variable, VariableNode
from django.template.defaulttags import ForNode, IfNode
from django.template.smartif import TokenBase

from notifications.rendering.language import Source, parse
from notifications.rendering.vocabulary import FILTERS, TAGS

MAX_LOOPS = 2  # loops inside loops: the lines of a package are as deep as an e-mail goes
MAX_LENGTH = {"subject": 500, "text": 20_000, "html": 100_000}
LOOP = dict.fromkeys(("counter", "counter0", "revcounter", "revcounter0", "first", "last"), 0)
TAG = re.compile(r"Invalid block tag on line (\d+): '(\S+?)'")
FILTER = re.compile(r"Invalid filter: '(\S+?)'")
BRACKETS = {"{{": "}}", "{%": "%}"}
Scope = Mapping[str, Any]


def problems(source: Source, sample: Scope) -> dict[str, list[str]]:
    """{part: sentences} of all that would go wrong; empty when the template is fit to be sent.

    `sample` has every variable of this kind of e-mail; a list in it has at least one element.
    """
    found = {part: list(_problems_of(part, getattr(source, part), sample)) for part in MAX_LENGTH}
    return {part: sentences for part, sentences in found.items() if sentences}


def _problems_of(part: str, text: str, sample: Scope) -> Iterator[str]:
    if not text.strip():
        yield "This cannot be empty."
    elif len(text) > MAX_LENGTH[part]:
        yield f"At most {MAX_LENGTH[part]} characters."
    elif part == "subject" and len(text.splitlines()) > 1:
        yield "A subject is one line."
    else:
        yield from _in_template(text, sample)


def _in_template(text: str, sample: Scope) -> Iterator[str]:
    try:
        template = parse(text)
    except TemplateSyntaxError as error:
        yield _sentence(str(error))
        return
    found = list(_in_nodes(template.nodelist, sample, loops=0))
    yield from found
    if not found:
        try:
            template.render(Context(deepcopy(dict(sample))))
        except Exception as error:  # noqa: BLE001  whatever a filter finds wrong with what it is given
            yield f"It cannot be filled in: {error}."


def _sentence(error: str) -> str:
    if tag := TAG.search(error):
        return f"Line {tag[1]}: there is no tag {tag[2]} here. There are {', '.join(TAGS)}."
    if name := FILTER.search(error):
        return f"There is no filter {name[1]} here. There are {', '.join(FILTERS)}."
    return error.rstrip(".") + "."


def _in_nodes(nodes: NodeList, scope: Scope, *, loops: int) -> Iterator[str]:
    for node in nodes:
        if isinstance(node, VariableNode):
            yield from _in_expression(node.filter_expression, scope, node)
        elif isinstance(node, IfNode):
            for condition, branch in node.conditions_nodelists:
                yield from _in_condition(condition, scope, node)
                yield from _in_nodes(branch, scope, loops=loops)
        elif isinstance(node, ForNode):
            yield from _in_loop(node, scope, loops=loops + 1)
        elif isinstance(node, TextNode):
            yield from (f"A {left} has lost its {right}." for left, right in BRACKETS.items() if left in node.s)


def _in_loop(node: Any, scope: Scope, *, loops: int) -> Iterator[str]:
    wrong = list(_in_expression(node.sequence, scope, node))
    several = None if wrong else _value(scope, node.sequence)
    if wrong:
        yield from wrong
    elif not isinstance(several, list):
        yield f"{_line(node)}{node.sequence.token} is not a list."
    elif len(node.loopvars) > 1:
        yield f"{_line(node)}a loop has one variable."
    elif loops > MAX_LOOPS:
        yield f"{_line(node)}at most {MAX_LOOPS} loops inside each other."
    else:
        inside = {**scope, node.loopvars[0]: several[0], "forloop": {**LOOP, "parentloop": scope.get("forloop", {})}}
        yield from _in_nodes(node.nodelist_loop, inside, loops=loops)
    yield from _in_nodes(node.nodelist_empty, scope, loops=loops)


def _in_condition(condition: TokenBase | None, scope: Scope, node: Node) -> Iterator[str]:
    if condition is None:
        return
    if isinstance(condition.value, FilterExpression):
        yield from _in_expression(condition.value, scope, node)
    yield from _in_condition(condition.first, scope, node)
    yield from _in_condition(condition.second, scope, node)


def _in_expression(expression: FilterExpression, scope: Scope, node: Node) -> Iterator[str]:
    used = [expression.var] if expression.is_var else []
    used += [argument for _, arguments in expression.filters for is_name, argument in arguments if is_name]
    for variable in used:
        if variable.lookups and not _knows(scope, variable):
            path = str(variable.var)
            yield f"{_line(node)}there is no {path} here. There are {', '.join(_around(scope, variable))}."


def _value(scope: Any, expression: FilterExpression) -> Any:
    """What a plain name stands for; None for a constant or a filtered value."""
    if not expression.is_var or expression.filters or not expression.var.lookups:
        return None
    for name in expression.var.lookups:
        scope = scope[name]
    return scope


def _knows(scope: Any, variable: Variable) -> bool:
    for name in variable.lookups or ():
        if not isinstance(scope, Mapping) or name not in scope:
            return False
        scope = scope[name]
    return True


def _around(scope: Scope, variable: Variable) -> list[str]:
    """The names there are at the place where the unknown one was looked for."""
    place: Any = scope
    known: list[str] = []
    for name in (variable.lookups or ())[:-1]:
        if not isinstance(place, Mapping) or not isinstance(place.get(name), Mapping):
            break
        place = place[name]
        known.append(name)
    return sorted(".".join([*known, name]) for name in place)


def _line(node: Node) -> str:
    return f"Line {node.token.lineno}: " if node.token else ""


def variables_of(sample: Scope) -> list[str]:
    """The variables there are, e.g. `order.number`; `order.lines[].name` for those of a loop over `order.lines`."""
    return sorted(_names(sample, ""))


def _names(values: Scope, before: str) -> Iterator[str]:
    for name, value in values.items():
        several = isinstance(value, list)
        path, one = (f"{before}{name}[]", value[0]) if several else (f"{before}{name}", value)
        if isinstance(one, Mapping):
            yield from _names(one, f"{path}.")
        if several or not isinstance(one, Mapping):
            yield path
