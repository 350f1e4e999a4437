// Horizontal or vertical bars. Data: {labels, series: [{name, values, tone?}], horizontal?, unit?, stacked?}

import { axis, base, number, tip, tooltip } from "./palette.js";

export function bars({ labels, series, horizontal, unit, stacked }, colours) {
  const categories = { ...axis(colours), type: "category", data: labels, inverse: Boolean(horizontal), splitLine: { show: false } };
  const values = { ...axis(colours), type: "value", axisLine: { show: false }, minInterval: 1 };
  if (horizontal) categories.axisLabel = { ...categories.axisLabel, width: 150, overflow: "truncate" };
  return {
    ...base(colours),
    grid: { left: 12, right: 20, top: series.length > 1 ? 40 : 16, bottom: 12, containLabel: true },
    legend: { show: series.length > 1, top: 8, right: 12, icon: "roundRect", itemWidth: 12, itemHeight: 8, textStyle: { color: colours.muted } },
    xAxis: horizontal ? values : categories,
    yAxis: horizontal ? categories : values,
    tooltip: tooltip(({ name, seriesName, value }) =>
      tip(name, `${series.length > 1 ? `${seriesName}: ` : ""}${number(value)} ${unit ?? ""}`),
    ),
    series: series.map((one, index) => ({
      type: "bar",
      name: one.name,
      data: one.values,
      stack: stacked ? "all" : undefined,
      barMaxWidth: 28,
      itemStyle: { color: colours[one.tone ?? `series-${(index % 5) + 1}`], borderRadius: stacked ? 0 : 3 },
      emphasis: { focus: "series" },
    })),
  };
}
