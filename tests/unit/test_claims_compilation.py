"""Made-up sessions for the claims about the stages from source to machine code."""

from made_claims import of, session


def source(variant="", wall_s=0.1):
    return of("sequential", wall_s, work={"workload": f"source{variant}"})


def lazy(**observed):
    return session(of("sequential", work={"workload": "first-call+lazy"}, observed=observed))


def turns(bytecode, machine_code):
    return lazy(
        **{"bytecode of a turn": (bytecode, "instructions"), "machine code of a turn": (machine_code, "instructions")}
    )


def prices(bytecode_ns, machine_ns):
    name = "time of an instruction of "
    return lazy(**{f"{name}bytecode": (bytecode_ns, "ns"), f"{name}machine code": (machine_ns, "ns")})


PYC = "Importing from a .pyc file takes less than half the time of importing from source"
COMPILING = "More than half the time of importing from source is compiling it to bytecode"
AS_MANY = "One iteration of a compiled loop has as many instructions as in bytecode, within a factor of two"
PRICE = "A bytecode instruction takes more than five times as long as a machine instruction"
VECTORISED = "A loop whose every iteration may be the last is not vectorised"
HOLDS = {
    PYC: session(source(), source("+pyc", 0.01)),
    COMPILING: session(source(), source("+compile", 0.09)),
    AS_MANY: turns(16, 14),
    PRICE: prices(2.5, 0.1),
    VECTORISED: lazy(vectorised="not vectorised; no packed arithmetic in machine code"),
}
FAILS = {
    PYC: session(source(), source("+pyc", 0.09)),
    COMPILING: session(source(), source("+compile", 0.01)),
    AS_MANY: turns(16, 200),
    PRICE: prices(0.2, 0.1),
    VECTORISED: lazy(vectorised="vectorised, 8 x i64"),
}
