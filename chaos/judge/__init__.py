"""The judge: decides from the log and the histories of callers and watchers whether every promise was kept."""

from chaos.judge.judging import judge
from chaos.judge.promises import PROMISES
from chaos.judge.verdict import Verdict, Violation

__all__ = ["PROMISES", "Verdict", "Violation", "judge"]
