import { modalities, type Person, type Probabilities, type Utterance } from '../api/types';
import { fixed, many, t } from '../i18n';
import { answer, emotionName, labelsOf, modalityName, paintOf, shareOf, sourceName, whyNot } from '../lib/emotions';
import { clock, percent, signed } from '../lib/format';
import { type BarColumn, EmotionBars } from '../ui/EmotionBars';
import { ModalityCards } from '../ui/ModalityCards';

/** The chosen utterance: its words and its probabilities. */
export function Chosen({ utterance, persons }: { utterance: Utterance; persons: Person[] }) {
  return (
    <section className="chosen" aria-labelledby="chosen">
      <h2 id="chosen" className="hidden">
        {t('viewer.chosen')}
      </h2>
      <p className={`verdict ${paintOf(utterance.emotion, utterance.probabilities)}`}>
        <span className="dot" /> <b>{answer(utterance)}</b>{' '}
        <span className="number">{percent(utterance.confidence, 1)}</span>
      </p>
      <blockquote dir="auto">{utterance.text ?? <i>{t('live.noWords')}</i>}</blockquote>
      <p className="note">
        {utterance.speaker && `${utterance.speaker}, `}
        {t('viewer.when', {
          from: clock(utterance.start_ms),
          to: clock(utterance.end_ms),
          source: sourceName(utterance.text_source),
        })}
        {!!utterance.overlap && `, ${t('viewer.overlap', { share: percent(utterance.overlap) })}`}
      </p>
      {utterance.prior && <ModalityCards uses={utterance.modalities} />}
      <EmotionBars label={t('viewer.chosenBars')} columns={columns(utterance)} lead={utterance.emotion} />
      {utterance.dimensions && (
        <p className="note">
          {Object.entries(utterance.dimensions)
            .map(([name, value]) => `${name} ${fixed(value, 2)}`)
            .join(', ')}
        </p>
      )}
      <Faces utterance={utterance} persons={persons} />
    </section>
  );
}

/** Whose face was read, and what the others' faces show meanwhile. */
function Faces({ utterance: { face, listeners = [] }, persons }: { utterance: Utterance; persons: Person[] }) {
  const name = (id: string) => persons.find(one => one.id === id)?.name ?? id;
  if (!face || (face.status === 'only' && listeners.length === 0)) return null;
  return (
    <ul className="reasons">
      {face.status === 'not_seen' && <li>{t('viewer.faceNotSeen')}</li>}
      {face.status === 'speaking' && (
        <li>
          {t('viewer.faceSpeaking', {
            name: face.person === null ? t('viewer.unknown') : name(face.person),
            share: percent(face.confidence ?? 0),
          })}
        </li>
      )}
      {listeners.map(one => (
        <li key={one.person} className={paintOf(one.emotion, one.probabilities)}>
          <span className="dot" />
          {t('viewer.listener', {
            name: name(one.person),
            emotion: emotionName(one.emotion),
            share: percent(one.confidence),
          })}
        </li>
      ))}
    </ul>
  );
}

/** What the chosen utterance's answer rests on. */
export function Rests({ utterance }: { utterance: Utterance }) {
  return (
    <section className="rests" aria-labelledby="rests">
      <h2 id="rests">{t('viewer.rests')}</h2>
      <table className="adds">
        <tbody>
          {modalities.map(one => {
            const use = utterance.modalities[one];
            if (use.status !== 'used')
              return (
                <tr key={one}>
                  <th scope="row">{modalityName(one)}</th>
                  <td colSpan={2} className="note">
                    {whyNot(use)}
                  </td>
                </tr>
              );
            const adds = utterance.contribution[one];
            return (
              <tr key={one}>
                <th scope="row">{modalityName(one)}</th>
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
      <p className="note">{t('viewer.points')}</p>
      {!!utterance.baseline?.utterances && (
        <p className="note">{many('viewer.baseline', utterance.baseline.utterances)}</p>
      )}
      {utterance.prior && (
        <details className="more">
          <summary>{t('live.details')}</summary>
          <p className="note">{t('viewer.formula', { prior: expected(utterance.prior) })}</p>
        </details>
      )}
    </section>
  );
}

function expected(prior: Probabilities): string {
  const values = Object.values(prior);
  return Math.max(...values) - Math.min(...values) < 1e-9
    ? t('viewer.each', { share: percent(values[0]!, 1) })
    : labelsOf(prior)
        .map(one => `${emotionName(one)} ${percent(shareOf(prior, one))}`)
        .join(', ');
}

function columns({ probabilities, branches, prior, modalities: uses }: Utterance): BarColumn[] {
  const found: BarColumn[] = [{ key: 'fused', title: t('live.fused'), probabilities, reason: null }];
  if (prior) {
    for (const one of modalities) {
      const { probabilities: said, weight } = uses[one];
      if (said && weight !== undefined)
        found.push({
          key: one,
          title: modalityName(one),
          weight: t('viewer.weight', { weight: fixed(weight, 2) }),
          probabilities: said,
          reason: null,
        });
    }
    return found;
  }
  if (branches.audio_text)
    found.push({
      key: 'audio_text',
      title: t('viewer.branchAudioText', { share: percent(branches.audio_text.weight) }),
      probabilities: branches.audio_text.probabilities,
      reason: null,
    });
  if (branches.video)
    found.push({
      key: 'video',
      title: t('viewer.branchVideo', { share: percent(branches.video.weight) }),
      probabilities: branches.video.probabilities,
      reason: null,
    });
  return found;
}
