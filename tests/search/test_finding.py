"""What a query finds, in which order, and what it shows."""

from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from storied import search
from storied.search import catalogue
from storied.search.models import SearchDocument

pytestmark = pytest.mark.django_db


def found(text: str, **options: object) -> list[int]:
    return [hit.object_id for hit in search.query(text, **options).hits]


def test_a_hit_says_what_was_found(document):
    frost = document("A late frost took the beans.", kind="post", object_id=7, post_id=7, title="April")
    search.index([frost])
    results = search.query("frost")
    (hit,) = results.hits
    assert (hit.kind, hit.object_id, hit.post_id, hit.title, hit.author) == ("post", 7, 7, "April", "Judy")
    assert hit.published_at == frost.published_at
    assert hit.snippet == (("A late ", False), ("frost", True), (" took the beans.", False))
    assert (results.total, results.is_capped, results.was_asked) == (1, False, True)


def test_all_words_must_be_there(document):
    search.index([document("frost and lavender"), document("frost alone")])
    assert found("frost lavender") == [1]


def test_english_words_are_found_in_their_other_forms(document):
    search.index([document("She gardened."), document("Two gardens.")])
    assert sorted(found("gardening")) == [1, 2]


def test_accents_and_case_do_not_matter(document):
    search.index([document("The CAFÉ was shut, said Zoë Đurić, naïve as ever.")])
    for typed in ("cafe", "café", "cafe\u0301", "Zoe", "NAIVE", "đurić"):
        assert found(typed) == [1], typed


def test_words_are_found_whatever_the_script(document):
    search.index([document("Москва слезам не верит, हिन्दी भाषा, 日本語テキスト")])
    for typed in ("москва", "हिन्दी", "日本語テキスト"):
        assert found(typed) == [1], typed


def test_a_phrase_must_stand_as_typed(document):
    search.index([document("a late frost"), document("frost came late")])
    assert found('"late frost"') == [1]


def test_an_unwanted_word_excludes(document):
    search.index([document("frost and lavender"), document("frost alone")])
    assert found("frost -lavender") == [2]
    assert found('frost -"frost alone"') == [1]


def test_the_beginning_of_the_last_word_finds_the_whole_word(document):
    search.index([document("lavender"), document("laurel")])
    assert found("laven*") == [1]
    assert sorted(found("la*")) == [1, 2]


def test_a_word_inside_an_address_is_found(document):
    search.index([document("See https://allotment.example.org/late-frost.html?page=2#beans, or foo_bar.")])
    for typed in ("allotment", "allotment.example.org", "frost", "late-frost", "beans", "foo_bar", "foo-bar"):
        assert found(typed) == [1], typed


def test_a_typographic_apostrophe_is_an_apostrophe(document):
    search.index([document("Michelle’s beans, and Judy's")])
    for typed in ("Michelle's", "Michelle’s", "Judy’s", "michelle"):
        assert found(typed) == [1], typed


def test_little_words_do_not_stand_in_the_way(document):
    search.index([document("Frost took beans.")])
    assert found("what did the frost do to my beans") == [1]


def test_the_title_is_searched_and_counts_more(document):
    search.index([document("frost " * 3 + "elsewhere " * 20), document("nothing " * 20, title="Frost")])
    assert found("frost") == [2, 1]


def test_a_hit_by_its_title_shows_how_the_text_begins(document):
    search.index([document("It was early.", title="Frost")])
    assert search.query("frost").hits[0].snippet == (("It was early.", False),)


def test_among_equals_the_newest_comes_first(document):
    search.index([document("frost"), document("frost"), document("frost")])
    assert found("frost") == [3, 2, 1]


def test_the_same_words_at_the_same_time_come_in_one_order(document):
    now = timezone.now()
    search.index([document("frost", published_at=now) for _ in range(5)])
    pages = [found("frost", limit=1, offset=number)[0] for number in range(5)]
    assert sorted(pages) == [1, 2, 3, 4, 5]


def test_kinds_narrow_the_search(document):
    search.index([document("frost"), document("frost", kind="post"), document("frost", kind="page")])
    assert found("frost", kinds=["post", "page"]) == [3, 2]
    assert found("frost", kinds=["comment"]) == [1]
    assert found("frost", kinds="post") == [2]
    assert search.query("frost", kinds=["comment"]).total == 1
    assert found("frost", kinds=[]) == []
    assert found("frost", kinds=["recipe"]) == []


def test_what_is_dated_in_the_future_is_not_found_yet(document):
    now = timezone.now()
    search.index([document("frost", published_at=now + timedelta(days=days)) for days in (-1, 1)])
    assert found("frost") == [1]
    assert search.query("frost").total == 1
    with time_machine.travel(now + timedelta(days=2)):
        assert found("frost") == [2, 1]


def test_results_come_in_pages(document):
    search.index([document("frost") for _ in range(5)])
    assert found("frost", limit=2) == [5, 4]
    assert found("frost", limit=2, offset=4) == [1]
    last = search.query("frost", limit=2, offset=6)
    assert (last.total, last.hits) == (5, [])


@pytest.mark.parametrize(("limit", "offset"), [(-1, 0), (0, 0), (5, 10**12)])
def test_a_page_that_cannot_be_is_empty(document, limit, offset):
    search.index([document("frost")])
    results = search.query("frost", limit=limit, offset=offset)
    assert (results.total, results.hits) == (1, [])


def test_a_page_before_the_first_is_the_first(document):
    search.index([document("frost")])
    assert found("frost", offset=-5) == [1]


def test_counting_stops_somewhere(document, monkeypatch):
    monkeypatch.setattr(catalogue, "MOST_COUNTED", 3)
    search.index([document("frost") for _ in range(3)])
    results = search.query("frost")
    assert (results.total, results.is_capped) == (3, False)
    search.index([document("frost")])
    results = search.query("frost")
    assert (results.total, results.is_capped, len(results.hits)) == (3, True, 3)


def test_text_that_asks_for_nothing_is_told_from_text_that_finds_nothing(document):
    search.index([document("frost")])
    assert search.query("-lavender") == search.Results(total=0, hits=[], was_asked=False)
    assert search.query("lavender") == search.Results(total=0, hits=[], was_asked=True)


def test_a_match_is_shown_where_it_stands_in_the_text_as_it_was_written(document):
    search.index([document("“Né” – the café (ça va?) & <b>frost</b>… " * 3)])
    (hit,) = search.query("cafe frost").hits
    assert "".join(words for words, _ in hit.snippet) == ("“Né” – the café (ça va?) & <b>frost</b>… " * 3).strip()
    assert [words for words, is_match in hit.snippet if is_match] == ["café", "frost"] * 3


def test_nobodys_text_can_pretend_to_be_a_match(document):
    search.index([document("\ue000beans\ue001 and frost")])
    assert search.query("frost").hits[0].snippet == (("beans and ", False), ("frost", True))


def test_a_page_of_hits_costs_a_fixed_number_of_queries(document, django_assert_num_queries):
    search.index([document("frost")])
    with django_assert_num_queries(4):
        search.query("frost")
    search.index([document("frost") for _ in range(60)])
    with django_assert_num_queries(4):
        assert len(search.query("frost", limit=50).hits) == 50


def test_reading_writes_nothing(document):
    search.index([document("frost")])
    before = list(SearchDocument.objects.values())
    search.query("frost")
    assert list(SearchDocument.objects.values()) == before
