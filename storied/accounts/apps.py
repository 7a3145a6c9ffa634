from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "storied.accounts"
    label = "accounts"
    verbose_name = "People"
