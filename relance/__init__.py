"""relance: reads a freelancer's invoices and sends the right reminder on the right morning."""

__version__ = "0.1.0"
