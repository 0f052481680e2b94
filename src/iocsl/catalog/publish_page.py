"""The catalogue as one HTML file that needs no network: search, filters, print."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from html import escape
from typing import Any

from iocsl.catalog.entries import PERIOD_WORDS, Dataset, Indicator
from iocsl.catalog.lookup import Catalogue
from iocsl.catalog.publish import stamp
from iocsl.catalog.search import words_of

_STYLE = """
:root{--ink:#1b2733;--soft:#5a6876;--line:#d5dce3;--tint:#f3f6f9;--mark:#0b5cad;--warn:#8a5a00}
*{box-sizing:border-box}
body{margin:0;font:16px/1.5 system-ui,"Segoe UI",Roboto,"Noto Sans",sans-serif;color:var(--ink)}
header{padding:1.2rem 1.5rem .8rem;border-bottom:1px solid var(--line)}
h1{margin:0;font-size:1.4rem} h2{font-size:1.15rem;margin:2.5rem 0 .5rem}
h3{margin:1.5rem 0 .4rem;font-size:1rem} section{scroll-margin-top:6rem}
.stamp{margin:.2rem 0 0;color:var(--soft);font-size:.9rem}
form{position:sticky;top:0;background:#fff;display:flex;flex-wrap:wrap;gap:.6rem;align-items:end;
padding:.8rem 1.5rem;border-bottom:1px solid var(--line);z-index:1}
label{display:grid;font-size:.85rem;color:var(--soft);gap:.15rem}
input,select,button{font:inherit;padding:.4rem .5rem;border:1px solid var(--line);border-radius:4px;
background:#fff;color:var(--ink);max-width:100%}
label.wide{flex:1 1 16rem} select{max-width:18rem}
button{cursor:pointer}
input:focus-visible,select:focus-visible,button:focus-visible,summary:focus-visible{
outline:2px solid var(--mark);outline-offset:1px}
output{margin-left:auto;color:var(--soft);align-self:center}
main{padding:0 1.5rem 3rem}
table{border-collapse:collapse;width:100%;font-size:.95rem}
th,td{text-align:left;vertical-align:top;padding:.45rem .6rem;border-bottom:1px solid var(--line)}
thead th{background:var(--tint)} td.code{white-space:nowrap;font-variant-numeric:tabular-nums}
tr:target td{background:#fff8dc}
summary{cursor:pointer} details dl{margin:.4rem 0 .2rem;display:grid;
grid-template-columns:max-content 1fr;gap:.15rem .8rem;font-size:.9rem}
dt{color:var(--soft)} dd{margin:0}
.doubt{color:var(--warn);font-size:.85rem}
a{color:var(--mark)}
[hidden]{display:none}
.none{padding:2rem 0;color:var(--soft)}
@media (max-width:44rem){thead{display:none} tr{display:block;padding:.4rem 0;
border-bottom:1px solid var(--line)} td{display:block;border:0;padding:.1rem .2rem}}
#loc{display:none}
@media print{html,body{font-size:9pt} form{display:none} header,main{padding:0} header{border:0}
h1{font-size:14pt} h2,h3{break-after:avoid} th,td{padding:1.2mm 1.5mm} thead th{background:none;
border-bottom:.4mm solid var(--ink)} #loc:not(:empty){display:block;margin:.2rem 0;font-weight:600}
details:not([open])>dl{display:none} summary{list-style:none} .doubt{color:inherit}
summary::-webkit-details-marker{display:none} a{color:inherit;text-decoration:none}
tr{break-inside:avoid} @page{size:A4 landscape;margin:12mm 12mm 14mm;
@bottom-right{content:counter(page) "/" counter(pages);font:8pt system-ui,sans-serif}}}
"""

_SCRIPT = """
const form=document.forms[0],rows=[...document.querySelectorAll("#muc tr")];
const parts=[...document.querySelectorAll("#cau-truc section")];
const chosen=s=>s.value&&s.options[s.selectedIndex].text.trim();
const fold=t=>t.normalize("NFD").replace(/[\\u0300-\\u036f]/g,"").replace(/[đĐ]/g,"d")
.toLowerCase().replace(/[^0-9a-z]+/g," ").trim();
function sift(){
  const words=fold(form.q.value).split(" ").filter(Boolean);
  let shown=0;
  const used=new Set();
  for(const row of rows){
    const d=row.dataset;
    const fits=words.every(w=>d.s.includes(" "+w))
      &&(!form.u.value||d.u.split(" ").includes(form.u.value))
      &&(!form.k.value||d.k.split(" ").includes(form.k.value))
      &&(!form.r.value||d.r===form.r.value);
    row.hidden=!fits; shown+=fits;
    if(fits)used.add("s-"+d.m);
  }
  for(const part of parts)part.hidden=!used.has(part.id);
  const told=[form.q.value.trim()&&"“"+form.q.value.trim()+"”",
    ...[form.u,form.k,form.r].map(chosen)].filter(Boolean);
  document.getElementById("loc").textContent=
    told.length?"Lọc: "+told.join("; ")+". "+shown+" mục":"";
  document.querySelector("output").value=shown+" mục";
  document.querySelector(".none").hidden=shown>0;
}
form.addEventListener("input",sift);
form.addEventListener("reset",()=>setTimeout(sift));
form.addEventListener("submit",e=>e.preventDefault());
document.getElementById("in").addEventListener("click",()=>print());
document.addEventListener("keydown",e=>{
  if(e.key==="/"&&!/^(INPUT|SELECT)$/.test(e.target.tagName)){e.preventDefault();form.q.focus()}
  if(e.key==="Escape"){form.reset();form.q.focus()}
});
const open=()=>{
  const row=location.hash&&document.getElementById(decodeURIComponent(location.hash.slice(1)));
  const details=row&&row.querySelector("details"); if(details)details.open=true;
};
addEventListener("hashchange",open);
sift(); open();
"""


def page(catalogue: Catalogue, at: datetime) -> str:
    """The whole page. Every text of the catalogue is escaped; nothing is fetched."""
    datasets = catalogue.datasets()
    schemas = {name: catalogue.schema(name) for name in catalogue.schemas()}
    body = "\n".join(_row(catalogue, each, schemas[each.schema]) for each in datasets)
    structures = "\n".join(_structure(name, schema) for name, schema in schemas.items())
    return f"""<!doctype html>
<html lang="vi">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Danh mục dữ liệu tỉnh Sơn La</title>
<style>{_STYLE}</style>
</head>
<body>
<header>
<h1>Danh mục dữ liệu, biểu mẫu báo cáo tỉnh Sơn La</h1>
<p class="stamp">{escape(stamp(catalogue, at))}.
Mã và cấu trúc là của dự án, chưa phải mã chính thức.</p>
<p id="loc"></p>
</header>
<form>
<label class="wide">Tìm, không cần dấu (phím / để gõ, Esc để xóa)
<input type="search" name="q" autocomplete="off" placeholder="ví dụ: khai sinh"></label>
<label>Đơn vị<select name="u"><option value="">Tất cả</option>
{_units(catalogue, datasets)}</select></label>
<label>Kỳ<select name="k"><option value="">Tất cả</option>{_kinds(datasets)}</select></label>
<label>Quy định<select name="r"><option value="">Cả hai</option><option value="QD1134">1134/QĐ-UBND
(2026)</option><option value="QD2023">Chế độ báo cáo 2023</option></select></label>
<button type="reset">Xóa lọc</button><button type="button" id="in">In</button>
<output>{len(datasets)} mục</output>
</form>
<main>
<table>
<thead><tr><th>Mã</th><th>Tên</th><th>Đơn vị</th><th>Kỳ</th>
<th>Hạn in trong văn bản</th></tr></thead>
<tbody id="muc">
{body}
</tbody>
</table>
<p class="none" hidden>Không có mục nào. Thử ít từ hơn hoặc xóa lọc.</p>
<h2>Cấu trúc bảng</h2>
<div id="cau-truc">
{structures}
</div>
</main>
<script>{_SCRIPT}</script>
</body>
</html>
"""


def _units(catalogue: Catalogue, datasets: Iterable[Dataset]) -> str:
    used = {
        unit for each in datasets for unit in (each.responsible, each.provider, *each.addressees)
    }
    return "".join(
        f'<option value="{escape(unit.id)}">{escape(unit.name)} ({escape(unit.id)})</option>'
        for unit in catalogue.units()
        if unit.id in used
    )


def _kinds(datasets: Iterable[Dataset]) -> str:
    used = {kind for each in datasets for kind in each.periods}
    return "".join(
        f'<option value="{kind}">{escape(words.vi)}</option>'
        for kind, words in PERIOD_WORDS.items()
        if kind in used
    )


def _row(catalogue: Catalogue, each: Dataset, schema: dict[str, Any]) -> str:
    unit = catalogue.unit(each.responsible) if each.responsible else None
    name = unit.name if unit else ""
    searched = " ".join(words_of(text) for text in (each.code, each.title, name, each.name_printed))
    doubt = '<div class="doubt">Cần rà soát</div>' if each.status == "needs_review" else ""
    shown = escape(name) + ("" if each.unit or not name else " <small>(suy ra)</small>")
    if each.addressees:
        shown = f"Theo yêu cầu: {len(each.addressees)} đơn vị"
    kinds = ", ".join(PERIOD_WORDS[kind].vi for kind in each.periods)
    owners = (each.responsible, each.provider, *each.addressees)
    owner = escape(" ".join(dict.fromkeys(one for one in owners if one)))
    return (
        f'<tr id="{each.code}" data-s="{escape(searched)}" data-u="{owner}"'
        f' data-k="{" ".join(each.periods)}" data-r="{each.regime.value}"'
        f' data-m="{escape(each.schema)}">'
        f'<td class="code">{each.code}</td>'
        f"<td><details><summary>{escape(each.title)}</summary>"
        f"<dl>{_facts(catalogue, each, schema)}</dl></details>{doubt}</td>"
        f"<td>{shown}</td><td>{escape(kinds)}</td><td>{escape(each.due_printed or '')}</td></tr>"
    )


def _facts(catalogue: Catalogue, each: Dataset, schema: dict[str, Any]) -> str:
    source = f"{each.source.document}, {each.source.annex}, {each.source.list}, dòng {each.row}"
    facts = [("Nguồn", escape(source))]
    if each.name_printed != each.name:
        facts.append(("Văn bản in", escape(each.name_printed)))
    title = escape(str(schema.get("title", each.schema)))
    facts.append(("Cấu trúc", f'<a href="#s-{escape(each.schema)}">{title}</a>'))
    indicators = catalogue.indicators(each.code)
    if indicators:
        named = "<br>".join(_indicator(one) for one in indicators)
        facts.append(("Chỉ tiêu", named))
    return "".join(f"<dt>{key}</dt><dd>{text}</dd>" for key, text in facts)


def _indicator(one: Indicator) -> str:
    """Code, name and what is known of unit of measure and method (2023 Điều 5.1.b)."""
    parts = [one.unit_of_measure, one.method, f"đến {one.valid_to}" if one.valid_to else None]
    more = "; ".join(part for part in parts if part)
    return escape(f"{one.code} {one.name}" + (f" ({more})" if more else ""))


def _structure(name: str, schema: dict[str, Any]) -> str:
    rows = "".join(
        f"<tr><td class=code>{escape(field['name'])}</td><td>{escape(field.get('title', ''))}</td>"
        f"<td>{escape(field.get('type', 'string'))}</td>"
        f"<td>{'Có' if (field.get('constraints') or {}).get('required') else ''}</td>"
        f"<td>{escape(_remark(field))}</td></tr>"
        for field in schema["fields"]
    )
    basis = f'<p class="stamp">Theo {escape(schema["nguon"])}.</p>' if schema.get("nguon") else ""
    return (
        f'<section id="s-{escape(name)}">'
        f"<h3>{escape(str(schema.get('title', name)))} ({escape(name)})</h3>"
        f"{basis}<table><thead><tr><th>Cột</th><th>Tiêu đề</th><th>Kiểu</th><th>Bắt buộc</th>"
        f"<th>Ghi chú</th></tr></thead><tbody>{rows}</tbody></table></section>"
    )


def _remark(field: dict[str, Any]) -> str:
    parts = [field.get("description"), field.get("don_vi_do")]
    if field.get("du_lieu_ca_nhan"):
        parts.append("dữ liệu cá nhân")
    return "; ".join(part for part in parts if part)
