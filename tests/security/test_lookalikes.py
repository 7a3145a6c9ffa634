"""Nobody speaks as somebody else: names that look like an account's."""

import pytest

from comments.exceptions import CommentsError
from comments.submission import submit
from comments.viewers import Viewer
from storied.accounts.forms import ProfileForm, SignupExtras
from storied.accounts.models import AccountRules, User
from tests import factories

pytestmark = pytest.mark.once

LIKE_THOMAS = {
    "case": "tHOMAS",
    "spaces around": "  Thomas ",
    "letters apart": "T h o m a s",
    "no-break space": "Tho\u00a0mas",
    "thin space": "Tho\u2009mas",
    "ideographic space": "Thomas\u3000",
    "zero-width space": "Tho\u200bmas",
    "zero-width joiner": "Tho\u200dmas",
    "zero-width non-joiner": "Tho\u200cmas",
    "word joiner": "Tho\u2060mas",
    "soft hyphen": "Tho\u00admas",
    "grapheme joiner": "Tho\u034fmas",
    "byte order mark": "\ufeffThomas",
    "left-to-right mark": "\u200eThomas",
    "right-to-left mark": "Thomas\u200f",
    "Arabic letter mark": "Thomas\u061c",
    "right-to-left override": "\u202eThomas",
    "override and backwards": "\u202dThomas\u202c",
    "isolate": "\u2066Thomas\u2069",
    "variation selector": "Thomas\ufe0f",
    "supplementary variation selector": "Thomas\U000e0100",
    "tag letter": "Thomas\U000e0061",
    "Mongolian vowel separator": "Tho\u180emas",
    "Hangul filler": "Thomas\u3164",
    "Hangul choseong filler": "Thomas\u115f",
    "Hangul jungseong filler": "Thomas\u1160",
    "halfwidth Hangul filler": "Thomas\uffa0",
    "braille blank": "Thomas\u2800",
    "object replacement": "Thomas\ufffc",
    "musical null": "Thomas\U0001d159",
    "invisible times": "Tho\u2062mas",
    "Khmer inherent vowel": "Tho\u17b4mas",
    "Cyrillic a": "Thom\u0430s",
    "Cyrillic o": "Th\u043emas",
    "Cyrillic dze": "Thoma\u0455",
    "Cyrillic shha": "T\u04bbomas",
    "Cyrillic capitals": "\u0422\u041d\u041e\u041c\u0410S",
    "Greek tau": "\u03a4homas",
    "Greek omicron": "Th\u03bfmas",
    "Greek capitals": "\u03a4\u0397\u039f\u039c\u0391S",
    "Armenian oh": "Th\u0585mas",
    "fullwidth": "Ｔｈｏｍａｓ",
    "bold": "𝐓𝐡𝐨𝐦𝐚𝐬",
    "italic": "𝑇ℎ𝑜𝑚𝑎𝑠",
    "script": "𝒯𝒽ℴ𝓂𝒶𝓈",
    "fraktur": "𝔗𝔥𝔬𝔪𝔞𝔰",
    "double-struck": "𝕋𝕙𝕠𝕞𝕒𝕤",
    "sans": "𝖳𝗁𝗈𝗆𝖺𝗌",
    "monospace": "𝚃𝚑𝚘𝚖𝚊𝚜",
    "circled": "Ⓣⓗⓞⓜⓐⓢ",
    "squared": "🅃🄷🄾🄼🄰🅂",
    "superscript": "ᵀʰᵒᵐᵃˢ",
    "accents": "Thömás",
    "marks below": "T\u0323h\u0323o\u0323m\u0323a\u0323s\u0323",
    "crossed out": "T\u0336h\u0336o\u0336m\u0336a\u0336s\u0336",
    "enclosing": "T\u20ddhomas",
    "zero for o": "Th0mas",
    "at for a": "Thom@s",
    "five for s": "Thoma5",
    "dollar": "Thoma$",
    "rn for m": "Thornas",
    "dots": "T.h.o.m.a.s",
    "quotes": "“Thomas”",
    "hyphen": "Tho-mas",
    "underscore": "_Thomas_",
    "long s": "Thomaſ",
    "letter alpha": "Thom\u0251s",
    "small capitals": "Tʜᴏᴍᴀꜱ",
    "Cherokee T": "\u13a2homas",
    "double letter o": "Th\u2134mas",
}
LIKE_ILLI = ["Illi", "lIIl", "1ll1", "|||1", "ILLI", "!ll!", "ℓℓℓi", "Ⅰⅼⅼⅰ", "\u0406lli", "\u04cfllі", "ⅠⅬⅬⅠ"]


def test_there_are_many_ways_to_look_like_somebody():
    assert len(set(LIKE_THOMAS.values()) | set(LIKE_ILLI)) >= 75


@pytest.fixture
def thomas(db):
    return factories.person("Thomas", role="owner")


@pytest.mark.parametrize("way", LIKE_THOMAS)
def test_a_guest_with_a_name_that_looks_like_an_accounts_is_refused_in_words(thomas, way):
    post = factories.post(thomas)
    with pytest.raises(CommentsError) as refusal:
        submit(factories.draft(post, name=LIKE_THOMAS[way]))
    assert refusal.value.code == "name_taken"
    assert refusal.value.field == "name"
    assert "looks like" in refusal.value.message


@pytest.mark.parametrize("name", LIKE_ILLI)
def test_strokes_are_all_alike(db, name):
    post = factories.post(factories.person("Illi"))
    with pytest.raises(CommentsError, match="looks like"):
        submit(factories.draft(post, name=name))


@pytest.mark.parametrize("way", ["case", "Cyrillic a", "Hangul filler", "fullwidth", "zero-width space", "rn for m"])
def test_an_account_cannot_be_opened_or_renamed_with_such_a_name(thomas, way):
    name = LIKE_THOMAS[way]
    assert "display_name" in SignupExtras({"display_name": name}).errors
    member = factories.person("Judith")
    assert "display_name" in ProfileForm({"display_name": name, "url": ""}, instance=member).errors


LIKE_A_MODERATOR = [
    "Moderator", "moderator", "M0derat0r", "Мoderator", "Mod\u200berator", "\u202eModerator", "Ｍｏｄｅｒａｔｏｒ",
    "𝕄𝕠𝕕𝕖𝕣𝕒𝕥𝕠𝕣", "ᴍᴏᴅᴇʀᴀᴛᴏʀ", "Moderat\u0301or", "Mo\u00adderator", "Mod\U000e0065erator", "M o d e r a t o r",
    "rnoderator",
    "Bea (Moderator)", "Bea · Author", "Thomas_Author", "Bea [rnoderator]", "Bea (Moderátor)",
    "Bea Aut\u00adhor", "Bea Mod\u200berator", "Bea\u2800Moderator", "Bea\u3164Author",
    "Admin", "ÅDMIN", "Αdmin", "Admín", "4 Half Acre",
    "Half an Acre", "HALF-AN-ACRE", "Hаlf аn Аcre", "Storied", "St0ried", "Support", "The Author", "0wner",
]  # fmt: skip


@pytest.mark.parametrize("name", LIKE_A_MODERATOR)
def test_nobody_speaks_as_the_site_itself(settings, thomas, name):
    settings.STORIED_SITE_NAME = "Half an Acre"
    AccountRules.change(sign_up="open", reserved_names="4 half acre\n\n  Bench  ")
    with pytest.raises(CommentsError) as refusal:
        submit(factories.draft(factories.post(thomas), name=name))
    assert (refusal.value.code, refusal.value.field) == ("name_reserved", "name")
    assert "the site itself" in refusal.value.message
    assert User.objects.name_is_taken(name)
    assert "display_name" in SignupExtras({"display_name": name}).errors
    member = factories.person("Judith")
    profile = {"display_name": name, "url": ""}
    assert "display_name" in ProfileForm(profile, instance=member).errors
    # The owner may.
    assert ProfileForm(profile, instance=thomas).is_valid()


def test_a_name_that_is_kept_since_yesterday_stays_with_whoever_bears_it(thomas):
    judith = factories.person("Judith")
    AccountRules.change(sign_up="open", reserved_names="Judith")
    assert ProfileForm({"display_name": "JUDITH", "url": ""}, instance=judith).is_valid()
    assert "display_name" in ProfileForm({"display_name": "Judlth", "url": ""}, instance=factories.person()).errors


def test_a_known_address_gives_no_trust_and_no_mark(thomas):
    post = factories.post(thomas)
    comment = submit(factories.draft(post, name="Reader", email=thomas.email))
    assert (comment.status, comment.author, comment.shown_author) == ("pending", None, None)
    assert not Viewer(thomas).wrote(comment)


def test_one_may_keep_ones_own_name_and_write_it_otherwise(thomas):
    assert ProfileForm({"display_name": "THOMAS", "url": ""}, instance=thomas).is_valid()


HONEST = [
    "Tom", "Thomasina", "Thomas B", "Timo", "Анна", "さくら", "محمد", "Zoë", "J.", "Ruth", "O’Brien", "Mary-Ann",
    "李明", "José Ángel", "Ada L.", "Authoria", "Moderata", "Modesty", "Ownen", "Administra Tor-Vega", "שרה", "Ελένη",
    "Jim 7",
    "a quiet one", "Bo",
]  # fmt: skip


@pytest.mark.parametrize("name", HONEST)
def test_other_names_are_welcome(thomas, name):
    post = factories.post(thomas)
    assert submit(factories.draft(post, name=name)).author_name == name
