"""The approval sheet: one step of a bundle on one page, signed as a PDF by any program.

    facts.py    what the sheet says, worked out from the bundle alone
    font.py     how wide its letters are
    layout.py   where each line stands
    pdf.py      the page as a PDF
    read.py     the signed PDF: whose signature, over which facts, over which page

A sheet counts because its page is printed again from the bundle's own records and compared with
the one that was signed. So what is printed for given facts never changes: another wording or
layout is another schema beside `iocsl/sheet/1`.
"""
