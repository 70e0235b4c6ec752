"""The help of each command: the usage, two examples, then what there is."""

from itertools import pairwise

from click import BadOptionUsage, Context, HelpFormatter
from typer.core import TyperCommand, TyperGroup


class _Context(Context):
    """What only a help needs is imported once one is asked for."""

    def make_formatter(self) -> HelpFormatter:
        """Usage, options and examples in French."""
        from relance.display.usage import Formatter

        return Formatter(width=self.terminal_width, max_width=self.max_content_width)


def _write_examples(ctx: Context, formatter: HelpFormatter) -> None:
    from relance.cli.examples import EXAMPLES
    from relance.display.usage import Formatter

    assert isinstance(formatter, Formatter)
    formatter.write_examples(EXAMPLES[ctx.command_path])


class FrenchCommand(TyperCommand):
    """A command whose help shows two examples first."""

    context_class = _Context

    def parse_args(self, ctx: Context, args: list[str]) -> list[str]:
        """An option that stands where the value of another is expected is no value: `--settle --today 20/11`."""
        known = {name: param for param in self.params if param.param_type_name == "option" for name in param.opts}
        typed = args[: args.index("--")] if "--" in args else args
        for name, following in pairwise(typed):
            if name in known and following in known and not getattr(known[name], "is_flag", False):
                raise BadOptionUsage(name, "", ctx)
        return super().parse_args(ctx, args)

    def collect_usage_pieces(self, ctx: Context) -> list[str]:
        """What has to be given stands before what may be."""
        options, *arguments = super().collect_usage_pieces(ctx)
        return [*arguments, options]

    def format_help_text(self, ctx: Context, formatter: HelpFormatter) -> None:
        """The examples, then what the command does."""
        _write_examples(ctx, formatter)
        super().format_help_text(ctx, formatter)


class FrenchGroup(TyperGroup):
    """Commands under one name, each with the whole of its sentence."""

    context_class = _Context

    def collect_usage_pieces(self, ctx: Context) -> list[str]:
        """The command first."""
        return ["COMMANDE", "[OPTIONS]"]

    def format_help_text(self, ctx: Context, formatter: HelpFormatter) -> None:
        """The examples, then what the commands are for."""
        _write_examples(ctx, formatter)
        super().format_help_text(ctx, formatter)

    def format_commands(self, ctx: Context, formatter: HelpFormatter) -> None:
        """Each command with its sentence."""
        with formatter.section("Commandes"):
            formatter.write_dl([(name, summary(command.help)) for name, command in self.commands.items()])


def summary(doc: str | None) -> str:
    """The first sentence of what a command says of itself."""
    return (doc or "").strip().partition("\n")[0]
