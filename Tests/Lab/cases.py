"""The scenarios of a directory, one or several a file, by their ids."""

import importlib.util
import os


class Case:
    """One scenario, or one of the cases of a file that has several: their parameter goes to `stage` and `act`."""

    def __init__(self, name, module, *parameters):
        self.name, self.module, self.parameters = name, module, parameters
        self.title = module.__doc__.split("\n", 1)[0].rstrip(".")

    @property
    def needs(self):
        return getattr(self.module, "NEEDS", None)

    @property
    def wants_containers(self):
        return getattr(self.module, "ROOT", None) == "containers"

    @property
    def is_alone(self):
        """It is about the whole machine, which other labs would disturb."""
        return getattr(self.module, "ALONE", False)

    @property
    def is_unasked(self):
        """No manager is asked for anything in it: that nobody sees such calls changes nothing."""
        return self.name in getattr(self.module, "UNASKED", ())

    def stage(self, scene):
        self.module.stage(scene, *self.parameters)

    def act(self, scene):
        self.module.act(scene, *self.parameters)


def all_cases(directory):
    cases = []
    for name in sorted(os.listdir(directory)):
        if name.endswith(".py"):
            module = load(os.path.join(directory, name))
            several = getattr(module, "CASES", None)
            if several is None:
                cases.append(Case(module.__doc__.split(":", 1)[0], module))
            else:
                cases += [Case(each, module, parameter) for each, parameter in several.items()]
    return cases


def load(path):
    spec = importlib.util.spec_from_file_location(f"scenario_{os.path.basename(path)[:-3]}", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def is_meant(name, word):
    return name == word or name.startswith(f"{word}-") or word.isalpha() and name.startswith(word)
