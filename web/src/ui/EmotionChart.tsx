import { useEffect, useRef } from 'react';
import uPlot from 'uplot';
import { type Probabilities } from '../api/types';
import { emotionName, labelsOf, paintOf, shareOf } from '../lib/emotions';
import { type CurvePoint, stacked } from '../lib/curve';
import { percent } from '../lib/format';
import { useStore } from '../lib/store';
import { paint } from './theme';

const height = 130;

interface Props {
  points: CurvePoint[];
  /** From where to where, in seconds. */
  from: number;
  to: number;
  ticks: { seconds: number; text: string }[];
  label: string;
  /** Where playing is, in seconds; none where nothing plays. */
  now?: number;
  onSeek?: (seconds: number) => void;
}

/** The probabilities over time, stacked: at each moment they fill the height. */
export function EmotionChart({ points, from, to, ticks, label, now, onSeek }: Props) {
  const box = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | null>(null);
  const painted = useStore(paint);
  const among = points.find(one => one.probabilities)?.probabilities ?? null;
  const labels = labelsOf(among).join('\n');
  const marks = useRef({ from, to, ticks });
  marks.current = { from, to, ticks };
  useEffect(() => {
    const parent = box.current!;
    const chart = new uPlot(options(parent, marks, among), stacked([], among), parent);
    plot.current = chart;
    const watch = new ResizeObserver(() => chart.setSize({ width: parent.clientWidth, height }));
    watch.observe(parent);
    return () => {
      watch.disconnect();
      chart.destroy();
    };
  }, [painted, labels]);
  useEffect(() => plot.current?.setData(stacked(points, among)), [points, from, to, painted, labels]);
  const share = now === undefined ? null : (now - from) / (to - from);
  return (
    <figure className="chart">
      <div
        className="plot"
        role="img"
        aria-label={label}
        onClick={
          onSeek &&
          (event => {
            const over = plot.current!.over.getBoundingClientRect();
            const at = (event.clientX - over.left) / over.width;
            if (at >= 0 && at <= 1) onSeek(from + at * (to - from));
          })
        }>
        <div ref={box} />
        {share !== null && share >= 0 && share <= 1 && (
          <span
            className="cursor"
            style={{ left: `calc(${axisWidth}px + (100% - ${axisWidth + rightRest}px) * ${share})` }}
          />
        )}
      </div>
      <Legend among={among} last={points.at(-1)?.probabilities ?? null} />
    </figure>
  );
}

/** Which color is which emotion. */
function Legend({ among, last }: { among: Probabilities | null; last: Probabilities | null }) {
  return (
    <figcaption className="legend">
      <ul>
        {labelsOf(among).map(emotion => (
          <li
            key={emotion}
            className={paintOf(emotion, among)}
            title={last ? percent(shareOf(last, emotion)) : undefined}>
            <span className="dot" />
            {emotionName(emotion)}
          </li>
        ))}
      </ul>
    </figcaption>
  );
}

const axisWidth = 46;
const rightRest = 16;

function options(
  parent: HTMLElement,
  marks: { current: Pick<Props, 'from' | 'to' | 'ticks'> },
  among: Probabilities | null,
): uPlot.Options {
  const ink = color(parent, 'quiet-ink');
  const line = color(parent, 'line-ink');
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
    padding: [6, rightRest, 0, 0],
    scales: { x: { time: false, range: () => [marks.current.from, marks.current.to] }, y: { range: [0, 1] } },
    axes: [
      {
        ...axis,
        size: 22,
        splits: () => marks.current.ticks.map(one => one.seconds),
        values: () => marks.current.ticks.map(one => one.text),
      },
      { ...axis, size: axisWidth, splits: () => [0, 0.5, 1], values: () => [0, 0.5, 1].map(one => percent(one)) },
    ],
    series: [
      {},
      ...[...labelsOf(among)].reverse().map(emotion => ({
        label: emotion,
        stroke: color(parent, paintOf(emotion, among)),
        fill: color(parent, paintOf(emotion, among)),
        width: 1,
        spanGaps: false,
        points: { show: false },
      })),
    ],
  };
}

// A canvas knows no variables: an element of the class says which color the style means now.
function color(parent: HTMLElement, name: string): string {
  const probe = document.createElement('span');
  probe.className = `probe ${name}`;
  parent.append(probe);
  const found = getComputedStyle(probe).color;
  probe.remove();
  return found;
}
