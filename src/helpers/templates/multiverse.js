// The state is one code. Controls, curves, buttons, the address and the way back all go through `choose`.
(() => {
  let code = DEFAULT;
  let curvesDrawn = [];
  const form = one("#explorer");
  const say = (text) => { one("[data-announce]").textContent = text; };

  const complain = (text) => {
    const box = one("[data-complaint]");
    box.hidden = !text;
    box.textContent = text;
  };
  const read = () => {
    const found = /^#u=(.*)$/.exec(location.hash);
    if (!found) return location.hash === "" ? { code: DEFAULT } : { code };
    const asked = found[1].toLowerCase();
    const isWord = asked.length === decisions.length && decisions.every(
      (decision, at) => { const option = SIGNS.indexOf(asked[at]); return option >= 0 && option < decision.options.length; });
    if (!isWord) return { code: DEFAULT, complaint: `The link asks for universe “${asked}”, which is none of this grid: a code has ${decisions.length} signs, one per decision. Shown is the default.` };
    if (isAllowed(asked)) return { code: asked };
    const reason = findReason(asked);
    return { code: DEFAULT, complaint: `The link asks for universe ${asked}, which the constraints forbid${reason ? `: ${reason.why}` : "."} Shown is the default.` };
  };
  const follow = () => {
    const { code: asked, complaint = "" } = read();
    complain(complaint);
    code = asked;
    show();
  };
  const choose = (asked) => {
    if (asked === code && one("[data-complaint]").hidden) return;
    location.hash = `u=${asked}`;
  };

  // Controls: what the constraints forbid next to the other choices cannot be chosen, and it is said why.
  const showControls = () => decisions.forEach((decision, at) => {
    const reasons = new Map();
    decision.options.forEach((option, number) => {
      const input = one(`#${decision.name}-${number}`);
      const asked = withOption(code, at, number);
      input.checked = code[at] === SIGNS[number];
      input.disabled = !isAllowed(asked);
      const reason = input.disabled && findReason(asked);
      if (reason) reasons.set(reason.why, [...(reasons.get(reason.why) || []), option.label]);
    });
    const box = one(`#why-${decision.name}`);
    box.replaceChildren(...Array.from(reasons, ([why, labels]) => make("span", {}, `Not now: ${labels.join(", ")}. ${why}`)));
    box.hidden = reasons.size === 0;
  });

  const showHeadlines = () => QUANTITIES.forEach((name) => {
    const facts = quantities[name];
    const [found, usual] = [readNumber(code, name), readNumber(DEFAULT, name)];
    const scale = facts.is_share ? 100 : 1;
    const digits = facts.is_share ? 1 : Math.max(...[found, usual].map(({ estimate }) => (isKnown(estimate) ? countDecimals(estimate) : 0)));
    const change = formatChange(scale * (found.estimate - usual.estimate), digits);
    all(`[data-number="${name}"]`).forEach((box) => {
      const isTight = box.closest(".ticker") && !isKnown(found.estimate);
      box.textContent = isTight ? "–" : formatEstimate(found.estimate, facts.is_share);
      box.classList.toggle("is-missing", !isKnown(found.estimate));
    });
    const card = one(`[data-quantity="${name}"]`);
    one(".ends", card).textContent = isKnown(found.estimate) ? `95${THIN}% CI ${formatEnds(found, facts.is_share)}` : "";
    one(".change", card).textContent = code === DEFAULT ? "the default" : !isKnown(found.estimate - usual.estimate) ? ""
      : change ? `${change}${facts.is_share ? " points" : ""} against the default` : "as in the default";
  });

  const showMoved = () => {
    const [before, after] = [answersOf(DEFAULT), answersOf(code)];
    const groups = new Map();
    payload.patients.forEach((patient, at) => {
      if (before[at] === after[at]) return;
      const key = `${ANSWERS[before[at]]} → ${ANSWERS[after[at]]}`;
      groups.set(key, [...(groups.get(key) || []), patient]);
    });
    const moved = Array.from(groups.values()).reduce((sum, ids) => sum + ids.length, 0);
    one("[data-moved]").textContent = code === DEFAULT ? "This is the default: nobody moved." : moved === 0
      ? "Every patient has the same label as in the default."
      : `${formatNumber(moved)} ${plural(moved, "patient")} of ${formatNumber(payload.patients.length)} on file ${moved === 1 ? "has" : "have"} another label than in the default.`;
    one("[data-moves]").replaceChildren(...Array.from(groups).sort((a, b) => b[1].length - a[1].length).map(([key, ids]) => {
      const fold = make("details", { class: "fold" }, make("summary", {}, make("strong", {}, formatNumber(ids.length)), ` ${key}`));
      fold.append(make("p", { class: "ids" }, ids.join(", ")));
      return fold;
    }));
  };

  const showState = () => {
    const others = decisions.map((_, at) => at).filter((at) => code[at] !== "0");
    one("[data-code]").textContent = code;
    one("[data-differs]").replaceChildren(...(others.length
      ? others.map((at) => make("li", {}, `${decisions[at].label}: `, make("strong", {}, optionOf(code, at).label)))
      : [make("li", {}, "the study as it stands: the default of every decision")]));
    one("[data-reset]").setAttribute("aria-disabled", String(code === DEFAULT));
    one("[data-copied=link]").textContent = `${location.href.split("#")[0]}#u=${code}`;
    one("[data-copied=universe]").textContent = payload.commands.universe.replace("CODE", code);
    one("[data-copied=run]").textContent = commandOf(code);
  };

  const show = () => {
    [showControls, showHeadlines, showState, showMoved].forEach((part) => part());
    [drawFlow, drawSurvival, drawForest].forEach((part) => part(code));
    curvesDrawn.forEach((curve) => curve.show(curve.rankNow(), { isPreview: curve.slider === document.activeElement }));
    say(`Universe ${code}. ${QUANTITIES.map((name) => `${quantities[name].label}: ${formatEstimate(readNumber(code, name).estimate, quantities[name].is_share)}`).join("; ")}.`);
  };

  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("change", (event) => {
    const { decision, option } = event.target.dataset;
    if (decision !== undefined) choose(withOption(code, Number(decision), Number(option)));
  });
  one("[data-reset]").addEventListener("click", () => choose(DEFAULT));
  all("[data-extreme]").forEach((button) => button.addEventListener("click", () => {
    const name = button.closest("[data-quantity]").dataset.quantity;
    const known = curvesDrawn.find((curve) => curve.name === name).known;
    choose(codeOf(ordered[name][button.dataset.extreme === "lowest" ? 0 : Math.max(0, known - 1)], name, code));
  }));

  // A link in the tables to a universe shows it where it can be seen.
  all('main a[href^="#u="]').forEach((link) => link.addEventListener("click", () => {
    one("#explore").scrollIntoView({ block: "start" });
  }));

  // Copying: the clipboard where the browser allows it, else what was to be copied is marked for the reader to take.
  const mark = (source) => {
    const range = document.createRange();
    range.selectNodeContents(source);
    getSelection().removeAllRanges();
    getSelection().addRange(range);
    return document.execCommand("copy");
  };
  all("[data-copy]").forEach((button) => button.addEventListener("click", async () => {
    const source = one(`[data-copied="${button.dataset.copy}"]`);
    let isCopied = true;
    try { await navigator.clipboard.writeText(source.textContent); } catch { isCopied = mark(source); }
    const before = button.textContent;
    button.textContent = isCopied ? "Copied" : "Marked: copy it";
    say(isCopied ? `Copied: ${source.textContent}` : "The text is marked; copy it with the keyboard.");
    setTimeout(() => { button.textContent = before; }, 2000);
  }));

  // A box that does not scroll needs no stop for the keyboard.
  const tidy = () => all(".scroll").forEach((box) => {
    if (box.scrollWidth > box.clientWidth + 1 || box.scrollHeight > box.clientHeight + 1) box.setAttribute("tabindex", "0"); else box.removeAttribute("tabindex");
  });

  all("[data-needs-script]").forEach((part) => { part.hidden = false; });
  follow();
  curvesDrawn = all("[data-curve-of]").map((box) => new SpecificationCurve(box, box.dataset.curveOf, { onChoose: choose, current: () => code }));
  addEventListener("hashchange", follow);
  document.addEventListener("toggle", tidy, true);
  const redraw = () => { [drawSurvival, drawForest].forEach((part) => part(code)); curvesDrawn.forEach((curve) => curve.draw()); };
  let drawnAt = innerWidth;
  addEventListener("resize", () => {
    tidy();
    if (isOnPaper || innerWidth === drawnAt) return;
    drawnAt = innerWidth;
    requestAnimationFrame(redraw);
  });
  addEventListener("beforeprint", () => { isOnPaper = true; redraw(); });
  addEventListener("afterprint", () => { isOnPaper = false; redraw(); });
  tidy();
})();
