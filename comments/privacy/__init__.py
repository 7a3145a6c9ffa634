"""What is kept about people: for how long, what each may have of it, and how it goes."""

from . import erasure, export, reminding, statement, tasks
from .belongings import Belongings

__all__ = ["Belongings", "erasure", "export", "reminding", "statement", "tasks"]
