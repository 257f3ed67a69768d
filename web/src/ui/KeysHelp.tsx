import { useRef } from 'react';
import { type Key, t } from '../i18n';
import { keysOn, setKeysOn, useKeys } from '../lib/keys';
import { useStore } from '../lib/store';

const groups: { title: Key; keys: [string, Key][] }[] = [
  { title: 'keys.everywhere', keys: [['?', 'keys.help']] },
  {
    title: 'keys.live',
    keys: [
      ['p', 'keys.pause'],
      ['s', 'keys.stop'],
      ['d', 'keys.details'],
      ['m', 'keys.mirror'],
    ],
  },
  {
    title: 'keys.viewer',
    keys: [
      ['j', 'keys.next'],
      ['k', 'keys.previous'],
      ['p', 'keys.play'],
      ['← →', 'keys.arrows'],
      ['Home End', 'keys.ends'],
    ],
  },
];

/** The keys that do something, behind a button and the question mark. */
export function KeysHelp() {
  const dialog = useRef<HTMLDialogElement>(null);
  const on = useStore(keysOn);
  const open = () => dialog.current?.showModal();
  useKeys({ '?': open });
  return (
    <>
      <button type="button" className="quiet" onClick={open}>
        {t('app.keys')}
      </button>
      <dialog ref={dialog} className="keys" aria-labelledby="keys">
        <div className="headline">
          <h2 id="keys">{t('keys.title')}</h2>
          <button type="button" className="quiet" onClick={() => dialog.current?.close()}>
            {t('app.close')}
          </button>
        </div>
        {groups.map(group => (
          <section key={group.title}>
            <h3>{t(group.title)}</h3>
            <dl>
              {group.keys.map(([key, what]) => (
                <div key={key}>
                  <dt>
                    {key.split(' ').map(one => (
                      <kbd key={one}>{one}</kbd>
                    ))}
                  </dt>
                  <dd>{t(what)}</dd>
                </div>
              ))}
            </dl>
          </section>
        ))}
        <label>
          <input type="checkbox" checked={on} onChange={event => setKeysOn(event.target.checked)} /> {t('keys.on')}
        </label>
      </dialog>
    </>
  );
}
