"""From files to values: tables, columns, cells, invoices."""
