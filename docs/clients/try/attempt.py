"""What the Python scripts of this folder share: the settings of a run, and one line of result for each attempt.

SEKISHO_URL        address of the gate, without /v1 (http://127.0.0.1:7100)
SEKISHO_KEY        a key of the gate
SEKISHO_PURPOSE    the purpose that is stated (文書作成)
SEKISHO_MODEL      a model for texts
SEKISHO_EMBEDDING  a model for embeddings; without it those attempts are left out
"""
import os
import sys
import traceback
from urllib.parse import quote

GATE = os.environ.get("SEKISHO_URL", "http://127.0.0.1:7100").rstrip("/")
KEY = os.environ.get("SEKISHO_KEY") or sys.exit("SEKISHO_KEY is not set")
MODEL = os.environ.get("SEKISHO_MODEL") or sys.exit("SEKISHO_MODEL is not set")
EMBEDDING = os.environ.get("SEKISHO_EMBEDDING", "")
PURPOSE = os.environ.get("SEKISHO_PURPOSE", "文書作成")
# Header values are ASCII: a purpose in Japanese travels percent-encoded.
HEADERS = {"x-sekisho-purpose": quote(PURPOSE, safe="")}

failed = []


def attempt(name):
    """Runs the function below it at once, and prints how it went."""

    def run(function):
        try:
            print(f"ok      {name}: {function()}", flush=True)
        except Exception as error:  # every kind of failure is a result here
            failed.append(name)
            print(f"FAILED  {name}: {type(error).__name__}: {str(error)[:600]}", flush=True)
            if os.environ.get("SEKISHO_TRACE"):
                traceback.print_exc()

    return run


def refused(call, kind):
    """The error of a call that has to be refused, as the SDK shows it."""
    try:
        answer = call()
    except kind as error:
        return error
    raise AssertionError(f"not refused, but answered: {str(answer)[:200]}")


def end():
    print(f"{len(failed)} failed")
    sys.exit(1 if failed else 0)
