"""Run the rules of CDISC CORE for SDTMIG 3.4 over a folder of transport files, and compare with the accepted findings.

Needs Python 3.12 with requirements-core.txt, and a folder with the project's published data (CORE_CACHE): rules,
standards, controlled terminology as pickles, which are not ours to hand on. Rules see datasets, Define-XML and
terminology; whether values stand in their code list the engine does not check, so this does.

    python run_core.py DATA_FOLDER CACHE_FOLDER FINDINGS.toml
"""

from __future__ import annotations

import collections
import glob
import itertools
import os
import pickle
import sys
import tomllib
from pathlib import Path
from typing import Any

import cdisc_rules_engine
import pyreadstat
from cdisc_rules_engine.config import config
from cdisc_rules_engine.constants.cache_constants import PUBLISHED_CT_PACKAGES
from cdisc_rules_engine.models.external_dictionaries_container import ExternalDictionariesContainer
from cdisc_rules_engine.models.library_metadata_container import LibraryMetadataContainer
from cdisc_rules_engine.models.rule_conditions import ConditionCompositeFactory
from cdisc_rules_engine.rules_engine import RulesEngine
from cdisc_rules_engine.services import logger
from cdisc_rules_engine.services.cache import InMemoryCacheService
from cdisc_rules_engine.services.data_services import DataServiceFactory

TERMINOLOGY = "sdtmct-2025-03-28"


class Published:
    """The data of the CORE project as pickles in one folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def load(self, name: str) -> Any:
        return pickle.loads((self.folder / f"{name}.pkl").read_bytes())

    def metadata(self) -> LibraryMetadataContainer:
        packages = {path.stem for path in self.folder.glob("*ct-*.pkl")}
        return LibraryMetadataContainer(
            standard_metadata=self.load("standards_details")["standards/sdtmig/3-4"],
            model_metadata=self.load("standards_models")["models/sdtm/2-0"],
            variable_codelist_map=self.load("variable_codelist_maps")["sdtmig-3-4-codelists"],
            variables_metadata=self.load("variables_metadata")["library_variables_metadata/sdtmig/3-4"],
            ct_package_metadata={TERMINOLOGY: self.load(TERMINOLOGY)},
            published_ct_packages=packages,
            cache_path=str(self.folder),
        )


def run_rules(data: Path, published: Published) -> list[tuple[str, dict[str, Any]]]:
    """Give what each rule says of each dataset."""
    logger.disabled = True
    os.chdir(Path(cdisc_rules_engine.__file__).parent.parent)  # the engine looks for its schemas from there
    library = published.metadata()
    paths = sorted(glob.glob(f"{data}/*.xpt"))
    cache = InMemoryCacheService()
    cache.add(PUBLISHED_CT_PACKAGES, library.published_ct_packages)
    largest = max(os.path.getsize(path) for path in paths)
    DataServiceFactory(
        config, cache, max_dataset_size=largest, standard="sdtmig", standard_version="3-4", standard_substandard=None,
        library_metadata=library, encoding="utf-8",
    ).get_data_service(paths)  # fmt: skip
    rules = published.load("rules")
    found = []
    for name in published.load("rules_dictionary")["sdtmig/3-4"]:
        rule = rules[name]
        if isinstance(rule["conditions"], dict):
            rule["conditions"] = ConditionCompositeFactory.get_condition_composite(rule["conditions"])
        engine = RulesEngine(
            cache=cache, standard="sdtmig", standard_version="3-4", standard_substandard=None,
            external_dictionaries=ExternalDictionariesContainer({}), ct_packages=[], define_xml_path=f"{data}/define.xml",
            library_metadata=library, max_dataset_size=largest, dataset_paths=paths, validate_xml=False, encoding="utf-8",
        )  # fmt: skip
        found += [(name, said) for said in itertools.chain(*engine.validate_single_rule(rule).values())]
    return found


def outside_terminology(data: Path, published: Published) -> list[str]:
    """Values that stand in no code list of their variable which is closed to others."""
    lists = {one["conceptId"]: one for one in published.load(TERMINOLOGY)["codelists"]}
    named: dict[tuple[str, str], list[str]] = collections.defaultdict(list)
    for kind in published.load("standards_details")["standards/sdtmig/3-4"]["classes"]:
        for dataset in kind.get("datasets", []):
            for variable in dataset["datasetVariables"]:
                for link in variable["_links"].get("codelist", []):
                    named[dataset["name"], variable["name"]].append(link["href"].rsplit("/", 1)[-1])
    found = []
    for path in sorted(data.glob("*.xpt")):
        columns, _about = pyreadstat.read_xport(str(path), encoding="utf-8", output_format="dict")
        for name, values in columns.items():
            known = [lists[code] for code in named[path.stem.upper(), name] if code in lists]
            if known and not any(one["extensible"] == "true" or one["extensible"] is True for one in known):
                allowed = {term["submissionValue"] for one in known for term in one["terms"]}
                outside = {str(value) for value in values if value not in ("", None)} - allowed
                found += [f"{path.stem.upper()}.{name}: {value!r}" for value in sorted(outside)]
    return found


def main(data: Path, cache: Path, accepted: Path) -> int:
    known = tomllib.loads(accepted.read_text(encoding="utf-8"))
    published = Published(cache)
    failures = [f"Terminology: {one}" for one in outside_terminology(data, published)]
    counted: collections.Counter[str] = collections.Counter()
    for name, said in run_rules(data, published):
        status, dataset = said.get("executionStatus"), said.get("dataset") or said.get("domain")
        errors = len(said.get("errors") or [])
        if status == "skipped" or not errors:
            continue
        counted[name] += errors
        if status == "execution error":
            failures.append(f"{name} {dataset}: could not be run. {said.get('message')}")
        elif name not in known:
            failures.append(f"{name} {dataset} ({errors}): {said.get('message')}")
    for name, errors in sorted(counted.items()):
        print(f"{name} {errors:6} {known.get(name, {}).get('reason', '-')}")
    print(*failures, sep="\n")
    print("Nothing that is not accepted." if not failures else f"{len(failures)} findings to look at.")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main(*(Path(argument).resolve() for argument in sys.argv[1:4])))
