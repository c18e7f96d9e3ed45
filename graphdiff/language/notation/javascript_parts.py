"""What every JavaScript program of a graph is made of: the choice on a kink, the backward sweep."""

from __future__ import annotations

__all__ = ["BACKWARD", "CHOOSE", "GATE"]

CHOOSE = """\
const kink = ([at, slope, tie], x, k, free) => {
  // The slope that the convention chooses on a kink; undefined off it.  Operands that tie get
  // shares that add up to 1, from a side those that the first one which is no constant decides.
  if (x.some(Number.isNaN) || !at(x)) return undefined;
  const forth = x.map((_, j) => +(j === k));
  const left = 0 - slope(x, forth.map(t => -t)), right = slope(x, forth);
  if (tie && left !== right) {
    const tied = [...x.keys()].filter(j => x[j] === x[k]);
    const first = tied.find(j => free[j]) ?? tied[0];
    if (convention === "zero" || convention === "mean") return 1/tied.length;
    if (k !== first) return (1 - kink([at, slope, tie], x, first, free))/(tied.length - 1);
  }
  if (convention === "left") return left;
  if (convention === "right") return right;
  if (convention === "mean") return (left + right)/2;
  return left*right > 0 ? (Math.abs(right) < Math.abs(left) ? right : left) : 0;
};"""
GATE = """\
const gate = (value, ...x) =>
  x.some(Number.isNaN) || (typeof value === "number" && !Number.isFinite(value)) ? NaN : value;"""
BACKWARD = """\
const backward = (v, locals) => {
  const gradients = [], shares = [];
  gradients[output] = 1;
  edges.forEach(([i, , k], e) => {
    gradients[i] ??= 0;
    gradients[k] ??= 0;
    shares[e] = Number.isNaN(v[i]) ? 0 : gradients[i]*locals[e];
    gradients[k] += shares[e];
  });
  return {gradients, shares};
};"""
