import { modalities, type Modality, type ModalityUse, type Probabilities } from '../api/types';
import { t } from '../i18n';
import { emotionName, labelsOf, modalityTitle, paintOf, shareOf, top, whyNot } from '../lib/emotions';
import { percent } from '../lib/format';
import { ModalityIcon } from './ModalityIcon';

/** What sound, words and picture each say by themselves: the likeliest emotion, and all of them as one bar. */
export function ModalityCards({ uses }: { uses: Record<Modality, ModalityUse> | null }) {
  return (
    <section className="modalities" aria-label={t('live.byItself')}>
      {modalities.map(one => (
        <Card key={one} modality={one} use={uses?.[one] ?? null} />
      ))}
    </section>
  );
}

function Card({ modality, use }: { modality: Modality; use: ModalityUse | null }) {
  const said = use?.status === 'used' ? (use.probabilities ?? null) : null;
  const best = said && top(said);
  return (
    <div className={`modality ${best ? paintOf(best, said) : 'nothing'}`}>
      <h3>
        <ModalityIcon modality={modality} />
        {modalityTitle(modality)}
      </h3>
      {said && best ? (
        <>
          <p>
            <span className="dot" />
            <b>{emotionName(best)}</b> <span className="number">{percent(shareOf(said, best))}</span>
          </p>
          <Mix probabilities={said} />
        </>
      ) : (
        <p className="note">{use && use.status !== 'used' ? whyNot(use) : '–'}</p>
      )}
    </div>
  );
}

/** All shares as one bar. */
export function Mix({ probabilities }: { probabilities: Probabilities }) {
  return (
    <span className="mix" aria-hidden="true">
      {labelsOf(probabilities).map(one => (
        <span
          key={one}
          className={paintOf(one, probabilities)}
          style={{ flexGrow: Number(shareOf(probabilities, one).toFixed(4)) }}
        />
      ))}
    </span>
  );
}
