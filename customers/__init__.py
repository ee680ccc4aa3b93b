"""Facts in: customers, transactions, interactions and links; import, archive, data report."""
