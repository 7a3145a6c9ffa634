from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "storied.accounts"
    label = "accounts"
    verbose_name = "People"

    def ready(self) -> None:
        from storied.front import watch

        from .models import AccountRules, User

        watch(AccountRules, User)
