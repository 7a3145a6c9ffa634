"""What is kept about people: for how long, what each may have of it, and how it goes."""

from . import erasure, export, statement, tasks
from .belongings import Belongings

__all__ = ["Belongings", "erasure", "export", "statement", "tasks"]
