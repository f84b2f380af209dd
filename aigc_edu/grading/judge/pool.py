"""Grading many submissions: the pool, what becomes of a worker's death, an end at once.

:func:`run` keeps the workers busy and hands each line on as it comes.
"""

import concurrent.futures
import contextlib
import multiprocessing
import os
import signal
import sys
from collections import deque
from collections.abc import Callable, Iterable
from concurrent.futures import Executor, Future
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from typing import Any

from aigc_edu.errors import CourseError
from aigc_edu.grading.judge.grader import Task, Terms, grade_one, not_graded
from aigc_edu.grading.judge.ledger import MarkLine


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else 2


def initialize_worker(parent: int) -> None:
    """A worker process ends with the process that started it, whatever ends that."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    os.environ["OMP_NUM_THREADS"] = "1"
    if sys.platform == "linux":
        import ctypes

        ctypes.CDLL(None).prctl(1, signal.SIGKILL, 0, 0, 0)  # PR_SET_PDEATHSIG
        if os.getppid() != parent:
            os._exit(1)
    import torch

    torch.set_num_threads(1)


def local_pool(workers: int) -> Executor:
    """A pool of processes on this machine."""
    # Inherited by the new processes before they load torch.
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    return concurrent.futures.ProcessPoolExecutor(
        workers,
        mp_context=multiprocessing.get_context("spawn"),
        initializer=initialize_worker,
        initargs=(os.getpid(),),
    )


@dataclass(frozen=True)
class Workers:
    """Who grades: processes of this machine, or the workers of a cluster.

    Attributes:
        processes: how many; None for the cores that this process may use.
        cluster: address of a Dask scheduler, whose workers grade instead.

    Raises:
        CourseError: if both are given.
    """

    processes: int | None = None
    cluster: str | None = None

    def __post_init__(self) -> None:
        if self.processes and self.cluster:
            raise CourseError("Say either --workers or --dask.")

    def pool(self, tasks: int) -> tuple[Executor, int]:
        """A new executor for so many tasks, and how many it runs at a time.

        Raises:
            CourseError: if the cluster is not reached.
        """
        if self.cluster is not None:
            from aigc_edu.grading.judge.cluster import cluster_pool

            cluster = cluster_pool(self.cluster)
            return cluster, cluster.width
        processes = max(1, min(self.processes or _cores(), tasks))
        return local_pool(processes), processes


def run(
    terms: Terms,
    tasks: Iterable[Callable[[], Task]],
    workers: Workers,
    done: Callable[[MarkLine], None],
) -> None:
    """Grade many files.

    Args:
        terms: by what.
        tasks: each reads its file when its turn comes.
        workers: who grades; a new pool is made of them if its processes died.
        done: gets each line, in this process, as it comes.

    A file whose grading broke the pool is tried once more by itself; then it is noted as
    not graded.
    """
    waiting: deque[tuple[Task | Callable[[], Task], int]] = deque((task, 0) for task in tasks)
    running: dict[Future[MarkLine], tuple[Task, int]] = {}
    executor, width = workers.pool(len(waiting))
    try:
        while waiting or running:
            # A few more than workers, so that none waits; not all, as files can be large.
            while waiting and len(running) < width + 2:
                source, tries = waiting.popleft()
                task = source if isinstance(source, Task) else source()
                running[executor.submit(grade_one, terms, task)] = (task, tries)
            finished, _ = concurrent.futures.wait(
                running, return_when=concurrent.futures.FIRST_COMPLETED
            )
            broken = False
            for future in finished:
                task, tries = running.pop(future)
                try:
                    line = future.result()
                except CourseError:
                    raise
                except Exception as error:  # the worker died, or a cluster lost it
                    broken = broken or isinstance(error, BrokenProcessPool)
                    if tries:
                        why = "The grader's own process died twice at this file."
                        done(not_graded(terms, task, why))
                    else:
                        waiting.appendleft((task, 1))
                else:
                    done(line)
            if broken:
                # One death takes all that ran with it: these are tried again and not blamed.
                for task, tries in running.values():
                    waiting.appendleft((task, tries))
                running.clear()
                with contextlib.suppress(Exception):
                    executor.shutdown(wait=False, cancel_futures=True)
                executor, width = workers.pool(len(waiting))
    except BaseException:
        _end(executor)
        raise
    executor.shutdown(wait=True)


def _end(executor: Any) -> None:
    """Stop at once: what runs is graded again next time."""
    processes = list((getattr(executor, "_processes", None) or {}).values())
    with contextlib.suppress(Exception):
        executor.shutdown(wait=False, cancel_futures=True)
    for process in processes:
        with contextlib.suppress(Exception):
            process.kill()
