import { useEffect, useState } from 'react';
import { t } from '../i18n';
import type { LiveSession } from './session';
import type { LiveState } from './state';

/** Who was heard and seen so far, by names that can be changed: the server then uses them, too. */
export function Names({ state, session }: { state: LiveState; session: LiveSession }) {
  if (state.persons.length === 0) return null;
  return (
    <div className="who" role="group" aria-label={t('people.title')}>
      <span className="note">{t('people.title')}</span>
      {state.persons.map(one => (
        <span key={one.id}>
          {one.face?.thumbnail && <img src={`data:image/png;base64,${one.face.thumbnail}`} alt="" />}
          <Name name={one.name} onRename={name => session.rename(one.name, name)} />
        </span>
      ))}
      {state.persons.length > 1 && <span className="note">{t('live.sameName')}</span>}
    </div>
  );
}

function Name({ name, onRename }: { name: string; onRename: (name: string) => void }) {
  const [text, setText] = useState(name);
  useEffect(() => setText(name), [name]);
  const send = () => {
    const wanted = text.trim();
    if (wanted === '') setText(name);
    else if (wanted !== name) onRename(wanted);
  };
  return (
    <input
      type="text"
      value={text}
      maxLength={60}
      autoComplete="off"
      aria-label={`${t('people.name')}: ${name}`}
      onChange={event => setText(event.target.value)}
      onBlur={send}
      onKeyDown={event => event.key === 'Enter' && send()}
    />
  );
}
