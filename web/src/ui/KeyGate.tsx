import { useEffect, useState } from 'react';
import { apiKey, getBundles, getLimits, keyRefused } from '../api/client';
import { t } from '../i18n';
import { useStore } from '../lib/store';
import { KeyField } from './KeyField';
import { Notice } from './Notice';
import { useAsync } from './useAsync';

/** Whether the server knows the key is seen when it is asked for something; an answer other than that is of no interest here. */
const tryKey = () => void getBundles().catch(() => undefined);

/** Asks for the server's key before anything is refused for lack of one, and again where it was a wrong one. */
export function KeyGate() {
  const limits = useAsync(getLimits);
  const refused = useStore(keyRefused);
  const [given, setGiven] = useState(apiKey.get() !== null);
  const required = limits.value?.api_key_required ?? false;
  useEffect(() => {
    if (required && apiKey.get() !== null) tryKey();
  }, [required]);
  if (!required || (given && !refused)) return null;
  return (
    <Notice kind={refused ? 'error' : 'note'}>
      {t(refused ? 'key.refused' : 'key.asked')}{' '}
      <KeyField
        onKey={() => {
          setGiven(apiKey.get() !== null);
          tryKey();
        }}
      />
    </Notice>
  );
}
