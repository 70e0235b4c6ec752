"""python -m bench [NAME [ARGUMENTS...]]: the benches with what each measures, or one of them."""

import ast
import importlib
import os
import sys
import tempfile
from pathlib import Path


def benches() -> dict[str, str]:
    """The first line of each bench by its name; a module without a `main` only helps them."""
    found = {}
    for path in sorted(Path(__file__).parent.glob("[!_]*.py")):
        module = ast.parse(path.read_text(encoding="utf-8"))
        if any(isinstance(node, ast.FunctionDef) and node.name == "main" for node in module.body):
            found[path.stem] = (ast.get_docstring(module) or "").partition("\n")[0]
    return found


def main() -> int:
    """Run one with its arguments; its exit code, 2 where there is no such bench."""
    known, asked = benches(), sys.argv[1:2]
    if not asked or asked[0] not in known:
        print("python -m bench NAME [ARGUMENTS...]\n")
        print("\n".join(f"    {name:15}{said}" for name, said in known.items()))
        return 2 if asked and asked[0] not in ("-h", "--help") else 0
    sys.argv[:2] = [f"python -m bench {asked[0]}"]
    with tempfile.TemporaryDirectory() as folder:  # no journal of a bench leaves its witness with the user
        os.environ["XDG_STATE_HOME"] = folder
        code: int | None = importlib.import_module(f"bench.{asked[0]}").main()
    return code or 0


if __name__ == "__main__":
    sys.exit(main())
