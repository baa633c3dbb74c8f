from __future__ import annotations

from pathlib import Path

import pytest

from bufferlint.verify.contract import InputSpec, Recipe
from bufferlint.verify.plan import parse_input, parse_recipe, recipe_from_table, subject


def test_a_recipe_of_a_command_line() -> None:
    init = ("d_in=3", "bias=False", "act=gelu", "sizes=(1, 2)", "name='7'", "url=http://x/?a=b", "open=[1, 2")
    recipe = parse_recipe(init, ("2x6x3", "mask=6x6:bool"), ("4",), seed=123, device="cuda:1", timeout=5, memory=100)
    expected = (
        ("d_in", 3),
        ("bias", False),
        ("act", "gelu"),
        ("sizes", (1, 2)),
        ("name", "7"),
        ("url", "http://x/?a=b"),
        ("open", "[1, 2"),
    )
    inputs = (InputSpec((2, 6, 3)), InputSpec((6, 6), "bool", name="mask"))
    assert recipe == Recipe(expected, (4,), inputs, 123, "cuda:1", 5, 100)


def test_what_the_command_line_leaves_out_comes_from_the_file() -> None:
    base = recipe_from_table({"init": {"a": 1, "b": 2}, "inputs": ["3"], "seed": 7, "timeout": 9})
    assert parse_recipe(("b=3",), base=base) == Recipe(
        (("a", 1), ("b", 3)), inputs=(InputSpec((3,)),), seed=7, timeout=9.0
    )
    assert parse_recipe(seed=0, base=base).seed == 0


@pytest.mark.parametrize(
    ("text", "spec"),
    [
        ("2x6x3", InputSpec((2, 6, 3))),
        ("2x6x3:int64", InputSpec((2, 6, 3), "int64")),
        ("4x10:int64:0..100", InputSpec((4, 10), "int64", 0, 100)),
        ("6:-1.5..1.5", InputSpec((6,), "float32", -1.5, 1.5)),
        ("6:torch.half", InputSpec((6,), "float16")),
        ("scalar:long:0..5", InputSpec((), "int64", 0, 5)),
        ("0x3", InputSpec((0, 3))),
        ("value:None", InputSpec(None, value=None)),
        ("sizes=value:[2, 3]", InputSpec(None, value=[2, 3], name="sizes")),
    ],
)
def test_inputs(text: str, spec: InputSpec) -> None:
    assert parse_input(text) == spec


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("2,6,3", "'2,6,3' is not an input; write its shape, for example 2x6x3"),
        ("2x6x3:int65", "unknown dtype 'int65'; did you mean 'int6"),
        ("3:int64:5..5", "'3:int64:5..5' has an empty range"),
        ("", "is not an input"),
    ],
)
def test_a_bad_input_says_what_a_good_one_looks_like(text: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        parse_input(text)


@pytest.mark.parametrize("item", ["d_in", "3=d_in", "=3", "d-in=3"])
def test_a_bad_argument_says_what_a_good_one_looks_like(item: str) -> None:
    with pytest.raises(
        ValueError, match=f"'{item}' is not a constructor argument; write name=value, for example d_in=3"
    ):
        parse_recipe((item,))


def test_a_recipe_of_a_configuration_file() -> None:
    table = {
        "init": {"d_in": 3, "sizes": [1, 2]},
        "args": [1],
        "inputs": ["2x3"],
        "seed": 1,
        "device": "mps",
        "timeout": 1.5,
        "memory": 64,
    }
    assert recipe_from_table(table) == Recipe(
        (("d_in", 3), ("sizes", [1, 2])), (1,), (InputSpec((2, 3)),), 1, "mps", 1.5, 64
    )
    assert recipe_from_table({}) == Recipe()


@pytest.mark.parametrize(
    ("table", "message"),
    [
        ({"input": ["2x3"]}, "unknown key 'input' in a verify recipe; did you mean 'inputs'?"),
        ({"sede": 3}, "did you mean 'seed'?"),
        ({"inputs": "2x3"}, "'inputs' in a verify recipe must be a list such as"),
        ({"seed": "3"}, "'seed' in a verify recipe must be a whole number such as 123; got '3'"),
        ({"seed": True}, "'seed' in a verify recipe must be"),
        ({"init": ["d_in=3"]}, "'init' in a verify recipe must be a table such as"),
        ({"init": {"when": object()}}, "'init' in a verify recipe holds a value that is not"),
        ({"timeout": 0}, "the timeout is in seconds and above 0"),
        ({"memory": -1}, "the memory limit is in MiB and above 0"),
    ],
)
def test_a_bad_table_names_the_key(table: dict[str, object], message: str) -> None:
    with pytest.raises(ValueError) as caught:
        recipe_from_table(table)
    assert message in str(caught.value)


def test_a_module_is_named_from_its_packages_root(tmp_path: Path) -> None:
    deep = tmp_path / "src" / "pkg" / "layers"
    deep.mkdir(parents=True)
    for folder in (deep, deep.parent):
        (folder / "__init__.py").touch()
    inner = subject(str(deep / "attention.py"), "A", "", None, search=[str(tmp_path)])
    assert (inner.module, inner.search) == (
        "pkg.layers.attention",
        ((tmp_path / "src").as_posix(), str(tmp_path)),
    )
    assert subject(str(deep / "__init__.py"), "A", "", None).module == "pkg.layers"


def test_a_script_is_named_after_itself(tmp_path: Path) -> None:
    script = subject(str(tmp_path / "train-model.v2.py"), "A", "", None)
    assert (script.module, script.search) == ("train_model_v2", (tmp_path.as_posix(),))


def test_relative_imports_without_a_package_make_a_namespace_package(tmp_path: Path) -> None:
    file = tmp_path / "models" / "blocks" / "attention.py"
    text = "import torch\nfrom ..masks import causal\n"
    member = subject(str(file), "A", text, None, search=[str(tmp_path)])
    assert (member.module, member.search) == ("models.blocks.attention", (str(tmp_path),))
    assert subject(str(file), "A", "import torch\n", None, search=[str(tmp_path)]).module == "attention"


def test_a_folder_without_init_in_a_package_that_its_file_imports_is_a_namespace_package(tmp_path: Path) -> None:
    package = tmp_path / "pkg"
    solvers = package / "numerics" / "solvers"
    solvers.mkdir(parents=True)
    for folder in (package, package / "numerics"):
        (folder / "__init__.py").touch()

    member = subject(str(solvers / "ode.py"), "A", "import torch\nfrom pkg.numerics import rates\n", None)
    alone = subject(str(solvers / "ode.py"), "A", "import torch\nfrom pkgs import rates\n", None)

    assert (member.module, member.search) == ("pkg.numerics.solvers.ode", (tmp_path.as_posix(),))
    assert alone.module == "ode"


def test_a_notebook_is_named_so_that_nothing_clashes(tmp_path: Path) -> None:
    book = subject(str(tmp_path / "01 - buffers.ipynb"), "A", "", None, notebook=True)
    assert (book.module, book.notebook) == ("01___buffers", True)
