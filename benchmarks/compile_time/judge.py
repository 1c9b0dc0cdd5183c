"""The figures of compiling that limits.json has a target for."""


def figures(results, cost="user"):
    """{figure: value}, of what measure() gives; `cost` is "user" or "instructions"."""
    own, twin = results["ctbus"], results["c"]
    other = results.get("sdbus_cpp")

    def of(library, program):
        return library[program]["-O2"]

    def per_method(library):
        return of(library, "fifty_methods")["loaded"] - of(library, "five_methods")["loaded"]

    found = {
        "trivial_service_mebibytes": of(own, "trivial_service")["memory"] / 2**20,
        "trivial_service_bytes_over_c":
            of(own, "trivial_service")["size"] - of(twin, "trivial_service")["size"],
        "method_bytes_of_c": per_method(own) / per_method(twin),
        "fifty_methods_of_five_methods":
            of(own, "fifty_methods")[cost] / of(own, "five_methods")[cost],
    }
    if other:
        found["trivial_service_of_sdbus_cpp"] = (
            of(own, "trivial_service")[cost] / of(other, "trivial_service")[cost])
    return found


def misses(found, limits):
    """One line for each figure over its target."""
    return [f"compile time: {name} is {value:.2f}, not {limits[name]:g}"
            for name, value in found.items() if round(value, 3) > limits[name]]


def rises(found, before, factor):
    """One line for each figure that has risen by more than `factor`."""
    return [f"compile time: {name} is {value:.3f}, before {before[name]:.3f}"
            for name, value in found.items() if name in before and value > before[name] * factor]
