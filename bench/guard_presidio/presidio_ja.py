"""Run Presidio with a Japanese model over a set file, and write what it found in the form score.py reads.

    python3 presidio_ja.py SET.jsonl PREDICTIONS.jsonl --as default|configured

`default` is what one gets by asking for Japanese: ja_ginza as the model and nothing else. `configured` is what a
careful operator reaches without writing a recogniser: the model's entity labels (Sekine's extended named entities)
are mapped to Presidio's, telephone numbers are read as Japanese ones, and the card recogniser is registered for `ja`.
Types that Presidio has no word for (individual number, licence, ...) are missed in both; they are part of the task.

Time is that of `analyze` alone, one passage at a time, after the model is loaded and three passages have warmed it.
"""

import argparse
import json
import platform
import sys
import time
from importlib.metadata import version
from pathlib import Path

from presidio_analyzer import AnalyzerEngine, RecognizerRegistry
from presidio_analyzer.nlp_engine import NlpEngineProvider
from presidio_analyzer.predefined_recognizers import CreditCardRecognizer, PhoneRecognizer

# Presidio's word: ours. DATE_TIME is any date, so it cannot stand for a date of birth.
OURS = {"PERSON": "PERSON", "LOCATION": "ADDRESS", "PHONE_NUMBER": "PHONE", "EMAIL_ADDRESS": "EMAIL",
        "CREDIT_CARD": "CREDIT_CARD", "IP_ADDRESS": "IP"}

# Labels of ja_ginza for people, for places that can be part of an address, and the two that Presidio also knows.
MAPPED = {"Person": "PERSON", "Postal_Address": "LOCATION", "Province": "LOCATION", "City": "LOCATION",
          "County": "LOCATION", "GPE_Other": "LOCATION", "Domestic_Region": "LOCATION", "Location_Other": "LOCATION",
          "Phone_Number": "PHONE_NUMBER", "Email": "EMAIL_ADDRESS"}


def engine(way):
    models = {"nlp_engine_name": "spacy", "models": [{"lang_code": "ja", "model_name": "ja_ginza"}]}
    if way == "configured":
        models["ner_model_configuration"] = {
            "model_to_presidio_entity_mapping": MAPPED, "labels_to_ignore": [],
            "low_score_entity_names": [], "default_score": 0.85,
        }
    nlp = NlpEngineProvider(nlp_configuration=models).create_engine()
    registry = RecognizerRegistry(supported_languages=["ja"])
    registry.load_predefined_recognizers(languages=["ja"], nlp_engine=nlp)
    if way == "configured":
        registry.remove_recognizer("PhoneRecognizer")
        registry.add_recognizer(PhoneRecognizer(supported_language="ja", supported_regions=("JP",)))
        registry.add_recognizer(CreditCardRecognizer(supported_language="ja"))
    return AnalyzerEngine(registry=registry, nlp_engine=nlp, supported_languages=["ja"])


def main():
    options = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    options.add_argument("set")
    options.add_argument("predictions")
    options.add_argument("--as", dest="way", choices=("default", "configured"), default="configured")
    asked = options.parse_args()
    records = [json.loads(line) for line in Path(asked.set).read_text("utf-8").splitlines()]
    analyzer = engine(asked.way)
    for record in records[:3]:
        analyzer.analyze(text=record["text"], language="ja")

    lines, spent = [], []
    for record in records:
        begun = time.perf_counter()
        results = analyzer.analyze(text=record["text"], language="ja")
        spent.append(time.perf_counter() - begun)
        spans = [{"type": OURS[r.entity_type], "start": r.start, "end": r.end, "text": record["text"][r.start:r.end],
                  "confidence": round(r.score, 3)} for r in results if r.entity_type in OURS]
        lines.append(json.dumps({"id": record["id"], "spans": sorted(spans, key=lambda s: s["start"])},
                                ensure_ascii=False))
    Path(asked.predictions).write_text("".join(line + "\n" for line in lines), "utf-8")

    kilobytes = sum(len(r["text"].encode()) for r in records) / 1024
    middle = sorted(spent)[len(spent) // 2]
    versions = ", ".join(f"{n} {version(n)}" for n in ("presidio-analyzer", "spacy", "ginza", "ja-ginza"))
    print(f"{asked.way}: {1000 * sum(spent) / kilobytes:.0f} ms/KB (1 KB = 1,024 bytes of UTF-8), median "
          f"{1000 * middle:.0f} ms a passage, {len(records)} passages, {kilobytes:.1f} KB", file=sys.stderr)
    print(f"{versions}, Python {platform.python_version()}, {platform.machine()}", file=sys.stderr)


if __name__ == "__main__":
    main()
