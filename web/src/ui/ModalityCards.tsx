import { emotions, modalities, type Modality, type ModalityUse } from '../api/types';
import { t } from '../i18n';
import { emotionName, modalityTitle, top, whyNot } from '../lib/emotions';
import { percent } from '../lib/format';
import { ModalityIcon } from './ModalityIcon';

/** What sound, words and picture each say by themselves: the likeliest emotion, and all seven as one bar. */
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
    <div className={`modality ${best ?? 'nothing'}`}>
      <h3>
        <ModalityIcon modality={modality} />
        {modalityTitle(modality)}
      </h3>
      {said && best ? (
        <>
          <p>
            <span className="dot" />
            <b>{emotionName(best)}</b> <span className="number">{percent(said[best])}</span>
          </p>
          <Mix probabilities={said} />
        </>
      ) : (
        <p className="note">{use && use.status !== 'used' ? whyNot(use) : '–'}</p>
      )}
    </div>
  );
}

/** Seven shares as one bar. */
export function Mix({ probabilities }: { probabilities: Record<(typeof emotions)[number], number> }) {
  return (
    <span className="mix" aria-hidden="true">
      {emotions.map(one => (
        <span key={one} className={one} style={{ flexGrow: Number(probabilities[one].toFixed(4)) }} />
      ))}
    </span>
  );
}
