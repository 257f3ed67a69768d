import { useEffect, useState } from 'react';
import { emotions, type Recognition } from '../api/types';
import { t } from '../i18n';
import { emotionName } from '../lib/emotions';
import { clock, percent } from '../lib/format';
import { people, type Person, renamed } from '../lib/people';
import { Mix } from '../ui/ModalityCards';

interface Props {
  result: Recognition;
  /** Whose utterances are shown; null for everybody's. */
  only: string | null;
  onOnly: (name: string | null) => void;
  onRename: (result: Recognition) => void;
}

/** A row for each person: name, time, emotions; to rename, to join with another, to show alone. */
export function People({ result, only, onOnly, onRename }: Props) {
  const rows = people(result.utterances);
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
                  <Name name={one.name} onRename={to => rename(one.name, to)} />
                </th>
                <td className="number">{clock(one.speaksMs)}</td>
                <td className="shares" title={shares(one)}>
                  <span className="hidden">{shares(one)}</span>
                  <Mix probabilities={one.shares} />
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
    </section>
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

function shown({ name }: Person): string {
  return name || t('viewer.unknown');
}

function shares(one: Person): string {
  return emotions
    .filter(emotion => one.shares[emotion] >= 0.005)
    .sort((first, second) => one.shares[second] - one.shares[first])
    .map(emotion => `${emotionName(emotion)} ${percent(one.shares[emotion])}`)
    .join(', ');
}
