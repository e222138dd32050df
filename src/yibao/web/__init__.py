"""The pages, and the process that serves them beside the national interface. Entry point: `app.create_app`.

A page goes: `access.guard` (who may open it) → a handler in home, sign_in, bills, verification or site → one read of
the database → a pure view (`statement_of` for a bill) → a template (`rendering.page`) or paper (`paper.bill_pdf`).
What goes wrong ends in `errors` as a page that says what happened and what to do.
"""
