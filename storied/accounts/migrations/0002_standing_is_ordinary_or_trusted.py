"""Who is held or may not write stands in the restrictions of `comments`; no row changes here."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("accounts", "0001_people")]

    operations = [
        migrations.AlterField(
            model_name="user",
            name="standing",
            field=models.CharField(
                choices=[("ordinary", "Ordinary"), ("trusted", "Trusted: never held as a newcomer")],
                default="ordinary",
                max_length=10,
            ),
        ),
    ]
