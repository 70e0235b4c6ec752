"""A folder for a court or a collector: numbered exhibits, their list, the account, what can be verified of it."""

from collections.abc import Callable, Sequence
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

from relance.core.exhibits import Exhibit, Filed, Leaf
from relance.core.message import Attachment
from relance.errors import EXIT_DONE, EXIT_LOOK, UsageError
from relance.french import system_words
from relance.runs import sealed
from relance.runs.dossier import Desk
from relance.runs.proofs import Proofs, proofs_of

CONTRACT, NOTICE = "20-contrat", "50-mise-en-demeure"
"""Where the user's own papers go: what the customer signed, and what the post gave back."""
MAX_PAPER = 25 * 2**20
"""A paper of the user's may weigh this much, in octets: courts' portals take no more."""


class Author(NamedTuple):
    """Who puts proofs into words: the exhibits, the list of them once they are filed, and the texts beside them.

    The texts (name and bytes) are given the hash of the last line of journal.txt.
    """

    exhibits: Callable[[Proofs], list[Exhibit]]
    listed: Callable[[Proofs, Sequence[Filed]], Leaf]
    texts: Callable[[Proofs, str], dict[str, bytes]]


class Made(NamedTuple):
    """The folder or zip that was written, with the number of its exhibits; `broken` as in proofs.JournalLines.

    `plain` is how many of its pages are HTML for want of a PDF; `prints` tells whether typst is there to make one.
    """

    path: Path
    exhibits: int
    proofs: Proofs
    broken: bool = False
    plain: int = 0
    prints: bool = True

    @property
    def exit_code(self) -> int:
        """1 where a message is lost, went elsewhere or names other sums than its day's, or the journal was changed."""
        wrong = any(mail.differs or not mail.raw for mail in self.proofs.mails if mail.left.mailed.state == "sent")
        return EXIT_LOOK if wrong or self.broken or self.proofs.elsewhere else EXIT_DONE


def make(
    desk: Desk,
    targets: Sequence[str],
    out: Path,
    author: Author,
    papers: Sequence[tuple[str, Path]] = (),
    *,
    as_zip: bool = False,
) -> Made:
    """Write the folder of these invoices, or of this customer, into `out`; nothing else is written anywhere.

    `papers` are the user's own, each with the folder it goes into. UsageError where no folder may be made (nothing
    owed, insolvency, several customers), or a file cannot be used.
    """
    from relance.letters.leaf import print_leaf
    from relance.letters.paper import can_print

    proofs, journal = proofs_of(desk, targets, tuple((folder, _paper(path)) for folder, path in papers))

    def printed(exhibit: Exhibit) -> list[tuple[str, bytes]]:
        several = ((each.ending, each.content) for each in exhibit.copies)
        return [as_file(told) if isinstance(told, Leaf) else (ending, told) for ending, told in several]

    plain = 0

    def as_file(leaf: Leaf) -> tuple[str, bytes]:
        nonlocal plain
        ending, content = print_leaf(leaf, proofs.sender.name, desk.today)
        plain += ending == "html"
        return ending, content

    exhibits = author.exhibits(proofs)
    several, files = sealed.filed(exhibits, [printed(exhibit) for exhibit in exhibits])
    ending, content = as_file(author.listed(proofs, several))
    files[f"00-bordereau.{ending}"] = content
    files[sealed.JOURNAL] = "".join(f"{line}\n" for line in journal.lines).encode()
    files |= author.texts(proofs, sha256(files[sealed.JOURNAL]).hexdigest())
    files[sealed.SUMS] = sealed.sums_of(files)
    files[sealed.QUERY] = sealed.query_of(files[sealed.SUMS])
    write = sealed.write_zip if as_zip else sealed.write_folder
    name = sealed.folder_name(proofs.customer.name, desk.today)
    return Made(write(out, name, files), len(several), proofs, journal.broken, plain, can_print())


def _paper(path: Path) -> Attachment:
    """A paper of the user's; UsageError where it cannot be read."""
    try:
        if path.stat().st_size > MAX_PAPER:
            raise UsageError(f"« {path} » pèse plus de {MAX_PAPER >> 20} Mo.", "Allégez ce fichier.")
        return Attachment(path.name, path.read_bytes(), str(path))
    except (OSError, ValueError) as error:
        said = system_words(error) if isinstance(error, OSError) else "nom illisible"
        raise UsageError(f"« {path} » ne peut pas être lu ({said}).", "Donnez le chemin d’un fichier.") from None


def check(folder: Path) -> tuple[str, ...]:
    """The path of each file that is not as it was written; see sealed.check_folder."""
    return sealed.check_folder(folder)
