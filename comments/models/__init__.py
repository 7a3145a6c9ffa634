"""What is stored."""

from .alias import Alias
from .appeal import Appeal
from .block import Block, handles_of
from .care import CareArrangements, CareItem, CarePhrases, CareResponder, CareSignal, HelpLine
from .comment import Comment, CommentQuerySet
from .desk import DeskClaim, ReplyMark
from .desk_log import DeskLogEntry
from .discussion import Discussion
from .erasure import Erasure
from .flag import Flag
from .greeting import GreetingOffer
from .guideline import EarlierAcceptance, GuidelineAcceptance, GuidelineClause, GuidelineDraft, GuidelineVersion
from .house_rules import HouseRules
from .moderation import LogCorrection, ModerationLogEntry
from .moderator_scope import ModeratorScope
from .mute import Mute
from .not_mine import NotMine
from .notification import Frequency, Kind, MailPreferences, Notification, ReceivedMail, Subscription, key_of
from .person import Person, PersonNote, Restriction
from .proof import AddressProof
from .redaction import Redaction
from .refusal import RefusalTemplate
from .revision import CommentRevision
from .unsent import UnsentText
from .visit import Visit
from .watched_words import WatchedWords

__all__ = [
    "AddressProof",
    "Alias",
    "Appeal",
    "Block",
    "CareArrangements",
    "CareItem",
    "CarePhrases",
    "CareResponder",
    "CareSignal",
    "Comment",
    "CommentQuerySet",
    "CommentRevision",
    "DeskClaim",
    "DeskLogEntry",
    "Discussion",
    "EarlierAcceptance",
    "Erasure",
    "Flag",
    "Frequency",
    "GreetingOffer",
    "GuidelineAcceptance",
    "GuidelineClause",
    "GuidelineDraft",
    "GuidelineVersion",
    "HelpLine",
    "HouseRules",
    "Kind",
    "LogCorrection",
    "MailPreferences",
    "ModerationLogEntry",
    "ModeratorScope",
    "Mute",
    "NotMine",
    "Notification",
    "Person",
    "PersonNote",
    "ReceivedMail",
    "Redaction",
    "RefusalTemplate",
    "ReplyMark",
    "Restriction",
    "Subscription",
    "UnsentText",
    "Visit",
    "WatchedWords",
    "handles_of",
    "key_of",
]
