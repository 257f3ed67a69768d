import { useCallback, useEffect, useMemo, useRef, useState } from 'react';
import type { Recognition } from '../api/types';
import { t } from '../i18n';
import { tally, warningText } from '../lib/emotions';
import { everything, type Filter, matches } from '../lib/filter';
import { clock, count, shortClock } from '../lib/format';
import { useKeys } from '../lib/keys';
import { curve } from '../lib/curve';
import { lengthOf, ticks, utteranceAt } from '../lib/timeline';
import { EmotionChart } from '../ui/EmotionChart';
import { useDrop } from '../ui/useDrop';
import { Chosen, Rests } from './Chosen';
import { Exports } from './Exports';
import { FilterBar } from './FilterBar';
import { type Opened, opened } from './opened';
import { People } from './People';
import { Player } from './Player';
import { Timeline } from './Timeline';
import { UtteranceList } from './UtteranceList';

/** A result to read: player, timeline, the chosen utterance, and all of them. */
export function Reader({ open, onFiles }: { open: Opened; onFiles: (files: File[]) => void }) {
  const { result } = open;
  const { utterances } = result;
  useDrop(files => files.length > 0 && onFiles(files));
  const player = useRef<HTMLVideoElement>(null);
  const [chosen, setChosen] = useState(0);
  const [nowMs, setNowMs] = useState(0);
  const [filter, setFilter] = useState<Filter>(everything);
  const length = lengthOf(result.input.duration_ms, utterances);
  const shown = useMemo(() => utterances.map(one => matches(one, filter)), [utterances, filter]);
  const current = useMemo(() => utteranceAt(utterances, nowMs), [utterances, nowMs]);

  const go = useCallback(
    (index: number) => {
      const one = utterances[index];
      if (!one) return;
      setChosen(index);
      setNowMs(one.start_ms);
      if (player.current) player.current.currentTime = one.start_ms / 1000;
    },
    [utterances],
  );

  // While it plays, what is said is what is shown.
  useEffect(() => {
    if (current !== null && player.current && !player.current.paused) setChosen(current);
  }, [current]);

  const step = (by: number) => {
    let next = chosen + by;
    while (next >= 0 && next < utterances.length && !shown[next]) next += by;
    go(next);
  };
  // The report's keys.
  useKeys({
    j: () => step(1),
    k: () => step(-1),
    p: () => player.current && (player.current.paused ? void player.current.play() : player.current.pause()),
  });

  const own = useMemo(
    () => utterances.filter(one => filter.speaker === null || (one.speaker ?? '') === filter.speaker),
    [utterances, filter.speaker],
  );
  const points = useMemo(
    () => curve(own, filter.speaker === null ? result.moments : undefined),
    [own, filter.speaker, result.moments],
  );
  const faces = useMemo(
    () => [
      ...utterances.flatMap(one => one.faces ?? []),
      ...(result.moments ?? []).map(one => ({ time_ms: one.at_ms, boxes: one.boxes })),
    ],
    [utterances, result.moments],
  );
  const seek = useCallback(
    (seconds: number) => {
      setNowMs(1000 * seconds);
      if (player.current) player.current.currentTime = seconds;
      const at = utteranceAt(utterances, 1000 * seconds);
      if (at !== null) setChosen(at);
    },
    [utterances],
  );
  const only = useCallback((speaker: string | null) => setFilter(filter => ({ ...filter, speaker })), []);
  const rename = useCallback((result: Recognition) => opened.set({ ...open, result }), [open]);

  const one = utterances[chosen];
  return (
    <>
      <div className="headline title">
        <div>
          <h1 dir="auto">{result.input.file.split(/[\\/]/).pop()}</h1>
          <p className="note">
            {result.input.duration_ms >= 100 && `${clock(result.input.duration_ms)} · `}
            {count(utterances.length, 'utterance')} · {tally(utterances)} ·{' '}
            {t('viewer.bundle', {
              name: result.bundle.name,
              version: result.bundle.version,
              hash: result.bundle.hash.slice(0, 12),
            })}
          </p>
        </div>
        <Exports result={result} onFiles={onFiles} />
      </div>
      {result.warnings.length > 0 && (
        <ul className="notice note warnings" aria-label={t('viewer.warnings')}>
          {result.warnings.map((warning, i) => (
            <li key={i}>
              {warningText(warning)} <code title={warning.message}>{warning.code}</code>
            </li>
          ))}
        </ul>
      )}
      <div className="viewer">
        <div>
          <Player ref={player} media={open.media} onTime={setNowMs} onFiles={onFiles} faces={faces} />
          {one && <Rests utterance={one} />}
        </div>
        <div>
          <Timeline
            utterances={utterances}
            lengthMs={length}
            nowMs={nowMs}
            chosen={chosen}
            shown={shown}
            onChoose={go}
          />
          {one ? <Chosen utterance={one} persons={result.persons ?? []} /> : <p>{t('viewer.nobody')}</p>}
        </div>
      </div>
      {points.length > 0 && (
        <section className="course" aria-labelledby="course">
          <h2 id="course">{t('viewer.curve')}</h2>
          <EmotionChart
            points={points}
            from={0}
            to={length / 1000}
            ticks={ticks(length).map(({ seconds }) => ({ seconds, text: shortClock(seconds) }))}
            label={t('viewer.curveLabel')}
            now={nowMs / 1000}
            onSeek={seek}
          />
        </section>
      )}
      {utterances.length > 0 && (
        <People result={result} lengthMs={length} only={filter.speaker} onOnly={only} onRename={rename} onSeek={seek} />
      )}
      {utterances.length > 0 && (
        <section aria-labelledby="utterances">
          <h2 id="utterances">{t('viewer.utterances')}</h2>
          <FilterBar
            utterances={utterances}
            filter={filter}
            onChange={setFilter}
            shown={shown.filter(Boolean).length}
          />
          <UtteranceList utterances={utterances} shown={shown} chosen={chosen} onChoose={go} />
        </section>
      )}
    </>
  );
}
