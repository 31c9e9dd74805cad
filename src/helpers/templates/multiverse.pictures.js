// The pictures of one universe: flow, survival curves, forest. Each is drawn anew from what was looked up.
const draw = (name, attributes = {}, ...children) => {
  const node = document.createElementNS("http://www.w3.org/2000/svg", name);
  Object.entries(attributes).forEach(([key, value]) => node.setAttribute(key, value));
  node.append(...children);
  return node;
};
const make = (name, attributes = {}, ...children) => {
  const node = document.createElement(name);
  Object.entries(attributes).forEach(([key, value]) => node.setAttribute(key, value));
  node.append(...children);
  return node;
};
const px = (value) => value.toFixed(1).replace(/\.0$/, "");
// On paper a picture is as wide as its text is then large enough to be read.
const PAPER = 920;
let isOnPaper = false;
const sizeOf = (box) => (isOnPaper ? Math.min(PAPER, PAPER * box.clientWidth / one(".sheet").clientWidth) : Math.max(260, Math.floor(box.clientWidth)));

// Flow: every reason on a line of its own, then who is in the study and what was said of them.
const bar = (share, kind) => draw("svg", { class: "amount", viewBox: "0 0 100 8", preserveAspectRatio: "none", "aria-hidden": "true" },
  draw("rect", { width: px(100 * share), height: 8, class: kind }));
const changeOf = (code, name) => {
  const [now, usual] = [countOf(code, name), countOf(DEFAULT, name)];
  const text = now === payload.not_counted || usual === payload.not_counted ? "" : formatChange(now - usual, 0);
  return text ? [make("span", { class: "change" }, text)] : [];
};
const flowRow = (code, label, name, { kind = "", of = null, tag = "td" } = {}) => {
  const count = countOf(code, name);
  const isCounted = count !== payload.not_counted;
  const cell = make("td", { class: "count" }, make("span", { "data-count": name }, isCounted ? formatNumber(count) : "off"));
  const row = make("tr", { class: kind }, make("th", { scope: "row" }, label), cell,
    make("td", { class: "moved" }, ...changeOf(code, name)));
  row.append(make(tag, { class: "bar-cell" }, ...(of && isCounted ? [bar(count / of, kind)] : [])));
  return row;
};
const drawFlow = (code) => {
  const onFile = countOf(code, "on_file_n");
  const eligible = countOf(code, "eligible_n");
  const out = payload.exclusions.map(({ name, label }) => flowRow(code, label, name, { kind: "out", of: onFile }));
  const said = [["Difficult to treat", "yes_n", "dtt"], ["Not difficult to treat", "no_n", "other"],
    ["Cannot tell", "cannot_tell_n", "unknown"]]
    .map(([label, name, kind]) => flowRow(code, label, name, { kind, of: eligible }));
  const arms = payload.arms.map(({ name, label }) => flowRow(code, label, name, { kind: "arm", of: eligible }));
  const heading = (text) => make("tr", { class: "part" }, make("th", { colspan: 4, scope: "rowgroup" }, text));
  one("[data-flow]").replaceChildren(
    make("tbody", {}, flowRow(code, "Patients on file", "on_file_n", { kind: "whole" })),
    make("tbody", {}, heading("Left out, by the first reason"), ...out),
    make("tbody", {}, flowRow(code, "In the study", "eligible_n", { kind: "whole", of: onFile }), ...said),
    make("tbody", {}, heading("Ways of being difficult to treat (a patient may have several)"), ...arms));
};

// Survival: two step curves, told apart by colour, dash and a name at the end of each.
const GROUPS = [["dtt", "Difficult to treat"], ["other", "Others"]];
const stepPath = ({ months, survival }, x, y) => months.reduce((path, month, at) => (at === 0
  ? `M${px(x(month))} ${px(y(survival[0]))}` : `${path}H${px(x(month))}V${px(y(survival[at]))}`), "");
const place = (ends, least) => {
  const [first, second] = ends;
  const gap = least - Math.abs(first - second);
  if (gap <= 0) return ends;
  return first <= second ? [first - gap / 2, second + gap / 2] : [first + gap / 2, second - gap / 2];
};
const describeCurves = (found, ticks) => GROUPS.map(([group, label]) => {
  const { n, events, months, survival, risk } = found[group];
  if (!months.length) return `${label}: no curve.`;
  return `${label}: ${n} ${plural(n, "patient")}, ${events} ${plural(events, "event")}, ${formatPercent(survival.at(-1))} `
    + `free of the outcome at month ${formatNumber(months.at(-1), 0)}; at risk ${ticks.map((tick, at) => `${risk[at]} at month ${formatNumber(tick, 0)}`).join(", ")}.`;
}).join(" ");
const drawSurvival = (code) => {
  const box = one("[data-curves]");
  const found = readCurves(code);
  const drawn = GROUPS.filter(([group]) => found[group].months.length);
  const width = sizeOf(box);
  const ticks = found.ticks;
  const isLandmark = decisions.some(({ name }, at) => name === "time_zero" && optionOf(code, at).reads === "landmark");
  const [left, right, top, height] = [44, 12, 14, 250];
  const start = Math.min(...drawn.map(([group]) => found[group].months[0]), ...ticks.slice(0, 1));
  const end = Math.max(start + 1, ...drawn.map(([group]) => found[group].months.at(-1)), ...ticks);
  const x = (month) => left + (width - left - right) * (month - start) / (end - start);
  const y = (share) => top + height * (1 - share);
  const text = (at, up, content, attributes = {}) => draw("text", { x: px(at), y: px(up), ...attributes }, content);
  const grid = [0, 0.25, 0.5, 0.75, 1].flatMap((share) => [
    draw("path", { d: `M${left} ${px(y(share))}H${width - right}`, class: share ? "grid" : "axis" }),
    text(left - 7, y(share) + 4, `${100 * share}${THIN}%`, { "text-anchor": "end" })]);
  const below = top + height;
  const months = ticks.flatMap((tick) => [
    draw("path", { d: `M${px(x(tick))} ${below}v5`, class: "axis" }),
    text(x(tick), below + 18, formatNumber(tick, 0), { "text-anchor": "middle" })]);
  const ends = drawn.length === 2 ? place(drawn.map(([group]) => y(found[group].survival.at(-1))), 16)
    : drawn.map(([group]) => y(found[group].survival.at(-1)));
  const lines = drawn.flatMap(([group, label], at) => [
    draw("path", { d: stepPath(found[group], x, y), class: `curve ${group}`, "data-curve": group }),
    text(x(found[group].months.at(-1)) - 4, Math.min(below - 6, ends[at] + (ends[at] <= Math.min(...ends) ? -7 : 15)), label, { "text-anchor": "end", class: `name ${group}` })]);
  const risks = [text(0, below + 62, "Number at risk", { class: "heading" }), ...drawn.flatMap(([group, label], at) => [
    text(0, below + 80 + 32 * at, `${label} (${formatNumber(found[group].n)} patients, ${formatNumber(found[group].events)} ${plural(found[group].events, "event")})`, { class: `name ${group}` }),
    ...found[group].risk.map((count, tick) => text(x(ticks[tick]), below + 95 + 32 * at, formatNumber(count), { "text-anchor": tick === 0 ? "start" : "middle" }))])];
  const whole = below + 104 + 32 * (drawn.length - 1);
  box.replaceChildren(drawn.length ? draw("svg", { viewBox: `0 0 ${width} ${whole}`, role: "img", "aria-label": `Free of the composite outcome. ${describeCurves(found, ticks)}` },
    ...grid, ...months, text(left + (width - left - right) / 2, below + 38, isLandmark ? "months after the landmark" : "months after time zero", { "text-anchor": "middle" }), ...lines, ...risks)
    : make("p", { class: "note" }, "In this universe there are no two groups to draw."));
};

// Forest: one row per term of the model, all on one logarithmic axis.
const STEPS = [0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100];
const spanOf = (terms) => {
  const ends = terms.flatMap(({ low, high, estimate }) => [low, high, estimate]).filter((value) => isKnown(value) && value > 0);
  const within = (value) => Math.min(50, Math.max(0.02, value));
  const low = Math.max(...STEPS.filter((step) => step <= within(Math.min(0.5, ...ends))));
  return [low, Math.min(...STEPS.filter((step) => step >= within(Math.max(2, ...ends))))];
};
const along = ([least, most], width) => (value) => 8 + (width - 16) * Math.log(Math.min(most, Math.max(least, value)) / least) / Math.log(most / least);
const drawTerm = ({ estimate, low, high }, span, { isClear, width }) => {
  const [least, most] = span;
  const x = along(span, width);
  const picture = draw("svg", { viewBox: `0 0 ${width} 22`, "aria-hidden": "true" },
    draw("path", { d: `M${px(x(1))} 0V22`, class: "none-line" }));
  if (!isKnown(estimate)) return picture;
  const hasInterval = isKnown(low) || isKnown(high);
  const [from, to] = [isKnown(low) ? low : least, isKnown(high) ? high : most];
  if (hasInterval) picture.append(draw("path", { d: `M${px(x(from))} 11H${px(x(to))}`, class: "interval" }));
  if (hasInterval && (!isKnown(low) || low < least)) picture.append(draw("path", { d: "M7 7L2 11L7 15Z", class: "beyond" }));
  if (hasInterval && (!isKnown(high) || high > most)) picture.append(draw("path", { d: `M${width - 7} 7l5 4l-5 4Z`, class: "beyond" }));
  picture.append(draw("rect", { x: px(x(estimate) - 4.5), y: 6.5, width: 9, height: 9, class: isClear ? "point clear" : "point" }));
  return picture;
};
const isClearOfOne = ({ low, high }) => (isKnown(low) && low > 1) || (isKnown(high) && high < 1);
const drawForest = (code) => {
  const { terms, n, events } = readTerms(code);
  const span = spanOf(terms);
  const width = innerWidth < 640 ? sizeOf(one("[data-forest]")) : 180;
  const rows = terms.map((term) => {
    const known = isKnown(term.estimate);
    const row = make("tr", { "data-term": term.term, class: term.term in quantities ? "is-headline" : "" },
      make("th", { scope: "row" }, term.label), make("td", { class: "plot" }, drawTerm(term, span, { isClear: isClearOfOne(term), width })),
      make("td", { class: "number" }, make("span", { class: "estimate" }, formatEstimate(term.estimate)), " ",
        isKnown(term.low) || isKnown(term.high) ? make("span", { class: "ends" }, formatEnds(term))
          : make("span", { class: "ends status" }, term.status || "not estimable")),
      make("td", { class: "p" }, known ? formatP(term.p).replace(/^p (= )?/, "").replace("< ", "<").replace("> ", ">") : ""));
    return row;
  });
  const scale = draw("svg", { viewBox: `0 0 ${width} 16`, "aria-hidden": "true" },
    ...[...new Set([span[0], 1, span[1]])].map((value) => draw("text", { x: px(along(span, width)(value)), y: 12, "text-anchor": "middle" }, String(value))));
  one("[data-forest] tbody").replaceChildren(...rows);
  one("[data-forest] tfoot td.plot").replaceChildren(scale);
  one("[data-model]").textContent = `${formatNumber(n)} patients with all values known, ${formatNumber(events)} of them difficult to treat.`;
};
