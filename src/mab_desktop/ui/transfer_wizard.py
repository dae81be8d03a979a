"""The drive wizard, the same in all four applications.

TransferPage(app, actions=TransferActions(...), mode="accept" | "write" | "both") is a Page: give it as a PageSpec factory.
"""
