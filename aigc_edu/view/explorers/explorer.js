// The explorers' half in the page: controls on the left, what Python draws on the right.
//
// Protocol (aigc_edu/view/explorers/base.py has the other half):
//   page -> Python  {ask: n, view: token, values: [number, ...]}   every control's value, in order
//   Python -> page  {answer: n, view: token, ...} and one buffer, or {answer, view, error: sentence}
// An answer settles every question up to its number. At most three questions are open; what the
// reader does meanwhile is kept, the newest only, and asked as soon as an answer comes. Where none
// comes for a while, the newest is asked again.

const OPEN_AT_MOST = 3;
const SAY_WAITING_AFTER = 700; // milliseconds
const ASK_AGAIN_AFTER = 5000; // milliseconds, doubled each time
const ANNOUNCE_AFTER = 400; // milliseconds of rest, so that a drag is not read out at each step

const DASHES = [[], [7, 4], [], [2, 3]];

function element(tag, properties = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (name === "class") node.className = value;
    else if (name in node && name !== "role") node[name] = value;
    else node.setAttribute(name, value);
  }
  node.append(...children);
  return node;
}

// What the page looks like now: ink and paper as computed, and those of the two palettes (from
// aigc_edu/view/style.py) whose colors stand out on it.
function look(host, palettes) {
  const style = getComputedStyle(host);
  const channels = (style.color.match(/[\d.]+/g) || [0, 0, 0]).map(Number);
  const bright = (channels[0] * 299 + channels[1] * 587 + channels[2] * 114) / 1000 > 128;
  const colors = bright ? palettes.dark : palettes.light;
  return {
    ink: style.color,
    paper: bright ? "#111111" : "#FFFFFF",
    kinds: colors,
    series: [colors[0], colors[1], bright ? "white" : "black", colors[2]],
  };
}

function sharp(canvas, width, height) {
  const ratio = window.devicePixelRatio || 1;
  canvas.width = Math.round(width * ratio);
  canvas.height = Math.round(height * ratio);
  canvas.style.width = `${width}px`;
  canvas.style.height = `${height}px`;
  const pen = canvas.getContext("2d");
  pen.setTransform(ratio, 0, 0, ratio, 0, 0);
  return pen;
}

const short = (value) => (Math.round(value * 100) / 100).toString().replace("-", "−");

// JupyterLab sends a widget's messages to a subshell of the kernel, where there is one. An explorer
// is answered between cells anyway, so it does without where that subshell seems to be gone.
async function leaveSubshell(model) {
  try {
    const widget = await model.widget_manager.get_model(model.get("identity"));
    const comm = widget.comm.jsServicesComm;
    if ("commsOverSubshells" in comm) comm.commsOverSubshells = "disabled";
  } catch {
    // Another page than JupyterLab's, or the kernel is gone: there is no subshell to leave.
  }
}

// Questions to Python: three open at most, the newest never lost. Messages get lost all the same
// (a subshell may end while one is on its way to it), so where no answer comes the newest question
// is asked again, at longer and longer intervals: a long cell is no reason to hurry.
function asking(model, view, answered, waiting) {
  const open = new Map(); // number -> when it was asked
  let number = 0;
  let newest = null; // values that nobody has asked for yet
  let last = null; // the values that were asked for last
  let timer = null;
  let again = null;
  let stopped = false;

  function send(values) {
    number += 1;
    last = values;
    open.set(number, performance.now());
    model.send({ ask: number, view, values });
  }

  function push() {
    if (newest === null || open.size >= OPEN_AT_MOST) return;
    const values = newest;
    newest = null;
    send(values);
    timer ??= setTimeout(() => waiting(true), SAY_WAITING_AFTER);
    again ??= setTimeout(repeat, ASK_AGAIN_AFTER, ASK_AGAIN_AFTER);
  }

  async function repeat(waited) {
    again = setTimeout(repeat, 2 * waited, 2 * waited);
    await leaveSubshell(model);
    if (open.size === 0 || stopped) return; // answered meanwhile, or nobody looks any more
    const values = newest ?? last;
    newest = null;
    send(values);
  }

  function receive(content, buffers) {
    if (content.view !== view || !open.has(content.answer)) return;
    const took = performance.now() - open.get(content.answer);
    for (const one of [...open.keys()]) if (one <= content.answer) open.delete(one);
    clearTimeout(again); // Python is there: what is still open will be answered
    again = open.size > 0 ? setTimeout(repeat, ASK_AGAIN_AFTER, ASK_AGAIN_AFTER) : null;
    if (open.size === 0 || newest === null) {
      clearTimeout(timer);
      timer = null;
      waiting(false);
    }
    push();
    answered(content, buffers, took);
  }

  model.on("msg:custom", receive);
  return {
    ask(values) {
      newest = values;
      push();
    },
    idle: () => open.size === 0 && newest === null,
    stop() {
      stopped = true;
      clearTimeout(timer);
      clearTimeout(again);
      model.off("msg:custom", receive);
    },
  };
}

// ------------------------------------------------------------------------------ controls
// Each control is {node, values(), set(values), redraw?(), text?()}; change() tells the explorer.

function rangeControl(spec, change, id) {
  const label = element("label", { htmlFor: id, textContent: spec.name });
  const input = element("input", {
    type: "range", id, min: spec.low, max: spec.high, step: spec.step, value: spec.start,
  });
  const shown = element("output", { class: "aigc-value", "aria-hidden": "true" });
  shown.setAttribute("for", id);
  const node = element("div", { class: "aigc-range" }, label, input, shown);

  function say() {
    const value = Number(input.value);
    const text = spec.labels ? spec.labels[value] : short(value) + (spec.unit || "");
    shown.textContent = text;
    input.setAttribute("aria-valuetext", text);
  }
  input.addEventListener("input", () => { say(); change(); });
  say();

  let running = null;
  let button = null;
  function stop() {
    clearInterval(running);
    running = null;
    name("Play");
  }
  function name(word) { // what is read aloud begins with what is seen
    if (!button) return;
    button.textContent = word;
    button.setAttribute("aria-label", `${word}: ${spec.name}`);
  }
  if (spec.play) {
    button = element("button", { type: "button" });
    name("Play");
    button.addEventListener("click", () => {
      if (running) return stop();
      name("Pause");
      running = setInterval(() => {
        if (!node.isConnected) return stop();
        if (!change.idle()) return; // never faster than Python answers
        let value = Number(input.value) + Number(spec.play);
        if (value > spec.high) {
          if (!spec.around) return stop();
          value = spec.low;
        }
        input.value = value;
        say();
        change();
      }, 60);
    });
    node.append(button);
  }
  for (const jump of spec.jumps || []) {
    const move = element("button", { type: "button", textContent: jump.name });
    move.addEventListener("click", () => {
      stop();
      input.value = jump.to ?? Number(input.value) + jump.by;
      say();
      change();
    });
    node.append(move);
  }
  return {
    node,
    values: () => [Number(input.value)],
    set(values) { input.value = values[0]; say(); },
    stop,
    text: () => `${spec.name} ${shown.textContent}`,
  };
}

function choiceControl(spec, change, id) {
  const label = element("label", { htmlFor: id, textContent: spec.name });
  const select = element("select", { id });
  spec.options.forEach((name, place) => {
    select.append(element("option", { value: place, textContent: name }));
  });
  select.value = spec.start;
  const node = element("div", { class: "aigc-choice" }, label, select);
  const control = {
    node,
    values: () => [Number(select.value)],
    set(values) { select.value = values[0]; },
    text: () => `${spec.name} ${spec.options[Number(select.value)]}`,
  };
  select.addEventListener("change", () => change(spec.sets && spec.sets[Number(select.value)]));
  return control;
}

function drawControl(spec, change) {
  let presses = 0;
  const button = element("button", { type: "button", textContent: spec.name });
  button.addEventListener("click", () => { presses += 1; change(); });
  return {
    node: element("div", { class: "aigc-draw" }, button),
    values: () => [presses],
    set(values) { presses = values[0]; },
  };
}

function planeControl(spec, change, id, model) {
  const size = 340;
  const margin = { left: 34, bottom: 28, top: 6, right: 6 };
  const inside = {
    width: size - margin.left - margin.right, height: size - margin.top - margin.bottom,
  };
  const canvas = element("canvas", { class: "aigc-plane", id, tabIndex: 0, role: "application" });
  canvas.setAttribute("aria-label", spec.label);
  canvas.setAttribute("aria-roledescription", "plane with a handle");
  const at = [...spec.start];
  const [low, high] = [spec.low, spec.high];
  const across = (x) => margin.left + ((x - low) / (high - low)) * inside.width;
  const down = (y) => margin.top + ((high - y) / (high - low)) * inside.height;

  const palettes = model.get("spec").colors;
  const raw = model.get("points");
  const count = spec.points;
  const positions = count
    ? new Float32Array(raw.buffer.slice(raw.byteOffset, raw.byteOffset + 8 * count))
    : new Float32Array(0);
  const classes = count && spec.classes.length
    ? new Uint8Array(raw.buffer.slice(raw.byteOffset + 8 * count, raw.byteOffset + 9 * count))
    : null;
  const ground = document.createElement("canvas"); // all that does not move

  function drawGround() {
    const colors = look(canvas, palettes);
    const pen = sharp(ground, size, size);
    pen.fillStyle = colors.paper;
    pen.fillRect(0, 0, size, size);
    pen.font = "12px sans-serif";
    pen.strokeStyle = pen.fillStyle = colors.ink;
    pen.lineWidth = 1;
    pen.strokeRect(margin.left, margin.top, inside.width, inside.height);
    for (let tick = Math.ceil(low); tick <= high; tick += 1) {
      pen.globalAlpha = 0.15;
      pen.fillRect(across(tick), margin.top, 1, inside.height);
      pen.fillRect(margin.left, down(tick), inside.width, 1);
      pen.globalAlpha = 1;
      pen.textAlign = "center";
      pen.textBaseline = "top";
      pen.fillText(short(tick), across(tick), size - margin.bottom + 3);
      pen.textAlign = "right";
      pen.textBaseline = "middle";
      pen.fillText(short(tick), margin.left - 4, down(tick));
    }
    pen.save();
    pen.beginPath();
    pen.rect(margin.left, margin.top, inside.width, inside.height);
    pen.clip();
    for (let i = 0; i < count; i += 1) {
      pen.fillStyle = colors.kinds[classes ? classes[i] % 10 : 0];
      pen.globalAlpha = 0.75;
      pen.beginPath();
      pen.arc(across(positions[2 * i]), down(positions[2 * i + 1]), 1.8, 0, 7);
      pen.fill();
    }
    pen.globalAlpha = 1;
    pen.restore();
    const word = (text, x, y, color) => { // on a scrap of paper, so that dots do not cross it
      const width = pen.measureText(text).width + 6;
      pen.fillStyle = colors.paper;
      pen.globalAlpha = 0.85;
      pen.fillRect(x - width / 2, y - 9, width, 18);
      pen.globalAlpha = 1;
      pen.fillStyle = color;
      pen.fillText(text, x, y);
    };
    pen.textAlign = "center";
    pen.textBaseline = "middle";
    word(`${spec.names[0]} →`, size - margin.right - 40, size - margin.bottom - 12, colors.ink);
    word(`↑ ${spec.names[1]}`, margin.left + 38, margin.top + 12, colors.ink);
    pen.font = "bold 15px sans-serif";
    spec.classes.forEach((one, index) => {
      word(one.name, across(one.x), down(one.y), colors.kinds[index % 10]);
    });
  }

  function draw() {
    const colors = look(canvas, palettes);
    const pen = sharp(canvas, size, size);
    pen.drawImage(ground, 0, 0, size, size);
    const [x, y] = [across(at[0]), down(at[1])];
    pen.strokeStyle = colors.paper;
    pen.lineWidth = 5;
    for (const pass of [0, 1]) {
      pen.beginPath();
      pen.arc(x, y, 9, 0, 7);
      pen.moveTo(x - 15, y); pen.lineTo(x - 4, y);
      pen.moveTo(x + 4, y); pen.lineTo(x + 15, y);
      pen.moveTo(x, y - 15); pen.lineTo(x, y - 4);
      pen.moveTo(x, y + 4); pen.lineTo(x, y + 15);
      pen.stroke();
      pen.strokeStyle = colors.ink;
      pen.lineWidth = 2;
    }
  }

  function move(x, y) {
    at[0] = Math.min(high, Math.max(low, x));
    at[1] = Math.min(high, Math.max(low, y));
    draw();
    change();
  }

  function fromPointer(event) {
    const box = canvas.getBoundingClientRect();
    const scale = size / box.width;
    const x = (event.clientX - box.left) * scale;
    const y = (event.clientY - box.top) * scale;
    move(
      low + ((x - margin.left) / inside.width) * (high - low),
      high - ((y - margin.top) / inside.height) * (high - low),
    );
  }
  canvas.addEventListener("pointerdown", (event) => {
    if (event.button !== 0) return;
    event.preventDefault();
    event.stopPropagation(); // or JupyterLab begins to drag the cell
    canvas.focus({ preventScroll: true });
    canvas.setPointerCapture(event.pointerId);
    fromPointer(event);
  });
  canvas.addEventListener("pointermove", (event) => {
    if (canvas.hasPointerCapture(event.pointerId)) fromPointer(event);
  });
  canvas.addEventListener("mousedown", (event) => event.stopPropagation());

  const keys = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] };
  canvas.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const step = (high - low) / (event.shiftKey ? 14 : 70);
    if (event.key in keys) {
      move(at[0] + step * keys[event.key][0], at[1] + step * keys[event.key][1]);
    } else if (event.key === "Home") move(0, 0);
    else return;
    event.preventDefault();
  });

  function nearest() {
    let best = -1;
    let smallest = Infinity;
    for (let i = 0; i < count; i += 1) {
      const distance = (positions[2 * i] - at[0]) ** 2 + (positions[2 * i + 1] - at[1]) ** 2;
      if (distance < smallest) { smallest = distance; best = i; }
    }
    return best;
  }
  return {
    node: canvas,
    values: () => [...at],
    set(values) { at[0] = values[0]; at[1] = values[1]; draw(); },
    redraw() { drawGround(); draw(); },
    announce: true,
    text() {
      let words = `${spec.names[0]} = ${short(at[0])}, ${spec.names[1]} = ${short(at[1])}`;
      if (classes) words += `. The nearest code is of ${spec.classes[classes[nearest()]].name}`;
      return words;
    },
  };
}

const CONTROLS = {
  range: rangeControl, choice: choiceControl, draw: drawControl, plane: planeControl,
};

// ------------------------------------------------------------------------------ what Python drew

// Raw pixels, uint8 (count, height, width, channels), shared out over groups with captions.
function rasterOutput(groups) {
  const canvases = groups.map((group) => {
    const canvas = element("canvas", { class: "aigc-raster", role: "img" });
    canvas.setAttribute("aria-label", group.alt);
    return canvas;
  });
  const node = element("div", { class: "aigc-pictures" });
  groups.forEach((group, index) => {
    const figure = element("figure", {}, canvases[index]);
    if (group.caption) figure.append(element("figcaption", { textContent: group.caption }));
    node.append(figure);
  });
  return {
    node,
    show(content, buffer) {
      const [, height, width, channels] = content.shape;
      const bytes = new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.byteLength);
      let first = 0;
      groups.forEach((group, index) => {
        const columns = Math.min(group.columns, group.count);
        const rows = Math.ceil(group.count / columns);
        const gap = group.count > 1 ? 1 : 0;
        const canvas = canvases[index];
        canvas.width = columns * (width + gap) - gap;
        canvas.height = rows * (height + gap) - gap;
        canvas.style.width = `${Math.round(canvas.width * group.scale)}px`;
        const pen = canvas.getContext("2d");
        for (let k = 0; k < group.count; k += 1) {
          const image = pen.createImageData(width, height);
          const from = (first + k) * height * width * channels;
          for (let pixel = 0; pixel < height * width; pixel += 1) {
            for (let c = 0; c < 3; c += 1) {
              image.data[4 * pixel + c] = bytes[from + pixel * channels + (channels === 3 ? c : 0)];
            }
            image.data[4 * pixel + 3] = 255;
          }
          pen.putImageData(
            image, (k % columns) * (width + gap), Math.floor(k / columns) * (height + gap),
          );
        }
        first += group.count;
      });
    },
  };
}

// A figure drawn in Python, as PNG.
function figureOutput(spec) {
  const image = element("img", { class: "aigc-figure", alt: spec.alt });
  let address = null;
  return {
    node: element("div", { class: "aigc-pictures" }, image),
    begin(still) { // the still picture is that of the start: no need to draw it again
      image.src = still.src;
      image.alt = still.alt;
      if (still.hasAttribute("width")) image.style.width = `${still.getAttribute("width")}px`;
    },
    show(content, buffer) {
      const old = address;
      address = URL.createObjectURL(new Blob([buffer], { type: "image/png" }));
      image.onload = () => old && URL.revokeObjectURL(old);
      image.src = address;
      image.alt = content.alt;
      if (content.width) image.style.width = `${content.width}px`;
    },
    stop: () => address && URL.revokeObjectURL(address),
  };
}

// Curves over x, float32 (series, points).
function curvesOutput(spec, palettes) {
  const [width, height] = [460, 270];
  const margin = { left: 40, bottom: 30, top: 8, right: 10 };
  const canvas = element("canvas", { class: "aigc-curves", role: "img" });
  canvas.setAttribute("aria-label", spec.alt);
  const legend = element("div", { class: "aigc-legend" });
  const node = element("div", { class: "aigc-pictures" }, element("div", {}, canvas, legend));
  let values = null;

  const across = (x) =>
    margin.left + ((x - spec.x[0]) / (spec.x[1] - spec.x[0])) * (width - margin.left - margin.right);
  const down = (y) =>
    height - margin.bottom - ((y - spec.y[0]) / (spec.y[1] - spec.y[0])) * (height - margin.top - margin.bottom);

  function draw() {
    const colors = look(canvas, palettes);
    const pen = sharp(canvas, width, height);
    pen.fillStyle = colors.paper;
    pen.fillRect(0, 0, width, height);
    pen.font = "12px sans-serif";
    pen.fillStyle = colors.ink;
    pen.textAlign = "center";
    pen.textBaseline = "top";
    for (let x = Math.ceil(spec.x[0]); x <= spec.x[1]; x += spec.x[2]) {
      pen.fillText(short(x), across(x), height - margin.bottom + 4);
      pen.globalAlpha = 0.15;
      pen.fillRect(across(x), margin.top, 1, height - margin.top - margin.bottom);
      pen.globalAlpha = 1;
    }
    pen.fillText(spec.x_label, (width + margin.left) / 2, height - 13);
    pen.textAlign = "right";
    pen.textBaseline = "middle";
    for (let k = 0; spec.y[0] + k * spec.y[2] <= spec.y[1] + 1e-9; k += 1) {
      const y = spec.y[0] + k * spec.y[2];
      pen.fillText(short(y), margin.left - 5, down(y));
      pen.globalAlpha = 0.15;
      pen.fillRect(margin.left, down(y), width - margin.left - margin.right, 1);
      pen.globalAlpha = 1;
    }
    if (!values) return;
    const points = values.length / spec.series.length;
    pen.save();
    pen.beginPath();
    pen.rect(margin.left, margin.top, width - margin.left - margin.right, height - margin.top - margin.bottom);
    pen.clip();
    spec.series.forEach((one, index) => {
      pen.strokeStyle = pen.fillStyle = colors.series[index % 4];
      pen.lineWidth = 2;
      pen.setLineDash(DASHES[index % 4]);
      pen.beginPath();
      let drawing = false;
      for (let i = 0; i < points; i += 1) {
        const y = values[index * points + i];
        if (!Number.isFinite(y)) { drawing = false; continue; }
        const x = spec.x[0] + (i / (points - 1)) * (spec.x[1] - spec.x[0]);
        if (drawing) pen.lineTo(across(x), down(y));
        else pen.moveTo(across(x), down(y));
        drawing = true;
      }
      pen.stroke();
      if (one.filled) {
        pen.lineTo(across(spec.x[1]), down(0));
        pen.lineTo(across(spec.x[0]), down(0));
        pen.globalAlpha = 0.25;
        pen.fill();
        pen.globalAlpha = 1;
      }
    });
    pen.restore();
  }

  function drawLegend() {
    const colors = look(canvas, palettes);
    legend.replaceChildren(
      ...spec.series.map((one, index) => {
        const mark = element("canvas", { "aria-hidden": "true" });
        const pen = sharp(mark, 26, 12);
        pen.strokeStyle = pen.fillStyle = colors.series[index % 4];
        if (one.filled) { pen.globalAlpha = 0.25; pen.fillRect(0, 1, 26, 11); pen.globalAlpha = 1; }
        pen.lineWidth = 2;
        pen.setLineDash(DASHES[index % 4]);
        pen.beginPath();
        pen.moveTo(0, one.filled ? 2 : 6); pen.lineTo(26, one.filled ? 2 : 6);
        pen.stroke();
        return element("span", {}, mark, ` ${one.name}`);
      }),
    );
  }
  return {
    node,
    redraw() { draw(); drawLegend(); },
    show(content, buffer) {
      values = new Float32Array(buffer.buffer.slice(buffer.byteOffset, buffer.byteOffset + buffer.byteLength));
      if (content.sentence) canvas.setAttribute("aria-label", `${spec.alt} ${content.sentence}`);
      draw();
    },
  };
}

// ------------------------------------------------------------------------------ one explorer

let explorers = 0;

function mount(model, host) {
  const spec = model.get("spec");
  explorers += 1;
  const view = `${Date.now().toString(36)}-${explorers}-${Math.random().toString(36).slice(2)}`;
  const root = element("div", { class: "aigc-explorer", role: "group" });
  root.setAttribute("aria-label", spec.label);
  root.dataset.explorer = spec.name;
  const status = element("p", { class: "aigc-status", role: "status" });
  status.setAttribute("aria-live", "polite");
  const hint = element("p", { class: "aigc-hint", textContent: spec.hint });

  let sentence = ""; // on the picture
  let wrong = "";
  let waits = false;
  let resting = null;
  function say() {
    const text = waits
      ? "Waiting for Python: if a cell is running, the picture follows when it is done. If the "
        + "kernel was shut down, run this cell again."
      : wrong || sentence;
    status.classList.toggle("aigc-wrong", !waits && wrong !== "");
    if (status.textContent !== text) status.textContent = text;
  }

  const output = spec.curves
    ? curvesOutput(spec.curves, spec.colors)
    : spec.figure ? figureOutput(spec.figure) : rasterOutput(spec.pictures);
  const link = asking(
    model, view,
    (content, buffers, took) => {
      root.dataset.roundTrip = took.toFixed(1); // milliseconds, for whoever measures
      root.dataset.answers = String(Number(root.dataset.answers || 0) + 1); // pictures shown
      wrong = content.error || content.note || "";
      if (!content.error) {
        output.show(content, buffers[0]);
        if (content.sentence !== undefined) sentence = content.sentence;
      }
      root.classList.toggle("aigc-stale", Boolean(content.error));
      say();
    },
    (now) => { waits = now; say(); },
  );

  function ask() {
    link.ask(controls.flatMap((control) => control.values()));
    const speaking = controls.find((control) => control.announce);
    if (speaking) {
      clearTimeout(resting);
      resting = setTimeout(() => { sentence = speaking.text(); say(); }, ANNOUNCE_AFTER);
    }
  }
  const controls = [];
  spec.controls.forEach((one, index) => {
    const change = (sets) => {
      // A choice may carry values for the controls that follow it.
      if (sets) sets.forEach((value, k) => controls[index + 1 + k].set([value]));
      ask();
    };
    change.idle = link.idle;
    controls.push(CONTROLS[one.kind](one, change, `aigc-${view}-${index}`, model));
  });

  const panel = element("div", { class: "aigc-controls" });
  if (controls.length > 8) panel.classList.add("aigc-many");
  controls.forEach((control) => panel.append(control.node));
  root.append(element("div", { class: "aigc-body" }, panel, output.node), hint, status);

  // A key pressed here must not act on the notebook (arrows move cells, "x" cuts one). Lumino
  // listens in the capture phase and spares what is marked so; the notebook takes arrows as they
  // bubble up. What leaves the widget on purpose: Tab, Escape, running the cell, and shortcuts
  // with Ctrl or ⌘.
  const leaves = (event) => event.key === "Tab" || event.key === "Escape" || event.ctrlKey
    || event.metaKey || (event.shiftKey && event.key === "Enter");
  const mark = (event) => {
    if (!root.contains(event.target)) return;
    if (leaves(event)) root.removeAttribute("data-lm-suppress-shortcuts");
    else root.setAttribute("data-lm-suppress-shortcuts", "true");
  };
  root.setAttribute("data-lm-suppress-shortcuts", "true");
  window.addEventListener("keydown", mark, true); // before anybody on the document
  root.addEventListener("keydown", (event) => { if (!leaves(event)) event.stopPropagation(); });

  host.append(root);
  const redraw = () => [...controls, output].forEach((part) => part.redraw && part.redraw());
  redraw();
  const still = output.begin && host.querySelector("img[src^='data:']");
  if (still) {
    output.begin(still);
    root.dataset.answers = "1";
  } else ask();
  // JupyterLab says on <body> which theme it has.
  const themes = new MutationObserver(() => requestAnimationFrame(redraw));
  themes.observe(document.body, { attributes: true, attributeFilter: ["data-jp-theme-name", "class"] });

  return () => {
    themes.disconnect();
    window.removeEventListener("keydown", mark, true);
    link.stop();
    clearTimeout(resting);
    controls.forEach((control) => control.stop && control.stop());
    if (output.stop) output.stop();
    root.remove();
  };
}

// In a page where the outputs and the models share one document (JupyterLab, Notebook), the
// explorer comes alive in the place of its static picture. The saved notebook then holds a
// picture and no widget that somebody without a kernel could not open.
function initialize({ model }) {
  const name = model.get("anchor");
  if (!name) return undefined;
  const alive = new Map(); // anchor -> function that takes the explorer away again
  const anchors = document.getElementsByClassName(name); // kept up to date by the browser
  function search() {
    for (const [anchor, leave] of alive) {
      if (!anchor.isConnected && Date.now() - anchor.aigcSeen > 60000) { leave(); alive.delete(anchor); }
      else if (anchor.isConnected) anchor.aigcSeen = Date.now();
    }
    for (const anchor of [...anchors]) {
      if (alive.has(anchor)) continue;
      anchor.aigcSeen = Date.now();
      const picture = [...anchor.children];
      picture.forEach((child) => { child.hidden = true; child.style.display = "none"; });
      const away = mount(model, anchor);
      alive.set(anchor, () => {
        away();
        picture.forEach((child) => { child.hidden = false; child.style.display = ""; });
      });
    }
  }
  const watch = new MutationObserver(search);
  watch.observe(document.body, { childList: true, subtree: true });
  search();

  function leave(sentence) {
    watch.disconnect();
    for (const [anchor, away] of alive) {
      away();
      if (sentence) anchor.append(element("p", { class: "aigc-gone", textContent: sentence }));
    }
    alive.clear();
  }
  async function connection() {
    const widget = await model.widget_manager.get_model(model.get("identity")).catch(() => null);
    if (!widget || !widget.comm_live) leave("Python was restarted: run the cell again to explore.");
  }
  model.on("comm_live_update", connection);
  return () => { model.off("comm_live_update", connection); leave(""); };
}

function render({ model, el }) {
  return mount(model, el);
}

export default { initialize, render };
