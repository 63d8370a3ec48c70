"""What happened in a run of chaos, counted for people. Knows neither the program nor the sandbox."""

from collections import Counter, defaultdict


class Tally:
    """Counts by subject and word. `show` gives them as lines, the most frequent first."""

    def __init__(self) -> None:
        self.steps = 0
        self.lives = 0
        #: Scans settled as ours although a use elsewhere was all there was (see `truth.indistinguishable`).
        self.seen_as_ours: set[object] = set()
        self._counts: dict[str, Counter[str]] = defaultdict(Counter)

    def add(self, subject: str, word: str, count: int = 1) -> None:
        """Count `word` under `subject`."""
        self._counts[subject][word] += count

    def of(self, subject: str, word: str) -> int:
        """How often `word` was counted."""
        return self._counts[subject][word]

    def words(self, subject: str) -> set[str]:
        """The words that were counted."""
        return set(self._counts[subject])

    def show(self) -> str:
        """Everything, a line per word."""
        lines = [f"steps: {self.steps} in {self.lives} lives"]
        for subject, counter in sorted(self._counts.items()):
            lines.append(f"{subject}: {counter.total()}")
            lines += [f"    {count:>6} {word}" for word, count in counter.most_common()]
        lines.append(f"used elsewhere and settled as ours: {len(self.seen_as_ours)}")
        return "\n".join(lines)
