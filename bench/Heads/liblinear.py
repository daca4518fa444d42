"""LIBLINEAR's own library (Debian's liblinear4, which liblinear-tools brings), called without its text files.

The structures are those of linear.h in version 2.30, the one behind the name liblinear.so.4.
"""
import ctypes as c
import numpy as np


class Node(c.Structure):
    _fields_ = [("index", c.c_int), ("value", c.c_double)]


class Problem(c.Structure):
    _fields_ = [("l", c.c_int), ("n", c.c_int), ("y", c.c_void_p), ("x", c.c_void_p), ("bias", c.c_double)]


class Parameter(c.Structure):
    _fields_ = [("solver_type", c.c_int), ("eps", c.c_double), ("C", c.c_double), ("nr_weight", c.c_int),
                ("weight_label", c.c_void_p), ("weight", c.c_void_p), ("p", c.c_double), ("init_sol", c.c_void_p)]


class Model(c.Structure):
    _fields_ = [("param", Parameter), ("nr_class", c.c_int), ("nr_feature", c.c_int), ("w", c.POINTER(c.c_double)),
                ("label", c.POINTER(c.c_int)), ("bias", c.c_double)]


NODE = np.dtype(Node)
SILENT = c.CFUNCTYPE(None, c.c_char_p)(lambda text: None)

try:
    library = c.CDLL("liblinear.so.4")
    library.train.restype = c.POINTER(Model)
    library.train.argtypes = [c.POINTER(Problem), c.POINTER(Parameter)]
    library.free_and_destroy_model.argtypes = [c.POINTER(c.POINTER(Model))]
    library.set_print_string_function(SILENT)
    VERSION = c.c_int.in_dll(library, "liblinear_version").value / 100
except OSError:
    library = None


class Rows:
    """Dense codes as LIBLINEAR's sparse rows: the numbers that are not 0, the constant 1 of the intercept, an end."""

    def __init__(self, x, y):
        n, d = x.shape
        counts = (x != 0).sum(1) + 2
        ends = np.cumsum(counts)
        self.nodes = np.empty(ends[-1], NODE)
        for row, end in enumerate(ends):
            at = np.flatnonzero(x[row])
            part = self.nodes[end - counts[row]:end]
            part["index"] = [*(at + 1), d + 1, -1]
            part["value"] = [*x[row, at], 1, 0]
        self.pointers = self.nodes.ctypes.data + (ends - counts).astype(np.uint64) * NODE.itemsize
        self.y = y.astype(np.float64)
        self.problem = Problem(n, d + 1, self.y.ctypes.data, self.pointers.ctypes.data, 1.0)


class LibLinear:
    """One of LIBLINEAR's solvers (its option -s), with the intercept penalised (its option -B 1)."""

    def __init__(self, solver, c, tolerance):
        self.parameter = Parameter(solver_type=solver, eps=tolerance, C=c, p=0.1)

    def fit(self, rows, y):
        self.model = library.train(rows.problem, self.parameter)
        return self

    def weights(self):
        """K x (D + 1), the intercept last, the classes in order."""
        m = self.model.contents
        w = np.ctypeslib.as_array(m.w, (m.nr_feature + 1, m.nr_class)).T[np.argsort(m.label[:m.nr_class])]
        library.free_and_destroy_model(self.model)
        return w
