import { answer } from '../lib/emotions';
import { percent } from '../lib/format';
import type { LiveState } from './state';

/** Tells a screen reader each finished utterance, never the running numbers. */
export function Announcer({ state }: { state: LiveState }) {
  const last = state.utterances.at(-1);
  return (
    <p className="hidden" role="status">
      {last && state.phase === 'live'
        ? `${last.speaker ?? ''} ${answer(last)}, ${percent(last.confidence)}. ${last.text ?? ''}`
        : ''}
    </p>
  );
}
