"""The same events in the words of others: EPCIS 2.0 and X12, as tables over our messages, never as code paths of their own."""
