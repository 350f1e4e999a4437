// Design structure matrix: a filled cell in row A, column B means "A imports B".
// Data: {modules: [{name, cycle}], cells: [[row, column, count, cyclic]]}
// Rows stand below what they import: marks above the diagonal exist only inside of cycles.

import { base, number, tip, tooltip } from "./palette.js";

const LARGEST_CELL = 22;
const SMALLEST_LABELLED_CELL = 11;
const EDGE = 14;

function shorten(name, length) {
  return name.length > length ? `…${name.slice(1 - length)}` : name;
}

/** Cells are square; labels are left out where they would touch each other. */
function layout(element, count) {
  const width = element.clientWidth;
  const labels = width < 520 ? 110 : 220;
  const labelled = (width - labels - EDGE) / count >= SMALLEST_LABELLED_CELL;
  const left = labelled ? labels : EDGE;
  const cell = Math.min(LARGEST_CELL, (width - left - EDGE) / count);
  return { labelled, left, size: cell * count, letters: width < 520 ? 15 : 32 };
}

export function matrix({ modules, cells }, colours, element) {
  const names = modules.map((module) => module.name);
  const { labelled, left, size, letters } = layout(element, Math.max(1, modules.length));
  element.style.height = `${Math.ceil(size) + 2 * EDGE}px`;
  const category = {
    type: "category",
    data: names,
    axisLine: { show: false },
    axisTick: { show: false },
    splitLine: { show: false },
    axisLabel: { show: false },
    axisPointer: { show: true, type: "shadow", triggerTooltip: false, label: { show: false }, shadowStyle: { color: colours["accent-soft"], opacity: 0.6 } },
  };
  const mark = ([row, column, count, cyclic]) => ({
    value: [column, row, count],
    itemStyle: { color: cyclic ? colours.danger : colours.accent },
  });
  const diagonal = names.map((name, index) => ({
    value: [index, index, 0],
    itemStyle: { color: modules[index].cycle === null ? colours.line : colours["heat-1"] },
  }));
  return {
    ...base(colours),
    animation: false,
    grid: { left, top: EDGE, width: size, height: size, outerBoundsMode: "none", show: true, borderColor: colours.line, backgroundColor: "transparent" },
    xAxis: { ...category, position: "top" },
    yAxis: {
      ...category,
      inverse: true,
      axisLabel: { show: labelled, color: colours.muted, fontSize: 11, interval: 0, formatter: (name) => shorten(name, letters) },
    },
    tooltip: tooltip(({ data: { value } }) => {
      const [column, row, count] = value;
      if (row === column) return tip(names[row], modules[row].cycle === null ? "in no cycle of packages" : "part of a cycle of packages");
      return tip(`${names[row]} → ${names[column]}`, `${number(count)} ${count === 1 ? "import" : "imports"}`);
    }),
    series: [
      {
        type: "heatmap",
        data: [...diagonal, ...cells.map(mark)],
        itemStyle: { borderColor: colours.surface, borderWidth: 1, borderRadius: 2 },
        emphasis: { itemStyle: { borderColor: colours.text, borderWidth: 1 } },
        progressive: 4000,
      },
    ],
  };
}
