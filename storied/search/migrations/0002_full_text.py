"""The full-text index, made by the backend of the database in use: it is derived from the documents alone."""

from django.db import migrations

from storied.search.backends import backend_for
from storied.search.language import search_language


def create_index(apps, schema_editor):
    connection = schema_editor.connection
    with connection.cursor() as cursor:
        backend_for(connection).create(cursor, search_language())


def drop_index(apps, schema_editor):
    connection = schema_editor.connection
    with connection.cursor() as cursor:
        backend_for(connection).drop(cursor)


class Migration(migrations.Migration):
    dependencies = [("search", "0001_initial")]

    operations = [migrations.RunPython(create_index, drop_index)]
