"""The process that runs user code. Under the user's interpreter: Python, torch and `bufferlint.verify.contract` only.

The worker itself runs no user code: each side of a class (the text as it stands, the rewritten text) is built in a
process of its own, which writes what it saw into a folder; the worker reads both folders and judges.
"""
