import { useMemo } from 'react';
import { modalities, type LiveUpdate } from '../api/types';
import { fixed, t } from '../i18n';
import { emotionName, modalityName, paintOf } from '../lib/emotions';
import { percent } from '../lib/format';
import { useStore } from '../lib/store';
import { type BarColumn, EmotionBars } from '../ui/EmotionBars';
import { EmotionChart } from '../ui/EmotionChart';
import { details } from '../ui/flag';
import { ModalityCards } from '../ui/ModalityCards';
import { lastMinute, type LiveState, windowOf } from './state';

/** What is expressed now, what each modality says of it, and the last minute. */
export function Answer({ state }: { state: LiveState }) {
  const { update, moments } = state;
  const detailed = useStore(details);
  const emotion = update?.probabilities ? update.emotion : null;
  const span = windowOf(moments);
  const points = useMemo(() => lastMinute(moments), [moments]);
  return (
    <section className="answer" aria-labelledby="now">
      <h2 id="now" className="hidden">
        {t('live.now')}
      </h2>
      <p className={`verdict ${emotion ? paintOf(emotion, update?.probabilities) : 'nothing'}`}>
        <span className="dot" /> <b>{emotion ? emotionName(emotion) : waiting(state)}</b>
        {emotion && update?.confidence != null && <span className="number">{percent(update.confidence)}</span>}
      </p>
      <ModalityCards uses={update?.modalities ?? null} />
      <EmotionBars
        label={t('live.probabilities')}
        columns={detailed ? columns(update) : columns(update).slice(0, 1)}
        lead={emotion}
      />
      <h3>{t('live.minute')}</h3>
      <EmotionChart
        points={points}
        from={-span}
        to={0}
        ticks={[-3, -2, -1, 0]
          .map(third => (third * span) / 3)
          .map(seconds => ({
            seconds,
            text:
              seconds === 0
                ? t('live.nowMark')
                : t('live.seconds', { n: fixed(-seconds, Number.isInteger(seconds) ? 0 : 1) }),
          }))}
        label={t('live.minuteLabel')}
      />
    </section>
  );
}

function waiting(state: LiveState): string {
  if (state.phase === 'enrolling') return t('live.enrolling');
  if (state.phase === 'paused') return t('live.paused');
  if (state.link !== 'open') return t('live.noLink');
  return state.sources.audio ? t('live.waiting') : t('live.noFace');
}

function columns(update: LiveUpdate | null): BarColumn[] {
  return [
    { key: 'fused', title: t('live.fused'), probabilities: update?.probabilities ?? null, reason: null },
    ...modalities.map(one => ({
      key: one,
      title: modalityName(one),
      probabilities: update?.modalities[one].probabilities ?? null,
      reason: update?.modalities[one].reason ?? null,
    })),
  ];
}
