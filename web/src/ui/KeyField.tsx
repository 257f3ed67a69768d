import { useState } from 'react';
import { apiKey } from '../api/client';
import { t } from '../i18n';

/** The server's key, which stays in this tab. */
export function KeyField({ onKey }: { onKey: () => void }) {
  const [key, setKey] = useState(apiKey.get() ?? '');
  return (
    <form
      className="key"
      onSubmit={event => {
        event.preventDefault();
        apiKey.set(key.trim());
        onKey();
      }}>
      <label className="field">
        {t('key.title')} <span className="note">{t('key.kept')}</span>
        <input type="password" value={key} autoComplete="off" onChange={event => setKey(event.target.value)} />
      </label>
      <button type="submit">{t('key.use')}</button>
    </form>
  );
}
