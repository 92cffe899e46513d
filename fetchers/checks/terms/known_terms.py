"""Terms of medical imaging archives that SPDX does not list.

Only what the text says that was found; a use of which it says nothing is unknown. Each table names its evidence.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from fetchers.checks.terms.tables import Table
from fetchers.dataset import USES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from fetchers.dataset import Answer

_Answers = dict[str, tuple["Answer", str]]

_PHYSIONET_PAGE = "https://physionet.org/about/licenses/physionet-{}-health-data-license-150/"
_PHYSIONET_SOURCE = (
    "the licence's text in https://github.com/MIT-LCP/physionet-build (project/fixtures, 2024-10-24);"
    " https://physionet.org/news/post/llm-responsible-use (2025-09-24); PhysioNet's notice on derived data (2024-04-24)"
)
_PHYSIONET: _Answers = {
    "research": ("yes", '6: "for the sole purpose of lawful use in scientific research and no other"'),
    "train": ("yes", "6: lawful scientific research; a model is treated as containing the data"),
    "teaching": ("unknown", "the preamble speaks of education, 6 of scientific research and no other use"),
    "commercial": ("no", "6: scientific research and no other use"),
    "clinical": ("no", "6: scientific research and no other use"),
    "share-team": (
        "no",
        '3: "will not share access to PhysioNet restricted data with anyone else": each person applies',
    ),
    "redistribute": ("no", '3: "will not share access to PhysioNet restricted data with anyone else"'),
    "publish-derivatives publish-model": (
        "ask",
        "derived data and models count as containing the data: on PhysioNet under the same agreement, or not at all",
    ),
    "ai-service": (
        "ask",
        "3, as PhysioNet reads it: nothing goes through an interface or to an online platform that could keep it",
    ),
    "modify": ("unknown", "the nine clauses say nothing of it"),
}


def _physionet(kind: str, clause: str, duties: tuple[str, ...]) -> Table:
    return Table(
        name=f"PhysioNet {kind} Health Data License 1.5.0",
        url=_PHYSIONET_PAGE.format(kind.lower().replace(" ", "-")),
        duties=("report", "no-reidentification", "publish-code", *duties),
        others=_PHYSIONET,
        source=f"{_PHYSIONET_SOURCE}; 1: no re-identification, 5: identifying data are reported, {clause}",
        duo=("DUO:0000042",),
    )


KNOWN: Mapping[str, Table] = {
    "LicenseRef-PhysioNet-Restricted-1.5.0": _physionet("Restricted", "7: code is published", ()),
    "LicenseRef-PhysioNet-Credentialed-1.5.0": _physionet(
        "Credentialed", "7: training is kept up to date, 8: code is published", ("each-user-agrees",)
    ),
    "LicenseRef-PhysioNet-Contributor-Review-1.5.0": _physionet(
        "Contributor Review", "7: training is kept up to date, 8: code is published", ("each-user-agrees",)
    ),
    "LicenseRef-Stanford-RUA": Table(
        name="Stanford University School of Medicine Dataset Research Use Agreement",
        url="https://aimi.stanford.edu/shared-datasets",
        duties=("report", "no-reidentification", "each-user-agrees"),
        others={
            "research": ("yes", "1: personal, non-commercial research only"),
            "commercial": ("no", "1: no commercial use, sale or other monetization"),
            "clinical": ("no", "7: not in the diagnosis or care of patients"),
            "modify": ("no", "6: no modifying, no derivative works"),
            "share-team": ("no", "3 and 5: each user registers; the download link is not shared"),
            "redistribute": ("ask", "4: no copy to others without specific prior written permission"),
            "publish-derivatives": ("no", "6: no derivative works"),
            "ai-service": ("no", "4 and the last paragraph: no copy to others, no transfer"),
            "teaching": ("unknown", "1 names research only"),
            "train": ("unknown", "1 allows research, 6 forbids modifying and derivative works"),
            "publish-model": ("unknown", "6 forbids derivative works; whether a model is one is unsettled"),
        },
        source="the agreement as SCOPE-HN prints it (July 2025), and CheXpert's clause 4",
        duo=("DUO:0000042", "DUO:0000046", "DUO:0000026"),
    ),
    "LicenseRef-RSNA": Table(
        name="RSNA's own terms for its AI challenge data",
        url="https://github.com/RSNA/AI-Challenge-Data/wiki",
        duties=("cite", "no-reidentification"),
        others={
            "research teaching": ("yes", '"non-commercial purposes only, including academic research and education"'),
            "train": ("yes", "what the challenge data are for, for non-commercial purposes"),
            "commercial": ("no", '"non-commercial purposes only"'),
            "redistribute publish-derivatives": (
                "yes",
                '"if you share or re-distribute the data in any form, include a citation", for non-commercial purposes',
            ),
        },
        source="https://github.com/RSNA/AI-Challenge-Data/wiki, for the sets of 2019 (haemorrhage), 2022 (mammography)"
        " and MIRA; a copy at Kaggle is under the competition's rules instead",
        duo=("DUO:0000042", "DUO:0000046"),
    ),
    "LicenseRef-Kaggle-Competition-NC": Table(
        name="Kaggle competition rules, the usual non-commercial form",
        url="https://www.kaggle.com/competitions",
        duties=("report", "each-user-agrees"),
        others={
            "research teaching": (
                "yes",
                "7.A: non-commercial purposes only, including academic research and education",
            ),
            "train": ("yes", "7.A: participating in the competition, academic research"),
            "commercial": ("no", "7.A: for non-commercial purposes only"),
            "redistribute": (
                "no",
                "7.B: not to be transmitted, duplicated or published to any party not participating",
            ),
            "publish-derivatives": ("no", "7.B: nothing of the data is made available to a party not participating"),
            "share-team": ("unknown", "7.B: among those who agreed to the rules only; a team that takes part may"),
        },
        source="section 7 of two competitions' rules, read on 2026-08-26 and 2026-09-14; other competitions have other"
        " rules: read the page of each",
        duo=("DUO:0000042", "DUO:0000046"),
    ),
    "LicenseRef-HCP-Open-Access": Table(
        name="WU-Minn HCP Consortium Open Access Data Use Terms",
        url="https://www.humanconnectome.org/study/hcp-young-adult/data-use-terms",
        duties=("acknowledge", "cite", "share-alike", "no-reidentification", "each-user-agrees"),
        others={
            "research": ("yes", "3: research, as the rules of one's institution allow it"),
            "train": ("yes", '5: "any results or algorithms that benefitted from their use"'),
            "redistribute publish-derivatives": (
                "yes",
                "4: original and derived data, as long as they go out under these same terms",
            ),
            "share-team": ("yes", "4: under these same terms, to which everybody who works with a copy agrees"),
        },
        source="https://www.humanconnectome.org/study/hcp-young-adult/data-use-terms (26 April 2013)",
        duo=("DUO:0000042",),
    ),
    "LicenseRef-NLM-Terms-2019": Table(
        name="National Library of Medicine Terms and Conditions; May 21, 2019",
        url="https://www.nlm.nih.gov/databases/download/terms_and_conditions.html",
        duties=("acknowledge", "notice"),
        others={
            "research train": ("yes", "no clause limits what the data are used for; no endorsement is implied"),
            "redistribute publish-derivatives": (
                "yes",
                '"Courtesy of the U.S. National Library of Medicine"; the latest version, or said that it is not',
            ),
            "commercial": ("unknown", "no fee and no clause on commerce; images in it may belong to others"),
        },
        source="https://www.nlm.nih.gov/databases/download/terms_and_conditions.html, as quoted in public code",
    ),
    "LicenseRef-UK-Biobank-MTA": Table(
        name="UK Biobank Material Transfer Agreement",
        url="https://www.ukbiobank.ac.uk/enable-your-research",
        duties=("destroy-at-end",),
        others={"research": ("yes", "the approved project's research; the agreement itself was not read")},
        source="https://community.ukbiobank.ac.uk, article 37284662411037: downloaded data are deleted when the project"
        " ends; the agreement's text was not found",
        duo=("DUO:0000027",),
    ),
    "LicenseRef-DbCL-1.0": Table(
        name="Open Data Commons Database Contents License 1.0",
        url="https://opendatacommons.org/licenses/dbcl/1-0/",
        grant="2 and 3: the copyright of the contents is licensed for every use; the database has its own licence",
        source="https://opendatacommons.org/licenses/dbcl/1-0/; ScanCode's identifier is LicenseRef-scancode-dbcl-1.0",
    ),
    "LicenseRef-Original-Authors": Table(
        name="Copyright of the original authors",
        url=None,
        others={
            " ".join(USES): (
                "unknown",
                "the contents are their authors' own, and no licence of theirs is given",
            )
        },
        source="a place's words for contents that nobody licensed",
    ),
    "LicenseRef-US-Government-Works": Table(
        name="U.S. Government Works",
        url="https://www.usa.gov/government-works",
        others={
            " ".join(USES): (
                "unknown",
                "no copyright in the United States (17 USC 105); elsewhere, and for others' contributions, it is open",
            )
        },
        source="17 USC 105",
    ),
    "LicenseRef-IDC-CC-BY-NC": Table(
        name="CC BY-NC of a version that the Imaging Data Commons' bucket does not tell",
        url="https://learn.canceridc.dev/data/organization-of-data",
        others={"commercial": ("no", "NC in 3.0 and in 4.0 alike")},
        source="the bucket idc-open-data-cr holds what is under CC BY-NC",
        duo=("DUO:0000042", "DUO:0000046"),
    ),
    "LicenseRef-MIDRC": Table("MIDRC terms", "https://www.midrc.org/", source="the text was not found"),
    "LicenseRef-TCIA-Restricted": Table(
        "TCIA Restricted or Limited Access terms",
        "https://www.cancerimagingarchive.net/data-usage-policies-and-restrictions/",
        source="the text was not found",
    ),
    "LicenseRef-NIH-Controlled": Table(
        "NIH controlled access terms", "https://sharing.nih.gov/", source="the text was not found"
    ),
}
