"""Submit, edit and withdraw: the one way by which people's own words come in, change and go."""

from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone

from comments import care, guidelines, permissions, rendering, spam, status, tree, unsent
from comments.events import CommentEdited, CommentPublished, CommentSubmitted, publish
from comments.exceptions import AlreadyThere, CommentsError, Conflict, NotAllowed, Refused
from comments.models import Alias, Comment, Discussion, HouseRules, WatchedWords
from comments.spam import stamps
from comments.spam.opinion import Sample
from comments.viewers import Viewer
from posts.models import Post
from storied import rows
from storied.accounts.models import User

from . import aliases
from .case import Case, Reason, Verdict
from .draft import Draft
from .policies import decide, refuse_what_is_too_long
from .rewriting import rewrite

DOUBLE_CLICK = timedelta(minutes=2)


class ArticleGone(CommentsError):
    code = "article_gone"
    http_status = 404
    message = "This article has just been taken away. Your text is below, so that you can keep it."


def submit(draft: Draft) -> Comment:
    """Takes a draft in: the stored comment, published or held; a CommentsError where a house rule refuses.

    The same draft sent twice, even at once, gives the first comment again.
    """
    rules = HouseRules.current()
    refuse_what_is_too_long(draft, rules)
    age = _age_of_form(draft, rules.form_hours) if draft.channel == "form" else None
    html = rendering.body_html(draft.body, "markdown")
    opinion = _opinion(draft, rules, age)
    try:
        with transaction.atomic():
            # Before anything is locked that others hold who wait for a name.
            aliases.wait_for(draft)
            # Before the thread is locked: a save of the text that is on its way waits for that thread, too.
            _forget_what_is_sent(draft)
            parent = tree.lock_thread(draft.parent_id) if draft.parent_id is not None else None
            case = Case(draft, rules, _discussion_of(draft.post), opinion, parent, html)
            verdict = decide(case)
            if case.alias is not None:
                aliases.take(case.alias)
            comment = tree.insert(_new_comment(draft, html, verdict, case.alias), parent)
            if case.version is not None:
                guidelines.record(comment, case.version, draft.sentence, draft.channel, is_new=True)
            status.begin(comment, status.Why(rules=tuple(reason.stored() for reason in verdict.reasons)))
            publish(CommentSubmitted(comment, draft))
            if comment.is_approved:
                publish(CommentPublished(comment))
            return comment
    except (IntegrityError, CommentsError) as problem:
        # Sent twice? Then the first one stands, whatever the rules would say to a second.
        said_before = rows.first(Comment, "fingerprint = %s", [draft.fingerprint])
        if said_before is None and isinstance(problem, IntegrityError) and _is_closed(draft.author):
            raise NotAllowed("This account has just been closed.") from problem
        if said_before is None and isinstance(problem, IntegrityError) and not _is_there(draft.post):
            raise ArticleGone() from problem
        if said_before is None:
            raise
        said_before = _if_theirs(said_before, draft)
        _forget_what_is_sent(draft)
        return said_before


def edit(comment: Comment, draft: Draft, *, seen_revision: int, by_link: bool = False) -> Comment:
    """Replaces the text of one's own comment, by the same rules as a new one; the old text is kept as a revision.

    A published comment that the rules now doubt is held again; one that was declined or removed goes back to a
    moderator, whatever the rules say.
    """
    rules = HouseRules.current()
    refuse_what_is_too_long(draft, rules)
    html = rendering.body_html(draft.body, "markdown")
    opinion = _opinion(replace(draft, stamp=""), rules, None)
    with transaction.atomic():
        comment = tree.lock_thread_of(comment.pk)
        permissions.ensure(permissions.why_not_edit(draft.viewer, comment, rules, by_link=by_link))
        if comment.revision != seen_revision:
            raise Conflict("This comment was edited in another window. Your text is kept below.")
        if comment.body == draft.body:
            if comment.status in status.REFUSED:
                unchanged = "You have not changed anything yet. You could ask for a second look instead."
                raise Refused(unchanged, field="body")
            return comment
        case = Case(draft, rules, _discussion_of(draft.post), opinion, comment.parent, html, editing=comment)
        verdict = decide(case)
        reasons = [reason.stored() for reason in _grounds_of_edit(comment, verdict)]
        new = partial(rewrite, comment, draft.body, html, replaced_by=draft.author, reasons=reasons)
        try:
            with transaction.atomic():
                new(fingerprint=_free_fingerprint(draft, comment))
        except IntegrityError:
            # The same person has submitted just this, or edited another comment to it, at this very moment.
            new(fingerprint=None)
        if case.version is not None:
            guidelines.record(comment, case.version, draft.sentence, channel="edit")
        if comment.status in status.REFUSED:
            grounds = _grounds_of_edit(comment, verdict)
            comment = status.change_status(comment.pk, "resubmit", actor=comment.author, why=_because_of(grounds))
        elif comment.is_approved and verdict.status != Comment.Status.APPROVED:
            action = "mark_spam" if verdict.status == Comment.Status.SPAM else "hold"
            comment = status.change_status(comment.pk, action, why=_because_of((Reason("edited"), *verdict.reasons)))
        publish(CommentEdited(comment))
        return comment


def withdraw(comment: Comment, viewer: Viewer, *, by_link: bool = False) -> Comment:
    """Takes one's own comment back; its replies stay, under a placeholder."""
    if comment.status == Comment.Status.WITHDRAWN:
        return comment
    permissions.ensure(permissions.why_not_withdraw(viewer, comment, by_link=by_link))
    return status.change_status(comment.pk, "withdraw", actor=comment.author)


def _forget_what_is_sent(draft: Draft) -> None:
    """A member's text that was kept until now; what is sent by mail was not written in that box."""
    if draft.author is not None and draft.channel == "form":
        unsent.forget_what_was_sent(draft.author, draft.post.pk, draft.body, known=draft.built_on, page=draft.page)


def _grounds_of_edit(comment: Comment, verdict: Verdict) -> tuple[Reason, ...]:
    """What a moderator reads on the card: also that it was declined or removed before."""
    before = (Reason("resubmitted"),) if comment.status in status.REFUSED else ()
    return before + verdict.reasons


def _is_closed(account: Any) -> bool:
    return account is not None and not User.objects.filter(pk=account.pk, is_active=True).exists()


def _is_there(post: Any) -> bool:
    return Post.objects.filter(pk=post.pk).exists()


def _because_of(reasons: tuple[Reason, ...]) -> status.Why:
    return status.Why(rules=tuple(reason.stored() for reason in reasons))


def _if_theirs(comment: Comment, draft: Draft) -> Comment:
    """The comment, for whoever sent it before; AlreadyThere for somebody else who typed the same name and words.

    A double click sends twice before the first answer has made the browser known: the network tells, for two minutes.
    """
    just_now = timezone.now() - comment.created_at < DOUBLE_CLICK
    if draft.viewer.wrote(comment) or (just_now and draft.network and comment.network == draft.network):
        return comment
    raise AlreadyThere(comment)


def _age_of_form(draft: Draft, form_hours: int) -> float | None:
    age = stamps.age(draft.stamp, draft.post.pk)
    if age is None or (form_hours and age > form_hours * 3600):
        raise Refused(
            "This form has expired. Your text is kept below: please read it once more and submit it again.",
            code="form_expired",
        )
    return age


def _opinion(draft: Draft, rules: Any, age: float | None) -> spam.Opinion:
    sample = Sample(draft.body, draft.author_name, draft.url, draft.email, draft.honeypot, age)
    opinion = spam.check(sample, watched=WatchedWords.current(), min_seconds=rules.min_seconds)
    return replace(opinion, concern=concern) if (concern := care.look(draft.body)) else opinion


def _discussion_of(post: Any) -> Discussion:
    discussion = rows.first(Discussion, "post_id = %s", [post.pk]) or Discussion.objects.of(post)
    discussion.post = post
    return discussion


def _new_comment(draft: Draft, html: str, verdict: Verdict, alias: Alias | None) -> Comment:
    now = timezone.now()
    author = draft.author
    return Comment(
        post=draft.post,
        status=verdict.status,
        author=author,
        signed=Comment.Signature.NAME if alias is None else Comment.Signature.ALIAS,
        author_name=draft.author_name if alias is None else alias.name,
        author_email="" if author else draft.email,
        author_url="" if alias is not None else author.url if author else draft.url,
        guest_key="" if author else draft.viewer.guest_key,
        network=draft.network,
        body=draft.body,
        body_html=html,
        renderer_version=rendering.RENDERER_VERSION,
        created_at=now,
        published_at=now if verdict.status == Comment.Status.APPROVED else None,
        reasons=[reason.stored() for reason in verdict.reasons],
        fingerprint=draft.fingerprint,
    )


def _free_fingerprint(draft: Draft, comment: Comment) -> str | None:
    taken = Comment.objects.filter(fingerprint=draft.fingerprint).exclude(pk=comment.pk).exists()
    return None if taken else draft.fingerprint
