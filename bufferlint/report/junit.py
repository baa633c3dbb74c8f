"""JUnit XML: a suite for each file with findings, a failed case for each finding."""

from __future__ import annotations

import re
from itertools import groupby
from xml.etree import ElementTree
from xml.etree.ElementTree import Element, SubElement

from bufferlint.finding import Finding, Problem, Report
from bufferlint.report.view import View
from bufferlint.text.escaping import visible, visible_lines, xml_without_commands

_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def render(report: Report, view: View) -> str:
    """A run without findings has one passed case, since some readers take an empty report for a failure."""
    root = Element("testsuites", name="bufferlint")
    for path, findings in groupby(report.findings, key=lambda finding: finding.path):
        suite = SubElement(root, "testsuite", name=_text(view.path(path)), package="bufferlint")
        for finding in findings:
            _finding(suite, finding, view)
    if report.problems:
        suite = SubElement(root, "testsuite", name="input", package="bufferlint")
        for problem in report.problems:
            _problem(suite, problem, view)
    if not len(root):
        SubElement(
            SubElement(root, "testsuite", name="bufferlint"), "testcase", name="No findings", classname="bufferlint"
        )
    for suite in root:
        _count(suite)
    _count(root)
    ElementTree.indent(root)
    body = xml_without_commands(ElementTree.tostring(root, encoding="unicode"))
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{body}\n'


def _finding(suite: Element, finding: Finding, view: View) -> None:
    location = finding.location
    case = SubElement(
        suite,
        "testcase",
        name=visible(f"{finding.code} {finding.subject}"),
        classname=_text(view.path(finding.path)),
        file=_text(view.path(finding.path)),
        line=str(location.row),
    )
    failure = SubElement(case, "failure", message=_text(visible(finding.message)), type=finding.severity.value)
    failure.text = _text(
        f"{view.place(finding.path, location)}: {finding.code} {visible(finding.message)}\n{visible(finding.reason)}"
    )


def _problem(suite: Element, problem: Problem, view: View) -> None:
    case = SubElement(suite, "testcase", name=_text(view.path(problem.path)), classname=_text(view.path(problem.path)))
    SubElement(case, "error", message=_text(problem.cause), type="problem").text = _text(view.problem(problem))


def _count(element: Element) -> None:
    element.set("tests", str(len(list(element.iter("testcase")))))
    element.set("failures", str(len(list(element.iter("failure")))))
    element.set("errors", str(len(list(element.iter("error")))))


def _text(text: str) -> str:
    """Text with what steers a terminal, and what XML cannot hold, made visible."""
    return _NOT_XML.sub("\N{REPLACEMENT CHARACTER}", visible_lines(text))
