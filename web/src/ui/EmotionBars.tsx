import { type Emotion, type Probabilities } from '../api/types';
import { t } from '../i18n';
import { emotionName, labelsOf, paintOf } from '../lib/emotions';
import { percent } from '../lib/format';

export interface BarColumn {
  key: string;
  title: string;
  /** How much it counts, where that is told. */
  weight?: string;
  probabilities: Probabilities | null;
  /** Why there is no answer. */
  reason: string | null;
}

/** The probabilities: the first column's wide, the other columns' narrow beside it. */
export function EmotionBars({ label, columns, lead }: { label: string; columns: BarColumn[]; lead: Emotion | null }) {
  const among = columns.find(one => one.probabilities)?.probabilities;
  return (
    <table className="bars" data-columns={columns.length}>
      <caption className="hidden">{label}</caption>
      <thead>
        <tr>
          <th scope="col">
            <span className="hidden">{t('bars.emotion')}</span>
          </th>
          {columns.map(one => (
            <th key={one.key} scope="col" title={one.reason ?? undefined}>
              {columns.length > 1 ? one.title : <span className="hidden">{one.title}</span>}
              {one.weight && <span className="weight"> {one.weight}</span>}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {labelsOf(among).map(emotion => (
          <tr key={emotion} className={`${paintOf(emotion, among)}${emotion === lead ? ' lead' : ''}`}>
            <th scope="row">
              <span className="dot" />
              {emotionName(emotion)}
            </th>
            {columns.map((column, i) => (
              <Cell key={column.key} share={column.probabilities?.[emotion] ?? null} wide={i === 0} />
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function Cell({ share, wide }: { share: number | null; wide: boolean }) {
  if (share === null)
    return (
      <td className="none">
        <span className="hidden">{t('bars.none')}</span>
      </td>
    );
  return (
    <td className={wide ? 'wide' : undefined}>
      <span className="cell">
        <span className="track">
          <span className="bar" style={{ transform: `scaleX(${share.toFixed(4)})` }} />
        </span>
        <span className="number">{percent(share)}</span>
      </span>
    </td>
  );
}
