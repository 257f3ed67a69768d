import { language, languages, setLanguage, t } from '../i18n';
import { useStore } from '../lib/store';
import { KeysHelp } from './KeysHelp';

export function Foot() {
  const chosen = useStore(language);
  return (
    <footer className="foot">
      <div>
        <p>{t('app.foot')}</p>
        <label>
          <span className="hidden">{t('app.language')}</span>
          <select value={chosen} onChange={event => setLanguage(event.target.value)}>
            {languages.map(one => (
              <option key={one.tag} value={one.tag} lang={one.tag}>
                {one.name}
              </option>
            ))}
          </select>
        </label>
        <KeysHelp />
      </div>
    </footer>
  );
}
