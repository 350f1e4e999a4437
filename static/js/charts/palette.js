// The CSS tokens as colours that a canvas understands, and what all charts share.

const NAMES = [
  "text", "muted", "faint", "line", "line-strong", "surface", "surface-2", "accent", "accent-soft",
  "danger", "warn", "good", "heat-0", "heat-1", "heat-2", "heat-3", "heat-4", "heat-text-low",
  "heat-text-high", "series-1", "series-2", "series-3", "series-4", "series-5",
];

/** Every token resolved for the theme in force: {text: "rgb(…)", "heat-0": …, font: "…"}. */
export function palette() {
  const probe = document.createElement("i");
  probe.hidden = true;
  document.body.append(probe);
  const colours = {};
  for (const name of NAMES) {
    probe.style.color = `var(--${name})`;
    colours[name] = getComputedStyle(probe).color;
  }
  colours.font = getComputedStyle(document.body).fontFamily;
  colours.mono = getComputedStyle(document.documentElement).getPropertyValue("--font-mono");
  probe.remove();
  return colours;
}

export function heat(colours) {
  return [0, 1, 2, 3, 4].map((step) => colours[`heat-${step}`]);
}

/** A tooltip built from text nodes: repository names and paths are never read as HTML. */
export function tip(title, ...lines) {
  const box = document.createElement("div");
  box.className = "chart-tip";
  const strong = document.createElement("strong");
  strong.textContent = title;
  box.append(strong);
  for (const line of lines) {
    const span = document.createElement("span");
    span.textContent = line;
    box.append(span);
  }
  return box;
}

export function tooltip(formatter) {
  return {
    confine: true,
    backgroundColor: "transparent",
    borderWidth: 0,
    padding: 0,
    extraCssText: "box-shadow:none",
    transitionDuration: 0,
    formatter,
  };
}

export function base(colours) {
  return {
    animation: !matchMedia("(prefers-reduced-motion: reduce)").matches,
    animationDuration: 300,
    animationDurationUpdate: 250,
    textStyle: { fontFamily: colours.font, color: colours.text },
  };
}

export function axis(colours) {
  return {
    axisLine: { lineStyle: { color: colours["line-strong"] } },
    axisTick: { show: false },
    axisLabel: { color: colours.muted, fontSize: 12 },
    splitLine: { lineStyle: { color: colours.line } },
    nameTextStyle: { color: colours.muted, fontSize: 12 },
  };
}

const plain = new Intl.NumberFormat("en", { maximumFractionDigits: 2 });

export function number(value) {
  return value === null || value === undefined ? "not known" : plain.format(value);
}
