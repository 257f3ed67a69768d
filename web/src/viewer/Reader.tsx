import { useCallback, useEffect, useMemo, useRef, useState } from 'react';
import { tally } from '../lib/emotions';
import { everything, type Filter, matches } from '../lib/filter';
import { clock, count } from '../lib/format';
import { lengthOf, utteranceAt } from '../lib/timeline';
import { Chosen, Rests } from './Chosen';
import { Exports } from './Exports';
import { FilterBar } from './FilterBar';
import type { Opened } from './opened';
import { Player } from './Player';
import { Timeline } from './Timeline';
import { useKeys } from './useKeys';
import { UtteranceList } from './UtteranceList';

/** A result to read: player, timeline, the chosen utterance, and all of them. */
export function Reader({ open, onFiles }: { open: Opened; onFiles: (files: File[]) => void }) {
  const { result } = open;
  const { utterances } = result;
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

  useKeys(
    player,
    useCallback(
      (by: number) => {
        let next = chosen + by;
        while (next >= 0 && next < utterances.length && !shown[next]) next += by;
        go(next);
      },
      [chosen, go, shown, utterances.length],
    ),
  );

  const one = utterances[chosen];
  return (
    <>
      <div className="headline title">
        <div>
          <h1>{result.input.file.split(/[\\/]/).pop()}</h1>
          <p className="note">
            {clock(result.input.duration_ms)} · {count(utterances.length, 'utterance')} · {tally(utterances)} · bundle{' '}
            {result.bundle.name} {result.bundle.version} ({result.bundle.hash.slice(0, 12)})
          </p>
        </div>
        <Exports result={result} onFiles={onFiles} />
      </div>
      {result.warnings.length > 0 && (
        <ul className="notice note warnings" aria-label="Warnings">
          {result.warnings.map((warning, i) => (
            <li key={i}>
              {warning.message} <code>{warning.code}</code>
            </li>
          ))}
        </ul>
      )}
      <div className="viewer">
        <div>
          <Player ref={player} media={open.media} onTime={setNowMs} onFiles={onFiles} faces={one?.faces ?? []} />
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
          {one ? <Chosen utterance={one} /> : <p>Nobody speaks in this recording.</p>}
        </div>
      </div>
      {utterances.length > 0 && (
        <section aria-labelledby="utterances">
          <h2 id="utterances">Utterances</h2>
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
