"use strict";
// What the page holds, read once, and looked up. Nothing is estimated here: every number was computed before.
const all = (selector, within = document) => Array.from(within.querySelectorAll(selector));
const one = (selector, within = document) => within.querySelector(selector);
const payload = JSON.parse(one("#payload").textContent);
const THIN = "\u202f";
const MINUS = "\u2212";
const KINDS = { f8: Float64Array, u2: Uint16Array, u4: Uint32Array };

const unpack = ({ kind, data }) => {
  const text = atob(data);
  const bytes = new Uint8Array(text.length);
  for (let at = 0; at < text.length; at += 1) bytes[at] = text.charCodeAt(at);
  return new KINDS[kind](bytes.buffer);
};
const unpackAll = (packed) => Object.fromEntries(Object.entries(packed).map(([name, part]) => [name, unpack(part)]));

// Numbers in print, by the same rule as the tables of the page: a tie goes to the even digit.
const isKnown = (value) => Number.isFinite(value);
const countDecimals = (value) => {
  const size = Math.abs(value);
  return size >= 100 ? 0 : size >= 10 ? 1 : size >= 0.1 ? 2 : 3;
};
const roundToEven = (size, digits) => {
  const exact = size.toFixed(Math.min(100, digits + 60));
  const cut = exact.indexOf(".") + 1 + digits;
  const kept = digits ? exact.slice(0, cut) : exact.slice(0, cut - 1);
  return /^50*$/.test(exact.slice(cut)) && "02468".includes(kept.at(-1)) ? kept : size.toFixed(digits);
};
const formatNumber = (value, digits = Number.isInteger(value) ? 0 : countDecimals(value)) => {
  if (!isKnown(value)) return "not estimable";
  const [whole, rest] = roundToEven(Math.abs(value), digits).split(".");
  const text = whole.replace(/\B(?=(\d{3})+$)/g, THIN) + (rest === undefined ? "" : `.${rest}`);
  return value < 0 && /[1-9]/.test(text) ? MINUS + text : text;
};
const formatPercent = (value) => (isKnown(value) ? `${formatNumber(100 * value, 1)}${THIN}%` : "not estimable");
const formatP = (value) => {
  if (!isKnown(value)) return "p not estimable";
  if (value < 0.001) return "p < 0.001";
  return value > 0.999 ? "p > 0.999" : `p = ${roundToEven(value, 3)}`;
};
const formatEstimate = (value, isShare) => (isShare ? formatPercent(value)
  : formatNumber(value, isKnown(value) ? countDecimals(value) : 0));
const formatEnds = ({ estimate, low, high }, isShare) => {
  const end = (value) => (!isKnown(value) ? "no limit" : isShare ? formatNumber(100 * value, 1)
    : formatNumber(value, countDecimals(estimate)));
  return isKnown(low) || isKnown(high) ? `${end(low)} to ${end(high)}` : "not estimable";
};
const formatChange = (value, digits) => (!isKnown(value) ? "" : Number(roundToEven(Math.abs(value), digits)) === 0
  ? "" : (value > 0 ? "+" : "") + formatNumber(value, digits));
const plural = (count, noun) => (count === 1 ? noun : `${noun}s`);

// Universes: a code has one sign per decision; a specification of a quantity is what reaches it, as one number.
const decisions = payload.decisions;
const quantities = payload.quantities;
const QUANTITIES = Object.keys(quantities);
const ofBlock = (block) => decisions.map((decision, at) => ({ ...decision, at })).filter((it) => it.block === block);
const definitionAt = ofBlock("definition").map((it) => it.at);
const analysisAt = ofBlock("analysis").map((it) => it.at);
const pick = (code, places) => places.map((at) => code[at]).join("");
const definitionOf = new Map(payload.definitions.codes.map((code, number) => [code, number]));
const analyses = new Set(payload.analyses);
const DEFAULT = "0".repeat(decisions.length);
const SIGNS = "0123456789abcdefghijklmnopqrstuvwxyz";
const withOption = (code, at, option) => code.slice(0, at) + SIGNS[option] + code.slice(at + 1);
const isAllowed = (code) => definitionOf.has(pick(code, definitionAt)) && analyses.has(pick(code, analysisAt));
const hasAll = (code, choices) => choices.every(([at, options]) => options.includes(SIGNS.indexOf(code[at])));
const findReason = (code) => payload.constraints.find(({ when, allow }) => hasAll(code, when) && !hasAll(code, allow));
const optionOf = (code, at) => decisions[at].options[SIGNS.indexOf(code[at])];

const counts = unpackAll(payload.definitions.counts);
const shares = unpackAll(payload.definitions.share);
const odds = payload.odds.map((block) => ({ ...block, ...unpackAll(block.values) }));
const hazards = unpackAll(payload.hazards);
const curves = { ...payload.curves, ...unpackAll(payload.curves.values) };
const ordered = Object.fromEntries(QUANTITIES.map((name) => [name, unpack(quantities[name].order)]));

// The number of a specification: definition first, then the analysis decisions that reach the quantity.
const analysisNumber = (code, places) => places.reduce(
  (number, at) => number * decisions[at].options.length + SIGNS.indexOf(code[at]), 0);
const specificationOf = (code, name) => {
  const places = quantities[name].analysis;
  const size = places.reduce((product, at) => product * decisions[at].options.length, 1);
  return definitionOf.get(pick(code, definitionAt)) * size + analysisNumber(code, places);
};
// The code that a specification has while all that does not reach it stays as it is in `code`.
const codeOf = (specification, name, code) => {
  let rest = specification;
  let made = code;
  [...quantities[name].analysis].reverse().forEach((at) => {
    const size = decisions[at].options.length;
    made = withOption(made, at, rest % size);
    rest = Math.floor(rest / size);
  });
  const definition = payload.definitions.codes[rest];
  definitionAt.forEach((at, place) => { made = withOption(made, at, SIGNS.indexOf(definition[place])); });
  if (isAllowed(made)) return made;
  const free = analysisAt.filter((at) => !quantities[name].analysis.includes(at));
  const fitting = payload.analyses.find((analysis) => analysisAt.every(
    (at, place) => free.includes(at) || analysis[place] === made[at]));
  return analysisAt.reduce((text, at, place) => withOption(text, at, SIGNS.indexOf(fitting[place])), made);
};
const readAt = (table, at) => ({ estimate: table.estimate[at], low: table.low[at], high: table.high[at], p: table.p && table.p[at] });
const readTerms = (code) => {
  const [covariates, estimator] = payload.model_axes;
  const block = odds[SIGNS.indexOf(code[covariates])];
  const row = definitionOf.get(pick(code, definitionAt)) * decisions[estimator].options.length + SIGNS.indexOf(code[estimator]);
  const terms = block.terms.map((term, place) => ({
    term, label: payload.terms[term], ...readAt(block, row * block.terms.length + place),
    status: payload.statuses[block.status.charCodeAt(row * block.terms.length + place) - 97] }));
  return { terms, n: block.n[row], events: block.events[row] };
};
const readNumber = (code, name) => {
  if (name === "share") return readAt(shares, definitionOf.get(pick(code, definitionAt)));
  if (name === "hazard") return readAt(hazards, specificationOf(code, name));
  return readTerms(code).terms.find((term) => term.term === name)
    || { estimate: NaN, low: NaN, high: NaN, p: NaN };
};
const readCurves = (code) => {
  const base = 2 * specificationOf(code, "hazard");
  const read = (at) => {
    const steps = curves.steps.slice(curves.offsets[curves.curve[at]], curves.offsets[curves.curve[at] + 1]);
    const half = steps.length / 2;
    const risk = curves.risks.slice(curves.risk_offsets[at], curves.risk_offsets[at + 1]);
    return { n: curves.n[at], events: curves.events[at], risk: Array.from(risk),
      months: Array.from(steps.slice(0, half), (value) => value / curves.months_scale),
      survival: Array.from(steps.slice(half), (value) => value / curves.survival_scale) };
  };
  return { dtt: read(base), other: read(base + 1), ticks: curves.tick_sets[curves.ticks[base]] };
};
const countOf = (code, name) => counts[name][definitionOf.get(pick(code, definitionAt))];
const answersOf = (code) => {
  const size = payload.patients.length;
  const number = definitionOf.get(pick(code, definitionAt));
  return payload.definitions.answers.slice(number * size, (number + 1) * size);
};
const ANSWERS = { y: "difficult to treat", n: "not difficult to treat", "?": "cannot tell", "-": "not in the study" };
// The words of a command stand in the order of the contract of parameters, whichever decision set them.
const commandOf = (code) => {
  const { words, definitions, analyses: later, run } = payload.commands;
  const own = [...definitions[definitionOf.get(pick(code, definitionAt))], ...later[payload.analyses.indexOf(pick(code, analysisAt))]];
  const used = [...new Set(own)].sort((a, b) => a - b);
  return [run.replace("CODE", code), ...used.map((word) => `-p ${words[word]}`)].join(" ");
};
