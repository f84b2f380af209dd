"""The live loop and the figures in a real kernel, driven as nbclient drives it."""

import os

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook

from aigc_edu.authoring.execute import ExecutionError, execute

TIMEOUT = 120


def run(tmp_path, *sources):
    notebook = new_notebook(cells=[new_code_cell(source) for source in sources])
    env = {"OMP_NUM_THREADS": "1", "AIGC_EDU_STATE": str(tmp_path)}
    return execute(notebook, cwd=tmp_path, env=env, timeout=TIMEOUT)


def text(cell) -> str:
    return "".join(output.get("text", "") for output in cell.outputs)


def bundles(cell) -> list[dict[str, str]]:
    return [output.data for output in cell.outputs if "data" in output]


def test_pictures_are_stored_once_with_their_alternative(tmp_path):
    figures, moving, bar = run(
        tmp_path,
        "import matplotlib.pyplot as plt, numpy as np\n"
        "from aigc_edu import view\n"
        "view.use_style()\n"
        "figure, axes = plt.subplots()\n"
        "axes.plot([1, 2])\n"
        "view.show(figure, 'A line.')\n"
        "view.image_grid(np.zeros((4, 28, 28)), alt='Four squares.')",
        "training = view.live(50, rate=1000, alt='Squares.')\n"
        "for step in training:\n"
        "    training.show(lambda: np.zeros((4, 28, 28)), loss=step)\n"
        "print(training.steps_done)",
        "for item in view.progress(range(2000), 'counting'):\n    pass",
    ).cells
    assert [bundle["text/plain"] for bundle in bundles(figures)] == ["A line.", "Four squares."]
    # However many frames there were, one output stays, and it has all three forms.
    (bundle,) = bundles(moving)
    assert 'alt="Squares. 50 of 50 steps in' in bundle["text/html"]
    assert bundle["image/png"]
    assert text(moving) == "50\n"
    assert text(bar).count("\n") == 1
    assert "2000/2000" in text(bar)
    assert not any("widget" in kind for cell in (moving, bar) for b in bundles(cell) for kind in b)
    assert all(output.get("name") != "stderr" for output in bar.outputs)


@pytest.mark.skipif(os.name == "nt", reason="SIGINT cannot be sent to oneself on Windows")
def test_interrupting_the_kernel_ends_the_loop_and_the_rest_runs(tmp_path):
    _, looping, later = run(
        tmp_path,
        "import os, signal, threading, time\n"
        "from aigc_edu.view import live\n"
        "handler = signal.getsignal(signal.SIGINT)\n"
        "began = threading.Event()\n"
        # What the kernel's manager does when ■ is pressed.
        "def press():\n"
        "    began.wait()\n"
        "    os.kill(os.getpid(), signal.SIGINT)\n"
        "thread = threading.Thread(target=press); thread.start()",
        "before = signal.getsignal(signal.SIGINT)\n"
        "training = live(10**9, alt='Nothing but numbers.')\n"
        "for step in training:\n"
        "    training.show(loss=step)\n"
        "    if step == 3: began.set()\n"
        "    time.sleep(0.001)\n"
        "print('went on', training.stopped, signal.getsignal(signal.SIGINT) is before)",
        "thread.join(); print(threading.main_thread() is threading.current_thread())\n"
        "print(training.steps_done >= 3, len(training.history['loss']) == training.steps_done)",
    ).cells
    assert text(looping) == "went on True True\n"
    (bundle,) = bundles(looping)
    assert "Stopped after" in bundle["text/html"]
    assert text(later) == "True\nTrue True\n"


def test_an_exception_is_the_cells_own_and_the_last_frame_stays(tmp_path):
    with pytest.raises(ExecutionError, match="raised ZeroDivisionError") as caught:
        run(
            tmp_path,
            "from aigc_edu.view import live\n"
            "for step in live(10, alt='Numbers.'):\n"
            "    live.show(loss=step)\n"
            "    1 / (step - 3)",
        )
    (cell,) = caught.value.notebook.cells
    assert [output.output_type for output in cell.outputs] == ["display_data", "error"]
    assert "3 of 10 steps" in cell.outputs[0].data["text/html"]
    nbformat.validate(caught.value.notebook)
