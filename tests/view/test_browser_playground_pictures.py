"""The playground's pictures in a real browser: the network, a sample inside it, its health, many seeds; numbers equal Python's."""

import math
import re
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from autoback.engine.value import Value
from autoback.nn.datasets import XOR, two_moons, yin_yang
from autoback.nn.health import health
from autoback.nn.history import History
from autoback.nn.modules import MLP
from autoback.nn.optimizers import SGD
from autoback.nn.sweep import sweep
from autoback.nn.training import fit
from autoback.text import short
from autoback.view.drawing import draw
from autoback.view.lesson import Page, lesson
from tests.view.driving import Show, press, tab_to, text, until
from tests.view.pictures import SVG

pytestmark = pytest.mark.browser

MOONS = two_moons(30, seed=1)
BOTH = {"inputs": MOONS.inputs, "targets": MOONS.targets}


def xor_net(seed: int = 69) -> MLP:
    return MLP(2, [2, 1], "sigmoid", "sigmoid", initializer="park_miller", seed=seed)


def opened(show: Show, page: Page, **how: Any) -> Any:
    """A playground that has its first numbers."""
    tab = show(page, **how)
    until(tab, "autoback.playground.report !== undefined")
    settle(tab)
    return tab


def half(output: Value, target: Value) -> Value:
    """A loss of one's own."""
    return 0.5 * (output - target) ** 2


def settle(tab: Any) -> None:
    """Wait until all that was asked of the page is done."""
    tab.evaluate("autoback.playground.queue.then(() => null)")


def view(name: str) -> str:
    """A view of the page, as JavaScript."""
    return f"autoback.playground.views.find((view) => view.constructor.name === '{name}')"


def parameters(tab: Any) -> list[float]:
    settle(tab)
    return tab.evaluate("[...autoback.playground.model.parameters]")


def state(net: MLP) -> list[float]:
    return [parameter.data for parameter in net.parameters()]


def close(a: list[float], b: list[float], tolerance: float = 1e-12) -> bool:
    return len(a) == len(b) and all(math.isclose(x, y, rel_tol=tolerance, abs_tol=1e-15) for x, y in zip(a, b, strict=True))


# The network


@pytest.mark.parametrize("net", [xor_net(), MLP(2, [4, 3, 1]), MLP(2, [8, 6, 1])], ids=["2-2-1", "2-4-3-1", "2-8-6-1"])
def test_the_network_is_the_picture_that_draw_makes(show: Show, net: MLP) -> None:
    """Circles stand where they stand in the drawing, and each line has the same sign and step."""
    tab = opened(show, lesson(net, inputs=MOONS.inputs, targets=MOONS.targets))
    root = ET.fromstring(draw(net).svg)
    drawn = [(float(each.get("cx")), float(each.get("cy")), float(each.get("r"))) for each in root.iter(f"{SVG}circle")]
    circles = "[...document.querySelectorAll('#network circle')]"
    shown = tab.evaluate(f"{circles}.map((circle) => ['cx', 'cy', 'r'].map((name) => Number(circle.getAttribute(name))))")
    assert all(max(abs(a - b) for a, b in zip(*places, strict=True)) < 0.06 for places in zip(drawn, shown, strict=True))
    numbers = [(float(each.get("x")), float(each.get("y"))) for each in root.iter(f"{SVG}text") if "number" in each.get("class", "")]
    place = "(text) => ['x', 'y'].map((name) => Number(text.getAttribute(name)))"
    texts = tab.evaluate(f"[...document.querySelectorAll('#network .weight')].map({place})")
    assert all(max(abs(a - b) for a, b in zip(*places, strict=True)) < 0.11 for places in zip(numbers, texts, strict=True))
    steps = {group.get("data-edge"): group.get("class").split()[1] for group in root.iter(f"{SVG}g") if group.get("data-edge")}
    found = tab.evaluate(
        f"{view('NetworkView')}.geometry.parameters.flatMap(({{ l, j, k }}, index) => k < 0 ? [] : "
        f"[[`c${{l}}_${{k}}->c${{l + 1}}_${{j}}`, {view('NetworkView')}.lines[index].getAttribute('class').split(' ')[0]]])"
    )
    assert dict(found) == steps
    assert "tanh" in text(tab, "#network") or "σ" in text(tab, "#network")


def test_a_weight_is_dragged(show: Show) -> None:
    """A line pulled up makes its weight larger, shows its number, and changes the cost at once; a circle moves its bias."""
    tab = opened(show, lesson(xor_net(), rate=10.0))
    before, cost = parameters(tab), text(tab, "#cost")
    for place, index in (("#network [data-parameter='3'] .hold", 3), ("#network [data-circle='1-0'] circle", 4)):
        box = tab.locator(place).bounding_box()
        x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
        tab.mouse.move(x, y)
        tab.mouse.down()
        tab.mouse.move(x, y - 20)
        tab.mouse.move(x, y - 50)
        tab.mouse.up()
        until(tab, f"Math.abs(autoback.playground.model.parameters[{index}] - {before[index] + 1.0}) < 0.006")
        settle(tab)
        assert math.isclose(float(tab.locator("#weight").input_value()), parameters(tab)[index], rel_tol=1e-3)
    assert [k for k, (a, b) in enumerate(zip(before, parameters(tab), strict=True)) if a != b] == [3, 4]
    assert text(tab, "#cost") != cost
    assert text(tab, "#weight-name").startswith("b")


def test_weights_are_changed_by_keys_and_typed(show: Show) -> None:
    """Left and right choose, up and down change by a tenth or, with Shift, a hundredth; Enter leads to the box for the number."""
    tab = opened(show, lesson(xor_net()))
    tab_to(tab, "network")
    before = parameters(tab)
    press(tab, "ArrowRight", "ArrowRight", "ArrowUp")
    settle(tab)
    press(tab, "Shift+ArrowDown")
    assert close(parameters(tab), [x + 0.09 * (k == 2) for k, x in enumerate(before)], 1e-9)
    assert "w⁽¹⁾₂₁ = " in text(tab, "#live") and "cost" in text(tab, "#live")
    assert "Chosen: w⁽¹⁾₂₁" in tab.locator("#network").get_attribute("aria-label")
    press(tab, "End", "Enter")
    assert tab.evaluate("document.activeElement.id") == "weight"
    tab.keyboard.type("-1,5")
    press(tab, "Enter")
    settle(tab)
    until(tab, "autoback.playground.model.parameters[8] === -1.5")
    tab.fill("#weight", "many")
    press(tab, "Tab")
    assert parameters(tab)[8] == -1.5


def test_a_weight_can_be_moved_while_the_network_learns(show: Show) -> None:
    """At once, and the rate too; training goes on from there."""
    tab = opened(show, lesson(xor_net(42), rate=1e-9))
    tab.click("#play")
    tab.evaluate("autoback.playground.setParameter(3, 5.5); 0")
    until(tab, "Math.abs(autoback.playground.model.parameters[3] - 5.5) < 1e-3 && autoback.playground.playing")
    tab.evaluate("autoback.playground.change({ rate: 10 }); 0")
    until(tab, "Math.abs(autoback.playground.model.parameters[3] - 5.5) > 1e-3 && autoback.playground.playing")
    tab.click("#play")


# A sample inside training


def test_a_sample_runs_forward_and_back(show: Show) -> None:
    """Step by step each neuron shows its sum, its activation, and then its gradients; all are Python's."""
    net = xor_net()
    tab = opened(show, lesson(net, rate=10.0))
    tab.click("#samples tr:nth-child(2) .follow")
    tab.click("#inside-play")
    tab.evaluate(f"{view('Inside')}.go(0)")
    told = []
    for _ in range(20):
        told.append(text(tab, "#inside-story"))
        if tab.locator("#inside-next").is_disabled():
            break
        tab.click("#inside-next")
    assert len(told) == 9  # the sample, three neurons forward, the cost, three back, the end
    hidden = [neuron([0.0, 1.0]) for neuron in net.layers[0].neurons]
    output = net([0.0, 1.0])
    cost = (output - 1.0) ** 2
    net.zero_grad()
    cost.backward()
    first = net.layers[0].neurons[0]
    assert f"z⁽¹⁾₁ = {first.weights[0].data:.4g} · 0" in told[1].replace("0.00054", f"{first.weights[0].data:.4g}")
    assert f"≈ {hidden[0].data:.4g}" in told[1] and f"≈ {output.data:.4g}" in told[3]
    assert f"C = {cost.data:.4g}" in told[4]
    assert f"= −{abs(net.layers[1].neurons[0].weights[0].grad):.4g}" in told[5]
    slopes = tab.evaluate(f"[...{view('Inside')}.gradient(1).slopes]")
    assert close(slopes, [parameter.grad for parameter in net.parameters()])


def test_four_wishes_add_up_to_the_step(show: Show) -> None:
    """The arrows of the four samples, their mean, and the step that is rate times the mean: one epoch of `fit`."""
    net = xor_net()
    tab = opened(show, lesson(net, rate=10.0))
    tab.evaluate("autoback.playground.choose(0)")
    assert tab.locator("#wish-step").is_disabled()
    tab.click("#wish-all")
    tab.evaluate(f"{view('Inside')}.go(Infinity)")
    counted = [tab.locator(f"#network .wish.{kind}").count() for kind in ("own", "other", "mean")]
    assert counted == [5, 7 + 7 + 9, 9]  # no arrow where an input is 0
    wishes = f"{view('Inside')}.wishes()"
    each, mean = tab.evaluate(f"[{wishes}.each.map(({{ slopes }}) => [...slopes]), [...{wishes}.mean]]")
    assert close(mean, [sum(column) / 4 for column in zip(*each, strict=True)])
    up, down = tab.locator("#network .wish.mean.plus").count(), tab.locator("#network .wish.mean.minus").count()
    assert (up, down) == (sum(slope < 0 for slope in mean), sum(slope > 0 for slope in mean))
    tab.locator("#wishes summary").click()
    row = tab.locator("#wish-rows tr").nth(8).locator("td").all_text_contents()
    assert len(row) == 2 + 4 + 2 and row[-2].replace("−", "-") == f"{-mean[8]:.4g}"
    before = parameters(tab)
    tab.click("#wish-step")
    until(tab, "document.getElementById('taken').textContent !== ''")
    assert close(parameters(tab), [x - 10.0 * slope for x, slope in zip(before, mean, strict=True)])
    fit(net, *XOR, optimizer=SGD(10.0), epochs=1)
    assert close(parameters(tab), state(net))
    costs = re.findall(r"0\.\d+", text(tab, "#taken"))
    assert len(costs) == 2 and float(costs[0]) > float(costs[1])


def test_the_inside_is_reached_and_left_by_keys(show: Show) -> None:
    """A button in the table opens it and plays; arrows step, Escape closes; what happens is spoken."""
    tab = opened(show, lesson(xor_net()))
    tab_to(tab, "Look inside sample 1")
    press(tab, "Enter")
    assert tab.locator("#inside").is_visible() and tab.evaluate("document.activeElement.id") == "inside-play"
    press(tab, "Enter", "ArrowRight", "ArrowRight", "ArrowLeft")
    assert tab.locator("#inside-scrub").input_value() == "1"
    assert "neuron 1 of layer 1" in text(tab, "#live")
    assert tab.evaluate("autoback.playground.report.epoch") == 0  # the arrows did not train
    press(tab, "Escape")
    assert tab.locator("#inside").is_hidden()
    assert tab.locator("#network .value").count() == 0


def test_every_control_of_the_inside(show: Show) -> None:
    """The slider goes to a step, the arrows go one on or back, a faster speed waits less, Close closes."""
    tab = opened(show, lesson(xor_net()))
    tab.evaluate("autoback.playground.choose(2)")
    assert text(tab, "#inside-title") == "Inside sample 3" and tab.locator("#inside-previous").is_disabled()
    tab.locator("#inside-scrub").focus()
    press(tab, "End")
    assert tab.locator("#inside-scrub").input_value() == "8" and tab.locator("#inside-next").is_disabled()
    assert tab.locator("#inside-scrub").get_attribute("aria-valuetext") == "Step 8 of 8"
    tab.click("#inside-previous")
    tab.click("#inside-next")
    slow = tab.evaluate(f"{view('Inside')}.patience()")
    tab.select_option("#inside-speed", "4")
    assert tab.evaluate(f"{view('Inside')}.patience()") == slow / 4
    tab.locator("#health summary").click()
    tab.click("#inside-close")
    assert tab.locator("#inside").is_hidden() and tab.locator("#bars").is_hidden()


def test_playing_inside_goes_to_the_end(show: Show) -> None:
    """By itself, and then the sample is among those whose wishes count; other samples join it, and all can be forgotten."""
    tab = opened(show, lesson(xor_net()), reduced_motion="reduce")
    tab.evaluate(f"{view('Inside')}.patience = () => 1")
    for index in (3, 1):
        tab.evaluate(f"autoback.playground.choose({index})")
        tab.click("#inside-play")
        until(tab, "document.getElementById('inside-next').disabled && document.getElementById('inside-play').textContent === 'Play'")
    assert tab.evaluate(f"{view('Inside')}.samples") == [1, 3]
    assert "Wishes of 2 samples (2, 4)" in text(tab, "#wished")
    tab.evaluate("autoback.playground.change({ rate: 2 })")
    assert tab.evaluate(f"{view('Inside')}.samples") == [1, 3]
    tab.evaluate("autoback.playground.change({ set: 'moons' })")
    settle(tab)
    assert tab.evaluate(f"{view('Inside')}.samples") == []  # these are other samples
    tab.evaluate("autoback.playground.choose(3)")
    tab.click("#wish-all")
    tab.click("#wish-none")
    assert tab.evaluate(f"{view('Inside')}.samples") == [] and tab.locator("#wish-step").is_disabled()


def test_the_wishes_of_many_samples_of_three_classes(show: Show) -> None:
    """The mean is over all chosen samples, though few have arrows of their own; the step is that of `fit`."""
    data = yin_yang(40, seed=2)
    net = MLP(2, [4, 3], seed=1)
    tab = opened(show, lesson(net, inputs=data.inputs, targets=data.targets, loss="cross_entropy", rate=0.5))
    tab.evaluate("autoback.playground.choose(7)")
    tab.click("#wish-all")
    assert "Wishes of 40 samples (1, 2, 3, 4, 5 and 35 more)" in text(tab, "#wished")
    tab.evaluate(f"{view('Inside')}.go(8)")
    assert "The cross entropy of this sample is C = " in text(tab, "#inside-story")
    tab.click("#wish-step")
    until(tab, "document.getElementById('taken').textContent !== ''")
    fit(net, data.inputs, data.targets, loss="cross_entropy", optimizer=SGD(0.5), epochs=1)
    assert close(parameters(tab), state(net), 1e-11)


def test_without_samples_nothing_is_claimed(show: Show) -> None:
    """With all points gone there is no health, nothing to look into, and nothing to sweep; the weights can still be moved."""
    tab = opened(show, lesson(xor_net()))
    tab.evaluate("autoback.playground.choose(1)")
    tab.click("#clear")
    settle(tab)
    assert tab.locator("#inside").is_hidden() and tab.locator("#sweep").is_disabled()
    assert tab.locator("#alarms li").count() == tab.locator("#bars tr").count() == 0
    tab_to(tab, "network")
    press(tab, "ArrowUp")
    settle(tab)
    assert parameters(tab)[0] > 0.09


# Health


@pytest.mark.parametrize(
    ("net", "options"),
    [
        (xor_net(), {"rate": 10.0}),
        (MLP(2, [6, 4, 1], "relu", seed=2), {**BOTH, "loss": "binary_cross_entropy", "rate": 0.1}),
        (MLP(2, [4, 3], "tanh", initializer="constant"), {"targets": [0, 1, 1, 0], "loss": "cross_entropy", "rate": 0.5}),
        (MLP(2, [3, 1], "tanh", "tanh", seed=1), {"loss": "binary_cross_entropy", "rate": 0.1}),
        (MLP(2, [4] * 4 + [1], "sigmoid", seed=3), {"rate": 2000.0}),
        (MLP(2, [3, 1], "tanh", "sigmoid", seed=1), {"loss": half, "rate": 0.1}),
    ],
    ids=["xor", "relu", "symmetric", "misfit", "vanishing", "own loss"],
)
def test_the_health_on_the_page_is_python_s(show: Show, net: MLP, options: dict[str, Any]) -> None:
    """Every number of every array, and every alarm, before training and after ten epochs."""
    given = {"inputs": XOR.inputs, "targets": XOR.targets, "loss": "squared_error"} | options
    if net.layers[0].activation == "relu":
        for neuron in net.layers[0].neurons[:2]:
            neuron.bias.data = -100.0
    tab = opened(show, lesson(net, **given))
    for epochs in (0, 10):
        if epochs and given["rate"] < 100.0 and (given["loss"], net.layers[-1].activation) != ("binary_cross_entropy", "tanh"):
            tab.evaluate(f"autoback.playground.advance({{ epochs: {epochs} }})")
            settle(tab)
            fit(net, given["inputs"], given["targets"], loss=given["loss"], optimizer=SGD(given["rate"]), epochs=epochs)
        found = health(net, given["inputs"], given["targets"], loss=given["loss"], rate=given["rate"])
        layers, alarms = tab.evaluate(
            f"(({{ layers, alarms }}) => [layers.map(({{ name, units, saturated, dead, size, gradient, ratio }}) => "
            f"[name, units, saturated, dead, size, gradient, Number.isNaN(ratio) ? null : ratio]), alarms])({view('HealthView')}.found)"
        )
        for layer, (name, units, *numbers) in zip(found.layers, layers, strict=True):
            assert (layer.name, layer.units) == (name, units)
            python = [layer.saturated, layer.dead, layer.size, layer.gradient, None if math.isnan(layer.ratio) else layer.ratio]
            assert all(b is a or math.isclose(a, b, rel_tol=1e-9, abs_tol=1e-15) for a, b in zip(python, numbers, strict=True)), name
        assert tuple(alarms) == found.alarms
        assert tab.locator("#alarms li").all_text_contents() == (list(found.alarms) or ["Nothing alarming."])
    assert tab.locator("#bars tr").count() == len(found.layers)


def test_a_stuck_training_is_said_with_the_words_of_python(show: Show) -> None:
    """Seed 42: after some thousand epochs the page says what `health` says, computed from its own losses and answers."""
    net = xor_net(42)
    tab = opened(show, lesson(net, rate=10.0))
    tab.evaluate("autoback.playground.advance({ epochs: 3000 })")
    settle(tab)
    history: History = fit(net, *XOR, optimizer=SGD(10.0), epochs=3000)
    [said] = health(net, *XOR, rate=10.0, history=history).alarms
    assert said.startswith("Stuck: the loss stands still at 0.125") and tab.locator("#alarms li").all_text_contents() == [said]
    tab.click("#reset")
    settle(tab)
    assert "Stuck" not in text(tab, "#alarms")


# Many seeds


def test_twenty_seeds_are_python_s_sweep(show: Show) -> None:
    """The page's strip says of each seed what `sweep` says; those that are stuck are marked; a press takes the weights."""
    pytest.importorskip("llvmlite", reason="the extra `native` is not installed")

    def build(seed: int) -> MLP:
        return MLP(2, [2, 1], "sigmoid", "sigmoid", seed=seed)

    tab = opened(show, lesson(build(0), rate=10.0))
    tab.fill("#sweep-epochs", "1500")
    tab.click("#sweep")
    until(tab, f"{view('SeedsView')}.running === 0")
    swept = sweep(build, *XOR, seeds=range(20), optimizer=SGD(10.0), epochs=1500, native=True)
    runs = tab.evaluate(f"{view('SeedsView')}.runs.map(({{ seed, loss, stuck, said }}) => [seed, loss, stuck, said])")
    assert [(seed, stuck, said) for seed, _, stuck, said in runs] == [(run.seed, run.stuck, run.verdict) for run in swept.runs]
    assert close([loss for _, loss, _, _ in runs], [run.loss for run in swept.runs], 1e-6)
    assert text(tab, "#swept") == swept.notes[0]
    marked = tab.locator("#strip .stuck").evaluate_all("(all) => all.map((each) => Number(each.dataset.seed))")
    assert marked == [run.seed for run in swept.stuck] and marked
    chosen = swept.runs[3]
    tab.click("#strip [data-seed='3']")
    settle(tab)
    assert close(parameters(tab), state(chosen.net), 1e-6)
    assert tab.evaluate("autoback.playground.state.seed") == 3
    assert tab.locator("#strip [aria-pressed=true]").get_attribute("data-seed") == "3"
    assert tab.locator("#strip .seed").count() == 20  # they stay; another setting clears them
    tab.fill("[data-field=rate]", "1")
    press(tab, "Tab")
    settle(tab)
    assert tab.locator("#strip .seed").count() == 0 and text(tab, "#swept") == ""


def test_the_best_seed_is_that_of_the_held_out_samples(show: Show) -> None:
    """As in `sweep` with `validation`: the cost of the samples that no training saw decides."""
    tab = opened(show, lesson(MLP(2, [6, 1], seed=0), data="moons"))
    for field, number in (("points", "20"), ("noise", "0.4"), ("held", "0.5"), ("rate", "0.2")):
        tab.fill(f"[data-field={field}]", number)
        press(tab, "Tab")
        settle(tab)
    tab.fill("#sweep-epochs", "200")
    tab.click("#sweep")
    until(tab, f"{view('SeedsView')}.running === 0")
    runs = tab.evaluate(f"{view('SeedsView')}.runs.map(({{ seed, loss, held }}) => [held, loss, seed])")
    best = min(runs)
    assert best != min(runs, key=lambda run: run[1])
    assert f"best is seed {best[2]}, loss {short(best[0])}" in text(tab, "#swept")


def test_a_sweep_is_stopped(show: Show) -> None:
    """The button says Stop while it runs; what is done is kept, what is not is no choice, and nothing runs on."""
    tab = opened(show, lesson(MLP(2, [16, 16, 1], seed=1), data="moons"))  # large enough that no seed is done before the second click
    tab.fill("#sweep-epochs", "100000")
    tab.click("#sweep")
    assert text(tab, "#sweep") == "Stop"
    until(tab, f"{view('SeedsView')}.runs.some((run) => run.losses.length > 100)")
    tab.click("#sweep")
    assert text(tab, "#sweep") == "Train 20 seeds"
    assert tab.evaluate(f"{view('SeedsView')}.runners.length") == 0
    assert tab.locator("#strip .seed:disabled").count() >= 18


def test_seeds_are_trained_where_workers_are_refused(show: Show) -> None:
    """As in a notebook: on the page's own thread, which goes on answering; a number of epochs that is none is set right."""
    tab = opened(show, lesson(xor_net(), rate=10.0))
    tab.evaluate("window.Worker = function () { throw new Error('refused'); }; 0")
    tab.fill("#sweep-epochs", "-3")
    tab.click("#sweep")
    assert tab.locator("#sweep-epochs").input_value() == "2000"
    until(tab, f"{view('SeedsView')}.running === 0")
    assert tab.locator("#strip .seed:enabled").count() == 20


@pytest.mark.parametrize(("width", "height", "scheme"), [(360, 740, "light"), (1280, 720, "dark")])
def test_the_pictures_fit(show: Show, width: int, height: int, scheme: str) -> None:
    """Nothing sticks out sideways; what is told of a step is on the projector's screen together with the network."""
    tab = opened(show, lesson(xor_net()), width=width, height=height, color_scheme=scheme)
    tab.evaluate("autoback.playground.choose(1)")
    tab.evaluate(f"{view('Inside')}.go(6)")
    assert tab.evaluate("document.documentElement.scrollWidth") <= width
    assert 0 <= tab.evaluate("document.getElementById('inside-title').getBoundingClientRect().top") <= height - 100
    if width > 1000:
        assert tab.evaluate("scrollY") == 0
        assert tab.evaluate("document.getElementById('inside-story').getBoundingClientRect().bottom") <= height
