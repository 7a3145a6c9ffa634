"""The pages of a discussion: where each begins, and on which one a comment stands.

They are cut along what was ever public, so that a removal moves nothing to another page; a page begins with a whole
thread, and only a thread longer than a page is cut.
"""

from typing import Any

from django.db.models import Exists, OuterRef, Q

from storied import rows

from .models import Comment, Discussion, HouseRules

# Where a comment stands in its discussion: its tree, and its left edge there.
Key = tuple[int, int]

# Of this module's statements, and of those that read such a page.
PUBLIC = "published_at IS NOT NULL AND kind = 'comment'"
ORDER = "ORDER BY tree_id, lft"


def fits_on_a_page(post: Any) -> bool:
    """Whether a discussion surely has no second page, as far as was read of it (else one query)."""
    found = post.discussion if type(post).discussion.is_cached(post) else stored(post.pk)
    # One more may have come since it was read.
    return found is None or found.public_count < HouseRules.current().page_size


def page_of(comment: Comment) -> int:
    """The number of the page that this comment stands on."""
    size = HouseRules.current().page_size
    discussion = stored(comment.post_id)
    if discussion is None or discussion.public_count <= size:
        return 1
    before = public(comment.post_id).filter(
        Q(tree_id__lt=comment.tree_id) | Q(tree_id=comment.tree_id, lft__lt=comment.lft)
    )
    number = before.count() // size + 1
    while number > 1:
        found = bounds(discussion, size, number)
        if found is not None and found[0] is not None and found[0] <= (comment.tree_id, comment.lft):
            break
        number -= 1
    return number


def stored(post_id: int) -> Discussion | None:
    return rows.first(Discussion, "post_id = %s", [post_id])


def public(post: Any) -> Any:
    """What was ever public: pages are cut along these, so that a removal moves nothing to another page."""
    return Comment.objects.filter(post=post, published_at__isnull=False, kind=Comment.Kind.COMMENT)


def bounds(discussion: Discussion, size: int, number: int) -> tuple[Key | None, Key | None, int] | None:
    """Where a page begins and where the next one does (None: nowhere), and the number of the last page.

    A page begins with the thread that begins at or after its share of the comments; only a thread longer than a page
    is cut, at the comment itself.
    """
    last = max(1, -(-discussion.public_count // size))
    if last > 1 and _start(discussion, size, last) is None:
        last -= 1
    if not 1 <= number <= last:
        return None
    start = _start(discussion, size, number) if number > 1 else None
    end = _start(discussion, size, number + 1) if number < last else None
    return start, end, last


def _start(discussion: Discussion, size: int, number: int) -> Key | None:
    post_id, place = discussion.pk, (number - 1) * size
    ordered = f"SELECT tree_id, lft, level FROM comments_comment WHERE post_id = %s AND {PUBLIC}"  # noqa: S608
    order, steps = ORDER, place
    if place > discussion.public_count // 2:
        # From the end it is not as far.
        order, steps = "ORDER BY tree_id DESC, lft DESC", discussion.public_count - 1 - place
    found = _first(f"{ordered} {order} LIMIT 1 OFFSET %s", [post_id, steps]) if steps >= 0 else None
    if found is None:
        return None
    tree_id, lft, level = found
    if level == 0:
        return tree_id, lft
    length = _first(
        f"SELECT COUNT(*) FROM comments_comment WHERE post_id = %s AND tree_id = %s AND {PUBLIC}",  # noqa: S608
        [post_id, tree_id],
    )
    if length[0] > size:
        return tree_id, lft
    following = _first(f"{ordered} AND tree_id > %s {ORDER} LIMIT 1", [post_id, tree_id])
    return following[:2] if following else None


def _first(query: str, parameters: list[Any]) -> tuple[Any, ...] | None:
    return next(iter(rows.fetch(query, parameters)), None)


def shown_roots_before(discussion: Discussion, start: Key) -> int:
    """How many top-level comments the earlier pages show."""
    until = start[0] + (1 if start[1] > 1 else 0)
    where = f"post_id = %s AND tree_id < %s AND {PUBLIC}"
    roots = f"SELECT COUNT(*) FROM comments_comment WHERE {where} AND level = 0"  # noqa: S608
    number = _first(roots, [discussion.pk, until])[0]
    if discussion.public_count > discussion.comment_count:
        # Those that were taken away and under which nothing is to be read do not stand there.
        approved_below = Comment.objects.filter(
            tree_id=OuterRef("tree_id"), status=Comment.Status.APPROVED, parent__isnull=False
        )
        gone = public(discussion.pk).filter(parent=None, tree_id__lt=until).exclude(status=Comment.Status.APPROVED)
        number -= gone.filter(~Exists(approved_below)).count()
    return number
