// The bar of a running loop. It asks; the kernel's answers say what holds.
// Nothing is enabled before the kernel has answered a ping.

const PINGS = [0, 250, 700, 1500, 3000]; // milliseconds; the first may come too early

function button(parent, text) {
  const node = document.createElement("button");
  node.type = "button";
  node.textContent = text;
  node.disabled = true;
  parent.append(node);
  return node;
}

function figures(value) {
  return Number(value.toPrecision(3)).toString();
}

function render({ model, el }) {
  const bar = document.createElement("div");
  bar.className = "aigc-live";
  bar.dataset.aigcLive = "";
  // JupyterLab's one-letter shortcuts would take the keys away from buttons and slider.
  bar.setAttribute("data-lm-suppress-shortcuts", "true");
  bar.addEventListener("keydown", (event) => event.stopPropagation());
  bar.setAttribute("role", "toolbar");
  bar.setAttribute("aria-label", "Training controls");

  const stop = button(bar, "Stop");
  const pause = button(bar, "Pause");
  const step = button(bar, "Step");
  const enabled = [stop, pause, step];

  if (model.get("slider")) {
    const label = document.createElement("label");
    label.append("Learning rate ");
    const slider = document.createElement("input");
    slider.type = "range";
    slider.setAttribute("aria-label", "Learning rate");
    // The slider's unit: a twentieth of a power of ten.
    slider.min = Math.round(20 * Math.log10(model.get("lowest")));
    slider.max = Math.round(20 * Math.log10(model.get("highest")));
    slider.step = 1;
    slider.value = 0;
    slider.disabled = true;
    const shown = document.createElement("span");
    shown.className = "aigc-live-rate";
    shown.setAttribute("aria-hidden", "true"); // the slider says it itself
    const tell = () => {
      const factor = 10 ** (slider.value / 20);
      const rate = model.get("rate");
      const text = rate ? figures(rate * factor) : "× " + figures(factor);
      shown.textContent = text;
      slider.setAttribute("aria-valuetext", text);
      return factor;
    };
    slider.addEventListener("input", () => model.send({ kind: "rate", factor: tell() }));
    tell();
    label.append(slider, " ", shown);
    bar.append(label);
    enabled.push(slider);
  }

  const status = document.createElement("span");
  status.className = "aigc-live-status";
  status.setAttribute("role", "status");
  bar.append(status);
  el.append(bar);

  let answered = false;
  let paused = false;
  let stopping = false;

  const show = () => {
    for (const element of enabled) element.disabled = !answered || stopping;
    pause.textContent = paused ? "Resume" : "Pause";
    status.textContent = stopping
      ? "Stopping after this step …"
      : !answered
        ? "Connecting …"
        : paused
          ? "Paused"
          : "Running";
  };
  show();

  stop.addEventListener("click", () => model.send({ kind: "stop" }));
  pause.addEventListener("click", () => model.send({ kind: paused ? "resume" : "pause" }));
  step.addEventListener("click", () => model.send({ kind: "step" }));

  const onMessage = (message) => {
    if (message?.kind !== "state") return;
    answered = true;
    paused = message.paused;
    stopping = message.stop;
    show();
  };
  model.on("msg:custom", onMessage);

  const timers = PINGS.map((delay) =>
    setTimeout(() => {
      if (!answered) model.send({ kind: "ping" });
    }, delay),
  );
  timers.push(
    setTimeout(() => {
      if (!answered) {
        status.textContent = "This kernel does not listen while it computes: to stop, press ■ once";
      }
    }, PINGS.at(-1) + 1500),
  );

  // The kernel was restarted or died: the buttons would ask nobody. (anywidget's model does not
  // say whether its comm lives; this comes after rendering only when it died.)
  const onLive = () => {
    timers.forEach(clearTimeout);
    answered = false;
    show();
    status.textContent = "The kernel is gone: run the cell again";
  };
  model.on("comm_live_update", onLive);

  return () => {
    timers.forEach(clearTimeout);
    model.off("msg:custom", onMessage);
    model.off("comm_live_update", onLive);
  };
}

export default { render };
