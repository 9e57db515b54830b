"""python3 -m unittest: the rule on worked cases, and the check digits on published examples."""

import json
import unittest

import pii_set
import score


class Rule(unittest.TestCase):
    def test_worked_cases(self):
        """The same cases bind any other implementation of the rule."""
        for case in json.loads((pii_set.FOLDER / "score-cases.json").read_text("utf-8")):
            with self.subTest(case["why"]):
                found, verdicts = score.judge([tuple(g) for g in case["gold"]], [tuple(p) for p in case["predicted"]])
                self.assertEqual(found, case["found"])
                self.assertEqual([v for _, v in verdicts], case["verdicts"])

    def test_the_set_itself_scores_full_marks(self):
        for half in pii_set.HALVES:
            gold = score.records_in(pii_set.FOLDER / f"{half}.jsonl")
            result = score.score(gold, gold)
            self.assertEqual({r["recall"] for r in result["rows"]}, {1.0})
            self.assertEqual({r["precision"] for r in result["rows"]}, {1.0})
            self.assertEqual(result["flagged"], 0)

    def test_wrong_type_is_missed_wrong_and_not_leaked(self):
        gold = {"a": {"id": "a", "text": "山田です", "spans": [{"type": "PERSON", "start": 0, "end": 2}]}}
        said = {"a": {"id": "a", "spans": [{"type": "ADDRESS", "start": 0, "end": 2}]}}
        rows = {r["name"]: r for r in score.score(gold, said)["rows"]}
        self.assertEqual((rows["PERSON"]["found"], rows["PERSON"]["leaked"], rows["ADDRESS"]["wrong"]), (0, 0, 1))

    def test_refuses_what_it_cannot_score(self):
        gold = {"a": {"id": "a", "text": "山田です", "spans": []}}
        for start, end in ((0, 5), (2, 2), (-1, 1)):
            said = {"a": {"id": "a", "spans": [{"type": "PERSON", "start": start, "end": end}]}}
            with self.assertRaises(score.Bad):
                score.score(gold, said)
        with self.assertRaises(score.Bad):
            score.score(gold, {})

    def test_wilson(self):
        low, high = score.wilson(45, 50)
        self.assertAlmostEqual(low, 0.7864, 4)
        self.assertAlmostEqual(high, 0.9565, 4)
        self.assertIsNone(score.wilson(0, 0))


class CheckDigits(unittest.TestCase):
    def test_published_examples(self):
        self.assertEqual(pii_set.fill("MY_NUMBER", "12345678901?"), "123456789018")
        self.assertEqual(pii_set.fill("CORP_NUMBER", "?000012050002"), "7000012050002")
        self.assertEqual(pii_set.fill("HEALTH_INSURANCE", "3312001?"), "33120015")
        self.assertEqual(pii_set.fill("CREDIT_CARD", "411111111111111?"), "4111111111111111")

    def test_written_like_its_neighbours(self):
        self.assertEqual(pii_set.fill("MY_NUMBER", "１２３４ ５６７８ ９０１?"), "１２３４ ５６７８ ９０１８")


if __name__ == "__main__":
    unittest.main()
