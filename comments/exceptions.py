"""Refusals: said in words to whoever asked, the same through every door."""


class CommentsError(Exception):
    """Something that cannot be done, and why. `message` is for the reader of a page."""

    code = "refused"
    http_status = 400
    message = "This cannot be done."

    def __init__(self, message: str = "", *, code: str = "", field: str = "") -> None:
        self.message = message or self.message
        self.code = code or self.code
        self.field = field  # the form's field that caused it, if one did
        super().__init__(self.message)


class NotAllowed(CommentsError):
    code = "not_allowed"
    http_status = 403
    message = "You cannot do this."


class Refused(CommentsError):
    """A house rule does not take this text."""

    code = "refused"
    http_status = 422


class TooMany(CommentsError):
    """Too much in too short a time; `retry_after` is in seconds."""

    code = "too_many"
    http_status = 429

    def __init__(self, message: str, *, retry_after: int) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class GuidelinesChanged(CommentsError):
    """The guidelines that were shown are not the present ones."""

    code = "guidelines_changed"
    http_status = 409
    message = (
        "The Commenting Guidelines have changed since you opened this page. Your text is kept. "
        "Please look at what has changed and submit again."
    )


class Conflict(CommentsError):
    """Somebody was first: the comment is no longer what was shown."""

    code = "conflict"
    http_status = 409


class Gone(CommentsError):
    """Between the look and the deed it was deleted: with its article, or as spam whose time was over."""

    code = "gone"
    http_status = 404
    message = "This comment no longer exists."


class AlreadyThere(CommentsError):
    """The very same comment stands already; `comment` is that one."""

    code = "duplicate"
    http_status = 409
    message = "Just this has been said here already, under this name."

    def __init__(self, comment: object) -> None:
        super().__init__()
        self.comment = comment
