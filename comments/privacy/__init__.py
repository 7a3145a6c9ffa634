"""What is kept about people: for how long, what each may have of it, and how it goes."""

from . import tasks

__all__ = ["tasks"]
