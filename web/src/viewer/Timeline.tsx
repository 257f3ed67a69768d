import { type KeyboardEvent, memo, useEffect, useMemo, useRef, useState } from 'react';
import type { Utterance } from '../api/types';
import { t } from '../i18n';
import { answer, paintOf } from '../lib/emotions';
import { clock, percent, shortClock } from '../lib/format';
import { type Lane, lanes, ticks } from '../lib/timeline';

interface Props {
  utterances: Utterance[];
  lengthMs: number;
  nowMs: number;
  chosen: number;
  shown: boolean[];
  onChoose: (index: number) => void;
}

const mostZoom = 64;

/** The recording from left to right, a lane for each speaker, an utterance in its emotion's color. */
export function Timeline({ utterances, lengthMs, nowMs, chosen, shown, onChoose }: Props) {
  const [zoom, setZoom] = useState(1);
  const scroller = useRef<HTMLDivElement>(null);
  const rows = useMemo(() => lanes(utterances, lengthMs, zoom), [utterances, lengthMs, zoom]);
  const marks = useMemo(() => ticks(lengthMs, zoom), [lengthMs, zoom]);
  const named = rows.some(row => row.speaker !== '');

  // What is chosen, and what plays, stays in sight.
  useEffect(() => {
    const box = scroller.current;
    if (!box || zoom === 1) return;
    const x = (box.scrollWidth * nowMs) / lengthMs;
    if (x < box.scrollLeft || x > box.scrollLeft + box.clientWidth) box.scrollLeft = x - box.clientWidth / 4;
  }, [nowMs, lengthMs, zoom]);

  return (
    <section className="timeline" aria-labelledby="timeline">
      <div className="headline">
        <h2 id="timeline">{t('viewer.timeline')}</h2>
        <div className="buttons">
          <button
            type="button"
            className="quiet"
            disabled={zoom <= 1}
            onClick={() => setZoom(zoom / 2)}
            aria-label={t('viewer.showMore')}>
            −
          </button>
          <button
            type="button"
            className="quiet"
            disabled={zoom >= mostZoom}
            onClick={() => setZoom(zoom * 2)}
            aria-label={t('viewer.showLess')}>
            +
          </button>
        </div>
      </div>
      <div className={`lanes${named ? '' : ' nameless'}`}>
        {named && (
          <div className="names" aria-hidden="true">
            {rows.map(row => (
              <span key={row.speaker} title={row.speaker}>
                {row.speaker || t('viewer.unknown')}
              </span>
            ))}
          </div>
        )}
        <div className="scroller" ref={scroller}>
          <div className="track" style={{ width: `calc(${100 * zoom}% - 1.5rem)` }}>
            <Lanes rows={rows} utterances={utterances} chosen={chosen} shown={shown} onChoose={onChoose} />
            <div className="axis" aria-hidden="true">
              {marks.map(mark => (
                <span key={mark.seconds} style={{ left: `${mark.left}%` }}>
                  {shortClock(mark.seconds)}
                </span>
              ))}
            </div>
            <span
              className="cursor"
              aria-hidden="true"
              style={{ left: `${Math.min(100, (100 * nowMs) / lengthMs)}%` }}
            />
          </div>
        </div>
      </div>
    </section>
  );
}

/** The utterances, which are not drawn again while it plays. */
const Lanes = memo(function Lanes({
  rows,
  utterances,
  chosen,
  shown,
  onChoose,
}: Pick<Props, 'utterances' | 'chosen' | 'shown' | 'onChoose'> & { rows: Lane[] }) {
  const step = (event: KeyboardEvent<HTMLElement>, index: number) => {
    const next = { ArrowRight: index + 1, ArrowLeft: index - 1, Home: 0, End: utterances.length - 1 }[event.key];
    if (next === undefined || !utterances[next]) return;
    event.preventDefault();
    onChoose(next);
    event.currentTarget.closest('.track')?.querySelector<HTMLElement>(`[data-index="${next}"]`)?.focus();
  };
  return rows.map(row => (
    <div key={row.speaker} className="lane" role="group" aria-label={row.speaker || t('viewer.speakerUnknown')}>
      {row.spans.map(span => {
        const one = utterances[span.index]!;
        const name = `${clock(one.start_ms)} ${answer(one)} ${percent(one.confidence)}`;
        const state = `${one.abstained ? ' unsure' : ''}${shown[span.index] ? '' : ' filtered'}`;
        return (
          <button
            key={span.index}
            type="button"
            data-index={span.index}
            className={`span ${paintOf(one.emotion, one.probabilities)}${state}`}
            title={`${name}${one.text ? `: ${one.text}` : ''}`}
            aria-label={name}
            aria-current={span.index === chosen ? 'true' : undefined}
            tabIndex={span.index === chosen ? 0 : -1}
            style={{ left: `${span.left}%`, width: `${span.width}%` }}
            onClick={() => onChoose(span.index)}
            onKeyDown={event => step(event, span.index)}
          />
        );
      })}
    </div>
  ));
});
