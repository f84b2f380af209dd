"""The workers of a Dask cluster as an executor: the one door to Dask, of the extra ``cluster``.

Nothing is imported of it before somebody asks for a cluster.
"""

from concurrent.futures import Executor, Future
from typing import Any

from aigc_edu.errors import CourseError


def cluster_pool(address: str) -> "ClusterPool":
    """The workers of a Dask cluster.

    Args:
        address: of its scheduler, like ``tcp://host:8786``.

    Raises:
        CourseError: if Dask is not installed or the scheduler is not reached.
    """
    try:
        from distributed import Client
    except ModuleNotFoundError as error:
        raise CourseError(
            "A cluster needs Dask, which is not installed: install it with pip install "
            "'aigc-edu[cluster]', or grade on this machine with --workers."
        ) from error
    connect: Any = Client  # it has no types
    try:
        return ClusterPool(connect(address, timeout=15))
    except (OSError, ValueError, TimeoutError) as error:
        raise CourseError(
            f"No Dask scheduler was reached at {address}: give its address as it was printed at "
            "its start, like tcp://host:8786."
        ) from error


class ClusterPool(Executor):
    """The executor of a Dask client, which it closes with itself.

    Attributes:
        width: how many tasks run at a time.
    """

    def __init__(self, client: Any) -> None:
        self._client, self._executor = client, client.get_executor(pure=False)
        self.width: int = sum(client.nthreads().values())

    def submit(self, function: Any, /, *arguments: Any, **settings: Any) -> Future[Any]:
        """Run something on the cluster."""
        future: Future[Any] = self._executor.submit(function, *arguments, **settings)
        return future

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """End it, and the connection to the cluster."""
        self._executor.shutdown(wait=wait)
        self._client.close()
