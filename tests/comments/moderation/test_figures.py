"""The owner's figures: what they count, what a page of them costs, and the places that plots give to numbers."""

import re
from datetime import datetime, timedelta
from xml.etree import ElementTree

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from comments import moderation, submission
from comments.moderation import plots
from comments.moderation.figures import SPANS, Day, Figures, RuleFigures, figures
from comments.viewers import Viewer
from tests import factories

pytestmark = pytest.mark.django_db
NOW = timezone.make_aware(datetime(2026, 11, 23, 15))


@pytest.fixture
def post():
    factories.published_guidelines()
    return factories.post(factories.person("Host", "owner"))


@pytest.fixture
def moderator():
    return Viewer(factories.person("Mod Secretname", "moderator"))


def at(**before):
    return time_machine.travel(NOW - timedelta(**before), tick=False)


def written(post, *, days, viewer=None, **fields):
    with at(days=days):
        return submission.submit(factories.draft(post, viewer=viewer or factories.guest(), **fields))


def decide(comment, action, moderator, *, days):
    with at(days=days):
        return moderation.decide(comment.pk, action, moderator)


def now_figures(span=30):
    with time_machine.travel(NOW, tick=False):
        return figures(span, NOW)


def day(found, days_ago):
    return next(one for one in found.days if one.date == (timezone.localtime(NOW) - timedelta(days=days_ago)).date())


def test_the_queue_s_length_by_day_its_age_and_the_waits(post, moderator):
    first, second = written(post, days=5), written(post, days=4)
    written(post, days=0.01)
    decide(first, "approve", moderator, days=3)
    decide(second, "reject", moderator, days=2)
    found = now_figures()
    assert [day(found, days).waiting for days in (6, 5, 4, 3, 2, 1, 0)] == [0, 1, 2, 1, 0, 0, 1]
    assert found.waiting == 1
    assert dict(found.ages)["less than an hour"] == 1
    assert [day(found, days).waits for days in (3, 2)] == [[2 * 86_400.0], [2 * 86_400.0]]
    assert day(found, 3).median == day(found, 3).p90 == 2 * 86_400
    assert day(found, 1).median is None


def test_each_waiting_comment_has_one_age(post):
    for days in (0.01, 0.1, 0.5, 2, 10):
        written(post, days=days)
    found = now_figures()
    assert [number for _words, number in found.ages] == [1, 1, 1, 1, 1]
    assert timezone.localtime(found.oldest).date() == (timezone.localtime(NOW) - timedelta(days=10)).date()


def test_comments_and_newcomers_by_day_spam_aside(post):
    guest, member = factories.guest(), Viewer(factories.person(standing="trusted"))
    written(post, days=3, viewer=guest)
    written(post, days=2, viewer=guest)
    written(post, days=2, viewer=member)
    written(post, days=2, honeypot="x")
    found = now_figures()
    assert [(day(found, d).comments, day(found, d).newcomers) for d in (3, 2)] == [(1, 1), (2, 2)]
    # Somebody who wrote before the span is no newcomer in it.
    old = factories.guest()
    written(post, days=40, viewer=old)
    written(post, days=1, viewer=old)
    assert day(now_figures(), 1).newcomers == 0


def test_how_often_moderators_disagreed_with_each_rule(post, moderator):
    factories.watched("cure")
    factories.watched("casino", "spam")
    links = "https://a.example https://b.example https://c.example"
    both = written(post, days=5, body=f"cure {links}")
    for number in range(2):
        decide(written(post, days=5, body=f"A cure {number}."), "reject", moderator, days=4)
    decide(both, "approve", moderator, days=4)
    spam = written(post, days=5, body="casino")
    decide(spam, "approve", moderator, days=4)
    rules = {rule.code: rule for rule in now_figures().rules}
    assert (rules["watched_word"].held, rules["watched_word"].published, rules["watched_word"].refused) == (3, 1, 2)
    assert rules["watched_word"].disagreed == 33
    assert (rules["links"].held, rules["links"].disagreed) == (1, 100)
    assert (rules["spam_word"].held, rules["spam_word"].disagreed) == (1, 100)
    assert rules["newcomer"].held == 3
    written(post, days=1)
    assert {rule.code: rule.decided for rule in now_figures().rules}["newcomer"] == 3


def test_first_comments_that_nobody_answered(post, moderator):
    def published(days, **fields):
        made = written(post, days=days, **fields)
        return made if made.is_approved else decide(made, "approve", moderator, days=days - 0.01)

    lonely, answered = published(5), published(5)
    with at(days=4):
        factories.comment(post, parent=answered, author=post.author)
    known = factories.guest()
    published(5, viewer=known)
    published(4, viewer=known)
    published(0.5)
    written(post, days=5)
    published(5, viewer=Viewer(post.author))
    found = now_figures()
    assert lonely in found.unanswered
    assert answered not in found.unanswered
    assert found.unanswered_count == len(found.unanswered) == 2


@pytest.mark.parametrize("span", SPANS)
def test_a_page_of_figures_costs_a_fixed_number_of_queries(client, post, moderator, span):
    client.force_login(post.author)

    def queries():
        with CaptureQueriesContext(connection) as asked:
            assert client.get(f"/moderation/figures/?days={span}").status_code == 200
        return len(asked)

    queries()
    before = queries()
    for number in range(30):
        comment = written(post, days=number % 20 + 1)
        if number % 2:
            decide(comment, "approve", moderator, days=number % 20 + 0.5)
    assert queries() == before
    assert before <= 12


def test_the_figures_are_the_owner_s_and_name_no_moderator(client, post, moderator):
    decide(written(post, days=2), "approve", moderator, days=1)
    client.force_login(moderator.user)
    assert client.get("/moderation/figures/").status_code == 403
    client.force_login(post.author)
    page = client.get("/moderation/figures/")
    assert page.status_code == 200
    assert "Secretname" not in page.text
    assert client.get("/moderation/figures/?days=nonsense").status_code == 200


def test_plots_are_well_formed_named_and_without_inline_style(client, post, moderator):
    for number in range(4):
        decide(written(post, days=number + 2), "approve", moderator, days=number + 1)
    client.force_login(post.author)
    with time_machine.travel(NOW, tick=False):
        client.force_login(post.author)
        page = client.get("/moderation/figures/").text
    drawn = re.findall(r"<svg.*?</svg>", page, flags=re.DOTALL)
    assert len(drawn) >= 4
    for svg in drawn:
        root = ElementTree.fromstring(svg)
        if root.get("role") == "img":
            assert root.find("title").text
            assert root.find("desc").text
        for shape in root.iter():
            assert "style" not in shape.attrib
            for name in ("x", "y", "cx", "cy", "width", "height"):
                value = shape.get(name)
                assert value is None or float(value) >= 0, (shape.tag, name, value)
    assert page.count("<table") >= 3


# --- Plots --------------------------------------------------------------------------------------------------


def made(days):
    return Figures(days, 30, False, 0, None, [], [RuleFigures("links", 3, 1, 1)], [], 0)


def some_days(**values):
    length = len(next(iter(values.values())))
    today = NOW.date()
    days = [Day(today - timedelta(days=length - 1 - number)) for number in range(length)]
    for name, numbers in values.items():
        for one, number in zip(days, numbers, strict=True):
            setattr(one, name, number)
    return days


def test_the_axis_has_round_numbers_and_the_highest_stays_inside():
    for most, ticks in (
        (0, ["0", "1"]),
        (1, ["0", "1"]),
        (4, ["0", "1", "2", "3", "4"]),
        (37, ["0", "10", "20", "30", "40"]),
    ):
        plot = plots.queue_plot(made(some_days(waiting=[0, most])))
        assert [tick.said for tick in plot.across] == ticks
        heights = [dot.y for dot in plot.series[0].dots]
        assert plot.bottom == heights[0]
        assert heights[1] >= 10


def test_a_line_ends_where_nothing_was_measured():
    plot = plots.waits_plot(made(some_days(waits=[[60.0], [120.0], [], [90_000.0], [60.0, 5.0]])))
    assert len(plot.series[1].lines) == 2
    assert len(plot.series[1].dots) == 4
    assert [row[2] for row in plot.rows] == ["32 s", "1 d", "–", "2 min", "1 min"]
    assert plot.described.startswith("Half of all were decided within")


def test_without_anything_there_is_nothing_to_draw():
    assert plots.comments_plot(made(some_days(comments=[0, 0]))).is_empty
    assert plots.waits_plot(made(some_days(waits=[[], []]))).is_empty


def test_a_rule_s_bar_has_a_part_for_each_outcome():
    bar = plots.rule_bars(made(some_days(waiting=[0])))[0]
    assert (bar.published, bar.refused, bar.open, bar.disagreed) == (1, 1, 1, 50)
    assert bar.published_width + bar.refused_width + bar.open_width == pytest.approx(100, abs=0.2)


def test_of_ten_waits_nine_are_within_the_ninth():
    one = Day(NOW.date(), waits=[float(number) for number in range(10, 0, -1)])
    assert (one.median, one.p90) == (5.5, 9.0)
