"""Beginnings of articles were stored with a space wherever a tag stood, as in “word .”."""

from django.db import migrations

from posts.rendering import beginning


def made_anew(apps, _schema_editor):
    posts = apps.get_model("posts", "Post").objects
    for post in posts.filter(excerpt="").only("body_html", "summary").iterator(chunk_size=200):
        summary = beginning(post.body_html)
        if summary != post.summary:
            posts.filter(pk=post.pk).update(summary=summary)


class Migration(migrations.Migration):
    dependencies = [("posts", "0002_what_search_engines_may_show")]

    # Back, the new words are as good as the old ones.
    operations = [migrations.RunPython(made_anew, migrations.RunPython.noop)]
