"""What the templates of the desk are made with: parts that all cards share, and times."""

from datetime import datetime, timedelta
from types import SimpleNamespace
from zoneinfo import ZoneInfo

import pytest
from django.template import Context, Template
from django.utils.dateformat import format as date_format

from comments.templatetags import desk


def said(template, **context):
    return Template("{% load desk %}" + template).render(Context(context))


def test_what_all_cards_share_is_made_once_and_has_each_number(monkeypatch):
    made = []

    def make(fragment, inputs):
        made.append(inputs["status"])
        return f"<b>{inputs['pk']}</b> <i>{inputs['pk']}</i> is {inputs['status']}."

    monkeypatch.setattr(desk, "render_to_string", make)
    cards = [SimpleNamespace(number=str(pk), status=state) for pk, state in ((7, "held"), (8, "spam"), (12, "held"))]
    shown = said("{% for card in cards %}{% alike 'x' card.number status=card.status %}{% endfor %}", cards=cards)
    assert shown == "<b>7</b> <i>7</i> is held.<b>8</b> <i>8</i> is spam.<b>12</b> <i>12</i> is held."
    assert made == ["held", "spam"]


def test_what_all_cards_share_sees_nothing_of_the_card_around_it():
    around = {"options": None, "queue_name": "reported", "status": "approved", "actions": ["hold"]}
    alone = said("{% alike 'moderation/_publish.html' '7' status='pending' %}", **around)
    assert "keep:7" not in alone
    assert "keep:7" in said("{% alike 'moderation/_publish.html' '7' status=status queue_name=queue_name %}", **around)


def test_only_a_number_is_put_into_what_is_shared():
    with pytest.raises(ValueError, match="invalid literal"):
        said("{% alike 'moderation/_publish.html' number status='rejected' %}", number="7<script>")


@pytest.mark.parametrize("zone", ["UTC", "America/New_York", "Asia/Kathmandu"])
def test_times_read_as_django_s_own_filters_write_them(zone):
    first = datetime(2024, 1, 31, 0, 5, tzinfo=ZoneInfo(zone))
    for step in range(400):
        at = first + timedelta(hours=23 * step, minutes=step)
        assert desk.moment(at) == f"{date_format(at, 'M j, Y')}, {date_format(at, 'g:i A').lower()}"
        assert desk.iso(at) == date_format(at, "c")
