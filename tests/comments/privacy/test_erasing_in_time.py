"""When erasing begins, who can still call it off, and what happens beside it or cuts it short."""

from functools import partial

import pytest

from comments import emptying, submission
from comments.exceptions import CommentsError, NotAllowed
from comments.models import Comment, Erasure, HouseRules
from comments.privacy import erasure, letters, traces
from storied.accounts.models import User
from storied.work import stopping
from tests import factories
from tests.together import at_once

from .conftest import STAYS
from .everything import where_is
from .somebody import left_everywhere

pytestmark = pytest.mark.django_db


# --- Second thoughts -----------------------------------------------------------------------------------------


def test_nothing_happens_before_the_mail_is_answered_and_the_grace_is_over(after):
    judith = left_everywhere("xyjudith", is_member=True)
    asked = erasure.ask(judith.account, "withdraw")
    after(days=2)
    assert erasure.carry_out_all() == 0
    erasure.confirm(asked)
    erasure.confirm(asked)
    after(days=9, seconds=-1)
    assert erasure.carry_out_all() == 0
    after(days=9, seconds=61)
    assert erasure.carry_out_all() == 1
    assert not User.objects.filter(pk=judith.account.pk).exists()


def test_an_unanswered_question_goes_out_of_date(after):
    asked = erasure.ask(factories.person(), "detach")
    token = erasure.link_to(asked).split("/")[-2]
    assert erasure.of_link(token) == asked
    after(days=3, seconds=1)
    assert erasure.of_link(token) is None


def test_it_can_be_called_off_until_it_begins_and_not_later(after):
    person = factories.person()
    asked = erasure.ask(person, "detach")
    erasure.confirm(asked)
    after(days=6)
    erasure.cancel(asked)
    erasure.cancel(asked)
    after(days=30)
    assert erasure.carry_out_all() == 0
    again = erasure.ask(person, "detach")
    erasure.confirm(again)
    after(days=40)
    with pytest.raises(erasure.TooLate):
        erasure.cancel(again)


def test_asking_twice_is_asking_once_and_mails_once(outbox):
    person = factories.person()
    assert erasure.ask(person, "detach") == erasure.ask(person, "withdraw")
    assert letters.send_owed() == 1
    assert letters.send_owed() == 0
    assert Erasure.objects.count() == 1


def test_the_only_owner_and_whoever_has_articles_cannot_go_yet(after):
    owner = factories.person(role="owner")
    with pytest.raises(CommentsError, match="only owner"):
        erasure.ask(owner, "detach")
    author = factories.post().author
    with pytest.raises(CommentsError, match="articles under your name"):
        erasure.ask(author, "detach")
    second = factories.person(role="owner")
    asked = erasure.ask(second, "detach")
    erasure.confirm(asked)
    User.objects.filter(pk=owner.pk).update(role="member")
    after(days=8)
    assert erasure.carry_out_all() == 0
    assert User.objects.filter(pk=second.pk, is_active=True).exists()


def test_no_days_of_grace_are_minutes(after):
    HouseRules.change({"erase_after_days": 0}, by=factories.person(role="owner"))
    asked = erasure.ask(factories.person(), "detach")
    erasure.confirm(asked)
    after(minutes=2)
    assert erasure.carry_out_all() == 1


# --- Cut short, or while somebody writes ------------------------------------------------------------------------


class Killed(BaseException):
    """As a worker that is killed at this point."""


@pytest.mark.parametrize(
    "where",
    [
        (traces, "erase_around"), (traces, "erase_mail"), (traces, "erase_account"), (emptying, "empty"),
        (erasure, "_withdraw"), (erasure, "_finish"),
    ],
    ids=lambda where: where[1],
)  # fmt: skip
def test_whoever_is_killed_anywhere_leaves_the_rest_to_the_next(where, after, monkeypatch):
    judith = left_everywhere("xyjudith", is_member=True)
    asked = erasure.ask(judith.account, "withdraw")
    erasure.confirm(asked)
    after(days=8)
    module, name = where
    real = getattr(module, name)

    def killed(*given, **more):
        real(*given, **more)
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(module, name, killed)
        with pytest.raises(Killed):
            erasure.carry_out_all()
    if Erasure.objects.standing().exists():
        assert erasure.carry_out_all() == 0  # it is believed to be in somebody's hands
        after(days=8, minutes=11)
        assert erasure.carry_out_all() == 1
    assert not User.objects.filter(pk=judith.account.pk).exists()
    after(days=9)
    letters.send_owed()
    assert where_is("xyjudith") - set(STAYS) == set()


def test_a_worker_that_is_to_end_goes_on_later(after):
    judith = left_everywhere("xyjudith", is_member=True)
    asked = erasure.ask(judith.account, "withdraw")
    erasure.confirm(asked)
    after(days=8)
    stopping.set()
    try:
        assert erasure.carry_out(asked) is False
    finally:
        stopping.clear()
    assert erasure.carry_out_all() == 1


def test_a_comment_that_is_written_while_its_writer_is_erased_is_erased_too(after, monkeypatch):
    judith = left_everywhere("xyjudith", is_member=True)
    asked = erasure.ask(judith.account, "detach")
    erasure.confirm(asked)
    after(days=8)
    real, late = traces.erase_mail, []

    def slip_one_in(theirs):
        real(theirs)
        if not late:
            late.append(factories.comment(judith.post, "xyjudith late", author=judith.account))

    monkeypatch.setattr(traces, "erase_mail", slip_one_in)
    assert erasure.carry_out_all() == 1
    late[0].refresh_from_db()
    assert (late[0].author_id, late[0].author_name) == (None, emptying.NOBODY)


@pytest.mark.django_db(transaction=True)
def test_two_workers_erase_once_and_a_submit_beside_them_leaves_nobody_behind(after, settings):
    factories.published_guidelines()
    post, account = factories.post(), factories.person()
    for _ in range(60):
        factories.comment(post, author=account)
    asked = erasure.ask(account, "withdraw")
    erasure.confirm(asked)
    after(days=8)
    drafts = [factories.draft(post, f"Late {n}.", viewer=factories.Viewer(account)) for n in range(4)]
    write = partial(list, map(submission.submit, drafts))
    *erased, written = at_once(erasure.carry_out_all, erasure.carry_out_all, write)
    assert sorted(erased) == [0, 1]
    assert isinstance(written, list | NotAllowed), written
    assert not User.objects.filter(pk=account.pk).exists()
    assert not Comment.objects.filter(author=account.pk).exists()
    assert not Comment.objects.filter(author_name=account.display_name).exists()


def test_a_mail_server_that_is_away_keeps_the_last_mail_for_later_and_not_for_ever(after, monkeypatch):
    asked = erasure.ask(factories.person(), "detach")
    monkeypatch.setattr("django.core.mail.EmailMessage.send", lambda self: (_ for _ in ()).throw(ConnectionError()))
    for attempt in range(len(letters.WAITS)):
        after(days=attempt + 1)
        assert letters.send_owed() == 0
    asked.refresh_from_db()
    assert asked.letter == ""
