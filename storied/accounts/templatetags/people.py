"""Words about people's own things."""

from django import forms, template

from storied.accounts import form_words

register = template.Library()

# What a browser says of itself, in the order in which the first that fits is right.
_BROWSERS = {"Firefox/": "Firefox", "Edg/": "Edge", "OPR/": "Opera", "Chrome/": "Chrome", "Safari/": "Safari"}
_SYSTEMS = {
    "Android": "Android", "iPhone": "an iPhone", "iPad": "an iPad", "Windows": "Windows", "Mac OS X": "a Mac",
    "CrOS": "ChromeOS", "Linux": "Linux",
}  # fmt: skip


@register.filter
def browser_in_words(says: str) -> str:
    """What a browser says of itself (its User-Agent), as its owner would call it."""
    browser = next((name for sign, name in _BROWSERS.items() if sign in says), "A browser")
    system = next((name for sign, name in _SYSTEMS.items() if sign in says), "")
    return f"{browser} on {system}" if system else browser


# What allauth and Django call things, and what they are called everywhere else here.
_OUR_WORDS = {
    "Email": "E-mail",
    "Account": "Account elsewhere",
    "Authenticator code": "Code",
    "Current Password": "Current password",
    "New Password": "New password",
    "New Password (again)": "New password, once more",
    "Password (again)": "Password, once more",
}


@register.filter
def in_our_words(form: forms.BaseForm) -> forms.BaseForm:
    """A form of allauth with the words that this site uses, and without placeholders that say a label twice."""
    for field in form:
        field.label = _OUR_WORDS.get(str(field.label), field.label)
        field.field.widget.attrs.pop("placeholder", None)
        for error in field.errors.as_data():
            form_words.in_our_words(error)
    return form
