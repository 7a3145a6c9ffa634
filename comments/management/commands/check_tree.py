"""Verifies the trees and the counts of all discussions, and mends them."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from comments import status, tree
from comments.models import Comment

SHOWN = 20  # faults printed in full


class Command(BaseCommand):
    help = (
        "Verifies every discussion's tree and counts; with --repair, numbers anew from the parent links, and recounts."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--repair", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        faults = list(tree.check())
        for fault in faults[:SHOWN]:
            self.stdout.write(f"Comment {fault.comment_id}: {fault.what}.")
        if len(faults) > SHOWN:
            self.stdout.write(f"… and {len(faults) - SHOWN} more.")
        wrong = status.wrong_counts()
        for post_id in wrong:
            self.stdout.write(f"Article {post_id}: its counts are wrong.")
        if not faults and not wrong:
            self.stdout.write("All trees and counts are right.")
            return
        if not options["repair"]:
            raise CommandError(f"{len(faults)} faults, {len(wrong)} wrong counts. --repair mends them.")
        # One by one where they are: there may be more faults than a statement takes values.
        broken = {fault.comment_id for fault in faults}
        everybody = Comment.objects.order_by().values_list("pk", "post").iterator(chunk_size=5_000)
        posts = {post_id for pk, post_id in everybody if pk in broken}
        mended = sum(tree.mend(post_id) for post_id in posts)
        for post_id in wrong:
            status.recount(post_id)
        self.stdout.write(f"Mended: {mended} comments have new numbers, {len(wrong)} discussions were recounted.")
        if list(tree.check()) or status.wrong_counts():
            raise CommandError("Something is still wrong; please report it with the lines above.")
