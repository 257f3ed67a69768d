import { useState } from 'react';
import { apiKey, getLimits } from '../api/client';
import { KeyField } from './KeyField';
import { Notice } from './Notice';
import { useAsync } from './useAsync';

/** Asks for the server's key before anything is refused for lack of one. */
export function KeyGate() {
  const limits = useAsync(getLimits);
  const [given, setGiven] = useState(apiKey.get() !== null);
  if (given || !limits.value?.api_key_required) return null;
  return (
    <Notice kind="note">
      This server asks for a key. <KeyField onKey={() => setGiven(apiKey.get() !== null)} />
    </Notice>
  );
}
