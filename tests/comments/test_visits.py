"""What is new to a member: by what they have seen, not by the clock, and not reset by a reload."""

from datetime import timedelta
from functools import partial

import pytest
import time_machine
from django.conf import settings
from django.db.models import QuerySet
from django.utils import timezone

from comments import moderation, shared, typesetting, visits
from comments.models import HouseRules, Visit
from comments.privacy import export, parts, retention, traces
from comments.privacy.belongings import Belongings
from comments.seen import Seen
from comments.viewers import Viewer
from storied import rows
from storied.front import board
from tests import factories
from tests.together import at_once

pytestmark = pytest.mark.django_db


@pytest.fixture
def clock():
    with time_machine.travel("2026-03-03T09:05:00Z", tick=False) as clock:
        yield clock


@pytest.fixture
def post(clock):
    return factories.post(published_at=timezone.now() - timedelta(days=1))


@pytest.fixture
def member(clock):
    return factories.person("Cleo")


def new(member, post, number=1):
    """The comments that a page marks as new, and that page's HTML."""
    page, threads = shared.page_for(post, Viewer(member), number)
    html = typesetting.together(threads)
    assert html.count('class="is-new">New<') == html.count('class="comment new') == len(page.new_here.numbers)
    return list(page.new_here.numbers)


def read(member, post, number=1, **options):
    """What the page's script sends when it was read."""
    page, _threads = shared.page_for(post, Viewer(member), number)
    visits.note(member, post.pk, Seen.read(page.new_here.shown), page_made_at=timezone.now(), **options)


def comment(post, **fields):
    return factories.comment(post, **fields).pk


def test_at_a_first_visit_nothing_is_new(member, post):
    comment(post)
    assert new(member, post) == []
    read(member, post)
    assert new(member, post) == []


def test_what_came_since_the_last_visit_is_new_and_stays_so_over_reloads(member, post, clock):
    comment(post)
    read(member, post)
    clock.shift(timedelta(days=2))
    late = comment(post)
    for _ in range(3):
        assert new(member, post) == [late]
        read(member, post)
        clock.shift(timedelta(minutes=9))
    clock.shift(visits.ABSENCE)
    assert new(member, post) == []


def test_what_comes_during_a_visit_is_new_too(member, post, clock):
    comment(post)
    read(member, post)
    clock.shift(timedelta(minutes=5))
    late = comment(post)
    assert new(member, post) == [late]


def test_who_only_looks_changes_nothing(member, post, clock):
    read(member, post)
    clock.shift(timedelta(days=1))
    late = comment(post)
    for _ in range(3):
        clock.shift(timedelta(hours=1))
        assert new(member, post) == [late]


def test_a_visit_goes_on_while_it_is_noted_again(member, post, clock):
    read(member, post)
    clock.shift(timedelta(days=1))
    late = comment(post)
    for _ in range(8):
        read(member, post)
        clock.shift(timedelta(minutes=20))
        assert new(member, post) == [late]


def test_a_comment_that_waited_long_for_a_moderator_is_new_when_it_is_approved(member, post, clock):
    waiting = comment(post, status="pending")
    later = comment(post)
    read(member, post)
    clock.shift(timedelta(days=1))
    moderation.decide(waiting, "approve", Viewer(factories.person("Mod", "moderator")))
    assert later > waiting
    assert new(member, post) == [waiting]


def test_one_s_own_comments_are_never_new(member, post, clock):
    read(member, post)
    clock.shift(timedelta(days=1))
    own = factories.comment(post, author=member)
    answer = comment(post, parent=own)
    assert new(member, post) == [answer]


def test_what_was_only_on_another_page_stays_new(member, post, clock):
    HouseRules.change({"comments_a_page": 4}, by=None)
    first = [comment(post) for _ in range(6)]
    read(member, post)
    assert new(member, post, 2) == []  # it was there, though on a page that was never opened
    clock.shift(timedelta(days=1))
    reply = comment(post, parent=post.comments.get(pk=first[0]))
    last = comment(post)
    read(member, post)
    clock.shift(timedelta(days=1))
    assert reply not in new(member, post)
    seen_on_two = new(member, post, 2)
    assert last in seen_on_two
    assert len(seen_on_two) <= 2


def test_it_is_said_that_there_is_something_new_on_other_pages(client, member, post, clock):
    HouseRules.change({"comments_a_page": 4}, by=None)
    for _ in range(6):
        comment(post)
    read(member, post)
    clock.shift(timedelta(days=1))
    factories.comment(post, author=member)
    late, later = comment(post), comment(post)
    client.force_login(member)
    html = client.get(post.get_absolute_url()).text
    assert f'<a href="/comment/{late}/">2 new on other pages</a> since Tuesday, March 3' in html
    sent = {name: html.split(f'name="{name}" value="')[1].split('"')[0] for name in ("shown", "elsewhere", "made_at")}
    assert Seen.read(sent["elsewhere"]) == Seen.of([late, later])
    client.post(f"/discussion/{post.pk}/seen/", sent)
    assert "2 new on other pages" in client.get(post.get_absolute_url()).text
    client.post(f"/discussion/{post.pk}/seen/", sent | {"all_read": "1"})
    assert "Nothing new since" in client.get(post.get_absolute_url()).text


def test_all_can_be_marked_as_read_at_once(member, post, clock):
    read(member, post)
    clock.shift(timedelta(days=1))
    comment(post)
    read(member, post, all_read=True)
    assert new(member, post) == []
    later = comment(post)
    assert new(member, post) == [later]


def test_each_leads_to_the_next_one_over_threads(member, post, clock):
    root = factories.comment(post)
    read(member, post)
    clock.shift(timedelta(days=1))
    reply, other = comment(post, parent=root), comment(post)
    page, threads = shared.page_for(post, Viewer(member), 1)
    html = typesetting.together(threads)
    assert list(page.new_here.numbers) == [reply, other]
    assert html.count(f'<a class="next-new" href="#comment-{other}">') == 1
    assert html.count("next-new") == 1
    assert html.index("next-new") < html.index(f'id="comment-{other}"')


def test_hostile_text_moves_no_mark(member, post, clock):
    read(member, post)
    clock.shift(timedelta(days=1))
    body = '<h3>no</h3> <li id="comment-1" class="comment"> <p class="doors"></p></article>'
    late = comment(post, body=body, author_name='"><h3>x</h3>')
    assert new(member, post) == [late]


def test_others_and_guests_are_told_nothing(member, post, clock):
    read(member, post)
    clock.shift(timedelta(days=1))
    late = comment(post)
    assert new(factories.person(), post) == []
    page, _threads = shared.page_for(post, factories.guest(), 1)
    assert page.new_here is None
    assert new(member, post) == [late]


def test_forgetting_forgets_everything_and_remembers_nothing_more(member, post, clock):
    other, another = factories.post(), factories.person()
    for each in (post, other):
        read(member, each)
    read(another, post)
    visits.forget(member)
    visits.forget(member)
    read(member, post)
    clock.shift(timedelta(days=1))
    comment(post)
    assert new(member, post) == []
    assert list(Visit.objects.filter(member=member).values_list("post", flat=True)) == [None]
    assert Visit.objects.filter(member=another).exists()
    visits.remember_again(member)
    read(member, post)
    assert Visit.objects.get(member=member).post_id == post.pk


def test_visits_of_a_year_ago_are_forgotten_and_wishes_are_not(member, post, clock):
    other = factories.person()
    read(member, post)
    visits.forget(other)
    clock.shift(timedelta(days=365) - timedelta(minutes=1))
    assert retention.run()["what members have read"] == 0
    clock.shift(timedelta(minutes=2))
    assert retention.run()["what members have read"] == 1
    assert list(Visit.objects.values_list("member", "post")) == [(other.pk, None)]


def test_members_can_have_what_is_kept_and_it_goes_with_their_account(member, post, clock):
    comments = [comment(post) for _ in range(3)]
    read(member, post)
    sections = {section.name: section for section in export.sections(Belongings.of_account(member))}
    (kept,) = sections["visits"].records
    assert kept["article"] == post.title
    assert kept["numbers_of_comments"] == f"{comments[0]}–{comments[-1]}"
    traces.erase_account(member)
    assert not Visit.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_two_devices_at_once_lose_nothing():
    member, post = factories.person(), factories.post()

    def note(number):
        visits.note(member, post.pk, Seen.of([number]), page_made_at=timezone.now())

    for numbers in ([1, 3], [5, 7]):  # the first visit, and one that goes on
        assert at_once(*(partial(note, number) for number in numbers)) == [None, None]
    visit = Visit.objects.get()
    assert Seen.read(visit.before) | Seen.read(visit.during) == Seen.of([1, 3, 5, 7])


def test_what_is_forgotten_while_it_is_noted_stays_forgotten(member, post, monkeypatch):
    read(member, post)
    find = QuerySet.get_or_create

    def find_and_forget(*what, **how):
        found = find(*what, **how)
        monkeypatch.undo()
        visits.forget(member)
        return found

    monkeypatch.setattr(QuerySet, "get_or_create", find_and_forget)
    visits.note(member, post.pk, Seen.of([1]), page_made_at=timezone.now())
    assert [visit.post_id for visit in Visit.objects.all()] == [None]


@pytest.mark.django_db(transaction=True)
def test_nothing_is_noted_of_an_article_that_is_deleted_meanwhile(member, post):
    number = post.pk
    post.delete()
    visits.note(member, number, Seen.of([1]), page_made_at=timezone.now())
    assert not Visit.objects.exists()


@pytest.mark.parametrize("size", [2, 199])
def test_it_costs_a_member_one_query_however_much_is_new(member, post, size, clock, django_assert_num_queries):
    comment(post)
    read(member, post)
    clock.shift(timedelta(days=1))
    for _ in range(size):
        factories.comment(post)
    board.end_all()
    new(member, post)  # from here on all that is the same for everybody is kept
    with django_assert_num_queries(3):  # what waits and is theirs; what they have seen and not sent; whom they muted
        page, _threads = shared.page_for(post, Viewer(member), 1)
    assert len(page.new_here.numbers) == size


class TestByForm:
    """The two addresses that a member's page sends to."""

    @pytest.fixture
    def shown(self, client, member, post):
        comment(post)
        client.force_login(member)
        page = client.get(post.get_absolute_url())
        return {"shown": page.text.split('name="shown" value="')[1].split('"')[0], "made_at": "1772528700"}

    def test_reading_alone_writes_nothing(self, client, shown, post):
        client.get(post.get_absolute_url())
        assert not Visit.objects.exists()

    def test_a_script_is_answered_without_a_page_and_a_button_with_the_discussion(self, client, shown, post, clock):
        address = f"/discussion/{post.pk}/seen/"
        answer = client.post(address, shown, headers={"accept": "application/json"})
        assert (answer.status_code, answer.content) == (204, b"")
        clock.shift(timedelta(days=1))
        late = comment(post)
        html = client.get(post.get_absolute_url()).text
        assert f'<a href="#comment-{late}">1 new</a> since Tuesday, March 3' in html
        assert "data-to-be-noted" in html
        sent = shown | {"shown": html.split('name="shown" value="')[1].split('"')[0], "all_read": "1"}
        assert client.post(address, sent)["Location"] == f"{post.get_absolute_url()}#comments"
        html = client.get(post.get_absolute_url()).text
        assert "Nothing new since Tuesday, March 3" in html
        assert "data-to-be-noted" not in html

    @pytest.mark.parametrize(
        "wrong",
        [{"shown": "<b>"}, {"shown": "9" * 100_000}, {"made_at": "soon"}, {"made_at": ""}, {"made_at": "9" * 30}],
    )
    def test_what_cannot_be_read_is_refused(self, client, shown, post, wrong):
        assert client.post(f"/discussion/{post.pk}/seen/", shown | wrong).status_code == 400
        assert not Visit.objects.exists()

    def test_only_members_and_only_of_what_they_may_read(self, client, shown, post, clock):
        draft = factories.post(status="draft")
        assert client.post(f"/discussion/{draft.pk}/seen/", shown).status_code == 404
        client.logout()
        assert client.post(f"/discussion/{post.pk}/seen/", shown).status_code == 403
        assert client.post("/discussion/remember/", {"forget": "1"}).status_code == 403
        assert not Visit.objects.exists()

    def test_forgetting_leads_back_and_says_so(self, client, shown, post):
        client.post(f"/discussion/{post.pk}/seen/", shown)
        assert "Forget what I have read here" in client.get(post.get_absolute_url()).text
        answer = client.post("/discussion/remember/", {"forget": "1", "post": post.pk})
        assert answer["Location"] == f"{post.get_absolute_url()}#comments"
        assert "What you read here is not remembered" in client.get(post.get_absolute_url()).text
        assert client.post("/discussion/remember/", {"post": "x"})["Location"] == "/"

    def test_readers_without_a_session_get_the_same_bytes_with_and_without_a_guest_s_cookie(self, client, post):
        comment(post)
        html = client.get(post.get_absolute_url()).text
        assert html.count("data-news=") == 1
        assert "/seen/" not in html
        assert settings.SESSION_COOKIE_NAME not in client.cookies


class TestWhereSomebodyWas:
    def sent(self, client, post, place, *, shown):
        made_at = int(timezone.now().timestamp())
        fields = {"shown": str(Seen.of(shown)), "made_at": made_at, "place": place}
        return client.post(f"/discussion/{post.pk}/seen/", fields)

    def test_it_is_one_of_the_comments_that_were_shown(self, client, member, post):
        one, two, elsewhere = comment(post), comment(post), comment(factories.post())
        client.force_login(member)
        known = []
        for place in (two, "", elsewhere, "x" * 30, "²", 10**18, one, "end", ""):
            assert self.sent(client, post, place, shown=[one, two]).status_code == 302
            known.append(visits.news_of(rows.first(*visits.asked_for(member, post.pk))).place)
        assert known == [two] * 6 + [one, None, None]

    def test_the_page_and_the_export_tell_it_and_forgetting_ends_it(self, client, member, post):
        number = comment(post)
        client.force_login(member)
        assert 'data-place=""' in client.get(post.get_absolute_url()).text
        self.sent(client, post, number, shown=[number])
        assert f'data-place="{number}"' in client.get(post.get_absolute_url()).text
        [record] = parts._visits(Belongings.of_account(member))
        assert record["was_at"] == number
        visits.forget(member)
        assert "data-place" not in client.get(post.get_absolute_url()).text
        self.sent(client, post, number, shown=[number])
        assert visits.news_of(rows.first(*visits.asked_for(member, post.pk))).place is None
