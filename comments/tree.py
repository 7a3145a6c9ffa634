"""The place of each comment: insert, move, number, check, mend.

Every root has a tree of its own, so that a reply shifts numbers only in its own thread. A tree's number is made of
the time of its root and of chance, never of `max + 1`: two first comments at once cannot share one (where they would,
the database says so and another is drawn), and reading order is the order of the numbers. Inside a tree they are
spaced (`numbering`). Parent links are the truth; the intervals beside them are an index of it.
"""

import secrets
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import connection, transaction

from storied import rows
from storied.front import discussion_changes, site_changes
from storied.turns import Overtaken, once_more

from .exceptions import CommentsError, Gone
from .models import Comment
from .models.comment import CommentQuerySet
from .numbering import TOP, in_order, room, whole_tree

_CHANCE_BITS = 20  # beside 43 bits of milliseconds: 63 bits in all, enough until the year 2248
_BATCH = 1_000
_MANY_POSTS = 50  # of more than these nobody says one by one that they have changed


class WouldBeACircle(CommentsError):
    code = "circle"
    http_status = 409
    message = "A comment cannot be moved under itself or under one of its own replies."


class OtherDiscussion(CommentsError):
    code = "other_discussion"
    http_status = 409
    message = "A comment cannot be moved to the discussion of another article."


def new_number(at: datetime) -> int:
    """A number for a tree whose root was written at that time; another's may have it, about once in a million."""
    return (int(at.timestamp() * 1000) << _CHANCE_BITS) | secrets.randbits(_CHANCE_BITS)


def _free_number(at: datetime) -> int:
    """The same, for a tree that is made of comments which are stored already: no other has it now."""
    while True:
        number = new_number(at)
        if not Comment.objects.filter(tree_id=number).exists():
            return number


def lock_thread(comment_id: int) -> Comment | None:
    """The comment as it is now, its whole thread locked against other writers until the transaction ends.

    Overtaken where it was moved to another thread while this waited.
    On SQLite the transaction itself holds the only write lock; there is no other.
    """
    _inside_transaction()
    if not connection.features.has_select_for_update:
        return rows.first(Comment, "id = %s", [comment_id])
    found = rows.fetch(_LOCK_ROOT_OF, [comment_id])
    comment = rows.first(Comment, "id = %s", [comment_id], lock=True)
    if comment is not None and found != [(comment.tree_id,)]:
        raise Overtaken("It was moved to another thread while this one waited.")
    return comment


def lock_thread_of(comment_id: int) -> Comment:
    """The same for a comment that has to be there; Gone where it is no more."""
    comment = lock_thread(comment_id)
    if comment is None:
        raise Gone()
    return comment


_LOCK_ROOT_OF = (
    "SELECT tree_id FROM comments_comment WHERE parent_id IS NULL "
    "AND tree_id = (SELECT tree_id FROM comments_comment WHERE id = %s) FOR NO KEY UPDATE"
)


def insert(comment: Comment, parent: Comment | None) -> Comment:
    """Stores a new comment at its place; the parent must come from `lock_thread`."""
    _inside_transaction()
    comment.parent = parent
    if parent is not None:
        comment.tree_id, comment.level = parent.tree_id, parent.level + 1
        comment.lft, comment.rght = room(parent.tree_id, parent.rght, 2)
        return rows.insert(comment)
    comment.level, comment.lft, comment.rght = 0, 1, TOP
    comment.tree_id = new_number(comment.created_at)
    while not rows.insert_unless(comment, _ANOTHER_ROOT):
        comment.tree_id = new_number(comment.created_at)
    return comment


_ANOTHER_ROOT = "(tree_id) WHERE parent_id IS NULL"


def move(comment_id: int, parent_id: int | None) -> Comment:
    """Puts a comment with all its replies under another parent, or, with None, at the top level."""
    with transaction.atomic():
        comment, parent = lock_both(comment_id, parent_id)
        discussion_changes(comment.post_id)
        if comment.parent_id == parent_id:
            return comment
        if parent is not None and parent.post_id != comment.post_id:
            raise OtherDiscussion()
        if parent is not None and parent.tree_id == comment.tree_id and comment.lft <= parent.lft <= comment.rght:
            raise WouldBeACircle()
        branch = list(branch_of(comment).values_list("pk", "lft", "rght", "level"))
        # Out of the way first: it must not be among those that make room for it, nor a second root in another's tree.
        tree_id = _free_number(comment.created_at)
        branch_of(comment).update(tree_id=tree_id)
        Comment.objects.filter(pk=comment.pk).update(parent=parent)
        if parent is None:
            numbers, level = whole_tree(2 * len(branch)), 0
        else:
            tree_id, level = parent.tree_id, parent.level + 1
            numbers = room(tree_id, _edge_after(comment, parent), 2 * len(branch))
        places = [[0, 0] for _ in branch]
        for (place, side), number in zip(in_order([row[1:3] for row in branch]), numbers, strict=True):
            places[place][side] = number
        deeper = level - comment.level
        with connection.cursor() as cursor:
            cursor.executemany(
                "UPDATE comments_comment SET tree_id = %s, lft = %s, rght = %s, level = %s WHERE id = %s",
                [(tree_id, *both, old + deeper, pk) for (pk, _l, _r, old), both in zip(branch, places, strict=True)],
            )
        comment.refresh_from_db()
        return comment


def branch_of(comment: Comment) -> CommentQuerySet:
    """A comment with all that stands below it."""
    return Comment.objects.filter(tree_id=comment.tree_id, lft__gte=comment.lft, lft__lt=comment.rght)


def _edge_after(comment: Comment, parent: Comment) -> int:
    """The number before which a moved comment belongs: among its siblings by its time."""
    younger = parent.replies.filter(created_at__gt=comment.created_at).exclude(pk=comment.pk)
    sibling = younger.order_by("lft").first()
    return parent.rght if sibling is None else sibling.lft


def insert_many(comments: Sequence[Comment]) -> None:
    """Stores comments whose `parent` is set and stands before them in the sequence: whole new threads at once."""
    _inside_transaction()
    posts = {comment.post_id for comment in comments}
    if len(posts) > _MANY_POSTS:
        site_changes()
    else:
        for post_id in posts:
            discussion_changes(post_id)
    rows.give_keys(Comment, comments)
    rows.insert_many(Comment, _in_place(comments))


def _in_place(comments: Sequence[Comment]) -> Iterator[Comment]:
    """New comments, thread by thread, each with its place in its tree."""
    replies: dict[int, list[int]] = {}
    place = {id(comment): position for position, comment in enumerate(comments)}
    roots = []
    for position, comment in enumerate(comments):
        if comment.parent is None:
            roots.append(position)
        else:
            replies.setdefault(place[id(comment.parent)], []).append(position)
    last: dict[int, int] = {}  # the last number given, by post: equal times keep the sequence's order
    for root in roots:
        comment = comments[root]
        tree_id = new_number(comment.created_at)
        before = last.get(comment.post_id, 0)
        if tree_id <= before and tree_id >> _CHANCE_BITS == before >> _CHANCE_BITS:
            tree_id = before + 1
        last[comment.post_id] = tree_id
        for position, numbers in _numbered(root, replies):
            comment = comments[position]
            comment.tree_id = tree_id
            comment.lft, comment.rght, comment.level = numbers
            comment.parent_id = comment.parent.id if comment.parent is not None else None
            yield comment


def _numbered(root: int, replies: dict[int, list[int]]) -> Iterator[tuple[int, tuple[int, int, int]]]:
    """(node, (left, right, level)) for the tree below `root`; without recursion, since imports bring any depth."""
    edges: list[tuple[int, int]] = []  # (node, level) where it begins and once more where it ends
    left: dict[int, int] = {}
    right: dict[int, int] = {}
    stack = [(root, 0, iter(replies.get(root, ())))]
    left[root] = 0
    edges.append((root, 0))
    while stack:
        node, level, rest = stack[-1]
        child = next(rest, None)
        if child is None:
            stack.pop()
            right[node] = len(edges)
            edges.append((node, level))
        else:
            left[child] = len(edges)
            edges.append((child, level + 1))
            stack.append((child, level + 1, iter(replies.get(child, ()))))
    numbers = whole_tree(len(edges))
    for place, (node, level) in enumerate(edges):
        if left[node] == place:
            yield node, (numbers[place], numbers[right[node]], level)


@dataclass(frozen=True)
class Fault:
    """Something wrong with one tree."""

    tree_id: int
    comment_id: int
    what: str


def check(post_id: int | None = None) -> Iterator[Fault]:
    """What is wrong with the trees of one post, or of all: one query, in reading order."""
    ordered = Comment.objects.order_by("tree_id", "lft", "pk")
    if post_id is not None:
        ordered = ordered.filter(post=post_id)
    names = ("pk", "parent_id", "post_id", "tree_id", "lft", "rght", "level")
    above: list[tuple[int, int, int]] = []  # (pk, right, post) from the root down to the last one read
    tree = highest = None
    for pk, parent_id, post, tree_id, lft, rght, level in ordered.values_list(*names).iterator(chunk_size=5_000):
        if tree_id != tree:
            tree, highest, above = tree_id, 0, []
            if parent_id is not None or lft != 1:
                yield Fault(tree_id, pk, "the tree does not begin with its root")
        elif parent_id is None:
            yield Fault(tree_id, pk, "a second root in the tree")
        while above and above[-1][1] < lft:
            highest = above.pop()[1]
        if above:
            nearest, right, its_post = above[-1]
            if parent_id != nearest:
                yield Fault(tree_id, pk, f"its parent is {parent_id}, but it stands under {nearest}")
            if rght >= right:
                yield Fault(tree_id, pk, "its interval reaches beyond its parent's")
            if post != its_post:
                yield Fault(tree_id, pk, "it belongs to another article than its parent")
        if lft <= highest:
            yield Fault(tree_id, pk, "it overlaps with the one before it")
        if level != len(above):
            yield Fault(tree_id, pk, f"its depth is {len(above)}, but {level} is stored")
        if rght <= lft:
            yield Fault(tree_id, pk, "its interval is empty")
        highest = lft
        above.append((pk, rght, post))


@once_more
def mend(post_id: int) -> int:
    """Numbers the bent trees of a post anew from the parent links; the number of comments whose numbers changed."""
    with transaction.atomic():
        _lock_roots(Comment.objects.filter(post=post_id, parent=None).values_list("tree_id", flat=True))
        bent = {fault.tree_id for fault in check(post_id)}
        comments = {c.pk: c for c in Comment.objects.filter(post=post_id).only(*_PLACE, "parent_id", "created_at")}
        replies: dict[int, list[int]] = {}
        for pk, comment in sorted(comments.items(), key=lambda pair: (pair[1].lft, pair[1].created_at, pair[0])):
            if comment.parent_id is not None:
                replies.setdefault(comment.parent_id, []).append(pk)
        changed = []
        seen: set[int] = set()
        for root in [c for c in comments.values() if c.parent_id is None]:
            tree_id = root.tree_id if root.tree_id not in seen else _free_number(root.created_at)
            seen.add(tree_id)
            places = dict(_numbered(root.pk, replies))
            if tree_id == root.tree_id and not any(comments[pk].tree_id in bent for pk in places):
                continue
            for pk, (lft, rght, level) in places.items():
                comment = comments[pk]
                if (comment.tree_id, comment.lft, comment.rght, comment.level) != (tree_id, lft, rght, level):
                    comment.tree_id, comment.lft, comment.rght, comment.level = tree_id, lft, rght, level
                    changed.append(comment)
        discussion_changes(post_id)
        Comment.objects.bulk_update(changed, _PLACE, batch_size=_BATCH)
        return len(changed)


_PLACE = ["tree_id", "lft", "rght", "level"]


def lock_both(comment_id: int, parent_id: int | None) -> tuple[Comment, Comment | None]:
    """Both comments as they are now, their threads locked in the order of their numbers: nobody waits in a ring.

    Overtaken where one was moved to another thread while this waited.
    """
    _inside_transaction()
    wanted = [pk for pk in (comment_id, parent_id) if pk is not None]
    trees = dict(Comment.objects.filter(pk__in=wanted).values_list("pk", "tree_id"))
    _lock_roots(sorted(set(trees.values())))
    locked = {
        c.pk: c
        for c in Comment.objects.select_for_update(of=("self",), no_key=True).filter(pk__in=wanted).order_by("pk")
    }
    if len(locked) != len(set(wanted)):
        raise Gone()
    if {pk: comment.tree_id for pk, comment in locked.items()} != trees:
        raise Overtaken("One of them was moved to another thread while this one waited.")
    return locked[comment_id], locked[parent_id] if parent_id is not None else None


def _lock_roots(tree_ids: Iterable[int]) -> None:
    if connection.features.has_select_for_update:
        roots = Comment.objects.filter(tree_id__in=list(tree_ids), parent=None).order_by("tree_id")
        list(roots.select_for_update(of=("self",), no_key=True).values_list("pk", flat=True))


def _inside_transaction() -> None:
    if not connection.in_atomic_block:
        raise RuntimeError("The tree changes only inside a transaction.")
