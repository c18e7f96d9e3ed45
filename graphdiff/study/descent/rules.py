"""Update rules, each a graphdiff program: one table that is printed, drawn, differentiated and run.

A program reads a parameter ``x``, its gradient ``g``, the state that the rule keeps (``v``, ``m``,
``s``), the number ``t`` of the step, counted from 1, and its settings; it defines ``x2`` and the
new state ``v2``, ``m2``, ``s2``.  All state starts at 0.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

__all__ = ["CLIPPING", "RULES", "SCHEDULES", "Rule", "optimizers"]


@dataclass(frozen=True, slots=True)
class Rule:
    """One row: a program and what it needs."""

    name: str
    title: str
    program: str
    source: str
    states: tuple[str, ...] = ()
    defaults: Mapping[str, float] = field(default_factory=dict)
    """Settings that the program reads, with the values that people use."""
    bound: str = ""
    """Of a rule that is linear in x, g and the state: it converges on a quadratic for rates below
    this, where ``top`` is the greatest eigenvalue of the Hessian."""

    def with_weight_decay(self) -> Rule:
        """The same rule on the gradient of f + λ/2·‖x‖².

        >>> RULES["sgd"].with_weight_decay().program
        'g2 = g + weight_decay*x; x2 = x - lr*g2'
        """
        program = "g2 = g + weight_decay*x; " + re.sub(r"\bg\b", "g2", self.program)
        bound = self.bound.replace("top", "(top + weight_decay)")
        defaults = {**self.defaults, "weight_decay": 0.0}
        return replace(self, program=program, defaults=defaults, bound=bound)

    def with_schedule(self, schedule: Rule) -> Rule:
        """The same rule with a learning rate that changes.

        >>> RULES["sgd"].with_schedule(SCHEDULES["inverse"]).program
        'lr2 = lr/(1 + decay*(t - 1)); x2 = x - lr2*g'
        """
        own = re.sub(r"\beta\b", "lr2/@", self.program)
        program = f"{schedule.program}; " + re.sub(r"\blr\b", "lr2", own).replace("@", "lr")
        defaults = {key: value for key, value in self.defaults.items() if key != "eta"}
        return replace(self, program=program, defaults={**defaults, **schedule.defaults}, bound="")

    def with_clipping(self, form: str) -> Rule:
        """The same rule on a gradient that is made shorter (``norm`` is that of all parameters), or
        of which no entry is large.

        >>> RULES["sgd"].with_clipping("norm").program
        'g1 = g*clip/max(norm, clip); x2 = x - lr*g1'
        """
        program = f"g1 = {CLIPPING[form]}; " + re.sub(r"\bg\b", "g1", self.program)
        return replace(self, program=program, defaults={**self.defaults, "clip": 1.0}, bound="")

    @property
    def needs_norm(self) -> bool:
        """Whether the program reads the length of the whole gradient."""
        return re.search(r"\bnorm\b", self.program) is not None

    @property
    def text(self) -> str:
        """The program as a file that ``graphdiff draw -f`` and ``grad -f`` read.

        >>> print(RULES["momentum"].text)
        # title: momentum: v gathers gradients (PyTorch, D2L)
        # source: PyTorch documentation, torch.optim.SGD; D2L, section 12.6
        # state: v = 0
        # settings: lr = 0.01, beta = 0.9
        v2 = beta*v + g
        x2 = x - lr*v2
        """
        kept = ", ".join(f"{name} = 0" for name in self.states) or "none"
        settings = ", ".join(f"{name} = {value:g}" for name, value in self.defaults.items())
        head = [f"# title: {self.name}: {self.title}", f"# source: {self.source}"]
        return "\n".join(
            [*head, f"# state: {kept}", f"# settings: {settings}", *self.program.split("; ")]
        )


_SUTSKEVER = "Sutskever, Martens, Dahl & Hinton 2013, On the importance of initialization"
_TORCH_SGD = "PyTorch documentation, torch.optim.SGD"
_MOMENTUM = {"lr": 0.01, "beta": 0.9}
_SWING, _LOOK = "2*(1 + beta)/top", "2*(1 + beta)/((1 + 2*beta)*top)"
_MEAN = "/(1 - beta)"
_HEAVY = (
    Rule("momentum", "v gathers gradients (PyTorch, D2L)",
         "v2 = beta*v + g; x2 = x - lr*v2",
         f"{_TORCH_SGD}; D2L, section 12.6", ("v",), _MOMENTUM, _SWING),
    Rule("momentum-ema", "v is a moving average of gradients",
         "v2 = beta*v + (1 - beta)*g; x2 = x - lr*v2",
         "Ng, Deep Learning Specialization, course 2, week 2", ("v",), _MOMENTUM, _SWING + _MEAN),
    Rule("momentum-classical", "v is a velocity that the gradient pushes",
         "v2 = beta*v - lr*g; x2 = x + v2",
         f"{_SUTSKEVER}, eq. 1-2; CS231n notes, neural-networks-3", ("v",), _MOMENTUM, _SWING),
    Rule("nesterov", "momentum that looks ahead",
         "v2 = beta*v + g; x2 = x - lr*(g + beta*v2)",
         f"{_TORCH_SGD} (nesterov)", ("v",), _MOMENTUM, _LOOK),
    Rule("nesterov-ema", "a moving average that looks ahead",
         "v2 = beta*v + (1 - beta)*g; x2 = x - lr*((1 - beta)*g + beta*v2)",
         "Dozat 2016, Incorporating Nesterov Momentum into Adam, section 2.2", ("v",), _MOMENTUM,
         _LOOK + _MEAN),
    Rule("nesterov-classical", "a velocity that looks ahead",
         "v2 = beta*v - lr*g; x2 = x - beta*v + (1 + beta)*v2",
         f"{_SUTSKEVER}, eq. 3-4; CS231n notes, neural-networks-3", ("v",), _MOMENTUM, _LOOK),
)  # fmt: skip


def _scaled(
    name: str, title: str, program: str, source: str, defaults: Mapping[str, float], *,
    square: str = "s2", states: tuple[str, ...] = ("s",),
) -> list[Rule]:  # fmt: skip
    """A rule that divides by √s + ε, and the one with ε under the root."""
    outside, inside = f"(sqrt({square}) + eps)", f"sqrt({square} + eps)"
    return [
        Rule(name, title, program.format(outside), source, states, defaults),
        Rule(f"{name}-inside", f"{title}, ε under the root", program.format(inside), source,
             states, defaults),
    ]  # fmt: skip


_MOMENTS = "m2 = beta1*m + (1 - beta1)*g; s2 = beta2*s + (1 - beta2)*g^2"


def _adam(
    name: str, source: str, defaults: Mapping[str, float], *, decay: str = "", largest: bool = False
) -> list[Rule]:
    """Adam in four variants: bias correction or not, ε outside or inside the root; ``largest``
    divides by the largest moving average so far."""
    found = []
    moments = f"{_MOMENTS}; n2 = max(n, s2)" if largest else _MOMENTS
    kept, states = ("n2", ("m", "s", "n")) if largest else ("s2", ("m", "s"))
    for fair, fair_title in (("", "with bias correction"), ("-uncorrected", "uncorrected")):
        hats = "" if fair else f"mhat = m2/(1 - beta1^t); shat = {kept}/(1 - beta2^t); "
        m, s = ("m2", kept) if fair else ("mhat", "shat")
        for inside, root in (("", f"(sqrt({s}) + eps)"), ("-inside", f"sqrt({s} + eps)")):
            title = fair_title + (", ε under the root" if inside else "")
            program = f"{moments}; {hats}x2 = x - lr*{m}/{root}{decay}"
            found.append(Rule(name + fair + inside, title, program, source, states, defaults))
    return found


_KINGMA = "Kingma & Ba 2015, Adam, arXiv:1412.6980, algorithm 1"
_LOSHCHILOV = "Loshchilov & Hutter 2019, arXiv:1711.05101, algorithm 2"
_SQUARES = {"lr": 0.01, "rho": 0.9, "eps": 1e-8}
_RATES = {"beta1": 0.9, "beta2": 0.999, "eps": 1e-8}
_BETAS = {"lr": 0.001, **_RATES}
_AHEAD = "beta1*(1 - 0.96^({}*momentum_decay)/2)"
"""Nadam's momentum grows with the step; q is 1 less the product of all so far."""

RULES: dict[str, Rule] = {
    row.name: row
    for row in (
        Rule("sgd", "gradient descent", "x2 = x - lr*g",
             "Cauchy 1847; Goodfellow, Bengio & Courville 2016, section 4.3", (), {"lr": 0.01},
             "2/top"),
        *_HEAVY,
        *_scaled("adagrad", "steps shrink with the sum of squares",
                 "s2 = s + g^2; x2 = x - lr*g/{}",
                 "Duchi, Hazan & Singer 2011, Adaptive Subgradient Methods",
                 {"lr": 0.01, "eps": 1e-10}),
        *_scaled("rmsprop", "steps shrink with a moving average of squares",
                 "s2 = rho*s + (1 - rho)*g^2; x2 = x - lr*g/{}",
                 "Tieleman & Hinton 2012, Coursera lecture 6e", _SQUARES),
        *_scaled("rmsprop-centered", "steps shrink with a moving variance",
                 "m2 = rho*m + (1 - rho)*g; s2 = rho*s + (1 - rho)*g^2; x2 = x - lr*g/{}",
                 "Graves 2013, arXiv:1308.0850, eq. 38-45; PyTorch documentation, torch.optim."
                 "RMSprop (centered)", _SQUARES, square="s2 - m2^2", states=("s", "m")),
        *_adam("adam", _KINGMA, _BETAS),
        *_adam("amsgrad", "Reddi, Kale & Kumar 2018, On the Convergence of Adam and Beyond, "
               "algorithm 2; PyTorch documentation, torch.optim.Adam (amsgrad)",
               _BETAS, largest=True),
        *_adam("adamw", f"PyTorch documentation, torch.optim.AdamW; {_LOSHCHILOV}, without lr",
               {**_BETAS, "weight_decay": 0.01}, decay=" - lr*weight_decay*x"),
        *_adam("adamw-paper", _LOSHCHILOV, {**_BETAS, "weight_decay": 0.01, "eta": 1.0},
               decay=" - eta*weight_decay*x"),
        Rule("nadam", "Adam that looks ahead", f"a = {_AHEAD.format('t')}; "
             f"b = {_AHEAD.format('(t + 1)')}; q2 = 1 - (1 - q)*a; {_MOMENTS}; "
             "shat = s2/(1 - beta2^t); "
             "x2 = x - lr*((1 - a)*g/q2 + b*m2/(1 - (1 - q2)*b))/(sqrt(shat) + eps)",
             "Dozat 2016, Incorporating Nesterov Momentum into Adam; PyTorch documentation, "
             "torch.optim.NAdam", ("m", "s", "q"),
             {"lr": 0.002, **_RATES, "momentum_decay": 0.004}),
        Rule("newton", "x, g are all parameters, H the Hessian", "x2 = x - lr*solve(H, g)",
             "Nocedal & Wright 2006, Numerical Optimization, section 2.2", (), {"lr": 1.0}),
    )
}  # fmt: skip
"""Every rule by its name and variant."""


def optimizers() -> tuple[str, ...]:
    """What ``--with`` accepts: every rule but the variants, which options choose.

    A variant is named after a rule and a hyphen.
    """
    return tuple(n for n in RULES if "-" not in n or n.partition("-")[0] not in RULES)


_BENGIO = "Goodfellow, Bengio & Courville 2016, section 8.3.1"
_SGDR = "Loshchilov & Hutter 2017, SGDR, arXiv:1608.03983"
SCHEDULES: dict[str, Rule] = {
    row.name: row
    for row in (
        Rule("inverse", "lr/(1 + kt)", "lr2 = lr/(1 + decay*(t - 1))",
             "PyTorch documentation, torch.optim.Adagrad (lr_decay)", (), {"decay": 0.1}),
        Rule("exponential", "a factor per step", "lr2 = lr*decay^(t - 1)", _BENGIO, (),
             {"decay": 0.99}),
        Rule("step", "a factor every so many steps", "lr2 = lr*decay^floor((t - 1)/every)",
             _BENGIO, (), {"decay": 0.5, "every": 100}),
        Rule("sqrt", "lr/√t", "lr2 = lr/sqrt(t)",
             "Zinkevich 2003, Online Convex Programming, section 3", ()),
        Rule("cosine", "half a cosine down to 0", "lr2 = lr*(1 + cos(pi*(t - 1)/steps))/2",
             f"{_SGDR}, eq. 5", (), {"steps": 100}),
        Rule("restarts", "half a cosine again and again",
             "lr2 = lr*(1 + cos(pi*((t - 1)/every - floor((t - 1)/every))))/2",
             f"{_SGDR}, eq. 5, T_mult = 1", (), {"every": 100}),
        Rule("doubling", "half a cosine again and again, each twice as long",
             "part = 2^floor(log2((t - 1)/every + 1)); "
             "lr2 = lr*(1 + cos(pi*(((t - 1)/every + 1)/part - 1)))/2",
             f"{_SGDR}, eq. 5, T_mult = 2", (), {"every": 100}),
    )
}  # fmt: skip
"""Learning rates that change, as ``--lr-decay`` names them."""

CLIPPING = {"norm": "g*clip/max(norm, clip)", "value": "max(min(g, clip), -clip)"}
"""Gradients that are cut (Pascanu, Mikolov & Bengio 2013, arXiv:1211.5063), by ``--clip-form``."""
