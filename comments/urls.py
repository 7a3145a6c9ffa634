"""Addresses of comments, of the guidelines and of the moderators' room."""

from django.urls import include, path

from . import feeds
from .views import (
    branches,
    by_mail,
    care,
    compose,
    flags,
    guidelines,
    guidelines_draft,
    lists,
    moderation,
    notifications,
    openness,
    people,
    reading,
    redaction,
    refusals,
    roles,
    second_looks,
)

comments = (
    [
        path("search/", reading.search, name="search"),
        path("openness/", openness.public, name="openness"),
        path("accounts/record/", openness.record, name="record"),
        path("comments/feed/", feeds.Newest(), name="feed"),
        path("comments/feed/<int:post_pk>/", feeds.OfPost(), name="feed_of_post"),
        path("discussion/<int:post_pk>/submit/", compose.submit, name="submit"),
        path("discussion/<int:post_pk>/preview/", compose.preview, name="preview"),
        path("comment/forget/", compose.forget, name="forget"),
        path("comment/<int:pk>/", reading.permalink, name="permalink"),
        path("comment/<int:pk>/report/", flags.flag, name="flag"),
        path("comment/<int:pk>/own/", compose.own, name="own"),
        path("comment/<int:pk>/own/edit/", compose.edit, name="edit"),
        path("comment/<int:pk>/own/withdraw/", compose.withdraw, name="withdraw"),
        path("comment/<int:pk>/own/second-look/", compose.appeal, name="appeal"),
        path("comment/own/<str:token>/", compose.own, name="own_by_link"),
        path("comment/own/<str:token>/edit/", compose.edit, name="edit_by_link"),
        path("comment/own/<str:token>/withdraw/", compose.withdraw, name="withdraw_by_link"),
        path("comment/own/<str:token>/second-look/", compose.appeal, name="appeal_by_link"),
    ],
    "comments",
)

guidelines_pages = (
    [
        path("", guidelines.current, name="current"),
        path("<int:number>/", guidelines.version, name="version"),
        path("changes/", guidelines.compare, name="compare"),
        path("<int:old>/changes/<int:new>/", guidelines.changes, name="changes"),
        path("next/", guidelines_draft.draft, name="next"),
        path("next/text/", guidelines_draft.text, name="next_text"),
        path("next/begin/", guidelines_draft.begin, name="begin"),
        path("next/preview/", guidelines_draft.preview, name="preview"),
        path("next/publish/", guidelines_draft.publish, name="publish"),
        path("next/discard/", guidelines_draft.discard, name="discard"),
    ],
    "guidelines",
)

moderation_pages = (
    [
        path("", moderation.queue, name="home"),
        path("decide/", moderation.decide, name="decide"),
        path("undo/", moderation.undo, name="undo"),
        path("looking/", moderation.looking, name="looking"),
        path("by-mail/<str:token>/", by_mail.decide, name="by_mail"),
        path("rules/", moderation.rules, name="rules"),
        path("people/", people.find, name="people"),
        path("people/account/<int:pk>/", people.person, name="account"),
        path("people/account/<int:pk>/note/", people.note, name="note_on_account"),
        path("people/account/<int:pk>/restrict/", people.restrict, name="restrict_account"),
        path("people/account/<int:pk>/contact/", people.contact, name="contact_of_account"),
        path("people/guest/<str:key>/", people.person, name="guest"),
        path("people/guest/<str:key>/note/", people.note, name="note_on_guest"),
        path("people/guest/<str:key>/restrict/", people.restrict, name="restrict_guest"),
        path("people/guest/<str:key>/contact/", people.contact, name="contact_of_guest"),
        path("restrictions/<int:pk>/lift/", people.lift, name="lift"),
        path("words/", lists.words, name="words"),
        path("blocks/", lists.blocks, name="blocks"),
        path("blocks/<int:pk>/remove/", lists.unblock, name="unblock"),
        path("roles/", roles.roles, name="roles"),
        path("roles/<int:pk>/", roles.role, name="role"),
        path("figures/", openness.figures, name="figures"),
        path("comment/<int:pk>/lock/", branches.lock, name="lock"),
        path("comment/<int:pk>/split/", branches.split, name="split"),
        path("discussion/<int:post_pk>/slow/", branches.slow, name="slow"),
        path("mail/", notifications.outbox, name="mail"),
        path("comment/<int:pk>/", moderation.comment, name="comment"),
        path("comment/<int:pk>/move/", moderation.move, name="move"),
        path("comment/<int:pk>/redact/", redaction.redact, name="redact"),
        path("redaction/<int:pk>/put-back/", redaction.put_back, name="put_back"),
        path("redaction/<int:pk>/sealed/", redaction.sealed, name="sealed"),
        path("appeals/", second_looks.queue, name="appeals"),
        path("appeals/<int:pk>/", second_looks.answer, name="answer_appeal"),
        path("refusals/", refusals.edit_all, name="refusals"),
        path("discussion/<int:post_pk>/", moderation.set_open, name="set_open"),
        path("care/", care.queue, name="care"),
        path("care/<int:pk>/claim/", care.claim, name="claim_care"),
        path("care/<int:pk>/close/", care.close, name="close_care"),
        path("care/arrange/", care.arrange, name="arrange_care"),
        path("care/arrange/on-call/", care.add_responder, name="add_responder"),
        path("care/arrange/on-call/<int:pk>/remove/", care.remove_responder, name="remove_responder"),
        path("care/arrange/line/", care.line, name="new_help_line"),
        path("care/arrange/line/<int:pk>/", care.line, name="help_line"),
        path("care/arrange/phrases/", care.add_language, name="add_care_language"),
        path("care/arrange/phrases/<slug:language>/", care.phrases, name="care_phrases"),
        path("comment/<int:pk>/care/", care.open_by_hand, name="open_care"),
        path("<str:name>/", moderation.queue, name="queue"),
    ],
    "moderation",
)

care_pages = ([path("help/", care.help_now, name="help")], "care")

mail_pages = (
    [
        path("confirm/<str:token>/", notifications.confirm, name="confirm"),
        path("end/<str:token>/", notifications.end, name="end"),
        path("end/<str:token>/<str:kind>/", notifications.end_kind, name="end_kind"),
        path("mute/<str:token>/<int:pk>/", notifications.mute, name="mute"),
        path("settings/", notifications.preferences, name="preferences"),
        path("settings/<str:token>/", notifications.by_link, name="by_link"),
        path("follow/", notifications.follow_posts, name="follow_posts"),
        path("follow/article/<int:post_pk>/", notifications.follow_article, name="follow_article"),
        path("follow/thread/<int:pk>/", notifications.follow_thread, name="follow_thread"),
    ],
    "notifications",
)

urlpatterns = [
    path("mail/", include(mail_pages)),
    path("guidelines/", include(guidelines_pages)),
    path("moderation/", include(moderation_pages)),
    path("", include(care_pages)),
    path("", include(comments)),
]
