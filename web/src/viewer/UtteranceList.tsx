import { memo, useEffect, useRef } from 'react';
import type { Utterance } from '../api/types';
import { answer, paintOf } from '../lib/emotions';
import { clock, percent } from '../lib/format';
import { Words } from '../ui/Words';

interface Props {
  utterances: Utterance[];
  shown: boolean[];
  chosen: number;
  onChoose: (index: number) => void;
}

/** From here on the browser lays out only what is in sight. */
const many = 300;

/** All utterances; of two hours there are thousands, which are not drawn again while it plays. */
export const UtteranceList = memo(function UtteranceList({ utterances, shown, chosen, onChoose }: Props) {
  const list = useRef<HTMLOListElement>(null);
  useEffect(() => {
    // Only the list scrolls, so that the player stays in sight.
    const item = list.current?.children[chosen] as HTMLElement | undefined;
    if (!item || !list.current) return;
    const { scrollTop, clientHeight } = list.current;
    if (item.offsetTop < scrollTop || item.offsetTop + item.offsetHeight > scrollTop + clientHeight)
      list.current.scrollTop = item.offsetTop - clientHeight / 3;
  }, [chosen]);
  return (
    <ol className={`lines choose${utterances.length > many ? ' many' : ''}`} ref={list}>
      {utterances.map((one, index) => (
        <li
          key={index}
          className={`${paintOf(one.emotion, one.probabilities)}${one.abstained ? ' unsure' : ''}`}
          hidden={!shown[index]}>
          <button type="button" aria-current={index === chosen ? 'true' : undefined} onClick={() => onChoose(index)}>
            <span className="when">{clock(one.start_ms)}</span>
            <span className="what">
              <span className="dot" />
              {answer(one)} <span className="number">{percent(one.confidence)}</span>
            </span>
            <Words utterance={one} />
          </button>
        </li>
      ))}
    </ol>
  );
});
