import { modalities, type LiveUpdate } from '../api/types';
import { modalityName } from '../lib/emotions';
import { percent } from '../lib/format';
import { type BarColumn, EmotionBars } from '../ui/EmotionBars';
import { Sparkline } from './Sparkline';
import type { LiveState } from './state';

/** What is expressed now, and what of it each modality says. */
export function Answer({ state }: { state: LiveState }) {
  const { update } = state;
  const emotion = update?.probabilities ? update.emotion : null;
  return (
    <section className="answer" aria-labelledby="now">
      <h2 id="now" className="hidden">
        Now
      </h2>
      <p className={`verdict ${emotion ?? 'nothing'}`}>
        <span className="dot" /> <b>{emotion ?? waiting(state)}</b>
        {emotion && update?.confidence != null && <span className="number">{percent(update.confidence)}</span>}
      </p>
      <EmotionBars label="Probabilities now" columns={columns(update)} lead={emotion} />
      <ul className="reasons">
        {update &&
          modalities
            .filter(one => update.modalities[one].status !== 'used')
            .map(one => (
              <li key={one}>
                {modalityName[one]} {update.modalities[one].status}
                {update.modalities[one].reason && `: ${update.modalities[one].reason}`}
              </li>
            ))}
      </ul>
      <h3>Last minute</h3>
      <Sparkline history={state.history} />
    </section>
  );
}

function waiting(state: LiveState): string {
  if (state.phase === 'paused') return 'paused';
  if (state.link !== 'open') return 'no connection';
  return state.sources.audio ? 'nobody speaks' : 'no face';
}

function columns(update: LiveUpdate | null): BarColumn[] {
  return [
    { key: 'fused', title: 'fused', probabilities: update?.probabilities ?? null, reason: null },
    ...modalities.map(one => ({
      key: one,
      title: modalityName[one],
      probabilities: update?.modalities[one].probabilities ?? null,
      reason: update?.modalities[one].reason ?? null,
    })),
  ];
}
