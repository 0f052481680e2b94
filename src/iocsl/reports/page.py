"""The style and the script inside the HTML report; both are fixed texts, named by their digest."""

from __future__ import annotations

STYLE = """
:root { color-scheme: light; --vien: #767676; --nen: #f3f5f7; }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 76rem; padding: 1rem; color: #1a1a1a; background: #fff;
  font: 1rem/1.5 system-ui, "Segoe UI", "Noto Sans", Arial, sans-serif; }
h1 { font-size: 1.5rem; line-height: 1.3; margin: 0; overflow-wrap: anywhere; }
h2 { font-size: 1.25rem; margin: 2rem 0 .5rem; overflow-wrap: anywhere; }
h3 { font-size: 1.05rem; margin: 0 0 .5rem; }
h3 small { font-weight: normal; color: #4a4a4a; }
p { margin: .25rem 0; }
.skip { position: absolute; left: -100rem; background: #fff; padding: .5rem 1rem; }
.skip:focus { left: 1rem; top: 1rem; z-index: 2; }
a { color: #0b4a8f; }
:focus-visible { outline: 3px solid #0b4a8f; outline-offset: 2px; }
#loc { position: sticky; top: 0; z-index: 1; display: flex; flex-wrap: wrap; gap: .5rem 1.5rem;
  align-items: center; margin-top: 1rem; padding: .75rem 1rem; background: var(--nen);
  border: 1px solid var(--vien); }
#loc[hidden] { display: none; }
#loc p, #loc fieldset { display: flex; gap: .5rem 1rem; align-items: center; margin: 0; border: 0;
  padding: 0; }
#loc fieldset { flex-wrap: wrap; }
#loc label { white-space: nowrap; }
#loc legend { float: left; padding: 0; margin-right: .5rem; }
#loc input[type=search], #loc select { font: inherit; padding: .3rem .5rem;
  border: 1px solid var(--vien); background: #fff; color: inherit; }
.ket-luan { padding: .75rem 1rem; border-left: .4rem solid; font-weight: bold; }
.dat { background: #e7f4ea; border-color: #1b6b2f; }
.chua { background: #fdecea; border-color: #b3261e; }
.nhom { margin: 1.5rem 0; padding-left: 1rem; border-left: .4rem solid #46618a; }
.nhom, article, main { scroll-margin-top: 6rem; }
.nhom.error { border-color: #b3261e; }
.nhom.warning { border-color: #8a5a00; }
.muc { display: inline-block; padding: 0 .5rem; color: #fff; background: #46618a; }
.error .muc { background: #b3261e; }
.warning .muc { background: #8a5a00; }
table { border-collapse: collapse; width: 100%; margin: .75rem 0; }
caption { text-align: left; font-style: italic; color: #4a4a4a; padding: .25rem 0; }
th, td { border: 1px solid #bbb; padding: .35rem .6rem; text-align: left; vertical-align: top;
  overflow-wrap: anywhere; white-space: pre-wrap; }
thead th { background: var(--nen); }
tbody th { font-weight: 600; }
tbody th small { display: block; font-weight: normal; color: #4a4a4a; }
.nhom th:first-child { width: 20%; }
.nhom td:nth-child(2) { width: 12%; }
.nhom td:nth-child(3) { width: 20%; }
.tom-tat { width: auto; }
[hidden] { display: none; }
@media screen and (max-width: 40rem) {
  #loc { position: static; }
  .nhom, article, main { scroll-margin-top: 0; }
  .nhom { padding-left: .5rem; }
  th, td { padding: .25rem; }
  /* Four columns do not fit: one finding is a box, its cells below one another. */
  .nhom table, .nhom caption, .nhom tbody, .nhom tr:not([hidden]), .nhom tbody th,
  .nhom td:not(:empty) { display: block; }
  .nhom thead { position: absolute; left: -100rem; }
  .nhom tbody tr { margin-bottom: .5rem; padding: .25rem .5rem; border: 1px solid #bbb; }
  .nhom tbody th:first-child, .nhom tbody td:nth-child(n) { width: auto; padding: .1rem 0;
    border: 0; }
  .nhom td:empty { display: none; }
}
@media print {
  body { max-width: none; padding: 0; font-size: 10pt; }
  #loc, .skip, article nav { display: none !important; }
  thead { display: table-header-group; }
  tr, h3 { break-inside: avoid; break-after: auto; }
  h2, h3, caption, thead, .nhom > p { break-after: avoid; }
  .nhom .muc { color: #000; background: none; border: 1px solid #000; }
  .nhom [hidden], .nhom[hidden] { display: revert; }
}
"""

SCRIPT = """
(function () {
  "use strict";
  var form = document.getElementById("loc");
  if (!form) { return; }
  var search = document.getElementById("tim"), code = document.getElementById("ma");
  var said = document.getElementById("dem");
  var boxes = [].slice.call(form.querySelectorAll("[name=muc]"));
  var rows = [].slice.call(document.querySelectorAll("tr[data-ma]"));
  var groups = [].slice.call(document.querySelectorAll(".nhom"));
  var links = {};
  [].slice.call(document.querySelectorAll("article nav a")).forEach(function (link) {
    links[link.getAttribute("href").slice(1)] = link.parentNode;
  });
  function fold(text) {
    return text.normalize("NFD").replace(/[\\u0300-\\u036f]/g, "").replace(/[\\u0111\\u0110]/g, "d")
      .toLowerCase();
  }
  var texts = null, waiting = 0;
  function show() {
    var wanted = fold(search.value.trim()), on = {}, n = 0;
    if (wanted && !texts) { texts = rows.map(function (row) { return fold(row.textContent); }); }
    boxes.forEach(function (box) { on[box.value] = box.checked; });
    rows.forEach(function (row, at) {
      var keep = on[row.dataset.muc] && (!code.value || row.dataset.ma === code.value) &&
        (!wanted || texts[at].indexOf(wanted) >= 0);
      row.hidden = !keep;
      n += keep ? 1 : 0;
    });
    groups.forEach(function (group) {
      group.hidden = !group.querySelector("tr[data-ma]:not([hidden])");
      if (links[group.id]) { links[group.id].hidden = group.hidden; }
    });
    said.textContent = said.dataset.said.replace("{n}", n).replace("{m}", rows.length);
  }
  form.addEventListener("submit", function (event) { event.preventDefault(); });
  form.addEventListener("input", function () {
    // A page of a hundred thousand rows is drawn once a word, not once a letter.
    clearTimeout(waiting);
    waiting = setTimeout(show, rows.length > 2000 ? 300 : 0);
  });
  form.hidden = false;
  show();
})();
"""
