// Specification curves: all distinct answers to one question in order, and beneath each the decisions behind it.
const runsOf = (ranks) => {
  const runs = [];
  ranks.forEach((rank) => {
    const last = runs.at(-1);
    if (last && last[1] === rank) last[1] = rank + 1; else runs.push([rank, rank + 1]);
  });
  return runs;
};
const describeNumber = (name, found) => {
  const { is_share: isShare } = quantities[name];
  return isKnown(found.estimate) ? `${formatEstimate(found.estimate, isShare)} (95${THIN}% CI ${formatEnds(found, isShare)})` : "not estimable";
};
const describeChoices = (code, places) => places.map((at) => `${decisions[at].label}: ${optionOf(code, at).label}`).join("; ");

class SpecificationCurve {
  constructor(box, name, { onChoose, current }) {
    Object.assign(this, { box, name, onChoose, current, facts: quantities[name], cursor: 0 });
    this.order = ordered[name];
    this.rankOf = new Map(Array.from(this.order, (specification, rank) => [specification, rank]));
    this.codes = Array.from(this.order, (specification) => codeOf(specification, name, DEFAULT));
    this.numbers = this.codes.map((code) => readNumber(code, name));
    this.known = this.numbers.filter(({ estimate }) => isKnown(estimate)).length;
    this.places = [...definitionAt, ...this.facts.analysis];
    this.slider = one(".curve-slider", box);
    this.picture = one(".curve-picture", box);
    this.strip = one(".curve-strip", box);
    this.readout = one(".curve-readout", box);
    this.slider.setAttribute("aria-valuemin", "1");
    this.slider.setAttribute("aria-valuemax", String(this.order.length));
    this.slider.addEventListener("keydown", (event) => this.press(event));
    this.slider.addEventListener("blur", () => this.show(this.rankNow(), { isPreview: false }));
    [this.picture, this.strip].forEach((part) => {
      part.addEventListener("pointermove", (event) => this.show(this.rankAt(event)));
      part.addEventListener("pointerdown", (event) => this.show(this.rankAt(event)));
      part.addEventListener("pointerleave", () => this.show(this.rankNow(), { isPreview: false }));
      part.addEventListener("click", (event) => { this.show(this.rankAt(event)); this.choose(); });
    });
    this.draw();
  }

  rankNow() { return this.rankOf.get(specificationOf(this.current(), this.name)) ?? 0; }

  rankAt(event) {
    const frame = one("svg", event.currentTarget).getBoundingClientRect();
    const inside = (event.clientX - frame.left) * this.width / frame.width - this.left;
    return Math.round(inside / this.step - 0.5);
  }

  press(event) {
    const page = Math.max(1, Math.round(this.order.length / 20));
    const moves = { ArrowLeft: -1, ArrowDown: -1, ArrowRight: 1, ArrowUp: 1, PageDown: -page, PageUp: page, Home: -Infinity, End: Infinity };
    if (event.key === "Enter" || event.key === " ") this.choose();
    else if (event.key in moves) this.show(this.cursor + moves[event.key]);
    else if (event.key === "Escape") this.show(this.rankNow(), { isPreview: false });
    else return;
    event.preventDefault();
  }

  choose() { this.onChoose(codeOf(this.order[this.cursor], this.name, this.current())); }

  x(rank) { return this.left + this.step * (rank + 0.5); }

  y(value) {
    const { low, high, is_share: isShare } = this.facts.axis;
    const inside = Math.min(high, Math.max(low, value));
    const share = isShare ? (inside - low) / (high - low) : Math.log(inside / low) / Math.log(high / low);
    return this.top + this.height * (1 - share);
  }

  draw() {
    this.width = sizeOf(this.picture);
    this.isNarrow = this.width < 640;
    this.left = this.isNarrow ? 40 : 250;
    this.top = 12;
    this.height = this.isNarrow ? 210 : 260;
    this.step = (this.width - this.left - 8) / this.order.length;
    this.drawPicture();
    this.drawStrip();
    this.show(this.rankNow(), { isPreview: false });
  }

  drawPicture() {
    const { axis, none, published, band } = this.facts;
    const right = this.width - 8;
    const whole = this.top + this.height + 24;
    const text = (x, y, content, attributes = {}) => draw("text", { x: px(x), y: px(y), ...attributes }, content);
    const across = (value, kind) => draw("path", { d: `M${this.left} ${px(this.y(value))}H${right}`, class: kind });
    const print = (value) => (this.facts.is_share ? `${formatNumber(100 * value, 0)}${THIN}%` : String(value));
    const ticks = axis.ticks.flatMap((value) => [across(value, "grid"),
      text(this.left - 7, this.y(value) + 4, print(value), { "text-anchor": "end" })]);
    const intervals = ["", ""];
    const points = ["", ""];
    const width = Math.max(2, Math.min(5, this.step));
    this.numbers.forEach(({ estimate, low, high }, rank) => {
      if (!isKnown(estimate)) return;
      const isClear = this.facts.clear[rank] === "y" ? 1 : 0;
      const at = px(this.x(rank));
      if (isKnown(low) || isKnown(high)) intervals[isClear] += `M${at} ${px(this.y(isKnown(low) ? low : axis.low))}V${px(this.y(isKnown(high) ? high : axis.high))}`;
      points[isClear] += `M${px(this.x(rank) - width / 2)} ${px(this.y(estimate))}h${px(width)}`;
    });
    const thin = { "stroke-width": px(Math.max(0.35, Math.min(4, this.step * 0.7))), "stroke-opacity": this.step < 0.3 ? 0.6 : 1 };
    const lines = [];
    if (none !== null) lines.push(across(none, "none-line"), text(right, this.y(none) - 5, "no difference", { "text-anchor": "end", class: "line-name" }));
    if (published !== null) lines.push(across(published.value, "published-line"), text(right, this.y(published.value) + 14, published.words, { "text-anchor": "end", class: "line-name published" }));
    const ended = this.left + this.step * this.known;
    this.marker = draw("g", { class: "marker" });
    this.preview = draw("g", { class: "preview" });
    this.picture.replaceChildren(draw("svg", { viewBox: `0 0 ${this.width} ${whole}`, "aria-hidden": "true" },
      ...ticks, draw("path", { d: this.outline(band), class: "band" }), draw("path", { d: intervals[0], class: "intervals unclear", ...thin }),
      draw("path", { d: intervals[1], class: "intervals clear", ...thin }),
      draw("path", { d: points[0], class: "points unclear" }), draw("path", { d: points[1], class: "points clear" }),
      ...lines, this.preview, this.marker,
      text(this.left, whole - 6, "lowest"), text(ended, whole - 6, "highest", { "text-anchor": "end" }),
      ...(right - ended > 70 ? [text(right, whole - 6, "no estimate", { "text-anchor": "end" })] : [])));
  }

  // Where 95 % of the curves would lie were there nothing to find: up along its upper edge, back along its lower.
  outline({ rank, low, high }) {
    const edge = (values) => values.map((value, at) => `${px(this.x(rank[at] - 1))} ${px(this.y(value))}`);
    return rank.length ? `M${edge(high).join("L")}L${edge(low).reverse().join("L")}Z` : "";
  }

  drawStrip() {
    const [row, gap] = this.isNarrow ? [25, 20] : [14, 9];
    let y = 4;
    const parts = [];
    this.places.forEach((at) => {
      const decision = decisions[at];
      if (this.isNarrow) y += 17;
      parts.push(draw("text", { x: 0, y: px(this.isNarrow ? y - 4 : y + 10), class: "decision" }, decision.label));
      if (!this.isNarrow) y += 14;
      decision.options.forEach((option, number) => {
        const sign = SIGNS[number];
        const ranks = [];
        this.codes.forEach((code, rank) => { if (code[at] === sign) ranks.push(rank); });
        const middle = this.isNarrow ? y + 17 : y + 6;
        const d = runsOf(ranks).map(([from, to]) => `M${px(this.left + this.step * from)} ${px(middle)}H${(this.left + this.step * to).toFixed(2)}`).join("");
        parts.push(draw("path", { d: `M${this.left} ${px(middle)}H${this.width - 8}`, class: "track" }),
          draw("path", { d, class: `ticks ${at % 2 ? "odd" : "even"}`, "data-option": `${decision.name}.${option.name}` }),
          draw("text", this.isNarrow ? { x: this.left, y: px(y + 10) } : { x: this.left - 10, y: px(y + 10), "text-anchor": "end" }, option.label));
        y += row;
      });
      y += gap - 5;
    });
    this.stripHeight = y;
    this.stripMarker = draw("g", { class: "marker" });
    this.stripPreview = draw("g", { class: "preview" });
    this.strip.replaceChildren(draw("svg", { viewBox: `0 0 ${this.width} ${px(y)}`, "aria-hidden": "true" }, ...parts, this.stripPreview, this.stripMarker));
  }

  // Where the reader is (preview), and where the state is; the readout and the slider say the former in words.
  show(rank, { isPreview = true } = {}) {
    this.cursor = Math.min(this.order.length - 1, Math.max(0, rank));
    const now = this.rankNow();
    const found = this.numbers[this.cursor];
    const line = (at) => [draw("path", { d: `M${px(this.x(at))} ${this.top}V${this.top + this.height}` }),
      ...(isKnown(this.numbers[at].estimate) ? [draw("circle", { cx: px(this.x(at)), cy: px(this.y(this.numbers[at].estimate)), r: 5 })] : [])];
    const under = (at) => [draw("path", { d: `M${px(this.x(at))} 0V${px(this.stripHeight)}` })];
    this.marker.replaceChildren(...line(now));
    this.stripMarker.replaceChildren(...under(now));
    this.preview.replaceChildren(...(isPreview && this.cursor !== now ? line(this.cursor) : []));
    this.stripPreview.replaceChildren(...(isPreview && this.cursor !== now ? under(this.cursor) : []));
    const rankWords = isKnown(found.estimate) ? `${formatNumber(this.cursor + 1)} of ${formatNumber(this.order.length)}` : "no estimate";
    const number = describeNumber(this.name, found);
    const isHere = this.cursor === now;
    this.readout.replaceChildren(make("strong", {}, number), ` · ${rankWords}${isHere ? " · the universe shown" : ""} · ${describeChoices(this.codes[this.cursor], this.places)}`);
    this.slider.setAttribute("aria-valuenow", String(this.cursor + 1));
    this.slider.setAttribute("aria-valuetext", `${number}, ${rankWords}${isHere ? ", the universe shown" : ""}. ${describeChoices(this.codes[this.cursor], this.places)}`);
  }
}
