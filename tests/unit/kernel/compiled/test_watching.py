import os

from jaksim.kernel.compiled.watching import told, watched


class Diary:
    def __init__(self):
        self.written = []

    def begun(self, kernel):
        self.written.append(kernel.__name__)

    def ended(self):
        self.written.append("done")


def test_the_innermost_watcher_is_told_of_the_kernels_that_are_compiled():
    outer, inner = Diary(), Diary()
    with watched(outer):
        with watched(inner), told(max):
            assert inner.written == ["max"]
        with told(min):
            pass
    with told(sum):
        pass
    assert inner.written == ["max", "done"]
    assert outer.written == ["min", "done"]


def test_a_copied_process_tells_nobody():
    diary = Diary()
    with watched(diary):
        child = os.fork()
        if child == 0:
            with told(max):
                os._exit(len(diary.written))
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
