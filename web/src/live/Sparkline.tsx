import { useEffect, useRef } from 'react';
import uPlot from 'uplot';
import { emotions } from '../api/types';
import { useStore } from '../lib/store';
import { paint } from '../ui/theme';
import { historyMs, type Moment } from './state';

const height = 120;

/** The seven probabilities of the last minute, newest at the right. */
export function Sparkline({ history }: { history: Moment[] }) {
  const box = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | null>(null);
  const painted = useStore(paint);
  useEffect(() => {
    const parent = box.current!;
    const chart = new uPlot(options(parent), data([]), parent);
    plot.current = chart;
    const watch = new ResizeObserver(() => chart.setSize({ width: parent.clientWidth, height }));
    watch.observe(parent);
    return () => {
      watch.disconnect();
      chart.destroy();
    };
  }, [painted]);
  useEffect(() => plot.current?.setData(data(history)), [history, painted]);
  return (
    <div
      ref={box}
      className="spark"
      role="img"
      aria-label="Probabilities of the last minute, a line for each emotion"
    />
  );
}

/** Seconds before now, and a row for each emotion; nulls leave gaps. */
export function data(history: Moment[]): uPlot.AlignedData {
  const now = history.at(-1)?.at ?? 0;
  return [
    history.map(one => (one.at - now) / 1000),
    ...emotions.map(emotion => history.map(one => one.probabilities?.[emotion] ?? null)),
  ];
}

function options(parent: HTMLElement): uPlot.Options {
  const ink = colour(parent, 'quiet-ink');
  const line = colour(parent, 'line-ink');
  const axis: uPlot.Axis = {
    stroke: ink,
    font: '12px "Source Sans 3 Variable", sans-serif',
    grid: { stroke: line, width: 1 },
    ticks: { show: false },
  };
  return {
    width: Math.max(200, parent.clientWidth),
    height,
    legend: { show: false },
    cursor: { show: false },
    padding: [6, 16, 0, 0],
    scales: { x: { time: false, range: [-historyMs / 1000, 0] }, y: { range: [0, 1] } },
    axes: [
      { ...axis, size: 22, splits: () => [-60, -45, -30, -15, 0], values: () => ['−60 s', '−45', '−30', '−15', 'now'] },
      { ...axis, size: 42, splits: () => [0, 0.5, 1], values: () => ['0 %', '50 %', '100 %'] },
    ],
    series: [
      {},
      ...emotions.map(emotion => ({
        label: emotion,
        stroke: colour(parent, emotion),
        width: 1.75,
        spanGaps: false,
        points: { show: false },
      })),
    ],
  };
}

// A canvas knows no variables: an element of the class says which colour the style means now.
function colour(parent: HTMLElement, name: string): string {
  const probe = document.createElement('span');
  probe.className = `probe ${name}`;
  parent.append(probe);
  const found = getComputedStyle(probe).color;
  probe.remove();
  return found;
}
