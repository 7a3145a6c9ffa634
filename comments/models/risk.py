"""How soon a held comment should be read, by the reasons that held it: an expression that an index can be made of."""

from typing import Any

from django.db.models import IntegerField
from django.db.models.expressions import Func

# Reason → how soon; whatever is not named comes last, the oldest first. A person who may be in danger comes first, then
# what readers complained about, then what a list or a person's record says.
RISKS = {
    "care": 4,
    "flagged": 3,
    "always_held": 2, "blocked": 2, "redacted": 2, "watched_word": 2,
    "edited": 1, "links": 1, "resubmitted": 1, "too_fast": 1,
}  # fmt: skip


class Risk(Func):
    """`Risk("reasons")`: no stored fact, because it follows from the reasons.

    Written without parameters: SQLite takes an index on an expression only for the very same words.
    """

    arity = 1
    output_field = IntegerField()

    def as_sql(self, compiler: Any, connection: Any, **_more: Any) -> tuple[str, list[Any]]:
        column, parameters = compiler.compile(self.source_expressions[0])
        if connection.vendor == "postgresql":
            found = f"strpos({column}::text, '%s') > 0"
        else:
            found = f"instr({column}, '%s') > 0"
        cases = []
        for risk in sorted(set(RISKS.values()), reverse=True):
            # As both databases store the list: quotes inside of it are escaped, so that no detail can look like this.
            codes = (found % f'"code": "{code}"' for code in sorted(RISKS) if RISKS[code] == risk)
            cases.append(f"WHEN {' OR '.join(codes)} THEN {risk}")
        return f"CASE {' '.join(cases)} ELSE 0 END", [*parameters]
