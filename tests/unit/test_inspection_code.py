"""Loops and vectors in LLVM IR and machine code, of functions that must vectorise and of those that must not."""

import pytest

from gil_lab.suite.compilers import inspection
from gil_lab.suite.compilers.inspection import assembly, llvm_ir, machine_code, python_code
from gil_lab.suite.workloads import mandelbrot, primes, sleep

SUM_IN_PAIRS = """
target triple = "x86_64-unknown-linux-gnu"

define double @pairs(ptr %a, i64 %n) {
entry:
  br label %body

body:                                             ; preds = %body, %entry
  %i = phi i64 [ 0, %entry ], [ %next, %body ]
  %found = phi <2 x double> [ zeroinitializer, %entry ], [ %more, %body ]
  %at = getelementptr double, ptr %a, i64 %i
  %two = load <2 x double>, ptr %at, align 8
  %more = fadd <2 x double> %two, %found
  %next = add i64 %i, 2
  %done = icmp eq i64 %next, %n
  br i1 %done, label %"the end", label %bodyMARK

"the end":
  %first = extractelement <2 x double> %more, i32 0
  %second = extractelement <2 x double> %more, i32 1
  %sum = fadd double %first, %second
  ret double %sum
}
"""
MARKED = (
    SUM_IN_PAIRS.replace("MARK", ", !llvm.loop !0")
    + '\n!0 = distinct !{!0, !1}\n!1 = !{!"llvm.loop.isvectorized", i32 1}\n'
)
UNMARKED = SUM_IN_PAIRS.replace("MARK", "")


def total(numbers):
    found = 0
    for number in numbers:
        found += number
    return found


def compiled(function, *types, **options):
    numba = pytest.importorskip("numba")
    task = numba.njit(**options)(function)
    task.compile(types)
    return machine_code.texts(task)


def array(element):
    numba = pytest.importorskip("numba")
    return numba.types.Array(getattr(numba, element), 1, "C")


def vectors(made):
    return llvm_ir.loop(made.llvm, made.name)[1]


@pytest.mark.parametrize(("element", "options"), [("int64", {}), ("int32", {}), ("float64", {"fastmath": True})])
def test_a_sum_that_may_be_taken_in_any_order_is_vectorised(element, options):
    """Whole numbers, and floating-point ones if their order does not matter: in LLVM IR and in machine code."""
    made = compiled(total, array(element), **options)
    found = vectors(made)
    assert found.vectorised
    assert int(found.shape.split(" x ")[0]) > 1
    if made.triple.partition("-")[0] in assembly.INSTRUCTION_SETS:
        _, packed = assembly.loop(made.asm, made.name, made.triple)
        assert packed.instructions > 0
        assert packed.bits >= 128


def test_a_sum_of_floating_point_numbers_in_their_order_is_not_vectorised():
    """Rounding makes the order matter. The loop is unrolled, which is something else."""
    made = compiled(total, array("float64"))
    assert vectors(made) == llvm_ir.Vectors(vectorised=False, shape="", description="not vectorised")
    if made.triple.partition("-")[0] in assembly.INSTRUCTION_SETS:
        _, packed = assembly.loop(made.asm, made.name, made.triple)
        assert packed == assembly.Packed(0, 0)


@pytest.mark.parametrize("workload", [primes, mandelbrot])
def test_a_loop_that_may_end_at_any_turn_is_not_vectorised(workload):
    """Trial division, and a point of the Mandelbrot set."""
    with workload.WORKLOAD.inputs(1, 1) as (item,):
        made = machine_code.build(workload.WORKLOAD.forms, {}, "it", item)
    assert not vectors(made).vectorised


def test_the_facts_of_primes_name_all_three_levels():
    """And how many instructions one turn has at each: some ten to thirty."""
    pytest.importorskip("numba")
    with primes.WORKLOAD.inputs(1, 1) as (item,):
        facts = inspection.loop_facts(
            primes.count_primes, machine_code.build(primes.WORKLOAD.forms, {}, "primes", item)
        )
    assert [turn.level for turn in facts.iterations][:2] == ["bytecode", "LLVM IR"]
    assert all(5 <= turn.fewest <= turn.most <= 40 for turn in facts.iterations)
    names = [one.name for one in inspection.observations(facts)]
    assert names[:2] == ["bytecode of a turn", "LLVM IR of a turn"]
    assert "vectorised" in names


def test_a_task_without_a_loop_says_so():
    """Sleeping is a call."""
    if "nogil" not in sleep.WORKLOAD.forms:
        pytest.skip("no compiled form here")
    try:
        made = machine_code.build(sleep.WORKLOAD.forms, {}, "sleep", (0, 1))
    except ImportError as error:
        pytest.skip(str(error))
    facts = inspection.loop_facts(sleep.sleep, made)
    assert (facts.iterations, facts.vectors) == ((), "")
    assert facts.remark == "no loop in the compiled function itself"
    assert [one.name for one in inspection.observations(facts)] == ["loop"]


def test_the_mark_of_llvm_and_vectors_make_a_vectorised_loop():
    """What is behind the loop, and phi, is not counted."""
    loop, found = llvm_ir.loop(MARKED, "pairs")
    assert (loop.fewest, loop.most) == (6, 6)
    assert (found.vectorised, found.shape) == (True, "2 x double")


def test_vectors_without_the_mark_are_parts_of_one_turn():
    """Packed side by side, as in a multiplication of complex numbers."""
    _, found = llvm_ir.loop(UNMARKED, "pairs")
    assert (found.vectorised, found.shape) == (False, "2 x double")
    assert "packed" in found.description


def test_the_mark_without_vectors_is_interleaving():
    """LLVM marks the plain loop that takes what is left over as well."""
    _, found = llvm_ir.loop(MARKED.replace("<2 x double>", "double"), "pairs")
    assert (found.vectorised, found.shape) == (False, "")
    assert "interleaved" in found.description


def test_vectors_whose_length_the_processor_decides_are_reported_as_such():
    """SVE of ARM."""
    _, found = llvm_ir.loop(MARKED.replace("<2 x double>", "<vscale x 2 x double>"), "pairs")
    assert (found.vectorised, found.shape) == (True, "vscale x 2 x double")


def test_a_switch_of_several_lines_leads_to_all_its_cases():
    """Its targets stand in lines of their own."""
    text = "define i64 @f(i64 %n) {\nb:\n  switch i64 %n, label %c [\n    i64 0, label %d\n    i64 1, label %b\n  ]\n"
    steps = llvm_ir.function(text + "c:\n  ret i64 1\nd:\n  ret i64 2\n}\n", "f")
    assert [step.follows for step in steps] == [(1, 2, 0), (), ()]


@pytest.mark.parametrize("text", ["", "define void @other() {\n  ret void\n}\n", "nonsense\n}\n", 'define @"pairs"(\n'])
def test_a_function_that_is_not_there_has_no_loop(text):
    """Nothing is reported of another one's."""
    assert llvm_ir.loop(text, "pairs") == (None, None)
    assert assembly.loop(text, "pairs", "x86_64-unknown-linux-gnu") == (None, None)


X86 = """pairs:
	xorpd	%xmm0, %xmm0
.LBB0_1:
	addpd	(%rdi,%rax,8), %xmm0        # two at once
	addq	$2, %rax
	cmpq	%rsi, %rax
	jne	.LBB0_1
	retq
.Lfunc_end0:
	.size	pairs, .Lfunc_end0-pairs
other:
.LBB1_1:
	jmp	.LBB1_1
"""


def test_machine_code_of_x86_is_counted_and_its_registers_measured():
    """Comments and directives are no instructions, and another function's loop is not this one's."""
    loop, packed = assembly.loop(X86, "pairs", "x86_64-unknown-linux-gnu")
    assert (loop.fewest, loop.most) == (4, 4)
    assert packed == assembly.Packed(1, 128)
    wide = X86.replace("addpd	(%rdi,%rax,8), %xmm0", "vfmadd231pd	(%rdi,%rax,8), %zmm1, %zmm0")
    assert assembly.loop(wide, "pairs", "x86_64-unknown-linux-gnu")[1] == assembly.Packed(1, 512)


@pytest.mark.parametrize(
    "scalar", ["addsd (%rdi), %xmm0", "xorps %xmm0, %xmm0", "pxor %xmm0, %xmm0", "addq %rax, %rbx"]
)
def test_scalar_work_in_vector_registers_is_not_packed(scalar):
    """Floating-point numbers live in them one by one, and zero is made by XOR."""
    text = X86.replace("addpd	(%rdi,%rax,8), %xmm0", scalar)
    assert assembly.loop(text, "pairs", "i686-unknown-linux-gnu")[1] == assembly.Packed(0, 0)


def cross(triple):
    """The sum in pairs as machine code of another machine, by the LLVM that Numba brings."""
    llvm = pytest.importorskip("llvmlite.binding")
    llvm.initialize_all_targets()
    llvm.initialize_all_asmprinters()
    try:
        target = llvm.Target.from_triple(triple)
    except RuntimeError:
        pytest.skip(f"this LLVM knows no {triple}")
    module = llvm.parse_assembly(UNMARKED.replace("x86_64-unknown-linux-gnu", triple))
    return target.create_target_machine(opt=2).emit_assembly(module)


def test_machine_code_of_64_bit_arm_is_read_as_well():
    """On Linux and, with underscores before names, on macOS."""
    for triple in ("aarch64-unknown-linux-gnu", "arm64-apple-macosx14.0.0"):
        loop, packed = assembly.loop(cross(triple), "pairs", triple)
        assert 3 <= loop.fewest == loop.most <= 6
        assert packed == assembly.Packed(1, 128)


def test_vectors_of_sve_have_the_width_that_the_processor_has():
    """The text does not show it."""
    text = "pairs:\n.L1:\n\tfadd\tz0.d, z0.d, z1.d\n\tsubs\tx1, x1, #1\n\tb.ne\t.L1\n\tret\n"
    loop, packed = assembly.loop(text, "pairs", "aarch64-unknown-linux-gnu")
    assert (loop.most, packed) == (3, assembly.Packed(1, 0))


@pytest.mark.parametrize("triple", ["riscv64-unknown-linux-gnu", "powerpc64le-unknown-linux-gnu", ""])
def test_of_other_machines_nothing_is_said_but_why(triple):
    """Not even a number."""
    with pytest.raises(assembly.UnsupportedCodeError, match="shown, but not analysed"):
        assembly.loop(X86, "pairs", triple)


def test_machine_code_that_jumps_to_computed_addresses_is_not_judged():
    """A table of jumps: what follows cannot be read from the text."""
    with pytest.raises(assembly.UnsupportedCodeError, match="computed"):
        assembly.loop(X86.replace("jne	.LBB0_1", "jmpq	*%rax"), "pairs", "x86_64-unknown-linux-gnu")


def test_what_cannot_be_judged_in_machine_code_is_still_judged_in_llvm_ir():
    """The facts carry the verdict and the reason."""
    made = machine_code.CompiledFunction("pairs", "", MARKED.replace("x86_64", "riscv64"), X86)
    facts = inspection.loop_facts(total, made)
    assert [str(turn) for turn in facts.iterations][1] == "6 of LLVM IR"
    assert facts.vectors == "vectorised, 2 x double"
    assert facts.remark.startswith("machine code of riscv64")


def test_bytecode_of_a_while_loop_is_counted_without_its_beginning():
    """`i` is compared and increased: some instructions, of which none is the first."""

    def count(n):
        i = 0
        while i < n:
            i += 1
        return i

    loop = python_code.loop(count)
    assert 6 <= loop.fewest == loop.most <= 14
    assert 0 not in loop.members
    assert python_code.loop(test_bytecode_of_a_while_loop_is_counted_without_its_beginning) is None
    assert "BINARY_OP" in python_code.text(count)


def test_what_is_not_written_in_python_has_no_bytecode():
    """One line says so."""
    with pytest.raises(python_code.UsageError, match="not a Python function"):
        python_code.text(len)
