import { emotions, modalities, type Probabilities, type Utterance } from '../api/types';
import { answer, modalityName, sourceName } from '../lib/emotions';
import { clock, percent, signed } from '../lib/format';
import { type BarColumn, EmotionBars } from '../ui/EmotionBars';

/** The chosen utterance: its words and its probabilities. */
export function Chosen({ utterance }: { utterance: Utterance }) {
  return (
    <section className="chosen" aria-labelledby="chosen">
      <h2 id="chosen" className="hidden">
        Chosen utterance
      </h2>
      <p className={`verdict ${utterance.emotion}`}>
        <span className="dot" /> <b>{answer(utterance)}</b>{' '}
        <span className="number">{percent(utterance.confidence, 1)}</span>
      </p>
      <blockquote>{utterance.text ?? <i>no words</i>}</blockquote>
      <p className="note">
        {utterance.speaker && `${utterance.speaker}, `}
        {clock(utterance.start_ms)} to {clock(utterance.end_ms)}, {sourceName[utterance.text_source]}
      </p>
      <EmotionBars
        label="Probabilities of the chosen utterance"
        columns={columns(utterance)}
        lead={utterance.emotion}
      />
    </section>
  );
}

/** What the chosen utterance's answer rests on. */
export function Rests({ utterance }: { utterance: Utterance }) {
  return (
    <section className="rests" aria-labelledby="rests">
      <h2 id="rests">What each modality adds to the answer</h2>
      <table className="adds">
        <tbody>
          {modalities.map(one => {
            const { status, reason } = utterance.modalities[one];
            if (status !== 'used')
              return (
                <tr key={one}>
                  <th scope="row">{modalityName[one]}</th>
                  <td colSpan={2} className="note">
                    {status}
                    {reason && `: ${reason}`}
                  </td>
                </tr>
              );
            const adds = utterance.contribution[one];
            return (
              <tr key={one}>
                <th scope="row">{modalityName[one]}</th>
                <td className="number">{signed(adds)}</td>
                <td>
                  <span className="signed">
                    <span
                      className={`bar ${adds < 0 ? 'minus' : 'plus'}`}
                      style={{ width: `${50 * Math.min(1, Math.abs(adds))}%` }}
                    />
                  </span>
                </td>
              </tr>
            );
          })}
        </tbody>
      </table>
      <p className="note">In points: by how much the answer's probability falls when the modality is taken away.</p>
      {utterance.prior && (
        <p className="note">
          The answer is what was expected before, {expected(utterance.prior)}, times what each modality says by itself
          divided by it and raised to its weight, in proportion.
        </p>
      )}
    </section>
  );
}

function expected(prior: Probabilities): string {
  const values = emotions.map(one => prior[one]);
  return Math.max(...values) - Math.min(...values) < 1e-9
    ? `${percent(values[0]!, 1)} each`
    : emotions.map(one => `${one} ${percent(prior[one])}`).join(', ');
}

function columns({ probabilities, branches, prior, modalities: uses }: Utterance): BarColumn[] {
  const found: BarColumn[] = [{ key: 'fused', title: 'fused', probabilities, reason: null }];
  if (prior) {
    for (const one of modalities) {
      const { probabilities: said, weight } = uses[one];
      if (said && weight !== undefined)
        found.push({
          key: one,
          title: `${modalityName[one]} (weight ${weight.toFixed(2)})`,
          probabilities: said,
          reason: null,
        });
    }
    return found;
  }
  if (branches.audio_text)
    found.push({
      key: 'audio_text',
      title: `sound and words (${percent(branches.audio_text.weight)})`,
      probabilities: branches.audio_text.probabilities,
      reason: null,
    });
  if (branches.video)
    found.push({
      key: 'video',
      title: `picture (${percent(branches.video.weight)})`,
      probabilities: branches.video.probabilities,
      reason: null,
    });
  return found;
}
