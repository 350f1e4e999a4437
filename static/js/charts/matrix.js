// Design structure matrix: a filled cell in row A, column B means "A imports B".
// Data: {modules: [{name, href, cycle}], cells: [[row, column, count, cyclic]]}
// Rows are ordered by layers: below the diagonal is order, above it (in red) is a cycle.

import { base, number, tip, tooltip } from "./palette.js";

const LABELLED = 70;

function shorten(name, length) {
  return name.length > length ? `…${name.slice(1 - length)}` : name;
}

export function matrix({ modules, cells }, colours, element) {
  const names = modules.map((module) => module.name);
  const labelled = modules.length <= LABELLED;
  const narrow = element.clientWidth < 520;
  const left = labelled ? (narrow ? 92 : 190) : 16;
  const size = Math.max(60, Math.min(element.clientWidth - left - 24, element.clientHeight - 40));
  const category = {
    type: "category",
    data: names,
    axisLine: { lineStyle: { color: colours["line-strong"] } },
    axisTick: { show: false },
    splitLine: { show: modules.length <= LABELLED, lineStyle: { color: colours.line } },
    axisLabel: { show: labelled, color: colours.muted, fontSize: 11, interval: 0 },
  };
  const mark = ([row, column, count, cyclic]) => ({
    value: [column, row, count],
    itemStyle: { color: cyclic ? colours.danger : colours.accent },
  });
  const diagonal = names.map((name, index) => ({
    value: [index, index, 0],
    itemStyle: { color: modules[index].cycle === null ? colours["surface-2"] : colours["heat-1"] },
  }));
  return {
    ...base(colours),
    animation: false,
    grid: { left, top: 16, width: size, height: size },
    xAxis: { ...category, position: "top", axisLabel: { show: false } },
    yAxis: { ...category, inverse: true, axisLabel: { ...category.axisLabel, formatter: (name) => shorten(name, narrow ? 14 : 30) } },
    tooltip: tooltip(({ data: { value } }) => {
      const [column, row, count] = value;
      if (row === column) return tip(names[row], modules[row].cycle === null ? "in no cycle" : "part of a cycle");
      return tip(`${names[row]} → ${names[column]}`, `${number(count)} ${count === 1 ? "import" : "imports"}`);
    }),
    series: [
      {
        type: "heatmap",
        data: [...diagonal, ...cells.map(mark)],
        itemStyle: { borderColor: colours.surface, borderWidth: labelled ? 1 : 0 },
        emphasis: { itemStyle: { borderColor: colours.text, borderWidth: 1 } },
        progressive: 4000,
      },
    ],
  };
}
