"""What holds for every package of the course's library."""

import importlib
import pkgutil
from types import ModuleType

import pytest

import aigc_edu

PACKAGES = [
    "aigc_edu",
    *(
        module.name
        for module in pkgutil.walk_packages(aigc_edu.__path__, "aigc_edu.")
        if module.ispkg
    ),
]


@pytest.mark.parametrize("name", PACKAGES)
def test_no_name_of_a_package_hides_a_module_of_it(name: str) -> None:
    """Else ``package.name`` is the module until somebody imports, and the object afterwards."""
    package = importlib.import_module(name)
    modules = {module.name for module in pkgutil.iter_modules(package.__path__)}
    for module in modules:
        value = getattr(package, module, None)
        assert value is None or isinstance(value, ModuleType), f"{name}.{module} is {value!r}"
    assert not modules & set(getattr(package, "__all__", ()))
