"""The contract with every ERP, made from the structs themselves: JSON Schemas, one AsyncAPI 3 document, two pages.

What is committed under `docs/contract` is what this package makes, byte for byte; a test compares them. So a changed field
shows as a changed contract, which needs a new `VERSION`, a line in the changelog and `pickface contract docs/contract`:
nobody changes it by accident. A new event or a new optional field raises the middle number; anything an ERP would have to
be changed for raises the first, and is avoided.
"""

VERSION = "1.7.0"
