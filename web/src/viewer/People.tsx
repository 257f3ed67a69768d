import { useEffect, useState } from 'react';
import { type Recognition } from '../api/types';
import { t } from '../i18n';
import { emotionName, labelsOf, paintOf, shareOf } from '../lib/emotions';
import { clock, percent } from '../lib/format';
import { people, type PersonRow, renamed } from '../lib/people';
import { Mix } from '../ui/ModalityCards';

interface Props {
  result: Recognition;
  /** Whose utterances are shown; null for everybody's. */
  only: string | null;
  onOnly: (name: string | null) => void;
  onRename: (result: Recognition) => void;
  onSeek: (seconds: number) => void;
}

/** A row for each person: name, time, emotions; to rename, to join with another, to show alone. */
export function People({ result, only, onOnly, onRename, onSeek }: Props) {
  const rows = people(result);
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
              {rows.length > 1 && <th scope="col">{t('people.merge')}</th>}
              {rows.length > 1 && <th scope="col"></th>}
            </tr>
          </thead>
          <tbody>
            {rows.map(one => (
              <tr key={one.name}>
                <th scope="row">
                  {one.thumbnail && <img src={`data:image/png;base64,${one.thumbnail}`} alt="" />}
                  <Name name={one.name} onRename={to => rename(one.name, to)} />
                </th>
                <td className="number">{one.speaksMs > 0 ? clock(one.speaksMs) : '–'}</td>
                {isSeen && <td className="number">{one.seenMs > 0 ? clock(one.seenMs) : '–'}</td>}
                <td className="shares" title={shares(one)}>
                  <span className="hidden">{shares(one)}</span>
                  {one.shares && <Mix probabilities={one.shares} />}
                </td>
                {rows.length > 1 && (
                  <td>
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
                  <td>
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
      <Changes rows={rows} onSeek={onSeek} />
    </section>
  );
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

function shares({ shares }: PersonRow): string {
  if (!shares) return '';
  return labelsOf(shares)
    .filter(label => shareOf(shares, label) >= 0.005)
    .sort((first, second) => shareOf(shares, second) - shareOf(shares, first))
    .map(label => `${emotionName(label)} ${percent(shareOf(shares, label))}`)
    .join(', ');
}
