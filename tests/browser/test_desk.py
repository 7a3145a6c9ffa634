"""The desk in a browser: cleared by keyboard alone, cleared without JavaScript, and two moderators on one comment."""

import pytest

from comments import care, moderation
from comments.models import Comment, DeskClaim, ModerationLogEntry, PersonNote
from comments.viewers import Viewer
from tests import factories
from tests.everybody import faults

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

# Twenty comments, and what should become of each.
WANTED = {"approved": 8, "rejected": 5, "spam": 4, "moved": 2, "replied": 1}


@pytest.fixture
def post():
    factories.published_guidelines("Be kind", "Speak for yourself", "No methods")
    return factories.post(factories.person("Host", "owner"))


@pytest.fixture
def twenty(post):
    """Mixed: guests and members, first comments and doubtful ones, two misplaced replies, one that may be heavy."""
    factories.comment(post, "The kettle was hers.", author_name="Ann")
    reasons = {
        "approved": "newcomer", "rejected": "flagged", "spam": "links", "moved": "newcomer", "replied": "newcomer",
    }  # fmt: skip
    made = {}
    for fate, number in WANTED.items():
        for index in range(number):
            text = f"Hi Ann, {fate} {index}." if fate == "moved" else f"Please be {fate}, {index}."
            code = "care" if (fate, index) == ("approved", 0) else reasons[fate]
            comment = factories.comment(
                post, text, status="pending", author=factories.person() if index % 3 == 2 else None,
                reasons=[{"code": code, "detail": ""}], guest_key=factories.guest().guest_key,
            )  # fmt: skip
            made[comment.pk] = fate
    return made


def fate_of(page, selector, twenty):
    return twenty[int(page.locator(selector).first.get_attribute("data-number"))]


def assert_all_is_as_wanted(twenty):
    states = {pk: Comment.objects.get(pk=pk) for pk in twenty}
    for pk, fate in twenty.items():
        expected = {"moved": "approved", "replied": "approved"}.get(fate, fate)
        assert states[pk].status == expected, fate
        assert (states[pk].parent_id is not None) is (fate == "moved")
    clauses = ModerationLogEntry.objects.filter(action="reject").values_list("clause", flat=True)
    assert list(clauses) == ["speak-for-yourself"] * WANTED["rejected"]


def test_twenty_mixed_comments_are_cleared_by_keyboard_alone(page, log_in, post, twenty):
    log_in(page, post.author)
    page.goto("/moderation/pending/")
    page.keyboard.press("j")
    moved = set()
    for left in range(20, 0, -1):
        card = page.locator("[data-card][data-here]")
        assert card.count() == 1, f"{left} left"
        number = int(card.get_attribute("data-number"))
        fate = twenty[number]
        assert page.evaluate("document.activeElement.matches('[data-here]')")
        if fate == "moved" and number not in moved:
            with page.expect_navigation():
                page.keyboard.press("m")
            moved.add(number)
            page.locator(f"[data-number='{number}'][data-here]").wait_for()
        if fate == "rejected":
            page.keyboard.press("r")
            page.keyboard.press("2")
            key = "Enter"
        else:
            key = {"spam": "s", "replied": "p"}.get(fate, "a")
        with page.expect_navigation():
            page.keyboard.press(key)
        if fate == "replied":
            # Where the answer is written: back to the rest.
            page.get_by_text("Reply to").first.wait_for()
            page.goto("/moderation/pending/")
            page.keyboard.press("j")
    assert page.get_by_text("Nobody is waiting.").is_visible()
    assert_all_is_as_wanted(twenty)


def test_twenty_mixed_comments_are_cleared_without_javascript(page_without_javascript, log_in, post, twenty):
    page = page_without_javascript
    log_in(page, post.author)
    page.goto("/moderation/pending/")
    moved = set()
    while page.locator("[data-card]").count():
        card = page.locator("[data-card]").first
        number = int(card.get_attribute("data-number"))
        fate = twenty[number]
        if fate == "moved" and number not in moved:
            card.get_by_role("button", name="Move it under Ann").click()
            moved.add(number)
            continue
        if fate == "rejected":
            card.get_by_text("Decline…").click()
            card.get_by_label("Clause of the guidelines").select_option(label="2. Speak for yourself")
            card.get_by_role("button", name="Decline", exact=True).click()
        elif fate == "replied":
            card.get_by_role("button", name="Publish and reply").click()
            page.goto("/moderation/pending/")
        else:
            card.get_by_role("button", name="Spam" if fate == "spam" else "Approve", exact=True).click()
    assert page.get_by_text("Nobody is waiting.").is_visible()
    assert_all_is_as_wanted(twenty)


@pytest.mark.parametrize("javascript", [True, False])
def test_two_moderators_meet_on_one_comment_and_both_learn_the_truth(open_page, log_in, post, javascript):
    comment = factories.comment(post, "Doubtful.", status="pending", author_name="Ed")
    first, second = (open_page(java_script_enabled=javascript) for _ in range(2))
    log_in(first, factories.person("Ada", "moderator"))
    log_in(second, factories.person("Bo", "moderator"))
    # The first says that she looks at it; the second sees it, and decides all the same.
    first.goto("/moderation/pending/")
    first.get_by_text("More…").click()
    first.get_by_role("button", name="Tell the others that I look at it").click()
    assert first.get_by_text("You look at it", exact=True).is_visible()
    second.goto("/moderation/pending/")
    assert second.get_by_text("Ada looks at it").is_visible()
    first.get_by_text("Decline…").click()
    first.get_by_label("Clause of the guidelines").first.select_option(label="1. Be kind")
    first.get_by_role("button", name="Decline", exact=True).click()
    assert first.get_by_text("1 comment declined").is_visible()
    second.get_by_role("button", name="Approve", exact=True).click()
    said = second.locator(".messages").inner_text()
    assert "Somebody was first" in said
    assert "by Ada (clause be-kind)" in said
    assert Comment.objects.get(pk=comment.pk).status == "rejected"
    # And the first learns what the second then does, with words.
    second.goto(f"/moderation/comment/{comment.pk}/")
    second.get_by_text("Publish after all…").click()
    second.get_by_label("Why you decide otherwise").fill("It is meant well.")
    second.get_by_role("button", name="Publish after all").click()
    first.get_by_role("button", name="Undo").click()
    assert "“published” now, by Bo" in first.locator(".messages").inner_text()
    assert Comment.objects.get(pk=comment.pk).status == "approved"


def test_many_are_chosen_by_keyboard_counted_decided_and_put_back(page, log_in, post):
    for _ in range(5):
        factories.comment(post, status="pending")
    log_in(page, post.author)
    page.goto("/moderation/pending/")
    for key in "jxjxjx":
        page.keyboard.press(key)
    assert page.locator("[data-how-many]").inner_text() == "3"
    with page.expect_navigation():
        page.keyboard.press("Shift+S")
    assert page.get_by_role("heading", name="Mark as spam 3 comments?").is_visible()
    assert Comment.objects.spam().count() == 0
    with page.expect_navigation():
        page.keyboard.press("Enter")
    assert page.get_by_text("3 comments marked as spam").is_visible()
    assert Comment.objects.spam().count() == 3
    assert ModerationLogEntry.objects.filter(comment=None, action="mark_spam", count=3).count() == 1
    with page.expect_navigation():
        page.keyboard.press("u")
    assert Comment.objects.pending().count() == 5


def test_keys_rest_while_one_types_and_can_be_switched_off(page, log_in, post):
    guest = factories.guest()
    comment = factories.comment(post, status="pending", guest_key=guest.guest_key)
    log_in(page, post.author)
    page.goto("/moderation/pending/")
    page.keyboard.press("j")
    page.keyboard.press("n")
    page.keyboard.type("a kind person, as far as I can see")
    assert Comment.objects.get(pk=comment.pk).status == "pending"
    with page.expect_navigation():
        page.get_by_role("button", name="Keep the note").click()
    assert PersonNote.objects.get().words == "a kind person, as far as I can see"
    assert page.get_by_text("a kind person").is_visible()
    page.keyboard.press("?")
    assert page.get_by_role("dialog").is_visible()
    page.keyboard.press("a")
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Switch keys off").click()
    page.reload()
    page.locator("[data-card]").focus()
    for key in "ja":
        page.keyboard.press(key)
    page.wait_for_timeout(300)
    assert Comment.objects.get(pk=comment.pk).status == "pending"
    page.get_by_role("button", name="Switch keys on").click()
    page.keyboard.press("j")
    with page.expect_navigation():
        page.keyboard.press("a")
    assert Comment.objects.get(pk=comment.pk).is_approved


def test_words_that_are_typed_where_there_is_no_place_for_them_decide_nothing(page, log_in, post):
    # As imported ones are: nobody knows who wrote it, so there is no place for a note.
    unknown = factories.comment(post, status="pending", guest_key="")
    log_in(page, post.author)
    page.goto("/moderation/pending/")
    page.keyboard.press("j")
    page.keyboard.press("n")
    page.keyboard.type("as she said")
    assert page.locator(f"[data-number='{unknown.pk}'][data-here]").is_visible()
    page.keyboard.press("Tab")
    assert Comment.objects.get(pk=unknown.pk).status == "pending"
    assert not ModerationLogEntry.objects.decisions().exists()


def test_who_opens_the_way_to_a_refusal_is_seen_by_the_others(page, log_in, post):
    comment = factories.comment(post, status="pending")
    log_in(page, post.author)
    page.goto("/moderation/pending/")
    with page.expect_response("**/moderation/looking/"):
        page.get_by_text("Decline…").click()
    assert DeskClaim.objects.get().comment == comment


@pytest.mark.parametrize("width", [320, 1280])
def test_the_desk_can_be_used_by_everybody(open_page, log_in, post, twenty, width):
    moderator = Viewer(factories.person("Ada", "moderator"))
    numbers = list(twenty)
    moderation.claim(numbers[1], moderator)
    moderation.decide(numbers[0], "approve", moderator)
    moderation.decide_all(numbers[2:6], "reject", moderator, clause="be-kind", reason="Please write it otherwise.")
    asked = Comment.objects.get(pk=numbers[2])
    moderation.appeal(asked, Viewer(), "Please look again.", by_link=True)
    moderation.flag(numbers[0], factories.guest(), reporter_key="x", reason="be-kind", words="w" * 200)
    care.open_by_hand(numbers[7], moderator, words="Please look.")
    names = ["pending", "reported", "awaiting", "spam", "decided", "recent", "care", "appeals"]
    addresses = [f"/moderation/{name}/" for name in names]
    addresses += ["/moderation/pending/?view=short&q=please&age=day", f"/moderation/comment/{numbers[1]}/"]
    page = open_page(viewport={"width": width, "height": 800}, bypass_csp=True)
    log_in(page, post.author)
    found = []
    for address in addresses:
        page.goto(address)
        page.evaluate("for (const details of document.querySelectorAll('main details')) details.open = true")
        found += faults(page, address)
    assert found == []
