"""Every setting of the project, read from the environment; secure unless STORIED_DEBUG says otherwise.

What each variable means stands in README.md, "Settings". House rules that the owner changes in the site
(thresholds, holds, throttles) have their defaults in comments/conf.py.
"""

import sys
from pathlib import Path
from urllib.parse import urlsplit

import environ
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured

BASE_DIR = Path(__file__).resolve().parent.parent

env = environ.Env()
_env_file = env("STORIED_ENV_FILE", default=str(BASE_DIR / ".env"))
if _env_file and Path(_env_file).is_file():
    env.read_env(_env_file)

# --- What kind of installation this is ------------------------------------------------------------------

DEBUG = env.bool("STORIED_DEBUG", default=False)

SECRET_KEY = env("STORIED_SECRET_KEY", default="")
if len(SECRET_KEY) < 32:
    raise ImproperlyConfigured(
        "STORIED_SECRET_KEY is missing or shorter than 32 characters. It signs the private links of writers, so "
        "there is no default. Make one with: "
        'python3 -c "import secrets; print(secrets.token_urlsafe(48))" and put it into the environment or .env.'
    )
SECRET_KEY_FALLBACKS = env.list("STORIED_OLD_SECRET_KEYS", default=[])

# The public address of the site. Mails and canonical links are made from it, never from a request's Host.
SITE_URL = env("STORIED_URL", default="http://localhost:8000").rstrip("/")
_site = urlsplit(SITE_URL)
if _site.scheme not in {"http", "https"} or not _site.hostname:
    raise ImproperlyConfigured("STORIED_URL must be a whole address such as https://blog.example.org.")
HTTPS = _site.scheme == "https"

ALLOWED_HOSTS = [_site.hostname, *env.list("STORIED_EXTRA_HOSTS", default=[])]
if DEBUG:
    ALLOWED_HOSTS += ["localhost", "127.0.0.1", "[::1]"]

VAR_DIR = Path(env("STORIED_VAR", default=str(BASE_DIR / "var")))
VAR_DIR.mkdir(parents=True, exist_ok=True)

# --- Apps and middleware ----------------------------------------------------------------------------------

INSTALLED_APPS = [
    "storied.accounts",
    "storied.front",
    "storied.search",
    "storied.work",
    "posts",
    "comments",
    "mptt",
    "django_tasks",
    "django_tasks_db",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "csp",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.sitemaps",
    "django.contrib.messages",
    "django.contrib.staticfiles",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "storied.middleware.SecurityHeadersMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "storied.middleware.ReadinessMiddleware",
    "storied.middleware.OddRequestsMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "storied.csrf.StoriedCsrfMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "storied.accounts.sessions.SessionLifeMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "storied.middleware.FormsOnlyMiddleware",
    "storied.middleware.LoggedOutMiddleware",
    # The last, so that the view alone is asked anew.
    "storied.middleware.OnceMoreMiddleware",
]

# Django looks for its own CSRF middleware by name; StoriedCsrfMiddleware is a subclass of it.
SILENCED_SYSTEM_CHECKS = ["security.W003"]

ROOT_URLCONF = "storied.urls"
WSGI_APPLICATION = "storied.wsgi.application"
ASGI_APPLICATION = "storied.asgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "storied.context.site",
            ],
        },
    },
]

# --- Storage ----------------------------------------------------------------------------------------------

try:
    _address = env("DATABASE_URL", default="") or f"sqlite:///{VAR_DIR / 'storied.sqlite3'}"
    DATABASES = {"default": env.db_url_config(_address)}
    DATABASES["default"]["ENGINE"]
except (KeyError, ValueError):
    raise ImproperlyConfigured(
        "DATABASE_URL cannot be read. It should be like postgres://user:password@host/name or sqlite:///path."
    ) from None
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
_database = DATABASES["default"]
_database["ATOMIC_REQUESTS"] = False
if _database["ENGINE"].endswith("sqlite3"):
    _database["ENGINE"] = "storied.sqlite3"
    # Opening one means six statements, and closing the last one a checkpoint: each thread keeps its own.
    _database["CONN_MAX_AGE"] = None
    # IMMEDIATE takes the write lock when a transaction begins, so that what was read under it stays true;
    # the timeout (seconds) turns "database is locked" into waiting. FULL has each commit on the disk before anybody is
    # told of it; with NORMAL a power cut could take the last ones back. What goes into the main file is collected
    # over 16 MB (pages of 4 kB), four times SQLite's own: the writer that carries it there holds up the others.
    _database["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": (
            "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA mmap_size=134217728; "
            "PRAGMA cache_size=-2000; PRAGMA temp_store=MEMORY; PRAGMA wal_autocheckpoint=4000;"
        ),
    }
    _database.setdefault("TEST", {})["NAME"] = env("STORIED_TEST_DATABASE", default=None)
else:
    _database["ENGINE"] = "storied.postgresql"
    _database["CONN_MAX_AGE"] = env.int("STORIED_DATABASE_KEEP_SECONDS", default=60)
    _database["CONN_HEALTH_CHECKS"] = True
    _options = _database.setdefault("OPTIONS", {})
    # Seconds; else a host that is gone without a word holds every worker for minutes.
    _options.setdefault("connect_timeout", 5)
    # Uses of a statement before it is prepared; none is behind a pooler that cannot keep them.
    _options["prepare_threshold"] = 5 if env.bool("STORIED_DATABASE_PREPARES", default=True) else None

# Shared by all worker processes, because log-in throttles count in it: a table of the database, or Valkey (Redis).
_cache = env("CACHE_URL", default="") or "dbcache://storied_cache"
VALKEY_URL = ""
# Seconds that Valkey may take for an answer; then one goes on without it.
VALKEY_SECONDS = env.float("STORIED_VALKEY_SECONDS", default=0.25)
if _cache.partition("://")[0] in {"redis", "rediss", "valkey", "valkeys", "unix"}:
    VALKEY_URL = _cache.replace("valkey", "redis", 1) if _cache.startswith("valkey") else _cache
    CACHES = {
        "default": {
            "BACKEND": "storied.caching.ValkeyCache",
            "LOCATION": [VALKEY_URL],
            "KEY_PREFIX": "storied",
            "OPTIONS": {"socket_timeout": VALKEY_SECONDS, "socket_connect_timeout": VALKEY_SECONDS},
        },
        "fallback": env.cache_url_config("dbcache://storied_cache"),
    }
else:
    CACHES = {"default": env.cache_url_config(_cache)}
for _each in CACHES.values():
    if _each["BACKEND"].endswith("DatabaseCache"):
        # With Django's 300 a few hundred networks would push out each other's counts, and guess on.
        _each.setdefault("OPTIONS", {}).setdefault("MAX_ENTRIES", 20_000)

_static_storage = (
    "django.contrib.staticfiles.storage.StaticFilesStorage"
    if DEBUG or "pytest" in sys.modules
    else "whitenoise.storage.CompressedManifestStaticFilesStorage"
)
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": _static_storage},
}
STATIC_URL = "/static/"
STATIC_ROOT = VAR_DIR / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
MEDIA_URL = "/media/"
MEDIA_ROOT = VAR_DIR / "media"
DATA_UPLOAD_MAX_MEMORY_SIZE = 1_000_000  # bytes; a comment of 10,000 characters needs 120,000 at the most
DATA_UPLOAD_MAX_NUMBER_FIELDS = 2_000

# Pages for everybody are kept ready in each process, exact by a board that all processes share: in the memory of one
# machine, or, where CACHE_URL names a Valkey server, there, for many machines.
KEEP_PAGES = env.bool("STORIED_KEEP_PAGES", default=not DEBUG)
# A folder, best in memory (/run/storied/pages), where they are left for a web server on this machine; empty for none.
PAGE_STORE = env("STORIED_PAGE_STORE", default="")

# --- People -----------------------------------------------------------------------------------------------

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = [
    "django.contrib.auth.backends.ModelBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
if env.bool("STORIED_FAST_PASSWORDS", default=False):
    PASSWORD_HASHERS.insert(0, "django.contrib.auth.hashers.MD5PasswordHasher")
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 8}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]

LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = "/"
SIGNUP_IS_OPEN = env.bool("STORIED_SIGNUP_OPEN", default=True)

ACCOUNT_ADAPTER = "storied.accounts.adapter.AccountAdapter"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_SIGNUP_FORM_CLASS = "storied.accounts.forms.SignupExtras"
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_EMAIL_VERIFICATION_BY_CODE_ENABLED = True
ACCOUNT_LOGIN_BY_CODE_ENABLED = True
ACCOUNT_LOGIN_BY_CODE_TIMEOUT = 900  # seconds; mail takes its time
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_LOGOUT_ON_PASSWORD_CHANGE = False
ACCOUNT_EMAIL_NOTIFICATIONS = True
# Whoever finds an open browser changes no address and adds no key.
ACCOUNT_REAUTHENTICATION_REQUIRED = True
MFA_ADAPTER = "storied.accounts.adapter.MFAAdapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_TOTP_TOLERANCE = 1  # codes before and after the present one, for clocks that are half a minute off
if env.bool("STORIED_LOGIN_LIMITS", default=True):
    ACCOUNT_RATE_LIMITS = {
        "login": "30/m/ip", "login_failed": "10/m/ip,5/5m/key", "signup": "20/m/ip",
        "mail": "10/h/key",  # to one address, of all that anybody can ask for who types it
    }  # fmt: skip
else:
    ACCOUNT_RATE_LIMITS = False

# Log-in by an account elsewhere, as in "github:client id:secret". Nothing of it is loaded unless named.
# A form may lead to these hosts then, since browsers hold `form-action` against the redirect that follows it, too.
_SOCIAL_HOSTS = {
    "discord": "https://discord.com",
    "github": "https://github.com",
    "gitlab": "https://gitlab.com",
    "google": "https://accounts.google.com",
    "microsoft": "https://login.microsoftonline.com",
}
SOCIALACCOUNT_PROVIDERS = {}
for _named in env.list("STORIED_SOCIAL", default=[]):
    _provider, _, _credentials = _named.partition(":")
    _client, _, _secret = _credentials.partition(":")
    if _provider not in _SOCIAL_HOSTS or not _client or not _secret:
        raise ImproperlyConfigured(
            "STORIED_SOCIAL should be like github:client id:secret, comma-separated; known are "
            f"{', '.join(_SOCIAL_HOSTS)}."
        )
    SOCIALACCOUNT_PROVIDERS[_provider] = {"APPS": [{"client_id": _client, "secret": _secret, "key": ""}]}
if SOCIALACCOUNT_PROVIDERS:
    INSTALLED_APPS += ["allauth.socialaccount"]
    INSTALLED_APPS += [f"allauth.socialaccount.providers.{provider}" for provider in SOCIALACCOUNT_PROVIDERS]
# An address that a provider names opens nobody's account; a name is asked for; no token of theirs is kept.
SOCIALACCOUNT_ADAPTER = "storied.accounts.adapter.SocialAccountAdapter"
SOCIALACCOUNT_AUTO_SIGNUP = False
SOCIALACCOUNT_EMAIL_AUTHENTICATION = False
SOCIALACCOUNT_STORE_TOKENS = False

# How many proxies of one's own stand in front; 0 means X-Forwarded-For is believed by nobody.
TRUSTED_PROXIES = env.int("STORIED_TRUSTED_PROXIES", default=0)
ALLAUTH_TRUSTED_PROXY_COUNT = TRUSTED_PROXIES

# --- Work that nobody waits for ---------------------------------------------------------------------------

# The queue of tasks: a table of the database, or Valkey (Redis) where there is one. `manage.py work` empties it.
# STORIED_QUEUE_URL names another server, or says "database".
_queue = env("STORIED_QUEUE_URL", default="") or VALKEY_URL
if _queue.startswith(("redis", "valkey", "unix")):
    INSTALLED_APPS.append("django_rq")
    RQ_QUEUES = {"default": {"URL": _queue.replace("valkey", "redis", 1), "DEFAULT_TIMEOUT": 600}}  # seconds
    RQ_SHOW_ADMIN_LINK = False
    TASKS = {"default": {"BACKEND": "django_tasks_rq.RQBackend", "QUEUES": ["default"]}}
else:
    TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend", "QUEUES": ["default"]}}

# --- Mail -------------------------------------------------------------------------------------------------

if env("STORIED_MAIL_BACKEND", default=""):
    # A provider's own interface, such as those of django-anymail, with what it wants to know.
    EMAIL_BACKEND = env("STORIED_MAIL_BACKEND")
    ANYMAIL = env.dict("STORIED_ANYMAIL", default={})
    if EMAIL_BACKEND.startswith("anymail."):
        INSTALLED_APPS.append("anymail")
elif env("EMAIL_URL", default=""):
    vars().update(env.email_url("EMAIL_URL"))
elif DEBUG:
    # One file a mail, shown at /mail/.
    EMAIL_BACKEND = "storied.mail_folder.FolderBackend"
    EMAIL_FILE_PATH = VAR_DIR / "mail"
else:
    EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
EMAIL_TIMEOUT = 10  # seconds
DEFAULT_FROM_EMAIL = env("STORIED_MAIL_FROM", default=f"storied@{_site.hostname}")
SERVER_EMAIL = DEFAULT_FROM_EMAIL
# Subjects that name neither the site nor the article, for blogs whose readers share their screens.
STORIED_PLAIN_SUBJECTS = env.bool("STORIED_PLAIN_SUBJECTS", default=False)
# Where answers, bounces and "unsubscribe" come back to: an address whose mail, also with "+anything" before the @, is
# handed to /mail/incoming/ or to `manage.py receive_mail`. Empty: answers by mail are not offered.
STORIED_REPLY_ADDRESS = env("STORIED_REPLY_ADDRESS", default="").strip().lower()
# What whoever hands mail over has to know; empty: nothing is taken over HTTP.
STORIED_MAIL_HOOK_SECRET = env("STORIED_MAIL_HOOK_SECRET", default="")

# --- Language and time ------------------------------------------------------------------------------------

LANGUAGE_CODE = "en-us"
USE_I18N = True
USE_TZ = True
TIME_ZONE = env("STORIED_TIME_ZONE", default="UTC")

# --- The wall around it -----------------------------------------------------------------------------------

SECURE_SSL_REDIRECT = HTTPS and env.bool("STORIED_HTTPS_REDIRECT", default=True)
if env.bool("STORIED_BEHIND_TLS_PROXY", default=False):
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SECURE_HSTS_SECONDS = env.int("STORIED_HSTS_SECONDS", default=63_072_000) if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = HTTPS
SECURE_HSTS_PRELOAD = HTTPS
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"

_cookie_prefix = "__Host-" if HTTPS else ""
SESSION_COOKIE_NAME = f"{_cookie_prefix}storied_session"
SESSION_COOKIE_SECURE = HTTPS
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_AGE = 60 * 60 * 24 * 14  # seconds: two weeks since something in it changed
SESSION_LIFE = 60 * 60 * 24 * 60  # seconds: 60 days since the log-in, whatever happens
CSRF_COOKIE_NAME = f"{_cookie_prefix}storied_csrf"
CSRF_COOKIE_SECURE = HTTPS
CSRF_COOKIE_HTTPONLY = True
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_FAILURE_VIEW = "storied.views.csrf_failure"
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"
GUEST_COOKIE_NAME = f"{_cookie_prefix}storied_guest"
PROOF_COOKIE_NAME = f"{_cookie_prefix}storied_proof"

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF],
        "font-src": [SELF],
        "connect-src": [SELF],
        "manifest-src": [SELF],
        "form-action": [SELF, *(_SOCIAL_HOSTS[provider] for provider in SOCIALACCOUNT_PROVIDERS)],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
        "object-src": [NONE],
    },
}

# --- Words for the log ------------------------------------------------------------------------------------

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "plain": {"()": "storied.logs.OneLineFormatter", "fmt": "{asctime} {levelname} {name} {message}", "style": "{"}
    },
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "plain"}},
    "root": {"handlers": ["console"], "level": env("STORIED_LOG_LEVEL", default="INFO")},
    "loggers": {"django": {"handlers": [], "level": "INFO", "propagate": True}},
}

# --- Storied ----------------------------------------------------------------------------------------------

STORIED_SITE_NAME = env("STORIED_SITE_NAME", default="Storied")
STORIED_SITE_TAGLINE = env("STORIED_SITE_TAGLINE", default="")
STORIED_SEARCH_LANGUAGE = env("STORIED_SEARCH_LANGUAGE", default="english")
# House rules from the environment, e.g. STORIED_RULES="flood_per_minute=0,min_seconds=0": read by comments/conf.py.
STORIED_RULES = env.dict("STORIED_RULES", default={})
