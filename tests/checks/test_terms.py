"""Verdicts are never `allowed` from ignorance: expressions, permissions, consent and policy."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from fetchers.checks.access import permissions
from fetchers.checks.terms import verdict as terms
from fetchers.checks.terms.duties import WORDS, in_words
from fetchers.checks.terms.licence_text import text_of, text_sha256
from fetchers.checks.terms.licences import BUILT_IN
from fetchers.checks.terms.verdict import judge, licences_in, policy_refuses, private, to_accept
from fetchers.dataset import DUTIES, Licence
from tests.checks.lives import at, happened

if TYPE_CHECKING:
    from fetchers.records import Event, EventKind

NOW = at("2026-11-22")
MINE = Licence(
    id="LicenseRef-Mine",
    name="Mine",
    duties=("cite", "report"),
    uses={"research": "yes", "commercial": "ask", "modify": "yes", "redistribute": "no", "clinical": "unknown"},
    reasons={"redistribute": "clause 6: no transfer"},
)
ASKING = Licence(id="LicenseRef-Asking", text="Be kind.", requires_acceptance=True, uses={"research": "yes"})
ON_AI = Licence(id="LicenseRef-On-AI", uses={"research": "yes", "ai-service": "ask"})
ON_MODELS = Licence(id="LicenseRef-On-Models", uses={"research": "yes", "publish-model": "no"})
OPEN_MODELS = Licence(id="LicenseRef-Open-Models", uses={"research": "yes", "publish-model": "yes"})
LICENCES = {**BUILT_IN, **{one.id: one for one in (MINE, ASKING, ON_AI, ON_MODELS, OPEN_MODELS)}}


@pytest.mark.parametrize(
    ("expression", "use", "verdict", "decided_by"),
    [
        (None, "research", "unknown", None),
        ("", "research", "unknown", None),
        ("(MIT", "research", "unknown", None),
        ("CC BY 4.0", "research", "unknown", "CC BY 4.0"),  # prose is taken for an identifier that nobody knows
        ("LicenseRef-Mine", "research", "allowed-with-duties", "LicenseRef-Mine"),
        ("LicenseRef-Mine", "train", "allowed-with-duties", "LicenseRef-Mine"),  # follows research
        ("LicenseRef-Mine", "commercial", "forbidden", "LicenseRef-Mine"),  # ask
        ("LicenseRef-Mine", "clinical", "unknown", "LicenseRef-Mine"),
        ("LicenseRef-Mine", "teaching", "unknown", "LicenseRef-Mine"),  # not named
        ("LicenseRef-Mine", "share-team", "unknown", "LicenseRef-Mine"),
        ("LicenseRef-Mine", "publish-derivatives", "forbidden", "LicenseRef-Mine"),  # stricter of modify, redistribute
        ("LicenseRef-Mine", "publish-model", "unknown", "LicenseRef-Mine"),  # nothing else is derived
        # where the terms speak of AI, training is no mere part of research
        ("LicenseRef-On-AI", "train", "unknown", "LicenseRef-On-AI"),
        ("LicenseRef-On-Models", "train", "unknown", "LicenseRef-On-Models"),
        ("LicenseRef-Open-Models", "train", "allowed", "LicenseRef-Open-Models"),
        # NONE and NOASSERTION are values of SPDX's
        ("NOASSERTION", "research", "unknown", "NOASSERTION"),
        ("NONE", "research", "unknown", "NONE"),
        ("()", "research", "unknown", None),
        # AND takes the strictest answer
        ("CC-BY-4.0 AND CC-BY-NC-4.0", "commercial", "forbidden", "CC-BY-NC-4.0"),
        ("CC0-1.0 AND LicenseRef-Unknown", "research", "unknown", "LicenseRef-Unknown"),
        ("CC0-1.0 AND LicenseRef-Mine", "commercial", "forbidden", "LicenseRef-Mine"),
        ("LicenseRef-Unknown AND LicenseRef-Mine", "redistribute", "forbidden", "LicenseRef-Mine"),
        ("CC0-1.0 AND CC-BY-4.0", "research", "allowed-with-duties", "CC0-1.0 AND CC-BY-4.0"),
        # OR the most permissive one
        ("CC-BY-NC-4.0 OR CC-BY-4.0", "commercial", "allowed-with-duties", "CC-BY-4.0"),
        ("CC-BY-4.0 OR CC0-1.0", "commercial", "allowed", "CC0-1.0"),
        ("CC-BY-NC-4.0 OR LicenseRef-Unknown", "commercial", "unknown", "LicenseRef-Unknown"),
        ("CC-BY-NC-4.0 AND (MIT OR CC0-1.0)", "commercial", "forbidden", "CC-BY-NC-4.0"),
        ("(CC-BY-NC-4.0 AND MIT) OR CC0-1.0", "commercial", "allowed", "CC0-1.0"),
        # a later version is another licence, and the older names of GNU's licences mean one of the two newer ones
        ("Apache-2.0+", "research", "allowed-with-duties", "Apache-2.0+"),
        ("Apache-2.0+ OR LicenseRef-Unknown", "research", "allowed-with-duties", "Apache-2.0+"),
        ("GPL-2.0", "research", "allowed-with-duties", "GPL-2.0"),
        ("GPL-2.0+ WITH Classpath-exception-2.0", "research", "allowed-with-duties", "GPL-2.0+"),
        ("Nunit", "research", "unknown", "Nunit"),
        ("GPL-2.0-only WITH Classpath-exception-2.0", "research", "allowed-with-duties", "GPL-2.0-only"),
        # what stands after WITH may take back what the licence allows, unless SPDX lists it
        ("CC-BY-4.0 WITH AdditionRef-No", "commercial", "unknown", "CC-BY-4.0 WITH AdditionRef-No"),
        (
            "Apache-2.0 WITH LicenseRef-scancode-commons-clause",
            "commercial",
            "unknown",
            "Apache-2.0 WITH LicenseRef-scancode-commons-clause",
        ),
        ("CC-BY-NC-4.0 WITH AdditionRef-No", "commercial", "forbidden", "CC-BY-NC-4.0"),
        ("MIT OR CC-BY-4.0 WITH AdditionRef-No", "commercial", "allowed-with-duties", "MIT"),
        ("MIT AND CC-BY-4.0 WITH AdditionRef-No", "commercial", "unknown", "CC-BY-4.0 WITH AdditionRef-No"),
    ],
)
def test_verdict_of_an_expression(expression: str | None, use: str, verdict: str, decided_by: str | None) -> None:
    """The verdict, and the licence that decided, for whole expressions."""
    found = judge(expression, use, LICENCES, (), NOW)
    assert (found.verdict, found.decided_by) == (verdict, decided_by)
    assert decided_by is None or decided_by.split(" AND ")[0] in found.reason


def test_reasons_are_the_terms_own() -> None:
    """A clause that the catalogue gives is given; an `ask` says whom to ask and how to record it."""
    assert "clause 6" in judge(MINE.id, "redistribute", LICENCES, (), NOW).reason
    assert "clause 6" in judge(MINE.id, "publish-derivatives", LICENCES, (), NOW).reason
    assert "fetch permit" in judge(MINE.id, "commercial", LICENCES, (), NOW).reason


def test_an_identifier_that_spdx_lacks_is_named_with_the_nearest() -> None:
    """The person who mistyped it is told so by the reason of the verdict."""
    assert "did you mean CC-BY-4.0" in judge("CC-BY-40", "research", LICENCES, (), NOW).reason


def test_every_duty_has_words() -> None:
    """What the catalogue's words ask is said in a sentence."""
    assert set(WORDS) == set(DUTIES)
    assert in_words(("cite", "state-changes")).count("(") == 2


def test_duties_add_up() -> None:
    """Of licences that hold together, all duties hold, each once."""
    assert judge("CC-BY-4.0 AND LicenseRef-Mine", "research", LICENCES, (), NOW).duties == (
        "cite",
        "notice",
        "state-changes",
        "report",
    )
    assert terms.duties_of("CC-BY-4.0 AND LicenseRef-Mine", LICENCES) == (
        "cite",
        "notice",
        "state-changes",
        "report",
    )


@pytest.mark.parametrize(
    ("until", "verdict"),
    [
        (None, "allowed-with-duties"),
        ("2026-11-22", "allowed-with-duties"),
        ("2026-11-21", "forbidden"),
        ("2099-01-01", "allowed-with-duties"),
    ],
)
def test_a_permission_holds_through_its_last_day(until: str | None, verdict: str) -> None:
    """The owner's answer opens an `ask`; past its last day it permits nothing."""
    given = happened(
        "permitted",
        "2026-01-01",
        "commercial",
        **{k: v for k, v in {"until": until, "evidence": "evidence/demo/a.pdf", "sha256": "f00"}.items() if v},
    )
    found = judge(MINE.id, "commercial", LICENCES, [given], NOW)
    assert found.verdict == verdict
    if verdict != "forbidden":
        assert found.evidence is not None
        assert "evidence/demo/a.pdf" in found.evidence
        assert "f00" in found.evidence
        assert found.duties == MINE.duties
    assert judge(MINE.id, "clinical", LICENCES, [given], NOW).verdict == "unknown"


def test_a_permission_once_seen_to_be_past_stays_past() -> None:
    """The lapse is handed out to be recorded; then the clock may go back, and the permission does not."""
    given = happened("permitted", "2026-01-01", "commercial", until="2026-06-30")._replace(seq=7)
    (lapse,) = permissions.new_lapses([given], NOW)
    assert permissions.new_lapses([given, lapse], NOW) == []
    assert terms.permissions_for("demo", None, [given]) == [given]
    assert terms.permissions_for("demo", None, [given, lapse]) == [given._replace(what="revoked")]
    again = happened("permitted", "2026-07-01", "commercial")._replace(seq=9)
    assert terms.permissions_for("demo", None, [given, lapse, again]) == [again]


def test_a_permission_for_the_whole_covers_its_parts_and_not_the_reverse() -> None:
    """One for a part is that part's alone; of several that cover it the latest counts."""
    whole, part = happened("permitted", "2026-01-01", "modify"), happened("permitted", "2026-01-01", "modify", part="3")
    assert terms.permissions_for("demo", "3", [whole, part]) == [part]
    assert terms.permissions_for("demo", "4", [whole, part]) == [whole]
    assert terms.permissions_for("demo", None, [part]) == []
    assert terms.permissions_for("other", None, [whole]) == []


def test_the_latest_word_counts() -> None:
    """A later permission replaces an earlier one, its last day included; a revocation ends it."""
    ever = happened("permitted", "2026-01-01", "modify", note="by mail")._replace(seq=1)
    brief = happened("permitted", "2026-02-01", "modify", note="by mail", until="2026-03-01")._replace(seq=2)
    over = happened("revoked", "2026-04-01", "modify")._replace(seq=3)

    def state(*said: Event) -> str:
        (one,) = permissions.permissions(said, NOW)
        assert (
            judge(MINE.id, "modify", LICENCES, terms.permissions_for("demo", None, said), NOW).decided_by
            == "permission"
        ) == (one.state == "active")
        return one.state

    assert [state(ever), state(ever, brief), state(brief, ever), state(ever, over)] == [
        "active",
        "lapsed",
        "active",
        "revoked",
    ]
    assert state(ever, over, ever._replace(seq=4)) == "active"
    assert state(happened("permitted", "2026-01-01", "modify")) == "lapsed", "nobody said so: it permits nothing"


def test_consent_is_to_a_text() -> None:
    """A text is agreed to by its hash: when it changes, the agreement does not hold for the new one."""
    agreed = happened("accepted", "2026-01-01", ASKING.id, text_sha256=text_sha256(ASKING))
    assert to_accept(ASKING.id, LICENCES, []) == (ASKING,)
    assert to_accept(ASKING.id, LICENCES, [agreed]) == ()
    changed = ASKING._replace(text="Be very kind.")
    assert to_accept(ASKING.id, {ASKING.id: changed}, [agreed]) == (changed,)
    assert to_accept("MIT OR LicenseRef-Asking", LICENCES, []) == ()
    assert to_accept("MIT AND LicenseRef-Asking", LICENCES, []) == (ASKING,)
    assert to_accept("MIT", LICENCES, []) == to_accept(None, LICENCES, []) == ()


def test_a_licence_without_a_text_is_agreed_to_by_what_is_known_of_it() -> None:
    """Every answer and duty is part of what is agreed to."""
    bare = MINE._replace(requires_acceptance=True)
    assert text_sha256(bare) != text_sha256(bare._replace(uses={**bare.uses, "commercial": "yes"}))
    assert text_sha256(bare) != text_sha256(bare._replace(duties=("cite",)))
    assert "commercial: ask" in text_of(bare)
    assert text_of(ASKING) == "Be kind.\n"


@pytest.mark.parametrize(
    ("expression", "allow", "forbid", "refused"),
    [
        ("MIT", None, (), False),
        ("MIT", None, ("mit",), True),
        ("MIT", ("CC0-1.0",), (), True),
        ("MIT", ("CC0-1.0", "MIT"), (), False),
        ("MIT", ("MIT",), ("MIT",), True),
        ("MIT", (), (), True),
        ("Apache-2.0+", None, ("Apache-2.0",), True),
        ("GPL-2.0", None, ("GPL-2.0-only",), True),
        ("GPL-2.0-or-later", ("GPL-2.0+",), (), False),
        (None, None, ("MIT",), False),
        (None, ("MIT",), (), True),  # unknown terms are in no list
        ("MIT OR GPL-3.0-only", None, ("GPL-3.0-only",), False),
        # both sides of WITH count; an exception of SPDX's only adds
        ("Apache-2.0 WITH LicenseRef-Clause", None, ("LicenseRef-Clause",), True),
        ("Apache-2.0 WITH LicenseRef-Clause", None, ("Apache-2.0",), True),
        ("CC-BY-4.0 WITH AdditionRef-No", ("CC-BY-4.0",), (), True),
        ("CC-BY-4.0 WITH AdditionRef-No", ("CC-BY-4.0", "AdditionRef-No"), (), False),
        ("GPL-2.0-only WITH Classpath-exception-2.0", ("GPL-2.0-only",), (), False),
        ("GPL-2.0-only WITH Classpath-exception-2.0", None, ("Classpath-exception-2.0",), True),
        ("MIT AND GPL-3.0-only", None, ("GPL-3.0-only",), True),
        ("MIT AND CC0-1.0", ("MIT",), (), True),
        ("MIT OR CC0-1.0", ("MIT",), (), False),
    ],
)
def test_a_policy_refuses(
    expression: str | None, allow: tuple[str, ...] | None, forbid: tuple[str, ...], *, refused: bool
) -> None:
    """`forbid` refuses a licence, `allow` every other one; of an OR one good licence is enough."""
    assert (policy_refuses(expression, allow, forbid) is not None) == refused


@pytest.mark.parametrize(
    ("expression", "alone"),
    [("CC-BY-4.0", False), ("LicenseRef-Mine", True), (None, True), ("CC-BY-4.0 AND LicenseRef-Mine", True)],
)
def test_what_nobody_allows_to_share_is_private(expression: str | None, *, alone: bool) -> None:
    """Copies are for the team only where the terms say so."""
    assert private(expression, LICENCES, (), NOW) == alone


@pytest.mark.parametrize(
    ("what", "until", "alone"),
    [("permitted", None, False), ("permitted", "2020-01-01", True), ("revoked", None, True)],
)
def test_a_permission_to_share_makes_copies_a_teams(what: EventKind, until: str | None, *, alone: bool) -> None:
    """As long as it holds, and for no other use."""
    data = {"note": "by letter"} | ({"until": until} if until else {})
    given = happened(what, "2026-01-01", "share-team", **data)
    assert private(MINE.id, LICENCES, [given], NOW) == alone
    assert private(None, LICENCES, [given], NOW) == alone
    assert private(MINE.id, LICENCES, [given._replace(key="redistribute")], NOW)


def _permitted(key: str, what: EventKind = "permitted", **data: str) -> Event:
    return happened(what, "2026-01-01", key, **({"note": "by letter"} | data))


BARE = Licence("LicenseRef-Bare", "Bare", uses={"commercial": "no", "modify": "yes"})
ON_AI = Licence("LicenseRef-AI", "AI", uses={"ai-service": "no"})
NAMED = Licence("LicenseRef-Named", "Named", uses={"train": "unknown"})
FOLLOWING = {one.id: one for one in (BARE, ON_AI, NAMED)}


@pytest.mark.parametrize(
    ("expression", "use", "given", "verdict"),
    [
        (BARE.id, "train", [_permitted("research")], "allowed"),
        (BARE.id, "train", [], "unknown"),
        (BARE.id, "train", [_permitted("modify")], "unknown"),
        (BARE.id, "train", [_permitted("research", until="2020-01-01")], "unknown"),
        (BARE.id, "train", [_permitted("research", "revoked")], "unknown"),
        # what the owner said of train itself counts alone, also once it has ended
        (BARE.id, "train", [_permitted("train", "revoked"), _permitted("research")], "unknown"),
        (BARE.id, "train", [_permitted("train", until="2020-01-01"), _permitted("research")], "unknown"),
        # the terms speak of AI, name the use, or are not known: then it follows nothing
        (ON_AI.id, "train", [_permitted("research")], "unknown"),
        (NAMED.id, "train", [_permitted("research")], "unknown"),
        (None, "train", [_permitted("research")], "unknown"),
        ("LicenseRef-Nobody", "train", [_permitted("research")], "unknown"),
        (f"{BARE.id} AND {ON_AI.id}", "train", [_permitted("research")], "unknown"),
        (f"{BARE.id} WITH LicenseRef-Clause", "train", [_permitted("research")], "unknown"),
        # both of the uses that it follows are needed
        (BARE.id, "publish-derivatives", [_permitted("redistribute")], "allowed"),
        (ON_AI.id, "publish-derivatives", [_permitted("redistribute")], "unknown"),
        (ON_AI.id, "publish-derivatives", [_permitted("redistribute"), _permitted("modify")], "allowed"),
        # nothing else follows
        (BARE.id, "teaching", [_permitted("research")], "unknown"),
        (BARE.id, "publish-model", [_permitted("research"), _permitted("train")], "unknown"),
    ],
)
def test_a_permission_carries_what_follows_it(
    expression: str | None, use: str, given: list[Event], verdict: str
) -> None:
    """`train` follows `research` where the terms leave it to, whoever allowed that."""
    found = judge(expression, use, FOLLOWING, given, NOW)
    assert found.verdict == verdict
    if verdict == "allowed":
        assert found.decided_by == "permission"
        assert "the owner's permission for" in found.reason


def test_a_single_identifier_needs_no_library() -> None:
    """The usual case is read without loading the expression library."""
    import subprocess
    import sys

    code = (
        "import sys; from fetchers.checks.terms.verdict import licences_in; assert licences_in('MIT') == ('MIT',);"
        " sys.exit('license_expression' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
    assert licences_in("MIT AND (CC0-1.0 OR MIT)") == ("MIT", "CC0-1.0")
