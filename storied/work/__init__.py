"""Work that nobody waits for, by Django's tasks interface: `manage.py work` does it, and keeps the clock for what is
regular.

A task is a function with `@django_tasks.task()`; `regularly` names how often it is wanted. A task that takes long asks
`stopping.is_set()` between its steps, and leaves the rest for the next time.
"""

from .regular import REGULAR, Regular, regularly, stopping

__all__ = ["REGULAR", "Regular", "regularly", "stopping"]
