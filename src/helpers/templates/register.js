"use strict";
(() => {
  const all = (selector, within = document) => Array.from(within.querySelectorAll(selector));
  const one = (selector) => document.querySelector(selector);
  const table = one("table.runs");
  if (!table) return;
  const body = table.tBodies[0];
  const rows = Array.from(body.rows);
  const headings = all("thead th", table);
  const order = one("#order");
  const announce = (text) => { one("[data-announce]").textContent = text; };

  // Order: numbers as numbers, a run without the number always last; what is equal stays in the order it was in.
  const keyOf = (row, column) => {
    const value = row.cells[column].dataset.value;
    if (value === "") return null;
    return Number.isNaN(Number(value)) ? value.toLowerCase() : Number(value);
  };
  const compare = (a, b) => (typeof a === "number" && typeof b === "number" ? a - b
    : String(a).localeCompare(String(b), "en", { numeric: true }));
  const put = (column, descending) => {
    const keyed = Array.from(body.rows, (row) => ({ row, key: keyOf(row, column) }));
    const known = keyed.filter((item) => item.key !== null);
    const missing = keyed.filter((item) => item.key === null);
    known.sort((a, b) => compare(a.key, b.key) * (descending ? -1 : 1));
    body.append(...known.concat(missing).map((item) => item.row));
    headings.forEach((heading) => heading.removeAttribute("aria-sort"));
    headings[column].setAttribute("aria-sort", descending ? "descending" : "ascending");
    order.value = String(column);
    announce(`Ordered by ${order.selectedOptions[0].textContent}, ${descending ? "descending" : "ascending"}`);
  };
  const isDescending = (column) => headings[column].getAttribute("aria-sort") === "descending";
  const isAscending = (column) => headings[column].getAttribute("aria-sort") === "ascending";
  headings.forEach((heading, column) => {
    const name = heading.textContent.trim();
    order.append(new Option(name, String(column)));
    const button = document.createElement("button");
    button.type = "button";
    button.className = "sort";
    button.textContent = name;
    button.addEventListener("click", () => put(column, isAscending(column)));
    heading.replaceChildren(button);
  });
  order.value = String(headings.findIndex((heading) => heading.hasAttribute("aria-sort")));
  order.addEventListener("change", () => put(Number(order.value), false));
  one("#turn").addEventListener("click", () => put(Number(order.value), !isDescending(Number(order.value))));

  // Which runs: by words, by kind of patients, by a parameter that was changed.
  const words = one("#words");
  const kind = one("#kind");
  const changed = one("#changed");
  const texts = new Map(rows.map((row) => [row, row.textContent.toLowerCase()]));
  const choose = () => {
    const asked = words.value.toLowerCase().split(/\s+/).filter(Boolean);
    rows.forEach((row) => {
      row.hidden = !(asked.every((word) => texts.get(row).includes(word))
        && (kind.value === "" || row.dataset.kind === kind.value)
        && (changed.value === "" || row.dataset.changed.split(" ").includes(changed.value)));
    });
    one("output").textContent = `${rows.filter((row) => !row.hidden).length} of ${rows.length} runs`;
  };
  [words, kind, changed].forEach((control) => control.addEventListener("input", choose));
  const form = one("form.choose");
  form.addEventListener("submit", (event) => event.preventDefault());
  form.hidden = false;
  choose();

  // A box that does not scroll needs no stop for the keyboard.
  const tidy = () => all(".scroll").forEach((box) => {
    if (box.scrollWidth > box.clientWidth + 1) box.setAttribute("tabindex", "0"); else box.removeAttribute("tabindex");
  });
  tidy();
  addEventListener("resize", tidy);
})();
