import { memo, useEffect, useState } from 'react';
import { type Person, type Recognition } from '../api/types';
import { t } from '../i18n';
import { emotionName, labelsOf, paintOf, shareOf } from '../lib/emotions';
import { clock, percent, shortClock } from '../lib/format';
import { bars, people, type PersonRow, renamed, sharesOf } from '../lib/people';
import { ticks } from '../lib/timeline';
import { Mix } from '../ui/ModalityCards';

interface Props {
  result: Recognition;
  lengthMs: number;
  /** Whose utterances are shown; null for everybody's. */
  only: string | null;
  onOnly: (name: string | null) => void;
  onRename: (result: Recognition) => void;
  onSeek: (seconds: number) => void;
}

/** A row for each person: name, time, emotions; to rename, to join with another, to show alone. */
export const People = memo(function People({ result, lengthMs, only, onOnly, onRename, onSeek }: Props) {
  const rows = people(result);
  const rowOf = (one: Person) => rows.findIndex(row => row.name === one.name);
  const persons = [...(result.persons ?? [])].sort((one, other) => rowOf(one) - rowOf(other));
  const isSeen = rows.some(one => one.seenMs > 0);
  const rename = (from: string, to: string) => {
    if (only === from) onOnly(to);
    onRename(renamed(result, from, to));
  };
  return (
    <section className="people" aria-labelledby="people">
      <h2 id="people">{t('people.title')}</h2>
      <div className="scroll" role="group" aria-labelledby="people" tabIndex={0}>
        <table>
          <thead>
            <tr>
              <th scope="col">{t('people.name')}</th>
              <th scope="col">{t('people.speaks')}</th>
              {isSeen && <th scope="col">{t('people.seen')}</th>}
              <th scope="col" className="shares">
                {t('people.shares')}
              </th>
              {rows.length > 1 && (
                <th scope="col" className="edit">
                  {t('people.merge')}
                </th>
              )}
              {rows.length > 1 && <th scope="col" className="edit"></th>}
            </tr>
          </thead>
          <tbody>
            {rows.map(one => (
              <tr key={one.name}>
                <th scope="row">
                  {one.thumbnail && <img src={`data:image/png;base64,${one.thumbnail}`} alt="" />}
                  <Name name={one.name} onRename={to => rename(one.name, to)} />
                </th>
                <td className="number" data-label={t('people.speaks')}>
                  {one.speaksMs > 0 ? clock(one.speaksMs) : '–'}
                </td>
                {isSeen && (
                  <td className="number" data-label={t('people.seen')}>
                    {one.seenMs > 0 ? clock(one.seenMs) : '–'}
                  </td>
                )}
                <td className="shares" title={sharesOf(one.shares)}>
                  <span className="hidden">{sharesOf(one.shares)}</span>
                  {one.shares && <Mix probabilities={one.shares} />}
                </td>
                {rows.length > 1 && (
                  <td className="edit">
                    <select
                      aria-label={`${t('people.merge')}: ${shown(one)}`}
                      value=""
                      onChange={event => event.target.value && rename(one.name, event.target.value)}>
                      <option value="">{t('people.nobody')}</option>
                      {rows
                        .filter(other => other !== one && other.name !== '')
                        .map(other => (
                          <option key={other.name} value={other.name}>
                            {other.name}
                          </option>
                        ))}
                    </select>
                  </td>
                )}
                {rows.length > 1 && (
                  <td className="edit">
                    <button
                      type="button"
                      disabled={one.speaksMs === 0}
                      className="quiet"
                      aria-pressed={only === one.name}
                      onClick={() => onOnly(only === one.name ? null : one.name)}>
                      {only === one.name ? t('people.all') : t('people.only', { name: shown(one) })}
                    </button>
                  </td>
                )}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <p className="note">{t('people.note')}</p>
      <Courses persons={persons} lengthMs={lengthMs} onSeek={onSeek} />
      <Changes rows={rows} onSeek={onSeek} />
    </section>
  );
});

/** What each person expresses over time, by stretches of the recording. */
function Courses({
  persons,
  lengthMs,
  onSeek,
}: {
  persons: Person[];
  lengthMs: number;
  onSeek: (seconds: number) => void;
}) {
  const shown = persons.filter(one => one.over_time.length > 0);
  if (!shown.some(one => one.over_time.length > 1)) return null;
  return (
    <>
      <h3>{t('people.course')}</h3>
      <div className="courses">
        {shown.map(one => (
          <div key={one.id}>
            <span title={one.name}>{one.name}</span>
            <svg
              viewBox="0 0 100 100"
              preserveAspectRatio="none"
              role="img"
              aria-label={courseOf(one)}
              onClick={event => {
                const { left, width } = event.currentTarget.getBoundingClientRect();
                onSeek(((event.clientX - left) / width) * (lengthMs / 1000));
              }}>
              <title>{courseOf(one)}</title>
              {bars(one, lengthMs).map((bar, i) => (
                <rect
                  key={i}
                  className={paintOf(bar.label, one.emotions)}
                  x={bar.left}
                  y={bar.top}
                  width={bar.width}
                  height={bar.height}
                />
              ))}
            </svg>
          </div>
        ))}
        <div aria-hidden="true">
          <span />
          <div className="axis">
            {ticks(lengthMs, 1, 4).map(mark => (
              <span key={mark.seconds} style={{ left: `${mark.left}%` }}>
                {shortClock(mark.seconds)}
              </span>
            ))}
          </div>
        </div>
      </div>
    </>
  );
}

function courseOf({ name, over_time }: Person): string {
  return `${name}: ${over_time
    .map(({ start_ms, probabilities }) => {
      const first = labelsOf(probabilities).reduce((best, one) =>
        shareOf(probabilities, one) > shareOf(probabilities, best) ? one : best,
      );
      return `${clock(start_ms)} ${emotionName(first)} ${percent(shareOf(probabilities, first))}`;
    })
    .join(', ')}`;
}

/** Where what a person expresses changes from one utterance to the next. */
function Changes({ rows, onSeek }: { rows: PersonRow[]; onSeek: (seconds: number) => void }) {
  const all = rows
    .flatMap(row => row.changes.map(change => ({ row, ...change })))
    .sort((one, other) => one.at_ms - other.at_ms);
  if (all.length === 0) return null;
  return (
    <details className="more">
      <summary>
        {t('people.changes')} ({all.length})
      </summary>
      <ul className="changes">
        {all.map((one, i) => (
          <li key={i}>
            <button type="button" className="quiet" onClick={() => onSeek(one.at_ms / 1000)}>
              {clock(one.at_ms)}
            </button>{' '}
            {rows.length > 1 && <b>{shown(one.row)} </b>}
            <span className={`dot ${paintOf(one.from, one.row.shares)}`} />
            {emotionName(one.from)} → <span className={`dot ${paintOf(one.to, one.row.shares)}`} />
            {emotionName(one.to)}
          </li>
        ))}
      </ul>
    </details>
  );
}

function Name({ name, onRename }: { name: string; onRename: (name: string) => void }) {
  const [text, setText] = useState(name);
  useEffect(() => setText(name), [name]);
  const send = () => text.trim() !== name && onRename(text);
  return (
    <input
      type="text"
      value={text}
      placeholder={t('viewer.unknown')}
      maxLength={60}
      autoComplete="off"
      aria-label={t('people.name')}
      onChange={event => setText(event.target.value)}
      onBlur={send}
      onKeyDown={event => event.key === 'Enter' && send()}
    />
  );
}

function shown({ name }: PersonRow): string {
  return name || t('viewer.unknown');
}
