"""What stands under another name than its writer's: nothing that is shown, found or counted leads to the person."""

import pytest

from comments import discussion, moderation
from comments.models import Comment, Person, PersonNote, Restriction
from comments.moderation import filters, people, replies
from comments.moderation.suggestions import suggested
from comments.viewers import NOBODY, Viewer
from tests import factories
from tests.comments.reading import threads_html

pytestmark = pytest.mark.django_db

ALIAS, NOBODYS = Comment.Signature.ALIAS, Comment.Signature.NOBODY


@pytest.fixture
def host():
    return factories.person("Ann Miller")


@pytest.fixture
def post(host):
    return factories.post(host)


@pytest.fixture
def moderator():
    return Viewer(factories.person("Mod", role="moderator"))


def as_robin(post, author, **fields):
    return factories.comment(post, author=author, signed=ALIAS, author_name="Robin", **fields)


def page(post, viewer=NOBODY):
    return threads_html(discussion.load(post, viewer))


@pytest.mark.parametrize("signed", [ALIAS, NOBODYS])
def test_the_article_s_author_gets_the_mark_by_name_alone(post, host, signed):
    factories.comment(post, author=host, author_name="Robin", signed=signed)
    assert "Author</b>" not in page(post)
    assert "own/" in page(post, Viewer(host)), "and their own comment is theirs all the same"
    factories.comment(post, author=host)
    assert page(post).count("Author</b>") == 1


def test_what_was_removed_says_why_whatever_it_is_signed_by(post, host):
    removed = as_robin(post, host, status="removed", gone_note="by a moderator, for a reason")
    factories.comment(post, parent=removed)
    assert "removed by a moderator, for a reason." in page(post)


def test_the_person_s_page_knows_only_what_is_signed_by_name(post, moderator):
    member = factories.person("Judy")
    by_name = factories.comment(post, author=member)
    as_robin(post, member)
    record = people.record_of(Person(member.pk))
    assert record.statuses == {"approved": 1}
    assert record.names == []
    assert record.last_at == by_name.created_at
    found = people.find("Judy", moderator)[0]
    assert (found.comments, found.last_at) == (1, by_name.created_at)
    everything = moderation.comments_in("recent", moderator, filters.Wanted(person=Person(member.pk)))
    assert list(everything) == [by_name]


def test_moderators_find_it_by_its_own_name_and_by_no_address(post, moderator):
    member = factories.person("Judy")
    under_it = as_robin(post, member, status="pending")
    assert list(moderation.comments_in("pending", moderator, filters.Wanted(words="Robin"))) == [under_it]
    assert not moderation.comments_in("pending", moderator, filters.Wanted(words="Judy"))
    assert not moderation.comments_in("pending", moderator, filters.Wanted(words=member.email))


def test_a_shared_network_leads_neither_to_it_nor_from_it(post, moderator):
    member = factories.person()
    by_name = factories.comment(post, author=member, network="n" * 32)
    under_it = as_robin(post, member, network="n" * 32)
    by_network = {
        start.pk: list(moderation.comments_in("recent", moderator, filters.Wanted(network_of=start.pk)))
        for start in (by_name, under_it)
    }
    assert by_network == {by_name.pk: [by_name], under_it.pk: []}


def test_its_card_knows_the_person_in_rough_numbers_alone(post, moderator):
    member = factories.person()
    for _ in range(6):
        factories.comment(post, author=member)
    factories.restriction(member, Restriction.Kind.HOLD)
    PersonNote.objects.create(account=member, words="A note that names.", by=moderator.user)
    card, named = moderation.cards([as_robin(post, member), factories.comment(post, author=member)], moderator)
    assert card.record == {"approved": "several"}
    assert (card.person, card.notes, card.brief.notes, card.brief.restrictions) == (None, [], 0, [])
    assert named.record == {"approved": 8}
    assert named.notes


def test_no_note_is_kept_on_the_person_by_way_of_it(client, post, moderator):
    under_it = as_robin(post, factories.person())
    client.force_login(moderator.user)
    asked = {"one": f"note:{under_it.pk}", f"about_{under_it.pk}": "A mark to look for.", "queue": "pending"}
    client.post("/moderation/decide/", asked)
    assert not PersonNote.objects.exists()


def test_a_suggested_place_treats_it_as_somebody_else(post, host):
    earlier = factories.comment(post, author=host, author_name="Ann")
    factories.comment(post, author=host)
    said = as_robin(post, factories.person(), body="@Robin: yes.")
    mine = factories.comment(post, "@Robin: thank you.", author=said.author)
    assert suggested([mine])[mine.pk].under_id == said.pk, "one's own other name is another person's"
    assert suggested([earlier]) == {}


def test_the_host_s_other_name_waits_for_a_reply_as_anybody_does(post, host):
    under_it = as_robin(post, host, body="Long words. " * 60)
    factories.comment(post, "Long words. " * 60, author=host)
    assert list(replies.awaiting(Comment.objects.all())) == [under_it]
    factories.comment(post, author=host, parent=under_it)
    assert list(replies.awaiting(Comment.objects.all())) == []
