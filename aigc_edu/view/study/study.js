// The study's half in the page: two images as buttons, and one question. The kernel's half
// (study.py) says what is asked; a choice goes back as {side, trial}.

function render({ model, el }) {
  const box = document.createElement("div");
  box.tabIndex = 0;
  box.className = "aigc-study";
  box.setAttribute("role", "group");
  box.setAttribute(
    "aria-label", "Which image is real? Left or right arrow key, or one of two buttons.");
  const text = document.createElement("p");
  text.setAttribute("aria-live", "polite");
  const row = document.createElement("div");
  row.className = "aigc-study-row";
  let waiting = false;
  const choose = (side) => {
    if (waiting || !model.get("asking")) return;
    waiting = true;  // until the next pair is there: one press, one answer
    model.send({ side: side, trial: model.get("trial") });
  };
  const buttons = {};
  for (const side of ["left", "right"]) {
    const button = document.createElement("button");
    button.type = "button";
    const image = document.createElement("img");
    image.alt = "the " + side + " image";
    const word = document.createElement("span");
    word.textContent = side === "left" ? "← the left one" : "the right one →";
    button.append(image, word);
    button.addEventListener("click", () => choose(side));
    row.append(button);
    buttons[side] = { button: button, image: image };
  }
  box.addEventListener("keydown", (event) => {
    if (event.altKey || event.ctrlKey || event.metaKey || event.repeat) return;
    const side = { ArrowLeft: "left", ArrowRight: "right" }[event.key];
    if (side === undefined) return;
    event.preventDefault();
    event.stopPropagation();  // the notebook must not move to another cell
    choose(side);
  });
  const draw = () => {
    waiting = false;
    text.textContent = model.get("text");
    for (const side of ["left", "right"]) {
      buttons[side].image.src = model.get(side);
      buttons[side].button.disabled = !model.get("asking");
    }
    row.hidden = !model.get("asking");
    row.style.display = model.get("asking") ? "flex" : "none";
  };
  model.on("change:shown", draw);
  box.append(text, row);
  el.append(box);
  draw();
}
export default { render };
