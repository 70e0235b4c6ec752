"""How large a file may be before it is refused; `[invoices]` raises each of these."""

from typing import NamedTuple


class Limits(NamedTuple):
    """Rows of one table, size of one file in MB (2^20 bytes), columns of one table."""

    rows: int = 200_000
    megabytes: int = 64
    columns: int = 256  # Zoho Invoice exports 83

    @property
    def inflated(self) -> int:
        """What a compressed workbook may become, in bytes: 100 MB for files of up to 64 MB."""
        return max(100, self.megabytes * 100 // 64) * 2**20


DEFAULT_LIMITS = Limits()
