"""Walk an XML file of records with lxml's iterparse and do nothing with it."""

import sys

from lxml import etree

count = 0
for _, element in etree.iterparse(sys.argv[1], tag="dong"):
    count += len(element)
    element.clear()
    while element.getprevious() is not None:
        del element.getparent()[0]
sys.stdout.write(f"{count}\n")
