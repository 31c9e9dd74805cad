"use strict";
(() => {
  const all = (selector, within = document) => Array.from(within.querySelectorAll(selector));
  const announce = (text) => { document.querySelector("[data-announce]").textContent = text; };
  const textOf = (cell) => (cell.querySelector(".sort") || cell).textContent.trim();

  // Sorting: by the raw value where a cell has one, numbers as numbers, the missing always last.
  const keyOf = (row, column) => {
    const cell = row.cells[column];
    const value = cell.dataset.value === undefined ? cell.textContent.trim() : cell.dataset.value;
    if (value === "" || value === "–") return null;
    return Number.isNaN(Number(value)) ? value.toLowerCase() : Number(value);
  };
  const compare = (one, other) => {
    if (one === null || other === null) return 0;
    if (typeof one === typeof other && typeof one === "number") return one - other;
    return String(one).localeCompare(String(other), "en", { numeric: true });
  };
  const sortBy = (table, heading) => {
    const column = heading.cellIndex;
    const descending = heading.getAttribute("aria-sort") === "ascending";
    const rows = Array.from(table.tBodies[0].rows);
    const keyed = rows.map((row) => ({ row, key: keyOf(row, column) }));
    const known = keyed.filter((item) => item.key !== null).sort((a, b) => compare(a.key, b.key) * (descending ? -1 : 1));
    const missing = keyed.filter((item) => item.key === null);
    table.tBodies[0].append(...known.concat(missing).map((item) => item.row));
    all("th[aria-sort]", table.tHead).forEach((other) => other.removeAttribute("aria-sort"));
    heading.setAttribute("aria-sort", descending ? "descending" : "ascending");
    announce(`Sorted by ${textOf(heading)}, ${descending ? "descending" : "ascending"}`);
  };
  all("table.sortable").filter((table) => table.tBodies[0].rows.length > 1).forEach((table) => {
    all("th", table.tHead).forEach((heading) => {
      const button = document.createElement("button");
      button.type = "button";
      button.className = "sort";
      button.textContent = heading.textContent;
      button.addEventListener("click", () => sortBy(table, heading));
      heading.replaceChildren(button);
    });
  });

  // Copying a table as text that a spreadsheet takes.
  const copyText = async (text) => {
    try {
      await navigator.clipboard.writeText(text);
    } catch {
      const box = document.createElement("textarea");
      box.value = text;
      document.body.append(box);
      box.select();
      document.execCommand("copy");
      box.remove();
    }
  };
  all("figure.exhibit").forEach((figure) => {
    const table = figure.querySelector("table.data");
    const tools = figure.querySelector(".tools");
    if (!table || !tools) return;
    const button = document.createElement("button");
    button.type = "button";
    button.className = "small";
    button.textContent = "Copy";
    const name = (figure.querySelector("figcaption .label") || { textContent: "the table" }).textContent;
    button.setAttribute("aria-label", `Copy ${name}`);
    button.addEventListener("click", async () => {
      await copyText(Array.from(table.rows, (row) => Array.from(row.cells, textOf).join("\t")).join("\n"));
      announce(`${name} copied`);
      button.textContent = "Copied";
      setTimeout(() => { button.textContent = "Copy"; }, 2000);
    });
    tools.prepend(button);
  });

  // All code at once.
  const codes = all("details.code, details.setup");
  const toggle = document.querySelector("[data-toggle-code]");
  toggle.closest(".controls").hidden = codes.length === 0;
  toggle.addEventListener("click", () => {
    const show = toggle.getAttribute("aria-pressed") !== "true";
    codes.forEach((fold) => { fold.open = show; });
    toggle.setAttribute("aria-pressed", String(show));
    toggle.textContent = show ? "Hide all code" : "Show all code";
  });

  // Finding a number in the ledger.
  const search = document.querySelector("#search");
  const ledger = document.querySelector("table[data-searchable]");
  search.closest(".search").hidden = false;
  search.addEventListener("input", () => {
    const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
    const rows = Array.from(ledger.tBodies[0].rows);
    rows.forEach((row) => {
      const text = `${row.cells[0].textContent} ${row.cells[1].textContent}`.toLowerCase();
      row.hidden = !words.every((word) => text.includes(word));
    });
    document.querySelector("output[for=search]").textContent = `${rows.filter((row) => !row.hidden).length} of ${rows.length}`;
  });

  // A box that does not scroll needs no stop for the keyboard.
  const tidyBoxes = () => all(".scroll, pre").forEach((box) => {
    const scrolls = box.scrollWidth > box.clientWidth + 1 || box.scrollHeight > box.clientHeight + 1;
    if (scrolls) box.setAttribute("tabindex", "0"); else box.removeAttribute("tabindex");
  });
  tidyBoxes();
  addEventListener("resize", tidyBoxes);
  document.addEventListener("toggle", tidyBoxes, true);

  // Contents: closed on a small screen, and telling where the reader is.
  const contents = document.querySelector(".contents details");
  const wide = matchMedia("(min-width: 68rem)");
  const fit = () => { contents.open = wide.matches; };
  fit();
  wide.addEventListener("change", fit);
  document.querySelector(".contents").classList.add("follows");
  const links = new Map(all(".contents a").map((link) => [link.hash.slice(1), link]));
  const watcher = new IntersectionObserver((seen) => {
    const first = seen.find((item) => item.isIntersecting);
    if (!first) return;
    links.forEach((link) => link.removeAttribute("aria-current"));
    const here = links.get(first.target.id);
    here.setAttribute("aria-current", "true");
    all(".contents .is-here").forEach((item) => item.classList.remove("is-here"));
    const chapter = here.closest(".chapter-link");
    if (chapter) chapter.classList.add("is-here");
    if (wide.matches) {
      const box = here.closest(".contents");
      const offset = here.getBoundingClientRect().top - box.getBoundingClientRect().top;
      if (offset < 0 || offset > box.clientHeight - 40) box.scrollTop += offset - box.clientHeight / 2;
    }
  }, { rootMargin: "-8% 0px -70% 0px" });
  links.forEach((_, id) => { const target = document.getElementById(id); if (target) watcher.observe(target); });

  // Whoever prints the page, or follows a link into a fold, sees what is folded there.
  const unfold = () => {
    const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    for (let fold = target && target.closest("details"); fold; fold = fold.parentElement.closest("details")) fold.open = true;
  };
  addEventListener("hashchange", unfold);
  unfold();
})();
