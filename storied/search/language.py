"""Which language the words are stemmed in."""

from django.conf import settings

DEFAULT = "english"

# The configurations that every PostgreSQL from 14 on brings along. SQLite stems English alone; any other
# language is searched by whole words there.
_NAMES = """
    simple arabic armenian basque catalan danish dutch english finnish french german greek hindi hungarian
    indonesian irish italian lithuanian nepali norwegian portuguese romanian russian serbian spanish swedish
    tamil turkish yiddish
"""
LANGUAGES = frozenset(_NAMES.split())


def search_language() -> str:
    """The name in STORIED_SEARCH_LANGUAGE; a name that no database knows falls back to whole words."""
    name = str(getattr(settings, "STORIED_SEARCH_LANGUAGE", DEFAULT)).strip().lower()
    return name if name in LANGUAGES else "simple"
