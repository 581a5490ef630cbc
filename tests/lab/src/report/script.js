"use strict";
// Everything on the page can be read without this: it sorts tables and filters rows.
const collator = new Intl.Collator(document.documentElement.lang, { numeric: true });

function key(row, column) {
  const cell = row.cells[column];
  return cell.dataset.s ?? cell.textContent;
}

function sort(table, head) {
  const direction = head.getAttribute("aria-sort") === "ascending" ? -1 : 1;
  for (const other of table.querySelectorAll("th[aria-sort]")) other.removeAttribute("aria-sort");
  head.setAttribute("aria-sort", direction > 0 ? "ascending" : "descending");
  const column = Number(head.dataset.col);
  const compare = (a, b) => {
    const [x, y] = [key(a, column), key(b, column)];
    const difference = Number(x) - Number(y);
    return direction * (Number.isNaN(difference) ? collator.compare(x, y) : difference);
  };
  const body = table.tBodies[0];
  body.append(...[...body.rows].sort(compare));
}

for (const table of document.querySelectorAll("table.sortable")) {
  for (const head of table.querySelectorAll("th[data-col]")) {
    const button = document.createElement("button");
    button.type = "button";
    button.append(...head.childNodes);
    button.addEventListener("click", () => sort(table, head));
    head.append(button);
  }
}

const tools = document.querySelector(".tools");
if (tools) {
  const [name, verdict] = [tools.querySelector("input"), tools.querySelector("select")];
  const status = tools.querySelector("[role=status]");
  const rows = [...document.querySelector(".matrix").tBodies[0].rows];
  const filter = () => {
    const wanted = verdict.value.split(" ").filter(Boolean);
    const isWanted = (cell) => wanted.includes(cell.dataset.v);
    for (const row of rows) {
      const cells = [...row.querySelectorAll("[data-v]")];
      for (const cell of cells) cell.classList.toggle("dim", wanted.length > 0 && !isWanted(cell));
      const isNamed = row.cells[0].textContent.toLowerCase().includes(name.value.toLowerCase());
      row.hidden = !isNamed || (wanted.length > 0 && !cells.some(isWanted));
    }
    status.textContent = `${rows.filter((row) => !row.hidden).length} / ${rows.length}`;
  };
  name.addEventListener("input", filter);
  verdict.addEventListener("change", filter);
  filter();
  tools.hidden = false;
}
