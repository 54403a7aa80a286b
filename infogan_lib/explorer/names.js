// Tells screen readers what ipywidgets leaves out: the names of pictures, of sliders' knobs and values, and of the Play
// widget's buttons, and which toggle buttons form a group and are pressed. This script runs in the page, once for each
// explorer that is shown. Setting a name again does no harm.
(() => {
  const PLAY = { "fa-play": "Play", "fa-pause": "Pause", "fa-stop": "Stop", "fa-retweet": "Repeat" };
  const PICTURES = {
    "infogan-drawn": "What G draws from the codes. What Q reads in it follows",
    "infogan-sweep": "What G draws in a sweep. The mark below shows the place of the picture above",
    "infogan-pair": "A real image, and what G draws from the codes that Q reads in it",
  };
  const set = (element, role, name) => {
    if (role) element.setAttribute("role", role);
    element.setAttribute("aria-label", name);
  };
  const label = (widget) => widget.querySelector(".widget-label")?.textContent;
  const tell = (box) => {
    for (const [kind, name] of Object.entries(PICTURES)) {
      box.querySelectorAll(`img.${kind}`).forEach((picture) => (picture.alt = name));
    }
    for (const slider of box.querySelectorAll(".infogan-code")) {
      const name = label(slider);
      slider.querySelectorAll("[role=slider]").forEach((knob) => set(knob, null, name));
      for (const knob of slider.querySelectorAll(".ui-slider-handle")) { // ipywidgets 7 sets no attributes at all
        set(knob, "slider", name);
        const value = slider.querySelector(".widget-readout")?.textContent.replace("−", "-");
        knob.setAttribute("aria-valuemin", -2);
        knob.setAttribute("aria-valuemax", 2);
        knob.setAttribute("aria-valuenow", value);
      }
      slider.querySelectorAll(".widget-readout").forEach((value) => set(value, "textbox", `${name}, value`));
    }
    for (const play of box.querySelectorAll(".widget-play")) {
      for (const button of play.querySelectorAll("button")) {
        const icon = Object.keys(PLAY).find((kind) => button.querySelector(`.${kind}`));
        if (icon) set(button, null, play.title ? `${PLAY[icon]}: ${play.title}` : PLAY[icon]);
      }
    }
    for (const group of box.querySelectorAll(".widget-toggle-buttons")) {
      set(group, "group", label(group) || "real image");
      for (const button of group.querySelectorAll("button")) {
        button.setAttribute("aria-pressed", button.classList.contains("mod-active"));
        if (button.title) button.setAttribute("aria-label", button.title);
      }
    }
  };
  let looks = 120;
  const look = () => {
    for (const box of document.querySelectorAll(".infogan-explorer:not([data-named])")) {
      box.dataset.named = "";
      tell(box);
      const changes = { subtree: true, childList: true, attributes: true, attributeFilter: ["class"] };
      new MutationObserver(() => tell(box)).observe(box, changes);
    }
    if (looks--) setTimeout(look, 500); // the box may appear in the page after this script
  };
  look();
})();
