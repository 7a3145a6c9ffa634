"""Who agreed to what: asked before a comment is taken in, kept with it."""

from datetime import datetime

from django.db import connection, transaction
from django.utils import timezone

from comments.exceptions import GuidelinesChanged, Refused
from comments.models import Comment, EarlierAcceptance, GuidelineAcceptance, GuidelineVersion
from comments.viewers import NOBODY, Viewer
from storied import rows
from storied.front import SITE, Memo

from .differences import Difference, between
from .published import current, version_with_clauses, versions

# The words under the form; what was shown is stored with each comment.
SENTENCE = "By clicking the Submit button below you agree to follow the Commenting Guidelines"
CHECKBOX_SENTENCE = "I agree to follow the Commenting Guidelines"

# Who is known to have agreed to the newest material version; whoever has not is never kept here.
_up_to_date = Memo(most=10_000)


class Owed:
    """What a writer has to be shown before the next submit: how the guidelines changed since what they agreed to."""

    def __init__(self, since: int) -> None:
        self.since = since
        self.version = current()
        self.difference: Difference = between(version_with_clauses(since), self.version)
        self.versions: list[GuidelineVersion] = [v for v in reversed(versions()) if v.number > since and v.is_material]


def require_current(
    shown: int | None, agreed: bool, *, writer: Viewer = NOBODY, changes_seen: int | None = None
) -> GuidelineVersion | None:
    """The version that was shown and agreed to, if it binds still; GuidelinesChanged or Refused otherwise.

    A change of words that is not material interrupts nobody: then it is the version that stood beside the form.
    `changes_seen` is the version up to which this writer was shown, word by word, what has changed.
    """
    version = current()
    if version is None:
        return None
    if shown is None or not 1 <= shown <= version.number:
        raise GuidelinesChanged(field="guidelines_version")
    since = _owed_since(version, shown, writer, changes_seen)
    if since is not None:
        raise GuidelinesChanged("" if shown < version.newest_material else _WHILE_AWAY, field="guidelines_version")
    if not agreed:
        raise Refused("Please tick that you agree to the Commenting Guidelines.", code="not_agreed", field="agree")
    return version if shown == version.number else version_with_clauses(shown)


_WHILE_AWAY = (
    "The Commenting Guidelines have changed since you last wrote here. Your text is kept. "
    "Please look at what has changed and submit again."
)


def owed(shown: int | None, writer: Viewer, changes_seen: int | None = None) -> Owed | None:
    """What has to be shown to this writer, whose form stood beside version `shown`; None if nothing has."""
    version = current()
    if version is None or shown is None or not 1 <= shown <= version.number:
        return None
    since = _owed_since(version, shown, writer, changes_seen)
    return None if since is None else Owed(since)


def _owed_since(version: GuidelineVersion, shown: int, writer: Viewer, changes_seen: int | None) -> int | None:
    material = version.newest_material
    if material <= 1 or (shown >= material and material <= (changes_seen or 0) <= version.number):
        return None
    if shown >= material:
        try:
            _up_to_date.get((_key(writer), material), (SITE,), lambda: _look(writer, material))
        except _Behind as behind:
            return behind.agreed_to
        return None
    return min(shown, last_agreed(writer) or shown)


class _Behind(Exception):
    """Raised rather than returned, so that it is not kept: the next moment it may no longer be true."""

    def __init__(self, agreed_to: int) -> None:
        self.agreed_to = agreed_to


def _look(writer: Viewer, material: int) -> bool:
    agreed_to = last_agreed(writer)
    if agreed_to is not None and agreed_to < material:
        raise _Behind(agreed_to)
    return True


def _key(writer: Viewer) -> str:
    return f"account {writer.user.pk}" if writer.is_member else f"guest {writer.guest_key}"


def last_agreed(writer: Viewer) -> int | None:
    """The version to which the newest comment of an account, or of a guest's browser, agreed; None if there is none."""
    if not writer.is_known:
        return None
    theirs = GuidelineAcceptance.objects.filter(comment__author=writer.user if writer.is_member else None)
    if not writer.is_member:
        theirs = theirs.filter(comment__guest_key=writer.guest_key)
    return theirs.order_by("-comment__created_at").values_list("version__number", flat=True).first()


# Put together by hand: it stands in the transaction in which writers wait for each other.
_INSERT = (
    "INSERT INTO comments_guidelineacceptance (comment_id, version_id, sentence, channel, accepted_at) "
    "VALUES (%s, %s, %s, %s, %s)"
)


def record(
    comment: Comment, version: GuidelineVersion, sentence: str, channel: str = "form", *, is_new: bool = False
) -> None:
    """Keeps that the comment's author agreed to this version, by which words, now.

    With an edit the author agrees anew; what they agreed to before is kept beside it. `is_new`: the comment has just
    been stored, and nothing is there yet.
    """
    now = timezone.now()
    if is_new or not _renew(comment, version, sentence, channel, now):
        at = connection.ops.adapt_datetimefield_value(now)
        rows.execute(_INSERT, [comment.pk, version.pk, sentence, channel, at])


def _renew(comment: Comment, version: GuidelineVersion, sentence: str, channel: str, now: datetime) -> bool:
    """Keeps a copy of the acceptance there is and writes the new one over it; False if there is none."""
    present = GuidelineAcceptance.objects.filter(comment=comment)
    before = present.values("comment_id", "version_id", "sentence", "channel", "accepted_at").first()
    if before is None:
        return False
    with transaction.atomic():
        EarlierAcceptance.objects.create(**before)
        # The database lets this pass, because the copy is there.
        present.update(version=version, sentence=sentence, channel=channel, accepted_at=now)
    return True


def earlier(comment: Comment) -> list[EarlierAcceptance]:
    """What the author had agreed to with earlier wordings of a comment, the first first."""
    return list(EarlierAcceptance.objects.filter(comment=comment).select_related("version"))
