"""Jobs of made-up steps, to try the machinery of runs on."""

from dataclasses import dataclass, field

from churnsite import steps
from churnsite.steps import Done, Parts, Stage, StepKind


@dataclass
class Job:
    """Three steps that note when they are done; `failing` maps a step to the errors that its next attempts raise."""

    done: list[str] = field(default_factory=list)
    failing: dict[str, list[BaseException]] = field(default_factory=dict)

    def steps(self) -> tuple[StepKind, ...]:
        stage = Stage(begin=lambda as_of: [0, 1, 2], part=self._part)
        parts = Parts(stages=(stage,), finish=lambda as_of: Done(n_rows=3))
        return (
            StepKind("first", "First", self._step("first")),
            StepKind("middle", "Middle", self._step("middle"), parts),
            StepKind("last", "Last", self._step("last")),
        )

    def install(self, monkeypatch) -> "Job":
        monkeypatch.setitem(steps.JOBS, "daily", self.steps())
        return self

    def _step(self, name):
        def work(as_of, advance):
            self._raise(name)
            self.done.append(name)
            return Done(n_rows=len(self.done), result={"as_of": as_of})

        return work

    def _part(self, as_of, part):
        self._raise(f"part {part}")
        self.done.append(f"part {part}")

    def _raise(self, name):
        if errors := self.failing.get(name):
            raise errors.pop(0)
