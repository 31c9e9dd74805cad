(() => {
  // Only the numbers that differ, together with whatever is being looked for.
  const only = document.querySelector("[data-only-different]");
  const table = document.querySelector("table[data-searchable]");
  only.closest(".controls").hidden = false;
  only.addEventListener("click", () => {
    const hide = only.getAttribute("aria-pressed") !== "true";
    only.setAttribute("aria-pressed", String(hide));
    table.classList.toggle("only-different", hide);
  });
})();
